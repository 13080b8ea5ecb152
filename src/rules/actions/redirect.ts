// The action `redirect` (configuration.txt 4.4): the statement's arguments as log-formats, in the middle of other rules.
import { buildRedirect, parseRedirect } from "../replies/redirect.ts";
import type { RedirectNode } from "../replies/redirect.ts";
import { RULE_CONTINUE, RULE_REPLY } from "../types.ts";
import type { ActionEntry, ActionFn } from "../types.ts";

const redirect: ActionEntry<RedirectNode> = {
  kind: "action",
  name: "redirect",
  manual: "4.4",
  doc: "Answers with a redirection.",
  rulesets: ["http-request", "http-response"],
  final: true,
  passes: (node) => node.ignoreEmpty,
  parse: (cursor) => parseRedirect(cursor, cursor.offers, cursor.ruleset === "http-response"),
  build(node, env): ActionFn {
    const make = buildRedirect(node, env);
    return (context) => {
      const reply = make(context);
      if (reply === null) return RULE_CONTINUE;
      context.reply = reply;
      return RULE_REPLY;
    };
  },
};

export const redirectActions = [redirect] as const;

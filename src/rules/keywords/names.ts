// `option http-restrict-req-hdr-names` (configuration.txt 4.2): what becomes of requests with field names that other
// programs may read as different ones.
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import type { Message } from "../../http/mod.ts";
import type { RulesEnv } from "../env.ts";
import { watchRule } from "../observe.ts";
import { RULE_CONTINUE, RULE_REPLY } from "../types.ts";
import type { ActionFn } from "../types.ts";

const POLICIES = ["preserve", "delete", "reject"] as const;

interface RestrictNode {
  readonly policy: (typeof POLICIES)[number];
}

/** Whether a name, which is in lower case, has only letters, digits and dashes. */
function isPlain(message: Message, row: number): boolean {
  const { bytes } = message;
  for (let i = message.nameFrom(row); i < message.nameTo(row); i++) {
    const c = bytes[i];
    if (!((c >= 97 && c <= 122) || (c >= 48 && c <= 57) || c === 45)) return false;
  }
  return true;
}

const deleteOthers: ActionFn = ({ request }) => {
  for (let row = request.next(0); row >= 0; row = request.next(row + 1)) {
    if (!isPlain(request, row)) request.remove(row);
  }
  return RULE_CONTINUE;
};

const rejectOthers: ActionFn = (context) => {
  const { request } = context;
  for (let row = request.next(0); row >= 0; row = request.next(row + 1)) {
    if (isPlain(request, row)) continue;
    context.finalStatus("P");
    context.reply = context.errorReply(403);
    return RULE_REPLY;
  }
  return RULE_CONTINUE;
};

const restrictNames: KeywordEntry<RestrictNode, RulesEnv> = {
  kind: "keyword",
  name: "option http-restrict-req-hdr-names",
  manual: "4.2",
  doc: "Keeps, deletes or rejects request headers with names of more than letters, digits and dashes.",
  sections: ["defaults", "frontend", "listen", "backend"],
  inherit: true,
  parse: (cursor: Cursor) => ({ policy: cursor.oneOf("'preserve', 'delete' or 'reject'", POLICIES) }),
  build(node, env) {
    const { policy } = node.value;
    const action = policy === "delete" ? deleteOthers : policy === "reject" ? rejectOthers : null;
    const rule = action === null ? null : { condition: null, action, at: node.at };
    env.rules.redirects.setFirst(rule === null ? null : watchRule(rule, restrictNames.name, env));
  },
};

export const nameKeywords = [restrictNames] as const;

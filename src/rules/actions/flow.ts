// Actions that end a rule set, or change how it goes on: accept, allow, reject, close, silent-drop, strict-mode
// (configuration.txt 4.4).
import { RULE_ABORT, RULE_CONTINUE, RULE_DROP, RULE_STOP, RULESETS } from "../types.ts";
import type { ActionEntry, ActionFn, RulesetName } from "../types.ts";
import { takeArgument } from "./arguments.ts";
import type { RuleCursor } from "../rule_cursor.ts";

const TCP_RULESETS: readonly RulesetName[] = RULESETS.filter((name) => name.startsWith("tcp-"));

const stop: ActionFn = () => RULE_STOP;

const accept: ActionEntry<null> = {
  kind: "action",
  name: "accept",
  manual: "4.4",
  doc: "Ends the evaluation, the connection goes on.",
  rulesets: TCP_RULESETS,
  final: true,
  parse: () => null,
  build: () => stop,
};

const allow: ActionEntry<null> = {
  kind: "action",
  name: "allow",
  manual: "4.4",
  doc: "Ends the evaluation, the message goes on.",
  rulesets: ["http-request", "http-response", "http-after-response"],
  final: true,
  parse: () => null,
  build: () => stop,
};

const reject: ActionEntry<null> = {
  kind: "action",
  name: "reject",
  manual: "4.4",
  doc: "Closes the connection without a response.",
  rulesets: [...TCP_RULESETS, "http-request"],
  final: true,
  parse: () => null,
  build: () => () => RULE_ABORT,
};

const close: ActionEntry<null> = {
  kind: "action",
  name: "close",
  manual: "4.4",
  doc: "Closes the connection to the server.",
  rulesets: ["tcp-response content"],
  final: true,
  parse: () => null,
  build: () => (context) => {
    context.closeServer();
    return RULE_STOP;
  },
};

const silentDrop: ActionEntry<null> = {
  kind: "action",
  name: "silent-drop",
  manual: "4.4",
  doc: "Drops the client's connection without telling the client.",
  rulesets: [...TCP_RULESETS, "http-request", "http-response"],
  final: true,
  parse(cursor: RuleCursor) {
    if (cursor.peek() === "rst-ttl") cursor.fail("'rst-ttl' is not supported: the time to live cannot be set.");
    return null;
  },
  build: () => () => RULE_DROP,
};

const strictMode: ActionEntry<boolean> = {
  kind: "action",
  name: "strict-mode",
  manual: "4.4",
  doc: "Says whether rewrites that fail in the rules after it are errors.",
  rulesets: ["http-request", "http-response", "http-after-response"],
  final: false,
  parse(cursor: RuleCursor) {
    const at = cursor.at;
    const word = takeArgument(cursor, "'on' or 'off'");
    if (word !== "on" && word !== "off") {
      cursor.fail(`Unexpected value '${word}'. Only 'on' and 'off' are supported.`, at);
    }
    return word === "on";
  },
  build: (strict) => (context) => {
    context.strictRewriting = strict;
    return RULE_CONTINUE;
  },
};

export const flowActions = [accept, allow, reject, close, silentDrop, strictMode] as const;

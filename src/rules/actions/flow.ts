// Actions that end a rule set, or change how it goes on: accept, allow, reject, close, silent-drop, switch-mode, strict-mode
// (configuration.txt 4.4).
import { didYouMean } from "../../config/mod.ts";
import { RULE_ABORT, RULE_CONTINUE, RULE_DROP, RULE_HTTP, RULE_STOP, RULESETS } from "../types.ts";
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

/** Protocols of the manual's `proto`, and which of them a client can speak here. */
const PROTOCOLS = ["h1", "h2", "fcgi", "spop"];
const SPOKEN = "h1";

const switchMode: ActionEntry<null> = {
  kind: "action",
  name: "switch-mode",
  manual: "4.4",
  doc: "The connection speaks HTTP from here on.",
  rulesets: ["tcp-request content"],
  final: true,
  parse(cursor: RuleCursor) {
    const { kind, name } = cursor.context.section;
    if (kind === "backend") cursor.fail(`not allowed because backend '${name}' has no frontend capability.`);
    const at = cursor.at;
    const mode = takeArgument(cursor, "a mode");
    if (mode !== "http") cursor.fail(`expects a valid mode (got '${mode}'): only 'http' is one.`, at);
    if (!cursor.accept("proto")) return null;
    const place = cursor.at;
    const protocol = takeArgument(cursor, "a protocol behind 'proto'");
    if (protocol === SPOKEN) return null;
    if (PROTOCOLS.includes(protocol)) cursor.fail(`'proto ${protocol}' is not supported yet.`, place);
    cursor.fail(`'proto' expects a protocol, but got '${protocol}'${didYouMean(protocol, PROTOCOLS)}`, place);
  },
  build: () => () => RULE_HTTP,
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

export const flowActions = [accept, allow, reject, close, silentDrop, switchMode, strictMode] as const;

// Actions about logs: set-log-level, do-log, capture (configuration.txt 4.4).
import { logLevel } from "../../log/mod.ts";
import { buildTyped, FOUND, NOT_YET, Sample, sampleText, T_STR, takeExpression } from "../../sample/mod.ts";
import type { ExprNode } from "../../sample/mod.ts";
import { captureSlots } from "../captures.ts";
import { rulesetOrigin } from "../log_steps.ts";
import { RULE_CONTINUE, RULE_NOT_YET, RULESETS } from "../types.ts";
import type { ActionEntry, ActionFn } from "../types.ts";
import { atCondition, takeArgument } from "./arguments.ts";
import type { RuleCursor } from "../rule_cursor.ts";

const SILENT = -2;

const setLogLevel: ActionEntry<number> = {
  kind: "action",
  name: "set-log-level",
  manual: "4.4",
  doc: "Sets the level of this stream's log line, or silences it.",
  rulesets: ["tcp-request content", "tcp-response content", "http-request", "http-response", "http-after-response"],
  final: false,
  parse(cursor: RuleCursor) {
    const at = cursor.at;
    const word = takeArgument(cursor, "a log level or 'silent'");
    const level = word === "silent" ? SILENT : logLevel(word);
    if (level === -1) cursor.fail("expects exactly 1 argument (log level name or 'silent').", at);
    return level;
  },
  build: (level): ActionFn => (context) => {
    context.logLevel = level;
    return RULE_CONTINUE;
  },
};

const doLog: ActionEntry<null> = {
  kind: "action",
  name: "do-log",
  manual: "4.4",
  doc: "Sends a log line now.",
  rulesets: RULESETS,
  final: false,
  parse: () => null,
  build(_node, env): ActionFn {
    const origin = rulesetOrigin(env.ruleset);
    return (context) => {
      context.log(origin);
      return RULE_CONTINUE;
    };
  },
};

interface CaptureNode {
  readonly expression: ExprNode;
  /** A slot of its own of this length; 0: the slot `id`. */
  readonly length: number;
  readonly id: number;
}

const capture: ActionEntry<CaptureNode> = {
  kind: "action",
  name: "capture",
  manual: "4.4",
  doc: "Keeps the value of an expression for logs and capture.* fetches.",
  rulesets: ["tcp-request content", "http-request", "http-response", "http-after-response"],
  final: false,
  parse(cursor: RuleCursor) {
    const response = cursor.ruleset.startsWith("http-") && cursor.ruleset !== "http-request";
    const expression = takeExpression(cursor, cursor.offers);
    if (atCondition(cursor)) cursor.fail("expects <expression> [ 'len' <length> | id <idx> ].");
    if (cursor.accept("id")) return { expression, length: 0, id: cursor.int("<idx>") };
    if (!cursor.accept("len")) cursor.fail("expects <expression> [ 'len' <length> | id <idx> ].");
    if (response) cursor.fail("'len' is only usable in request rules: declare a slot and use 'id'.");
    const { kind, name } = cursor.context.section;
    if (kind === "backend") cursor.fail(`proxy '${name}' has no frontend capability: declare a slot and use 'id'.`);
    const length = cursor.int("<length>", 0);
    if (length === 0) cursor.fail("length must be > 0.", cursor.place(cursor.position - 1));
    return { expression, length, id: -1 };
  },
  check(node, at, section, names) {
    // A backend's frontends are only known at run time: a slot they lack is passed over.
    if (node.id < 0 || section.kind === "backend") return;
    if (node.id >= captureSlots(section).request && node.id >= captureSlots(section).response) {
      names.error(at, `Proxy '${section.name}': unable to find capture id '${node.id}' referenced by a capture rule.`);
    }
  },
  build(node, env): ActionFn {
    const response = env.ruleset.startsWith("http-") && env.ruleset !== "http-request";
    const expression = buildTyped(node.expression, env, T_STR);
    const sample = new Sample();
    const captures = env.rules.captures;
    const own = node.length > 0 ? captures.request.push({ header: null, length: node.length }) - 1 : node.id;
    return (context) => {
      const found = expression(context, sample);
      if (found === NOT_YET) return RULE_NOT_YET;
      if (found === FOUND) context.setCapture(response, own, sampleText(sample));
      return RULE_CONTINUE;
    };
  },
};

export const loggingActions = [setLogLevel, doLog, capture] as const;

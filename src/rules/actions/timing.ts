// Actions that wait, or change how long is waited: set-timeout, pause, wait-for-body (configuration.txt 4.4).
import type { Section } from "../../config/mod.ts";
import type { RuleCursor } from "../rule_cursor.ts";
import { BODY_ARRIVED, BODY_GONE, BODY_LATE, RULE_ABORT, RULE_CONTINUE, RULE_REPLY } from "../types.ts";
import type { ActionContext, ActionEntry, ActionFn, RuleVerdict, TimeoutKind } from "../types.ts";
import { takeArgument } from "./arguments.ts";
import { buildNumber, takeTime } from "./values.ts";
import type { NumberNode } from "./values.ts";

const HTTP = ["http-request", "http-response"] as const;

/** The longest time that is taken, ms: what a time of the configuration can be. */
const LONGEST_MS = 2147483647;

// ---- set-timeout ----------------------------------------------------------------------------------------------

const TIMEOUT_KINDS: readonly TimeoutKind[] = ["client", "server", "tunnel"];

interface SetTimeoutNode {
  readonly kind: TimeoutKind;
  readonly value: NumberNode;
}

/** The side a timeout needs that a section lacks; empty when there is nothing to say. */
function lackingSide(kind: TimeoutKind, section: Section["kind"]): string {
  if (kind === "client" && section === "backend") return "frontend";
  return kind !== "client" && section === "frontend" ? "backend" : "";
}

const setTimeoutAction: ActionEntry<SetTimeoutNode> = {
  kind: "action",
  name: "set-timeout",
  manual: "4.4",
  doc: "Overrides a timeout for this stream.",
  rulesets: HTTP,
  final: false,
  parse(cursor: RuleCursor) {
    const at = cursor.at;
    const word = takeArgument(cursor, "'client', 'server' or 'tunnel'");
    const kind = TIMEOUT_KINDS.find((known) => known === word);
    if (kind === undefined) cursor.fail(`expects 'client', 'server' or 'tunnel', but got '${word}'.`, at);
    const { section } = cursor.context;
    const lacks = lackingSide(kind, section.kind);
    if (lacks !== "") cursor.fail(`proxy '${section.name}' has no ${lacks} capability.`, at);
    const value = takeTime(cursor, cursor.offers);
    if (value === 0) cursor.fail("the timeout must not be zero.", cursor.place(cursor.position - 1));
    return { kind, value };
  },
  check(node, at, section, names) {
    const lacks = lackingSide(node.kind, section.kind);
    if (lacks !== "") {
      names.error(at, `proxy '${section.name}' has no ${lacks} capability for 'set-timeout ${node.kind}'.`);
    }
  },
  build(node, env): ActionFn {
    const value = buildNumber(node.value, env);
    return (context) => {
      const ms = value(context);
      if (ms !== null && ms > 0 && ms <= LONGEST_MS) context.setTimeout(node.kind, ms);
      return RULE_CONTINUE;
    };
  },
};

// ---- pause ----------------------------------------------------------------------------------------------------

const pause: ActionEntry<NumberNode> = {
  kind: "action",
  name: "pause",
  manual: "4.4",
  doc: "Holds the message back for a time.",
  rulesets: HTTP,
  final: false,
  parse: (cursor) => takeTime(cursor, cursor.offers),
  build(node, env): ActionFn {
    const value = buildNumber(node, env);
    return (context) => {
      const ms = value(context);
      if (ms === null || ms <= 0 || ms > LONGEST_MS) return RULE_CONTINUE;
      return context.sleep(ms).then(goOn);
    };
  },
};

function goOn(): RuleVerdict {
  return RULE_CONTINUE;
}

// ---- wait-for-body --------------------------------------------------------------------------------------------

interface WaitForBodyNode {
  readonly timeMs: number;
  /** 0: the whole body. */
  readonly atLeast: number;
}

function parseWaitForBody(cursor: RuleCursor): WaitForBodyNode {
  let timeMs = -1;
  let atLeast = 0;
  for (;;) {
    if (cursor.accept("time")) timeMs = cursor.time("<time>");
    else if (cursor.accept("at-least")) atLeast = cursor.size("<bytes>");
    else break;
  }
  if (timeMs < 0) cursor.fail("expects time <time> [ at-least <bytes> ].");
  return { timeMs, atLeast };
}

const waitForBody: ActionEntry<WaitForBodyNode> = {
  kind: "action",
  name: "wait-for-body",
  manual: "4.4",
  doc: "Waits for the message's body, or a part of it.",
  rulesets: HTTP,
  final: false,
  parse: parseWaitForBody,
  build(node, env): ActionFn {
    const response = env.ruleset === "http-response";
    const judge = (context: ActionContext, arrived: number): RuleVerdict => {
      if (arrived === BODY_ARRIVED) return RULE_CONTINUE;
      if (arrived === BODY_LATE) {
        // A server that is too slow is the gateway's time-out, a client that is the request's.
        context.finalStatus(response ? "s" : "c");
        context.reply = context.errorReply(response ? 504 : 408);
      } else if (response) {
        context.finalStatus(arrived === BODY_GONE ? "S" : "P");
        context.reply = context.errorReply(502);
      } else if (arrived === BODY_GONE) {
        context.finalStatus("C");
        return RULE_ABORT;
      } else {
        context.finalStatus("P");
        context.reply = context.errorReply(400);
      }
      return RULE_REPLY;
    };
    return (context) => {
      const arrived = context.waitForBody(response, node.atLeast, node.timeMs);
      return typeof arrived === "number" ? judge(context, arrived) : arrived.then((n) => judge(context, n));
    };
  },
};

export const timingActions = [setTimeoutAction, pause, waitForBody] as const;

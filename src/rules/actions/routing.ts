// Actions on the way to the server: set-retries, disable-l7-retry, set-priority-class, set-priority-offset; and
// early-hint, on the way back (configuration.txt 4.4).
import { isTokenText } from "../../http/mod.ts";
import { takeExpression } from "../../sample/mod.ts";
import type { ExprNode } from "../../sample/mod.ts";
import { buildFormat, takeFormat } from "../formats.ts";
import type { FormatNode } from "../formats.ts";
import { RULE_CONTINUE } from "../types.ts";
import type { ActionEntry, ActionFn, RuleVerdict } from "../types.ts";
import { takeArgument } from "./arguments.ts";
import { buildNumber, takeInteger } from "./values.ts";
import type { NumberNode } from "./values.ts";
import type { RuleCursor } from "../rule_cursor.ts";

const REQUEST = ["tcp-request content", "http-request"] as const;
const MOST_RETRIES = 100;
const CLASS_LIMIT = 2047;
const OFFSET_LIMIT_MS = 524287;

const setRetries: ActionEntry<NumberNode> = {
  kind: "action",
  name: "set-retries",
  manual: "4.4",
  doc: 'Overrides "retries" for this stream.',
  rulesets: REQUEST,
  final: false,
  parse(cursor: RuleCursor) {
    const { kind, name } = cursor.context.section;
    if (kind === "defaults") cursor.fail("'set-retries' is not allowed in a 'defaults' section.");
    if (kind === "frontend") cursor.fail(`proxy '${name}' has no backend capability.`);
    return takeInteger(cursor, 0, MOST_RETRIES, cursor.offers);
  },
  build(node, env): ActionFn {
    const value = buildNumber(node, env);
    return (context) => {
      const count = value(context);
      if (count !== null && count >= 0 && count <= MOST_RETRIES) context.setRetries(count);
      return RULE_CONTINUE;
    };
  },
};

const disableL7Retry: ActionEntry<null> = {
  kind: "action",
  name: "disable-l7-retry",
  manual: "4.4",
  doc: "Forbids to retry this request once it was sent.",
  rulesets: ["http-request"],
  final: false,
  parse: () => null,
  build: (): ActionFn => (context) => {
    context.disableL7Retry();
    return RULE_CONTINUE;
  },
};

function setPriority(which: "class" | "offset", limit: number, doc: string): ActionEntry<ExprNode> {
  return {
    kind: "action",
    name: `set-priority-${which}`,
    manual: "4.4",
    doc,
    rulesets: REQUEST,
    final: false,
    parse: (cursor) => takeExpression(cursor, cursor.offers),
    build(node, env): ActionFn {
      const value = buildNumber(node, env);
      return (context) => {
        const wanted = value(context);
        if (wanted === null) return RULE_CONTINUE;
        const bounded = Math.max(-limit, Math.min(limit, wanted));
        context.setPriority(which === "class" ? bounded : null, which === "offset" ? bounded : null);
        return RULE_CONTINUE;
      };
    },
  };
}

interface EarlyHintNode {
  readonly name: string;
  readonly format: FormatNode;
}

const earlyHint: ActionEntry<EarlyHintNode> = {
  kind: "action",
  name: "early-hint",
  manual: "4.4",
  doc: "Sends a header field in a 103 response, ahead of the final one.",
  rulesets: ["http-request"],
  final: false,
  parse(cursor: RuleCursor) {
    const at = cursor.at;
    const name = takeArgument(cursor, "<name>");
    if (!isTokenText(name)) cursor.fail(`'${name}' is not a header name.`, at);
    return { name: name.toLowerCase(), format: takeFormat(cursor, "<fmt>", cursor.offers) };
  },
  build(node, env): ActionFn {
    const format = buildFormat(node.format, env);
    return (context) => {
      const sent = context.interim(103, [node.name, format.text(context)]);
      return typeof sent === "number" ? RULE_CONTINUE : sent.then(goOn);
    };
  },
};

function goOn(): RuleVerdict {
  return RULE_CONTINUE;
}

export const routingActions = [
  setRetries,
  disableL7Retry,
  setPriority("class", CLASS_LIMIT, "Sets the request's priority class in queues."),
  setPriority("offset", OFFSET_LIMIT_MS, "Sets the request's time offset in queues."),
  earlyHint,
] as const;

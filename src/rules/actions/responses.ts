// Actions on the status line: set-status (configuration.txt 4.4).
import { isFieldValueText } from "../../http/mod.ts";
import { reasonOf } from "../replies/reasons.ts";
import { rewritten } from "../rewrite.ts";
import type { ActionEntry, ActionFn } from "../types.ts";
import { takeArgument } from "./arguments.ts";
import type { RuleCursor } from "../rule_cursor.ts";

interface StatusNode {
  readonly status: number;
  /** Null: the one that goes with the status. */
  readonly reason: string | null;
}

const setStatus: ActionEntry<StatusNode> = {
  kind: "action",
  name: "set-status",
  manual: "4.4",
  doc: "Replaces the response's status.",
  rulesets: ["http-response", "http-after-response"],
  final: false,
  parse(cursor: RuleCursor) {
    const at = cursor.at;
    const text = takeArgument(cursor, "<status>");
    if (!/^[1-9][0-9][0-9]$/.test(text)) cursor.fail("expects an integer status code between 100 and 999.", at);
    let reason: string | null = null;
    if (cursor.accept("reason")) {
      const place = cursor.at;
      reason = takeArgument(cursor, "<str> behind 'reason'");
      if (!isFieldValueText(reason)) cursor.fail(`'${reason}' cannot be sent in a status line.`, place);
    }
    return { status: Number(text), reason };
  },
  build(node): ActionFn {
    const reason = node.reason ?? reasonOf(node.status);
    return (context) => rewritten(context, context.response.setStatus(node.status, reason));
  },
};

export const responseActions = [setStatus] as const;

// `balance url_param <name>`: the value of a parameter of the query string decides.
import { indexOfByte } from "../../base/mod.ts";
import type { Cursor } from "../../config/mod.ts";
import { nextParam, ParamCursor } from "../../http/mod.ts";
import type { BalanceEntry } from "./balancer.ts";
import { createHashBalancer } from "./hash.ts";

const QUESTION = 63;

function parse(cursor: Cursor): string {
  if (cursor.done) cursor.fail("'balance url_param' requires an URL parameter name.");
  const name = cursor.take("a parameter name");
  if (cursor.peek() === "check_post") {
    cursor.fail("'balance url_param' : 'check_post' is not supported: parameters of a body are not looked at.");
  }
  return name;
}

export const urlParam: BalanceEntry<string> = {
  kind: "balance",
  name: "url_param",
  http: true,
  manual: "4.2",
  doc: "The value of a parameter of the query string decides.",
  parse,
  create(name, context) {
    const param = new ParamCursor();
    return createHashBalancer(context, (txn, key) => {
      if (!txn.requestReady) return false;
      const { bytes, targetFrom, targetTo } = txn.request;
      const question = indexOfByte(bytes, QUESTION, targetFrom, targetTo);
      if (question < 0 || question >= targetTo) return false;
      param.start(question + 1);
      while (nextParam(bytes, targetTo, QUESTION, param)) {
        if (latin1Is(bytes, param.nameFrom, param.nameTo, name)) {
          if (param.valueFrom === param.valueTo) return false;
          key.bytes = bytes;
          key.from = param.valueFrom;
          key.to = param.valueTo;
          return true;
        }
      }
      return false;
    });
  },
};

/** Names of parameters differ by case. */
function latin1Is(bytes: Uint8Array, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}

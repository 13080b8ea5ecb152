// `balance hash <expr>`: the value of a sample expression decides. It is taken as bytes: an address as 4 or 16, an integer
// as 8 in network order.
import { buildTyped, type ExprNode, FOUND, OFFERS, Sample, T_BIN, takeExpression } from "../../sample/mod.ts";
import type { BalanceEntry } from "./balancer.ts";
import { createHashBalancer } from "./hash.ts";

export const hash: BalanceEntry<ExprNode> = {
  kind: "balance",
  name: "hash",
  manual: "4.2",
  doc: "The value of an expression decides.",
  parse: (cursor) => takeExpression(cursor, OFFERS.request),
  create(node, context) {
    const value = buildTyped(node, context.samples, T_BIN);
    const sample = new Sample();
    return createHashBalancer(context, (txn, key) => {
      // What is not known yet will not be known when the server is chosen.
      if (value(txn, sample) !== FOUND) return false;
      key.bytes = sample.bytes;
      key.from = sample.from;
      key.to = sample.to;
      return true;
    });
  },
};

// `balance hdr(<name>)`: the value of a header field decides, of a list its first part; with "use_domain_only" only the
// main part of a host name.
import { HeaderName, isTokenText, nextValue, ValueCursor } from "../../http/mod.ts";
import type { Cursor } from "../../config/mod.ts";
import type { BalanceEntry } from "./balancer.ts";
import { createHashBalancer, type HashKey } from "./hash.ts";

interface HeaderNode {
  readonly name: string;
  readonly domainOnly: boolean;
}

const DOT = 46;
const COLON = 58;

function parse(cursor: Cursor, argument: string | null): HeaderNode {
  if (argument === null || argument === "") cursor.fail("'balance hdr' requires an http header field name.");
  if (!isTokenText(argument)) cursor.fail(`'balance hdr' : '${argument}' is not a header name.`);
  const domainOnly = cursor.accept("use_domain_only");
  return { name: argument, domainOnly };
}

/** "www.example.co.uk:80" is reduced to the label before the last dot: what stands between the last two dots. */
function domainOnly(key: HashKey): void {
  const bytes = key.bytes!;
  let end = key.from;
  while (end < key.to && bytes[end] !== COLON) end++;
  let last = end;
  while (last > key.from && bytes[last - 1] !== DOT) last--;
  if (last === key.from) {
    key.to = end;
    return;
  }
  const to = last - 1;
  let from = to;
  while (from > key.from && bytes[from - 1] !== DOT) from--;
  key.from = from;
  key.to = to;
}

export const hdr: BalanceEntry<HeaderNode> = {
  kind: "balance",
  name: "hdr",
  http: true,
  manual: "4.2",
  doc: "The value of a header field decides.",
  parse,
  create(node, context) {
    const name = new HeaderName(node.name);
    const first = new ValueCursor();
    return createHashBalancer(context, (txn, key) => {
      if (!txn.requestReady) return false;
      const message = txn.request;
      first.reset();
      if (!nextValue(message, name, first) || first.from === first.to) return false;
      key.bytes = message.bytes;
      key.from = first.from;
      key.to = first.to;
      if (node.domainOnly) domainOnly(key);
      return true;
    });
  },
};

// `balance source`: the client's address decides. An IPv4 address is a number as it stands; of an IPv6 address the four
// 32-bit words are combined.
import { parseIp } from "../../base/mod.ts";
import type { Txn } from "../../sample/mod.ts";
import type { BalanceEntry } from "./balancer.ts";
import { createHashBalancer, type HashKey } from "./hash.ts";

function sourceKey(txn: Txn, key: HashKey): boolean {
  const { src } = txn.session;
  if (src.family === "unix") return false;
  const bytes = parseIp(src.host);
  if (bytes === null) return false;
  let number = 0;
  for (let i = 0; i < bytes.length; i += 4) {
    number ^= (bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3];
  }
  key.bytes = null;
  key.number = number >>> 0;
  return true;
}

export const source: BalanceEntry<null> = {
  kind: "balance",
  name: "source",
  manual: "4.2",
  doc: "The client's address decides.",
  parse: () => null,
  create: (_node, context) => createHashBalancer(context, sourceKey),
};

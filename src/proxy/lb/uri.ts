// `balance uri`: the request's URI decides, up to the question mark ("whole": all of it; "path-only": from the path on),
// at most `len` characters and `depth` directories of it.
import { M_CONNECT, parseTarget, UriParts } from "../../http/mod.ts";
import type { Cursor } from "../../config/mod.ts";
import type { Txn } from "../../sample/mod.ts";
import type { BalanceEntry } from "./balancer.ts";
import { createHashBalancer, type HashKey } from "./hash.ts";

interface UriNode {
  /** 0: no limit. */
  readonly length: number;
  readonly depth: number;
  readonly whole: boolean;
  readonly pathOnly: boolean;
}

const SLASH = 47;
const QUESTION = 63;

function parse(cursor: Cursor): UriNode {
  const node = { length: 0, depth: 0, whole: false, pathOnly: false };
  while (!cursor.done) {
    switch (cursor.oneOf("'len', 'depth', 'whole' or 'path-only'", ["len", "depth", "whole", "path-only"])) {
      case "len":
        node.length = cursor.int("the number after 'len'", 1);
        break;
      case "depth":
        node.depth = cursor.int("the number after 'depth'", 1);
        break;
      case "whole":
        node.whole = true;
        break;
      default:
        node.pathOnly = true;
    }
  }
  return node;
}

export const uri: BalanceEntry<UriNode> = {
  kind: "balance",
  name: "uri",
  http: true,
  manual: "4.2",
  doc: "The request's URI decides.",
  parse,
  create(node, context) {
    const parts = new UriParts();
    return createHashBalancer(context, (txn: Txn, key: HashKey) => {
      if (!txn.requestReady) return false;
      const { bytes, targetFrom, targetTo, method } = txn.request;
      let from = targetFrom;
      if (node.pathOnly) {
        parseTarget(bytes, targetFrom, targetTo, method === M_CONNECT, parts);
        if (parts.pathTo > parts.pathFrom) from = parts.pathFrom;
      }
      const limit = node.length > 0 ? Math.min(targetTo, from + node.length) : targetTo;
      let slashes = 0;
      let to = from;
      for (; to < limit; to++) {
        if (bytes[to] === QUESTION && !node.whole) break;
        if (bytes[to] === SLASH && node.depth > 0 && slashes++ === node.depth) break;
      }
      key.bytes = bytes;
      key.from = from;
      key.to = to;
      return true;
    });
  },
};

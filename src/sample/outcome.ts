// What went wrong with a transaction, for logs and for when() (configuration.txt 7.3.1 "when", "option dontlog-normal").
import type { Txn } from "./types.ts";

/** An error, a timeout, a retry, a redispatch, or a status of 500 or more; what the proxy itself answered is none of it. */
export function hadError(txn: Pick<Txn, "termination" | "retries" | "redispatched" | "kept">): boolean {
  const cause = txn.termination[0];
  return (cause !== "-" && cause !== "L") || txn.retries > 0 || txn.redispatched || txn.kept.status >= 500;
}

// `balance leastconn`: the server with the fewest streams, running and queued, for its weight. Among equals the one that was
// picked longest ago. Watching the packaged haproxy: what is compared is (streams + 1) / weight, and 0 for an idle server.
import type { Txn } from "../../sample/mod.ts";
import type { BalanceEntry, Balancer, BalancerContext, Candidate } from "./balancer.ts";

class LeastConn implements Balancer {
  readonly affine = false;
  readonly dynamic = true;
  readonly #turn: () => number;
  #candidates: readonly Candidate[] = [];
  /** When each was picked last, by server: survives rebuild(). */
  readonly #picked = new Map<Candidate, number>();

  constructor(context: BalancerContext) {
    this.#turn = context.turn;
  }

  rebuild(candidates: readonly Candidate[]): void {
    this.#candidates = candidates;
  }

  pick(_txn: Txn, avoid: Candidate | null): number {
    const candidates = this.#candidates;
    let best = -1;
    let least = Infinity;
    let longest = Infinity;
    let avoided = -1;
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i];
      const streams = candidate.served + candidate.queued;
      // A server takes as many more as it lets wait, when that is limited.
      if (candidate.slots > 0 && streams >= candidate.slots + candidate.maxqueue) continue;
      if (candidate === avoid) {
        avoided = i;
        continue;
      }
      const load = streams === 0 ? 0 : (streams + 1) / candidate.effectiveWeight;
      if (load > least) continue;
      const picked = this.#picked.get(candidate) ?? -1;
      if (load === least && picked >= longest) continue;
      best = i;
      least = load;
      longest = picked;
    }
    if (best < 0) best = avoided;
    if (best >= 0) this.#picked.set(candidates[best], this.#turn());
    return best;
  }
}

export const leastconn: BalanceEntry<null> = {
  kind: "balance",
  name: "leastconn",
  manual: "4.2",
  doc: "The server with the fewest streams for its weight.",
  parse: () => null,
  create: (_node, context) => new LeastConn(context),
};

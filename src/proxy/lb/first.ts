// `balance first`: the server of the lowest id that has a free slot, so that the last ones can be switched off.
import type { Txn } from "../../sample/mod.ts";
import type { BalanceEntry, Balancer, Candidate } from "./balancer.ts";

class First implements Balancer {
  readonly affine = false;
  readonly dynamic = true;
  #candidates: readonly Candidate[] = [];
  /** Indexes by growing id. */
  #byId: readonly number[] = [];

  rebuild(candidates: readonly Candidate[]): void {
    this.#candidates = candidates;
    this.#byId = candidates.map((_, i) => i).sort((a, b) => candidates[a].id - candidates[b].id);
  }

  pick(_txn: Txn, avoid: Candidate | null): number {
    let avoided = -1;
    for (const i of this.#byId) {
      if (!this.#candidates[i].hasRoom) continue;
      if (this.#candidates[i] !== avoid) return i;
      avoided = i;
    }
    return avoided;
  }
}

export const first: BalanceEntry<null> = {
  kind: "balance",
  name: "first",
  manual: "4.2",
  doc: "The first server by id with a free slot.",
  parse: () => null,
  create: () => new First(),
};

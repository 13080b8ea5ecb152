// `balance random(<draws>)`: the least loaded for its weight of some servers drawn at random by weight (the power of two
// choices when there are two draws, the default).
import type { Txn } from "../../sample/mod.ts";
import type { BalanceEntry, Balancer, BalancerContext, Candidate } from "./balancer.ts";
import { withinBound } from "./bound.ts";

const DEFAULT_DRAWS = 2;
/** More draws than that only cost time. */
const MAX_DRAWS = 1024;

class Random implements Balancer {
  readonly affine = false;
  readonly dynamic = true;
  readonly #draws: number;
  readonly #random: () => number;
  readonly #factor: number;
  #candidates: readonly Candidate[] = [];
  /** Running sum of the weights. */
  #upTo: number[] = [];

  constructor(context: BalancerContext, draws: number) {
    this.#draws = draws;
    this.#random = context.random;
    this.#factor = context.hashBalanceFactor;
  }

  rebuild(candidates: readonly Candidate[]): void {
    this.#candidates = candidates;
    let total = 0;
    this.#upTo = candidates.map((c) => total += c.effectiveWeight);
  }

  pick(_txn: Txn, avoid: Candidate | null): number {
    const candidates = this.#candidates;
    let best = -1;
    for (let draw = 0; draw < this.#draws; draw++) {
      const i = this.#draw();
      const candidate = candidates[i];
      if (candidate === avoid || !candidate.hasRoom || !withinBound(candidate, candidates, this.#factor)) continue;
      if (best < 0 || load(candidate) < load(candidates[best])) best = i;
    }
    return best >= 0 ? best : this.#anyOther(avoid);
  }

  #draw(): number {
    const upTo = this.#upTo;
    const at = this.#random() / 4294967296 * upTo[upTo.length - 1];
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle] > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** All draws were unlucky: the next ones after a random place. */
  #anyOther(avoid: Candidate | null): number {
    const candidates = this.#candidates;
    const start = this.#draw();
    let avoided = -1;
    for (let k = 0; k < candidates.length; k++) {
      const i = (start + k) % candidates.length;
      if (!candidates[i].hasRoom) continue;
      if (candidates[i] !== avoid) return i;
      avoided = i;
    }
    return avoided;
  }
}

function load(candidate: Candidate): number {
  return (candidate.served + candidate.queued) / candidate.effectiveWeight;
}

export const random: BalanceEntry<number> = {
  kind: "balance",
  name: "random",
  manual: "4.2",
  doc: "The least loaded of some servers drawn at random.",
  parse(cursor, argument) {
    if (argument === null || argument === "") return DEFAULT_DRAWS;
    const draws = /^[0-9]{1,9}$/.test(argument) ? Number(argument) : 0;
    if (draws < 1) cursor.fail("'balance random' : number of draws must be at least 1.");
    return Math.min(draws, MAX_DRAWS);
  },
  create: (draws, context) => new Random(context, draws),
};

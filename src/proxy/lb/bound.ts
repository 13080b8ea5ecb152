// The bound of `hash-balance-factor`: no server has more than that percentage of the average load for its weight.
import type { Candidate } from "./balancer.ts";

/** Whether the server may have one stream more. `factor` 0: no bound. */
export function withinBound(candidate: Candidate, candidates: readonly Candidate[], factor: number): boolean {
  if (factor === 0) return true;
  let streams = 1;
  let weight = 0;
  for (const c of candidates) {
    streams += c.served;
    weight += c.effectiveWeight;
  }
  return candidate.served < Math.ceil(streams * factor / 100 * candidate.effectiveWeight / weight);
}

// Orders in which servers take turns, precomputed for one whole cycle, so that a turn is one number that threads share.
//
// Both were found by watching the packaged haproxy, nbthread 1, with several hundred sets of weights: it gives the same.
import { IndexHeap } from "./heap.ts";

/** Longest cycle: beyond it weights are rounded to smaller ones, unless there are more servers than that. */
const MAX_CYCLE = 65536;

/** Turns that repeat: `servers[turn]` up to the end, from there on its last `cycle` turns over and over. */
export interface Order {
  readonly servers: Uint16Array<ArrayBuffer>;
  readonly cycle: number;
}

/** Whose turn it is: an index into the weights the order was made of. */
export function serverOf(order: Order, turn: number): number {
  const lead = order.servers.length - order.cycle;
  return order.servers[turn < lead ? turn : lead + (turn - lead) % order.cycle];
}

/**
 * The order of `balance roundrobin`: as smooth as whole turns allow. A server of weight w is due every total/w turns,
 * counted from its first turn; among those that are due in the same turn the one goes first whose weight minus the rest of
 * that division is the largest, then the one that waits longest. A turn in which none is due goes to one that has not had
 * its first turn, the heaviest first. After one cycle of such beginnings the order repeats itself, and each server has
 * exactly its share. `weights`: none is 0.
 */
export function roundRobinOrder(weights: readonly number[]): Order {
  const w = reduce(weights);
  const total = sum(w);
  const servers = new Uint16Array(total * 2);
  const heaviestFirst = w.map((_, i) => i).sort((a, b) => w[b] - w[a] || a - b);
  let fresh = 0;
  /** The turn in which each is due next, the rest of the division, the turn it had last. */
  const due = new Float64Array(w.length);
  const rest = new Float64Array(w.length);
  const last = new Float64Array(w.length);
  const waiting = new IndexHeap(w.length, (a, b) => {
    if (due[a] !== due[b]) return due[a] < due[b];
    const gap = rest[a] - w[a] - (rest[b] - w[b]);
    return gap !== 0 ? gap < 0 : last[a] < last[b];
  });
  for (let turn = 0; turn < servers.length; turn++) {
    let next = waiting.top;
    const begins = fresh < w.length && (next < 0 || due[next] > turn);
    if (begins) {
      next = heaviestFirst[fresh++];
      due[next] = turn;
    }
    servers[turn] = next;
    due[next] += Math.floor(total / w[next]);
    rest[next] += total % w[next];
    if (rest[next] >= w[next]) {
      rest[next] -= w[next];
      due[next]++;
    }
    last[next] = turn;
    if (begins) waiting.push(next);
    else waiting.moved(next);
  }
  return { servers, cycle: total };
}

/**
 * The order of `balance static-rr`, and the map that `hash-type map-based` looks hashes up in: in each turn every server
 * gains its weight, the first one that has gained the most whole turns takes it and pays the total.
 */
export function mapOrder(weights: readonly number[]): Order {
  const w = reduce(weights);
  const total = sum(w);
  const servers = new Uint16Array(total);
  // A server gains its k-th whole turn in the turn that brings k * total: those of each turn, one after the other.
  const gainsFrom = new Int32Array(total + 1);
  const gains = new Int32Array(total);
  const turnOf = (i: number, k: number) => Math.ceil(k * total / w[i]) - 1;
  for (let i = 0; i < w.length; i++) for (let k = 1; k <= w[i]; k++) gainsFrom[turnOf(i, k) + 1]++;
  for (let turn = 0; turn < total; turn++) gainsFrom[turn + 1] += gainsFrom[turn];
  const filled = gainsFrom.slice();
  for (let i = 0; i < w.length; i++) for (let k = 1; k <= w[i]; k++) gains[filled[turnOf(i, k)]++] = i;

  /** Whole turns gained and not had. */
  const whole = new Int32Array(w.length);
  const first = new IndexHeap(w.length, (a, b) => whole[a] !== whole[b] ? whole[a] > whole[b] : a < b);
  for (let i = 0; i < w.length; i++) first.push(i);
  for (let turn = 0; turn < total; turn++) {
    for (let k = gainsFrom[turn]; k < gainsFrom[turn + 1]; k++) {
      whole[gains[k]]++;
      first.moved(gains[k]);
    }
    const next = first.top;
    servers[turn] = next;
    whole[next]--;
    first.moved(next);
  }
  return { servers, cycle: total };
}

/** Weights without their common divisor, and small enough for a cycle that can be built. */
function reduce(weights: readonly number[]): number[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  const small = weights.map((weight) => weight / divisor);
  const limit = Math.max(weights.length, MAX_CYCLE);
  const total = sum(small);
  if (total <= limit) return small;
  // Rounding down keeps the cycle within the limit; one is the least a server can have.
  const scale = Math.max(0, limit - weights.length) / total;
  return small.map((weight) => 1 + Math.floor(weight * scale));
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

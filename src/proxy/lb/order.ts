// Orders in which servers take turns, precomputed for one whole cycle, so that a turn is one number that threads share.
//
// Both were found by watching the packaged haproxy, nbthread 1, with several hundred sets of weights: it gives the same.

/** Longest cycle: beyond it weights are rounded to smaller ones. */
const MAX_CYCLE = 65536;
/** Most work of building one: servers times cycle. */
const MAX_WORK = 1 << 25;

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
  /** The turn in which each is due next, and the rest of the division; Infinity before its first turn. */
  const due = w.map(() => Infinity);
  const rest = w.map(() => 0);
  const queued = w.map(() => 0);
  for (let turn = 0; turn < servers.length; turn++) {
    let best = -1;
    for (let i = 0; i < w.length; i++) {
      if (due[i] <= (fresh < w.length ? turn : Number.MAX_VALUE) && (best < 0 || before(i, best))) best = i;
    }
    if (best < 0) {
      best = heaviestFirst[fresh++];
      due[best] = turn;
    }
    servers[turn] = best;
    due[best] += Math.floor(total / w[best]);
    rest[best] += total % w[best];
    if (rest[best] >= w[best]) {
      rest[best] -= w[best];
      due[best]++;
    }
    queued[best] = turn;
  }
  return { servers, cycle: total };

  function before(a: number, b: number): boolean {
    if (due[a] !== due[b]) return due[a] < due[b];
    const gap = rest[a] - w[a] - (rest[b] - w[b]);
    return gap !== 0 ? gap < 0 : queued[a] < queued[b];
  }
}

/**
 * The order of `balance static-rr`, and the map that `hash-type map-based` looks hashes up in: in each turn every server
 * gains its weight, the first one that has gained the most whole turns takes it and pays the total.
 */
export function mapOrder(weights: readonly number[]): Order {
  const w = reduce(weights);
  const total = sum(w);
  const servers = new Uint16Array(total);
  const gained = w.map(() => 0);
  for (let turn = 0; turn < total; turn++) {
    let best = -1;
    let most = -1;
    for (let i = 0; i < w.length; i++) {
      gained[i] += w[i];
      const whole = Math.floor((gained[i] + total) / total);
      if (whole > most) {
        best = i;
        most = whole;
      }
    }
    gained[best] -= total;
    servers[turn] = best;
  }
  return { servers, cycle: total };
}

/** Weights without their common divisor, and small enough for a cycle that can be built. */
function reduce(weights: readonly number[]): number[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  const small = weights.map((weight) => weight / divisor);
  const limit = Math.max(weights.length, Math.min(MAX_CYCLE, Math.floor(MAX_WORK / weights.length)));
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

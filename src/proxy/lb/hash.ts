// Hashing: a key of the stream decides its server (configuration.txt 4.2 "hash-type", "hash-balance-factor",
// "hash-preserve-affinity"). The algorithms differ in the key only; each is a file of its own.
//
// Which server a key gets is the same as with the packaged haproxy: "map-based" looks the hash up, modulo the total weight,
// in the order of static-rr; "consistent" puts WEIGHT_SCALE places a unit of weight on a ring of 32 bits and takes the
// closest one.
import { avalanche, crc32, djb2, sdbm } from "../../base/mod.ts";
import type { Txn } from "../../sample/mod.ts";
import type { Balancer, BalancerContext, Candidate } from "./balancer.ts";
import { withinBound } from "./bound.ts";
import { mapOrder, type Order, roundRobinOrder } from "./order.ts";
import { Turns } from "./round_robin.ts";

/** Where the key of a stream is; `number` is used as it is when `bytes` is null. */
export class HashKey {
  bytes: Uint8Array | null = null;
  from = 0;
  to = 0;
  number = 0;
}

/** Finds the key of a stream; false when it has none: then servers take turns. */
export type KeyFn = (txn: Txn, key: HashKey) => boolean;

/** Places of one server's id on the ring: no weight has more. */
const PLACES_OF_ID = 4096;

export function createHashBalancer(context: BalancerContext, key: KeyFn): Balancer {
  return context.hashType.method === "map-based" ? new MapHash(context, key) : new RingHash(context, key);
}

type Hasher = (bytes: Uint8Array, from: number, to: number) => number;

function hasher(context: BalancerContext): Hasher | null {
  switch (context.hashType.function) {
    case "sdbm":
      return sdbm;
    case "djb2":
      return djb2;
    case "crc32":
      return crc32;
    default:
      return null;
  }
}

/** The hash of a stream, and turns for those without. */
abstract class Hash implements Balancer {
  readonly affine = true;
  abstract readonly dynamic: boolean;
  protected readonly turns: Turns;
  protected candidates: readonly Candidate[] = [];
  readonly #context: BalancerContext;
  readonly #keyOf: KeyFn;
  readonly #hasher: Hasher | null;
  readonly #key = new HashKey();

  constructor(context: BalancerContext, key: KeyFn, order: (weights: readonly number[]) => Order) {
    this.#context = context;
    this.#keyOf = key;
    this.#hasher = hasher(context);
    this.turns = new Turns(context.turn, order);
  }

  rebuild(candidates: readonly Candidate[]): void {
    this.candidates = candidates;
    this.turns.rebuild(candidates, candidates.map((c) => this.dynamic ? c.effectiveWeight : c.initialWeight));
    this.place();
  }

  pick(txn: Txn, avoid: Candidate | null): number {
    if (this.candidates.length === 1) return 0;
    // A second choice has to be another server than the hash says.
    if (avoid !== null || !this.#keyOf(txn, this.#key)) {
      const next = this.turns.next(avoid);
      return next >= 0 || avoid !== null ? next : this.lookUp(0);
    }
    return this.lookUp(this.#hash());
  }

  /** `hash-preserve-affinity`: whether the server is passed over now. */
  protected saturated(c: Candidate): boolean {
    switch (this.#context.hashPreserveAffinity) {
      case "always":
        return false;
      case "maxconn":
        return c.slots > 0 && !c.hasRoom;
      case "maxqueue":
        return c.slots > 0 && c.maxqueue > 0 && c.queued >= c.maxqueue;
    }
  }

  #hash(): number {
    const key = this.#key;
    let hash = key.number >>> 0;
    if (key.bytes !== null) {
      hash = this.#hasher === null ? numberOf(key.bytes, key.from, key.to) : this.#hasher(key.bytes, key.from, key.to);
    }
    return this.#context.hashType.avalanche ? avalanche(hash) : hash;
  }

  protected abstract place(): void;
  /** The server of a hash. */
  protected abstract lookUp(hash: number): number;
}

/** `hash-type ... none`: the key is the hash, the last four bytes of it when it is longer. */
function numberOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = (value << 8) | bytes[i];
  return value >>> 0;
}

class MapHash extends Hash {
  readonly dynamic = false;
  #map: Uint16Array<ArrayBuffer> | null = null;

  constructor(context: BalancerContext, key: KeyFn) {
    super(context, key, mapOrder);
  }

  protected place(): void {
    this.#map = null;
  }

  protected lookUp(hash: number): number {
    const map = this.#map ??= mapOrder(this.candidates.map((c) => c.initialWeight)).servers;
    const at = hash % map.length;
    for (let k = 0; k < map.length; k++) {
      const i = map[(at + k) % map.length];
      if (!this.saturated(this.candidates[i])) return i;
    }
    return map[at];
  }
}

class RingHash extends Hash {
  readonly dynamic = true;
  readonly #factor: number;
  /** Places by growing position, and the server of each; null until needed. */
  #positions: Float64Array<ArrayBuffer> | null = null;
  #servers = new Uint16Array(0);

  constructor(context: BalancerContext, key: KeyFn) {
    super(context, key, roundRobinOrder);
    this.#factor = context.hashBalanceFactor;
  }

  protected place(): void {
    this.#positions = null;
  }

  #build(): Float64Array<ArrayBuffer> {
    const places: { position: number; server: number }[] = [];
    this.candidates.forEach((candidate, server) => {
      const seed = seedOf(candidate.hashKey);
      for (let i = 0; i < candidate.effectiveWeight; i++) places.push({ position: avalanche((seed + i) | 0), server });
    });
    places.sort((a, b) => a.position - b.position || a.server - b.server);
    this.#servers = Uint16Array.from(places, (p) => p.server);
    return this.#positions = Float64Array.from(places, (p) => p.position);
  }

  protected lookUp(hash: number): number {
    const positions = this.#positions ?? this.#build();
    const count = positions.length;
    const start = closest(positions, hash);
    let last = -1;
    for (let k = 0; k < count; k++) {
      const i = this.#servers[(start + k) % count];
      if (i === last) continue;
      last = i;
      const candidate = this.candidates[i];
      if (!this.saturated(candidate) && withinBound(candidate, this.candidates, this.#factor)) return i;
    }
    // All are saturated: the last one before the first choice.
    return this.#before(start);
  }

  #before(start: number): number {
    const first = this.#servers[start];
    for (let k = 1; k < this.#servers.length; k++) {
      const i = this.#servers[(start - k + this.#servers.length) % this.#servers.length];
      if (i !== first) return i;
    }
    return first;
  }
}

/** Where a server's places on the ring begin to be counted. */
function seedOf(key: string | number): number {
  if (typeof key === "number") return Math.imul(key, PLACES_OF_ID);
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash;
}

/** Index of the position closest to the hash on the ring; of two equally close ones the next. */
function closest(positions: Float64Array, hash: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle] < hash) low = middle + 1;
    else high = middle;
  }
  const next = low === positions.length ? 0 : low;
  const previous = low === 0 ? positions.length - 1 : low - 1;
  const after = (positions[next] - hash + 4294967296) % 4294967296;
  const before = (hash - positions[previous] + 4294967296) % 4294967296;
  return after <= before ? next : previous;
}

// A seeded generator for everything that must be repeatable: the simulation, property tests. Not for secrets.
//
// xoshiro128** 1.1 (Blackman and Vigna, public domain), its state filled from the seed by splitmix32, so that near
// seeds give unrelated sequences. The same seed gives the same sequence on every platform.

const TWO_POW_32 = 4294967296;

export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `seed`: any number; its low 32 bits count. */
  constructor(seed: number) {
    this.#a = splitmix32(seed + 0x9e3779b9);
    this.#b = splitmix32(seed + 0x3c6ef372);
    this.#c = splitmix32(seed + 0xdaa66d2b);
    this.#d = splitmix32(seed + 0x78dde6e4);
  }

  /** An integer in [0, 2^32). */
  u32(): number {
    const b = this.#b;
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= b << 9;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  float(): number {
    return this.u32() / TWO_POW_32;
  }

  /** An integer in [0, limit); `limit` in [1, 2^32]. */
  below(limit: number): number {
    return Math.floor(this.float() * limit);
  }

  /** An integer in [low, high], both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with this probability (0 never, 1 always). */
  chance(probability: number): boolean {
    return this.float() < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Fills with bytes. */
  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.u32() >>> 24;
  }

  /** An independent generator, so that one user's draws do not shift another's. */
  fork(): Prng {
    return new Prng(this.u32());
  }
}

function splitmix32(x: number): number {
  let z = x | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

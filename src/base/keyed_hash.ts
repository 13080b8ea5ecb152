// A keyed hash for tables whose keys others choose: HalfSipHash (Aumasson, Bernstein: "SipHash", the 32-bit variant) with
// one round a word and three at the end. Who does not know the key cannot make keys that collide.
//
// All keys are two 32-bit integers; the result is a signed 32-bit integer.

export interface HashKey {
  readonly k0: number;
  readonly k1: number;
}

const INIT2 = 0x6c796765;
const INIT3 = 0x74656462;

/** The hash of `bytes[from, to)`, each byte as `table` (256 entries) has it. */
export function keyedHash(bytes: Uint8Array, from: number, to: number, table: Uint8Array, key: HashKey): number {
  let v0 = key.k0;
  let v1 = key.k1;
  let v2 = INIT2 ^ key.k0;
  let v3 = INIT3 ^ key.k1;
  let word = 0;
  let shift = 0;
  for (let i = from; i < to; i++) {
    word |= table[bytes[i]] << shift;
    shift += 8;
    if (shift < 32) continue;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    word = 0;
    shift = 0;
  }
  return finish(v0, v1, v2, v3, word | (to - from) << 24);
}

/** The hash of the first `length` words. */
export function keyedHashOfWords(words: Int32Array, length: number, key: HashKey): number {
  let v0 = key.k0;
  let v1 = key.k1;
  let v2 = INIT2 ^ key.k0;
  let v3 = INIT3 ^ key.k1;
  for (let i = 0; i < length; i++) {
    v3 ^= words[i];
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= words[i];
  }
  return finish(v0, v1, v2, v3, length << 26);
}

/** The last word, one round; then three more. */
function finish(a: number, b: number, c: number, d: number, last: number): number {
  let v0 = a;
  let v1 = b;
  let v2 = c;
  let v3 = d ^ last;
  for (let round = 0; round < 4; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    if (round === 0) {
      v0 ^= last;
      v2 ^= 0xff;
    }
  }
  return v1 ^ v3;
}

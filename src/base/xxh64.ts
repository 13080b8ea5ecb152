// XXH64 (xxHash specification 0.1.1), on bigints that stay within 64 bits, and the words XXH3 shares with it.

export const MASK64 = 0xffffffffffffffffn;
export const PRIME64_1 = 0x9e3779b185ebca87n;
export const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
export const PRIME64_3 = 0x165667b19e3779f9n;
export const PRIME64_4 = 0x85ebca77c2b2ae63n;
export const PRIME64_5 = 0x27d4eb2f165667c5n;

/** XXH64 of a byte range, an unsigned 64-bit integer. `seed`: its low 64 bits count. */
export function xxh64(bytes: Uint8Array, seed = 0n, from = 0, to: number = bytes.length): bigint {
  let hash: bigint;
  let i = from;
  if (to - from >= 32) {
    let a = BigInt.asUintN(64, seed + PRIME64_1 + PRIME64_2);
    let b = BigInt.asUintN(64, seed + PRIME64_2);
    let c = BigInt.asUintN(64, seed);
    let d = BigInt.asUintN(64, seed - PRIME64_1);
    for (; i + 32 <= to; i += 32) {
      a = round(a, word64(bytes, i));
      b = round(b, word64(bytes, i + 8));
      c = round(c, word64(bytes, i + 16));
      d = round(d, word64(bytes, i + 24));
    }
    hash = BigInt.asUintN(64, rotate64(a, 1n) + rotate64(b, 7n) + rotate64(c, 12n) + rotate64(d, 18n));
    for (const lane of [a, b, c, d]) {
      hash = BigInt.asUintN(64, (hash ^ round(0n, lane)) * PRIME64_1 + PRIME64_4);
    }
  } else {
    hash = BigInt.asUintN(64, seed + PRIME64_5);
  }
  hash = BigInt.asUintN(64, hash + BigInt(to - from));
  for (; i + 8 <= to; i += 8) {
    hash = BigInt.asUintN(64, rotate64(hash ^ round(0n, word64(bytes, i)), 27n) * PRIME64_1 + PRIME64_4);
  }
  if (i + 4 <= to) {
    const mixed = hash ^ BigInt.asUintN(64, word32(bytes, i) * PRIME64_1);
    hash = BigInt.asUintN(64, rotate64(mixed, 23n) * PRIME64_2 + PRIME64_3);
    i += 4;
  }
  for (; i < to; i++) {
    const mixed = hash ^ BigInt.asUintN(64, BigInt(bytes[i]) * PRIME64_5);
    hash = BigInt.asUintN(64, rotate64(mixed, 11n) * PRIME64_1);
  }
  return avalanche64(hash);
}

/** The final mix of XXH64. */
export function avalanche64(value: bigint): bigint {
  let hash = BigInt.asUintN(64, (value ^ (value >> 33n)) * PRIME64_2);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 29n)) * PRIME64_3);
  return hash ^ (hash >> 32n);
}

/** The little-endian 32-bit word at `i`. */
export function word32(bytes: Uint8Array, i: number): bigint {
  return BigInt((bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)) >>> 0);
}

/** The little-endian 64-bit word at `i`. */
export function word64(bytes: Uint8Array, i: number): bigint {
  return word32(bytes, i) | (word32(bytes, i + 4) << 32n);
}

export function rotate64(x: bigint, bits: bigint): bigint {
  return BigInt.asUintN(64, x << bits) | (x >> (64n - bits));
}

function round(lane: bigint, input: bigint): bigint {
  return BigInt.asUintN(64, rotate64(BigInt.asUintN(64, lane + input * PRIME64_2), 31n) * PRIME64_1);
}

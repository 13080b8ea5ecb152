// Hash functions that HAProxy's converters and hash-type name (configuration.txt 7.3.1 and 4.2 "hash-type"): 32 bits.
//
// All work on a byte range [from, to) and return an unsigned 32-bit integer. XXH64 and XXH3 are in xxh64.ts, xxh3.ts.
// wt6 is not here: it is defined nowhere but in HAProxy's own source.

/** sdbm, of the public-domain ndbm reimplementation of that name. */
export function sdbm(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let hash = 0;
  for (let i = from; i < to; i++) hash = (bytes[i] + (hash << 6) + (hash << 16) - hash) | 0;
  return hash >>> 0;
}

/** djb2 of Dan Bernstein: times 33, plus. */
export function djb2(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let hash = 5381;
  for (let i = from; i < to; i++) hash = ((hash << 5) + hash + bytes[i]) | 0;
  return hash >>> 0;
}

const CRC32_TABLE: Int32Array = /* @__PURE__ */ crcTable(0xedb88320);
const CRC32C_TABLE: Int32Array = /* @__PURE__ */ crcTable(0x82f63b78);

function crcTable(polynomial: number): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}

function crc(table: Int32Array, bytes: Uint8Array, from: number, to: number): number {
  let value = -1;
  for (let i = from; i < to; i++) value = (value >>> 8) ^ table[(value ^ bytes[i]) & 255];
  return ~value >>> 0;
}

/** CRC-32 of Ethernet, gzip and PNG. */
export function crc32(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  return crc(CRC32_TABLE, bytes, from, to);
}

/** CRC-32C (Castagnoli), RFC 4960 appendix B. */
export function crc32c(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  return crc(CRC32C_TABLE, bytes, from, to);
}

/**
 * The `avalanche` modifier: the 4-byte full avalanche hash of Bob Jenkins (burtleburtle.net/bob/hash/integer.html, public
 * domain, the one in six shifts), then times 2^31 + 2^30 + 1, as the answers of the packaged haproxy show.
 */
export function avalanche(value: number): number {
  let a = value | 0;
  a = (a + 0x7ed55d16 + (a << 12)) | 0;
  a = a ^ 0xc761c23c ^ (a >>> 19);
  a = (a + 0x165667b1 + (a << 5)) | 0;
  a = (a + 0xd3a2646c) ^ (a << 9);
  a = (a + 0xfd7046c5 + (a << 3)) | 0;
  a = a ^ 0xb55a4f09 ^ (a >>> 16);
  return Math.imul(a, 0xc0000001) >>> 0;
}

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

/** XXH32 (xxHash specification 0.1.1), `seed` 32 bits. */
export function xxh32(bytes: Uint8Array, seed = 0, from = 0, to: number = bytes.length): number {
  let hash: number;
  let i = from;
  if (to - from >= 16) {
    let a = (seed + P1 + P2) | 0;
    let b = (seed + P2) | 0;
    let c = seed | 0;
    let d = (seed - P1) | 0;
    for (; i + 16 <= to; i += 16) {
      a = round32(a, word(bytes, i));
      b = round32(b, word(bytes, i + 4));
      c = round32(c, word(bytes, i + 8));
      d = round32(d, word(bytes, i + 12));
    }
    hash = (rotate32(a, 1) + rotate32(b, 7) + rotate32(c, 12) + rotate32(d, 18)) | 0;
  } else {
    hash = (seed + P5) | 0;
  }
  hash = (hash + (to - from)) | 0;
  for (; i + 4 <= to; i += 4) hash = Math.imul(rotate32(hash + Math.imul(word(bytes, i), P3), 17), P4);
  for (; i < to; i++) hash = Math.imul(rotate32(hash + Math.imul(bytes[i], P5), 11), P1);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function word(bytes: Uint8Array, i: number): number {
  return bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
}

function round32(lane: number, input: number): number {
  return Math.imul(rotate32(lane + Math.imul(input, P2), 13), P1);
}

function rotate32(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

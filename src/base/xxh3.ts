// XXH3, 64 bits (xxHash specification 0.2.0), with a seed and the default secret.
//
// Five ways by length: 0, 1-16, 17-128, 129-240, and longer ones by stripes of 64 bytes over eight lanes.
import {
  avalanche64,
  MASK64,
  PRIME64_1,
  PRIME64_2,
  PRIME64_3,
  PRIME64_4,
  PRIME64_5,
  rotate64,
  word32,
  word64,
} from "./xxh64.ts";

const PRIME32_1 = 0x9e3779b1n;
const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
const PRIME_MX1 = 0x165667919e3779f9n;
const PRIME_MX2 = 0x9fb21c651e98df25n;

/** Bytes of a stripe, and how far the secret moves with each. */
const STRIPE = 64;
const SECRET_STEP = 8;

/** The default secret of the specification. */
const SECRET: Uint8Array<ArrayBuffer> = /* @__PURE__ */ Uint8Array.fromHex(
  "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221" +
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8" +
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb" +
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e",
);

/** XXH3-64 of a byte range, an unsigned 64-bit integer. `seed`: its low 64 bits count. */
export function xxh3(bytes: Uint8Array, seed = 0n, from = 0, to: number = bytes.length): bigint {
  const length = to - from;
  const seed64 = BigInt.asUintN(64, seed);
  if (length <= 16) return upTo16(bytes, from, length, seed64);
  if (length <= 128) return upTo128(bytes, from, length, seed64);
  if (length <= 240) return upTo240(bytes, from, length, seed64);
  return long(bytes, from, length, seed64);
}

function upTo16(bytes: Uint8Array, from: number, length: number, seed: bigint): bigint {
  const size = BigInt(length);
  if (length > 8) {
    const low = (word64(SECRET, 24) ^ word64(SECRET, 32)) + seed;
    const high = (word64(SECRET, 40) ^ word64(SECRET, 48)) - seed;
    const first = word64(bytes, from) ^ (low & MASK64);
    const last = word64(bytes, from + length - 8) ^ (high & MASK64);
    return avalanche(size + swap64(first) + last + foldedProduct(first, last));
  }
  if (length >= 4) {
    const mixed = seed ^ (BigInt(swap32(Number(seed & 0xffffffffn))) << 32n);
    const input = word32(bytes, from + length - 4) | (word32(bytes, from) << 32n);
    const keyed = input ^ BigInt.asUintN(64, (word64(SECRET, 8) ^ word64(SECRET, 16)) - mixed);
    return rrmxmx(keyed, size);
  }
  if (length > 0) {
    const first = bytes[from];
    const middle = bytes[from + (length >> 1)];
    const last = bytes[from + length - 1];
    const combined = BigInt(((first << 16) | (middle << 24) | last | (length << 8)) >>> 0);
    const key = (word32(SECRET, 0) ^ word32(SECRET, 4)) + seed;
    return avalanche64(combined ^ (key & MASK64));
  }
  return avalanche64(seed ^ word64(SECRET, 56) ^ word64(SECRET, 64));
}

function upTo128(bytes: Uint8Array, from: number, length: number, seed: bigint): bigint {
  let sum = BigInt(length) * PRIME64_1;
  for (let i = (length - 1) >> 5; i >= 0; i--) {
    sum += mix16(bytes, from + 16 * i, 32 * i, seed);
    sum += mix16(bytes, from + length - 16 * (i + 1), 32 * i + 16, seed);
  }
  return avalanche(sum);
}

function upTo240(bytes: Uint8Array, from: number, length: number, seed: bigint): bigint {
  let sum = BigInt(length) * PRIME64_1;
  for (let i = 0; i < 8; i++) sum += mix16(bytes, from + 16 * i, 16 * i, seed);
  sum = avalanche(sum);
  for (let i = 8; i < length >> 4; i++) sum += mix16(bytes, from + 16 * i, 16 * (i - 8) + 3, seed);
  return avalanche(sum + mix16(bytes, from + length - 16, 136 - 17, seed));
}

function long(bytes: Uint8Array, from: number, length: number, seed: bigint): bigint {
  const secret = seed === 0n ? SECRET : seededSecret(seed);
  const lanes = new BigUint64Array([
    PRIME32_3,
    PRIME64_1,
    PRIME64_2,
    PRIME64_3,
    PRIME64_4,
    PRIME32_2,
    PRIME64_5,
    PRIME32_1,
  ]);
  const stripesPerBlock = (secret.length - STRIPE) / SECRET_STEP;
  const stripes = Math.floor((length - 1) / STRIPE);
  for (let i = 0; i < stripes; i++) {
    const inBlock = i % stripesPerBlock;
    accumulate(lanes, bytes, from + i * STRIPE, secret, inBlock * SECRET_STEP);
    if (inBlock === stripesPerBlock - 1) scramble(lanes, secret);
  }
  accumulate(lanes, bytes, from + length - STRIPE, secret, secret.length - STRIPE - 7);
  let sum = BigInt(length) * PRIME64_1;
  for (let i = 0; i < 4; i++) {
    const low = lanes[2 * i] ^ word64(secret, 11 + 16 * i);
    const high = lanes[2 * i + 1] ^ word64(secret, 11 + 16 * i + 8);
    sum += foldedProduct(low, high);
  }
  return avalanche(sum);
}

/** The secret of a seed for long inputs: the seed is added to and taken from its words in turn. */
function seededSecret(seed: bigint): Uint8Array<ArrayBuffer> {
  const secret = new Uint8Array(SECRET.length);
  const view = new DataView(secret.buffer);
  for (let i = 0; i < SECRET.length; i += 16) {
    view.setBigUint64(i, word64(SECRET, i) + seed, true);
    view.setBigUint64(i + 8, word64(SECRET, i + 8) - seed, true);
  }
  return secret;
}

function accumulate(lanes: BigUint64Array, bytes: Uint8Array, at: number, secret: Uint8Array, key: number): void {
  for (let i = 0; i < 8; i++) {
    const input = word64(bytes, at + 8 * i);
    const keyed = input ^ word64(secret, key + 8 * i);
    lanes[i ^ 1] += input;
    lanes[i] += (keyed & 0xffffffffn) * (keyed >> 32n);
  }
}

function scramble(lanes: BigUint64Array, secret: Uint8Array): void {
  const key = secret.length - STRIPE;
  for (let i = 0; i < 8; i++) {
    lanes[i] = (lanes[i] ^ (lanes[i] >> 47n) ^ word64(secret, key + 8 * i)) * PRIME32_1;
  }
}

function mix16(bytes: Uint8Array, at: number, key: number, seed: bigint): bigint {
  const low = word64(bytes, at) ^ BigInt.asUintN(64, word64(SECRET, key) + seed);
  const high = word64(bytes, at + 8) ^ BigInt.asUintN(64, word64(SECRET, key + 8) - seed);
  return foldedProduct(low, high);
}

/** Both halves of the 128-bit product, combined. */
function foldedProduct(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK64) ^ (product >> 64n);
}

function avalanche(value: bigint): bigint {
  const hash = BigInt.asUintN(64, value);
  const mixed = BigInt.asUintN(64, (hash ^ (hash >> 37n)) * PRIME_MX1);
  return mixed ^ (mixed >> 32n);
}

function rrmxmx(value: bigint, size: bigint): bigint {
  let hash = value ^ rotate64(value, 49n) ^ rotate64(value, 24n);
  hash = BigInt.asUintN(64, hash * PRIME_MX2);
  hash = BigInt.asUintN(64, (hash ^ ((hash >> 35n) + size)) * PRIME_MX2);
  return hash ^ (hash >> 28n);
}

function swap32(x: number): number {
  return ((x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24)) >>> 0;
}

function swap64(x: bigint): bigint {
  const low = BigInt(swap32(Number(x & 0xffffffffn)));
  return (low << 32n) | BigInt(swap32(Number(x >> 32n)));
}

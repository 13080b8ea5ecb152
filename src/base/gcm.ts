// AES-GCM (NIST SP 800-38D) with keys of 128, 192 and 256 bits, tags of 16 bytes and no additional data. The runtime has no
// AES-192-GCM: there the counter mode is the runtime's and the authentication is here.
//
// Invariant: nothing here branches or indexes by secrets.
import { aesBlocks, aesCounter, equalSecrets, runtimeOpen, runtimeSeal, type Sealed } from "./runtime.ts";

const GCM_TAG_LENGTH = 16;

/** Encrypts; null for an empty nonce. The key has 16, 24 or 32 bytes. */
export function sealGcm(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Sealed | null {
  if (key.length !== 24) return runtimeSeal(key, nonce, plain);
  if (nonce.length === 0) return null;
  const hashKey = hashKeyOf(key);
  const counter = firstCounter(hashKey, nonce);
  const bytes = aesCounter(key, nextCounter(counter), plain);
  return { bytes, tag: tagOf(key, hashKey, counter, bytes) };
}

/** Decrypts; null when the tag is not right. */
export function openGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  bytes: Uint8Array,
  tag: Uint8Array,
): Uint8Array<ArrayBuffer> | null {
  if (tag.length !== GCM_TAG_LENGTH) return null;
  if (key.length !== 24) return runtimeOpen(key, nonce, bytes, tag);
  if (nonce.length === 0) return null;
  const hashKey = hashKeyOf(key);
  const counter = firstCounter(hashKey, nonce);
  if (!equalSecrets(tagOf(key, hashKey, counter, bytes), tag)) return null;
  return aesCounter(key, nextCounter(counter), bytes);
}

/** Four words of 32 bits, the highest first. */
type Words = Uint32Array<ArrayBuffer>;

function hashKeyOf(key: Uint8Array): Words {
  return words(aesBlocks(key, new Uint8Array(16)));
}

function words(block: Uint8Array<ArrayBuffer>): Words {
  const view = new DataView(block.buffer, block.byteOffset);
  return Uint32Array.of(view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12));
}

/** J0: the nonce and a counter of 1, or the hash of a nonce that has not 96 bits. */
function firstCounter(hashKey: Words, nonce: Uint8Array): Uint8Array<ArrayBuffer> {
  if (nonce.length !== 12) return hash(hashKey, nonce);
  const counter = new Uint8Array(16);
  counter.set(nonce);
  counter[15] = 1;
  return counter;
}

/** The last 32 bits plus one. */
function nextCounter(counter: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const next = counter.slice();
  const view = new DataView(next.buffer);
  view.setUint32(12, view.getUint32(12) + 1);
  return next;
}

function tagOf(
  key: Uint8Array,
  hashKey: Words,
  counter: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const tag = hash(hashKey, bytes);
  const mask = aesBlocks(key, counter);
  for (let i = 0; i < 16; i++) tag[i] ^= mask[i];
  return tag;
}

/** GHASH of the bytes, filled up with zeroes, and of their length in bits as 128 bits behind them. */
function hash(hashKey: Words, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const state = new Uint32Array(4);
  const block = new Uint8Array(16);
  const view = new DataView(block.buffer);
  for (let at = 0; at < bytes.length; at += 16) {
    block.fill(0);
    block.set(bytes.subarray(at, at + 16));
    absorb(state, view, hashKey);
  }
  view.setBigUint64(0, 0n);
  view.setBigUint64(8, BigInt(bytes.length) * 8n);
  absorb(state, view, hashKey);
  for (let i = 0; i < 4; i++) view.setUint32(i * 4, state[i]);
  return block;
}

/** The state plus the block, times the hash key, in GF(2^128). */
function absorb(state: Words, block: DataView, hashKey: Words): void {
  let [v0, v1, v2, v3] = hashKey;
  let z0 = 0;
  let z1 = 0;
  let z2 = 0;
  let z3 = 0;
  for (let i = 0; i < 4; i++) {
    const x = state[i] ^ block.getUint32(i * 4);
    for (let bit = 31; bit >= 0; bit--) {
      const take = -(x >>> bit & 1);
      z0 ^= v0 & take;
      z1 ^= v1 & take;
      z2 ^= v2 & take;
      z3 ^= v3 & take;
      const reduce = -(v3 & 1) & 0xe1000000;
      v3 = v3 >>> 1 | v2 << 31;
      v2 = v2 >>> 1 | v1 << 31;
      v1 = v1 >>> 1 | v0 << 31;
      v0 = v0 >>> 1 ^ reduce;
    }
  }
  state[0] = z0;
  state[1] = z1;
  state[2] = z2;
  state[3] = z3;
}

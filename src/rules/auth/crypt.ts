// Password hashes of crypt(3) as userlists carry them (configuration.txt 12.2): MD5 ("$1$"), SHA-256 ("$5$") and
// SHA-512 ("$6$", both by U. Drepper's specification "Unix crypt using SHA-256 and SHA-512"). Deliberately slow: the
// rounds a hash asks for are bounded when it is read, since nothing else runs in the thread meanwhile.
import { digest, latin1ToBytes } from "../../base/mod.ts";

/** The alphabet crypt(3) writes six bits at a time in, lowest first. */
const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const SHA_ROUNDS_DEFAULT = 5000;
const SHA_ROUNDS_MIN = 1000;
/** The specification allows 999999999, which would stop a thread for hours. */
const SHA_ROUNDS_MAX = 1_000_000;

/** A password hash in its parts. */
export interface CryptHash {
  readonly scheme: "md5" | "sha256" | "sha512";
  readonly salt: string;
  readonly rounds: number;
  /** The encoded digest. */
  readonly digest: string;
}

const DIGEST_LENGTHS = { md5: 22, sha256: 43, sha512: 86 } as const;

/** Reads a hash; a string is the reason why it cannot be used. */
export function parseCrypt(text: string): CryptHash | string {
  const parts = text.split("$");
  if (parts[0] !== "" || parts.length < 4) {
    return "only the hashes of MD5 ($1$), SHA-256 ($5$) and SHA-512 ($6$) are supported";
  }
  const scheme = schemeOf(parts[1]);
  if (scheme === null) {
    return `the hash '$${parts[1]}$' is not supported: use MD5 ($1$), SHA-256 ($5$) or SHA-512 ($6$)`;
  }
  let rest = parts.slice(2);
  let rounds = SHA_ROUNDS_DEFAULT;
  if (scheme !== "md5" && rest[0].startsWith("rounds=")) {
    const asked = rest[0].slice("rounds=".length);
    if (!/^[0-9]{1,9}$/.test(asked)) return `'${rest[0]}' is no number of rounds`;
    rounds = Math.max(SHA_ROUNDS_MIN, Number(asked));
    if (rounds > SHA_ROUNDS_MAX) return `${asked} rounds are too many: the maximum is ${SHA_ROUNDS_MAX}`;
    rest = rest.slice(1);
  }
  if (rest.length !== 2) return "the hash has no salt or no digest";
  const [salt, encoded] = rest;
  if (encoded.length !== DIGEST_LENGTHS[scheme]) return "the digest is not of the length its hash has";
  for (const c of encoded) if (!ALPHABET.includes(c)) return `'${c}' cannot be in a digest`;
  return { scheme, salt: salt.slice(0, scheme === "md5" ? 8 : 16), rounds, digest: encoded };
}

function schemeOf(id: string): CryptHash["scheme"] | null {
  if (id === "1") return "md5";
  if (id === "5") return "sha256";
  return id === "6" ? "sha512" : null;
}

/** The encoded digest of a password (each character a byte) under the salt and rounds of `hash`. */
export function cryptDigest(password: string, hash: CryptHash): string {
  const key = latin1ToBytes(password);
  const salt = latin1ToBytes(hash.salt);
  return hash.scheme === "md5" ? md5Crypt(key, salt) : shaCrypt(key, salt, hash.scheme, hash.rounds);
}

// ---- MD5 ------------------------------------------------------------------------------------------------------

const MD5_ROUNDS = 1000;
/** Bytes of the digest in the order they are written, three a group. */
const MD5_ORDER: readonly (readonly [number, number, number])[] = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
];

function md5Crypt(key: Uint8Array, salt: Uint8Array): string {
  const inner = hashOf("md5", key, salt, key);
  const parts: Uint8Array[] = [key, latin1ToBytes("$1$"), salt, repeated(inner, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) {
    parts.push((bits & 1) !== 0 ? new Uint8Array(1) : key.subarray(0, 1));
  }
  let sum = hashOf("md5", ...parts);
  for (let round = 0; round < MD5_ROUNDS; round++) {
    const odd = (round & 1) !== 0;
    const step: Uint8Array[] = [odd ? key : sum];
    if (round % 3 !== 0) step.push(salt);
    if (round % 7 !== 0) step.push(key);
    step.push(odd ? sum : key);
    sum = hashOf("md5", ...step);
  }
  return encodeDigest(sum, MD5_ORDER) + encodeBits(sum[11], 2);
}

// ---- SHA-256 and SHA-512 ----------------------------------------------------------------------------------------

function shaCrypt(key: Uint8Array, salt: Uint8Array, hash: "sha256" | "sha512", rounds: number): string {
  const inner = hashOf(hash, key, salt, key);
  const parts: Uint8Array[] = [key, salt, repeated(inner, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push((bits & 1) !== 0 ? inner : key);
  let sum = hashOf(hash, ...parts);
  const keyBytes = repeated(hashOf(hash, repeated(key, key.length * key.length)), key.length);
  const saltBytes = repeated(hashOf(hash, repeated(salt, salt.length * (16 + sum[0]))), salt.length);
  for (let round = 0; round < rounds; round++) {
    const odd = (round & 1) !== 0;
    const step: Uint8Array[] = [odd ? keyBytes : sum];
    if (round % 3 !== 0) step.push(saltBytes);
    if (round % 7 !== 0) step.push(keyBytes);
    step.push(odd ? sum : keyBytes);
    sum = hashOf(hash, ...step);
  }
  if (hash === "sha256") {
    return encodeDigest(sum, shaOrder(10)) + encodeBits(sum[31] << 8 | sum[30], 3);
  }
  return encodeDigest(sum, shaOrder(21)) + encodeBits(sum[63], 2);
}

/** Each group takes a byte of every third of the digest; the thirds change places from group to group. */
function shaOrder(third: number): (readonly [number, number, number])[] {
  const out: (readonly [number, number, number])[] = [];
  // SHA-256 rotates the thirds to the right, SHA-512 to the left.
  const step = third === 10 ? 2 : 1;
  for (let i = 0; i < third; i++) {
    const first = i * step % 3;
    out.push([i + first * third, i + (first + 1) % 3 * third, i + (first + 2) % 3 * third]);
  }
  return out;
}

// ---- shared -----------------------------------------------------------------------------------------------------

function hashOf(algorithm: string, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return digest(algorithm, all)!;
}

/** The bytes over and over, `length` in all. */
function repeated(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += bytes.length) out.set(bytes.subarray(0, Math.min(bytes.length, length - at)), at);
  return out;
}

function encodeDigest(sum: Uint8Array, order: readonly (readonly [number, number, number])[]): string {
  let out = "";
  for (const [high, middle, low] of order) out += encodeBits(sum[high] << 16 | sum[middle] << 8 | sum[low], 4);
  return out;
}

function encodeBits(value: number, characters: number): string {
  let out = "";
  for (let i = 0; i < characters; i++) out += ALPHABET[value >> (6 * i) & 63];
  return out;
}

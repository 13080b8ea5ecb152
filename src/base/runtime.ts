// The deterministic built-ins of the runtime that lower layers may use; the only file of `base` that imports `node:`.
// Nothing here waits, reads a clock or draws a random number: equal arguments give equal results.
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from "node:crypto";

// The decoder of Buffer works on any Uint8Array as `this`: no Buffer object is made, and unlike TextDecoder("latin1"),
// which is windows-1252, it maps each byte to the code unit of the same number.
const { latin1Slice: slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, from: number, to: number): string;
};

/** `bytes[from, to)` as a string, one code unit (0 to 255) a byte. The way back is `writeLatin1`. */
export function latin1Slice(bytes: Uint8Array, from: number, to: number): string {
  return slice.call(bytes, from, to);
}

/** Bytes of the digests that may have any length, as OpenSSL makes them. */
const OPEN_LENGTHS: Readonly<Record<string, number>> = { shake128: 16, shake256: 32 };

/**
 * The digest of `bytes` by a hash that OpenSSL names ("md5", "sha1", "sha256", "sha512"); null when it is unknown.
 */
export function digest(algorithm: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const outputLength = OPEN_LENGTHS[algorithm];
  try {
    const hash = outputLength === undefined ? createHash(algorithm) : createHash(algorithm, { outputLength });
    return new Uint8Array(hash.update(bytes).digest());
  } catch {
    return null;
  }
}

/** The keyed digest (HMAC, RFC 2104) of `bytes`; null when the hash is unknown. */
export function hmac(algorithm: string, key: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(createHmac(algorithm, key).update(bytes).digest());
  } catch {
    return null;
  }
}

/** Whether two byte strings are equal, in a time that does not tell where they differ. For secrets. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A public key for verifySignature(). */
export type PublicKey = KeyObject;

/** The public key of a PEM block "PUBLIC KEY", "RSA PUBLIC KEY" or "CERTIFICATE"; null when there is none. */
export function publicKey(pem: string): PublicKey | null {
  const block = /-----BEGIN ((?:RSA )?PUBLIC KEY|CERTIFICATE)-----[^-]+-----END \1-----/.exec(pem);
  try {
    return block === null ? null : createPublicKey(block[0]);
  } catch {
    return null;
  }
}

/** Ways to sign: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017), ECDSA with the numbers one behind the other (RFC 7518 3.4). */
export type SignatureScheme = "pkcs1" | "pss" | "ecdsa";

/** Whether a signature over the digest of `data` is right; false also for a key of another kind. */
export function verifySignature(
  scheme: SignatureScheme,
  hash: "sha256" | "sha384" | "sha512",
  key: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.asymmetricKeyType !== (scheme === "ecdsa" ? "ec" : "rsa")) return false;
  try {
    if (scheme === "ecdsa") return verify(hash, data, { key, dsaEncoding: "ieee-p1363" }, signature);
    if (scheme === "pkcs1") return verify(hash, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
    const saltLength = Number(hash.slice(3)) / 8;
    return verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
  } catch {
    return false;
  }
}

/** AES without a mode, of whole blocks (16 bytes); the key has 16, 24 or 32 bytes. */
export function aesBlocks(key: Uint8Array, blocks: Uint8Array): Uint8Array<ArrayBuffer> {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null);
  cipher.setAutoPadding(false);
  return new Uint8Array(cipher.update(blocks));
}

/** AES in counter mode (both ways the same) from a first block of the counter on, which is one number of 128 bits. */
export function aesCounter(key: Uint8Array, counter: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createCipheriv(`aes-${key.length * 8}-ctr`, key, counter).update(bytes));
}

/** What authenticated encryption gives. */
export interface Sealed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 16 bytes. */
  readonly tag: Uint8Array<ArrayBuffer>;
}

/** AES-GCM (NIST SP 800-38D) by the runtime, which knows keys of 16 and 32 bytes; null for a nonce it does not take. */
export function runtimeSeal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Sealed | null {
  try {
    const cipher = createCipheriv(key.length === 16 ? "aes-128-gcm" : "aes-256-gcm", key, nonce);
    const bytes = new Uint8Array(cipher.update(plain));
    cipher.final();
    return { bytes, tag: new Uint8Array(cipher.getAuthTag()) };
  } catch {
    return null;
  }
}

/** The way back of runtimeSeal(); null when the tag (16 bytes) is not right. */
export function runtimeOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  bytes: Uint8Array,
  tag: Uint8Array,
): Uint8Array<ArrayBuffer> | null {
  try {
    const cipher = createDecipheriv(key.length === 16 ? "aes-128-gcm" : "aes-256-gcm", key, nonce);
    cipher.setAuthTag(tag);
    const plain = new Uint8Array(cipher.update(bytes));
    cipher.final();
    return plain;
  } catch {
    return null;
  }
}

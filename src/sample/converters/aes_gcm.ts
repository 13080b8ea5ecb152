// aes_gcm_enc and aes_gcm_dec (configuration.txt 7.3.1): nonce, key and tag are base64, constants or in variables.
// A tag has 16 bytes: a shorter one, which OpenSSL takes, could be found by trying all of them.
import { openGcm, sealGcm } from "../../base/mod.ts";
import { setBytes } from "../casts.ts";
import { type ArgNode, type ConverterEntry, Sample, type SampleEnv, T_BIN, type Txn } from "../types.ts";
import { parseWritableVariable } from "../variable_names.ts";
import { converter } from "./define.ts";
import { encodeBase64 } from "./encodings.ts";
import { constantSecret, secretArg, secretProblem } from "./secrets.ts";

const BITS: readonly ArgNode[] = [128, 192, 256];

function keyProblem(bits: ArgNode, nonce: ArgNode, key: ArgNode): string | null {
  if (!BITS.includes(bits)) return "key size must be 128, 192 or 256 (bits).";
  const problem = secretProblem("nonce", nonce) ?? secretProblem("key", key);
  if (problem !== null) return problem;
  const constant = constantSecret(key);
  return constant !== null && constant.length < Number(bits) / 8 ? `key is shorter than ${bits} bits` : null;
}

/** The key and the nonce of one evaluation. */
class Keying {
  key: Uint8Array = new Uint8Array(0);
  nonce: Uint8Array = new Uint8Array(0);
  readonly #length: number;
  readonly #key: ReturnType<typeof secretArg>;
  readonly #nonce: ReturnType<typeof secretArg>;

  constructor(bits: ArgNode, nonce: ArgNode, key: ArgNode, env: SampleEnv) {
    this.#length = Number(bits) / 8;
    this.#key = secretArg(key, env);
    this.#nonce = secretArg(nonce, env);
  }

  /** False without a key that is long enough; of a longer one the beginning counts. */
  read(txn: Txn): boolean {
    const key = this.#key(txn);
    const nonce = this.#nonce(txn);
    if (key === null || nonce === null || key.length < this.#length) return false;
    this.key = key.subarray(0, this.#length);
    this.nonce = nonce;
    return true;
  }
}

export const aesGcmConverters: readonly ConverterEntry[] = [
  converter({
    name: "aes_gcm_dec",
    doc: "decrypts AES-GCM; absent when the tag (16 bytes) is not right",
    input: T_BIN,
    out: T_BIN,
    args: [
      { type: "sint", name: "bits" },
      { type: "str", name: "nonce" },
      { type: "str", name: "key" },
      { type: "str", name: "aead_tag" },
    ],
    validate: ([bits, nonce, key, tag]) => keyProblem(bits, nonce, key) ?? secretProblem("aead_tag", tag),
    build([bits, nonce, key, tag], env) {
      const keying = new Keying(bits, nonce, key, env);
      const tagOf = secretArg(tag, env);
      return (sample, txn) => {
        const wanted = tagOf(txn);
        if (wanted === null || !keying.read(txn)) return false;
        const plain = openGcm(keying.key, keying.nonce, sample.bytes.subarray(sample.from, sample.to), wanted);
        if (plain === null) return false;
        setBytes(sample, T_BIN, plain, 0, plain.length);
        return true;
      };
    },
  }),
  converter({
    name: "aes_gcm_enc",
    doc: "encrypts with AES-GCM; the tag goes into a variable, in base64",
    input: T_BIN,
    out: T_BIN,
    args: [
      { type: "sint", name: "bits" },
      { type: "str", name: "nonce" },
      { type: "str", name: "key" },
      { type: "var", name: "aead_tag" },
    ],
    validate([bits, nonce, key, tag]) {
      const variable = parseWritableVariable(tag as string);
      return keyProblem(bits, nonce, key) ?? (typeof variable === "string" ? variable : null);
    },
    build([bits, nonce, key, tag], env) {
      const keying = new Keying(bits, nonce, key, env);
      const { scope, slot } = env.variables.slot(tag as string);
      const text = new Sample();
      return (sample, txn) => {
        if (!keying.read(txn)) return false;
        const sealed = sealGcm(keying.key, keying.nonce, sample.bytes.subarray(sample.from, sample.to));
        if (sealed === null) return false;
        setBytes(text, T_BIN, sealed.tag, 0, sealed.tag.length);
        if (!encodeBase64(text, env) || !txn.vars.set(scope, slot, text)) return false;
        setBytes(sample, T_BIN, sealed.bytes, 0, sealed.bytes.length);
        return true;
      };
    },
  }),
];

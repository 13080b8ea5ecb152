// Cryptographic digests, keyed digests and the comparison of secrets (configuration.txt 7.3.1).
import { digest, equalSecrets, hmac } from "../../base/mod.ts";
import { cast, setBoolean, setBytes } from "../casts.ts";
import { type ArgNode, type ConverterEntry, type ConverterFn, Sample, T_BIN, T_BOOL } from "../types.ts";
import { converter } from "./define.ts";
import { secretArg, secretProblem } from "./secrets.ts";

const NO_ALGORITHM = "algorithm must be a valid OpenSSL message digest name.";
const NOTHING = new Uint8Array(0);
const SHA2_BITS = [224, 256, 384, 512];

/** The runtime's name of a digest that OpenSSL names: "SHA-256", "sha2-256", "RSA-SHA256" are "sha256". */
function digestName(name: ArgNode): string {
  const lower = String(name ?? "").toLowerCase().replace(/^rsa-/, "").replace("/", "-");
  return lower.replace(/^sha-?2-(?=[0-9]{3})|^sha-(?=[0-9])/, "sha");
}

function digested(algorithm: string): ConverterFn {
  return (sample) => {
    const result = digest(algorithm, sample.bytes.subarray(sample.from, sample.to));
    if (result === null) return false;
    setBytes(sample, T_BIN, result, 0, result.length);
    return true;
  };
}

export const digestConverters: readonly ConverterEntry[] = [
  converter({
    name: "sha1",
    doc: "SHA-1 digest",
    input: T_BIN,
    out: T_BIN,
    build: () => digested("sha1"),
  }),
  converter({
    name: "sha2",
    doc: "SHA-2 digest of 224, 256 (default), 384 or 512 bits",
    input: T_BIN,
    out: T_BIN,
    args: [{ type: "sint", name: "bits", optional: true }],
    validate([bits]) {
      return bits === null || SHA2_BITS.includes(Number(bits)) ? null : `Unsupported number of bits: '${bits}'`;
    },
    build: ([bits]) => digested(`sha${bits ?? 256}`),
  }),
  converter({
    name: "digest",
    doc: "digest by the algorithm that OpenSSL names so",
    input: T_BIN,
    out: T_BIN,
    args: [{ type: "str", name: "algorithm", optional: true }],
    validate: ([algorithm]) => digest(digestName(algorithm), NOTHING) === null ? NO_ALGORITHM : null,
    build: ([algorithm]) => digested(digestName(algorithm)),
  }),
  converter({
    name: "hmac",
    doc: "keyed digest (HMAC); the key is base64 text or a variable that holds such text",
    input: T_BIN,
    out: T_BIN,
    args: [{ type: "str", name: "algorithm" }, { type: "str", name: "key" }],
    validate([algorithm, key]) {
      const name = digestName(algorithm);
      if (digest(name, NOTHING) === null) return NO_ALGORITHM;
      if (hmac(name, NOTHING, NOTHING) === null) return `there is no HMAC of '${algorithm}' here`;
      return secretProblem("key", key);
    },
    build([algorithm, key], env) {
      const name = digestName(algorithm);
      const secret = secretArg(key, env);
      return (sample, txn) => {
        const bytes = secret(txn);
        const result = bytes === null ? null : hmac(name, bytes, sample.bytes.subarray(sample.from, sample.to));
        if (result === null) return false;
        setBytes(sample, T_BIN, result, 0, result.length);
        return true;
      };
    },
  }),
  converter({
    name: "secure_memcmp",
    doc: "whether the bytes are those of a variable, in a time that does not tell where they differ",
    input: T_BIN,
    out: T_BOOL,
    args: [{ type: "var", name: "var" }],
    build([name], env) {
      const { scope, slot } = env.variables.slot(name as string);
      const other = new Sample();
      return (sample, txn) => {
        if (!txn.vars.get(scope, slot, other) || !cast(other, T_BIN, env)) return false;
        const mine = sample.bytes.subarray(sample.from, sample.to);
        setBoolean(sample, equalSecrets(mine, other.bytes.subarray(other.from, other.to)));
        return true;
      };
    },
  }),
];

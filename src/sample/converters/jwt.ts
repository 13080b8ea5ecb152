// JSON Web Tokens in the compact serialization (RFC 7515, RFC 7518 3.1): a look at the header and the payload, and the
// signature (configuration.txt 7.3.1 "jwt_verify"). Contents are not validated: claims such as "exp" are the rules' matter.
import { equalSecrets, hmac, latin1ToBytes, type PublicKey, publicKey } from "../../base/mod.ts";
import { bytesToLatin1, type SignatureScheme, verifySignature } from "../../base/mod.ts";
import type { ParseContext } from "../../config/mod.ts";
import { sampleText, setBytes, setInteger } from "../casts.ts";
import { type ArgNode, type ConverterEntry, Sample, type SampleEnv, T_ANY, T_BIN, T_SINT, type Txn } from "../types.ts";
import { parseVariableName } from "../variable_names.ts";
import { converter } from "./define.ts";
import { decodeBase64Url } from "./encodings.ts";
import { buildQuery, outputTypeProblem } from "./json_query.ts";

const DOT = 46;

const VERIFIED = 1;
const NOT_VERIFIED = 0;
const UNKNOWN_ALGORITHM = -1;
const INVALID_TOKEN = -3;
const UNKNOWN_CERTIFICATE = -5;

interface Algorithm {
  readonly hash: "sha256" | "sha384" | "sha512";
  readonly scheme: SignatureScheme | "hmac" | "none";
  /** Bytes of a signature by ECDSA; 0: it has no length of its own. */
  readonly length: number;
}

const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ["none", { hash: "sha256", scheme: "none", length: 0 }],
  ["HS256", { hash: "sha256", scheme: "hmac", length: 0 }],
  ["HS384", { hash: "sha384", scheme: "hmac", length: 0 }],
  ["HS512", { hash: "sha512", scheme: "hmac", length: 0 }],
  ["RS256", { hash: "sha256", scheme: "pkcs1", length: 0 }],
  ["RS384", { hash: "sha384", scheme: "pkcs1", length: 0 }],
  ["RS512", { hash: "sha512", scheme: "pkcs1", length: 0 }],
  ["PS256", { hash: "sha256", scheme: "pss", length: 0 }],
  ["PS384", { hash: "sha384", scheme: "pss", length: 0 }],
  ["PS512", { hash: "sha512", scheme: "pss", length: 0 }],
  ["ES256", { hash: "sha256", scheme: "ecdsa", length: 64 }],
  ["ES384", { hash: "sha384", scheme: "ecdsa", length: 96 }],
  ["ES512", { hash: "sha512", scheme: "ecdsa", length: 132 }],
]);

/** A text, or the one a variable holds; null when it is not set. */
type TextFn = (txn: Txn) => string | null;

function textArg(arg: ArgNode, env: SampleEnv): TextFn {
  const text = arg as string;
  if (!isVariable(text)) return () => text;
  const { scope, slot } = env.variables.slot(text);
  const sample = new Sample();
  return (txn) => txn.vars.get(scope, slot, sample) ? sampleText(sample) : null;
}

function isVariable(text: string): boolean {
  return typeof parseVariableName(text) !== "string";
}

/** The public keys among the files of the model, each read at its first use. */
class Keys {
  readonly #files: SampleEnv["files"];
  readonly #keys = new Map<string, PublicKey | null>();

  constructor(files: SampleEnv["files"]) {
    this.#files = files;
  }

  /** Null when the path names no file of the model, or one without a key. */
  find(path: string): PublicKey | null {
    const known = this.#keys.get(path);
    if (known !== undefined) return known;
    const file = this.#files[path];
    if (file === undefined) return null;
    const key = publicKey(bytesToLatin1(file));
    this.#keys.set(path, key);
    return key;
  }
}

/** The bytes of a token and where its signature begins; behind the second dot, which may be missing. */
class Token {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  from = 0;
  /** The end of what is signed. */
  signed = 0;
  signature = 0;
  to = 0;

  /** False for what has no dot, or more than two. */
  read(sample: Sample): boolean {
    const { bytes, from, to } = sample;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.signed = to;
    this.signature = to;
    let dots = 0;
    for (let i = from; i < to; i++) {
      if (bytes[i] !== DOT) continue;
      if (++dots !== 2) continue;
      this.signed = i;
      this.signature = i + 1;
    }
    return dots === 1 || dots === 2;
  }
}

function verifyToken(algorithm: Algorithm, key: string, keys: Keys, token: Token, env: SampleEnv): number {
  const { hash, scheme, length } = algorithm;
  if (scheme === "none") return token.signature === token.to ? VERIFIED : NOT_VERIFIED;
  const { bytes } = token;
  const decoded = new Sample();
  setBytes(decoded, T_BIN, bytes, token.signature, token.to);
  if (token.signature === token.to || !decodeBase64Url(decoded, env)) return INVALID_TOKEN;
  const signature = decoded.bytes.subarray(decoded.from, decoded.to);
  const signed = bytes.subarray(token.from, token.signed);
  if (scheme === "hmac") {
    const right = hmac(hash, latin1ToBytes(key), signed);
    return right !== null && equalSecrets(right, signature) ? VERIFIED : NOT_VERIFIED;
  }
  if (length > 0 && signature.length !== length) return INVALID_TOKEN;
  const known = keys.find(key);
  if (known === null) return UNKNOWN_CERTIFICATE;
  return verifySignature(scheme, hash, known, signed, signature) ? VERIFIED : NOT_VERIFIED;
}

/** What is wrong with a constant key of a constant algorithm: with a variable either is known only at run time. */
function keyProblem(name: string, key: string, context: ParseContext): string | null {
  const { scheme } = ALGORITHMS.get(name)!;
  if (scheme === "hmac" || scheme === "none" || isVariable(key)) return null;
  const file = context.file(key, false);
  if (typeof file === "string") return `failed to open key file <${key}> : ${file}`;
  const found = file.bytes === null ? null : publicKey(bytesToLatin1(file.bytes));
  return found === null ? `no public key and no certificate in file <${key}>` : null;
}

/** The decoded part number `part` of a token, or what a query finds in it. */
function partQuery(name: string, doc: string, part: number): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_BIN,
    out: T_ANY,
    args: [{ type: "str", name: "json_path", optional: true }, { type: "str", name: "output_type", optional: true }],
    validate: ([, type]) => outputTypeProblem(type),
    build([path, type], env) {
      const query = (path ?? "") === "" ? null : buildQuery(path as string, type, env);
      return (sample) => selectPart(sample, part) && decodeBase64Url(sample, env) && (query === null || query(sample));
    },
  });
}

/** Reduces the sample to a part between dots; false when there is none. */
function selectPart(sample: Sample, part: number): boolean {
  const { bytes, to } = sample;
  let from = sample.from;
  for (let i = 0; i < part; i++) {
    from = bytes.indexOf(DOT, from) + 1;
    if (from === 0 || from > to) return false;
  }
  const end = bytes.indexOf(DOT, from);
  sample.from = from;
  if (end >= 0 && end < to) sample.to = end;
  return true;
}

export const jwtConverters: readonly ConverterEntry[] = [
  partQuery("jwt_header_query", "the decoded header of a JWT, or what a json_query finds in it", 0),
  partQuery("jwt_payload_query", "the decoded payload of a JWT, or what a json_query finds in it", 1),
  converter({
    name: "jwt_verify",
    doc: "1 when the signature of a JWT is right, 0 when it is wrong, negative for an error",
    input: T_BIN,
    out: T_SINT,
    args: [{ type: "str", name: "alg" }, { type: "file", name: "key" }],
    validate([name, key], context) {
      if (isVariable(name as string)) return null;
      if (!ALGORITHMS.has(name as string)) return `unknown JWT algorithm: ${name}`;
      return keyProblem(name as string, key as string, context);
    },
    build([name, key], env) {
      const algorithmName = textArg(name, env);
      const keyText = textArg(key, env);
      const keys = new Keys(env.files);
      const token = new Token();
      return (sample, txn) => {
        const wanted = algorithmName(txn);
        const secret = keyText(txn);
        if (wanted === null || secret === null) return false;
        const algorithm = ALGORITHMS.get(wanted);
        if (algorithm === undefined) setInteger(sample, UNKNOWN_ALGORITHM);
        else if (!token.read(sample)) setInteger(sample, INVALID_TOKEN);
        else setInteger(sample, verifyToken(algorithm, secret, keys, token, env));
        return true;
      };
    },
  }),
];

// Converters between encodings: hexadecimal, base64 (RFC 4648), URL encoding (configuration.txt 7.3.1).
import { HEX_VALUE, latin1ToBytes, NOT_HEX } from "../../base/mod.ts";
import { setBytes, setInteger } from "../casts.ts";
import { wrap } from "../integers.ts";
import { type ConverterEntry, type Sample, type SampleEnv, T_BIN, T_SINT, T_STR } from "../types.ts";
import { converter } from "./define.ts";

export const HEX_DIGITS = latin1ToBytes("0123456789ABCDEF");
const ALPHABET = latin1ToBytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const URL_ALPHABET = latin1ToBytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const EQUALS = 61;

/** Value of each character; 255: not in the alphabet. */
function valuesOf(alphabet: Uint8Array): Uint8Array {
  const values = new Uint8Array(256).fill(255);
  alphabet.forEach((c, i) => values[c] = i);
  return values;
}
const VALUES = /* @__PURE__ */ valuesOf(ALPHABET);
const URL_VALUES = /* @__PURE__ */ valuesOf(URL_ALPHABET);

/** What decoding and encoding write to. */
type Scratch = Pick<SampleEnv, "scratch">;

function encode64(sample: Sample, alphabet: Uint8Array, padded: boolean, env: Scratch): boolean {
  const { bytes, from, to } = sample;
  const area = env.scratch();
  if (Math.ceil((to - from) / 3) * 4 > area.length) return false;
  let at = 0;
  for (let i = from; i < to; i += 3) {
    const left = to - i;
    const word = bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    area[at++] = alphabet[word >> 18];
    area[at++] = alphabet[word >> 12 & 63];
    if (left > 1) area[at++] = alphabet[word >> 6 & 63];
    else if (padded) area[at++] = EQUALS;
    if (left > 2) area[at++] = alphabet[word & 63];
    else if (padded) area[at++] = EQUALS;
  }
  setBytes(sample, T_STR, area, 0, at);
  return true;
}

/** False for what is no such encoding; with `padded` the padding must be there, else it may be. */
function decode64(sample: Sample, values: Uint8Array, padded: boolean, env: Scratch): boolean {
  const { bytes, from } = sample;
  let { to } = sample;
  if (padded && (to - from) % 4 !== 0) return false;
  for (let i = 0; i < 2 && to > from && bytes[to - 1] === EQUALS; i++) to--;
  const length = to - from;
  const area = env.scratch();
  if (length % 4 === 1 || length > area.length) return false;
  let at = 0;
  let word = 0;
  let bits = 0;
  for (let i = from; i < to; i++) {
    const value = values[bytes[i]];
    if (value === 255) return false;
    word = (word << 6 | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      area[at++] = word >> bits;
    }
  }
  setBytes(sample, T_BIN, area, 0, at);
  return true;
}

/** Makes the text the bytes that its base64 stands for; false when it is none. */
export function decodeBase64(sample: Sample, env: Scratch): boolean {
  return decode64(sample, VALUES, true, env);
}

/** As decodeBase64(), of base64url, with padding or without. */
export function decodeBase64Url(sample: Sample, env: Scratch): boolean {
  return decode64(sample, URL_VALUES, false, env);
}

/** Makes the bytes their base64 text; false when it does not fit in a buffer. */
export function encodeBase64(sample: Sample, env: Scratch): boolean {
  return encode64(sample, ALPHABET, true, env);
}

const PLUS = 43;
const PERCENT = 37;
const QUESTION = 63;
const SPACE = 32;

/** "+" is a space in a form, and behind a question mark. */
function decodeUrl(sample: Sample, form: boolean, env: SampleEnv): boolean {
  const { bytes, from, to } = sample;
  const area = env.scratch();
  if (to - from > area.length) return false;
  let inForm = form;
  let at = 0;
  for (let i = from; i < to; i++) {
    let b = bytes[i];
    if (b === PERCENT) {
      const high = i + 2 < to ? HEX_VALUE[bytes[i + 1]] : NOT_HEX;
      const low = i + 2 < to ? HEX_VALUE[bytes[i + 2]] : NOT_HEX;
      if (high === NOT_HEX || low === NOT_HEX) return false;
      b = high << 4 | low;
      i += 2;
    } else if (b === PLUS && inForm) {
      b = SPACE;
    } else if (b === QUESTION) {
      inForm = true;
    }
    area[at++] = b;
  }
  setBytes(sample, T_STR, area, 0, at);
  return true;
}

function isUnreserved(b: number): boolean {
  return (b >= 48 && b <= 57) || (b >= 65 && b <= 90) || (b >= 97 && b <= 122) || b === 45 || b === 46 || b === 95 ||
    b === 126;
}

export const encodingConverters: readonly ConverterEntry[] = [
  converter({
    name: "hex",
    doc: "bytes as hexadecimal digits",
    input: T_BIN,
    out: T_STR,
    build: (_args, env) => (sample) => {
      const { bytes, from, to } = sample;
      const area = env.scratch();
      if ((to - from) * 2 > area.length) return false;
      let at = 0;
      for (let i = from; i < to; i++) {
        area[at++] = HEX_DIGITS[bytes[i] >> 4];
        area[at++] = HEX_DIGITS[bytes[i] & 15];
      }
      setBytes(sample, T_STR, area, 0, at);
      return true;
    },
  }),
  converter({
    name: "hex2i",
    doc: "hexadecimal digits as an integer",
    input: T_STR,
    out: T_SINT,
    build: () => (sample) => {
      let value = 0n;
      for (let i = sample.from; i < sample.to; i++) {
        const digit = HEX_VALUE[sample.bytes[i]];
        if (digit === NOT_HEX) return false;
        value = BigInt.asUintN(64, value << 4n | BigInt(digit));
      }
      setInteger(sample, wrap(value));
      return true;
    },
  }),
  converter({
    name: "base64",
    doc: "bytes as base64",
    input: T_BIN,
    out: T_STR,
    build: (_args, env) => (sample) => encodeBase64(sample, env),
  }),
  converter({
    name: "b64dec",
    doc: "bytes of base64",
    input: T_STR,
    out: T_BIN,
    build: (_args, env) => (sample) => decodeBase64(sample, env),
  }),
  converter({
    name: "ub64enc",
    doc: "bytes as base64url without padding",
    input: T_BIN,
    out: T_STR,
    build: (_args, env) => (sample) => encode64(sample, URL_ALPHABET, false, env),
  }),
  converter({
    name: "ub64dec",
    doc: "bytes of base64url",
    input: T_STR,
    out: T_BIN,
    build: (_args, env) => (sample) => decodeBase64Url(sample, env),
  }),
  converter({
    name: "url_dec",
    doc: "decodes URL encoding; with a non-zero argument '+' is a space everywhere",
    input: T_STR,
    out: T_STR,
    args: [{ type: "sint", name: "in_form", optional: true }],
    build([flag], env) {
      const form = flag !== null && flag !== 0;
      return (sample) => decodeUrl(sample, form, env);
    },
  }),
  converter({
    name: "url_enc",
    doc: "encodes for the query string of a URL",
    input: T_STR,
    out: T_STR,
    args: [{ type: "str", name: "enc_type", optional: true }],
    validate: ([type]) => type === null || type === "" || type === "query" ? null : "unexpected encoding type: 'query'",
    build: (_args, env) => (sample) => {
      const area = env.scratch();
      let at = 0;
      for (let i = sample.from; i < sample.to; i++) {
        const b = sample.bytes[i];
        if (at + 3 > area.length) return false;
        if (isUnreserved(b)) {
          area[at++] = b;
        } else {
          area[at++] = PERCENT;
          area[at++] = HEX_DIGITS[b >> 4];
          area[at++] = HEX_DIGITS[b & 15];
        }
      }
      setBytes(sample, T_STR, area, 0, at);
      return true;
    },
  }),
];

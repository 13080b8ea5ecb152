// json_query(): one value of a JSON text (configuration.txt 7.3.1), and how each kind of value becomes a sample:
// strings, booleans (even if "int" is asked for), numbers as text of six significant digits or with "int" as integers,
// arrays as they are written; null and objects are absent.
import { latin1Slice } from "../../base/mod.ts";
import { setBoolean, setBytes, setInteger, setText } from "../casts.ts";
import { leadingInteger } from "../integers.ts";
import {
  findJson,
  JSON_ARRAY,
  JSON_FALSE,
  JSON_NUMBER,
  JSON_STRING,
  JSON_TRUE,
  jsonKind,
  jsonValueEnd,
  parseJsonPath,
} from "../json_path.ts";
import { type ArgNode, type ConverterEntry, type Sample, type SampleEnv, T_ANY, T_STR } from "../types.ts";
import { converter } from "./define.ts";

const BACKSLASH = 92;
const LOWER_U = 117;
const NO_ESCAPE = -1;
const WRONG = -1;
const BEYOND = -2;

/** What the letter behind a backslash stands for; NO_ESCAPE: nothing. */
const ESCAPED = new Int16Array(256).fill(NO_ESCAPE);
for (const [letter, meaning] of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"]) {
  ESCAPED[letter.charCodeAt(0)] = meaning.charCodeAt(0);
}

/** Why an output type is none; null when it is one. */
export function outputTypeProblem(type: ArgNode): string | null {
  return (type ?? "") === "" || type === "int" ? null : 'output_type only supports "int" as argument';
}

/** Makes the sample, a JSON text, the value that a path leads to; false when there is none. */
export type QueryFn = (sample: Sample) => boolean;

export function buildQuery(path: string, type: ArgNode, env: SampleEnv): QueryFn {
  const steps = parseJsonPath(path);
  const integers = type === "int";
  if (steps === null) return () => false;
  return (sample) => {
    const { bytes, to } = sample;
    const at = findJson(bytes, sample.from, to, steps);
    return at >= 0 && setValue(sample, bytes, at, to, integers, env);
  };
}

function setValue(
  sample: Sample,
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  to: number,
  integers: boolean,
  env: SampleEnv,
): boolean {
  const kind = jsonKind(bytes, at, to);
  if (kind === JSON_TRUE || kind === JSON_FALSE) {
    setBoolean(sample, kind === JSON_TRUE);
    return true;
  }
  const end = jsonValueEnd(bytes, at, to);
  if (end < 0) return false;
  switch (kind) {
    case JSON_STRING:
      return setString(sample, bytes, at + 1, end - 1, env);
    case JSON_ARRAY:
      setBytes(sample, T_STR, bytes, at, end);
      return true;
    case JSON_NUMBER:
      return integers ? setWhole(sample, bytes, at, end) : setNumber(sample, latin1Slice(bytes, at, end), env);
    default:
      return false;
  }
}

/** The digits the number begins with; absent beyond what a double holds exactly. */
function setWhole(sample: Sample, bytes: Uint8Array, from: number, to: number): boolean {
  const value = leadingInteger(bytes, from, to);
  if (typeof value === "bigint") return false;
  setInteger(sample, value);
  return true;
}

function setNumber(sample: Sample, text: string, env: SampleEnv): boolean {
  const value = Number.parseFloat(text);
  return !Number.isNaN(value) && setText(sample, formatNumber(value), env);
}

/**
 * The inside of a JSON string, unescaped. As in HAProxy "\u00e9" is the byte E9; a string with escapes beyond FF, which
 * HAProxy does not take, is UTF-8.
 */
function setString(
  sample: Sample,
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
  to: number,
  env: SampleEnv,
): boolean {
  const first = bytes.indexOf(BACKSLASH, from);
  if (first < 0 || first >= to) {
    setBytes(sample, T_STR, bytes, from, to);
    return true;
  }
  const area = env.scratch();
  // No escape is longer unescaped.
  if (to - from > area.length) return false;
  let length = unescape(area, bytes, from, to, 0xff);
  if (length === BEYOND) length = unescape(area, bytes, from, to, 0x7f);
  if (length < 0) return false;
  setBytes(sample, T_STR, area, 0, length);
  return true;
}

/**
 * Writes what the escapes stand for: characters up to `single` as one byte, others in UTF-8. The length; WRONG for what is
 * no escape, BEYOND for the first character above `single` unless that is ASCII's last.
 */
function unescape(area: Uint8Array, bytes: Uint8Array, from: number, to: number, single: number): number {
  let at = 0;
  for (let i = from; i < to; i++) {
    if (bytes[i] !== BACKSLASH) {
      area[at++] = bytes[i];
      continue;
    }
    i++;
    if (bytes[i] !== LOWER_U) {
      const meaning = ESCAPED[bytes[i]];
      if (meaning === NO_ESCAPE) return WRONG;
      area[at++] = meaning;
      continue;
    }
    let code = codeUnit(bytes, i + 1, to);
    i += 4;
    if (code >= 0xd800 && code <= 0xdbff && bytes[i + 1] === BACKSLASH && bytes[i + 2] === LOWER_U) {
      const low = codeUnit(bytes, i + 3, to);
      if (low < 0xdc00 || low > 0xdfff) return WRONG;
      code = 0x10000 + (code - 0xd800) * 1024 + (low - 0xdc00);
      i += 6;
    }
    if (code < 0 || (code >= 0xd800 && code <= 0xdfff)) return WRONG;
    if (code > single && single > 0x7f) return BEYOND;
    if (code <= single) area[at++] = code;
    else at = writeUtf8(area, at, code);
  }
  return at;
}

/** Four hexadecimal digits; -1 when there are none. */
function codeUnit(bytes: Uint8Array, from: number, to: number): number {
  const text = latin1Slice(bytes, from, Math.min(from + 4, to));
  return /^[0-9A-Fa-f]{4}$/.test(text) ? Number.parseInt(text, 16) : -1;
}

function writeUtf8(area: Uint8Array, from: number, code: number): number {
  let at = from;
  if (code <= 0x7ff) {
    area[at++] = 0xc0 | code >> 6;
  } else {
    if (code <= 0xffff) {
      area[at++] = 0xe0 | code >> 12;
    } else {
      area[at++] = 0xf0 | code >> 18;
      area[at++] = 0x80 | code >> 12 & 63;
    }
    area[at++] = 0x80 | code >> 6 & 63;
  }
  area[at++] = 0x80 | code & 63;
  return at;
}

const DIGITS = 6;

/** A number as C's "%g" writes it. */
function formatNumber(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const sign = value < 0 ? "-" : "";
  const [digits, exponentText] = rounded(Math.abs(value)).split("e");
  const exponent = Number(exponentText);
  const significant = digits.replace(/0+$/, "");
  if (exponent < -4 || exponent >= DIGITS) {
    const fraction = significant.length > 1 ? `.${significant.slice(1)}` : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${significant[0]}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = significant.slice(exponent + 1);
  return sign + whole + (fraction === "" ? "" : `.${fraction}`);
}

/** Six digits, "e" and the exponent of the first; halfway goes to the even digit. */
function rounded(value: number): string {
  const [exact, exponent] = value.toExponential(20).replace(".", "").split("e");
  const kept = exact.slice(0, DIGITS);
  const isHalf = /^50*$/.test(exact.slice(DIGITS));
  if (isHalf && Number(kept[DIGITS - 1]) % 2 === 0) return `${kept}e${exponent}`;
  return value.toExponential(DIGITS - 1).replace(".", "");
}

export const jsonQueryConverters: readonly ConverterEntry[] = [
  converter({
    name: "json_query",
    doc: "the value a path leads to in a JSON text: string, boolean, array, number (with int an integer)",
    input: T_STR,
    out: T_ANY,
    args: [{ type: "str", name: "json_path", optional: true }, { type: "str", name: "output_type", optional: true }],
    validate([path, type]) {
      return (path ?? "") === "" ? "json_path must not be empty" : outputTypeProblem(type);
    },
    build: ([path, type], env) => buildQuery(path as string, type, env),
  }),
];

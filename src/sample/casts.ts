// Casts between sample types: which exist (configuration.txt 7.1 compatibility matrix, 7.3), and what they do to a sample.
// The rows and columns follow the T_ constants. A cast repoints the sample's bytes, it never writes to them.
import { formatIp, isMappedIpv4, latin1Slice, parseIp, toIpv6, writeLatin1 } from "../base/mod.ts";
import { type Integer, leadingInteger } from "./integers.ts";
import {
  type Sample,
  type SampleEnv,
  type SampleType,
  T_ADDR,
  T_ANY,
  T_BIN,
  T_BOOL,
  T_IPV4,
  T_IPV6,
  T_METH,
  T_SAME,
  T_SINT,
  T_STR,
} from "./types.ts";

type Cast = (sample: Sample, env: SampleEnv) => boolean;

const none = null;
//              bool       sint         ipv4       ipv6       str        bin        meth       addr
const CASTS: readonly (readonly (Cast | null)[])[] = [
  /* bool */ [keep, retype(T_SINT), none, none, intToStr, intToBin, none, none],
  /* sint */ [intToBool, keep, intToIpv4, intToIpv6, intToStr, intToBin, none, intToIpv4],
  /* ipv4 */ [none, retype(T_SINT), keep, ipv4ToIpv6, ipToStr, ipv4ToBin, none, keep],
  /* ipv6 */ [none, none, ipv6ToIpv4, keep, ipToStr, retype(T_BIN), none, keep],
  /* str  */ [strToBool, strToInt, strToIpv4, strToIpv6, keep, retype(T_BIN), retype(T_METH), strToAddr],
  /* bin  */ [none, none, binToIpv4, binToIpv6, binToStr, keep, none, binToAddr],
  /* meth */ [none, none, none, none, retype(T_STR), retype(T_BIN), keep, none],
];

/** Whether a value of type `from` may be used where `to` is expected; what only run time tells is allowed. */
export function castable(from: SampleType, to: SampleType): boolean {
  if (to === T_ANY || to === T_SAME || from === T_ANY || from === T_SAME || from === to) return true;
  if (from === T_ADDR) return castable(T_IPV4, to) || castable(T_IPV6, to);
  return CASTS[from][to] !== null;
}

/** Makes the sample one of type `to`; false when it cannot (the sample is then absent). */
export function cast(sample: Sample, to: SampleType, env: SampleEnv): boolean {
  if (sample.type === to || to >= T_ANY) return true;
  const fn = CASTS[sample.type][to];
  return fn !== null && fn(sample, env);
}

/** The text of a sample of any type, one code unit a byte; binary data ends at its first NUL unless `whole`. */
export function sampleText(sample: Sample, whole = false): string {
  switch (sample.type) {
    case T_BOOL:
    case T_SINT:
      return String(sample.num);
    case T_IPV4:
    case T_IPV6:
      return ipText(sample);
    case T_BIN:
      return latin1Slice(sample.bytes, sample.from, whole ? sample.to : endOfText(sample));
    default:
      return latin1Slice(sample.bytes, sample.from, sample.to);
  }
}

/** Sets an integer. */
export function setInteger(sample: Sample, value: Integer): void {
  sample.type = T_SINT;
  sample.num = value;
}

export function setBoolean(sample: Sample, value: boolean): void {
  sample.type = T_BOOL;
  sample.num = value ? 1 : 0;
}

/** Points a sample of type str or bin (or meth) at bytes that stay valid for the evaluation. */
export function setBytes(
  sample: Sample,
  type: SampleType,
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
  to: number,
): void {
  sample.type = type;
  sample.bytes = bytes;
  sample.from = from;
  sample.to = to;
}

/** Makes the sample a string of the low byte of each code unit; false when it does not fit in a buffer. */
export function setText(sample: Sample, text: string, env: SampleEnv): boolean {
  const area = env.scratch();
  if (text.length > area.length) return false;
  setBytes(sample, T_STR, area, 0, writeLatin1(area, 0, text));
  return true;
}

/** Makes the sample the address a text gives; false when it is none (a unix path, say). */
export function setAddress(sample: Sample, text: string): boolean {
  const bytes = parseIp(text);
  if (bytes === null) return false;
  if (bytes.length === 4) setIpv4(sample, bytes, 0);
  else setBytes(sample, T_IPV6, bytes, 0, 16);
  return true;
}

function setIpv4(sample: Sample, bytes: Uint8Array, at: number): void {
  sample.type = T_IPV4;
  sample.num = (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
}

function keep(): boolean {
  return true;
}

function retype(type: SampleType): Cast {
  return (sample) => {
    sample.type = type;
    return true;
  };
}

function intToBool(sample: Sample): boolean {
  setBoolean(sample, sample.num !== 0);
  return true;
}

function intToIpv4(sample: Sample): boolean {
  sample.type = T_IPV4;
  sample.num = typeof sample.num === "number" ? sample.num >>> 0 : Number(BigInt.asUintN(32, sample.num));
  return true;
}

function intToIpv6(sample: Sample): boolean {
  intToIpv4(sample);
  return ipv4ToIpv6(sample);
}

function intToStr(sample: Sample, env: SampleEnv): boolean {
  return setText(sample, String(sample.num), env);
}

/** Eight bytes, the first the highest. */
function intToBin(sample: Sample, env: SampleEnv): boolean {
  const area = env.scratch();
  let rest = BigInt.asUintN(64, BigInt(sample.num));
  for (let i = 7; i >= 0; i--) {
    area[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  setBytes(sample, T_BIN, area, 0, 8);
  return true;
}

function ipv4Bytes(sample: Sample): Uint8Array<ArrayBuffer> {
  const n = Number(sample.num);
  return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
}

function ipv4ToIpv6(sample: Sample): boolean {
  setBytes(sample, T_IPV6, toIpv6(ipv4Bytes(sample)), 0, 16);
  return true;
}

function ipv4ToBin(sample: Sample): boolean {
  setBytes(sample, T_BIN, ipv4Bytes(sample), 0, 4);
  return true;
}

/** Only IPv4-mapped addresses. */
function ipv6ToIpv4(sample: Sample): boolean {
  if (!isMappedIpv4(sample.bytes, sample.from)) return false;
  setIpv4(sample, sample.bytes, sample.from + 12);
  return true;
}

function ipText(sample: Sample): string {
  if (sample.type === T_IPV6) return formatIp(sample.bytes, sample.from, 16);
  const n = Number(sample.num);
  return `${n >>> 24}.${n >>> 16 & 255}.${n >>> 8 & 255}.${n & 255}`;
}

function ipToStr(sample: Sample, env: SampleEnv): boolean {
  return setText(sample, ipText(sample), env);
}

/** The number the text begins with, 0 without one; an empty text is no number. */
function strToInt(sample: Sample): boolean {
  if (sample.from === sample.to) return false;
  sample.num = leadingInteger(sample.bytes, sample.from, sample.to);
  sample.type = T_SINT;
  return true;
}

function strToBool(sample: Sample): boolean {
  return strToInt(sample) && intToBool(sample);
}

/** Longer texts are no addresses. */
const LONGEST_IP = 46;

function strToAddr(sample: Sample): boolean {
  if (sample.to - sample.from > LONGEST_IP) return false;
  return setAddress(sample, latin1Slice(sample.bytes, sample.from, sample.to));
}

function strToIpv4(sample: Sample): boolean {
  return strToAddr(sample) && (sample.type === T_IPV4 || ipv6ToIpv4(sample));
}

function strToIpv6(sample: Sample): boolean {
  return strToAddr(sample) && (sample.type === T_IPV6 || ipv4ToIpv6(sample));
}

/** Text ends at the first NUL (configuration.txt 7.1.3). */
function endOfText(sample: Sample): number {
  const nul = sample.bytes.indexOf(0, sample.from);
  return nul < 0 || nul > sample.to ? sample.to : nul;
}

function binToStr(sample: Sample): boolean {
  sample.to = endOfText(sample);
  sample.type = T_STR;
  return true;
}

function binToAddr(sample: Sample): boolean {
  const length = sample.to - sample.from;
  if (length === 4) setIpv4(sample, sample.bytes, sample.from);
  else if (length === 16) sample.type = T_IPV6;
  else return false;
  return true;
}

function binToIpv4(sample: Sample): boolean {
  return binToAddr(sample) && (sample.type === T_IPV4 || ipv6ToIpv4(sample));
}

function binToIpv6(sample: Sample): boolean {
  return binToAddr(sample) && (sample.type === T_IPV6 || ipv4ToIpv6(sample));
}

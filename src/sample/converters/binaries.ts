// Numbers in binary data, the highest byte first (configuration.txt 7.3.1).
import { latin1ToBytes } from "../../base/mod.ts";
import { setBytes } from "../casts.ts";
import { type ArgNode, type ConverterEntry, type SampleEnv, T_BIN, T_SINT, T_STR } from "../types.ts";
import { converter } from "./define.ts";
import { HEX_DIGITS } from "./encodings.ts";

/** Bytes of the largest number that be2dec writes. */
const MOST_DECIMAL_BYTES = 8;

function truncateProblem(flag: ArgNode): string | null {
  return flag === null || flag === 0 || flag === 1 ? null : `Unsupported truncate value (${flag})`;
}

export const binaryConverters: readonly ConverterEntry[] = [
  converter({
    name: "be2dec",
    doc: "an unsigned integer for each chunk of bytes, a separator between; with truncate only of whole chunks",
    input: T_BIN,
    out: T_STR,
    args: [
      { type: "str", name: "separator", optional: true },
      { type: "sint", name: "chunk_size", optional: true },
      { type: "sint", name: "truncate", optional: true },
    ],
    validate([, size, truncate]) {
      const bytes = Number(size ?? 0);
      if (bytes < 1 || bytes > MOST_DECIMAL_BYTES) {
        return `chunk_size out of [1..${MOST_DECIMAL_BYTES}] range (${bytes})`;
      }
      return truncateProblem(truncate);
    },
    build([separator, size, truncate], env) {
      const between = String(separator ?? "");
      const chunk = Number(size);
      return (sample) => {
        const { bytes, from } = sample;
        const length = sample.to - from;
        const to = from + (truncate === 1 ? length - length % chunk : length);
        const area = env.scratch();
        let at = 0;
        for (let i = from; i < to; i += chunk) {
          const text = (i === from ? "" : between) + bigEndian(bytes, i, Math.min(i + chunk, to));
          if (at + text.length > area.length) return false;
          for (let j = 0; j < text.length; j++) area[at++] = text.charCodeAt(j);
        }
        setBytes(sample, T_STR, area, 0, at);
        return true;
      };
    },
  }),
  converter({
    name: "be2hex",
    doc: "hexadecimal digits, a separator after each chunk of bytes; with truncate only of whole chunks",
    input: T_BIN,
    out: T_STR,
    args: [
      { type: "str", name: "separator", optional: true },
      { type: "sint", name: "chunk_size", optional: true },
      { type: "sint", name: "truncate", optional: true },
    ],
    validate([separator, size, truncate]) {
      const needed = separator !== null && separator !== "" || size !== null;
      if (needed && Number(size ?? 0) <= 0) return `chunk_size needs to be positive (${size ?? 0})`;
      return truncateProblem(truncate);
    },
    build([separator, size, truncate], env) {
      const between = latin1ToBytes(String(separator ?? ""));
      const chunk = size === null ? Infinity : Number(size);
      return (sample) => {
        const { bytes, from } = sample;
        const length = sample.to - from;
        const to = from + (truncate === 1 && chunk !== Infinity ? length - length % chunk : length);
        const area = env.scratch();
        let at = 0;
        for (let i = from, left = chunk; i < to; i++, left--) {
          if (at + 2 + between.length > area.length) return false;
          if (left === 0) {
            for (let j = 0; j < between.length; j++) area[at++] = between[j];
            left = chunk;
          }
          area[at++] = HEX_DIGITS[bytes[i] >> 4];
          area[at++] = HEX_DIGITS[bytes[i] & 15];
        }
        setBytes(sample, T_STR, area, 0, at);
        return true;
      };
    },
  }),
  converter({
    name: "htonl",
    doc: "the low 32 bits of the integer as four bytes",
    input: T_SINT,
    out: T_BIN,
    build: (_args, env) => (sample) => {
      const value = typeof sample.num === "number" ? sample.num : Number(BigInt.asUintN(32, sample.num));
      setBytes(sample, T_BIN, bytes32(value, env), 0, 4);
      return true;
    },
  }),
];

function bytes32(value: number, env: SampleEnv): Uint8Array<ArrayBuffer> {
  const area = env.scratch();
  // A bitwise operator takes a safe integer modulo 2^32.
  area[0] = value >>> 24;
  area[1] = value >>> 16;
  area[2] = value >>> 8;
  area[3] = value;
  return area;
}

function bigEndian(bytes: Uint8Array, from: number, to: number): string {
  if (to - from <= 6) {
    let value = 0;
    for (let i = from; i < to; i++) value = value * 256 + bytes[i];
    return String(value);
  }
  let value = 0n;
  for (let i = from; i < to; i++) value = value << 8n | BigInt(bytes[i]);
  return String(value);
}

// Converters of strings: case, length, parts, trimming (configuration.txt 7.3.1). They repoint the sample or write to a
// scratch area, never to the bytes they are given.
import { latin1ToBytes, LOWER, UPPER } from "../../base/mod.ts";
import { cast, setBytes, setInteger } from "../casts.ts";
import { type ArgNode, type ConverterEntry, Sample, type SampleEnv, T_BIN, T_SINT, T_STR } from "../types.ts";
import { converter, numberArg } from "./define.ts";

/** Every byte through a table. */
function mapped(name: string, doc: string, table: Uint8Array): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_STR,
    out: T_STR,
    build: (_args, env) => (sample) => {
      const area = env.scratch();
      const length = sample.to - sample.from;
      if (length > area.length) return false;
      for (let i = 0, j = sample.from; i < length; i++, j++) area[i] = table[sample.bytes[j]];
      setBytes(sample, T_STR, area, 0, length);
      return true;
    },
  });
}

/** A table of 256 entries: 1 for each byte of the text. */
function byteSet(text: string): Uint8Array {
  const set = new Uint8Array(256);
  for (let i = 0; i < text.length; i++) set[text.charCodeAt(i)] = 1;
  return set;
}

function validPart([index, delimiters, count]: readonly ArgNode[]): string | null {
  if (index === 0) return "Unexpected value 0 for index";
  if (delimiters === "") return "Empty separators list";
  return typeof count === "number" && count < 0 ? "the count must not be negative" : null;
}

const PART_ARGS = [
  { type: "sint", name: "index" },
  { type: "str", name: "delimiters" },
  { type: "sint", name: "count", optional: true },
] as const;

function partArgs([index, delimiters, count]: readonly ArgNode[]): { index: number; set: Uint8Array; count: number } {
  const most = count === null ? 1 : Number(count);
  return { index: Number(index), set: byteSet(delimiters as string), count: most === 0 ? Infinity : most };
}

/**
 * The range of `count` parts from the `index`th on, counted (and extended) from the end when it is negative. With
 * `skipEmpty` parts without bytes do not count. -1 in `into.from` when there is no such part.
 */
function findParts(
  sample: Sample,
  set: Uint8Array,
  index: number,
  count: number,
  skipEmpty: boolean,
  into: { from: number; to: number },
): void {
  const { bytes, from, to } = sample;
  into.from = -1;
  let seen = 0;
  if (index > 0) {
    for (let at = from; at <= to;) {
      let end = at;
      while (end < to && set[bytes[end]] === 0) end++;
      if (end > at || !skipEmpty) {
        seen++;
        if (seen === index) into.from = at;
        if (seen >= index) {
          into.to = end;
          if (seen - index + 1 >= count) return;
        }
      }
      at = end + 1;
    }
    if (into.from >= 0 && count === Infinity) into.to = to;
    return;
  }
  for (let end = to; end >= from;) {
    let at = end;
    while (at > from && set[bytes[at - 1]] === 0) at--;
    if (end > at || !skipEmpty) {
      seen++;
      if (seen === -index) into.to = end;
      if (seen >= -index) {
        into.from = at;
        if (seen + index + 1 >= count) return;
      }
    }
    end = at - 1;
  }
  if (into.from >= 0 && count === Infinity) into.from = from;
}

function trimmed(name: string, doc: string, atEnd: boolean): ConverterEntry {
  return converter({
    name,
    doc,
    input: T_STR,
    out: T_STR,
    args: [{ type: "str", name: "chars" }],
    build([chars]) {
      const set = byteSet(chars as string);
      return atEnd
        ? (sample) => {
          while (sample.to > sample.from && set[sample.bytes[sample.to - 1]] === 1) sample.to--;
          return true;
        }
        : (sample) => {
          while (sample.from < sample.to && set[sample.bytes[sample.from]] === 1) sample.from++;
          return true;
        };
    },
  });
}

/** Another variable as text, read while the input's bytes stay valid. */
export function variableText(
  name: ArgNode,
  env: SampleEnv,
): (txn: Parameters<ReturnType<ConverterEntry["build"]>>[1]) => Sample | null {
  const { scope, slot } = env.variables.slot(name as string);
  const sample = new Sample();
  return (txn) => txn.vars.get(scope, slot, sample) && cast(sample, T_STR, env) ? sample : null;
}

export const stringConverters: readonly ConverterEntry[] = [
  mapped("lower", "ASCII letters in lower case", LOWER),
  mapped("upper", "ASCII letters in upper case", UPPER),
  converter({
    name: "length",
    doc: "length of the string in bytes",
    input: T_STR,
    out: T_SINT,
    build: () => (sample) => {
      setInteger(sample, sample.to - sample.from);
      return true;
    },
  }),
  converter({
    name: "field",
    doc: "the nth field between delimiters, counted from the end when negative; count fields, 0: all that follow",
    input: T_STR,
    out: T_STR,
    args: PART_ARGS,
    validate: validPart,
    build(args) {
      const { index, set, count } = partArgs(args);
      const found = { from: 0, to: 0 };
      return (sample) => {
        findParts(sample, set, index, count, false, found);
        if (found.from < 0) return false;
        sample.from = found.from;
        sample.to = found.to;
        return true;
      };
    },
  }),
  converter({
    name: "word",
    doc: "the nth word between delimiters, empty ones not counted; an empty string when there is none",
    input: T_STR,
    out: T_STR,
    args: PART_ARGS,
    validate: validPart,
    build(args) {
      const { index, set, count } = partArgs(args);
      const found = { from: 0, to: 0 };
      return (sample) => {
        findParts(sample, set, index, count, true, found);
        sample.from = found.from < 0 ? sample.to : found.from;
        if (found.from >= 0) sample.to = found.to;
        return true;
      };
    },
  }),
  converter({
    name: "bytes",
    doc: "bytes from an offset on, at most a length; an empty sample when the offset is invalid",
    input: T_BIN,
    out: T_BIN,
    args: [{ type: "number", name: "offset" }, { type: "number", name: "length", optional: true }],
    build([offset, length], env) {
      const start = numberArg(offset, env);
      const size = length === null ? null : numberArg(length, env);
      return (sample, txn) => {
        const from = start(txn);
        const wanted = size === null ? Infinity : size(txn);
        const available = sample.to - sample.from;
        if (from === null || wanted === null || from < 0 || wanted < 0 || from >= available) {
          sample.to = sample.from;
          return true;
        }
        sample.from += Number(from);
        sample.to = Math.min(sample.to, sample.from + Number(wanted));
        return true;
      };
    },
  }),
  trimmed("ltrim", "without the given characters at the beginning", false),
  trimmed("rtrim", "without the given characters at the end", true),
  converter({
    name: "concat",
    doc: "followed by a string, a variable and another string",
    input: T_STR,
    out: T_STR,
    args: [
      { type: "str", name: "start", optional: true },
      { type: "var", name: "var", optional: true },
      { type: "str", name: "end", optional: true },
    ],
    build([start, name, end], env) {
      const before = latin1ToBytes((start as string | null) ?? "");
      const after = latin1ToBytes((end as string | null) ?? "");
      const variable = name === null ? null : variableText(name, env);
      return (sample, txn) => {
        const middle = variable === null ? null : variable(txn);
        const area = env.scratch();
        const middleLength = middle === null ? 0 : middle.to - middle.from;
        const length = sample.to - sample.from + before.length + middleLength + after.length;
        if (length > area.length) return false;
        let at = 0;
        for (let i = sample.from; i < sample.to; i++) area[at++] = sample.bytes[i];
        area.set(before, at);
        at += before.length;
        if (middle !== null) { for (let i = middle.from; i < middle.to; i++) area[at++] = middle.bytes[i]; }
        area.set(after, at);
        setBytes(sample, T_STR, area, 0, length);
        return true;
      };
    },
  }),
  converter({
    name: "strcmp",
    doc: "compares with a variable: 0 when equal, else negative or positive as strcmp(3)",
    input: T_STR,
    out: T_SINT,
    args: [{ type: "var", name: "var" }],
    build([name], env) {
      const variable = variableText(name, env);
      return (sample, txn) => {
        const other = variable(txn);
        if (other === null) return false;
        setInteger(sample, compareBytes(sample, other));
        return true;
      };
    },
  }),
];

function compareBytes(a: Sample, b: Sample): number {
  const length = Math.min(a.to - a.from, b.to - b.from);
  for (let i = 0; i < length; i++) {
    const difference = a.bytes[a.from + i] - b.bytes[b.from + i];
    if (difference !== 0) return difference;
  }
  // Of two that begin alike the longer is greater, by 1 as haproxy has it.
  return Math.sign((a.to - a.from) - (b.to - b.from));
}

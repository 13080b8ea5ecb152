// Maps: map, map_<match>, map_<match>_<output> and map_regm (configuration.txt 7.3.1, 2.7). The lines of a map are in the
// model; what its patterns and values may be is checked when the configuration is parsed. Main makes them lists in shared
// memory, where the runtime API and actions change them: a value that has become unusable gives no sample.
import { latin1Slice, parseIp } from "../../base/mod.ts";
import type { ParseContext } from "../../config/mod.ts";
import { setAddress, setBytes, setInteger, setText } from "../casts.ts";
import { parseInteger } from "../integers.ts";
import { patternLines } from "../patterns/files.ts";
import { INPUT_TYPES, keyPattern, PatternKey } from "../patterns/index.ts";
import { RegexIndex } from "../patterns/ordered.ts";
import { expandReferences, replacementProblem } from "../regex/replacement.ts";
import {
  type ArgNode,
  type ConverterEntry,
  type MatchMethod,
  type Sample,
  type SampleEnv,
  type SampleType,
  T_ADDR,
  T_SINT,
  T_STR,
} from "../types.ts";
import { converter } from "./define.ts";

const METHODS: readonly MatchMethod[] = ["str", "beg", "sub", "dir", "dom", "end", "reg", "int", "ip"];

/** What a map gives for the pattern that matched. */
interface Output {
  readonly name: string;
  readonly type: SampleType;
  readonly doc: string;
  /** Whether a value can be given. */
  accepts(value: string): boolean;
  /** Gives a text as the value; false when it cannot be given. */
  write(sample: Sample, value: string, env: SampleEnv): boolean;
  /** Gives the value of an entry. */
  give(sample: Sample, entry: number, env: SampleEnv): boolean;
}

function writeValue(this: Output, sample: Sample, entry: number, env: SampleEnv): boolean {
  const value = env.patterns.value(entry);
  return value !== null && this.write(sample, value, env);
}

const TEXT: Output = {
  name: "",
  type: T_STR,
  doc: "the value in a map",
  accepts: () => true,
  write: setText,
  give(sample, entry, env) {
    const area = env.scratch();
    const length = env.patterns.copyValue(entry, area);
    if (length >= 0) setBytes(sample, T_STR, area, 0, length);
    return length >= 0;
  },
};

const INTEGER: Output = {
  name: "int",
  type: T_SINT,
  doc: "the value in a map, an integer,",
  // A pattern alone stands for zero.
  accepts: (value) => value === "" || parseInteger(value) !== null,
  write(sample, value) {
    const number = value === "" ? 0 : parseInteger(value);
    if (number === null) return false;
    setInteger(sample, number);
    return true;
  },
  give: writeValue,
};

const ADDRESS: Output = {
  name: "ip",
  type: T_ADDR,
  doc: "the value in a map, an address,",
  accepts: (value) => parseIp(value) !== null,
  write: setAddress,
  give: writeValue,
};

const MATCH_DOCS: Readonly<Record<string, string>> = {
  str: "of the input",
  beg: "of the longest pattern that the input begins with",
  sub: "of the first pattern within the input",
  dir: "of the first pattern that is a part between slashes",
  dom: "of the first pattern that is a part between dots",
  end: "of the longest pattern that the input ends with",
  reg: "of the first regex that matches",
  int: "of the first number or range",
  ip: "of the longest network the address is in",
};

/** Why the file of a map is none; null when it is, or may be filled later. */
function fileProblem(name: string, method: MatchMethod, output: Output, context: ParseContext): string | null {
  if (name.startsWith("virt@")) return null;
  const file = context.file(name, true);
  if (typeof file === "string" || file.bytes === null) return null;
  const key = new PatternKey();
  for (const { pattern, value, line } of patternLines(file.bytes, true)) {
    if (!output.accepts(value!)) return `unable to parse '${value}' at line ${line} of file '${name}'`;
    const problem = keyPattern(method, false, pattern, key);
    if (problem !== null) return `${problem} at line ${line} of file '${name}'`;
  }
  return null;
}

type Found = (sample: Sample, entry: number) => boolean;

/** A converter that looks its input up, and does `found` with the entry or else gives the default. */
function lookUp(
  args: readonly ArgNode[],
  env: SampleEnv,
  method: MatchMethod,
  output: Output,
  found: Found,
): ReturnType<ConverterEntry["build"]> {
  const index = env.patterns.named(args[0] as string, true, "map").index(method, false);
  const fallback = args[1] ?? null;
  return (sample) => {
    const entry = index.match(sample);
    if (entry !== 0) return found(sample, entry);
    return fallback !== null && output.write(sample, String(fallback), env);
  };
}

function mapConverter(name: string, method: MatchMethod, output: Output): ConverterEntry {
  return converter({
    name,
    doc: `${output.doc} ${MATCH_DOCS[method]}; else the default`,
    input: INPUT_TYPES[method],
    lookup: method,
    out: output.type,
    args: [
      { type: "map", name: "map_name" },
      { type: output.type === T_SINT ? "sint" : "str", name: "default_value", optional: true },
    ],
    validate([file, fallback], context) {
      if (output.type === T_ADDR && fallback !== null && !output.accepts(String(fallback))) {
        return `map: cannot parse default ip <${fallback}>.`;
      }
      return fileProblem(file as string, method, output, context);
    },
    build: (args, env) => lookUp(args, env, method, output, (sample, entry) => output.give(sample, entry, env)),
  });
}

function keyConverter(method: MatchMethod): ConverterEntry {
  return converter({
    name: `map_${method}_key`,
    doc: `the pattern itself in a map, ${MATCH_DOCS[method]}`,
    input: INPUT_TYPES[method],
    lookup: method,
    out: T_STR,
    args: [{ type: "map", name: "map_name" }],
    validate: ([file], context) => fileProblem(file as string, method, TEXT, context),
    build: (args, env) =>
      lookUp(args, env, method, TEXT, (sample, entry) => {
        const area = env.scratch();
        const length = env.patterns.copyText(entry, area);
        if (length >= 0) setBytes(sample, T_STR, area, 0, length);
        return length >= 0;
      }),
  });
}

const mapRegm = converter({
  name: "map_regm",
  doc: "the value in a map of the first regex that matches, with what its groups matched in place of \\0 to \\9",
  input: T_STR,
  lookup: "reg",
  out: T_STR,
  args: [{ type: "map", name: "map_name" }, { type: "str", name: "default_value", optional: true }],
  validate: ([file], context) => fileProblem(file as string, "reg", TEXT, context),
  build(args, env) {
    const index = env.patterns.named(args[0] as string, true, "map").index("reg", false);
    if (!(index instanceof RegexIndex)) throw new Error("the index of a regex map has no regexes");
    return lookUp(args, env, "reg", TEXT, (sample, entry) => {
      const match = index.found?.match(latin1Slice(sample.bytes, sample.from, sample.to)) ?? null;
      const value = env.patterns.value(entry);
      if (match === null || value === null || replacementProblem(value) !== null) return false;
      return setText(sample, expandReferences(value, match), env);
    });
  },
});

export const mapConverters: readonly ConverterEntry[] = [
  mapConverter("map", "str", TEXT),
  ...METHODS.flatMap((method) => [
    mapConverter(`map_${method}`, method, TEXT),
    mapConverter(`map_${method}_int`, method, INTEGER),
    mapConverter(`map_${method}_ip`, method, ADDRESS),
    keyConverter(method),
  ]),
  mapRegm,
];

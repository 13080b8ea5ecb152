// The converter "debug": tells the operator what an expression has at its place (configuration.txt 7.3.1).
import { latin1Slice } from "../../base/mod.ts";
import { sampleText } from "../casts.ts";
import { type ConverterEntry, type Sample, T_ANY, T_BIN, T_METH, T_SAME, T_STR, TYPE_NAMES } from "../types.ts";
import { converter } from "./define.ts";

const DESCRIPTORS: Readonly<Record<string, 1 | 2>> = { stdout: 1, stderr: 2 };
/** Of a long value so much is shown. */
const SHOWN_BYTES = 1024;

/** One line a character: what cannot be shown is a dot (observed). */
function shown(sample: Sample): string {
  if (sample.type !== T_STR && sample.type !== T_BIN && sample.type !== T_METH) return sampleText(sample);
  const text = latin1Slice(sample.bytes, sample.from, Math.min(sample.to, sample.from + SHOWN_BYTES));
  return text.replace(/[^\x20-\x7e]/g, ".") + (sample.to - sample.from > SHOWN_BYTES ? "..." : "");
}

export const debugConverters: readonly ConverterEntry[] = [
  converter({
    name: "debug",
    doc: "the sample as it is; its type and value are written to standard error or output",
    input: T_ANY,
    out: T_SAME,
    args: [
      { type: "str", name: "prefix", optional: true },
      { type: "str", name: "destination", optional: true },
    ],
    validate([, destination]) {
      if (typeof destination === "string" && Object.hasOwn(DESCRIPTORS, destination)) return null;
      return `'${destination ?? "buf0"}' : rings are not supported yet as destination, only 'stdout' and 'stderr' are`;
    },
    build([prefix, destination], env) {
      const descriptor = DESCRIPTORS[destination as string];
      const before = `[debug] ${prefix ?? ""}: type=`;
      return (sample) => {
        env.debug(descriptor, `${before}${TYPE_NAMES[sample.type]} <${shown(sample)}>`);
        return true;
      };
    },
  }),
];

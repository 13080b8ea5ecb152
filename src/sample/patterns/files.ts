// Names of pattern lists (configuration.txt 2.7) and the lines of their files.
import { latin1Slice } from "../../base/mod.ts";
import type { ParseContext } from "../../config/mod.ts";

/** One line of a pattern file. */
export interface PatternLine {
  readonly pattern: string;
  /** What a map has behind the pattern; null in a list. */
  readonly value: string | null;
  /** From 1. */
  readonly line: number;
}

/**
 * Has the file of a list put into the model. `name` is the list's name (of "virt@" lists with the prefix, and without a
 * file), under which its file, if any, is in `Model.files`. `optional`: there may be none.
 */
export function patternFile(
  text: string,
  context: ParseContext,
): { readonly name: string } | { readonly error: string } {
  if (text.startsWith("virt@")) {
    return text.length > 5 ? { name: text } : { error: "the name of a virtual list is missing" };
  }
  const optional = text.startsWith("opt@");
  const path = optional ? text.slice(4) : text.startsWith("file@") ? text.slice(5) : text;
  if (path === "") return { error: "failed to open pattern file <>" };
  const file = context.file(path, optional);
  return typeof file === "string" ? { error: `failed to open pattern file <${path}> : ${file}` } : { name: file.key };
}

/**
 * The lines of a list: leading blanks are stripped, empty lines and those that begin with "#" are not lines. With `map`
 * the first word is the pattern and the rest, without blanks at its end, the value.
 */
export function* patternLines(bytes: Uint8Array, map: boolean): Generator<PatternLine> {
  let number = 0;
  for (let from = 0; from < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, from);
    const end = newline < 0 ? bytes.length : newline;
    const raw = latin1Slice(bytes, from, end);
    from = end + 1;
    number++;
    if (raw.startsWith("#")) continue;
    const line = raw.replace(/\r$/, "").replace(/^[ \t]+/, "");
    if (line !== "") yield patternLine(line, map, number);
  }
}
const NEWLINE = 10;

/** One line without blanks before it. */
function patternLine(line: string, map: boolean, number: number): PatternLine {
  if (!map) return { pattern: line, value: null, line: number };
  const entry = parseMapLine(line);
  return entry === null ? { pattern: line, value: "", line: number } : { ...entry, line: number };
}

/** The key and the value of a line without blanks before it; null without a value. */
export function parseMapLine(line: string): { readonly pattern: string; readonly value: string } | null {
  const end = line.search(/[ \t]/);
  if (end < 0) return null;
  return { pattern: line.slice(0, end), value: line.slice(end).replace(/^[ \t]+|[ \t]+$/g, "") };
}

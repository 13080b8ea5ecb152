// Names of pattern lists (configuration.txt 2.7) and the lines of their files.
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
export function patternLines(text: string, map: boolean): PatternLine[] {
  const lines: PatternLine[] = [];
  let number = 0;
  for (const raw of text.split("\n")) {
    number++;
    if (raw.startsWith("#")) continue;
    const line = raw.replace(/\r$/, "").replace(/^[ \t]+/, "");
    if (line === "") continue;
    if (!map) {
      lines.push({ pattern: line, value: null, line: number });
      continue;
    }
    const end = line.search(/[ \t]/);
    lines.push(
      end < 0
        ? { pattern: line, value: "", line: number }
        : { pattern: line.slice(0, end), value: line.slice(end).replace(/^[ \t]+|[ \t]+$/g, ""), line: number },
    );
  }
  return lines;
}

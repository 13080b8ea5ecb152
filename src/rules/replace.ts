// Replacing what a regular expression matched (configuration.txt 4.4 "replace-header"): back-references of a backslash
// and a digit in the replacement, "\\" for a backslash, "\xHH" for a byte.
import type { RegexMatch } from "../sample/mod.ts";

/** The replacement with its references filled in from a match. */
export function expandReferences(replacement: string, match: RegexMatch): string {
  if (!replacement.includes("\\")) return replacement;
  return replacement.replace(/\\(?:([0-9])|x([0-9A-Fa-f]{2})|([^]))/g, (_all, digit, hex, other) => {
    if (digit !== undefined) return match.groups[Number(digit)] ?? "";
    return hex !== undefined ? String.fromCharCode(parseInt(hex, 16)) : other;
  });
}

/** Calls `replace` for each value of a comma-separated list, blanks around it aside; quoted commas separate nothing. */
export function mapListValues(list: string, replace: (value: string) => string): string {
  let out = "";
  let from = 0;
  let quoted = false;
  for (let i = 0; i <= list.length; i++) {
    const c = list[i];
    if (c === '"') quoted = !quoted;
    else if (c === "\\" && quoted) i++;
    if (i < list.length && (c !== "," || quoted)) continue;
    const value = list.slice(from, i);
    const start = value.length - value.trimStart().length;
    const end = value.trimEnd().length;
    out += start >= end ? value : value.slice(0, start) + replace(value.slice(start, end)) + value.slice(end);
    if (i < list.length) out += ",";
    from = i + 1;
  }
  return out;
}

// Replacing what a regular expression matched, as sed does (configuration.txt 7.3.1 "regsub", 4.4 "replace-header"): in the
// replacement a backslash and a digit stand for a group, "\xHH" for a byte, a backslash and anything else for that.
import type { Regex, RegexMatch } from "./mod.ts";

/** The replacement with its references filled in from a match; groups that took no part are empty. */
export function expandReferences(replacement: string, match: RegexMatch): string {
  if (!replacement.includes("\\")) return replacement;
  return replacement.replace(/\\(?:([0-9])|x([0-9A-Fa-f]{2})|([^]))/g, (_all, digit, hex, other) => {
    if (digit !== undefined) return match.groups[Number(digit)] ?? "";
    return hex !== undefined ? String.fromCharCode(parseInt(hex, 16)) : other;
  });
}

/** Why a text is no replacement; null when it is one. */
export function replacementProblem(replacement: string): string | null {
  const found = /^(?:[^\\]|\\[^x]|\\x[0-9A-Fa-f]{2})*/.exec(replacement)![0];
  if (found.length === replacement.length) return null;
  return `invalid escape at the end of '${replacement.slice(0, found.length + 2)}' in the replacement`;
}

/** Steps that all searches of one replacement may take: some tens of milliseconds. */
const MOST_STEPS = 4_000_000;

/**
 * The text with its first match replaced, with `all` every one; cut to `most` bytes. Null when that takes too long.
 */
export function replaceMatches(
  regex: Regex,
  text: string,
  replacement: string,
  all: boolean,
  most: number,
): string | null {
  let out = "";
  let from = 0;
  let steps = 0;
  for (let at = 0; at <= text.length && out.length < most;) {
    const match = regex.match(text, at);
    steps += regex.stepsOfMatch(text.length);
    if (steps > MOST_STEPS) return null;
    if (match === null) break;
    out += text.slice(from, match.index) + expandReferences(replacement, match);
    from = match.end;
    if (!all) break;
    at = match.end > match.index ? match.end : match.end + 1;
  }
  return (out + text.slice(from)).slice(0, most);
}

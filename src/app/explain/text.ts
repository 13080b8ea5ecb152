// Byte strings as terminals may show them.
import { fromByteString } from "../../config/mod.ts";

/** A text on one line: control characters as escapes, the rest as UTF-8. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return fromByteString(text).replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, escaped);
}

function escaped(c: string): string {
  if (c === "\t") return "\\t";
  if (c === "\r") return "\\r";
  if (c === "\n") return "\\n";
  return `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** A text in double quotes, on one line. */
export function quoted(text: string): string {
  return `"${printable(text.replace(/[\\"]/g, "\\$&"))}"`;
}

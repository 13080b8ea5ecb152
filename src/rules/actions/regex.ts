// Regular expressions as arguments of actions: checked when the configuration is parsed, compiled in each thread.
import type { Cursor } from "../../config/mod.ts";
import { compileRegex } from "../../sample/mod.ts";
import { takeArgument } from "./arguments.ts";

/** Takes a regular expression; the pattern. */
export function takeRegex(cursor: Cursor): string {
  const at = cursor.at;
  const pattern = takeArgument(cursor, "<match-regex>");
  const regex = compileRegex(pattern, false);
  if (typeof regex === "string") cursor.fail(`${regex}.`, at);
  return pattern;
}

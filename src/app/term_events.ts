// `sluice term_events`: termination events of log lines in words (the decoder that HAProxy ships as a tool of that name).
import { decodeTermEvents } from "../sample/mod.ts";

/** What the command prints, and its exit status; `input`: what it reads without tuples among its words. */
export function runTermEvents(
  words: readonly string[],
  input: () => string,
): { readonly text: string; readonly status: number } {
  const tuples = words.length > 0 ? words : input().match(/\{[^{}]*\}/g) ?? [];
  let text = "";
  let status = 0;
  for (const tuple of tuples) {
    const lines = decodeTermEvents(tuple);
    if (typeof lines === "string") {
      text += `${lines}\n`;
      status = 1;
    } else {
      for (const line of lines) text += `${line}\n`;
    }
  }
  return { text, status };
}

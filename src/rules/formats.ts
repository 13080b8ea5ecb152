// Log-formats as arguments of rules and statements: whatever the manual calls <fmt> (configuration.txt 8.2.6).
import type { Cursor, Location } from "../config/mod.ts";
import { buildLogFormat, parseLogFormat } from "../sample/mod.ts";
import type { FormatStyle, LogFormatNode, SampleEnv, Txn } from "../sample/mod.ts";

/** A text made for a transaction: a compiled log-format, or a constant. Its characters are bytes. */
export interface TextFn {
  text(txn: Txn): string;
}

export type FormatNode = LogFormatNode;

/** Takes a format. `offers`: union of NEEDS; `style`: what becomes of bytes that may not stand where it goes. */
export function takeFormat(cursor: Cursor, what: string, offers: number, style: FormatStyle = "http"): FormatNode {
  const at = cursor.at;
  return parseFormat(cursor, cursor.take(what), offers, at, style);
}

/** As takeFormat(), of a text that was taken from `at`, or is that of a file. */
export function parseFormat(
  cursor: Cursor,
  text: string,
  offers: number,
  at: Location,
  style: FormatStyle = "http",
): FormatNode {
  const node = parseLogFormat(text, cursor.context, { style, offers });
  if (typeof node === "string") cursor.fail(`failed to parse the format '${text}' : ${node}.`, at);
  return node;
}

/** Takes a name or a format that makes one: the text when nothing in it depends on the transaction. */
export function takeName(cursor: Cursor, what: string, offers: number): string | FormatNode {
  const node = takeFormat(cursor, what, offers, "text");
  if (node.items.some((item) => item.kind !== "text")) return node;
  return node.items.map((item) => item.kind === "text" ? item.text : "").join("");
}

export function fixedText(text: string): TextFn {
  return { text: () => text };
}

export function buildFormat(node: FormatNode, env: SampleEnv): TextFn {
  return buildLogFormat(node, env);
}

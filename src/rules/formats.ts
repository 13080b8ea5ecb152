// Log-formats as arguments of rules and statements (configuration.txt 8.2.6).
// PROVISIONAL until sample has log-formats: literal text and %[expressions].
import { bytesToLatin1 } from "../base/mod.ts";
import type { Cursor, Location } from "../config/mod.ts";
import { buildTyped, FOUND, parseExpressionAt, Sample, sampleText, T_STR } from "../sample/mod.ts";
import type { ExprNode, SampleEnv, Txn } from "../sample/mod.ts";

/** A text made for a transaction: a compiled log-format, or a constant. Its characters are bytes. */
export interface TextFn {
  text(txn: Txn): string;
}

export interface FormatNode {
  readonly items: readonly (string | ExprNode)[];
}

export function takeFormat(cursor: Cursor, what: string, offers: number): FormatNode {
  const at = cursor.at;
  return parseFormat(cursor, cursor.take(what), offers, at);
}

export const takeLogFormat = takeFormat;

export function parseFormat(cursor: Cursor, text: string, _offers: number, at: Location): FormatNode {
  const items: (string | ExprNode)[] = [];
  let i = 0;
  while (i < text.length) {
    const next = text.indexOf("%[", i);
    if (next < 0) {
      items.push(text.slice(i));
      break;
    }
    if (next > i) items.push(text.slice(i, next));
    const parsed = parseExpressionAt(text, next + 2, cursor.context);
    if (typeof parsed === "string") cursor.fail(parsed, at);
    items.push(parsed.node);
    i = parsed.end + 1;
  }
  return { items };
}

export function formatOrText(cursor: Cursor, what: string, offers: number): string | FormatNode {
  return cursor.peek()?.includes("%") ? takeFormat(cursor, what, offers) : cursor.take(what);
}

export function fixedText(text: string): TextFn {
  return { text: () => text };
}

export function buildFormat(node: FormatNode, env: SampleEnv): TextFn {
  const parts = node.items.map((item) => {
    if (typeof item === "string") return () => item;
    const fn = buildTyped(item, env, T_STR);
    const sample = new Sample();
    return (txn: Txn) => fn(txn, sample) === FOUND ? sampleText(sample) : "";
  });
  void bytesToLatin1;
  return { text: (txn) => parts.map((part) => part(txn)).join("") };
}

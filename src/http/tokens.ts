// Character classes of HTTP (RFC 9110 5.6, RFC 9112 2.2 and 3.2, RFC 3986), as tables of 256 entries.
import { LOWER } from "../base/mod.ts";

const TCHAR = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The lower-case form of each byte a token may hold (RFC 9110 5.6.2), 0 for every other byte. */
export const TOKEN_LOWER: Uint8Array<ArrayBuffer> = /* @__PURE__ */ table((b) =>
  TCHAR.includes(String.fromCharCode(b)) ? LOWER[b] : 0
);

/** 1 for bytes that no field value may hold, as they end a line or a string: NUL, LF, CR. */
export const VALUE_BREAK: Uint8Array<ArrayBuffer> = /* @__PURE__ */ table((b) =>
  b === 0 || b === 10 || b === 13 ? 1 : 0
);

/** 1 for bytes that a request target may hold: visible ASCII, but no fragment mark. */
export const TARGET_STRICT: Uint8Array<ArrayBuffer> = /* @__PURE__ */ table((b) =>
  b > 32 && b < 127 && b !== 35 ? 1 : 0
);

/** As TARGET_STRICT, with the fragment mark and bytes above 127 (`option accept-unsafe-violations-in-http-request`). */
export const TARGET_RELAXED: Uint8Array<ArrayBuffer> = /* @__PURE__ */ table((b) => b > 32 && b !== 127 ? 1 : 0);

/** Space and horizontal tab. */
export const SPACE = 32;
export const TAB = 9;

function table(value: (byte: number) => number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(256);
  for (let b = 0; b < 256; b++) result[b] = value(b);
  return result;
}

/** Whether [from, to) is a token: one tchar at least. */
export function isToken(bytes: Uint8Array, from: number, to: number): boolean {
  if (from >= to) return false;
  for (let i = from; i < to; i++) if (TOKEN_LOWER[bytes[i]] === 0) return false;
  return true;
}

/** Whether a text is a token of one character at least. */
export function isTokenText(text: string): boolean {
  if (text === "") return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 255 || TOKEN_LOWER[c] === 0) return false;
  }
  return true;
}

/** Whether [from, to) may be a field value: no NUL, LF, CR. */
export function isFieldValue(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (VALUE_BREAK[bytes[i]] !== 0) return false;
  return true;
}

/** Whether a Latin-1 text may be a field value. */
export function isFieldValueText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 255 || VALUE_BREAK[c] !== 0) return false;
  }
  return true;
}

/** The first position in [from, to) that holds neither space nor tab, or `to`. */
export function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && (bytes[i] === SPACE || bytes[i] === TAB)) i++;
  return i;
}

/** The end of [from, to) without the spaces and tabs at its end. */
export function trimBlanks(bytes: Uint8Array, from: number, to: number): number {
  let i = to;
  while (i > from && (bytes[i - 1] === SPACE || bytes[i - 1] === TAB)) i--;
  return i;
}

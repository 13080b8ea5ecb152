// ASCII over byte ranges [from, to): case, numbers, searching, and Latin-1 text in and out.
//
// All tables have 256 entries, so an index that is a byte needs no bounds check. Nothing here allocates except what
// returns a string or fresh bytes.

/** Each byte with A-Z made a-z. */
export const LOWER: Uint8Array<ArrayBuffer> = /* @__PURE__ */ makeTable((b) => b >= 65 && b <= 90 ? b + 32 : b);

/** Each byte with a-z made A-Z. */
export const UPPER: Uint8Array<ArrayBuffer> = /* @__PURE__ */ makeTable((b) => b >= 97 && b <= 122 ? b - 32 : b);

/** The value of each hexadecimal digit, NOT_HEX for every other byte. */
export const HEX_VALUE: Uint8Array<ArrayBuffer> = /* @__PURE__ */ makeTable(hexValue);

/** HEX_VALUE of what is no hexadecimal digit. */
export const NOT_HEX = 255;

function makeTable(value: (byte: number) => number): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(256);
  for (let b = 0; b < 256; b++) table[b] = value(b);
  return table;
}

function hexValue(b: number): number {
  if (b >= 48 && b <= 57) return b - 48;
  if (b >= 65 && b <= 70) return b - 55;
  if (b >= 97 && b <= 102) return b - 87;
  return 255;
}

/** Whether two ranges hold the same bytes. */
export function bytesEqual(a: Uint8Array, aFrom: number, aTo: number, b: Uint8Array, bFrom: number, bTo: number) {
  if (aTo - aFrom !== bTo - bFrom) return false;
  for (let i = aFrom, j = bFrom; i < aTo; i++, j++) if (a[i] !== b[j]) return false;
  return true;
}

/** As bytesEqual(), ASCII letters of either case being the same. */
export function bytesEqualIgnoreCase(
  a: Uint8Array,
  aFrom: number,
  aTo: number,
  b: Uint8Array,
  bFrom: number,
  bTo: number,
): boolean {
  if (aTo - aFrom !== bTo - bFrom) return false;
  for (let i = aFrom, j = bFrom; i < aTo; i++, j++) if (LOWER[a[i]] !== LOWER[b[j]]) return false;
  return true;
}

/** Whether a range holds this text, ASCII letters of either case being the same. `lower` must be in lower case. */
export function bytesAreText(a: Uint8Array, from: number, to: number, lower: string): boolean {
  if (to - from !== lower.length) return false;
  for (let i = 0; i < lower.length; i++) if (LOWER[a[from + i]] !== lower.charCodeAt(i)) return false;
  return true;
}

/** The position of a byte in [from, to), or -1. */
export function indexOfByte(bytes: Uint8Array, byte: number, from: number, to: number): number {
  for (let i = from; i < to; i++) if (bytes[i] === byte) return i;
  return -1;
}

/** The position of the CR of the first CR LF that lies whole in [from, to), or -1. */
export function indexOfCrlf(bytes: Uint8Array, from: number, to: number): number {
  const last = to - 1;
  for (let i = from; i < last; i++) if (bytes[i] === 13 && bytes[i + 1] === 10) return i;
  return -1;
}

/** The decimal number a range holds: digits only, at least one, at most 2^53 - 1; else -1. */
export function parseDecimal(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return -1;
  }
  return value;
}

/** Writes a non-negative integer in decimal at `at`; returns the position behind it. */
export function writeDecimal(bytes: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    const tens = Math.floor(rest / 10);
    bytes[i] = 48 + (rest - tens * 10);
    rest = tens;
  }
  return end;
}

/** Writes a Latin-1 text at `at` (characters above U+00FF keep their low byte); returns the position behind it. */
export function writeLatin1(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** The bytes of a Latin-1 text. */
export function latin1ToBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  writeLatin1(bytes, 0, text);
  return bytes;
}

/** The Latin-1 text of a range, for cold paths: runtime.ts has the fast one. */
export function bytesToLatin1(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

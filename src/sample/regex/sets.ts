// Named sets of bytes of regular expressions: \d \w \s \h \v, POSIX classes; in the C locale, as PCRE has them.
import type { ByteSet } from "./ast.ts";

export function setOf(test: (byte: number) => boolean): ByteSet {
  const set = new Uint8Array(256);
  for (let b = 0; b < 256; b++) set[b] = test(b) ? 1 : 0;
  return set;
}

export function complementOf(set: ByteSet): ByteSet {
  return setOf((b) => set[b] === 0);
}

/** Both cases of every ASCII letter in the set. */
export function foldedSet(set: ByteSet): ByteSet {
  return setOf((b) => set[b] === 1 || (isAlpha(b) && set[b ^ 32] === 1));
}

const isDigit = (b: number) => b >= 48 && b <= 57;
const isUpper = (b: number) => b >= 65 && b <= 90;
const isLower = (b: number) => b >= 97 && b <= 122;
const isAlpha = (b: number) => isUpper(b) || isLower(b);
const isAlnum = (b: number) => isAlpha(b) || isDigit(b);
const isSpace = (b: number) => b === 32 || (b >= 9 && b <= 13);
const isGraph = (b: number) => b > 32 && b < 127;
export const isWord = (b: number) => isAlnum(b) || b === 95;

export const NOT_NEWLINE: ByteSet = setOf((b) => b !== 10);
export const ALL: ByteSet = setOf(() => true);
const NEWLINES: ByteSet = setOf((b) => (b >= 10 && b <= 13) || b === 0x85);

/** By the letter behind the backslash; the capital is the complement. */
export const CLASS_ESCAPES: Readonly<Record<string, ByteSet>> = {
  d: setOf(isDigit),
  w: setOf(isWord),
  s: setOf(isSpace),
  h: setOf((b) => b === 9 || b === 32 || b === 0xa0),
  v: NEWLINES,
};

export const POSIX_CLASSES: Readonly<Record<string, ByteSet>> = {
  alnum: setOf(isAlnum),
  alpha: setOf(isAlpha),
  ascii: setOf((b) => b < 128),
  blank: setOf((b) => b === 9 || b === 32),
  cntrl: setOf((b) => b < 32 || b === 127),
  digit: setOf(isDigit),
  graph: setOf(isGraph),
  lower: setOf(isLower),
  print: setOf((b) => b >= 32 && b < 127),
  punct: setOf((b) => isGraph(b) && !isAlnum(b)),
  space: setOf(isSpace),
  upper: setOf(isUpper),
  word: setOf(isWord),
  xdigit: setOf((b) => isDigit(b) || (b >= 65 && b <= 70) || (b >= 97 && b <= 102)),
};

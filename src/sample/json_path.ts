// Finding one value in a JSON text by a path, "$.a.b[2]" (configuration.txt 7.3.1 "json_query").
//
// The text is walked only as far as the value, so a body that is cut behind it, or is wrong there, still gives it.
// Invariants: recursion only for wildcards of the path; containers within containers are bounded by MOST_DEPTH; every read
// is within the range.

/** Containers a value may lie in, and that may lie in what is skipped. */
const MOST_DEPTH = 20;

/** A step into an object (its key as it is written in the text), or into an array; ANY_INDEX: the first that leads on. */
type PathStep = Uint8Array | number;
const ANY_INDEX = -1;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * The steps of a path; null for what leads nowhere. A backslash takes the character behind it as part of a name. The
 * number of an index is what it begins with, 0 without one.
 */
export function parseJsonPath(path: string): readonly PathStep[] | null {
  if (!path.startsWith("$")) return null;
  const steps: PathStep[] = [];
  let at = 1;
  while (at < path.length) {
    const index = /^\[(?:(\*)|([+-]?[0-9]*))[^\]]*\]?/.exec(path.slice(at));
    const name = /^\.((?:\\.|[^.[\\])*)/s.exec(path.slice(at));
    if (index !== null) {
      const number = Number(index[2] || 0);
      if (Number.isNaN(number) || number < 0) return null;
      steps.push(index[1] === "*" ? ANY_INDEX : number);
      at += index[0].length;
    } else if (name !== null) {
      const key = name[1].replace(/\\(.)/gs, "$1");
      steps.push(Uint8Array.from(key, (c) => c.charCodeAt(0)));
      at += name[0].length;
    } else {
      return null;
    }
  }
  return steps.length > MOST_DEPTH ? null : steps;
}

/** Where the value that the path leads to begins; -1 when there is none. */
export function findJson(bytes: Uint8Array, from: number, to: number, path: readonly PathStep[]): number {
  return follow(bytes, skipBlanks(bytes, from, to), to, path, 0);
}

function follow(bytes: Uint8Array, from: number, to: number, path: readonly PathStep[], first: number): number {
  let at = from;
  for (let i = first; i < path.length; i++) {
    const step = path[i];
    if (step === ANY_INDEX) return followAny(bytes, at, to, path, i + 1);
    at = typeof step === "number" ? element(bytes, at, to, step) : member(bytes, at, to, step);
    if (at < 0) return -1;
  }
  return at < to ? at : -1;
}

/** Calls itself at most once for each wildcard of the path. */
function followAny(bytes: Uint8Array, from: number, to: number, path: readonly PathStep[], next: number): number {
  for (let at = firstElement(bytes, from, to); at >= 0; at = nextElement(bytes, at, to)) {
    const found = follow(bytes, at, to, path, next);
    if (found >= 0) return found;
  }
  return -1;
}

function element(bytes: Uint8Array, from: number, to: number, index: number): number {
  let at = firstElement(bytes, from, to);
  for (let i = 0; i < index && at >= 0; i++) at = nextElement(bytes, at, to);
  return at;
}

function firstElement(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== OPEN_BRACKET || from >= to) return -1;
  const at = skipBlanks(bytes, from + 1, to);
  return at < to && bytes[at] !== CLOSE_BRACKET ? at : -1;
}

function nextElement(bytes: Uint8Array, value: number, to: number): number {
  const end = jsonValueEnd(bytes, value, to);
  if (end < 0) return -1;
  const comma = skipBlanks(bytes, end, to);
  return bytes[comma] === COMMA && comma < to ? skipBlanks(bytes, comma + 1, to) : -1;
}

/** The value of the first member with that key. */
function member(bytes: Uint8Array, from: number, to: number, key: Uint8Array): number {
  if (bytes[from] !== OPEN_BRACE || from >= to) return -1;
  for (let at = skipBlanks(bytes, from + 1, to); at < to && bytes[at] === QUOTE;) {
    const keyEnd = jsonValueEnd(bytes, at, to);
    if (keyEnd < 0) return -1;
    const colon = skipBlanks(bytes, keyEnd, to);
    if (bytes[colon] !== COLON || colon >= to) return -1;
    const value = skipBlanks(bytes, colon + 1, to);
    if (sameBytes(bytes, at + 1, keyEnd - 1, key)) return value;
    at = nextElement(bytes, value, to);
    if (at < 0) return -1;
  }
  return -1;
}

function sameBytes(bytes: Uint8Array, from: number, to: number, other: Uint8Array): boolean {
  if (to - from !== other.length) return false;
  for (let i = 0; i < other.length; i++) if (bytes[from + i] !== other[i]) return false;
  return true;
}

function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && (bytes[i] === 32 || (bytes[i] >= 9 && bytes[i] <= 13 && bytes[i] !== 11 && bytes[i] !== 12))) i++;
  return i;
}

/** Where the value that begins at `from` ends; -1 when it is none, is not complete, or is nested too deeply. */
export function jsonValueEnd(bytes: Uint8Array, from: number, to: number): number {
  let depth = 0;
  // A bit for each open container: 1 for an object; the last one lowest.
  let objects = 0;
  // What may come: a value; or, behind a value, a comma or the end of its container.
  let wantsValue = true;
  for (let at = from;;) {
    at = skipBlanks(bytes, at, to);
    if (at >= to) return -1;
    const b = bytes[at];
    if (b === OPEN_BRACE || b === OPEN_BRACKET) {
      if (!wantsValue || ++depth > MOST_DEPTH) return -1;
      objects = objects << 1 | (b === OPEN_BRACE ? 1 : 0);
      at++;
      continue;
    }
    if (b === CLOSE_BRACE || b === CLOSE_BRACKET) {
      // Also behind the opening, and, as in HAProxy, behind a comma.
      if (--depth < 0 || (objects & 1) !== (b === CLOSE_BRACE ? 1 : 0)) return -1;
      objects >>= 1;
      at++;
      wantsValue = false;
    } else if (b === COMMA || b === COLON) {
      if (wantsValue || depth === 0) return -1;
      at++;
      wantsValue = true;
      continue;
    } else {
      if (!wantsValue) return -1;
      at = scalarEnd(bytes, at, to);
      if (at < 0) return -1;
      wantsValue = false;
    }
    if (depth === 0) return at;
  }
}

const TRUE = Uint8Array.from("true", (c) => c.charCodeAt(0));
const FALSE = Uint8Array.from("false", (c) => c.charCodeAt(0));
const NULL = Uint8Array.from("null", (c) => c.charCodeAt(0));

export const JSON_NONE = 0;
export const JSON_STRING = 1;
export const JSON_NUMBER = 2;
export const JSON_TRUE = 3;
export const JSON_FALSE = 4;
export const JSON_NULL = 5;
export const JSON_ARRAY = 6;
export const JSON_OBJECT = 7;

/** What kind of value begins at `at`; JSON_NONE when none does. */
export function jsonKind(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return JSON_NONE;
  const b = bytes[at];
  switch (b) {
    case QUOTE:
      return JSON_STRING;
    case OPEN_BRACKET:
      return JSON_ARRAY;
    case OPEN_BRACE:
      return JSON_OBJECT;
  }
  if (b === 45 || (b >= 48 && b <= 57)) return JSON_NUMBER;
  if (at + 4 <= to && sameBytes(bytes, at, at + 4, TRUE)) return JSON_TRUE;
  if (at + 5 <= to && sameBytes(bytes, at, at + 5, FALSE)) return JSON_FALSE;
  return at + 4 <= to && sameBytes(bytes, at, at + 4, NULL) ? JSON_NULL : JSON_NONE;
}

function scalarEnd(bytes: Uint8Array, from: number, to: number): number {
  switch (jsonKind(bytes, from, to)) {
    case JSON_STRING:
      for (let i = from + 1; i < to; i++) {
        if (bytes[i] === BACKSLASH) i++;
        else if (bytes[i] === QUOTE) return i + 1;
      }
      return -1;
    case JSON_NUMBER: {
      let i = from + 1;
      while (i < to && isNumberByte(bytes[i])) i++;
      return i;
    }
    case JSON_FALSE:
      return from + 5;
    case JSON_TRUE:
    case JSON_NULL:
      return from + 4;
    default:
      return -1;
  }
}

/** Digits, signs, "." and "e". */
function isNumberByte(b: number): boolean {
  return (b >= 48 && b <= 57) || b === 43 || b === 45 || b === 46 || (b | 32) === 101;
}

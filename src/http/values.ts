// Values of fields that are lists (RFC 9110 5.6.1): the parts between commas that no quotes hold.
//
// As in HAProxy (configuration.txt, req.hdr): every comma outside of quotes ends a part, parts may be empty, blanks
// around a part are no part of it, and the parts of all fields of the same name are counted through.
import type { Message } from "./message.ts";
import type { HeaderName } from "./names.ts";
import { skipBlanks, trimBlanks } from "./tokens.ts";

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;

/** The first comma in [from, to) that no quotes hold, or `to`. An open quote holds all that follows. */
export function listPartEnd(bytes: Uint8Array, from: number, to: number): number {
  return delimiterOutsideQuotes(bytes, from, to, COMMA, COMMA);
}

/** The first `a` or `b` in [from, to) that no quotes hold, or `to`; a backslash in quotes hides the byte behind it. */
export function delimiterOutsideQuotes(bytes: Uint8Array, from: number, to: number, a: number, b: number): number {
  let quoted = false;
  for (let i = from; i < to; i++) {
    const c = bytes[i];
    if (quoted) {
      if (c === BACKSLASH) i++;
      else if (c === QUOTE) quoted = false;
    } else if (c === QUOTE) quoted = true;
    else if (c === a || c === b) return i;
  }
  return to;
}

/** A place in the values of a field name; reused by its owner. */
export class ValueCursor {
  /** The row of the current part; -1 before the first. */
  row = -1;
  /** The part: `message.bytes[from, to)`. */
  from = 0;
  to = 0;
  /** Where the next part of the row begins; -1 when the current one was its last. */
  next = -1;

  reset(): void {
    this.row = -1;
    this.from = 0;
    this.to = 0;
    this.next = -1;
  }
}

/** Moves to the next part of the fields with this name (null: of all fields); false when there is none. */
export function nextValue(m: Message, name: HeaderName | null, cursor: ValueCursor): boolean {
  let at = cursor.next;
  if (at < 0) {
    const row = name === null ? m.next(cursor.row + 1) : m.findName(name, cursor.row + 1);
    if (row < 0) return false;
    cursor.row = row;
    at = m.valueFrom(row);
  }
  const end = m.valueTo(cursor.row);
  const stop = listPartEnd(m.bytes, at, end);
  cursor.from = skipBlanks(m.bytes, at, stop);
  cursor.to = trimBlanks(m.bytes, cursor.from, stop);
  cursor.next = stop < end ? stop + 1 : -1;
  return true;
}

/** How many parts the fields with this name (null: all fields) have. */
export function countValues(m: Message, name: HeaderName | null, cursor: ValueCursor): number {
  let n = 0;
  cursor.reset();
  while (nextValue(m, name, cursor)) n++;
  return n;
}

/** Moves to part `n`: from 1 on from the first, from -1 down from the last; false when there is none. */
export function nthValue(m: Message, name: HeaderName | null, n: number, cursor: ValueCursor): boolean {
  const wanted = n < 0 ? countValues(m, name, cursor) + n + 1 : n;
  if (wanted <= 0) return false;
  cursor.reset();
  for (let i = 0; i < wanted; i++) if (!nextValue(m, name, cursor)) return false;
  return true;
}

/** The row of field `n` with this name (null: of all fields), whole lines counted as nthValue() counts parts; or -1. */
export function nthField(m: Message, name: HeaderName | null, n: number): number {
  const wanted = n < 0 ? countFields(m, name) + n + 1 : n;
  if (wanted <= 0) return -1;
  let row = -1;
  for (let i = 0; i < wanted; i++) {
    row = name === null ? m.next(row + 1) : m.findName(name, row + 1);
    if (row < 0) return -1;
  }
  return row;
}

/** How many fields have this name (null: how many there are). */
export function countFields(m: Message, name: HeaderName | null): number {
  let n = 0;
  let row = -1;
  for (;;) {
    row = name === null ? m.next(row + 1) : m.findName(name, row + 1);
    if (row < 0) return n;
    n++;
  }
}

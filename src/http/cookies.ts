// Cookies in Cookie and Set-Cookie fields (RFC 6265 4), read as leniently as HAProxy reads them: name and value without
// the blanks around them, case-sensitive names, a value with the quotes it came in, no cookie without "=".
import type { Message } from "./message.ts";
import { H_COOKIE, H_SET_COOKIE } from "./names.ts";
import { skipBlanks, trimBlanks } from "./tokens.ts";
import { delimiterOutsideQuotes, listPartEnd } from "./values.ts";

const COMMA = 44;
const SEMICOLON = 59;
const EQUALS = 61;

/** A place among the cookies of a message; reused by its owner. */
export class CookieCursor {
  row = -1;
  nameFrom = 0;
  nameTo = 0;
  valueFrom = 0;
  valueTo = 0;
  /** Where to look for the next one; -1: in the next row. */
  next = -1;

  reset(): void {
    this.row = -1;
    this.nameFrom = 0;
    this.nameTo = 0;
    this.valueFrom = 0;
    this.valueTo = 0;
    this.next = -1;
  }
}

/** Moves to the next cookie of the Cookie fields; false when there is none. */
export function nextCookie(m: Message, cursor: CookieCursor): boolean {
  return nextOf(m, H_COOKIE, cursor);
}

/** Moves to the next cookie of the Set-Cookie fields; attributes are no cookies. False when there is none. */
export function nextSetCookie(m: Message, cursor: CookieCursor): boolean {
  return nextOf(m, H_SET_COOKIE, cursor);
}

function nextOf(m: Message, id: number, cursor: CookieCursor): boolean {
  const b = m.bytes;
  for (;;) {
    let at = cursor.next;
    if (at < 0) {
      const row = m.find(id, cursor.row + 1);
      if (row < 0) return false;
      cursor.row = row;
      at = m.valueFrom(row);
    }
    const end = m.valueTo(cursor.row);
    const stop = delimiterOutsideQuotes(b, at, end, SEMICOLON, COMMA);
    // A response sets one cookie a field, or several between commas: what follows a semicolon is attributes.
    const next = id === H_COOKIE ? stop : listPartEnd(b, stop, end);
    cursor.next = next < end ? next + 1 : -1;
    let equals = at;
    while (equals < stop && b[equals] !== EQUALS) equals++;
    if (equals === stop) continue;
    cursor.nameFrom = skipBlanks(b, at, equals);
    cursor.nameTo = trimBlanks(b, cursor.nameFrom, equals);
    cursor.valueFrom = skipBlanks(b, equals + 1, stop);
    cursor.valueTo = trimBlanks(b, cursor.valueFrom, stop);
    return true;
  }
}

/** Whether the cursor's cookie has this name. */
export function cookieIs(m: Message, cursor: CookieCursor, name: Uint8Array): boolean {
  const from = cursor.nameFrom;
  if (cursor.nameTo - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (m.bytes[from + i] !== name[i]) return false;
  return true;
}

// Walks the values of a header: whole ones, or the parts of comma-separated lists (RFC 9110 5.6.1; a comma within double
// quotes separates nothing). An empty part counts.
import type { HeaderName, Message } from "../../http/mod.ts";
import { skipBlanks, trimBlanks } from "../../http/mod.ts";

const COMMA = 44;
const QUOTE = 34;
const BACKSLASH = 92;

/** Farthest occurrence counted from the end. */
export const FARTHEST = 10;

export class HeaderValues {
  /** The value found: `message.bytes[from, to)`. */
  from = 0;
  to = 0;
  readonly #name: HeaderName | null;
  readonly #whole: boolean;
  #message!: Message;
  #row = -1;
  /** Where the rest of the row's list begins; -1: take the next row. */
  #rest = -1;
  readonly #last = new Int32Array(FARTHEST * 2);

  /** `name` null: every header. `whole`: values are not split at commas. */
  constructor(name: HeaderName | null, whole: boolean) {
    this.#name = name;
    this.#whole = whole;
  }

  begin(message: Message): void {
    this.#message = message;
    this.#row = -1;
    this.#rest = -1;
  }

  /** Moves to the next value; false when there is none. */
  next(): boolean {
    const message = this.#message;
    if (this.#rest < 0) {
      this.#row = this.#name === null ? message.next(this.#row + 1) : message.findName(this.#name, this.#row + 1);
      if (this.#row < 0) return false;
      this.#rest = message.valueFrom(this.#row);
    }
    const end = message.valueTo(this.#row);
    if (this.#whole) {
      this.from = this.#rest;
      this.to = end;
      this.#rest = -1;
      return true;
    }
    const { bytes } = message;
    const comma = listEnd(bytes, this.#rest, end);
    this.from = skipBlanks(bytes, this.#rest, comma);
    this.to = trimBlanks(bytes, this.from, comma);
    this.#rest = comma < end ? comma + 1 : -1;
    return true;
  }

  /** Moves to an occurrence: 1 is the first, -1 the last (down to -FARTHEST); false when there is none. */
  seek(message: Message, occurrence: number): boolean {
    this.begin(message);
    if (occurrence > 0) {
      for (let i = 0; i < occurrence; i++) if (!this.next()) return false;
      return true;
    }
    let count = 0;
    const last = this.#last;
    while (this.next()) {
      const slot = (count % FARTHEST) * 2;
      last[slot] = this.from;
      last[slot + 1] = this.to;
      count++;
    }
    const wanted = count + occurrence;
    if (wanted < 0 || occurrence === 0) return false;
    this.from = last[(wanted % FARTHEST) * 2];
    this.to = last[(wanted % FARTHEST) * 2 + 1];
    return true;
  }

  count(message: Message): number {
    this.begin(message);
    let n = 0;
    while (this.next()) n++;
    return n;
  }
}

/** The position of the comma that ends the first part of a list, or `to`. */
function listEnd(bytes: Uint8Array, from: number, to: number): number {
  let quoted = false;
  for (let i = from; i < to; i++) {
    const b = bytes[i];
    if (quoted) {
      if (b === BACKSLASH) i++;
      else if (b === QUOTE) quoted = false;
    } else if (b === COMMA) {
      return i;
    } else if (b === QUOTE) {
      quoted = true;
    }
  }
  return to;
}

// Parameters of a query string, or of what stands for one (configuration.txt, url_param), as they came: not decoded.

const AMPERSAND = 38;
const SEMICOLON = 59;
const EQUALS = 61;

/** A place among the parameters in a range; reused by its owner. */
export class ParamCursor {
  nameFrom = 0;
  nameTo = 0;
  valueFrom = 0;
  valueTo = 0;
  /** Where the next parameter begins. */
  next = 0;

  /** Puts the cursor before the first parameter of a range that begins at `from`, behind its delimiter. */
  start(from: number): void {
    this.nameFrom = this.nameTo = from;
    this.valueFrom = this.valueTo = from;
    this.next = from;
  }
}

/**
 * Moves to the next parameter that has a "=" before `to`; false when there is none. Parameters end at "&", ";" and at
 * `delimiter`, the byte that the range itself follows (63, a question mark, in a query).
 */
export function nextParam(bytes: Uint8Array, to: number, delimiter: number, cursor: ParamCursor): boolean {
  let at = cursor.next;
  while (at < to) {
    let stop = at;
    let equals = -1;
    for (; stop < to; stop++) {
      const c = bytes[stop];
      if (c === AMPERSAND || c === SEMICOLON || c === delimiter) break;
      if (c === EQUALS && equals < 0) equals = stop;
    }
    if (equals >= 0) {
      cursor.nameFrom = at;
      cursor.nameTo = equals;
      cursor.valueFrom = equals + 1;
      cursor.valueTo = stop;
      cursor.next = stop + 1;
      return true;
    }
    at = stop + 1;
  }
  cursor.next = at;
  return false;
}

// The parser of HTTP/1 heads (RFC 9112 2 to 5): from bytes to a Message.
//
// It copies what came into the message's block and works there: names become lower case, folds become spaces, the
// Connection field loses what concerns this connection only. The receive buffer is left as the peer sent it.
//
// Invariants:
// - A position in the message's block is the distance from the beginning of the head in the receive buffer.
// - A LF stands behind the last byte copied, so that no loop needs a bounds test: every class of bytes ends at LF, and
//   one found at `end` means "more bytes wanted".
// - A line is parsed when its end is there; each byte is looked at twice at most, however the bytes arrive.
import {
  F_LINE,
  headerIdOfView,
  LAST_FRAMING_NAME,
  M_GET,
  M_OTHER,
  type Message,
  methodOf,
  ROW_FLAGS,
  ROW_NAME,
  ROW_NAME_END,
  ROW_STRIDE,
  ROW_VALUE,
  ROW_VALUE_END,
  skipBlanks,
  TARGET_RELAXED,
  TARGET_STRICT,
  TOKEN_LOWER,
  trimBlanks,
  VALUE_BREAK,
} from "../../http/mod.ts";
import {
  H1_BAD_NAME,
  H1_BAD_START_LINE,
  H1_BAD_STATUS,
  H1_BAD_TARGET,
  H1_BAD_VALUE,
  H1_BAD_VERSION,
  H1_TOO_LONG,
  H1_TOO_MANY_FIELDS,
} from "./errors.ts";
import { Framing } from "./framing.ts";
import { parseVersion, VERSION_RELAXED } from "./version.ts";

const HT = 9;
const LF = 10;
const CR = 13;
const SP = 32;
const COLON = 58;
// "GET ", "HTTP", "/1.1" as little-endian words.
const GET_SP = 0x20544547;
const HTTP = 0x50545448;
const SLASH_1_1 = 0x312e312f;

/** Bytes copied before the parser looks whether the head ends in them: bodies behind short heads are not copied. */
const STEP = 2048;

/** Bytes of the block behind the head: the LF that ends every loop, and what reading four bytes at a time reads over. */
const MARGIN = 8;

const PHASE_START = 0;
const PHASE_FIELDS = 1;
/** The head has no fields. */
const PHASE_END = 2;

const MODE_REQUEST = 0;
const MODE_RESPONSE = 1;
const MODE_TRAILERS = 2;

/** Parses the heads of one connection, one after the other. */
export class H1Parser {
  /** `option accept-unsafe-violations-in-http-request` (or -response). */
  relaxed = false;
  /** `tune.http.maxhdr`: most lines of a head, the first included. */
  maxLines = 101;
  /** Where the last refused head is wrong, as a distance from its first byte. */
  errorAt = 0;
  /** Where the last accepted head breaks a rule that `relaxed` lifts; -1 when nowhere. */
  violationAt = -1;

  #phase = PHASE_START;
  /** Bytes in the message's block. */
  #copied = 0;
  /** Where the line begins that is not parsed yet. */
  #line = 0;
  /** No LF lies in [#line, #scanned). */
  #scanned = 0;
  /** Whether the request of the response in hand asked for an upgrade. */
  #upgradeAsked = false;
  readonly #framing = new Framing();

  /** `h1-accept-payload-with-any-method` (configuration.txt 3.1). */
  set acceptAnyPayload(on: boolean) {
    this.#framing.acceptAnyPayload = on;
  }

  /** False with `h1-do-not-close-on-insecure-transfer-encoding` (configuration.txt 3.1). */
  set closeOnInsecure(on: boolean) {
    this.#framing.closeOnInsecure = on;
  }

  /** Forgets a head begun. */
  reset(): void {
    this.#forget();
    this.violationAt = -1;
  }

  /**
   * Parses the request head that begins at `bytes[from]`; [from, to) is what has arrived of it so far, and may hold
   * bytes behind it. `message` is attached, and reset before the first call for a head.
   *
   * @returns bytes the head takes, leading empty lines included; 0 when more are wanted (call again with the same bytes
   * and more, wherever they lie then); a code of errors.ts, with `errorAt`.
   */
  parseRequest(bytes: Uint8Array, from: number, to: number, message: Message): number {
    return this.#parse(bytes, from, to, message, MODE_REQUEST, M_OTHER);
  }

  /** As parseRequest(), for the response to a request of `requestMethod` that asked for an upgrade, or did not. */
  parseResponse(
    bytes: Uint8Array,
    from: number,
    to: number,
    message: Message,
    requestMethod: number,
    upgradeAsked = false,
  ): number {
    this.#upgradeAsked = upgradeAsked;
    return this.#parse(bytes, from, to, message, MODE_RESPONSE, requestMethod);
  }

  /**
   * As parseRequest(), for the fields behind a chunked body and their empty line. `message` is one of its own; fields
   * that would frame or route are dropped from it (RFC 9110 6.5.1).
   */
  parseTrailers(bytes: Uint8Array, from: number, to: number, message: Message): number {
    if (this.#phase === PHASE_START) this.#phase = PHASE_FIELDS;
    return this.#parse(bytes, from, to, message, MODE_TRAILERS, M_OTHER);
  }

  #parse(bytes: Uint8Array, from: number, to: number, m: Message, mode: number, requestMethod: number): number {
    const room = m.limit - Math.max(m.reserve, MARGIN);
    const arrived = to - from;
    for (;;) {
      const end = Math.min(arrived, room, this.#copied + STEP);
      m.bytes.set(bytes.subarray(from + this.#copied, from + end), this.#copied);
      m.bytes[end] = LF;
      this.#copied = end;
      let result = this.#advance(m, end, mode, requestMethod);
      if (result === 0) {
        if (end === room) result = this.#fail(end - 1, H1_TOO_LONG);
        else if (end < arrived) continue;
        else return 0;
      }
      if (result < 0) this.errorAt = Math.min(this.errorAt, arrived - 1);
      this.#forget();
      return result;
    }
  }

  #forget(): void {
    this.#phase = PHASE_START;
    this.#copied = 0;
    this.#line = 0;
    this.#scanned = 0;
  }

  /** Goes on with `m.bytes[#line, end)`. */
  #advance(m: Message, end: number, mode: number, requestMethod: number): number {
    if (this.#scanned > this.#line) {
      // A line was begun: nothing to do before its end is there.
      const b = m.bytes;
      let i = this.#scanned;
      while (b[i] !== LF) i++;
      if (i >= end) {
        this.#scanned = end;
        return 0;
      }
    }
    const framing = this.#framing;
    if (this.#phase === PHASE_START) {
      this.violationAt = -1;
      const result = mode === MODE_REQUEST ? this.#requestLine(m, end) : this.#statusLine(m, end);
      if (result <= 0) return result;
      if (this.#phase === PHASE_START) this.#phase = PHASE_FIELDS;
      this.#line = result;
      this.#scanned = result;
      framing.reset(this.relaxed, mode === MODE_REQUEST);
    }
    const result = this.#phase === PHASE_END ? m.used = this.#line : this.#fields(m, end, mode);
    if (result <= 0) return result;
    if (mode === MODE_TRAILERS) return result;
    const error = mode === MODE_REQUEST
      ? framing.endRequest(m)
      : framing.endResponse(m, requestMethod, this.#upgradeAsked);
    if (error < 0) return this.#fail(framing.errorAt, error);
    if (framing.violationAt >= 0) this.#violation(framing.violationAt);
    return result;
  }

  #fail(at: number, code: number): number {
    this.errorAt = at;
    return code;
  }

  /** More bytes are wanted: no line end lies in [line, scanned), and parsing goes on at `line`. */
  #wait(line: number, scanned: number): number {
    this.#line = line;
    this.#scanned = scanned;
    return 0;
  }

  #violation(at: number): void {
    if (this.violationAt < 0) this.violationAt = at;
  }

  // ---- start lines -----------------------------------------------------------------------------------------------

  /** Where the first line begins, behind empty lines (RFC 9112 2.2); -1 while nothing else came; -2: no line end. */
  #firstLine(b: Uint8Array, end: number): number {
    let at = this.#line;
    for (;;) {
      if (b[at] === LF) {
        if (at >= end) break;
        at++;
      } else if (b[at] === CR) {
        if (at + 1 >= end) break;
        if (b[at + 1] !== LF) return -2;
        at += 2;
      } else return at;
      this.#line = at;
    }
    this.#wait(at, at);
    return -1;
  }

  /** The position behind the line, 0 while it is not whole, or an error. */
  #requestLine(m: Message, end: number): number {
    const b = m.bytes;
    const view = m.view;
    const at = this.#firstLine(b, end);
    if (at < 0) return at === -1 ? 0 : this.#fail(this.#line + 1, H1_BAD_START_LINE);
    let i = at;
    if (view.getInt32(at, true) === GET_SP) {
      i += 3;
      m.method = M_GET;
    } else {
      while (TOKEN_LOWER[b[i]] !== 0) i++;
      if (b[i] !== SP && b[i] !== HT || i === at) {
        if (i >= end) return this.#wait(at, end);
        return this.#fail(i, H1_BAD_START_LINE);
      }
      m.method = methodOf(b, at, i);
    }
    m.methodFrom = at;
    m.methodTo = i;
    i++;
    while (b[i] === SP || b[i] === HT) i++;
    m.targetFrom = i;
    // Four bytes at a time while all are visible ASCII and none is "#".
    for (;;) {
      const four = view.getInt32(i, true);
      const mark = four ^ 0x23232323;
      const wrong = ((four - 0x21212121) & ~four) | (four + 0x01010101) | four | ((mark - 0x01010101) & ~mark);
      if ((wrong & 0x80808080) !== 0) break;
      i += 4;
    }
    const allowed = this.relaxed ? TARGET_RELAXED : TARGET_STRICT;
    while (allowed[b[i]] !== 0) i++;
    if (i >= end) return this.#wait(at, end);
    const targetTo = i;
    m.targetTo = i;
    if (m.targetFrom === i) return this.#fail(i, H1_BAD_START_LINE);
    if (this.relaxed) this.#targetViolation(b, m.targetFrom, i);
    if (
      b[i] === SP && view.getInt32(i + 1, true) === HTTP && view.getInt32(i + 5, true) === SLASH_1_1 &&
      b[i + 9] === CR && b[i + 10] === LF && i + 10 < end
    ) return i + 11;
    while (b[i] === SP || b[i] === HT) i++;
    if (i === targetTo && b[i] !== CR && b[i] !== LF) return this.#fail(i, H1_BAD_TARGET);
    const versionFrom = i;
    while (VALUE_BREAK[b[i]] === 0) i++;
    if (i >= end) return this.#wait(at, end);
    const versionTo = i;
    if (b[i] === CR && ++i >= end) return this.#wait(at, versionTo);
    if (b[i] !== LF) return this.#fail(i, H1_BAD_START_LINE);
    const version = parseVersion(b, versionFrom, versionTo, this.relaxed);
    if (version < 0) return this.#fail(versionFrom, H1_BAD_VERSION);
    if (versionFrom === versionTo) {
      // HTTP/0.9: the line is all there is.
      if (m.method !== M_GET) return this.#fail(versionFrom, H1_BAD_VERSION);
      this.#phase = PHASE_END;
    }
    return this.#startLineEnd(m, i + 1, version, versionFrom, versionTo);
  }

  #targetViolation(b: Uint8Array, from: number, to: number): void {
    let i = from;
    while (i < to && TARGET_STRICT[b[i]] !== 0) i++;
    if (i < to) this.#violation(i);
  }

  #statusLine(m: Message, end: number): number {
    const b = m.bytes;
    const at = this.#firstLine(b, end);
    if (at < 0) return at === -1 ? 0 : this.#fail(this.#line + 1, H1_BAD_START_LINE);
    let i = at;
    while (b[i] !== SP && b[i] !== HT && VALUE_BREAK[b[i]] === 0) i++;
    if (i >= end) return this.#wait(at, end);
    const versionTo = i;
    const version = parseVersion(b, at, i, this.relaxed);
    if (version < 0 || (b[i] !== SP && b[i] !== HT)) return this.#fail(at, H1_BAD_VERSION);
    while (b[i] === SP || b[i] === HT) i++;
    let status = 0;
    const statusFrom = i;
    while (b[i] >= 48 && b[i] <= 57 && i - statusFrom < 3) status = status * 10 + (b[i++] - 48);
    if (i >= end) return this.#wait(at, end);
    if (i - statusFrom !== 3 || status < 100 || (b[i] !== SP && b[i] !== HT && b[i] !== CR && b[i] !== LF)) {
      return this.#fail(i, H1_BAD_STATUS);
    }
    while (b[i] === SP || b[i] === HT) i++;
    m.reasonFrom = i;
    while (VALUE_BREAK[b[i]] === 0) i++;
    if (i >= end) return this.#wait(at, end);
    m.reasonTo = i;
    if (b[i] === CR && ++i >= end) return this.#wait(at, i - 1);
    if (b[i] !== LF) return this.#fail(i, H1_BAD_START_LINE);
    m.status = status;
    return this.#startLineEnd(m, i + 1, version, at, versionTo);
  }

  /** Takes over the version: from 1.1 on every one is relayed as 1.1, a lower or an odd one as it is. */
  #startLineEnd(m: Message, next: number, version: number, from: number, to: number): number {
    if (version === VERSION_RELAXED) this.#violation(from);
    m.version = version === VERSION_RELAXED ? 10 : version;
    if (version !== 11 && version !== 10) {
      m.versionFrom = from;
      m.versionTo = to;
    }
    return next;
  }

  // ---- fields ----------------------------------------------------------------------------------------------------

  /** The position behind the empty line, 0 while it is not there, or an error. */
  #fields(m: Message, end: number, mode: number): number {
    const b = m.bytes;
    const view = m.view;
    const most = this.maxLines - 1;
    let rows = m.rows;
    let at = this.#line;
    for (;;) {
      let i = at;
      let lower = 0;
      while ((lower = TOKEN_LOWER[b[i]]) !== 0) b[i++] = lower;
      if (b[i] !== COLON || i === at) {
        if (b[at] === CR || b[at] === LF) return this.#emptyLine(m, at, end);
        if (i >= end) return this.#wait(at, end);
        if (i === at || !this.relaxed) return this.#fail(i, H1_BAD_NAME);
        this.#violation(i);
        while (b[i] !== COLON && b[i] !== LF && b[i] !== CR) i++;
        if (i >= end) return this.#wait(at, end);
        if (b[i] !== COLON) return this.#fail(i, H1_BAD_NAME);
      }
      const nameTo = i++;
      while (b[i] === SP || b[i] === HT) i++;
      const valueFrom = i;
      // Four bytes at a time while none of them is below 14, as line ends are.
      for (let four = 0; (four = view.getInt32(i, true), (four - 0x0e0e0e0e) & ~four & 0x80808080) === 0;) i += 4;
      while (VALUE_BREAK[b[i]] === 0) i++;
      let next = i + 2;
      if (next >= end || b[i] !== CR || b[i + 1] !== LF || b[next] === SP || b[next] === HT) {
        // Not the end of the line, or an end that is not usual, or not all there.
        next = this.#oddValue(b, at, i, end);
        if (next <= 0) return next;
        i = this.#lineEnd;
      }
      const id = headerIdOfView(view, b, at, nameTo);
      const row = m.count * ROW_STRIDE;
      if (m.count >= most) return this.#fail(at, H1_TOO_MANY_FIELDS);
      if (row === rows.length) rows = m.ensureRows(m.count * 2);
      m.count++;
      rows[row] = id;
      rows[row + ROW_NAME] = at;
      rows[row + ROW_NAME_END] = nameTo;
      rows[row + ROW_VALUE] = valueFrom;
      rows[row + ROW_VALUE_END] = i;
      if (valueFrom !== nameTo + 2 || next !== i + 2 || b[valueFrom] <= SP || b[i - 1] <= SP || b[nameTo + 1] !== SP) {
        rows[row + ROW_FLAGS] = 0;
        trimRow(b, rows, row);
      } else {
        rows[row + ROW_FLAGS] = F_LINE;
      }
      if (id !== 0 && id <= LAST_FRAMING_NAME) {
        const error = mode === MODE_TRAILERS
          ? dropLast(m)
          : this.#framing.field(m, id, rows[row + ROW_VALUE], rows[row + ROW_VALUE_END]);
        if (error < 0) return this.#fail(valueFrom, error);
      }
      at = next;
    }
  }

  /** At the CR or LF that begins a line. */
  #emptyLine(m: Message, at: number, end: number): number {
    const b = m.bytes;
    let i = at;
    if (b[i] === CR && ++i >= end) return this.#wait(at, at);
    if (b[i] !== LF) return this.#fail(i, H1_BAD_NAME);
    if (i >= end) return this.#wait(at, at);
    // The first edit goes behind the last field, over the empty line, and so continues its run.
    m.used = at;
    return i + 1;
  }

  /** Where the value ends whose line #oddValue() has found whole. */
  #lineEnd = 0;

  /**
   * Goes on with the value of the line at `line` from a NUL, CR or LF on: over what relaxed parsing lets through, and
   * over folds, which become spaces (RFC 9112 5.2). The position of the next line, 0, or an error.
   */
  #oddValue(b: Uint8Array, line: number, from: number, end: number): number {
    let i = from;
    for (;;) {
      while (VALUE_BREAK[b[i]] === 0) i++;
      if (i >= end) return this.#wait(line, end);
      let next = i + 1;
      if (b[i] === CR) {
        if (b[next] !== LF) return this.#fail(next, H1_BAD_VALUE);
        next++;
      } else if (b[i] === 0) {
        if (!this.relaxed) return this.#fail(i, H1_BAD_VALUE);
        this.#violation(i);
        i++;
        continue;
      }
      // Whether the value goes on tells the first byte of the next line.
      if (next >= end) return this.#wait(line, next - 1);
      if (b[next] !== SP && b[next] !== HT) {
        this.#lineEnd = i;
        return next;
      }
      b[i] = SP;
      b[next - 1] = SP;
      i = next;
    }
  }
}

/** Takes blanks off both ends of a row's value. */
function trimRow(b: Uint8Array, rows: Int32Array, row: number): void {
  const from = skipBlanks(b, rows[row + ROW_VALUE], rows[row + ROW_VALUE_END]);
  rows[row + ROW_VALUE] = from;
  rows[row + ROW_VALUE_END] = trimBlanks(b, from, rows[row + ROW_VALUE_END]);
}

function dropLast(m: Message): number {
  m.remove(m.count - 1);
  return 0;
}

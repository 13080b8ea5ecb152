// What the fields of an HTTP/1 head say about framing and about this connection (RFC 9112 3.2, 6, 9; RFC 9110 7).
//
// Invariants: a length that the message is not delimited by never stays in it; Connection keeps only tokens that
// concern somebody else than this connection ("close" and "keep-alive" go); one Host at most stays.
import { bytesAreText, bytesEqualIgnoreCase } from "../../base/mod.ts";
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_TUNNEL,
  BODY_UNTIL_CLOSE,
  CONN_CLOSE,
  CONN_KEEP_ALIVE,
  CONN_UPGRADE,
  F_LINE,
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_EXPECT,
  H_HOST,
  H_SEC_WEBSOCKET_ACCEPT,
  H_SEC_WEBSOCKET_KEY,
  H_TRANSFER_ENCODING,
  H_UPGRADE,
  isHostText,
  listPartEnd,
  M_CONNECT,
  M_DELETE,
  M_GET,
  M_HEAD,
  type Message,
  ROW_FLAGS,
  ROW_STRIDE,
  ROW_VALUE_END,
  skipBlanks,
  trimBlanks,
} from "../../http/mod.ts";
import { Authority } from "./authority.ts";
import {
  H1_BAD_CONTENT_LENGTH,
  H1_BAD_HOST,
  H1_BAD_TRANSFER_ENCODING,
  H1_BAD_UPGRADE,
  H1_UNEXPECTED_BODY,
  H1_UNSUPPORTED_CODING,
} from "./errors.ts";

const COMMA = 44;
const SLASH = 47;
/** A Sec-WebSocket-Key is 16 bytes in base64 (RFC 6455 4.1). */
const KEY_LENGTH = 24;

// "keep", "-ali" and "live" as little-endian words, and the bit that makes letters lower case.
const CASE = 0x20202020;
const KEEP = 0x7065656b;
const DASH_ALI = 0x696c612d;
const LIVE = 0x6576696c;

// What Transfer-Encoding said so far.
const TE_NONE = 0;
const TE_CHUNKED = 1;
/** Codings, none of them chunked yet. */
const TE_OTHER = 2;
const TE_OTHER_CHUNKED = 3;

/** Facts collected while the fields of one head are parsed, and the conclusions at its end. */
export class Framing {
  /** Where the last refused head is wrong. */
  errorAt = 0;
  /** Where the head breaks a rule that relaxed parsing lifts; -1 when nowhere. */
  violationAt = -1;
  /** `h1-accept-payload-with-any-method` (configuration.txt 3.1). */
  acceptAnyPayload = false;
  /** Not `h1-do-not-close-on-insecure-transfer-encoding` (configuration.txt 3.1). */
  closeOnInsecure = true;

  #relaxed = false;
  #request = true;
  #length = -1;
  #lengthRow = -1;
  #hostRow = -1;
  #coding = TE_NONE;
  #codingAt = 0;
  #keyRow = -1;
  #acceptRow = -1;
  #upgradeRow = -1;
  readonly #authority = new Authority();

  reset(relaxed: boolean, request: boolean): void {
    this.#relaxed = relaxed;
    this.#request = request;
    this.violationAt = -1;
    this.#length = -1;
    this.#lengthRow = -1;
    this.#hostRow = -1;
    this.#coding = TE_NONE;
    this.#codingAt = 0;
    this.#keyRow = -1;
    this.#acceptRow = -1;
    this.#upgradeRow = -1;
  }

  /** Takes note of the last row, a field with one of the framing names and the value [from, to); 0, or an error. */
  field(m: Message, id: number, from: number, to: number): number {
    const row = m.count - 1;
    switch (id) {
      case H_HOST:
        return this.#request ? this.#host(m, row, from, to) : 0;
      case H_CONTENT_LENGTH:
        return this.#contentLength(m, row, from, to);
      case H_TRANSFER_ENCODING:
        return this.#transferEncoding(m, from, to);
      case H_CONNECTION:
        return this.#connection(m, row, from, to);
      case H_UPGRADE:
        this.#upgradeRow = row;
        if (hasToken(m.bytes, from, to, "websocket")) m.websocket = true;
        return 0;
      case H_EXPECT:
        if (bytesAreText(m.bytes, from, to, "100-continue")) m.expectContinue = true;
        return 0;
      case H_SEC_WEBSOCKET_KEY:
        this.#keyRow = row;
        return 0;
      case H_SEC_WEBSOCKET_ACCEPT:
        this.#acceptRow = row;
        return 0;
    }
    return 0;
  }

  #host(m: Message, row: number, from: number, to: number): number {
    const first = this.#hostRow;
    if (first >= 0) {
      const b = m.bytes;
      const same = bytesEqualIgnoreCase(b, m.valueFrom(first), m.valueTo(first), b, from, to);
      if (!same) return H1_BAD_HOST;
      m.remove(row);
      return 0;
    }
    this.#hostRow = row;
    if (!isHostText(m.bytes, from, to) && !this.#tolerate(from)) return H1_BAD_HOST;
    return 0;
  }

  /** True when a breach is let through. */
  #tolerate(at: number): boolean {
    if (!this.#relaxed) return false;
    if (this.violationAt < 0) this.violationAt = at;
    return true;
  }

  /** One number, or the same one several times (RFC 9110 8.6), which is then said once. */
  #contentLength(m: Message, row: number, valueFrom: number, end: number): number {
    const b = m.bytes;
    let at = valueFrom;
    let firstEnd = -1;
    for (;;) {
      let value = 0;
      const from = at;
      while (at < end && b[at] >= 48 && b[at] <= 57) {
        value = value * 10 + (b[at++] - 48);
        if (value > Number.MAX_SAFE_INTEGER) return H1_BAD_CONTENT_LENGTH;
      }
      if (at === from || (this.#length >= 0 && value !== this.#length)) return H1_BAD_CONTENT_LENGTH;
      this.#length = value;
      if (firstEnd < 0) firstEnd = at;
      at = skipBlanks(b, at, end);
      if (at === end) break;
      if (b[at] !== COMMA) return H1_BAD_CONTENT_LENGTH;
      at = skipBlanks(b, at + 1, end);
    }
    if (this.#lengthRow >= 0) m.remove(row);
    else {
      this.#lengthRow = row;
      if (firstEnd < end) shorten(m, row, firstEnd);
    }
    return 0;
  }

  /** "chunked" must be there once and come last; other codings are known but not built. */
  #transferEncoding(m: Message, from: number, end: number): number {
    const b = m.bytes;
    let at = from;
    this.#codingAt = at;
    if (at === end) return this.#request || !this.#tolerate(at) ? H1_BAD_TRANSFER_ENCODING : 0;
    while (at < end) {
      let stop = at;
      while (stop < end && b[stop] !== COMMA) stop++;
      const to = trimBlanks(b, at, stop);
      const coding = this.#coding;
      if (bytesAreText(b, at, to, "chunked")) {
        if (coding === TE_NONE) this.#coding = TE_CHUNKED;
        else if (coding === TE_OTHER) this.#coding = TE_OTHER_CHUNKED;
        else if (this.#request || !this.#tolerate(at)) return H1_BAD_TRANSFER_ENCODING;
      } else {
        // Behind chunked nothing may come; an empty element is nothing that anybody agrees about.
        if (coding === TE_CHUNKED || coding === TE_OTHER_CHUNKED || to === at) return H1_BAD_TRANSFER_ENCODING;
        this.#coding = TE_OTHER;
      }
      at = skipBlanks(b, stop + 1, end);
      if (stop < end && at >= end) return H1_BAD_TRANSFER_ENCODING;
    }
    return 0;
  }

  /** Notes the tokens; takes "close" and "keep-alive" out, and the row when nothing is left. */
  #connection(m: Message, row: number, from: number, end: number): number {
    const b = m.bytes;
    const view = m.view;
    // Most fields are one of these words alone. A value holds no CR, so the bit tells the case of "-" and letters only.
    if (
      end - from === 10 && (view.getInt32(from, true) | CASE) === KEEP &&
      (view.getInt32(from + 4, true) | CASE) === DASH_ALI && (view.getInt32(from + 6, true) | CASE) === LIVE
    ) {
      m.connection |= CONN_KEEP_ALIVE;
      m.remove(row);
      return 0;
    }
    let mine = false;
    let others = false;
    for (let at = from; at < end;) {
      const stop = listPartEnd(b, at, end);
      const tokenFrom = skipBlanks(b, at, stop);
      const tokenTo = trimBlanks(b, tokenFrom, stop);
      at = stop + 1;
      const flag = connectionFlag(b, tokenFrom, tokenTo);
      m.connection |= flag;
      if ((flag & (CONN_CLOSE | CONN_KEEP_ALIVE)) !== 0) mine = true;
      else if (tokenTo > tokenFrom) others = true;
    }
    if (!others) m.remove(row);
    else if (mine) shorten(m, row, keepOthers(b, from, end));
    return 0;
  }

  // ---- the end of a head -----------------------------------------------------------------------------------------

  /** Sets what the message says about its body and its connection; 0, or an error. */
  endRequest(m: Message): number {
    let error = this.#delimit(m);
    if (error < 0) return error;
    const coded = this.#coding !== TE_NONE;
    const method = m.method;
    if (method === M_CONNECT) {
      // RFC 9110 9.3.6: a request with CONNECT has no content.
      this.#dropLength(m);
      this.#dropCoding(m);
    } else if (coded) {
      m.bodyKind = BODY_CHUNKED;
    } else if (this.#length > 0) {
      m.bodyKind = BODY_LENGTH;
      m.contentLength = this.#length;
    }
    if (m.bodyKind !== BODY_NONE && m.version < 11 && !this.acceptAnyPayload) {
      if (method === M_GET || method === M_HEAD || method === M_DELETE) {
        return this.#fail(coded ? this.#codingAt : m.valueFrom(this.#lengthRow), H1_UNEXPECTED_BODY);
      }
    }
    this.#upgrade(m);
    if (m.upgrade && m.bodyKind !== BODY_NONE) {
      // The body comes first, and then nobody knows whose bytes follow: the upgrade is not offered.
      m.remove(this.#upgradeRow);
      m.upgrade = false;
    }
    if (m.upgrade && m.websocket) {
      const key = this.#keyRow;
      if (
        (key < 0 || m.valueTo(key) - m.valueFrom(key) !== KEY_LENGTH) && !this.#tolerate(m.valueFrom(this.#upgradeRow))
      ) {
        return this.#fail(m.valueFrom(this.#upgradeRow), H1_BAD_UPGRADE);
      }
    }
    if (method !== M_CONNECT && m.bytes[m.targetFrom] === SLASH) return 0;
    error = this.#authority.check(m, this.#hostRow);
    if (error < 0 && !this.#tolerate(m.targetFrom)) return this.#fail(m.targetFrom, error);
    return 0;
  }

  /** As endRequest(), for the response to a request of `requestMethod` that asked for an upgrade, or did not. */
  endResponse(m: Message, requestMethod: number, upgradeAsked: boolean): number {
    const error = this.#delimit(m);
    if (error < 0) return error;
    this.#upgrade(m);
    const status = m.status;
    if (status === 101) {
      if (!upgradeAsked) return this.#fail(m.reasonFrom, H1_BAD_UPGRADE);
      if (m.websocket && this.#acceptRow < 0 && !this.#tolerate(m.reasonFrom)) {
        return this.#fail(m.reasonFrom, H1_BAD_UPGRADE);
      }
    }
    const tunnel = status === 101 || (requestMethod === M_CONNECT && status >= 200 && status < 300);
    if (status < 200 || status === 204 || tunnel) {
      // RFC 9110 8.6, RFC 9112 6.1: no such message has a length or a coding.
      this.#dropLength(m);
      this.#dropCoding(m);
      m.bodyKind = tunnel ? BODY_TUNNEL : BODY_NONE;
    } else if (requestMethod === M_HEAD || status === 304) {
      m.bodyKind = BODY_NONE;
      m.contentLength = 0;
    } else if (this.#coding !== TE_NONE) {
      m.bodyKind = BODY_CHUNKED;
    } else if (this.#length >= 0) {
      m.bodyKind = this.#length === 0 ? BODY_NONE : BODY_LENGTH;
      m.contentLength = this.#length;
    } else {
      m.bodyKind = BODY_UNTIL_CLOSE;
    }
    return 0;
  }

  /** Judges Transfer-Encoding, and Content-Length beside it. */
  #delimit(m: Message): number {
    const coding = this.#coding;
    if (coding === TE_NONE) return 0;
    if (coding === TE_OTHER) return this.#fail(this.#codingAt, H1_BAD_TRANSFER_ENCODING);
    if (coding === TE_OTHER_CHUNKED) return this.#fail(this.#codingAt, H1_UNSUPPORTED_CODING);
    // RFC 9112 6.1: either may be an attempt to smuggle. The coding wins, the connection is not used again.
    if (this.#lengthRow >= 0) {
      this.#dropLength(m);
      if (this.closeOnInsecure) m.connection |= CONN_CLOSE;
    }
    if (m.version < 11) m.connection |= CONN_CLOSE;
    return 0;
  }

  #upgrade(m: Message): void {
    m.upgrade = this.#upgradeRow >= 0 && (m.connection & CONN_UPGRADE) !== 0;
    if (!m.upgrade) m.websocket = false;
  }

  #dropLength(m: Message): void {
    if (this.#lengthRow >= 0) m.remove(this.#lengthRow);
    this.#length = -1;
  }

  #dropCoding(m: Message): void {
    for (let row = m.find(H_TRANSFER_ENCODING); row >= 0; row = m.find(H_TRANSFER_ENCODING, row + 1)) m.remove(row);
  }

  #fail(at: number, code: number): number {
    this.errorAt = at;
    return code;
  }
}

/** CONN_* of a token, 0 when it is another. */
function connectionFlag(b: Uint8Array, from: number, to: number): number {
  if (bytesAreText(b, from, to, "close")) return CONN_CLOSE;
  if (bytesAreText(b, from, to, "keep-alive")) return CONN_KEEP_ALIVE;
  return bytesAreText(b, from, to, "upgrade") ? CONN_UPGRADE : 0;
}

/** Moves the tokens of [from, end) together but for "close" and "keep-alive"; the end of what is left. */
function keepOthers(b: Uint8Array, from: number, end: number): number {
  let out = from;
  for (let at = from; at < end;) {
    const stop = listPartEnd(b, at, end);
    const tokenFrom = skipBlanks(b, at, stop);
    const tokenTo = trimBlanks(b, tokenFrom, stop);
    at = stop + 1;
    const flag = connectionFlag(b, tokenFrom, tokenTo);
    if (tokenTo === tokenFrom || flag === CONN_CLOSE || flag === CONN_KEEP_ALIVE) continue;
    // What stays never lies left of where it is moved to.
    if (out > from) b[out++] = COMMA;
    b.copyWithin(out, tokenFrom, tokenTo);
    out += tokenTo - tokenFrom;
  }
  return out;
}

/** Ends a row's value earlier; the row is no line any more, as its old end still follows. */
function shorten(m: Message, row: number, valueTo: number): void {
  m.rows[row * ROW_STRIDE + ROW_VALUE_END] = valueTo;
  m.rows[row * ROW_STRIDE + ROW_FLAGS] &= ~F_LINE;
}

/** Whether a list of tokens has this one, in any case. */
function hasToken(b: Uint8Array, valueFrom: number, end: number, token: string): boolean {
  let at = valueFrom;
  while (at < end) {
    let stop = at;
    while (stop < end && b[stop] !== COMMA) stop++;
    const from = skipBlanks(b, at, stop);
    if (bytesAreText(b, from, trimBlanks(b, from, stop), token)) return true;
    at = stop + 1;
  }
  return false;
}

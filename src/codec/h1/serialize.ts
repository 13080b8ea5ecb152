// HTTP/1 heads from messages (RFC 9112 2 to 4). Rows that lie in the message's block as whole lines, one behind the
// other, are copied together; a message nobody touched is two copies, start line and fields.
//
// What is written frames as the message says: names are tokens and values hold no line end (Message's invariants).
import { writeDecimal, writeLatin1 } from "../../base/mod.ts";
import {
  CONN_CLOSE,
  F_LINE,
  F_REMOVED,
  type Message,
  ROW_FLAGS,
  ROW_NAME,
  ROW_NAME_END,
  ROW_STRIDE,
  ROW_VALUE,
  ROW_VALUE_END,
} from "../../http/mod.ts";
import type { H1CaseMap } from "./case_map.ts";

/** What the writer of a head adds to the message's own fields. Reused by its owner. */
export class H1Extra {
  /** CONN_CLOSE or CONN_KEEP_ALIVE: that Connection field; 0: none. */
  connection = 0;
  /** Adds `transfer-encoding: chunked`. */
  chunked = false;
  /** Adds `content-length`, unless -1. */
  contentLength = -1;
  /** Spellings of names other than in lower case. */
  caseMap: H1CaseMap | null = null;

  reset(): void {
    this.connection = 0;
    this.chunked = false;
    this.contentLength = -1;
    this.caseMap = null;
  }
}

const CRLF = 2;
const VERSION_LENGTH = 8;

/**
 * Writes a request head into `into[at, limit)`.
 *
 * @returns the position behind it, or -1 when there is no room.
 */
export function writeRequestHead(
  m: Message,
  into: Uint8Array<ArrayBuffer>,
  at: number,
  limit: number,
  extra: H1Extra,
): number {
  const versionLength = m.versionTo > m.versionFrom ? m.versionTo - m.versionFrom : VERSION_LENGTH;
  const need = m.methodTo - m.methodFrom + m.targetTo - m.targetFrom + versionLength + 2 + CRLF;
  if (at + need > limit) return -1;
  let end = copy(m.bytes, m.methodFrom, m.methodTo, into, at);
  into[end++] = 32;
  end = copy(m.bytes, m.targetFrom, m.targetTo, into, end);
  into[end++] = 32;
  end = writeVersion(m, into, end);
  into[end++] = 13;
  into[end++] = 10;
  return writeFields(m, into, end, limit, extra);
}

/** As writeRequestHead(), for a response. */
export function writeResponseHead(
  m: Message,
  into: Uint8Array<ArrayBuffer>,
  at: number,
  limit: number,
  extra: H1Extra,
): number {
  const versionLength = m.versionTo > m.versionFrom ? m.versionTo - m.versionFrom : VERSION_LENGTH;
  if (at + versionLength + 5 + m.reasonTo - m.reasonFrom + CRLF > limit) return -1;
  let end = writeVersion(m, into, at);
  into[end++] = 32;
  end = writeDecimal(into, end, m.status);
  into[end++] = 32;
  end = copy(m.bytes, m.reasonFrom, m.reasonTo, into, end);
  into[end++] = 13;
  into[end++] = 10;
  return writeFields(m, into, end, limit, extra);
}

/** Writes the message's fields as the trailer section behind the last chunk, with its empty line; -1: no room. */
export function writeTrailers(
  m: Message,
  into: Uint8Array<ArrayBuffer>,
  at: number,
  limit: number,
  names: H1CaseMap | null = null,
): number {
  const end = writeRows(m, into, at, limit, names);
  if (end < 0 || end + CRLF > limit) return -1;
  into[end] = 13;
  into[end + 1] = 10;
  return end + 2;
}

/** A version below 1.1 is kept, every other one is 1.1 here. */
function writeVersion(m: Message, into: Uint8Array<ArrayBuffer>, at: number): number {
  if (m.versionTo > m.versionFrom) return copy(m.bytes, m.versionFrom, m.versionTo, into, at);
  return writeLatin1(into, at, m.version === 10 ? "HTTP/1.0" : "HTTP/1.1");
}

function writeFields(m: Message, into: Uint8Array<ArrayBuffer>, at: number, limit: number, extra: H1Extra): number {
  const names = extra.caseMap;
  let end = writeRows(m, into, at, limit, names);
  if (end < 0) return -1;
  if (extra.contentLength >= 0) {
    if (end + 36 > limit) return -1;
    const line = end;
    end = writeDecimal(into, writeLatin1(into, end, "content-length: "), extra.contentLength);
    end = endLine(into, line, end, 14, names);
  }
  if (extra.chunked) end = writeExtra(into, end, limit, "transfer-encoding: chunked", 17, names);
  if (end >= 0 && extra.connection !== 0) {
    const text = extra.connection === CONN_CLOSE ? "connection: close" : "connection: keep-alive";
    end = writeExtra(into, end, limit, text, 10, names);
  }
  if (end < 0 || end + CRLF > limit) return -1;
  into[end] = 13;
  into[end + 1] = 10;
  return end + 2;
}

function writeExtra(
  into: Uint8Array<ArrayBuffer>,
  at: number,
  limit: number,
  text: string,
  nameLength: number,
  names: H1CaseMap | null,
): number {
  if (at < 0 || at + text.length + CRLF > limit) return -1;
  return endLine(into, at, writeLatin1(into, at, text), nameLength, names);
}

function endLine(
  into: Uint8Array<ArrayBuffer>,
  line: number,
  end: number,
  nameLength: number,
  names: H1CaseMap | null,
): number {
  if (names !== null) names.adjust(into, line, line + nameLength);
  into[end] = 13;
  into[end + 1] = 10;
  return end + 2;
}

/** Writes the rows as lines; the position behind them, or -1 when there is no room. */
function writeRows(
  m: Message,
  into: Uint8Array<ArrayBuffer>,
  at: number,
  limit: number,
  names: H1CaseMap | null,
): number {
  const b = m.bytes;
  const rows = m.rows;
  const last = m.count * ROW_STRIDE;
  let end = at;
  let row = 0;
  while (row < last) {
    const flags = rows[row + ROW_FLAGS];
    if ((flags & F_REMOVED) !== 0) {
      row += ROW_STRIDE;
      continue;
    }
    const from = rows[row + ROW_NAME];
    if ((flags & F_LINE) !== 0 && names === null) {
      // The run goes on while the next row is a line that begins where this one ends.
      let to = rows[row + ROW_VALUE_END] + CRLF;
      row += ROW_STRIDE;
      while (row < last && rows[row + ROW_FLAGS] === F_LINE && rows[row + ROW_NAME] === to) {
        to = rows[row + ROW_VALUE_END] + CRLF;
        row += ROW_STRIDE;
      }
      if (end + (to - from) > limit) return -1;
      end = copy(b, from, to, into, end);
      continue;
    }
    const nameTo = rows[row + ROW_NAME_END];
    const valueFrom = rows[row + ROW_VALUE];
    const valueTo = rows[row + ROW_VALUE_END];
    if (end + (nameTo - from) + (valueTo - valueFrom) + 4 > limit) return -1;
    const line = end;
    end = copy(b, from, nameTo, into, end);
    if (names !== null) names.adjust(into, line, end);
    into[end++] = 58;
    into[end++] = 32;
    end = copy(b, valueFrom, valueTo, into, end);
    into[end++] = 13;
    into[end++] = 10;
    row += ROW_STRIDE;
  }
  return end;
}

/** Short ranges byte by byte: making a view costs more than copying them. */
const SHORT = 64;

function copy(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  const length = end - start;
  if (length > SHORT) {
    into.set(from.subarray(start, end), at);
  } else {
    for (let i = start, j = at; i < end; i++, j++) into[j] = from[i];
  }
  return at + length;
}

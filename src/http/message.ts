// The head of an HTTP message, of no version in particular: bytes in one block, and numbers that say where what is.
//
// Invariants:
// - Everything the message says lies in `bytes[0, used)`. Nothing in there moves while the block is attached: an edit
//   appends at `used` and changes the offsets. No room left for it: the edit changes nothing and returns false.
// - `reserve` bytes before `limit` are not for parsers but for edits (`tune.maxrewrite`, configuration.txt 3.2).
// - Names are lower-case tokens; values hold no NUL, CR, LF and no blank at either end (parsers that were told to relax
//   their rules put in what they accepted). So whatever is written out of a message frames as it was meant to.
// - A row is an index below `count` and keeps its meaning for the life of the head: removed rows are marked, not moved.
// - A row with F_LINE lies in the block as "name: value CR LF", so that neighbours can be written in one copy.
// - The message never allocates in use, but for rows beyond the most it ever had.
import { latin1Slice, NO_BLOCK, writeLatin1 } from "../base/mod.ts";
import { M_OTHER, methodOf } from "./methods.ts";
import { H_CONNECTION, H_CONTENT_LENGTH, headerIdOf, type HeaderName } from "./names.ts";
import { isFieldValue, isFieldValueText, skipBlanks, SPACE, TAB, TOKEN_LOWER, trimBlanks } from "./tokens.ts";

/** Integers of a row of `rows`. */
export const ROW_STRIDE = 6;
export const ROW_ID = 0;
export const ROW_NAME = 1;
export const ROW_NAME_END = 2;
export const ROW_VALUE = 3;
export const ROW_VALUE_END = 4;
export const ROW_FLAGS = 5;

/** Flags of a row. */
export const F_LINE = 1;
export const F_REMOVED = 2;

/** How the end of the body is told; version 2 and 3 messages have BODY_CHUNKED where no length was given. */
export const BODY_NONE = 0;
export const BODY_LENGTH = 1;
export const BODY_CHUNKED = 2;
export const BODY_UNTIL_CLOSE = 3;
/** No message any more but bytes both ways: after 101, or a 2xx to CONNECT. */
export const BODY_TUNNEL = 4;

/** Tokens of the peer's Connection field. */
export const CONN_CLOSE = 1;
export const CONN_KEEP_ALIVE = 2;
export const CONN_UPGRADE = 4;

const FIRST_ROWS = 32;
/** Of messages that never had a head: many are made and never used. */
const NO_ROWS: Int32Array<ArrayBuffer> = /* @__PURE__ */ new Int32Array(0);
const NO_VIEW: DataView<ArrayBuffer> = /* @__PURE__ */ new DataView(NO_BLOCK.buffer);

export class Message {
  /** The attached block, NO_BLOCK when there is none. */
  bytes: Uint8Array<ArrayBuffer> = NO_BLOCK;
  /** The same bytes, for reading four at a time. */
  view: DataView<ArrayBuffer> = NO_VIEW;
  /** Where the next edit goes. */
  used = 0;
  /** Bytes of the block that may be used. */
  limit = 0;
  /** Bytes before `limit` that are kept for edits. */
  reserve = 1024;

  /** The fields in their order, ROW_STRIDE integers each; removed ones included. */
  rows: Int32Array<ArrayBuffer> = NO_ROWS;
  /** Rows in use, removed ones included. */
  count = 0;

  /** 10, 11, 20, 30; 9 for HTTP/0.9. */
  version = 11;
  /** The version as it is to be written instead of the one that `version` tells; empty range when there is none. */
  versionFrom = 0;
  versionTo = 0;

  /** Request: number of the method (METHODS), its name, and the target. */
  method = M_OTHER;
  methodFrom = 0;
  methodTo = 0;
  targetFrom = 0;
  targetTo = 0;

  /** Response: status, 0 in a request. */
  status = 0;
  reasonFrom = 0;
  reasonTo = 0;

  bodyKind = BODY_NONE;
  /** Bytes of a BODY_LENGTH body; else 0. */
  contentLength = 0;
  /** Union of CONN_*. */
  connection = 0;
  /** An edit touched Content-Length, Transfer-Encoding, Connection or the status: what is written must not believe them. */
  framingEdited = false;
  /** Request: `Expect: 100-continue`. */
  expectContinue = false;
  /** An Upgrade field that the Connection field names. */
  upgrade = false;
  /** The Upgrade field asks for (or grants) the WebSocket protocol. */
  websocket = false;

  /** The block of `view`, kept as most messages get the same block again. */
  #viewed: Uint8Array<ArrayBuffer> = NO_BLOCK;

  /** Gives the message a block to live in. The caller owns the block and takes it by detach(). */
  attach(block: Uint8Array<ArrayBuffer>, reserve: number = this.reserve): void {
    if (block !== this.#viewed) {
      this.view = new DataView(block.buffer, block.byteOffset, block.byteLength);
      this.#viewed = block;
    }
    this.bytes = block;
    this.limit = block.length;
    this.reserve = reserve;
    if (this.rows.length === 0) this.rows = new Int32Array(FIRST_ROWS * ROW_STRIDE);
    this.reset();
  }

  /** Gives the block back to its owner; the message is empty then. */
  detach(): Uint8Array<ArrayBuffer> {
    const block = this.bytes;
    this.bytes = NO_BLOCK;
    this.limit = 0;
    this.reset();
    return block;
  }

  /** Makes the head empty; the block stays. */
  reset(): void {
    this.used = 0;
    this.count = 0;
    this.version = 11;
    this.versionFrom = 0;
    this.versionTo = 0;
    this.method = M_OTHER;
    this.methodFrom = 0;
    this.methodTo = 0;
    this.targetFrom = 0;
    this.targetTo = 0;
    this.status = 0;
    this.reasonFrom = 0;
    this.reasonTo = 0;
    this.bodyKind = BODY_NONE;
    this.contentLength = 0;
    this.connection = 0;
    this.framingEdited = false;
    this.expectContinue = false;
    this.upgrade = false;
    this.websocket = false;
  }

  // ---- reading ---------------------------------------------------------------------------------------------------

  /** `bytes[from, to)` as a Latin-1 string. */
  text(from: number, to: number): string {
    return latin1Slice(this.bytes, from, to);
  }

  /** The first row at or behind `from` that is not removed, or -1. */
  next(from: number): number {
    const rows = this.rows;
    for (let row = from; row < this.count; row++) {
      if ((rows[row * ROW_STRIDE + ROW_FLAGS] & F_REMOVED) === 0) return row;
    }
    return -1;
  }

  /** The first row at or behind `from` of the name with this number (not 0), or -1. */
  find(id: number, from = 0): number {
    const rows = this.rows;
    for (let row = from; row < this.count; row++) {
      const at = row * ROW_STRIDE;
      if (rows[at] === id && (rows[at + ROW_FLAGS] & F_REMOVED) === 0) return row;
    }
    return -1;
  }

  /** The first row at or behind `from` with this name, or -1. */
  findName(name: HeaderName, from = 0): number {
    if (name.id !== 0) return this.find(name.id, from);
    const bytes = this.bytes;
    const wanted = name.bytes;
    const length = wanted.length;
    for (let row = this.find(0, from); row >= 0; row = this.find(0, row + 1)) {
      const at = row * ROW_STRIDE;
      const start = this.rows[at + ROW_NAME];
      if (this.rows[at + ROW_NAME_END] - start !== length) continue;
      let i = 0;
      while (i < length && bytes[start + i] === wanted[i]) i++;
      if (i === length) return row;
    }
    return -1;
  }

  /** As findName(), the last one before `before`. */
  findLast(name: HeaderName, before: number = this.count): number {
    let found = -1;
    for (let row = this.findName(name); row >= 0 && row < before; row = this.findName(name, row + 1)) found = row;
    return found;
  }

  id(row: number): number {
    return this.rows[row * ROW_STRIDE + ROW_ID];
  }
  nameFrom(row: number): number {
    return this.rows[row * ROW_STRIDE + ROW_NAME];
  }
  nameTo(row: number): number {
    return this.rows[row * ROW_STRIDE + ROW_NAME_END];
  }
  valueFrom(row: number): number {
    return this.rows[row * ROW_STRIDE + ROW_VALUE];
  }
  valueTo(row: number): number {
    return this.rows[row * ROW_STRIDE + ROW_VALUE_END];
  }
  nameText(row: number): string {
    return latin1Slice(this.bytes, this.nameFrom(row), this.nameTo(row));
  }
  valueText(row: number): string {
    return latin1Slice(this.bytes, this.valueFrom(row), this.valueTo(row));
  }
  methodText(): string {
    return latin1Slice(this.bytes, this.methodFrom, this.methodTo);
  }
  targetText(): string {
    return latin1Slice(this.bytes, this.targetFrom, this.targetTo);
  }
  reasonText(): string {
    return latin1Slice(this.bytes, this.reasonFrom, this.reasonTo);
  }

  // ---- building (parsers) ----------------------------------------------------------------------------------------

  /** Appends a row of these offsets, unchecked. */
  pushRow(id: number, nameFrom: number, nameTo: number, valueFrom: number, valueTo: number, flags: number): void {
    let rows = this.rows;
    const at = this.count * ROW_STRIDE;
    if (at === rows.length) rows = this.ensureRows(this.count * 2);
    rows[at] = id;
    rows[at + ROW_NAME] = nameFrom;
    rows[at + ROW_NAME_END] = nameTo;
    rows[at + ROW_VALUE] = valueFrom;
    rows[at + ROW_VALUE_END] = valueTo;
    rows[at + ROW_FLAGS] = flags;
    this.count++;
  }

  /** Makes room for this many rows and returns `rows`, which may be another array then. */
  ensureRows(count: number): Int32Array<ArrayBuffer> {
    if (count * ROW_STRIDE > this.rows.length) {
      const rows = new Int32Array(count * ROW_STRIDE);
      rows.set(this.rows);
      this.rows = rows;
    }
    return this.rows;
  }

  // ---- editing ---------------------------------------------------------------------------------------------------

  /** Adds a field behind all others. False: no room, or the value may not be sent. */
  add(name: HeaderName, value: string): boolean {
    const nameBytes = name.bytes;
    return nameBytes.length > 0 && this.#addText(name.id, nameBytes, 0, nameBytes.length, value);
  }

  /** Adds a field with the value `value[from, to)`. False: no room, or the value may not be sent. */
  addBytes(name: HeaderName, value: Uint8Array, from: number, to: number): boolean {
    const nameBytes = name.bytes;
    return this.#addLine(name.id, nameBytes, 0, nameBytes.length, value, from, to);
  }

  /**
   * Adds a field whose name is bytes too (a decoder's). False: no room, the name is not a lower-case token, or the value
   * may not be sent.
   */
  addField(name: Uint8Array, nameFrom: number, nameTo: number, value: Uint8Array, from: number, to: number): boolean {
    if (nameFrom >= nameTo) return false;
    for (let i = nameFrom; i < nameTo; i++) if (TOKEN_LOWER[name[i]] !== name[i] || name[i] === 0) return false;
    return this.#addLine(headerIdOf(name, nameFrom, nameTo), name, nameFrom, nameTo, value, from, to);
  }

  /** Gives a row another value. False: no room, or the value may not be sent; the row is as it was. */
  setValue(row: number, value: Uint8Array, from: number, to: number): boolean {
    const count = this.count;
    const nameFrom = this.nameFrom(row);
    if (!this.#addLine(this.id(row), this.bytes, nameFrom, this.nameTo(row), value, from, to)) return false;
    this.#moveRow(count, row);
    return true;
  }

  /** As setValue(), with a Latin-1 text. */
  setValueText(row: number, value: string): boolean {
    const count = this.count;
    if (!this.#addText(this.id(row), this.bytes, this.nameFrom(row), this.nameTo(row), value)) return false;
    this.#moveRow(count, row);
    return true;
  }

  remove(row: number): void {
    const at = row * ROW_STRIDE;
    this.rows[at + ROW_FLAGS] |= F_REMOVED;
    if (isFraming(this.rows[at])) this.framingEdited = true;
  }

  /** Removes all rows of a name; how many there were. */
  removeAll(name: HeaderName): number {
    let n = 0;
    for (let row = this.findName(name); row >= 0; row = this.findName(name, row + 1)) {
      this.remove(row);
      n++;
    }
    return n;
  }

  /** Replaces the request target. False: no room, empty, or a byte that no target may hold. */
  setTarget(source: Uint8Array, from: number, to: number): boolean {
    if (from >= to) return false;
    for (let i = from; i < to; i++) if (source[i] <= 32 || source[i] === 127) return false;
    const at = this.used;
    if (!this.#append(source, from, to)) return false;
    this.targetFrom = at;
    this.targetTo = this.used;
    return true;
  }

  /** Replaces the method. False: no room, or no token. */
  setMethod(source: Uint8Array, from: number, to: number): boolean {
    if (from >= to) return false;
    for (let i = from; i < to; i++) if (TOKEN_LOWER[source[i]] === 0) return false;
    const at = this.used;
    if (!this.#append(source, from, to)) return false;
    this.methodFrom = at;
    this.methodTo = this.used;
    this.method = methodOf(this.bytes, at, this.used);
    return true;
  }

  /** Sets status (100 to 999) and reason. False: no room, or a reason that may not be sent. */
  setStatus(status: number, reason: string): boolean {
    const at = this.used;
    if (at + reason.length > this.limit || !isFieldValueText(reason)) return false;
    this.status = status;
    // Whether there is a body, and what tells its end, may be another matter now.
    this.framingEdited = true;
    this.reasonFrom = at;
    this.reasonTo = this.used = writeLatin1(this.bytes, at, reason);
    return true;
  }

  #append(source: Uint8Array, from: number, to: number): boolean {
    const at = this.used;
    if (at + (to - from) > this.limit) return false;
    const bytes = this.bytes;
    for (let i = from, j = at; i < to; i++, j++) bytes[j] = source[i];
    this.used = at + (to - from);
    return true;
  }

  #addText(id: number, name: Uint8Array, nameFrom: number, nameTo: number, value: string): boolean {
    let start = 0;
    let end = value.length;
    while (start < end && isBlank(value.charCodeAt(start))) start++;
    while (start < end && isBlank(value.charCodeAt(end - 1))) end--;
    const text = end - start < value.length ? value.slice(start, end) : value;
    const at = this.used;
    const valueFrom = at + (nameTo - nameFrom) + 2;
    const valueTo = valueFrom + text.length;
    if (valueTo + 2 > this.limit || !isFieldValueText(text)) return false;
    this.#writeName(name, nameFrom, nameTo);
    writeLatin1(this.bytes, valueFrom, text);
    this.#closeLine(id, at, valueFrom, valueTo);
    return true;
  }

  #addLine(
    id: number,
    name: Uint8Array,
    nameFrom: number,
    nameTo: number,
    value: Uint8Array,
    from: number,
    to: number,
  ): boolean {
    const start = skipBlanks(value, from, to);
    const end = trimBlanks(value, start, to);
    const at = this.used;
    const valueFrom = at + (nameTo - nameFrom) + 2;
    const valueTo = valueFrom + (end - start);
    if (valueTo + 2 > this.limit || nameFrom === nameTo || !isFieldValue(value, start, end)) return false;
    this.#writeName(name, nameFrom, nameTo);
    const bytes = this.bytes;
    for (let i = start, j = valueFrom; i < end; i++, j++) bytes[j] = value[i];
    this.#closeLine(id, at, valueFrom, valueTo);
    return true;
  }

  #writeName(name: Uint8Array, from: number, to: number): void {
    const bytes = this.bytes;
    let at = this.used;
    for (let i = from; i < to; i++) bytes[at++] = name[i];
    bytes[at] = 58;
    bytes[at + 1] = 32;
  }

  #closeLine(id: number, nameFrom: number, valueFrom: number, valueTo: number): void {
    this.bytes[valueTo] = 13;
    this.bytes[valueTo + 1] = 10;
    this.used = valueTo + 2;
    this.pushRow(id, nameFrom, valueFrom - 2, valueFrom, valueTo, F_LINE);
    if (isFraming(id)) this.framingEdited = true;
  }

  /** Moves the last row into the place of another. */
  #moveRow(last: number, row: number): void {
    const rows = this.rows;
    rows.copyWithin(row * ROW_STRIDE, last * ROW_STRIDE, (last + 1) * ROW_STRIDE);
    this.count = last;
  }
}

function isFraming(id: number): boolean {
  return id >= H_CONTENT_LENGTH && id <= H_CONNECTION;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

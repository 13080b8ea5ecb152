// The ClientHello of TLS, from the bytes a client sent (RFC 8446 4.1.2; RFC 5246 7.4.1.2), and the version in the hello
// of SSL 2.0 (RFC 5246 E.2). It is read to choose by it, never to answer it: fields are ranges of the bytes.
//
// Every length is checked before anything is taken from it: a hello whose parts do not add up is none.
import { HANDSHAKE_NONE, HandshakeReader } from "./tls_handshake.ts";

const CLIENT_HELLO = 1;
const RANDOM = 32;
const SESSION_ID_MOST = 32;

/** Extensions (IANA TLS ExtensionType). */
export const EXT_SERVER_NAME = 0;
export const EXT_SUPPORTED_GROUPS = 10;
export const EXT_SIGNATURE_ALGORITHMS = 13;
export const EXT_ALPN = 16;
export const EXT_SESSION_TICKET = 35;
export const EXT_KEY_SHARE = 51;

const NAME_HOST = 0;

export class ClientHello {
  /** All ranges below are of these bytes; valid as long as the bytes that were read. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** client_version: major in the high byte. */
  version = 0;
  ciphersFrom = 0;
  ciphersTo = 0;
  /** What find() and its relatives found. */
  from = 0;
  to = 0;
  readonly #reader = new HandshakeReader();
  #extensionsFrom = 0;
  #extensionsTo = 0;

  /** Reads `bytes[from, to)`: 1 when a whole ClientHello is there, 0 when more bytes may complete it, -1 when not. */
  read(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number {
    const found = this.#reader.read(bytes, from, to);
    if (found <= 0) return found;
    if (this.#reader.type !== CLIENT_HELLO) return HANDSHAKE_NONE;
    return this.#parse() ? 1 : HANDSHAKE_NONE;
  }

  #parse(): boolean {
    const { bytes, from, to } = this.#reader;
    this.bytes = bytes;
    let at = from + 2 + RANDOM;
    if (at + 1 > to) return false;
    this.version = u16(bytes, from);
    if (bytes[at] > SESSION_ID_MOST) return false;
    at += 1 + bytes[at];
    if (at + 2 > to) return false;
    const ciphers = u16(bytes, at);
    this.ciphersFrom = at + 2;
    this.ciphersTo = at = at + 2 + ciphers;
    if (ciphers === 0 || ciphers % 2 !== 0 || at + 1 > to || bytes[at] === 0) return false;
    at += 1 + bytes[at];
    this.#extensionsFrom = this.#extensionsTo = to;
    if (at === to) return true;
    if (at + 2 > to || at + 2 + u16(bytes, at) !== to) return false;
    this.#extensionsFrom = at + 2;
    return this.#extensionsAddUp();
  }

  #extensionsAddUp(): boolean {
    let at = this.#extensionsFrom;
    while (at + 4 <= this.#extensionsTo) at += 4 + u16(this.bytes, at + 2);
    return at === this.#extensionsTo;
  }

  /** Finds the content of an extension; false when it was not sent. */
  find(type: number): boolean {
    const { bytes } = this;
    for (let at = this.#extensionsFrom; at < this.#extensionsTo; at += 4 + u16(bytes, at + 2)) {
      if (u16(bytes, at) !== type) continue;
      this.from = at + 4;
      this.to = at + 4 + u16(bytes, at + 2);
      return true;
    }
    return false;
  }

  /** Finds the list that is the whole content of an extension, without its length of two bytes. */
  findList(type: number): boolean {
    if (!this.find(type) || this.from + 2 > this.to || this.from + 2 + u16(this.bytes, this.from) !== this.to) {
      return false;
    }
    this.from += 2;
    return true;
  }

  /** Finds the host name (RFC 6066 3). An empty one is none. */
  findServerName(): boolean {
    if (!this.findList(EXT_SERVER_NAME)) return false;
    const { bytes, to } = this;
    for (let at = this.from; at + 3 <= to;) {
      const end = at + 3 + u16(bytes, at + 1);
      if (end > to) return false;
      if (bytes[at] === NAME_HOST) {
        this.from = at + 3;
        this.to = end;
        return end > at + 3;
      }
      at = end;
    }
    return false;
  }

  /** Finds the first protocol of the list (RFC 7301 3.1). */
  findProtocol(): boolean {
    if (!this.findList(EXT_ALPN) || this.from === this.to) return false;
    const end = this.from + 1 + this.bytes[this.from];
    if (end > this.to || end === this.from + 1) return false;
    this.from++;
    this.to = end;
    return true;
  }

  /** Writes the group of each key share (RFC 8446 4.2.8) at the start of `into`: bytes written, -1 without shares. */
  keyShareGroups(into: Uint8Array): number {
    if (!this.findList(EXT_KEY_SHARE)) return -1;
    const { bytes, to } = this;
    let used = 0;
    for (let at = this.from; at < to;) {
      if (at + 4 > to || used + 2 > into.length) return -1;
      into[used++] = bytes[at];
      into[used++] = bytes[at + 1];
      at += 4 + u16(bytes, at + 2);
      if (at > to) return -1;
    }
    return used;
  }
}

/** Lengths that stand in an SSL 2.0 hello behind its version: cipher specs, session id, challenge. */
const SSL2_HEAD = 11;

/** The version in an SSL 2.0 CLIENT-HELLO, major in the high byte; 0: more bytes may complete it, -1: it is none. */
export function ssl2Version(bytes: Uint8Array, from: number, to: number): number {
  if (from < to && (bytes[from] & 0x80) === 0) return -1;
  if (from + 2 < to && bytes[from + 2] !== CLIENT_HELLO) return -1;
  if (from + SSL2_HEAD > to) return 0;
  const length = (bytes[from] & 0x7f) << 8 | bytes[from + 1];
  const ciphers = u16(bytes, from + 5);
  const challenge = u16(bytes, from + 9);
  if (ciphers === 0 || ciphers % 3 !== 0 || challenge < 16 || challenge > 32) return -1;
  if (length !== SSL2_HEAD - 2 + ciphers + u16(bytes, from + 7) + challenge) return -1;
  return from + 2 + length > to ? 0 : u16(bytes, from + 3);
}

function u16(bytes: Uint8Array, at: number): number {
  return bytes[at] << 8 | bytes[at + 1];
}

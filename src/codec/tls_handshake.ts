// The first handshake message of what a TLS peer sent, found in bytes that may still be arriving: records of the type
// handshake (RFC 8446 5.1), whose content belongs together however it was cut (RFC 8446 5.1: a message may be spread over
// several records). Nothing is decrypted: what comes first is always in the clear.
//
// A message within one record, the usual case, stays where it is; one that is spread is joined in a buffer of this reader.

/** More bytes may complete the message. */
export const HANDSHAKE_MORE = 0;
/** What is there is not the beginning of a TLS handshake, or breaks its syntax. */
export const HANDSHAKE_NONE = -1;

const RECORD_HEAD = 5;
const CONTENT_HANDSHAKE = 22;
/** Longest content of a record in the clear (RFC 8446 5.1). */
const RECORD_MOST = 16384;
const MESSAGE_HEAD = 4;

export class HandshakeReader {
  /** HandshakeType: 1 ClientHello, 2 ServerHello. */
  type = 0;
  /** The message without its head: `bytes[from, to)`. Valid as long as the bytes that were read. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  from = 0;
  to = 0;
  #joined: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /** Looks for the message in `bytes[from, to)`: 1 when it is there, else HANDSHAKE_MORE or HANDSHAKE_NONE. */
  read(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number {
    const content = recordLength(bytes, from, to);
    if (content <= 0) return content;
    const start = from + RECORD_HEAD;
    const end = start + content;
    const length = messageLength(bytes, start, Math.min(end, to));
    const spread = length < 0 ? end <= to : start + length > end;
    if (spread) return this.#join(bytes, from, to);
    if (length < 0 || start + length > to) return HANDSHAKE_MORE;
    this.#found(bytes, start, length);
    return 1;
  }

  /** The message goes beyond its first record. */
  #join(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number {
    if (this.#joined.length < to - from) this.#joined = new Uint8Array(to - from);
    const joined = this.#joined;
    let used = 0;
    for (let at = from; at < to;) {
      const length = recordLength(bytes, at, to);
      if (length <= 0) return length;
      const start = at + RECORD_HEAD;
      at = start + length;
      for (let i = start; i < at && i < to; i++) joined[used++] = bytes[i];
      const whole = messageLength(joined, 0, used);
      if (whole >= 0 && whole <= used) {
        this.#found(joined, 0, whole);
        return 1;
      }
    }
    return HANDSHAKE_MORE;
  }

  #found(bytes: Uint8Array<ArrayBuffer>, at: number, length: number): void {
    this.type = bytes[at];
    this.bytes = bytes;
    this.from = at + MESSAGE_HEAD;
    this.to = at + length;
  }
}

/** Length of the content of the handshake record at `at`; HANDSHAKE_MORE: its head is not complete; HANDSHAKE_NONE. */
function recordLength(bytes: Uint8Array, at: number, to: number): number {
  if (at < to && bytes[at] !== CONTENT_HANDSHAKE) return HANDSHAKE_NONE;
  // The version in a record says nothing any more but that it is at least SSL 3.0.
  if (at + 1 < to && bytes[at + 1] < 3) return HANDSHAKE_NONE;
  if (at + RECORD_HEAD > to) return HANDSHAKE_MORE;
  const length = bytes[at + 3] << 8 | bytes[at + 4];
  return length === 0 || length > RECORD_MOST ? HANDSHAKE_NONE : length;
}

/** Length of the handshake message at `at` with its head; -1: its head is not complete. */
function messageLength(bytes: Uint8Array, at: number, to: number): number {
  if (at + MESSAGE_HEAD > to) return -1;
  return MESSAGE_HEAD + (bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]);
}

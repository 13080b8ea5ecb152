// The chunked coding (RFC 9112 7.1): a decoder that points at the data where it lies, and the writer of chunk headers.
//
// Strict: sizes of hexadecimal digits only, of at most MAX_DIGITS; every line ends with CR LF; extensions are skipped,
// MAX_EXTENSION bytes a line. What is let through cannot be framed in two ways.
import { HEX_VALUE, latin1ToBytes, NOT_HEX } from "../../base/mod.ts";
import { VALUE_BREAK } from "../../http/mod.ts";
import { H1_BAD_CHUNK } from "./errors.ts";

/** What next() found. */
export const CHUNK_MORE = 0;
export const CHUNK_DATA = 1;
/** The body ended with fields behind it: parseTrailers() goes on at `at`. */
export const CHUNK_TRAILERS = 2;
/** The body ended; `at` is behind it. */
export const CHUNK_END = 3;

const MAX_DIGITS = 16;
const MAX_EXTENSION = 4096;

const SIZE_START = 0;
const SIZE = 1;
const EXTENSION = 2;
const SIZE_LF = 3;
const DATA = 4;
const DATA_CR = 5;
const DATA_LF = 6;
const LAST_START = 7;
const LAST_LF = 8;
const ENDED = 9;

const HT = 9;
const LF = 10;
const CR = 13;
const SP = 32;
const SEMICOLON = 59;

/** Decodes one body after the other, of one connection. */
export class ChunkDecoder {
  /** How far next() has read: everything before is done with, but for the data it returned. */
  at = 0;
  /** Where the data begins that next() returned. */
  dataFrom = 0;
  /** Data bytes of the current chunk that next() has not returned. */
  left = 0;
  #state = SIZE_START;
  /** Digits of the size, then bytes of the extension, on this line. */
  #count = 0;

  reset(): void {
    this.at = 0;
    this.dataFrom = 0;
    this.left = 0;
    this.#state = SIZE_START;
    this.#count = 0;
  }

  /**
   * Goes on with `bytes[from, to)`, where the last call's `at` was.
   *
   * @returns CHUNK_DATA: the bytes from dataFrom to `at` are body, all that is there of this chunk; CHUNK_MORE: all was
   * read; CHUNK_TRAILERS, CHUNK_END; or H1_BAD_CHUNK with `at` at the fault.
   */
  next(bytes: Uint8Array, from: number, to: number): number {
    let i = from;
    let state = this.#state;
    while (i < to) {
      const c = bytes[i];
      switch (state) {
        case SIZE_START:
        case SIZE: {
          const digit = HEX_VALUE[c];
          if (digit !== NOT_HEX) {
            const left = this.left * 16 + digit;
            if (++this.#count > MAX_DIGITS || left > Number.MAX_SAFE_INTEGER) return this.#fail(i);
            this.left = left;
            state = SIZE;
            break;
          }
          if (state === SIZE_START) return this.#fail(i);
          this.#count = 0;
          if (c === CR) state = SIZE_LF;
          else if (c === SEMICOLON || c === SP || c === HT) state = EXTENSION;
          else return this.#fail(i);
          break;
        }
        case EXTENSION:
          if (c === CR) state = SIZE_LF;
          else if (VALUE_BREAK[c] !== 0 || ++this.#count > MAX_EXTENSION) return this.#fail(i);
          break;
        case SIZE_LF:
          if (c !== LF) return this.#fail(i);
          this.#count = 0;
          state = this.left === 0 ? LAST_START : DATA;
          break;
        case DATA: {
          const there = Math.min(this.left, to - i);
          this.dataFrom = i;
          this.left -= there;
          this.#state = this.left === 0 ? DATA_CR : DATA;
          this.at = i + there;
          return CHUNK_DATA;
        }
        case DATA_CR:
          if (c !== CR) return this.#fail(i);
          state = DATA_LF;
          break;
        case DATA_LF:
          if (c !== LF) return this.#fail(i);
          state = SIZE_START;
          break;
        case LAST_START:
          if (c !== CR) {
            this.#state = ENDED;
            this.at = i;
            return CHUNK_TRAILERS;
          }
          state = LAST_LF;
          break;
        case LAST_LF:
          if (c !== LF) return this.#fail(i);
          this.#state = ENDED;
          this.at = i + 1;
          return CHUNK_END;
        default:
          this.at = i;
          return CHUNK_END;
      }
      i++;
    }
    this.#state = state;
    this.at = i;
    return CHUNK_MORE;
  }

  #fail(at: number): number {
    this.at = at;
    return H1_BAD_CHUNK;
  }
}

/** What ends a body without trailers. */
export const LAST_CHUNK: Uint8Array<ArrayBuffer> = /* @__PURE__ */ latin1ToBytes("0\r\n\r\n");

/** Most bytes of a chunk header (13 digits tell 2^52 bytes). */
export const CHUNK_HEADER_MAX = 16;

/** Writes size (1 to 2^52) and line end of a chunk at `at`; returns the position behind it. CR LF must follow the data. */
export function writeChunkHeader(into: Uint8Array, at: number, size: number): number {
  let end = at + 1;
  for (let rest = size; rest >= 16; rest = Math.floor(rest / 16)) end++;
  let rest = size;
  for (let i = end - 1; i >= at; i--) {
    const high = Math.floor(rest / 16);
    const digit = rest - high * 16;
    into[i] = digit < 10 ? 48 + digit : 55 + digit;
    rest = high;
  }
  into[end] = CR;
  into[end + 1] = LF;
  return end + 2;
}

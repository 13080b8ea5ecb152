// What a PROXY protocol header says (proxy-protocol.txt 2), and the NetScaler one, which says less.
import type { Address } from "../../sys/types.ts";

/** Results of the parsers beside the length of a header: more bytes are needed, or why it is none. */
export const HEADER_PARTIAL = 0;
/** It does not look like one. */
export const HEADER_OTHER = -1;
/** It looks like one and is wrong. */
export const HEADER_INVALID = -2;
/** It speaks of a protocol that is not carried here. */
export const HEADER_UNHANDLED = -3;
/** It is longer than what is read of a header. */
export const HEADER_TOO_LONG = -4;

/** What a header of version 2 begins with (2.2). */
export const SIGNATURE = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);

/** Types of values in headers of version 2 (2.2), and of those within PP2_TYPE_SSL. */
export const PP2_TYPE_ALPN = 0x01;
export const PP2_TYPE_AUTHORITY = 0x02;
export const PP2_TYPE_CRC32C = 0x03;
export const PP2_TYPE_NOOP = 0x04;
export const PP2_TYPE_UNIQUE_ID = 0x05;
export const PP2_TYPE_SSL = 0x20;
export const PP2_TYPE_NETNS = 0x30;

/** Bytes of PP2_TYPE_SSL before its values: flags and the result of the verification. */
const SSL_FIXED = 5;

/** Longest value that is kept (configuration.txt 7.3.3 "fc_pp_tlv"). */
const LONGEST_VALUE = 1024;

const NO_BYTES = new Uint8Array(0);

export class ProxyHeader {
  /** The connection is the proxy's own (a health check): its real addresses count. */
  local = false;
  /** Null: not told. */
  source: Address | null = null;
  destination: Address | null = null;
  /** The values (TLVs) in the order of the header: complete, a copy. */
  values: Uint8Array<ArrayBuffer> = NO_BYTES;

  /**
   * Calls `found` with each value of a type, in order, until it answers true; those inside PP2_TYPE_SSL come after the
   * others. False when none did.
   */
  each(type: number, found: (bytes: Uint8Array<ArrayBuffer>, from: number, to: number) => boolean): boolean {
    const { values } = this;
    return eachIn(values, 0, values.length, type, found) ||
      eachIn(
        values,
        0,
        values.length,
        PP2_TYPE_SSL,
        (bytes, from, to) => eachIn(bytes, from + SSL_FIXED, to, type, found),
      );
  }
}

function eachIn(
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
  to: number,
  type: number,
  found: (bytes: Uint8Array<ArrayBuffer>, from: number, to: number) => boolean,
): boolean {
  for (let at = from; at + 3 <= to;) {
    const length = bytes[at + 1] << 8 | bytes[at + 2];
    const end = at + 3 + length;
    if (end > to) return false;
    if (bytes[at] === type && length <= LONGEST_VALUE && found(bytes, at + 3, end)) return true;
    at = end;
  }
  return false;
}

// Reads a PROXY protocol header of either version at the beginning of a connection (proxy-protocol.txt 2.1, 2.2).
//
// Every beginning of a header is HEADER_PARTIAL: what came so far may be one. Nothing is taken from a header that is not
// whole and right.
import { crc32c, formatIp, parseIp } from "../../base/mod.ts";
import type { Address } from "../../sys/types.ts";
import {
  HEADER_INVALID,
  HEADER_OTHER,
  HEADER_PARTIAL,
  HEADER_TOO_LONG,
  HEADER_UNHANDLED,
  PP2_TYPE_AUTHORITY,
  PP2_TYPE_CRC32C,
  PP2_TYPE_UNIQUE_ID,
  type ProxyHeader,
  SIGNATURE,
} from "./header.ts";

const PREFIX = new TextEncoder().encode("PROXY ");
/** Longest header of version 1, with its line end. */
const LINE_MAX = 107;
const CR = 13;
const LF = 10;

/** Bytes of version 2 before the addresses. */
const FIXED = 16;
const LONGEST_AUTHORITY = 255;
const LONGEST_UNIQUE_ID = 128;

/**
 * Reads `bytes[from, to)`: the length of the header, which `into` then tells, or a result below. `room`: the most bytes of
 * a header that can be waited for.
 */
export function parseProxyHeader(
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
  to: number,
  room: number,
  into: ProxyHeader,
): number {
  if (to === from) return HEADER_PARTIAL;
  if (bytes[from] === PREFIX[0]) return parseLine(bytes, from, to, into);
  return parseBinary(bytes, from, to, room, into);
}

/** Whether `bytes[from, to)` begins with `start`, as far as both go. */
function begins(bytes: Uint8Array<ArrayBuffer>, from: number, to: number, start: Uint8Array): boolean {
  const length = Math.min(to - from, start.length);
  for (let i = 0; i < length; i++) if (bytes[from + i] !== start[i]) return false;
  return true;
}

// ---- version 1 ----------------------------------------------------------------------------------------------------

function parseLine(bytes: Uint8Array<ArrayBuffer>, from: number, to: number, into: ProxyHeader): number {
  if (!begins(bytes, from, to, PREFIX)) return HEADER_OTHER;
  const limit = Math.min(to, from + LINE_MAX);
  let end = from;
  while (end < limit && bytes[end] !== CR && bytes[end] !== LF) end++;
  if (end === limit) return limit - from === LINE_MAX ? HEADER_TOO_LONG : HEADER_PARTIAL;
  if (bytes[end] === LF) return HEADER_INVALID;
  if (end + 1 === to) return end + 2 - from > LINE_MAX ? HEADER_TOO_LONG : HEADER_PARTIAL;
  if (bytes[end + 1] !== LF) return HEADER_INVALID;
  if (end + 2 - from > LINE_MAX) return HEADER_TOO_LONG;
  const words = String.fromCharCode(...bytes.subarray(from, end)).split(" ");
  const length = end + 2 - from;
  // What follows UNKNOWN says nothing (2.1).
  if (words[1] === "UNKNOWN") return length;
  const family = words[1] === "TCP4" ? "ipv4" : words[1] === "TCP6" ? "ipv6" : null;
  if (family === null) return words[1] === "" ? HEADER_INVALID : HEADER_UNHANDLED;
  if (words.length !== 6) return HEADER_INVALID;
  const source = lineAddress(family, words[2], words[4]);
  const destination = lineAddress(family, words[3], words[5]);
  if (source === null || destination === null) return HEADER_INVALID;
  into.source = source;
  into.destination = destination;
  return length;
}

function lineAddress(family: "ipv4" | "ipv6", host: string, port: string): Address | null {
  const ip = parseIp(host);
  if (ip === null || ip.length !== (family === "ipv4" ? 4 : 16)) return null;
  if (!/^(0|[1-9][0-9]{0,4})$/.test(port) || Number(port) > 65535) return null;
  return { family, host: formatIp(ip), port: Number(port) };
}

// ---- version 2 ----------------------------------------------------------------------------------------------------

const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

function parseBinary(
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
  to: number,
  room: number,
  into: ProxyHeader,
): number {
  if (!begins(bytes, from, to, SIGNATURE)) return HEADER_OTHER;
  const length = to - from;
  if (length > 12 && bytes[from + 12] >> 4 !== 2) return HEADER_OTHER;
  const command = bytes[from + 12];
  if (length > 12 && command !== COMMAND_LOCAL && command !== COMMAND_PROXY) return HEADER_INVALID;
  if (length < FIXED) return HEADER_PARTIAL;
  const total = FIXED + (bytes[from + 14] << 8 | bytes[from + 15]);
  if (total > room) return HEADER_TOO_LONG;
  if (length < total) return HEADER_PARTIAL;
  const end = from + total;
  if (command === COMMAND_LOCAL) {
    into.local = true;
    return total;
  }
  const kind = bytes[from + 13];
  if (kind !== TCP_OVER_IPV4 && kind !== TCP_OVER_IPV6) return HEADER_INVALID;
  const size = kind === TCP_OVER_IPV4 ? 4 : 16;
  const at = from + FIXED;
  const values = at + 2 * size + 4;
  if (values > end || !valuesAreRight(bytes, from, values, end)) return HEADER_INVALID;
  const family = size === 4 ? "ipv4" : "ipv6";
  const address = (ip: number, port: number): Address => {
    return { family, host: formatIp(bytes, ip, size), port: bytes[port] << 8 | bytes[port + 1] };
  };
  into.source = address(at, at + 2 * size);
  into.destination = address(at + size, at + 2 * size + 2);
  if (values < end) into.values = bytes.slice(values, end);
  return total;
}

/** Whether the values of a header that begins at `from` fill `bytes[at, to)`, and their lengths and sum are right. */
function valuesAreRight(bytes: Uint8Array<ArrayBuffer>, from: number, at: number, to: number): boolean {
  while (at < to) {
    if (at + 3 > to) return false;
    const length = bytes[at + 1] << 8 | bytes[at + 2];
    const value = at + 3;
    if (value + length > to) return false;
    switch (bytes[at]) {
      case PP2_TYPE_AUTHORITY:
        if (length > LONGEST_AUTHORITY) return false;
        break;
      case PP2_TYPE_UNIQUE_ID:
        if (length > LONGEST_UNIQUE_ID) return false;
        break;
      case PP2_TYPE_CRC32C:
        if (length !== 4 || !sumIsRight(bytes, from, to, value)) return false;
        break;
    }
    at = value + length;
  }
  return true;
}

/** The sum is of the whole header, with zeros in its own place (2.2.4). */
function sumIsRight(bytes: Uint8Array<ArrayBuffer>, from: number, to: number, at: number): boolean {
  const header = bytes.slice(from, to);
  const view = new DataView(header.buffer);
  const sum = view.getUint32(at - from);
  view.setUint32(at - from, 0);
  return crc32c(header, 0, header.length) >>> 0 === sum;
}

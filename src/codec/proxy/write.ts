// Writes PROXY protocol headers (proxy-protocol.txt 2.1, 2.2).
import { crc32c, formatIp, parseIp, toIpv6 } from "../../base/mod.ts";
import type { Address } from "../../sys/types.ts";
import { PP2_TYPE_CRC32C, SIGNATURE } from "./header.ts";

/** A value (TLV) to send. */
export interface ProxyValue {
  readonly type: number;
  readonly bytes: Uint8Array;
}

export interface ProxyHeaderParts {
  readonly source: Address;
  readonly destination: Address;
  /** The connection is of the proxy itself. */
  readonly local: boolean;
  readonly values: readonly ProxyValue[];
  /** With a sum over the header. */
  readonly crc32c: boolean;
}

interface Pair {
  readonly from: Uint8Array<ArrayBuffer>;
  readonly to: Uint8Array<ArrayBuffer>;
  readonly fromPort: number;
  readonly toPort: number;
}

/** Both addresses as bytes of one family: an IPv4 address beside an IPv6 one is mapped. Null: they are no IP. */
function ipPair(source: Address, destination: Address): Pair | null {
  if (source.family === "unix" || destination.family === "unix") return null;
  const from = parseIp(source.host);
  const to = parseIp(destination.host);
  if (from === null || to === null) return null;
  const [fromPort, toPort] = [source.port, destination.port];
  if (from.length === to.length) return { from, to, fromPort, toPort };
  return { from: toIpv6(from), to: toIpv6(to), fromPort, toPort };
}

/** A header of version 1. */
export function proxyLine(source: Address, destination: Address): Uint8Array<ArrayBuffer> {
  const pair = ipPair(source, destination);
  const text = pair === null
    ? "PROXY UNKNOWN\r\n"
    : `PROXY ${pair.from.length === 4 ? "TCP4" : "TCP6"} ${formatIp(pair.from)} ${formatIp(pair.to)} ` +
      `${pair.fromPort} ${pair.toPort}\r\n`;
  return new TextEncoder().encode(text);
}

const VERSION_LOCAL = 0x20;
const VERSION_PROXY = 0x21;
const UNSPECIFIED = 0x00;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;
const FIXED = 16;
/** Bytes behind the fixed part that its length can tell. */
const LONGEST = 65535;

/** A header of version 2. Addresses that are no IP are not told: the header says LOCAL then. Values that do not fit are left out. */
export function proxyHeader(parts: ProxyHeaderParts): Uint8Array<ArrayBuffer> {
  const pair = parts.local ? null : ipPair(parts.source, parts.destination);
  const addresses = pair === null ? 0 : 2 * pair.from.length + 4;
  const sum = parts.crc32c ? 7 : 0;
  let length = addresses + sum;
  const values = parts.values.filter(({ bytes }) => {
    if (length + 3 + bytes.length > LONGEST) return false;
    length += 3 + bytes.length;
    return true;
  });
  const out = new Uint8Array(FIXED + length);
  const view = new DataView(out.buffer);
  out.set(SIGNATURE);
  out[12] = pair === null ? VERSION_LOCAL : VERSION_PROXY;
  out[13] = pair === null ? UNSPECIFIED : pair.from.length === 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6;
  view.setUint16(14, length);
  if (pair !== null) {
    out.set(pair.from, FIXED);
    out.set(pair.to, FIXED + pair.from.length);
    view.setUint16(FIXED + addresses - 4, pair.fromPort);
    view.setUint16(FIXED + addresses - 2, pair.toPort);
  }
  let at = FIXED + addresses;
  if (sum > 0) {
    out[at] = PP2_TYPE_CRC32C;
    out[at + 2] = 4;
    at += sum;
  }
  for (const { type, bytes } of values) {
    out[at] = type;
    view.setUint16(at + 1, bytes.length);
    out.set(bytes, at + 3);
    at += 3 + bytes.length;
  }
  if (sum > 0) view.setUint32(FIXED + addresses + 3, crc32c(out, 0, out.length) >>> 0);
  return out;
}

// The NetScaler Client IP insertion header: a magic number, lengths, and the headers of the client's last IP packet of the
// handshake (netscaler-client-ip-insertion-protocol.txt). Two forms exist; an IP header tells the old one from the new.
import { formatIp } from "../../base/mod.ts";
import type { Address } from "../../sys/types.ts";
import { HEADER_OTHER, HEADER_PARTIAL, HEADER_TOO_LONG, HEADER_UNHANDLED, type ProxyHeader } from "./header.ts";

/** Bytes before the IP header: magic number, length; and in the new form type and length again. */
const OLD_FIXED = 8;
const NEW_FIXED = 12;
const TCP = 6;
const IPV6_HEADER = 40;
/** Bytes of a TCP header that are read: the ports. */
const PORTS = 4;

/** As parseProxyHeader(). HEADER_OTHER: another magic number. */
export function parseNetscalerHeader(
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
  to: number,
  room: number,
  magic: number,
  into: ProxyHeader,
): number {
  for (let i = 0; i < 4 && from + i < to; i++) {
    if (bytes[from + i] !== (magic >>> (24 - 8 * i) & 0xff)) return HEADER_OTHER;
  }
  if (to - from <= OLD_FIXED) return HEADER_PARTIAL;
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, to - from);
  const isOld = view.getUint8(OLD_FIXED) >> 4 !== 0;
  const fixed = isOld ? OLD_FIXED : NEW_FIXED;
  if (to - from <= fixed) return HEADER_PARTIAL;
  const length = fixed + (isOld ? view.getUint32(4) : view.getUint16(10));
  if (length > room) return HEADER_TOO_LONG;
  if (to - from < length) return HEADER_PARTIAL;
  const version = view.getUint8(fixed) >> 4;
  const ip = from + fixed;
  if (version === 4) {
    const header = (bytes[ip] & 15) * 4;
    if (header < 20 || fixed + header + PORTS > length || bytes[ip + 9] !== TCP) return HEADER_UNHANDLED;
    into.source = address("ipv4", bytes, ip + 12, ip + header);
    into.destination = address("ipv4", bytes, ip + 16, ip + header + 2);
  } else if (version === 6) {
    if (fixed + IPV6_HEADER + PORTS > length || bytes[ip + 6] !== TCP) return HEADER_UNHANDLED;
    into.source = address("ipv6", bytes, ip + 8, ip + IPV6_HEADER);
    into.destination = address("ipv6", bytes, ip + 24, ip + IPV6_HEADER + 2);
  } else return HEADER_UNHANDLED;
  return length;
}

function address(family: "ipv4" | "ipv6", bytes: Uint8Array<ArrayBuffer>, at: number, port: number): Address {
  const host = formatIp(bytes, at, family === "ipv4" ? 4 : 16);
  return { family, host, port: bytes[port] << 8 | bytes[port + 1] };
}

// Addresses of statements (configuration.txt 2.9): family prefixes, socket type prefixes, protocol prefixes, ports.
// Nothing is resolved or opened here: the result is plain data.
import { parseIp } from "../base/mod.ts";
import type { AddressNode, Transport } from "./model.ts";

/** What a statement accepts as an address. */
export interface AddressOptions {
  /** "none": a port is an error; "required": none is an error; IP addresses and names only. */
  readonly ports: "none" | "optional" | "required";
  /** A range "80-90" is allowed. */
  readonly range?: boolean;
  /** A relative port "+8000" or "-8000" is allowed. */
  readonly offset?: boolean;
  /** Port 0 is allowed. */
  readonly zero?: boolean;
  /** What an address without a type prefix is. */
  readonly transport: "stream" | "dgram";
  /** What it may be; default: only `transport`. */
  readonly transports?: readonly Transport[];
  /** "fd@" is allowed. */
  readonly fd?: boolean;
  /** "rhttp@" is allowed. */
  readonly rhttp?: boolean;
}

interface Prefix {
  readonly family: "ip" | "ipv4" | "ipv6" | "unix" | "abns" | "abnsz" | "fd" | "sockpair" | "rhttp";
  /** Forced transport; null leaves it to the socket type prefix or the statement. */
  readonly transport: Transport | null;
  readonly mptcp?: true;
}

/** Family and protocol prefixes. A Map: names come from the configuration, "constructor@" must not be found. */
const PREFIXES: ReadonlyMap<string, Prefix> = new Map<string, Prefix>([
  ["ip", { family: "ip", transport: null }],
  ["ipv4", { family: "ipv4", transport: null }],
  ["ipv6", { family: "ipv6", transport: null }],
  ["unix", { family: "unix", transport: null }],
  ["abns", { family: "abns", transport: null }],
  ["abnsz", { family: "abnsz", transport: null }],
  ["fd", { family: "fd", transport: null }],
  ["sockpair", { family: "sockpair", transport: null }],
  ["rhttp", { family: "rhttp", transport: "stream" }],
  ["tcp", { family: "ip", transport: "stream" }],
  ["tcp4", { family: "ipv4", transport: "stream" }],
  ["tcp6", { family: "ipv6", transport: "stream" }],
  ["mptcp", { family: "ip", transport: "stream", mptcp: true }],
  ["mptcp4", { family: "ipv4", transport: "stream", mptcp: true }],
  ["mptcp6", { family: "ipv6", transport: "stream", mptcp: true }],
  ["udp", { family: "ip", transport: "dgram" }],
  ["udp4", { family: "ipv4", transport: "dgram" }],
  ["udp6", { family: "ipv6", transport: "dgram" }],
  ["quic4", { family: "ipv4", transport: "quic" }],
  ["quic6", { family: "ipv6", transport: "quic" }],
  ["uxst", { family: "unix", transport: "stream" }],
  ["uxdg", { family: "unix", transport: "dgram" }],
]);

const SOCKET_TYPES: readonly Transport[] = ["stream", "dgram", "quic"];

/** Longest path of a unix socket, and of an abstract name (one byte of 108 is taken). */
const UNIX_PATH_MAX = 107;

/** Reads one address. A string is the reason of the refusal, to be put behind the keyword's name. */
export function parseAddress(text: string, options: AddressOptions): AddressNode | string {
  let rest = text;
  let transport: Transport | null = null;
  for (const type of SOCKET_TYPES) {
    if (!rest.startsWith(`${type}+`)) continue;
    transport = type;
    rest = rest.slice(type.length + 1);
    break;
  }
  let prefix: Prefix | undefined;
  const at = rest.indexOf("@");
  if (at >= 0) {
    prefix = PREFIXES.get(rest.slice(0, at));
    if (prefix !== undefined) rest = rest.slice(at + 1);
  }
  if (transport !== null && prefix === undefined) {
    return `'${transport}+' must be followed by an address family such as 'ipv4@' in '${text}'`;
  }
  if (prefix?.transport != null) {
    if (transport !== null && transport !== prefix.transport) {
      return `'${transport}+' contradicts the prefix in '${text}'`;
    }
    transport = prefix.transport;
  }
  const actual = transport ?? options.transport;
  if (!(options.transports ?? [options.transport]).includes(actual)) {
    return `${actual}-type address not acceptable in '${text}'`;
  }
  const family = prefix?.family ?? (rest.startsWith("/") ? "unix" : "ip");
  switch (family) {
    case "ip":
    case "ipv4":
    case "ipv6":
      if (rest === "" && prefix === undefined) {
        return `'${text}' resolves to an empty address (environment variable missing?)`;
      }
      return parseIpAddress(text, rest, family, actual, prefix?.mptcp === true, options);
    case "fd":
    case "sockpair":
      if (family === "fd" && options.fd !== true) return `a file descriptor is not acceptable here in '${text}'`;
      if (!/^[0-9]{1,9}$/.test(rest)) return `file descriptor '${rest}' is not a valid integer in '${text}'`;
      return node(text, family, actual, rest);
    case "rhttp":
      if (options.rhttp !== true) return `reverse HTTP address not acceptable here in '${text}'`;
      return node(text, family, actual, rest);
    default:
      if (rest === "") return `missing path in '${text}'`;
      if (rest.length > UNIX_PATH_MAX) return `socket path '${rest}' too long (max ${UNIX_PATH_MAX})`;
      return node(text, family, actual, rest);
  }
}

/** Reads a comma-separated list of addresses, as `bind` takes it. Empty elements are refused, but a last one is not. */
export function parseAddresses(text: string, options: AddressOptions): AddressNode[] | string {
  const parts = text.split(",");
  if (parts.length > 1 && parts[parts.length - 1] === "") parts.pop();
  const out: AddressNode[] = [];
  for (const part of parts) {
    const address = parseAddress(part, options);
    if (typeof address === "string") return address;
    out.push(address);
  }
  return out;
}

function parseIpAddress(
  text: string,
  rest: string,
  family: "ip" | "ipv4" | "ipv6",
  transport: Transport,
  mptcp: boolean,
  options: AddressOptions,
): AddressNode | string {
  const [rawHost, rawPort] = splitPort(rest);
  const bracketed = rawHost.startsWith("[") && rawHost.endsWith("]");
  const host = bracketed ? rawHost.slice(1, -1) : rawHost;
  let actual: AddressNode["family"];
  let address = host;
  if (host === "" || host === "*") {
    if (bracketed) return `invalid address: '${rawHost}' in '${text}'`;
    actual = family === "ipv6" ? "ipv6" : "ipv4";
    address = actual === "ipv6" ? "::" : "0.0.0.0";
  } else {
    const bytes = parseIp(host);
    if (bytes !== null) actual = bytes.length === 4 ? "ipv4" : "ipv6";
    else if (!bracketed && isHostName(host)) actual = "name";
    else return `invalid address: '${rawHost}' in '${text}'`;
    if (actual !== "name" && family !== "ip" && actual !== family) return `invalid address: '${rawHost}' in '${text}'`;
    if (bracketed && actual !== "ipv6") return `invalid address: '${rawHost}' in '${text}'`;
  }
  const port = parsePorts(text, rawPort, options);
  if (typeof port === "string") return port;
  const resolve = family === "ip" ? "any" : family;
  return { family: actual, transport, host: address, resolve, ...port, mptcp, text };
}

/** Splits at the last colon, unless that one belongs to an IPv6 address that has no port. */
function splitPort(text: string): [string, string] {
  const colon = text.lastIndexOf(":");
  if (colon < 0 || text.endsWith("]")) return [text, ""];
  const host = text.slice(0, colon);
  const port = text.slice(colon + 1);
  const belongs = port.includes(".") || (host.includes(":") && !host.startsWith("[") && parseIp(host) === null);
  return belongs && parseIp(text) !== null ? [text, ""] : [host, port];
}

type Ports = Pick<AddressNode, "port" | "portEnd" | "portKind">;

function parsePorts(text: string, ports: string, options: AddressOptions): Ports | string {
  if (ports === "") {
    if (options.ports === "required") return `missing port specification in '${text}'`;
    return { port: 0, portEnd: 0, portKind: "none" };
  }
  if (options.ports === "none") return `port specification not permitted here in '${text}'`;
  if (ports[0] === "+" || ports[0] === "-") {
    if (options.offset !== true) return `port offset not permitted here in '${text}'`;
    const offset = parsePort(ports.slice(1), text, true);
    if (typeof offset === "string") return offset;
    const signed = ports[0] === "-" && offset !== 0 ? -offset : offset;
    return { port: signed, portEnd: signed, portKind: "offset" };
  }
  const dash = ports.indexOf("-");
  const zero = options.zero === true && dash < 0;
  const low = parsePort(dash < 0 ? ports : ports.slice(0, dash), text, zero);
  if (typeof low === "string") return low;
  if (dash < 0) return { port: low, portEnd: low, portKind: "fixed" };
  if (options.range !== true) return `port range not permitted here in '${text}'`;
  const high = parsePort(ports.slice(dash + 1), text, false);
  if (typeof high === "string") return high;
  if (high < low) return `invalid port range '${ports}'`;
  return { port: low, portEnd: high, portKind: "fixed" };
}

function parsePort(digits: string, text: string, zero: boolean): number | string {
  const wrong = /[^0-9]/.exec(digits);
  if (wrong !== null) return `invalid character '${wrong[0]}' in port number '${digits}' in '${text}'`;
  const port = Number(digits);
  if (digits === "" || digits.length > 9 || port > 65535 || (port === 0 && !zero)) {
    return `invalid port '${digits}'`;
  }
  return port;
}

/** Letters, digits, dashes, underscores in labels; not only digits and dots, which is a mistyped IPv4 address. */
function isHostName(text: string): boolean {
  return text.length <= 253 && /^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/.test(text) && /[A-Za-z_-]/.test(text);
}

function node(text: string, family: AddressNode["family"], transport: Transport, host: string): AddressNode {
  return { family, transport, host, resolve: "any", port: 0, portEnd: 0, portKind: "none", mptcp: false, text };
}

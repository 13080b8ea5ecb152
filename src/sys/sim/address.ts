// Addresses as keys and text, and which listening address takes a connection.
import { formatIp, parseIp } from "../../base/mod.ts";
import type { Address } from "../types.ts";

/** The address with its IP text in canonical form. */
export function canonical(address: Address): Address {
  if (address.family === "unix") return address;
  const bytes = parseIp(address.host);
  return bytes === null ? address : { family: address.family, host: formatIp(bytes), port: address.port };
}

/** Text of an address; equal for equal addresses in canonical form. */
export function formatAddress(address: Address): string {
  if (address.family === "unix") return `unix@${address.path.replace("\0", "@")}`;
  return address.family === "ipv6" ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Keys of the listening addresses that take a connection to `remote`, the nearest first. */
export function listenKeys(remote: Address): string[] {
  if (remote.family === "unix") return [formatAddress(remote)];
  const exact = formatAddress(remote);
  const any6 = formatAddress({ family: "ipv6", host: "::", port: remote.port });
  if (remote.family === "ipv6") return [exact, any6];
  return [exact, formatAddress({ family: "ipv4", host: "0.0.0.0", port: remote.port }), any6];
}

/** The IPv4 address as a dual-stack socket shows it. */
export function mapped(address: Address): Address {
  if (address.family !== "ipv4") return address;
  return { family: "ipv6", host: `::ffff:${address.host}`, port: address.port };
}

/** The local address of a socket that has none yet and talks to `remote`. */
export function localFor(remote: Address, port: number): Address {
  if (remote.family === "unix") return { family: "unix", path: "" };
  return { family: remote.family, host: remote.family === "ipv4" ? "127.0.0.1" : "::1", port };
}

// The runtime's addresses as ours.
import type { Address } from "../types.ts";

/** The address of a peer or socket that has none, such as a client of a unix socket. */
const UNNAMED: Address = { family: "unix", path: "" };

/** The address of a Deno socket. */
export function addressOf(addr: Deno.Addr): Address {
  if (addr.transport === "tcp" || addr.transport === "udp") return inetAddress(addr.hostname, addr.port);
  if (addr.transport === "unix" || addr.transport === "unixpacket") return unixAddress(addr.path);
  return UNNAMED;
}

export function inetAddress(host: string, port: number): Address {
  return { family: host.includes(":") ? "ipv6" : "ipv4", host, port };
}

export function unixAddress(path: string | null | undefined): Address {
  return path ? { family: "unix", path } : UNNAMED;
}

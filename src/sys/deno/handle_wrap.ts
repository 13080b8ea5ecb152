// Connections over connected handles, and the names of their sockets.
import type { Address, Conn } from "../types.ts";
import { inetAddress } from "./address.ts";
import { HandleConn, type HandleThread } from "./handle_conn.ts";
import { REUSE_PORT, type SocketName, type StreamHandle } from "./handles.ts";

/** Binds a TCP handle: 0 or a negative error number. */
export function bindInet(
  handle: StreamHandle,
  address: Address & { family: "ipv4" | "ipv6" },
  reusePort = false,
): number {
  const { family, host, port } = address;
  if (reusePort) return handle.bindWithFlags!(host, port, REUSE_PORT);
  return family === "ipv6" ? handle.bind6!(host, port, 0) : handle.bind(host, port);
}

/** The address a TCP handle is bound to; null when it is no TCP socket. */
export function localName(handle: StreamHandle): Address | null {
  const name: SocketName = {};
  return handle.getsockname!(name) < 0 ? null : inetAddress(name.address ?? "", name.port ?? 0);
}

function remoteName(handle: StreamHandle): Address {
  const name: SocketName = {};
  handle.getpeername!(name);
  return inetAddress(name.address ?? "", name.port ?? 0);
}

/** The client of a unix socket. */
export const UNNAMED: Address = { family: "unix", path: "" };

/** A connection taken from the socket that listens on `listening`, which has given it its options. */
export function wrapAccepted(handle: StreamHandle, listening: Address, thread: HandleThread): Conn {
  if (listening.family === "unix") return new HandleConn(handle, listening, UNNAMED, thread);
  const local = isWildcard(listening) ? localName(handle) ?? listening : listening;
  return new HandleConn(handle, local, remoteName(handle), thread);
}

/** A connection to `remote`. */
export function wrapConnected(handle: StreamHandle, remote: Address, thread: HandleThread): Conn {
  if (remote.family === "unix") return new HandleConn(handle, UNNAMED, remote, thread);
  handle.setNoDelay!(true);
  return new HandleConn(handle, localName(handle) ?? UNNAMED, remote, thread);
}

/** Whether connections to a listening address may come in at several. */
function isWildcard(address: Address): boolean {
  return address.family !== "unix" && (address.host === "0.0.0.0" || address.host === "::");
}

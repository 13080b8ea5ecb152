// Socket options by their names in types.ts: the number of each on this system, and how they are set and read.
import { parseIp } from "../../base/mod.ts";
import type { Address, SocketOptions, TcpInfo } from "../types.ts";
import type { Libc } from "./libc.ts";

const LINUX = {
  AF_INET6: 10,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_REUSEPORT: 15,
  SO_KEEPALIVE: 9,
  SO_RCVBUF: 8,
  SO_SNDBUF: 7,
  SO_MARK: 36,
  SO_BINDTODEVICE: 25,
  IP_TOS: 1,
  IP_TRANSPARENT: 19,
  IPV6_V6ONLY: 26,
  IPV6_TCLASS: 67,
  IPV6_TRANSPARENT: 75,
  TCP_MAXSEG: 2,
  TCP_KEEPIDLE: 4,
  TCP_KEEPINTVL: 5,
  TCP_KEEPCNT: 6,
  TCP_DEFER_ACCEPT: 9,
  TCP_INFO: 11,
  TCP_CONGESTION: 13,
  TCP_USER_TIMEOUT: 18,
  TCP_FASTOPEN: 23,
  TCP_NOTSENT_LOWAT: 25,
  TCP_FASTOPEN_CONNECT: 30,
};

/** 0: the system has no such option. */
const MACOS: typeof LINUX = {
  AF_INET6: 30,
  SOL_SOCKET: 0xffff,
  SO_REUSEADDR: 4,
  SO_REUSEPORT: 0x200,
  SO_KEEPALIVE: 8,
  SO_RCVBUF: 0x1002,
  SO_SNDBUF: 0x1001,
  SO_MARK: 0,
  SO_BINDTODEVICE: 0,
  IP_TOS: 3,
  IP_TRANSPARENT: 0,
  IPV6_V6ONLY: 27,
  IPV6_TCLASS: 36,
  IPV6_TRANSPARENT: 0,
  TCP_MAXSEG: 2,
  TCP_KEEPIDLE: 0x10,
  TCP_KEEPINTVL: 0x101,
  TCP_KEEPCNT: 0x102,
  TCP_DEFER_ACCEPT: 0,
  TCP_INFO: 0,
  TCP_CONGESTION: 0,
  TCP_USER_TIMEOUT: 0,
  TCP_FASTOPEN: 0x105,
  TCP_NOTSENT_LOWAT: 0x201,
  TCP_FASTOPEN_CONNECT: 0,
};

const IS_MACOS = Deno.build.os === "darwin";
const K = IS_MACOS ? MACOS : LINUX;

const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const IPPROTO_IPV6 = 41;
const AF_INET = 2;
const SOCK_STREAM = 1;
/** Linux flags of socket(): close on exec, do not block. */
const SOCK_FLAGS = IS_MACOS ? 0 : 0o2004000;

/** What connect() says of a socket whose connect is under way, still under way, over. */
export const IN_PROGRESS = IS_MACOS ? -36 : -115;
export const ALREADY = IS_MACOS ? -37 : -114;
export const CONNECTED = IS_MACOS ? -56 : -106;

const EPERM = -1;
const ENOPROTOOPT = IS_MACOS ? -42 : -92;

/** What is said of error numbers that options, bind() and connect() give. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [-1, "Operation not permitted"],
  [-13, "Permission denied"],
  [-19, "No such device"],
  [-22, "Invalid argument"],
  [-24, "Too many open files"],
  [IS_MACOS ? -47 : -97, "Address family not supported by protocol"],
  [IS_MACOS ? -48 : -98, "Address already in use"],
  [IS_MACOS ? -49 : -99, "Cannot assign requested address"],
  [ENOPROTOOPT, "Protocol not available"],
  [-2, "No such file or directory"],
  [-9, "Bad file descriptor"],
]);

export function systemReason(status: number): string {
  return REASONS.get(status) ?? `error ${-status}`;
}

/** Whether `options` has what only the C library sets. */
export function needsLibc(options: SocketOptions | undefined): options is SocketOptions {
  if (options === undefined) return false;
  for (const name in options) {
    const isUsual = name === "v6only" && options.v6only === false && isDualByDefault();
    if (name !== "keepAlive" && !isUsual) return true;
  }
  return false;
}

/** Whether a socket on "::" takes IPv4 too when nothing is said. */
function isDualByDefault(): boolean {
  try {
    return Deno.readTextFileSync("/proc/sys/net/ipv6/bindv6only").trim() !== "1";
  } catch {
    return true;
  }
}

type Setting = readonly [option: keyof SocketOptions, level: number, name: number];

const SETTINGS: readonly Setting[] = [
  ["keepAlive", K.SOL_SOCKET, K.SO_KEEPALIVE],
  ["keepAliveCount", IPPROTO_TCP, K.TCP_KEEPCNT],
  ["keepAliveIdleS", IPPROTO_TCP, K.TCP_KEEPIDLE],
  ["keepAliveIntervalS", IPPROTO_TCP, K.TCP_KEEPINTVL],
  ["receiveBuffer", K.SOL_SOCKET, K.SO_RCVBUF],
  ["sendBuffer", K.SOL_SOCKET, K.SO_SNDBUF],
  ["notSentLowWater", IPPROTO_TCP, K.TCP_NOTSENT_LOWAT],
  ["userTimeoutMs", IPPROTO_TCP, K.TCP_USER_TIMEOUT],
  ["maxSegment", IPPROTO_TCP, K.TCP_MAXSEG],
  ["congestion", IPPROTO_TCP, K.TCP_CONGESTION],
  ["interface", K.SOL_SOCKET, K.SO_BINDTODEVICE],
  ["mark", K.SOL_SOCKET, K.SO_MARK],
];

/** What the kernel takes a segment for before a connection has agreed on one. */
const DEFAULT_SEGMENT = 536;

/** Sets `options` on a socket that connects, listens or is connected. "", or which could not be set and why. */
export function setOptions(libc: Libc, fd: number, v6: boolean, options: SocketOptions, listening: boolean): string {
  let failed = "";
  const set = (option: string, level: number, name: number, value: number | string) => {
    if (failed !== "") return;
    const status = name === 0
      ? ENOPROTOOPT
      : typeof value === "string"
      ? libc.setOption(fd, level, name, new TextEncoder().encode(value + "\0"))
      : libc.setInt(fd, level, name, value);
    if (status < 0) failed = `${option}: ${systemReason(status)}`;
  };
  for (const [option, level, name] of SETTINGS) {
    const value = options[option];
    if (value === undefined) continue;
    if (option === "maxSegment" && (value as number) < 0) {
      const now = libc.getInt(fd, level, name);
      set(option, level, name, Math.max(1, (Number.isNaN(now) ? DEFAULT_SEGMENT : now) + (value as number)));
    } else set(option, level, name, typeof value === "boolean" ? Number(value) : value);
  }
  const { tos, transparent, v6only, deferAcceptS, fastOpen } = options;
  if (tos !== undefined) {
    if (v6) set("tos", IPPROTO_IPV6, K.IPV6_TCLASS, tos);
    else set("tos", IPPROTO_IP, K.IP_TOS, tos);
  }
  if (transparent) {
    if (v6) set("transparent", IPPROTO_IPV6, K.IPV6_TRANSPARENT, 1);
    else set("transparent", IPPROTO_IP, K.IP_TRANSPARENT, 1);
  }
  if (v6only !== undefined && v6) set("v6only", IPPROTO_IPV6, K.IPV6_V6ONLY, Number(v6only));
  if (deferAcceptS !== undefined && listening) set("defer-accept", IPPROTO_TCP, K.TCP_DEFER_ACCEPT, deferAcceptS);
  if (fastOpen !== undefined) {
    if (listening) set("tfo", IPPROTO_TCP, K.TCP_FASTOPEN, fastOpen);
    else set("tfo", IPPROTO_TCP, K.TCP_FASTOPEN_CONNECT, 1);
  }
  return failed;
}

/** Why a socket could not be made: the error number, and one line. */
export interface SocketFailure {
  readonly status: number;
  readonly reason: string;
}

/** A TCP socket with these options, bound to `local` when one is given. Its descriptor, or why there is none. */
export function makeSocket(
  libc: Libc,
  { family, local, options, listening, reusePort = false }: {
    readonly family: "ipv4" | "ipv6";
    readonly local: Address | undefined;
    readonly options: SocketOptions;
    readonly listening: boolean;
    readonly reusePort?: boolean;
  },
): number | SocketFailure {
  const v6 = family === "ipv6";
  const fd = libc.socket(v6 ? K.AF_INET6 : AF_INET, SOCK_STREAM | SOCK_FLAGS, 0);
  if (fd < 0) return { status: fd, reason: systemReason(fd) };
  const failed = setOptions(libc, fd, v6, options, listening);
  if (failed !== "") {
    libc.close(fd);
    return { status: EPERM, reason: failed };
  }
  if (local === undefined) return fd;
  // A source port that was used before would be refused for minutes otherwise.
  libc.setInt(fd, K.SOL_SOCKET, K.SO_REUSEADDR, 1);
  if (reusePort) libc.setInt(fd, K.SOL_SOCKET, K.SO_REUSEPORT, 1);
  const status = libc.bind(fd, sockaddr(local));
  if (status >= 0) return fd;
  libc.close(fd);
  return { status, reason: systemReason(status) };
}

/** A `struct sockaddr_in` or `sockaddr_in6`. */
export function sockaddr(address: Address): Uint8Array<ArrayBuffer> {
  if (address.family === "unix") throw new Error("sockaddr: of a unix socket");
  const v6 = address.family === "ipv6";
  const bytes = new Uint8Array(v6 ? 28 : 16);
  const family = v6 ? K.AF_INET6 : AF_INET;
  if (IS_MACOS) {
    bytes[0] = bytes.length;
    bytes[1] = family;
  } else new DataView(bytes.buffer).setUint16(0, family, true);
  bytes[2] = address.port >> 8;
  bytes[3] = address.port & 0xff;
  bytes.set(parseIp(address.host) ?? [], v6 ? 8 : 4);
  return bytes;
}

/** Bytes of `struct tcp_info` that are read: the oldest kernels have them. */
const INFO_BYTES = 104;

/** TCP_INFO of a connection, null where there is none. */
export function readTcpInfo(libc: Libc, fd: number): TcpInfo | null {
  if (K.TCP_INFO === 0) return null;
  const bytes = new Uint8Array(INFO_BYTES);
  if (libc.getOption(fd, IPPROTO_TCP, K.TCP_INFO, bytes) < INFO_BYTES) return null;
  const view = new DataView(bytes.buffer);
  return {
    unacked: view.getUint32(24, true),
    sacked: view.getUint32(28, true),
    lost: view.getUint32(32, true),
    retrans: view.getUint32(36, true),
    fackets: view.getUint32(40, true),
    rttUs: view.getUint32(68, true),
    rttvarUs: view.getUint32(72, true),
    reordering: view.getUint32(88, true),
  };
}

// What the configuration asks of sockets beyond addresses: options of listening sockets, which the connections taken from
// them have, and of connections to servers. Who asks for nothing gets none, and pays nothing.
import type { SocketOptions } from "../sys/types.ts";
import type { BindConfig, KeepAlive, ProxyConfig, ServerConfig } from "./config.ts";
import type { GlobalConfig, SocketSizes } from "./global.ts";

type Mutable = { -readonly [K in keyof SocketOptions]: SocketOptions[K] };

/** Options of a listening socket; undefined: none. */
export function listenOptions(proxy: ProxyConfig, bind: BindConfig, global: GlobalConfig): SocketOptions | undefined {
  const { family } = bind.address;
  if (family === "unix" || family === "abns" || family === "abnsz" || family === "fd") return undefined;
  const options: Mutable = { ...bind.socket };
  if (family !== "ipv6") delete options.v6only;
  if (options.fastOpen !== undefined) options.fastOpen = bind.backlog || proxy.backlog;
  keepAlive(options, proxy.clientKeepAlive);
  sizes(options, global.clientSockets);
  return orNone(options);
}

/** Options of connections to a server; undefined: none. */
export function connectOptions(
  proxy: ProxyConfig,
  server: ServerConfig,
  global: GlobalConfig,
): SocketOptions | undefined {
  const { family } = server.address;
  if (family === "unix" || family === "abns" || family === "abnsz") return undefined;
  const options: Mutable = { ...server.socket };
  const source = server.source ?? proxy.source;
  if (source !== null && source.interface !== "") options.interface = source.interface;
  if (source !== null && source.useSource !== null) options.transparent = true;
  keepAlive(options, proxy.serverKeepAlive);
  sizes(options, global.serverSockets);
  return orNone(options);
}

function keepAlive(options: Mutable, { on, count, idleS, intervalS }: KeepAlive): void {
  if (!on) return;
  options.keepAlive = true;
  if (count > 0) options.keepAliveCount = count;
  if (idleS > 0) options.keepAliveIdleS = idleS;
  if (intervalS > 0) options.keepAliveIntervalS = intervalS;
}

function sizes(options: Mutable, { receive, send, notSent }: SocketSizes): void {
  if (receive > 0) options.receiveBuffer = receive;
  if (send > 0) options.sendBuffer = send;
  if (notSent > 0) options.notSentLowWater = notSent;
}

function orNone(options: Mutable): SocketOptions | undefined {
  for (const name of Object.keys(options) as (keyof SocketOptions)[]) {
    if (options[name] === undefined) delete options[name];
  }
  return Object.keys(options).length === 0 ? undefined : options;
}

/** The configuration's words for options, where they are others. */
const WORDS: Readonly<Partial<Record<keyof SocketOptions, string>>> = {
  keepAliveCount: "clitcpka-cnt, srvtcpka-cnt",
  keepAliveIdleS: "clitcpka-idle, srvtcpka-idle",
  keepAliveIntervalS: "clitcpka-intvl, srvtcpka-intvl",
  receiveBuffer: "tune.rcvbuf",
  sendBuffer: "tune.sndbuf",
  notSentLowWater: "tune.notsent-lowat",
  userTimeoutMs: "tcp-ut",
  maxSegment: "mss",
  congestion: "cc",
  deferAcceptS: "defer-accept",
  fastOpen: "tfo",
};

/** The first option that needs access to the system's, in the configuration's words; "" when none does. */
export function optionInNeed(options: SocketOptions | undefined): string {
  if (options === undefined) return "";
  const names = Object.keys(options) as (keyof SocketOptions)[];
  const needed = names.find((name) => name !== "keepAlive" && !(name === "v6only" && options.v6only === false));
  return needed === undefined ? "" : WORDS[needed] ?? needed;
}

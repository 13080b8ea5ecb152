// A listener in one thread: one address of a `bind` line with its limits and counters (configuration.txt 5.1). The accept
// loop is of the layer above; it asks `Proxy.admission`.
import type { Address, Fs, ListenSpec, SocketOptions } from "../sys/types.ts";
import { type Counters, type Gauge, LISTENER, listenerRow, listenerWord } from "../table/mod.ts";
import type { BindConfig } from "./config.ts";
import type { Proxy } from "./proxy.ts";
import { targetAddress } from "./target.ts";
import { shardCount, threadsOf } from "./thread_set.ts";

/** Headers that a connection is to begin with: bits. */
export const EXPECT_PROXY = 1;
export const EXPECT_NETSCALER = 2;

export class Listener {
  readonly proxy: Proxy;
  readonly config: BindConfig;
  readonly name: string;
  readonly id: number;
  readonly maxconn: number;
  /** Headers that its connections begin with: EXPECT_ bits. */
  readonly expects: number;
  readonly counters: Counters;
  readonly conns: Gauge;

  /** `row`: place in the layout. */
  constructor(proxy: Proxy, config: BindConfig, row: number) {
    const { shared } = proxy.runtime;
    this.proxy = proxy;
    this.config = config;
    this.name = config.name;
    this.id = config.id;
    this.maxconn = config.maxconn;
    this.expects = (config.acceptProxy ? EXPECT_PROXY : 0) | (config.netscalerMagic !== 0 ? EXPECT_NETSCALER : 0);
    this.counters = shared.counters(listenerRow(shared.layout, row));
    this.conns = shared.gauge(listenerWord(shared.layout, row) + LISTENER.conns);
  }
}

/** What main opens for a `bind`; a string is the reason why it cannot be listened on. */
export function listenSpec(
  bind: BindConfig,
  defaultBacklog: number,
  fs: Pick<Fs, "readFile">,
  options?: SocketOptions,
): ListenSpec | string {
  const backlog = bind.backlog || defaultBacklog;
  if (bind.address.family === "fd") {
    return { address: { family: "unix", path: "" }, backlog, descriptor: Number(bind.address.host) };
  }
  const address: Address | null = targetAddress(bind.address);
  if (address === null) return "this kind of address cannot be listened on";
  if (address.family !== "unix") return { address, backlog, options };
  const uid = bind.user === "" ? bind.uid : accountId(fs, "/etc/passwd", bind.user);
  if (typeof uid === "string") return uid;
  const gid = bind.group === "" ? bind.gid : accountId(fs, "/etc/group", bind.group);
  if (typeof gid === "string") return gid;
  return { address, backlog, mode: given(bind.mode), uid: given(uid), gid: given(gid) };
}

function given(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

/** The number of a user or group: the third field of its line. A string is the reason why there is none. */
export function accountId(fs: Pick<Fs, "readFile">, path: string, name: string): number | string {
  const bytes = fs.readFile(path);
  if (typeof bytes === "string") return `${path}: ${bytes}`;
  for (const line of new TextDecoder().decode(bytes).split("\n")) {
    const fields = line.split(":");
    if (fields[0] === name && /^[0-9]{1,10}$/.test(fields[2] ?? "")) return Number(fields[2]);
  }
  return `unknown ${path === "/etc/group" ? "group" : "user"} name '${name}'`;
}

/** The threads a listener runs on, and how many sockets they have. */
export function shardsOf(bind: BindConfig, threads: number): { readonly threads: number[]; readonly count: number } {
  const own = threadsOf(bind.threads, threads);
  const { family } = bind.address;
  const one = family === "unix" || family === "abns" || family === "abnsz" || family === "fd";
  return { threads: own, count: one ? 1 : shardCount(bind.shards ?? 1, own.length) };
}

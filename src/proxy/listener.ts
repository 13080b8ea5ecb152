// A listener in one thread: one address of a `bind` line with its limits and counters (configuration.txt 5.1). The accept
// loop is of the layer above; it asks `Proxy.admission`.
import type { Address, ListenSpec } from "../sys/types.ts";
import { type Counters, type Gauge, LISTENER, listenerRow, listenerWord } from "../table/mod.ts";
import type { BindConfig } from "./config.ts";
import type { Proxy } from "./proxy.ts";
import { targetAddress } from "./target.ts";

export class Listener {
  readonly proxy: Proxy;
  readonly config: BindConfig;
  readonly name: string;
  readonly id: number;
  readonly maxconn: number;
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
    this.counters = shared.counters(listenerRow(shared.layout, row));
    this.conns = shared.gauge(listenerWord(shared.layout, row) + LISTENER.conns);
  }
}

/** What main opens for a `bind`: null when this address family cannot be listened on. */
export function listenSpec(bind: BindConfig, proxyBacklog: number): ListenSpec | null {
  const address: Address | null = targetAddress(bind.address);
  if (address === null) return null;
  const backlog = bind.backlog || proxyBacklog;
  return bind.mode < 0 ? { address, backlog } : { address, backlog, mode: bind.mode };
}

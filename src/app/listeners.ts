// The listening sockets of a configuration, as who opens them holds them: main of a process, or the master for its worker.
import type { Level } from "../config/mod.ts";
import {
  type BindConfig,
  type GlobalConfig,
  listenOptions,
  listenSpec,
  type ProxyConfig,
  shardsOf,
} from "../proxy/mod.ts";
import type { Address, Fs, ListenToken } from "../sys/types.ts";
import { openShards, type OpenSocket, type Shards } from "./shards.ts";

export type { OpenSocket } from "./shards.ts";

/** A bind of a frontend with its place in the layout, and its sockets while they are open. */
interface Bound {
  readonly proxy: ProxyConfig;
  readonly bind: BindConfig;
  listener: Shards | null;
}

export interface ListenersOptions {
  readonly global: GlobalConfig;
  /** Threads of the process that will run them. */
  readonly threads: number;
  readonly fs: Fs;
  readonly open: OpenSocket;
  readonly say: (level: Level, text: string) => void;
}

export class Listeners {
  readonly #bound: readonly Bound[];
  readonly #options: ListenersOptions;

  constructor(configs: readonly ProxyConfig[], options: ListenersOptions) {
    this.#bound = configs.flatMap((proxy) => proxy.binds.map((bind) => ({ proxy, bind, listener: null })));
    this.#options = options;
  }

  /** Opens what is closed of all proxies, or one; every failure is told. False: there was one. */
  async open(only?: ProxyConfig): Promise<boolean> {
    let opened = true;
    for (const bound of this.#of(only)) {
      if (!bound.proxy.disabled && bound.listener === null && !await this.#openOne(bound)) opened = false;
    }
    return opened;
  }

  /** Rows in the layout of a proxy's sockets. */
  rows(proxy: ProxyConfig): number[] {
    return [...this.#bound.keys()].filter((row) => this.#bound[row].proxy === proxy);
  }

  #of(only: ProxyConfig | undefined): readonly Bound[] {
    return only === undefined ? this.#bound : this.#bound.filter((b) => b.proxy === only);
  }

  /** False, and told, when it cannot be opened. */
  async #openOne(bound: Bound): Promise<boolean> {
    const { proxy, bind } = bound;
    const { global, fs, open, say, threads } = this.#options;
    const spec = listenSpec(bind, proxy.backlog, fs, listenOptions(proxy, bind, global));
    const opened = typeof spec === "string" ? spec : await openShards(spec, shardsOf(bind, threads), open);
    if (typeof opened !== "string") {
      bound.listener = opened;
      return true;
    }
    const { file, line } = bind.at;
    const named = typeof spec === "string" || spec.descriptor !== undefined;
    const address = named ? bind.address.text : formatAddress(spec.address);
    const what = proxy.kind === "listen" ? "proxy" : proxy.kind;
    say(
      "ALERT",
      `Binding [${file}:${line}] for ${what} ${proxy.name}: cannot bind socket (${opened}) for [${address}]`,
    );
    return false;
  }

  /** Addresses that are listened on, in the order of the `bind` lines. */
  get addresses(): readonly Address[] {
    return this.#bound.flatMap((b) => b.listener === null ? [] : [b.listener.address]);
  }

  /** A share of each (of one proxy's) for one thread, by its row in the layout: null where it has none. A string: why not. */
  shares(thread: number, only?: ProxyConfig): (ListenToken | null)[] | string {
    const shares: (ListenToken | null)[] = [];
    for (const { proxy, listener } of this.#bound) {
      const share = listener === null || (only !== undefined && proxy !== only) ? null : listener.share(thread);
      if (typeof share === "string") return `a listening socket cannot be shared: ${share}`;
      shares.push(share);
    }
    return shares;
  }

  /** Closes those of all proxies, or of one. */
  close(only?: ProxyConfig): void {
    for (const bound of this.#of(only)) {
      bound.listener?.close();
      bound.listener = null;
    }
  }
}

/** What is said after the reasons. */
export const LISTENERS_FAILED = "Some protocols failed to start their listeners! Exiting.";

/** Why a socket of the runtime API cannot be listened on. */
export function statsSocketFailure({ bind, name }: { bind: BindConfig; name: string }, reason: string): string {
  const { file, line } = bind.at;
  return `Binding [${file}:${line}] for frontend GLOBAL: cannot bind socket (${reason}) for [${name}]`;
}

/** An address as messages show it. */
export function formatAddress(address: Address): string {
  if (address.family === "unix") return address.path.startsWith("\0") ? `abns@${address.path.slice(1)}` : address.path;
  return address.family === "ipv6" ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

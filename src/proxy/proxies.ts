// From the model to the proxies of a thread: settled configurations first (plain, the same in every thread), then the
// objects over the shared segment, then what other layers' keywords build on them.
import type { KeywordEntry, Model, Node, Registry, Section } from "../config/mod.ts";
import { type Layout, layoutOf, PROCESS, PROXY, proxyWord, SERVER, serverWord, type Shared } from "../table/mod.ts";
import { ProxyConfig, type ProxyEnv, type ProxyKind, type ServerConfig } from "./config.ts";
import { globalEntries, proxyEntries } from "./entries/mod.ts";
import { GlobalConfig } from "./global.ts";
import { Proxy } from "./proxy.ts";
import { initialHealth } from "./initial_health.ts";
import type { Nudge, ProxyRuntime } from "./runtime.ts";
import type { Server } from "./server.ts";
import { ADMIN_MAINT, ADMIN_MAINT_CONFIG, ADMIN_MAINT_RESOLUTION } from "./server_state.ts";
import { settle } from "./settle.ts";

/** A section with the configuration made of it. */
interface Configured {
  readonly section: Section;
  readonly config: ProxyConfig;
}

/** The settings of the global section that this folder's keywords make. */
export function globalConfigOf(model: Model, registry: Registry): GlobalConfig {
  const global = new GlobalConfig();
  const own = new Set<unknown>(globalEntries);
  for (const section of model.sections) {
    if (section.kind === "global") buildNodes(section, registry, { global }, (entry) => own.has(entry));
  }
  return global;
}

/** The proxies of a model, settled, in their order. Deterministic: every thread gets equal ones. */
export function proxyConfigsOf(model: Model, registry: Registry, global: GlobalConfig): ProxyConfig[] {
  return configured(model, registry, global).map((c) => c.config);
}

function configured(model: Model, registry: Registry, global: GlobalConfig): Configured[] {
  const own = new Set<unknown>(proxyEntries);
  const out: Configured[] = [];
  for (const section of model.sections) {
    if (!isProxy(section.kind)) continue;
    const config = new ProxyConfig(section.name, section.kind, section.at);
    const env: ProxyEnv = { proxy: config, registry };
    buildNodes(section, registry, env, (entry) => own.has(entry));
    out.push({ section, config });
  }
  settle(out.map((c) => c.config), global, out.map((c) => c.section));
  return out;
}

function isProxy(kind: string): kind is ProxyKind {
  return kind === "frontend" || kind === "backend" || kind === "listen";
}

/** Calls build() of the entries that `wanted` picks, in the order of the statements. */
function buildNodes<E>(section: Section, registry: Registry, env: E, wanted: (entry: KeywordEntry) => boolean): void {
  for (const node of section.nodes) {
    const entry = registry.find("keyword", node.keyword, section.kind) as KeywordEntry<unknown, E> | undefined;
    if (entry?.build !== undefined && wanted(entry as KeywordEntry)) entry.build(node as Node, env);
  }
}

/** The layout of the shared segment for these proxies. Main computes it once. */
export function layoutFor(configs: readonly ProxyConfig[], threads: number): Layout {
  return layoutOf({
    threads,
    proxies: configs.map((c) => `${c.kind} ${c.name}`),
    servers: configs.flatMap((c) => c.servers.map((s) => `${c.name}/${s.name}`)),
    listeners: configs.flatMap((c) => c.binds.map((b) => `${c.name}/${b.name || b.address.text}`)),
  });
}

/** Main: the first state of everything in a new segment. */
export function initializeShared(shared: Shared, configs: readonly ProxyConfig[], global: GlobalConfig): void {
  shared.store(PROCESS.maxconn, global.maxconn);
  shared.store(PROCESS.connsPerSecond, global.maxconnrate);
  shared.store(PROCESS.sessionsPerSecond, global.maxsessrate);
  let row = 0;
  configs.forEach((config, index) => {
    shared.store(proxyWord(index) + PROXY.maxconn, config.maxconn);
    for (const server of config.servers) {
      const word = serverWord(shared.layout, row++);
      shared.store(word + SERVER.weight, server.weight);
      shared.store(word + SERVER.maxconn, server.maxconn);
      shared.store(word + SERVER.admin, initialAdmin(server));
      shared.store(word + SERVER.health, initialHealth(server));
    }
  });
}

/** A server whose name has no address yet waits for one. */
function initialAdmin({ disabled, address }: ServerConfig): number {
  return (disabled ? ADMIN_MAINT | ADMIN_MAINT_CONFIG : 0) | (address.family === "name" ? ADMIN_MAINT_RESOLUTION : 0);
}

/** All proxies of a thread. */
export class Proxies {
  readonly runtime: ProxyRuntime;
  readonly all: readonly Proxy[];
  readonly #frontends = new Map<string, Proxy>();
  readonly #backends = new Map<string, Proxy>();
  /** Servers by their place in the layout. */
  readonly #servers: Server[] = [];
  /** Told when main says that the state of a proxy's servers changed. */
  onState: ((proxy: Proxy) => void) | null = null;

  constructor(runtime: ProxyRuntime, configs: readonly ProxyConfig[]) {
    let listeners = 0;
    this.runtime = runtime;
    this.all = configs.map((config, index) => {
      const proxy = new Proxy(runtime, config, index, this.#servers.length, listeners);
      this.#servers.push(...proxy.servers);
      listeners += config.binds.length;
      if (config.hasFrontend) this.#frontends.set(config.name, proxy);
      if (config.hasBackend) this.#backends.set(config.name, proxy);
      return proxy;
    });
  }

  frontend(name: string): Proxy | undefined {
    return this.#frontends.get(name);
  }

  backend(name: string): Proxy | undefined {
    return this.#backends.get(name);
  }

  /** Any proxy of the name; the backend when both sides have one. */
  proxy(name: string): Proxy | undefined {
    return this.#backends.get(name) ?? this.#frontends.get(name);
  }

  /** By its place in the layout. */
  server(row: number): Server {
    return this.#servers[row];
  }

  /** A hint from another thread, or from main. */
  nudged(nudge: Nudge): void {
    if (nudge.kind === "slot") {
      const server = this.#servers[nudge.server];
      server.proxy.refresh();
      server.proxy.dequeue(server);
    } else if (nudge.kind === "give") {
      const server = this.#servers[nudge.server];
      server.pool.drop(1);
      this.runtime.notify(nudge.from, { kind: "given", server: nudge.server });
    } else if (nudge.kind === "given") {
      this.#servers[nudge.server].connectionGiven();
    } else if (nudge.kind === "kill") {
      this.#servers[nudge.server].killStreams("K");
    } else if (nudge.kind === "state") {
      this.all[nudge.proxy].refresh();
      this.onState?.(this.all[nudge.proxy]);
    } else if (nudge.proxy >= 0) {
      this.all[nudge.proxy].admission.wake();
    } else {
      for (const proxy of this.all) proxy.admission.wake();
    }
  }
}

/**
 * The proxies of a thread, with what the keywords of other layers build on them: `envOf` gives build() of theirs its
 * environment, one for each proxy. Entries of which `elsewhere` is true are built by who called.
 */
export function buildProxies<E>(
  model: Model,
  runtime: ProxyRuntime,
  envOf: (proxy: Proxy, section: Section) => E,
  elsewhere: (entry: KeywordEntry) => boolean,
): Proxies {
  const made = configured(model, runtime.registry, runtime.global);
  const proxies = new Proxies(runtime, made.map((c) => c.config));
  const own = new Set<unknown>(proxyEntries);
  made.forEach(({ section }, i) => {
    buildNodes(
      section,
      runtime.registry,
      envOf(proxies.all[i], section),
      (entry) => !own.has(entry) && !elsewhere(entry),
    );
  });
  return proxies;
}

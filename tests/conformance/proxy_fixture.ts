// The proxies of one configuration in several threads of a simulated world, without streams: tests call what streams would
// call. Hints between threads wait in `nudges` until deliver().
import { Wheel } from "../../src/base/mod.ts";
import { type Diagnostic, loadConfig } from "../../src/config/mod.ts";
import { facts } from "../../src/app/load.ts";
import { programRegistry } from "../../src/app/manifest.ts";
import {
  Checks,
  globalConfigOf,
  IdleConnections,
  initializeShared,
  layoutFor,
  type Nudge,
  Proxies,
  type Proxy,
  type ProxyConfig,
  proxyConfigsOf,
  type ProxyRuntime,
  type Server,
  type ServerEvent,
  Waiter,
} from "../../src/proxy/mod.ts";
import { testEnv, TestTxn } from "../../src/sample/mod.ts";
import { createSimWorld, type SimWorld } from "../../src/sys/sim/mod.ts";
import type { Sys } from "../../src/sys/types.ts";
import { PROXY, Shared } from "../../src/table/mod.ts";

const registry = programRegistry();

/** Loads a configuration text. */
export function loadText(text: string) {
  return loadConfig({
    files: [{ name: "t.cfg", text: text.endsWith("\n") ? text : text + "\n" }],
    fs: { readFile: () => "No such file or directory", readDir: () => "none", kind: () => "absent" },
    registry,
    env: {},
    cwd: "",
    facts,
    localPeer: "here",
  });
}

/** Messages of a configuration text, "LEVEL line: text" each. */
export function messagesOf(text: string): string[] {
  return loadText(text).diagnostics.map(show);
}

function show({ level, at, text }: Diagnostic): string {
  return `${level} ${at === null ? "" : `${at.line}: `}${text.split("\n")[0]}`;
}

/** The settled configurations of a text. Throws its messages when it is wrong. */
export function configsOf(text: string, maxconn = 2000): ProxyConfig[] {
  const { model, diagnostics } = loadText(text);
  if (model === null) throw new Error(diagnostics.map(show).join("\n"));
  const global = globalConfigOf(model, registry);
  if (global.maxconn === 0) global.maxconn = maxconn;
  return proxyConfigsOf(model, registry, global);
}

/** One thread. */
export interface FixtureThread {
  readonly sys: Sys;
  readonly proxies: Proxies;
  readonly checks: Checks;
  readonly runtime: ProxyRuntime;
}

export class ProxyFixture {
  readonly world: SimWorld;
  readonly configs: readonly ProxyConfig[];
  readonly segment: SharedArrayBuffer;
  /** Main's view. */
  readonly shared: Shared;
  readonly threads: FixtureThread[] = [];
  readonly events: ServerEvent[] = [];
  readonly nudges: { thread: number; nudge: Nudge }[] = [];

  constructor(text: string, options: { threads?: number; seed?: number; maxconn?: number } = {}) {
    const { model, diagnostics } = loadText(text);
    if (model === null) throw new Error(diagnostics.map(show).join("\n"));
    const global = globalConfigOf(model, registry);
    if (global.maxconn === 0) global.maxconn = options.maxconn ?? 2000;
    this.world = createSimWorld({ seed: options.seed });
    this.configs = proxyConfigsOf(model, registry, global);
    const layout = layoutFor(this.configs, options.threads ?? 1);
    this.segment = Shared.allocate(layout);
    this.shared = new Shared(this.segment, layout, 0);
    initializeShared(this.shared, this.configs, global);
    for (let thread = 1; thread <= layout.threads; thread++) {
      const sys = this.world.thread(thread);
      const shared = new Shared(this.segment, layout, thread);
      const runtime: ProxyRuntime = {
        sys,
        wheel: new Wheel(sys.clock),
        shared,
        idle: new IdleConnections(shared, global),
        registry,
        global,
        samples: testEnv({ registry, clock: sys.clock, rand: sys.rand }),
        notify: (to, nudge) => this.nudges.push({ thread: to, nudge }),
        report: (event) => {
          this.events.push(event);
          for (let to = 1; to <= layout.threads; to++) {
            if (to !== thread) this.nudges.push({ thread: to, nudge: { kind: "state", proxy: event.proxy } });
          }
        },
      };
      const proxies = new Proxies(runtime, this.configs);
      this.threads.push({ sys, proxies, checks: new Checks(proxies), runtime });
    }
  }

  backend(name = "be", thread = 1): Proxy {
    return this.threads[thread - 1].proxies.backend(name)!;
  }

  frontend(name = "fe", thread = 1): Proxy {
    return this.threads[thread - 1].proxies.frontend(name)!;
  }

  server(path: string, thread = 1): Server {
    const [backend, name] = path.split("/");
    return this.backend(backend, thread).server(name)!;
  }

  /** A stream's waiter; `killed` gathers what ends it. */
  waiter(thread = 1, killed: string[] = []): Waiter {
    return new Waiter(this.threads[thread - 1].runtime.wheel, (cause) => killed.push(cause));
  }

  /** Gives hints that wait to their threads; how many there were. */
  deliver(): number {
    const nudges = this.nudges.splice(0);
    for (const { thread, nudge } of nudges) this.threads[thread - 1].proxies.nudged(nudge);
    return nudges.length;
  }

  /** Changes a word of a server as main does, and tells the threads. */
  change(path: string, word: number, value: number): void {
    const server = this.server(path);
    this.shared.store(server.word + word, value);
    Atomics.add(this.shared.words, server.proxy.word + PROXY.generation, 1);
    for (const thread of this.threads) thread.proxies.nudged({ kind: "state", proxy: server.proxy.index });
  }
}

/** A transaction with this request. */
export function txn(request = "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"): TestTxn {
  return new TestTxn(request);
}

/** Names of the servers that `n` streams get one after the other, each over before the next begins. */
export function sequence(proxy: Proxy, n: number, next: (i: number) => TestTxn = () => txn()): string {
  const waiter = new Waiter(proxy.runtime.wheel, () => {});
  let out = "";
  for (let i = 0; i < n; i++) {
    const server = proxy.assign(next(i), waiter);
    if (typeof server !== "object" || server instanceof Promise) return `${out}!${typeof server}`;
    out += server.name.slice(1);
    server.release(waiter);
  }
  return out;
}

// A whole proxy in a simulated world: main, its threads and its configuration on virtual time and network, with scripted
// clients and servers around it.
//
//   const proxy = await startProxy({ config, seed: 7, threads: 2 });
//   await proxy.world.wait(proxy.world.client(proxy.addresses[0], async (client) => { … }));
//   await proxy.stop();          // graceful, then asserts that nothing is left
import { type Diagnostic, type Level, loadConfig, renderDiagnostics } from "../../src/config/mod.ts";
import { programRegistry } from "../../src/app/manifest.ts";
import { facts } from "../../src/app/load.ts";
import type { ThreadData } from "../../src/app/messages.ts";
import { Process } from "../../src/app/process.ts";
import { resolveNames } from "../../src/app/resolve.ts";
import { startThread } from "../../src/app/thread.ts";
import { tuneSettings } from "../../src/app/tune.ts";
import { PROCESS, PROXY, proxyWord, SERVER, serverWord } from "../../src/table/mod.ts";
import { createSimWorld, type Faults, type SimWorld } from "../../src/sys/sim/mod.ts";
import type { Address } from "../../src/sys/types.ts";

export interface ProxyWorldOptions {
  readonly config: string;
  readonly seed?: number;
  readonly faults?: Faults;
  readonly threads?: number;
  /** -n and -N. */
  readonly maxconn?: number;
  readonly proxyMaxconn?: number;
  /** Files that the configuration names, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Alerts that the test expects. */
  readonly alerts?: RegExp;
  /** Called with the world before anything starts: servers, names, files. */
  readonly before?: (world: SimWorld) => void;
}

export interface ProxyWorld {
  readonly world: SimWorld;
  readonly process: Process;
  readonly addresses: readonly Address[];
  /** What the operator was told. */
  readonly messages: readonly { readonly level: Level; readonly text: string }[];
  /** Stops in order (or at once) and waits; throws when something is left that should not be. */
  stop(kind?: "soft" | "hard"): Promise<void>;
  /** What is left after the end, one line each: blocks, connections, gauges. */
  left(): string[];
  /** Gauges over all threads that are not 0. */
  gauges(): { readonly name: string; readonly value: number }[];
}

/** Names of gauges of what is going on: all but the connections that rest in pools. */
export const BUSY_GAUGES: readonly string[] = ["feConns", "beConns", "queued", "totalQueued", "served"];

/** Parses a configuration as the program does; throws the messages when it is wrong. */
export function parsed(config: string, world: SimWorld) {
  const registry = programRegistry();
  const loaded = loadConfig({
    files: [{ name: "test.cfg", text: config.endsWith("\n") ? config : config + "\n" }],
    fs: world.fs,
    registry,
    env: {},
    cwd: "/",
    facts,
    localPeer: "sim",
  });
  if (loaded.model === null) throw new Error(textOf(loaded.diagnostics));
  return { registry, model: loaded.model };
}

function textOf(diagnostics: readonly Diagnostic[]): string {
  return renderDiagnostics(diagnostics, { pid: 1, diagnosticMode: false });
}

/** Starts a proxy; throws when it does not. */
export async function startProxy(options: ProxyWorldOptions): Promise<ProxyWorld> {
  const loading = createSimWorld();
  for (const [path, text] of Object.entries(options.files ?? {})) loading.fs.add(path, text);
  const loaded = parsed(options.config, loading);
  const { registry } = loaded;
  const blockSize = tuneSettings(loaded.model, registry).bufsize;
  const world = createSimWorld({
    seed: options.seed,
    faults: options.faults,
    blockSize,
    start: (sys, thread, data, port) => startThread(sys, thread, data as ThreadData, port, registry),
  });
  options.before?.(world);
  const { model, diagnostics } = await world.wait(resolveNames(loaded.model, world.main.dns));
  if (diagnostics.length > 0) throw new Error(textOf(diagnostics));
  const messages: { level: Level; text: string }[] = [];
  const process = new Process({
    // Of each of many worlds, which a collection of garbage may find late.
    variableBytes: 1 << 16,
    sys: world.main,
    registry,
    model,
    platform: { io: "auto", origin: 0, blockSize },
    threads: options.threads ?? 1,
    maxconn: options.maxconn,
    proxyMaxconn: options.proxyMaxconn,
    say: (level, text) => messages.push({ level, text }),
  });
  const failure = await world.wait(process.start());
  if (failure !== "") throw new Error([...messages.map((m) => m.text), failure].join("\n"));
  const left = (): string[] => {
    const out = world.leaks();
    if (process.leakedBlocks !== 0) out.push(`${process.leakedBlocks} blocks not given back`);
    const { shared, layout } = process;
    for (let lane = 1; lane <= layout.threads; lane++) {
      for (let word = 0; word < layout.words; word++) {
        const held = shared.heldBy(lane, word);
        if (held !== 0) out.push(`thread ${lane} holds ${held} of word ${word}`);
      }
    }
    return out;
  };
  return {
    world,
    process,
    addresses: process.addresses,
    messages,
    left,
    gauges: () => gaugesOf(process),
    async stop(kind = "soft") {
      if (kind === "soft") process.softStop();
      else process.hardStop();
      const status = await world.wait(process.ended);
      const bugs = messages.filter((m) => m.level === "ALERT" && !options.alerts?.test(m.text)).map((m) => m.text);
      const wrong = [...left(), ...bugs, ...(status === 0 ? [] : [`exit status ${status}`])];
      if (wrong.length > 0) throw new Error(`seed ${options.seed ?? 1}: ${wrong.join("; ")}`);
    },
  };
}

function gaugesOf({ shared, layout }: Process): { name: string; value: number }[] {
  const out: { name: string; value: number }[] = [];
  const add = (name: string, value: number) => {
    if (value !== 0) out.push({ name, value });
  };
  add("conns", shared.load(PROCESS.conns));
  layout.proxies.forEach((_, i) => {
    for (const name of ["feConns", "beConns", "queued", "totalQueued"] as const) {
      add(name, shared.load(proxyWord(i) + PROXY[name]));
    }
  });
  layout.servers.forEach((_, i) => {
    for (const name of ["served", "queued", "idle", "conns"] as const) {
      add(name === "conns" ? "serverConns" : name, shared.load(serverWord(layout, i) + SERVER[name]));
    }
  });
  return out;
}

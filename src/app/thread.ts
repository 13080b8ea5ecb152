// One thread: what the model says, built and running on a Sys. Main starts it (process.ts) in a Worker, the library and
// the simulation in place; it knows its number, its data and its port, and nothing of where it runs.
//
// Invariants: a connection never leaves its thread; after "stopped" nothing of the thread is pending and every buffer is
// back in its pool.
import { latin1ToBytes, Timer, Wheel } from "../base/mod.ts";
import type { Registry, Section } from "../config/mod.ts";
import { MessagePool } from "../http/mod.ts";
import { LogOutlets, RelayToMain } from "../log/mod.ts";
import { H1Parsers } from "../mux/mod.ts";
import {
  type ServerAction,
  type StatsEnv,
  type StatsHost,
  StatsPage,
  StatsSettings,
  StreamDumps,
  type ThreadView,
} from "../obs/mod.ts";
import {
  buildProxies,
  Checks,
  type CommandEntry,
  globalConfigOf,
  IdleConnections,
  type Proxies,
  type Proxy,
  type ProxyConfig,
  type ProxyRuntime,
} from "../proxy/mod.ts";
import {
  buildHttpErrors,
  buildLogProfiles,
  type ErrorReplies,
  type LogProfile,
  type NameQuestion,
  ProxyRules,
  type RulesEnv,
  type RulesObserver,
} from "../rules/mod.ts";
import {
  CONN_ERRORS,
  DateWriter,
  PatternStore,
  patternUses,
  ProcessVariables,
  type SampleEnv,
  type Txn,
} from "../sample/mod.ts";
import { EventTrace, Faults, Frontend, type Service, Stopping, type StreamEnv, StreamPool } from "../stream/mod.ts";
import type { Address, ListenToken, Port, Sys } from "../sys/types.ts";
import { Shared } from "../table/mod.ts";
import { COUNTERS, isLogEntry, lineNumbers, logEnv, type ModelLogs, modelLogs } from "./logs.ts";
import { Hints } from "./hints.ts";
import { Lookups } from "./lookups.ts";
import { ProxyH1 } from "./h1_options.ts";
import type { FromThread, ThreadData, ToThread } from "./messages.ts";
import { ChangeRequests } from "./pattern_changes.ts";
import { sampleEnv } from "./sample_env.ts";
import { type ProcessSettings, processSettings } from "./settings.ts";
import { type TuneSettings, tuneSettings } from "./tune.ts";
import { SLUICE_VERSION } from "./version.ts";

/** How often, and after how long each time, a stopped thread looks whether all its buffers are back and its log lines written. */
const SETTLE_TRIES = 100;
const SETTLE_MS = 5;

/** Of a thread that somebody watches (explain). It checks no servers: only what it is asked happens. */
export interface ThreadWatch {
  readonly observer: RulesObserver;
  /** The rules of a proxy before anything is built into them. */
  opened(rules: ProxyRules): void;
}

class Thread {
  readonly #sys: Sys;
  readonly #number: number;
  readonly #data: ThreadData;
  readonly #port: Port;
  readonly #registry: Registry;
  readonly #watch: ThreadWatch | null;
  readonly #wheel: Wheel;
  readonly #shared: Shared;
  readonly #tune: TuneSettings;
  readonly #settings: ProcessSettings;
  readonly #logs: ModelLogs;
  readonly #outlets: LogOutlets;
  readonly #hints = new Hints((hints) => this.#post({ kind: "hints", hints }));
  readonly #lookups = new Lookups((number, question) => this.#post({ kind: "resolve", number, question }));
  readonly #relay = new RelayToMain((lines) => this.#post({ kind: "log", lines }));
  readonly #services = new Map<string, Service>();
  readonly #patterns: PatternStore;
  readonly #changes: ChangeRequests;
  readonly #streams: StreamEnv;
  readonly #proxies: Proxies;
  readonly #checks: Checks;
  /** By the rows of their listeners. */
  readonly #frontends = new Map<number, Frontend>();
  readonly #view: ThreadView;
  readonly #logProfiles = new Map<string, LogProfile>();
  /** Entries that need access to sockets. */
  readonly #demands: string[] = [];
  readonly #httpErrors: ReadonlyMap<string, ErrorReplies>;
  #stopped = false;
  /** The process is stopping, or will after its `grace`. */
  #told = false;
  readonly #settleTimer = new Timer<Thread>(this, (timer) => timer.owner.#endWhenSettled());
  #settling = 0;

  constructor(
    sys: Sys,
    number: number,
    data: ThreadData,
    port: Port,
    registry: Registry,
    watch: ThreadWatch | null,
  ) {
    this.#sys = sys;
    this.#watch = watch;
    this.#number = number;
    this.#data = data;
    this.#port = port;
    this.#registry = registry;
    this.#wheel = new Wheel(sys.clock);
    this.#shared = new Shared(data.segment, data.layout, number);
    this.#tune = tuneSettings(data.model, registry);
    this.#settings = processSettings(data.model, registry);
    this.#logs = modelLogs(data.model, registry);
    this.#outlets = new LogOutlets(logEnv(sys, data.counters, this.#relay, (text) => this.#say("problem", text)));
    this.#httpErrors = buildHttpErrors(data.model);
    this.#patterns = PatternStore.of(data.patterns, patternUses(data.model, registry));
    this.#changes = new ChangeRequests(this.#patterns, (id, change) => this.#post({ kind: "change", id, change }));
    this.#streams = this.#streamEnv();
    this.#proxies = this.#buildProxies();
    this.#buildStatsPages();
    this.#checks = new Checks(this.#proxies);
    this.#view = {
      streams: this.#streams,
      proxies: this.#proxies,
      frontends: this.#frontends,
      dumps: new StreamDumps(),
    };
    for (const { command, question } of data.changes) this.#asked(command, question);
  }

  // ---- building ---------------------------------------------------------------------------------------------------

  #streamEnv(): StreamEnv {
    const sys = this.#sys;
    const tune = this.#tune;
    const counters = new Int32Array(this.#data.counters);
    const lineNumber = lineNumbers(this.#data.counters, this.#data.model);
    const variables = new ProcessVariables(tune.variables, this.#data.variables, this.#number);
    const messages = new MessagePool();
    const bug = (error: unknown) => this.#say("bug", describe(error));
    return {
      sys,
      wheel: this.#wheel,
      services: this.#services,
      rejectPrivilegedPorts: globalConfigOf(this.#data.model, this.#registry).rejectPrivilegedPorts,
      messages,
      streams: new StreamPool(),
      maxRewrite: tune.maxRewrite,
      logUriLength: tune.logUriLength,
      trace: this.#data.debug === true ? this.#eventTrace() : null,
      stopping: new Stopping(this.#settings.closeSpreadMs, sys.clock, sys.rand),
      defaultLogFormat: { text: connectLine },
      bareConnections: this.#watch !== null,
      defaultErrorFormat: { text: failureLine(new DateWriter("%d/%b/%Y:%H:%M:%S", true)) },
      variables,
      nextRequest: () => Atomics.add(counters, COUNTERS.requests, 1) >>> 0,
      nextLog: ({ index }) => lineNumber(index),
      logProfiles: this.#logProfiles,
      faults: new Faults(this.#shared, () => sys.clock.wall(), tune.bufsize),
      bug,
    };
  }

  /** -d: lines on standard output. */
  #eventTrace(): EventTrace {
    const { proc } = this.#sys;
    return new EventTrace(this.#number, (text) => proc.stdout(latin1ToBytes(text)));
  }

  #buildProxies(): Proxies {
    const { model, maxconn } = this.#data;
    const global = globalConfigOf(model, this.#registry);
    global.maxconn = maxconn;
    const samples = sampleEnv(this.#sys, this.#registry, model, this.#tune, {
      thread: this.#number,
      shared: this.#shared,
      stopping: () => this.#told,
      proxy: (name) => this.#proxies.proxy(name),
      demand: (name) => this.#demands.push(name),
      patterns: this.#patterns,
      variables: this.#streams.variables.shared,
      debug: (descriptor, line) => this.#outlets.writeTo(descriptor, line),
    });
    for (const [name, profile] of buildLogProfiles(model, samples)) this.#logProfiles.set(name, profile);
    const { messages, bug } = this.#streams;
    const { maxRewrite, maxHeaders } = this.#tune;
    const h1 = new ProxyH1({
      blocks: this.#sys.blocks,
      messages,
      parsers: new H1Parsers(),
      bug,
      maxRewrite,
      maxHeaders,
    }, global);
    const runtime: ProxyRuntime = {
      sys: this.#sys,
      wheel: this.#wheel,
      shared: this.#shared,
      registry: this.#registry,
      global,
      idle: new IdleConnections(this.#shared, global),
      samples: { ...samples, observer: this.#watch?.observer },
      notify: (thread, nudge) => this.#hints.add(thread, nudge),
      report: (event) => this.#post({ kind: "event", event }),
    };
    return buildProxies(model, runtime, (proxy, section) => this.#proxyEnv(samples, h1, proxy, section), isLogEntry);
  }

  /** What statistics pages look at, and how they have main change servers. */
  #statsHost(configs: readonly ProxyConfig[]): StatsHost {
    const { clock, proc } = this.#sys;
    return {
      source: {
        shared: this.#shared,
        configs,
        now: () => clock.now(),
        stopping: () => this.#stopped,
        addressOf: (server) => this.#proxies.server(server).address,
      },
      pid: proc.pid,
      maxconn: this.#data.maxconn,
      version: `Sluice version ${SLUICE_VERSION}`,
      act: (action, rows) => this.#act(action, rows),
    };
  }

  #act(action: ServerAction, rows: readonly number[]): Promise<number> {
    return new Promise((done) => {
      const number = ++this.#lastAct;
      this.#acts.set(number, done);
      this.#post({ kind: "act", number, action, rows });
    });
  }

  /** Actions that main has not answered yet. */
  readonly #acts = new Map<number, (changed: number) => void>();
  #lastAct = 0;

  /** The service of a proxy, and what build() of its statements is given. */
  #proxyEnv(samples: SampleEnv, h1: ProxyH1, proxy: Proxy, section: Section) {
    const rules = new ProxyRules(proxy.name, { rulesAtOnce: this.#tune.rulesAtOnce, turn: () => this.#sys.turn() });
    const log = this.#logs.sections.get(section)!;
    const service: Service = {
      proxy,
      rules,
      logger: this.#outlets.logger(log, this.#logs.global, this.#logs.profileTag),
      clientH1: h1.client(proxy.config),
      serverH1: h1.server(proxy.config),
    };
    if (proxy.config.hasBackend) this.#services.set(proxy.name, service);
    if (proxy.config.hasFrontend) this.#fronts.set(proxy, service);
    const httpErrors = (name: string) => this.#httpErrors.get(name);
    this.#watch?.opened(rules);
    const observer = this.#watch?.observer;
    const stats = new StatsSettings(section.at);
    const { node, description } = proxy.runtime.global;
    const http = proxy.mode === "http";
    const resolve = (question: NameQuestion, done: (address: string | null) => void) =>
      this.#lookups.ask(question, done);
    const env = {
      ...samples,
      rules,
      http,
      listChanges: this.#changes,
      resolve,
      httpErrors,
      observer,
      stats,
      node,
      description,
    };
    if (http) this.#stats.push(env);
    return env;
  }

  /** Of each HTTP proxy: what its statistics page is built with. */
  readonly #stats: (RulesEnv & StatsEnv)[] = [];

  /** Once all statements are heard. */
  #buildStatsPages(): void {
    const host = this.#statsHost(this.#proxies.all.map((proxy) => proxy.config));
    for (const env of this.#stats) {
      if (!env.stats.enabled) continue;
      env.rules.applet = new StatsPage(env.rules.name, env.stats, host, { ...env, ruleset: "http-request" });
    }
  }

  /** Services of proxies with a frontend: a backend may have the same name. */
  readonly #fronts = new Map<Proxy, Service>();

  // ---- running ----------------------------------------------------------------------------------------------------

  /** Takes its shares of the listening sockets and accepts connections. */
  start(): void {
    this.#port.onmessage = (message) => this.#received(message as ToThread);
    const unusable = this.#demands.length === 0 ? "" : this.#sys.net.optionsUsable();
    if (unusable !== "") return this.#post({ kind: "failed", text: `'${this.#demands[0]}' : ${unusable}.` });
    if (!this.#listen(this.#data.shares)) return;
    if (this.#watch === null) this.#checks.start();
    this.#post({ kind: "ready" });
  }

  /** Takes its shares of the listening sockets; false, and main is told, when it cannot. */
  #listen(shares: readonly (ListenToken | null)[]): boolean {
    const started: (() => void)[] = [];
    let row = -1;
    for (const [proxy, service] of this.#fronts) {
      for (const listener of proxy.listeners) {
        const share = shares[++row];
        if (share === null) continue;
        const socket = this.#sys.net.adopt(share);
        if (typeof socket === "string") {
          this.#post({ kind: "failed", text: `a listening socket cannot be taken over: ${socket}` });
          return false;
        }
        const known = this.#frontends.get(row);
        const frontend = known ?? new Frontend(this.#streams, service, listener);
        frontend.onIdle = () => this.#endWhenIdle();
        this.#frontends.set(row, frontend);
        started.push(() => frontend.listen(socket));
      }
    }
    for (const start of started) start();
    return true;
  }

  #received(message: ToThread): void {
    switch (message.kind) {
      case "nudge":
        this.#proxies.nudged(message.nudge);
        break;
      case "hints-taken":
        this.#hints.taken();
        break;
      case "acted":
        this.#acts.get(message.number)?.(message.changed);
        this.#acts.delete(message.number);
        break;
      case "resolved":
        this.#lookups.answered(message.number, message.address);
        break;
      case "log-taken":
        this.#relay.taken(message.bytes);
        break;
      case "patterns":
        for (const segment of message.segments) this.#patterns.view.attach(segment);
        this.#post({ kind: "patterns", round: message.round });
        break;
      case "changed":
        this.#changes.answered(message.id);
        break;
      case "stopping":
        this.#told = true;
        break;
      case "pause":
        for (const row of message.rows) this.#frontends.get(row)?.pause();
        this.#post({ kind: "paused" });
        break;
      case "resume":
        this.#listen(message.shares);
        break;
      case "ask":
        this.#answer(message.number, message.command, message.question);
        break;
      case "soft-stop":
        this.#stop(false);
        break;
      case "hard-stop":
        this.#stop(true);
        break;
    }
  }

  #answer(number: number, command: string, question: unknown): void {
    try {
      this.#post({ kind: "answer", number, value: this.#asked(command, question) });
    } catch (error) {
      this.#post({ kind: "answer-failed", number, text: describe(error) });
    }
  }

  #asked(command: string, question: unknown): unknown {
    const entry = this.#registry.find("command", command) as CommandEntry;
    return entry.answer!(question, this.#view);
  }

  #stop(hard: boolean): void {
    this.#told = true;
    this.#streams.stopping.begin();
    this.#stopped = true;
    this.#checks.stop();
    for (const frontend of this.#frontends.values()) {
      frontend.stop();
      if (hard) frontend.abort();
    }
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (!this.#stopped || [...this.#frontends.values()].some((f) => f.busy)) return;
    this.#stopped = false;
    for (const proxy of this.#proxies.all) for (const server of proxy.servers) server.pool.end();
    this.#outlets.flush();
    this.#endWhenSettled();
  }

  /** What was pending on connections just closed settles soon, and gives its buffer back then; so do the last log lines. */
  #endWhenSettled(): void {
    const { blocks, clock } = this.#sys;
    if ((blocks.outstanding > 0 || !this.#outlets.idle) && this.#settling++ < SETTLE_TRIES) {
      this.#wheel.armIn(this.#settleTimer, SETTLE_MS);
      return;
    }
    clock.disarm();
    this.#outlets.close();
    this.#post({ kind: "stopped", blocks: blocks.outstanding });
    this.#port.close();
  }

  #post(message: FromThread): void {
    this.#port.post(message);
  }

  #say(kind: "problem" | "bug", text: string): void {
    this.#post({ kind, text });
  }
}

/** The line of proxies without a log format (configuration.txt 8.2.1). */
function connectLine(txn: Txn): string {
  const { session, frontend } = txn;
  return `Connect from ${endpoint(session.src)} to ${
    endpoint(session.dst)
  } (${frontend.name}/${frontend.mode.toUpperCase()})`;
}

/** The line about a connection that failed before it had a stream (8.2.5). */
function failureLine(date: DateWriter): (txn: Txn) => string {
  return ({ session, frontend }) => {
    const ms = String(session.acceptedAtMs % 1000).padStart(3, "0");
    const listener = session.listenerName || session.listenerId;
    return `${endpoint(session.src)} [${date.write(session.acceptedAtMs)}.${ms}] ${frontend.name}/${listener}: ` +
      CONN_ERRORS[session.error][1];
  };
}

function endpoint(address: Address): string {
  return address.family === "unix" ? "unix:1" : `${address.host}:${address.port}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Builds and starts a thread. What goes wrong is told to main, which then does not start, or tells the operator. */
export function startThread(
  sys: Sys,
  number: number,
  data: ThreadData,
  port: Port,
  registry: Registry,
  watch: ThreadWatch | null = null,
): void {
  try {
    new Thread(sys, number, data, port, registry, watch).start();
  } catch (error) {
    const message: FromThread = { kind: "failed", text: describe(error) };
    port.post(message);
  }
}

// The control plane of one configuration: it opens the listening sockets, lays out the shared memory, starts the threads,
// passes their messages on, replaces those that die, and stops them. It handles no connection.
//
// It runs on any Sys: the program gives it Workers, the library and the simulation start the same threads in place.
import { type HashKey, spawn, Timer, Wheel } from "../base/mod.ts";
import type { Level, Model, Registry } from "../config/mod.ts";
import { type Logger, LogOutlets, LogRelays, type RelayedLines } from "../log/mod.ts";
import { type ListChange, setProcessVariables } from "../rules/mod.ts";
import { LoadedPatterns, ProcessVariables, type SampleEnv } from "../sample/mod.ts";
import {
  connectOptions,
  defaultMaxconn,
  descriptorsFor,
  fixedDescriptors,
  type GlobalConfig,
  globalConfigOf,
  initializeShared,
  layoutFor,
  type Nudge,
  optionInNeed,
  type ProxyConfig,
  proxyConfigsOf,
  type ServerEvent,
  threadCount,
} from "../proxy/mod.ts";
import { CliServer, performAction, statsSettings } from "../obs/mod.ts";
import type { Address, OpenListener, Sys } from "../sys/types.ts";
import { type Layout, PROXY, proxyWord, Shared, SharedVariables } from "../table/mod.ts";
import { Control } from "./control.ts";
import { Frontends, stoppedLine } from "./frontends.ts";
import { formatAddress, Listeners, LISTENERS_FAILED, type OpenSocket, statsSocketFailure } from "./listeners.ts";
import { allocateCounters, COUNTERS, logEnv, lossCounter, modelLogs } from "./logs.ts";
import { makeChange } from "./pattern_changes.ts";
import { PatternControl } from "./pattern_control.ts";
import type { FromThread, ThreadData, ThreadPlatform } from "./messages.ts";
import { Questions } from "./questions.ts";
import { sampleEnv } from "./sample_env.ts";
import { serverStates } from "./server_states.ts";
import { socketKey } from "./shards.ts";
import { type ProcessSettings, processSettings } from "./settings.ts";
import { Resolving } from "./resolving.ts";
import { Threads, type ThreadsOwner } from "./threads.ts";
import { tuneSettings } from "./tune.ts";

/** How long threads may take to close everything after a hard stop, ms. */
const HARD_STOP_MS = 1000;

/** How long the last log lines may take to leave, ms. */
const LAST_LOGS_MS = 500;

export interface ProcessOptions {
  readonly sys: Sys;
  readonly registry: Registry;
  /** Resolved: it names no host (resolve.ts). */
  readonly model: Model;
  readonly platform: ThreadPlatform;
  /** -n and -N of the command line, 0 when not given. */
  readonly maxconn?: number;
  readonly proxyMaxconn?: number;
  /** Threads when the configuration does not say; default: one for each processor. */
  readonly threads?: number;
  /** Bytes of the memory of `proc.` variables; default: as SharedVariables has it. */
  readonly variableBytes?: number;
  /** -d: every event is printed. */
  readonly debug?: boolean;
  /** Opens the listening sockets; default: `sys.net.open`. A worker has them from its master. */
  readonly open?: OpenSocket;
  /** Where the master passes commands on (management.txt 9.4). */
  readonly masterSocket?: OpenListener;
  /** Messages of the start, for `show startup-logs`. */
  readonly startupLogs?: () => string;
  /** Tells the operator; the text is without level and place. */
  say(level: Level, text: string): void;
}

export class Process implements ThreadsOwner {
  readonly settings: ProcessSettings;
  readonly layout: Layout;
  readonly shared: Shared;
  readonly configs: readonly ProxyConfig[];
  /** Settles when all has ended: the exit status. */
  readonly ended: Promise<number>;
  readonly threads: Threads;
  readonly patterns: PatternControl;

  readonly #options: ProcessOptions;
  readonly #sys: Sys;
  readonly #lists: LoadedPatterns;
  readonly #variableSegment: SharedArrayBuffer;
  readonly #variables: ProcessVariables;
  readonly #wheel: Wheel;
  readonly #segment: SharedArrayBuffer;
  readonly #counters: SharedArrayBuffer;
  readonly #global: GlobalConfig;
  /** Descriptors that are needed whoever connects. */
  readonly #fixed: number;
  readonly #listeners: Listeners;
  readonly #outlets: LogOutlets;
  readonly #relays: LogRelays;
  readonly #resolving: Resolving;
  readonly #loggers: readonly Logger[];
  readonly #timer: Timer<Process>;
  readonly #frontends: Frontends;
  readonly #questions: Questions;
  readonly #control: Control;
  readonly #cli: CliServer;
  #end!: (status: number) => void;
  /** Settles start(): "" once all threads accept, else why not. */
  #started: ((failure: string) => void) | null = null;
  #ready = 0;
  #stopping = false;
  #hard = false;
  /** Buffers that threads did not give back by their end: 0, or a bug. */
  leakedBlocks = 0;

  constructor(options: ProcessOptions) {
    const { sys, registry, model } = options;
    const global = globalConfigOf(model, registry);
    if (options.maxconn) global.maxconn = options.maxconn;
    const threads = threadCount(global, options.threads ?? sys.proc.cpus);
    this.#fixed = fixedDescriptors(proxyConfigsOf(model, registry, global), threads);
    const limit = Math.min(sys.proc.descriptorLimit, global.fdHardLimit || Infinity);
    if (global.maxconn === 0) global.maxconn = defaultMaxconn(limit, this.#fixed);
    this.#options = options;
    this.#sys = sys;
    this.#global = global;
    this.settings = processSettings(model, registry);
    this.configs = proxyConfigsOf(model, registry, global);
    this.layout = layoutFor(this.configs, threads);
    this.#segment = Shared.allocate(this.layout);
    this.#counters = allocateCounters(model);
    this.shared = new Shared(this.#segment, this.layout, 0);
    initializeShared(this.shared, this.configs, global);
    if (options.proxyMaxconn) this.#limitProxies(options.proxyMaxconn);
    this.#lists = new LoadedPatterns(model, registry, hashKey(sys));
    this.#variableSegment = SharedVariables.allocate(options.variableBytes);
    this.#variables = new ProcessVariables(tuneSettings(model, registry).variables, this.#variableSegment, 0);
    this.#listeners = new Listeners(this.configs, {
      global,
      threads: this.layout.threads,
      fs: sys.fs,
      open: (spec) => this.#openSocket(spec),
      say: options.say,
    });
    this.#wheel = new Wheel(sys.clock);
    this.#timer = new Timer<Process>(this, (timer) => timer.owner.#timeUp());
    this.threads = new Threads(this.layout.threads, sys, this);
    const problem = (text: string) => options.say("WARNING", text);
    const bug = (error: unknown) => this.#bug("the resolvers", String(error));
    this.#relays = new LogRelays(sys, this.#wheel, { problem, dropped: lossCounter(this.#counters) });
    this.#resolving = new Resolving({ sys, wheel: this.#wheel, model, registry, problem, bug });
    this.#outlets = new LogOutlets(logEnv(sys, this.#counters, this.#relays, problem));
    this.#frontends = new Frontends({
      configs: this.configs,
      shared: this.shared,
      listeners: this.#listeners,
      threads: this.threads,
      wheel: this.#wheel,
      say: options.say,
      stopping: () => !this.#accepting,
    });
    this.#questions = new Questions(this.threads, this.#wheel);
    this.patterns = new PatternControl(this.#lists, {
      running: () => this.threads.running(),
      post: (thread, message) => this.threads.post(thread, message),
      turn: () => sys.turn(),
      bug: (error) => this.#bug("the pattern lists", String(error)),
    });
    this.#control = new Control({
      sys,
      wheel: this.#wheel,
      registry,
      model,
      global,
      configs: this.configs,
      shared: this.shared,
      lists: this.patterns,
      samples: () => this.#samples(),
      variables: this.#variables,
      questions: this.#questions,
      stopping: () => this.#stopping,
      startupLogs: options.startupLogs ?? (() => ""),
      droppedLogs: () => this.droppedLogs,
      listeners: () => this.addresses.length,
      connections: () => this.#cli.connections,
      event: (event) => this.#event(event),
      nudge: (nudge) => this.threads.broadcast({ kind: "nudge", nudge }),
      frontends: this.#frontends,
    });
    const maxInput = tuneSettings(model, registry).bufsize;
    const stats = statsSettings(model, registry);
    this.#cli = new CliServer(
      this.#control,
      stats,
      maxInput,
      (conn) => sys.net.give(conn, this.#sockets),
      (error) => this.#bug("runtime API", String(error)),
    );
    const logs = modelLogs(model, registry);
    const proxies = model.sections.filter((s) => s.kind === "frontend" || s.kind === "backend" || s.kind === "listen");
    this.#loggers = proxies.map((section) =>
      this.#outlets.logger(logs.sections.get(section)!, logs.global, logs.profileTag)
    );
    setProcessVariables(model, registry, { samples: this.#control.samples, variables: this.#variables });
    this.ended = new Promise((end) => this.#end = end);
  }

  /** -N: the limit of frontends that do not set one. */
  #limitProxies(maxconn: number): void {
    const sections = this.#options.model.sections;
    this.configs.forEach((config, i) => {
      const section = sections.find((s) => s.kind === config.kind && s.name === config.name);
      if (section?.nodes.some((n) => n.keyword === "maxconn")) return;
      this.shared.store(proxyWord(i) + PROXY.maxconn, maxconn);
    });
  }

  // ---- starting ---------------------------------------------------------------------------------------------------

  /** Opens everything and starts the threads. "" once they all accept connections, else why it does not run. */
  async start(): Promise<string> {
    const failure = this.#lists.problem || this.#unusableOption() || this.#tooFewDescriptors() || await this.#open();
    if (failure !== "") return this.#fail(failure);
    const started = new Promise<string>((done) => this.#started = done);
    const notStarted = this.threads.start();
    if (notStarted !== "") return this.#fail(notStarted);
    const result = await started;
    if (result !== "") return this.#fail(result);
    this.#cli.start();
    this.#resolving.follow(this.#control.servers, (row, address) => this.#announce(row, address));
    return "";
  }

  #tooFewDescriptors(): string {
    const needed = descriptorsFor(this.#global.maxconn, this.#fixed);
    const limit = this.#sys.proc.descriptorLimit;
    // Who sets `ulimit-n` has chosen.
    if (needed <= limit || this.settings.ulimitN > 0) return "";
    const text = `Cannot raise FD limit to ${needed}, limit is ${limit}.`;
    if (this.settings.strictLimits) return text;
    this.#options.say("WARNING", `[haproxy.main()] ${text}`);
    return "";
  }

  #fail(reason: string): string {
    this.#listeners.close();
    this.#cli.abort();
    this.threads.terminate();
    this.#resolving.close();
    this.#outlets.close();
    this.#relays.close();
    this.#end(1);
    return reason;
  }

  /** Options of servers' sockets are first set when a connection is made: what cannot be set then is told now. */
  #unusableOption(): string {
    for (const proxy of this.configs) {
      for (const server of proxy.servers) {
        const option = optionInNeed(connectOptions(proxy, server, this.#global));
        const reason = option === "" ? "" : this.#sys.net.optionsUsable();
        if (reason !== "") return `'server ${proxy.name}/${server.name}' : '${option}' : ${reason}.`;
      }
    }
    return "";
  }

  /** Opens the listening sockets; all failures are told, the result concludes from them. */
  async #open(): Promise<string> {
    let opened = await this.#listeners.open();
    await this.#cli.open(this.#openSocket, (socket, reason) => {
      opened = false;
      this.#options.say("ALERT", statsSocketFailure(socket, reason));
    });
    this.#control.sockets = this.#cli.sockets;
    const { masterSocket } = this.#options;
    const reason = masterSocket === undefined ? "" : this.#cli.serveMaster(masterSocket);
    if (reason !== "") this.#options.say("WARNING", `the master's commands are not served: ${reason}`);
    if (!opened) return LISTENERS_FAILED;
    return this.addresses.length + this.#cli.sockets.length === 0 ? "no listener" : "";
  }

  /** Every socket that was opened, by what names it for another process; closed ones are left out when it asks. */
  readonly #sockets = new Map<string, OpenListener>();

  readonly #openSocket: OpenSocket = async (spec) => {
    const opened = await (this.#options.open ?? ((one) => this.#sys.net.open(one)))(spec);
    if (typeof opened !== "string") this.#sockets.set(socketKey(spec), opened);
    return opened;
  };

  /** Addresses that are listened on, in the order of the `bind` lines. */
  get addresses(): readonly Address[] {
    return this.#listeners.addresses;
  }

  /** Addresses that are listened on, for messages. */
  describeListeners(): string {
    return this.addresses.map(formatAddress).join(", ");
  }

  // ---- what threads say --------------------------------------------------------------------------------------------

  threadData(thread: number): ThreadData | string {
    const shares = this.#listeners.shares(thread);
    if (typeof shares === "string") return shares;
    return {
      model: this.#lists.model,
      layout: this.layout,
      segment: this.#segment,
      counters: this.#counters,
      maxconn: this.#global.maxconn,
      platform: this.#options.platform,
      debug: this.#options.debug,
      patterns: this.#lists.memory(),
      variables: this.#variableSegment,
      shares,
      changes: this.#questions.kept,
    };
  }

  received(thread: number, message: FromThread): void {
    switch (message.kind) {
      case "ready":
        this.#ready++;
        if (this.#ready >= this.threads.count) this.#settleStart("");
        break;
      case "failed":
        if (this.#started !== null) this.#settleStart(message.text);
        else this.#options.say("ALERT", `thread ${thread}: ${message.text}`);
        break;
      case "paused":
        this.#frontends.gaveUp(thread);
        break;
      case "problem":
        this.#options.say("WARNING", message.text);
        break;
      case "bug":
        this.#bug(`thread ${thread}`, message.text);
        break;
      case "answer":
        this.#questions.answered(thread, message.number, message.value);
        break;
      case "answer-failed":
        this.#questions.failed(thread, message.number);
        this.#bug(`thread ${thread}`, message.text);
        break;
      case "hints":
        for (const hint of message.hints) this.threads.post(hint.thread, { kind: "nudge", nudge: hint.nudge });
        this.threads.post(thread, { kind: "hints-taken" });
        break;
      case "act": {
        const { number, action, rows } = message;
        this.threads.post(thread, { kind: "acted", number, changed: performAction(this.#control, action, rows) });
        break;
      }
      case "event":
        this.#event(message.event);
        break;
      case "log":
        this.#relayed(thread, message.lines);
        break;
      case "resolve": {
        const { number, question } = message;
        const answer = (address: string | null) => this.threads.post(thread, { kind: "resolved", number, address });
        spawn(this.#resolving.address(question).then(answer), (error) => this.#bug("the resolvers", String(error)));
        break;
      }
      case "patterns":
        this.patterns.acknowledged(thread, message.round);
        break;
      case "change":
        this.#change(thread, message.id, message.change);
        break;
      case "stopped":
        this.leakedBlocks += message.blocks;
        break;
    }
  }

  #relayed(thread: number, { target, bytes, lines }: RelayedLines): void {
    if (!this.#relays.relay(target, bytes, lines)) {
      Atomics.add(new Int32Array(this.#counters), COUNTERS.droppedLogs, lines);
    }
    this.threads.post(thread, { kind: "log-taken", bytes: bytes.length });
  }

  /** Log lines that were lost since the start (`DroppedLogs` of "show info"). */
  get droppedLogs(): number {
    return Atomics.load(new Int32Array(this.#counters), COUNTERS.droppedLogs) >>> 0;
  }

  #bug(where: string, text: string): void {
    this.#options.say("ALERT", `${where}: a stream ended by an internal error: ${text}`);
  }

  threadEnded(thread: number): void {
    this.#frontends.threadEnded(thread);
    this.patterns.gone(thread);
    this.#questions.ended(thread);
  }

  /** Tells every thread, also those that start later, where a server is. */
  #announce(row: number, address: Address): void {
    const { backend, server } = this.#control.servers.at(row);
    const told = this.#control.change(
      "set server",
      { kind: "address", row, address },
      `address ${backend.name}/${server.name}`,
    );
    spawn(told, (error) => this.#bug("the resolvers", String(error)));
  }

  #settleStart(failure: string): void {
    const started = this.#started;
    this.#started = null;
    if (started !== null) started(failure);
  }

  #event(event: ServerEvent): void {
    this.#options.say(event.console.level, event.console.text);
    this.#loggers[event.proxy].send(event.level, event.text);
    const nudge: Nudge = { kind: "state", proxy: event.proxy };
    this.threads.broadcast({ kind: "nudge", nudge });
  }

  /** What expressions of commands are built with: no proxy runs in this thread. */
  #samples(): SampleEnv {
    const { sys, registry, model } = this.#options;
    return sampleEnv(sys, registry, model, tuneSettings(model, registry), {
      thread: 0,
      shared: this.shared,
      stopping: () => this.#stopping,
      proxy: () => undefined,
      patterns: this.patterns.store,
      variables: this.#variables.shared,
      debug: (descriptor, line) => this.#outlets.writeTo(descriptor, line),
      // Nothing of a connection is evaluated here.
      demand: () => {},
    });
  }

  /** A rule of a thread changes a list. */
  #change(thread: number, id: number, change: ListChange): void {
    const { patterns } = this;
    const answer = () => this.threads.post(thread, { kind: "changed", id });
    const outcome = patterns.change(() => makeChange(patterns.sets, change));
    if (outcome instanceof Promise) spawn(outcome.then(answer), () => {});
    else answer();
  }

  died(thread: number, reason: string, replaced: boolean): void {
    this.shared.giveBack(thread);
    this.#variables.shared.giveBack(thread);
    if (this.#started !== null) return this.#settleStart(`thread ${thread} ended: ${reason}`);
    this.#options.say("ALERT", `thread ${thread} ended: ${reason}${replaced ? "; another takes its place" : ""}.`);
  }

  lost(thread: number, reason: string): void {
    this.#options.say("ALERT", `thread ${thread} is not replaced: ${reason}. Exiting.`);
    this.#listeners.close();
    this.#cli.abort();
    this.threads.terminate();
    this.#end(1);
  }

  allEnded(): void {
    this.#wheel.cancel(this.#timer);
    this.#cli.abort();
    this.#outlets.flush();
    spawn(this.#endLogs(), (error) => this.#options.say("ALERT", String(error)));
  }

  /** The last log lines leave, if they can soon; then the process ends. */
  async #endLogs(): Promise<void> {
    this.#resolving.close();
    await this.#relays.drain(LAST_LOGS_MS, () => this.#outlets.idle);
    this.#relays.close();
    this.#outlets.close();
    await this.#relays.drain(LAST_LOGS_MS, () => this.#sys.blocks.outstanding === 0);
    this.#sys.clock.disarm();
    this.#end(0);
  }

  // ---- pausing -----------------------------------------------------------------------------------------------------

  /** SIGTTOU and SIGTTIN: see Frontends. */
  pause(): void {
    this.#frontends.pauseAll();
  }

  resume(): void {
    this.#frontends.resumeAll();
  }

  /** A stop has begun. */
  get stopping(): boolean {
    return this.#stopping;
  }

  // ---- stopping ----------------------------------------------------------------------------------------------------

  /** SIGUSR1: after `grace` listeners close, what is connected finishes, at most for `hard-stop-after`. */
  softStop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const { graceMs } = this.settings;
    if (graceMs <= 0) return this.#stopAccepting();
    this.#options.say("NOTICE", `Scheduling a soft-stop in ${graceMs} ms.`);
    this.threads.broadcast({ kind: "stopping" });
    this.#wheel.armIn(this.#timer, graceMs);
  }

  #accepting = true;

  #stopAccepting(): void {
    this.#accepting = false;
    this.#listeners.close();
    this.#cli.stop();
    this.#sayStopped();
    if (this.settings.hardStopAfterMs >= 0) this.#wheel.armIn(this.#timer, this.settings.hardStopAfterMs);
    this.threads.stop("soft-stop");
  }

  /** Everything is closed now; `ended` settles soon after. */
  hardStop(): void {
    if (this.#hard) return;
    this.#stopping = true;
    this.#accepting = false;
    this.#hard = true;
    this.#listeners.close();
    this.#cli.stop();
    this.#wheel.armIn(this.#timer, HARD_STOP_MS);
    this.threads.stop("hard-stop");
  }

  #timeUp(): void {
    if (this.#accepting) {
      this.#options.say("NOTICE", "Grace period expired, proceeding with soft-stop now.");
      this.#stopAccepting();
    } else if (!this.#hard) {
      this.#options.say("WARNING", "soft-stop running for too long, performing a hard-stop.");
      this.#sayHardStopped();
      this.hardStop();
    } else {
      this.threads.terminate();
      this.allEnded();
    }
  }

  /** SIGHUP: the state of every server and proxy (management.txt 4). */
  sayServers(): void {
    for (const line of serverStates(this)) this.#options.say("WARNING", line);
  }

  #sayStopped(): void {
    this.configs.forEach((proxy, i) => this.#options.say("WARNING", stoppedLine(proxy, i, this.shared)));
  }

  #sayHardStopped(): void {
    this.configs.forEach((proxy, i) => {
      const left = this.shared.load(proxyWord(i) + PROXY.feConns);
      if (left === 0) return;
      this.#options.say("WARNING", `Proxy ${proxy.name} hard-stopped (${left} remaining conns will be closed).`);
    });
  }
}

function hashKey(sys: Sys): HashKey {
  const bytes = new Uint8Array(8);
  sys.rand.fill(bytes);
  const [k0, k1] = new Int32Array(bytes.buffer);
  return { k0, k1 };
}

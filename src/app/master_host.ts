// What the master's load and its workers really are: files and sockets of this process, and child processes.
import { openStatsSockets, statsSettings } from "../obs/mod.ts";
import { globalConfigOf, proxyConfigsOf, threadCount } from "../proxy/mod.ts";
import { Child, type DenoSys } from "../sys/deno/mod.ts";
import type { Address, Conn, OpenListener } from "../sys/types.ts";
import type { Program } from "./again.ts";
import { type FromWorker, HeldSockets, MASTER_SOCKET, type ToWorker, type WorkerStart } from "./handover.ts";
import { formatAddress, Listeners, LISTENERS_FAILED, type OpenSocket, statsSocketFailure } from "./listeners.ts";
import { EXIT_ERROR, loadConfiguration, type Loaded, type LoadingOptions } from "./loading.ts";
import type { MasterHost, Worker, WorkerProcess } from "./master.ts";
import type { ServiceNotifier, ServiceState } from "./notify.ts";
import type { OlderProcesses, TakenSockets } from "./older.ts";
import type { StartupMessages } from "./startup.ts";
import { WORKER_MARK } from "./worker.ts";

type UnixAddress = Extract<Address, { family: "unix" }>;

/** Connections that may wait for a worker to take a command. */
const MASTER_BACKLOG = 16;

/** What the master keeps of a loaded configuration: the worker has the rest. */
export interface MasterLoaded {
  readonly loaded: Loaded;
  readonly exitOnFailure: boolean;
  readonly maxReloads: number;
}

export interface ProcessHostOptions extends LoadingOptions {
  readonly sys: DenoSys;
  readonly program: Program;
  readonly notifier: ServiceNotifier;
  readonly older: OlderProcesses;
  readonly taken: TakenSockets;
}

export class ProcessHost implements MasterHost<MasterLoaded> {
  readonly messages: StartupMessages;
  /** Why the last load failed, as an exit status. */
  failure = EXIT_ERROR;
  readonly #options: ProcessHostOptions;
  readonly #sockets: HeldSockets;
  /** Where the sockets are through which workers get commands: nobody else may enter it. */
  readonly #folder = Deno.makeTempDirSync({ prefix: "sluice-master-" });
  #started = 0;

  constructor(options: ProcessHostOptions) {
    this.#options = options;
    this.messages = options.messages;
    this.#sockets = new HeldSockets((spec) => options.taken.open(spec), (address) => {
      const what = `[${formatAddress(address)}] stays the socket it is: its new options count after a restart`;
      this.messages.say("WARNING", what);
    });
  }

  now(): number {
    return this.#options.sys.clock.precise();
  }

  async load(): Promise<MasterLoaded | null> {
    const loaded = await loadConfiguration({ ...this.#options, masterWorker: true });
    if (typeof loaded !== "number") return await this.opened(loaded);
    this.failure = loaded;
    return null;
  }

  /** A configuration with its sockets, or null when they cannot be had. */
  async opened(loaded: Loaded): Promise<MasterLoaded | null> {
    const { registry, sys } = this.#options;
    const { model, settings } = loaded;
    const global = globalConfigOf(model, registry);
    const configs = proxyConfigsOf(model, registry, global);
    const { older } = this.#options;
    const open: OpenSocket = (spec) => older.open(() => this.#sockets.open(spec));
    const threads = threadCount(global, sys.proc.cpus);
    const listeners = new Listeners(configs, { global, threads, fs: sys.fs, open, say: this.messages.say });
    let opened = await listeners.open();
    await openStatsSockets(statsSettings(model, registry), sys.fs, open, (socket, reason) => {
      opened = false;
      this.messages.say("ALERT", statsSocketFailure(socket, reason));
    });
    if (opened) return { loaded, exitOnFailure: settings.exitOnFailure, maxReloads: settings.maxReloads };
    this.messages.say("ALERT", `[haproxy.main()] ${LISTENERS_FAILED}`);
    this.failure = EXIT_ERROR;
    return null;
  }

  start(
    { loaded }: MasterLoaded,
    exited: (status: number) => void,
  ): { worker: WorkerProcess; serves: Promise<boolean> } | null {
    const { line, program, messages } = this.#options;
    const start: WorkerStart = {
      model: loaded.model,
      io: line.io,
      maxconn: line.maxconn,
      proxyMaxconn: line.proxyMaxconn,
      debug: line.debug,
      identity: loaded.identity,
      quiet: messages.quiet,
      startupLogs: messages.text,
    };
    try {
      const address: UnixAddress = { family: "unix", path: `${this.#folder}/${++this.#started}` };
      const socket = this.#options.sys.net.open({ address, backlog: MASTER_BACKLOG, mode: 0o600 });
      const sockets = new Map(this.#sockets.next);
      if (typeof socket !== "string") sockets.set(MASTER_SOCKET, socket);
      else messages.say("WARNING", `commands for the worker cannot be passed on: ${socket}`);
      const worker = new WorkerChild(program, start, sockets, messages, address, (status) => {
        if (typeof socket !== "string") removeSocket(address);
        exited(status);
      });
      return { worker, serves: worker.serves };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      messages.say("ALERT", `[haproxy.main()] Cannot start a worker: ${reason}`);
      return null;
    }
  }

  /** A connection to a worker's command line. */
  async connect({ process }: Worker): Promise<Conn | number> {
    return await this.#options.sys.net.connect({ remote: (process as WorkerChild).address }).done;
  }

  /** Nothing of it is left in the file system. */
  close(): void {
    try {
      Deno.removeSync(this.#folder, { recursive: true });
    } catch { /* gone already */ }
  }

  settle(serves: boolean): void {
    if (serves) this.#sockets.commit();
    else this.#sockets.abandon();
  }

  notify(state: ServiceState): void {
    this.#options.notifier.notify(state);
  }

  after(ms: number, then: () => void): void {
    Deno.unrefTimer(setTimeout(then, ms));
  }
}

function removeSocket({ path }: UnixAddress): void {
  try {
    Deno.removeSync(path);
  } catch { /* gone already */ }
}

class WorkerChild implements WorkerProcess {
  /** Settles once it accepts connections, or it is known that it never will. */
  readonly serves: Promise<boolean>;
  readonly #child: Child;
  readonly #parts: (() => void)[];
  readonly #messages: StartupMessages;
  #settle!: (serves: boolean) => void;

  constructor(
    program: Program,
    start: WorkerStart,
    sockets: ReadonlyMap<string, OpenListener>,
    messages: StartupMessages,
    readonly address: UnixAddress,
    exited: (status: number) => void,
  ) {
    this.#messages = messages;
    this.serves = new Promise((settle) => this.#settle = settle);
    this.#child = new Child({
      executable: program.executable,
      words: [...program.words, ...Deno.args],
      env: { [WORKER_MARK]: "1" },
      received: (message) => this.#received(message as FromWorker),
      exited: (status) => {
        this.#settle(false);
        exited(status);
      },
    });
    this.#parts = [
      () => this.#post({ kind: "start", start }),
      ...[...sockets].map(([key, socket]) => () => this.#hand(key, socket)),
      () => this.#post({ kind: "run" }),
    ];
  }

  get pid(): number {
    return this.#child.pid;
  }

  softStop(): void {
    this.#post({ kind: "soft-stop" });
  }

  kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): void {
    this.#child.kill(signal);
  }

  #post(message: ToWorker): void {
    this.#child.post(message);
  }

  #hand(key: string, socket: OpenListener): void {
    const share = socket.share();
    // It is this worker's alone.
    if (key === MASTER_SOCKET) socket.close();
    const message: ToWorker = { kind: "socket", key };
    if (typeof share !== "string") return this.#child.postSocket(message, share);
    this.#messages.say("ALERT", `a listening socket cannot be handed over: ${share}`);
    this.#child.kill("SIGKILL");
  }

  #received(message: FromWorker): void {
    switch (message.kind) {
      case "next":
        return this.#parts.shift()?.();
      case "said":
        return this.#messages.keep(message.text);
      case "ready":
        return this.#settle(true);
    }
  }
}

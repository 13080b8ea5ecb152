// The master of master-worker mode (management.txt 3 "-W", 4; configuration.txt 3.1 "master-worker"): which processes there
// are, when another worker is started, when old ones have to go, and when all is over. What a load and a process really are
// is the host's: this is the order of things, the same in a test.
//
// Invariants: one reload at a time; the worker that serves is told to go only once its successor serves; the master ends
// when it was told to and no worker is left, or when its worker dies and the configuration does not say otherwise.
import type { StartupMessages } from "./startup.ts";

/** Deaths of workers within this time that end the master even under `no-exit-on-failure`. */
const MAX_DEATHS = 10;
const DEATHS_WITHIN_MS = 60_000;

/** How long workers may take to end after they were told to end at once. */
const KILL_AFTER_MS = 5000;

/** Exit statuses of workers that were told to end: nothing failed. */
const TOLD = [0, 130, 143];

/** A worker process. */
export interface WorkerProcess {
  readonly pid: number;
  softStop(): void;
  kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): void;
}

/** What a loaded configuration says about the master. */
export interface MasterSettings {
  readonly exitOnFailure: boolean;
  readonly maxReloads: number;
}

export interface MasterHost<Loaded extends MasterSettings> {
  readonly messages: StartupMessages;
  now(): number;
  /** Loads the configuration and opens its sockets; null when that failed, and everything is told. */
  load(): Promise<Loaded | null>;
  /** Starts a worker for it. `exited` is called once, not before this returns; null when none can be started, told. */
  start(loaded: Loaded, exited: (status: number) => void): { worker: WorkerProcess; serves: Promise<boolean> } | null;
  /** The worker serves: its sockets are those to keep. False: it does not, and they are given up. */
  settle(serves: boolean): void;
  /** Tells the service manager. */
  notify(state: "READY" | "RELOADING" | "STOPPING"): void;
  /** Calls back once after a time. */
  after(ms: number, then: () => void): void;
}

export interface Worker {
  readonly process: WorkerProcess;
  readonly startedAt: number;
  /** Reloads it has survived. */
  reloads: number;
}

export class Master<Loaded extends MasterSettings> {
  /** Settles when all is over: the exit status. */
  readonly ended: Promise<number>;
  readonly startedAt: number;
  /** Reloads that were tried, and those of them since the last good one that failed. */
  reloads = 0;
  failedReloads = 0;
  current: Worker | null = null;
  readonly old = new Set<Worker>();
  /** Called when a reload begins. */
  onReload: () => void = () => {};
  readonly #host: MasterHost<Loaded>;
  #settings: MasterSettings = { exitOnFailure: true, maxReloads: Infinity };
  #end!: (status: number) => void;
  /** The start or a reload under way. */
  #reloading: Promise<boolean> | null = null;
  /** The worker of it, while it does not serve yet. */
  #coming: Worker | null = null;
  #stopping = false;
  #status = 0;
  readonly #deaths: number[] = [];

  constructor(host: MasterHost<Loaded>) {
    this.#host = host;
    this.startedAt = host.now();
    this.ended = new Promise((end) => this.#end = end);
  }

  /** Starts the first worker with a configuration, null when it could not be loaded. False: none serves. */
  start(loaded: Loaded | null): Promise<boolean> {
    return this.#alone(async () => {
      const started = await this.#bring(loaded);
      if (started) this.#host.notify("READY");
      return started;
    });
  }

  /** SIGUSR2, SIGHUP, "reload": loads again and replaces the worker; one that is under way is waited for first. */
  async reload(hard = false): Promise<boolean> {
    while (this.#reloading !== null) await this.#reloading;
    return this.#stopping ? false : await this.#alone(() => this.#reload(hard));
  }

  /** The start, or a reload: no other begins before it is over. */
  async #alone(change: () => Promise<boolean>): Promise<boolean> {
    const reloading = change();
    this.#reloading = reloading;
    try {
      return await reloading;
    } finally {
      this.#reloading = null;
    }
  }

  async #reload(hard: boolean): Promise<boolean> {
    const { messages } = this.#host;
    messages.say("NOTICE", "Reloading HAProxy");
    this.#host.notify("RELOADING");
    this.onReload();
    this.reloads++;
    messages.begin();
    const before = this.current;
    const replaced = await this.#bring(await this.#host.load());
    if (replaced) {
      this.failedReloads = 0;
      if (before !== null && before === this.current) throw new Error("the worker was not replaced");
      if (before !== null) this.#retire(before, hard);
    } else {
      this.failedReloads++;
      if (!this.#stopping) messages.say("WARNING", "Loading failure!");
    }
    for (const worker of [this.current, ...this.old]) this.#countReload(worker, replaced);
    messages.end();
    if (!this.#stopping && this.current === null) this.#stopAll();
    if (!this.#stopping) this.#host.notify("READY");
    this.#endWhenAlone();
    return replaced;
  }

  /** A worker survived another reload; too many, and it has to go. */
  #countReload(worker: Worker | null, replaced: boolean): void {
    if (worker === null || (replaced && worker === this.current)) return;
    worker.reloads++;
    if (worker !== this.current && worker.reloads > this.#settings.maxReloads) worker.process.kill("SIGTERM");
  }

  #retire(worker: Worker, hard: boolean): void {
    if (hard) worker.process.kill("SIGTERM");
    else worker.process.softStop();
  }

  /** Brings a worker for a configuration into service; false, and all is as before, when that fails. */
  async #bring(loaded: Loaded | null): Promise<boolean> {
    const { messages } = this.#host;
    if (loaded === null || this.#stopping) {
      this.#host.settle(false);
      return false;
    }
    const started = this.#host.start(loaded, (status) => this.#exited(worker!, status));
    const worker: Worker | null = started === null
      ? null
      : { process: started.worker, startedAt: this.#host.now(), reloads: 0 };
    if (started === null || worker === null) {
      this.#host.settle(false);
      return false;
    }
    this.#coming = worker;
    messages.say("NOTICE", `New worker (${worker.process.pid}) forked`);
    const serves = await started.serves && this.#coming === worker;
    this.#host.settle(serves);
    this.#coming = null;
    if (!serves) {
      worker.process.kill("SIGKILL");
      return false;
    }
    if (this.current !== null) this.old.add(this.current);
    this.current = worker;
    this.#settings = loaded;
    messages.say("NOTICE", "Loading success.");
    if (this.reloads === 0) messages.end();
    // It was told to end meanwhile.
    if (this.#stopping) worker.process.kill("SIGTERM");
    return true;
  }

  /** It was told to end. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Tells every process to end: SIGUSR1 gracefully, SIGTERM and SIGINT at once. */
  stop(kind: "soft" | "SIGTERM" | "SIGINT"): void {
    if (!this.#stopping) {
      this.#host.messages.say("WARNING", "Exiting Master process...");
      this.#host.notify("STOPPING");
    }
    this.#stopping = true;
    for (const worker of this.#workers()) {
      if (kind === "soft") worker.process.softStop();
      else worker.process.kill(kind);
    }
    if (kind !== "soft") this.#killLater();
    this.#endWhenAlone();
  }

  #killLater(): void {
    this.#host.after(KILL_AFTER_MS, () => {
      for (const worker of this.#workers()) worker.process.kill("SIGKILL");
    });
  }

  #workers(): Worker[] {
    return [this.#coming, this.current, ...this.old].filter((worker) => worker !== null);
  }

  #exited(worker: Worker, status: number): void {
    const { messages } = this.#host;
    const role = worker === this.current ? "Current" : worker === this.#coming ? "New" : "Former";
    if (worker === this.#coming) this.#coming = null;
    else if (!this.old.delete(worker) && worker !== this.current) return;
    const text = `${role} worker (${worker.process.pid}) exited with code ${status} (${meaning(status)})`;
    messages.say(status === 0 ? "WARNING" : "ALERT", text);
    if (worker === this.current) this.#currentExited(status);
    this.#endWhenAlone();
  }

  #currentExited(status: number): void {
    this.current = null;
    if (this.#stopping || TOLD.includes(status)) {
      // It ended because it was told to, by whomever: so does the master.
      this.#status = status === 143 ? 0 : status;
      if (!this.#stopping && this.#coming === null) this.#stopAll();
      return;
    }
    const { messages } = this.#host;
    const now = this.#host.now();
    this.#deaths.push(now);
    while (this.#deaths[0] < now - DEATHS_WITHIN_MS) this.#deaths.shift();
    if (this.#settings.exitOnFailure || this.#deaths.length > MAX_DEATHS) {
      const why = this.#settings.exitOnFailure ? "exit-on-failure" : "it dies again and again";
      messages.say("ALERT", `${why}: killing every processes with SIGTERM`);
      this.#status = status;
      this.#stopAll();
    } else if (this.#reloading === null) {
      messages.say("NOTICE", "no-exit-on-failure: starting another worker");
      this.reload().catch(() => {});
    }
  }

  #stopAll(): void {
    this.#stopping = true;
    for (const worker of this.#workers()) worker.process.kill("SIGTERM");
    this.#killLater();
  }

  #endWhenAlone(): void {
    if (!this.#stopping || this.#workers().length > 0) return;
    this.#host.messages.say("WARNING", `All workers exited. Exiting... (${this.#status})`);
    this.#end(this.#status);
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  1: "Hangup",
  2: "Interrupt",
  3: "Quit",
  4: "Illegal instruction",
  5: "Trace/breakpoint trap",
  6: "Aborted",
  7: "Bus error",
  8: "Floating point exception",
  9: "Killed",
  10: "User defined signal 1",
  11: "Segmentation fault",
  12: "User defined signal 2",
  13: "Broken pipe",
  14: "Alarm clock",
  15: "Terminated",
};

/** An exit status in words, as strsignal() has them. */
function meaning(status: number): string {
  return status < 128 ? "Exit" : MEANINGS[status - 128] ?? `Unknown signal ${status - 128}`;
}

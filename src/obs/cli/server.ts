// The sockets of the runtime API and their connections (configuration.txt 3.1 "stats socket", "stats maxconn"). Main
// listens, accepts and serves: a command line never costs a thread anything but the questions it asks.
//
// Invariant: no more than `maxconn` connections are served at once; others wait in the kernel's queues.
import { spawn, Timer, type Wheel } from "../../base/mod.ts";
import type { CommandEntry, CommandSocket, ControlPlane } from "../../proxy/mod.ts";
import { listenSpec } from "../../proxy/mod.ts";
import { type Conn, type Fs, IO_CLOSED, type Listener, type ListenSpec, type OpenListener } from "../../sys/types.ts";
import { C, type Counters, PROCESS_ROW } from "../../table/mod.ts";
import { CliSession } from "./session.ts";
import type { StatsSettings, StatsSocket } from "./settings.ts";

/** Pause after a failed accept. */
const ACCEPT_PAUSE_MS = 100;

/** Connections that may wait in the kernel when a socket's line does not say (`backlog`). */
const BACKLOG = 128;

/** What a session works with. */
export interface CliEnv {
  readonly control: ControlPlane;
  readonly wheel: Wheel;
  /** Of the process: connections and commands count there. */
  readonly counters: Counters;
  /** Gives the listening sockets of the process to a client; "" or why not. */
  readonly give: (conn: Conn) => string;
  /** Entries of all commands, in the order of the manifest. */
  readonly commands: readonly CommandEntry[];
  /** Bytes of a command with its payload (`tune.bufsize`). */
  readonly maxInput: number;
}

/** Opens a listening socket, or tells why not. */
type OpenSocket = (spec: ListenSpec) => OpenListener | string | Promise<OpenListener | string>;

/** A socket while it is open. */
interface ServedSocket {
  readonly socket: StatsSocket;
  readonly open: OpenListener;
  readonly listener: Listener;
}

export type StatsSocketFailed = (socket: StatsSocket, reason: string) => void;

/** Opens the sockets of the settings; `failed` is told each one that cannot be. */
export async function openStatsSockets(
  settings: StatsSettings,
  fs: Fs,
  openSocket: OpenSocket,
  failed: StatsSocketFailed,
): Promise<{ socket: StatsSocket; open: OpenListener }[]> {
  const opened: { socket: StatsSocket; open: OpenListener }[] = [];
  for (const socket of settings.sockets) {
    const spec = listenSpec(socket.bind, BACKLOG, fs, socket.bind.socket);
    const open = typeof spec === "string" ? spec : await openSocket(spec);
    if (typeof open === "string") failed(socket, open);
    else opened.push({ socket, open });
  }
  return opened;
}

export class CliServer {
  readonly #env: CliEnv;
  readonly #settings: StatsSettings;
  readonly #bug: (error: unknown) => void;
  readonly #open: ServedSocket[] = [];
  /** The master's way in. */
  #master: { readonly open: OpenListener; readonly listener: Listener } | null = null;
  readonly #sessions = new Set<CliSession>();
  /** Accept loops that wait for a session to end. */
  #waiting: (() => void)[] = [];
  readonly #pauses = new Map<Timer<CliServer>, () => void>();
  #closed = false;

  /** `maxInput`: bytes of a command with its payload. `give`: see CliEnv. `bug` is told an exception that ended a connection. */
  constructor(
    control: ControlPlane,
    settings: StatsSettings,
    maxInput: number,
    give: (conn: Conn) => string,
    bug: (error: unknown) => void,
  ) {
    const { registry, wheel } = control;
    const commands = registry.names("command").flatMap((name) => registry.find("command", name) ?? []);
    const counters = control.shared.counters(PROCESS_ROW);
    this.#env = { control, wheel, counters, commands: commands as CommandEntry[], maxInput, give };
    this.#settings = settings;
    this.#bug = bug;
  }

  /** Opens the sockets by `openSocket`; `failed` is told each one that cannot be. */
  async open(openSocket: OpenSocket, failed: StatsSocketFailed): Promise<void> {
    const { net, fs } = this.#env.control.sys;
    for (const { socket, open } of await openStatsSockets(this.#settings, fs, openSocket, failed)) {
      const share = open.share();
      const listener = typeof share === "string" ? share : net.adopt(share);
      if (typeof listener === "string") {
        open.close();
        failed(socket, listener);
        continue;
      }
      this.#open.push({ socket, open, listener });
    }
  }

  /** Takes the socket through which the master passes commands on (management.txt 9.4). "" or why not. */
  serveMaster(open: OpenListener): string {
    const share = open.share();
    const listener = typeof share === "string" ? share : this.#env.control.sys.net.adopt(share);
    if (typeof listener === "string") return listener;
    this.#master = { open, listener };
    return "";
  }

  /** Starts serving. */
  start(): void {
    if (this.#master !== null) spawn(this.#acceptMaster(this.#master.listener), this.#bug);
    for (const socket of this.#open) spawn(this.#accept(socket), this.#bug);
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get sockets(): readonly CommandSocket[] {
    return this.#open.map(({ socket }) => ({ name: socket.name, level: socket.level }));
  }

  /** Stops listening; connections go on until abort(). */
  stop(): void {
    this.#closed = true;
    for (const { open, listener } of this.#open) {
      listener.close();
      open.close();
    }
    this.#open.length = 0;
    this.#wake();
  }

  /** Ends what is left. */
  abort(): void {
    this.stop();
    this.#master?.listener.close();
    this.#master?.open.close();
    this.#master = null;
    for (const session of this.#sessions) session.abort();
  }

  async #accept({ socket, listener }: ServedSocket): Promise<void> {
    while (!this.#closed) {
      if (this.#sessions.size >= this.#settings.maxconn) {
        await new Promise<void>((look) => this.#waiting.push(look));
        continue;
      }
      let conn = listener.accept();
      if (conn instanceof Promise) conn = await conn;
      if (typeof conn === "number") {
        if (conn === IO_CLOSED) return;
        await this.#pause();
        continue;
      }
      // Another socket's loop may have been faster: one too many waits here.
      while (this.#sessions.size >= this.#settings.maxconn && !this.#closed) {
        await new Promise<void>((look) => this.#waiting.push(look));
      }
      if (this.#closed) return conn.close();
      const { timeoutMs } = this.#settings;
      const session = new CliSession(this.#env, conn, {
        level: socket.level,
        severityOutput: socket.severityOutput,
        exposesSockets: socket.exposesSockets,
        timeoutMs,
      });
      spawn(this.#serve(session), this.#bug);
    }
  }

  /** The master limits its own clients; they are served also while the process stops. */
  async #acceptMaster(listener: Listener): Promise<void> {
    for (;;) {
      let conn = listener.accept();
      if (conn instanceof Promise) conn = await conn;
      if (conn === IO_CLOSED) return;
      if (typeof conn === "number") await this.#pause();
      else {
        const session = new CliSession(this.#env, conn, {
          level: "admin",
          severityOutput: "none",
          exposesSockets: false,
          timeoutMs: 0,
        });
        spawn(this.#serve(session), this.#bug);
      }
    }
  }

  async #serve(session: CliSession): Promise<void> {
    this.#sessions.add(session);
    this.#env.counters.add(C.conn_tot);
    try {
      await session.run();
    } finally {
      this.#sessions.delete(session);
      this.#wake();
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
    if (!this.#closed) return;
    for (const [timer, end] of this.#pauses) {
      this.#env.wheel.cancel(timer);
      end();
    }
    this.#pauses.clear();
  }

  #pause(): Promise<void> {
    const timer = new Timer<CliServer>(this, () => {
      this.#pauses.get(timer)?.();
      this.#pauses.delete(timer);
    });
    this.#env.wheel.armIn(timer, ACCEPT_PAUSE_MS);
    return new Promise((end) => this.#pauses.set(timer, end));
  }
}

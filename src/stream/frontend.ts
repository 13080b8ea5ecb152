// A thread's share of one listening socket: accepts while the limits allow, makes a session of each connection, and knows
// them all, so that a stop can end them. At a limit it stops accepting: what waits stays in the kernel's queue.
import { spawn, Timer } from "../base/mod.ts";
import type { Listener } from "../proxy/mod.ts";
import { type Address, type Conn, IO_CLOSED, IO_RESET, type Listener as Socket } from "../sys/types.ts";
import type { Service, StreamEnv } from "./env.ts";
import { Session } from "./session.ts";

/** Pause after a failed accept: nothing was taken, or no descriptor is left. */
const ACCEPT_PAUSE_MS = 100;
/** Clients that may be gone before they are accepted, between two pauses. */
const MOST_GONE = 100;

/** Ports below it only a privileged process may use as a source (RFC 6335: system ports). */
const FIRST_USER_PORT = 1024;

function isPrivileged(client: Address): boolean {
  return client.family !== "unix" && client.port < FIRST_USER_PORT;
}

export class Frontend {
  readonly #env: StreamEnv;
  readonly #service: Service;
  readonly #listener: Listener;
  /** Its share of the socket while it listens. */
  #socket: Socket | null = null;
  readonly #sessions = new Set<Session>();
  readonly #pause: Timer<Frontend>;
  /** Rounds in which a soft stop closes idle connections. */
  readonly #rounds: Timer<Frontend>;
  #endPause: (() => void) | null = null;
  /** Accept loops that still run: one, and none once it is closed or paused and what it had taken is served. */
  #loops = 0;
  #closed = false;
  #aborted = false;
  /** Called when the last session ended while the listener is closed. */
  onIdle: (() => void) | null = null;

  constructor(env: StreamEnv, service: Service, listener: Listener) {
    this.#env = env;
    this.#service = service;
    this.#listener = listener;
    this.#pause = new Timer<Frontend>(this, (timer) => timer.owner.#resume());
    this.#rounds = new Timer<Frontend>(this, (timer) => timer.owner.#closeIdle());
  }

  /** It has connections, or may still get some. */
  get busy(): boolean {
    return this.#sessions.size > 0 || this.#loops > 0;
  }

  /** Client connections open now. */
  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  /** Accepts what comes at a share of the socket. */
  listen(socket: Socket): void {
    this.#socket = socket;
    spawn(this.#acceptAll(socket), this.#env.bug);
  }

  /** SIGTTOU: the share is given up; what has been taken from it is served. */
  pause(): void {
    this.#socket?.finish();
    this.#resume();
  }

  /**
   * Stops accepting for good. Connections between two requests are closed at once, the others after the response that is
   * on its way (PROC-07, PROC-08): `env.stopping` is set.
   */
  stop(): void {
    this.#closed = true;
    this.pause();
    this.#service.proxy.admission.wake();
    this.#closeIdle();
    this.#tellIdle();
  }

  /** Ends all connections, whatever they do. */
  abort(): void {
    this.#aborted = true;
    this.#socket?.close();
    this.#service.proxy.admission.wake();
    for (const session of this.#sessions) session.abort();
  }

  #closeIdle(): void {
    const { stopping, wheel } = this.#env;
    for (const session of this.#sessions) {
      if (session.idle && stopping.closesIdle()) session.endIdle();
    }
    if (stopping.spreads && this.busy) wheel.armIn(this.#rounds, stopping.roundMs);
  }

  #tellIdle(): void {
    if (!this.#closed || this.busy) return;
    this.#env.wheel.cancel(this.#rounds);
    this.onIdle?.();
  }

  async #acceptAll(socket: Socket): Promise<void> {
    this.#loops++;
    try {
      await this.#accept(socket);
    } finally {
      this.#loops--;
      this.#tellIdle();
    }
  }

  /** Accepts until the socket is closed or finished and what it had taken is served. */
  async #accept(socket: Socket): Promise<void> {
    const { admission } = this.#service.proxy;
    let gone = 0;
    for (;;) {
      const room = this.#closed ? 0 : admission.room(this.#listener);
      if (room !== 0) {
        await room;
        continue;
      }
      let conn = socket.accept();
      if (conn instanceof Promise) conn = await conn;
      if (typeof conn === "number") {
        if (conn === IO_CLOSED) return;
        // A client that is gone again is nothing; what else fails, or fails again and again, would do so at once.
        if (conn !== IO_RESET || ++gone % MOST_GONE === 0) await this.#rest();
        continue;
      }
      if (this.#env.rejectPrivilegedPorts && isPrivileged(conn.remote)) {
        conn.close();
        continue;
      }
      while (!admission.enter(this.#listener)) {
        const wait = admission.room(this.#listener);
        if (wait !== 0) await wait;
        if (this.#aborted) {
          conn.close();
          return;
        }
      }
      spawn(this.#serve(conn), this.#env.bug);
    }
  }

  async #serve(conn: Conn): Promise<void> {
    const session = new Session(this.#env, this.#service, this.#listener, conn);
    this.#sessions.add(session);
    if (this.#env.trace !== null) this.#env.trace.accepted(session);
    try {
      await session.run();
    } finally {
      conn.close();
      this.#sessions.delete(session);
      session.variables.clear();
      for (const server of session.ownServers) server.pool.endSession(session);
      this.#service.proxy.admission.leave(this.#listener);
      this.#tellIdle();
    }
  }

  #rest(): Promise<void> {
    this.#env.wheel.armIn(this.#pause, ACCEPT_PAUSE_MS);
    return new Promise((slot) => {
      this.#endPause = slot;
    });
  }

  #resume(): void {
    this.#env.wheel.cancel(this.#pause);
    const slot = this.#endPause;
    this.#endPause = null;
    if (slot !== null) slot();
  }
}

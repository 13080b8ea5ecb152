// A thread's share of one listening socket: accepts while the limits allow, makes a session of each connection, and knows
// them all, so that a stop can end them. At a limit it stops accepting: what waits stays in the kernel's queue.
import { spawn, Timer } from "../base/mod.ts";
import type { Listener } from "../proxy/mod.ts";
import { type Conn, IO_CLOSED, IO_RESET, type Listener as Socket, WAKE_STOP } from "../sys/types.ts";
import type { Service, StreamEnv } from "./env.ts";
import { Session } from "./session.ts";

/** Pause after a failed accept: nothing was taken, or no descriptor is left. */
const ACCEPT_PAUSE_MS = 100;
/** Clients that may be gone before they are accepted, between two pauses. */
const MOST_GONE = 100;

export class Frontend {
  readonly #env: StreamEnv;
  readonly #service: Service;
  readonly #listener: Listener;
  readonly #socket: Socket;
  readonly #sessions = new Set<Session>();
  readonly #pause: Timer<Frontend>;
  #endPause: (() => void) | null = null;
  #closed = false;
  /** Called whenever the last session ended while the listener is closed. */
  onIdle: (() => void) | null = null;

  constructor(env: StreamEnv, service: Service, listener: Listener, socket: Socket) {
    this.#env = env;
    this.#service = service;
    this.#listener = listener;
    this.#socket = socket;
    this.#pause = new Timer<Frontend>(this, (timer) => timer.owner.#resume());
  }

  /** Client connections open now. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Starts accepting. */
  start(): void {
    spawn(this.#accept(), this.#env.bug);
  }

  /**
   * Stops accepting for good. Connections between two requests are closed at once, the others after the response that is
   * on its way (PROC-07, PROC-08): `env.stopping` is set.
   */
  stop(): void {
    this.#closed = true;
    this.#socket.close();
    this.#resume();
    this.#service.proxy.admission.wake();
    for (const session of this.#sessions) if (session.idle) session.stream?.front.wakeRead(WAKE_STOP);
    if (this.#sessions.size === 0) this.onIdle?.();
  }

  /** Ends all connections, whatever they do. */
  abort(): void {
    for (const session of this.#sessions) session.abort();
  }

  async #accept(): Promise<void> {
    const { admission } = this.#service.proxy;
    let gone = 0;
    while (!this.#closed) {
      const room = admission.room(this.#listener);
      if (room !== 0) {
        await room;
        continue;
      }
      let conn = this.#socket.accept();
      if (conn instanceof Promise) conn = await conn;
      if (typeof conn === "number") {
        if (conn === IO_CLOSED) return;
        // A client that is gone again is nothing; what else fails, or fails again and again, would do so at once.
        if (conn !== IO_RESET || ++gone % MOST_GONE === 0) await this.#rest();
        continue;
      }
      while (!admission.enter(this.#listener)) {
        const wait = admission.room(this.#listener);
        if (wait !== 0) await wait;
        if (this.#closed) {
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
    try {
      await session.run();
    } finally {
      conn.close();
      this.#sessions.delete(session);
      for (const server of session.ownServers) server.pool.endSession(session);
      this.#service.proxy.admission.leave(this.#listener);
      if (this.#closed && this.#sessions.size === 0) this.onIdle?.();
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

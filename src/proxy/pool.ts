// Idle connections of one server in one thread (configuration.txt 4.2 "http-reuse", 5.2 "pool-max-conn",
// "pool-purge-delay", "max-reuse"). A connection is used by its thread only; the limit of idle ones counts all threads.
//
// Invariants: an idle connection is in the pool once or not at all; what is taken is usable as far as is known; the
// server's shared count of idle connections is what all pools hold.
import { Timer, type Wheel } from "../base/mod.ts";
import type { Gauge } from "../table/mod.ts";
import type { HttpReuse } from "./config.ts";

/** A server connection that may serve another request. The layer above makes them; it tells `Pool.closed()` when the peer ends one. */
export interface Idle {
  /** What decides whether it fits a request beside the server: SNI or `pool-conn-name`; "" none. */
  readonly connName: string;
  /** Requests it has served. */
  readonly requests: number;
  /** When it became idle, ms; set by the pool. */
  idleSince: number;
  /** Whether nothing is known against another request: open, nothing unread. */
  usable(): boolean;
  close(): void;
}

/** What the pool may keep and give. */
export interface PoolLimits {
  readonly reuse: HttpReuse;
  /** -1: no limit. */
  readonly maxConn: number;
  readonly purgeDelayMs: number;
  /** Reuses of one connection, -1: no limit. */
  readonly maxReuse: number;
}

/** An entry: the connection and whose it is under `http-reuse never`. */
interface Entry {
  readonly idle: Idle;
  readonly session: object | null;
}

export class Pool {
  readonly #wheel: Wheel;
  readonly #now: () => number;
  readonly #limits: PoolLimits;
  readonly #idle: Gauge;
  readonly #timer: Timer<Pool>;
  /** Least recently used first. */
  readonly #entries: Entry[] = [];
  /** The fewest idle at once since the last purge: nobody needed those. */
  #surplus = 0;

  constructor(wheel: Wheel, now: () => number, limits: PoolLimits, idle: Gauge) {
    this.#wheel = wheel;
    this.#now = now;
    this.#limits = limits;
    this.#idle = idle;
    this.#timer = new Timer<Pool>(this, purge);
  }

  get size(): number {
    return this.#entries.length;
  }

  /**
   * A connection for a request of `session`. `first`: it is the session's first one, which a client does not retry by
   * itself; `replayable`: the stream will, should the connection turn out to be dead.
   */
  take(session: object, first: boolean, replayable: boolean, connName: string): Idle | null {
    const reuse = this.#limits.reuse;
    const guarded = first && !replayable;
    if (guarded && reuse === "safe") return null;
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { idle, session: owner } = this.#entries[i];
      if (owner !== null && owner !== session) continue;
      if (idle.connName !== connName) continue;
      if (guarded && reuse === "aggressive" && idle.requests < 2) continue;
      this.#remove(i);
      if (idle.usable()) return idle;
      idle.close();
    }
    return null;
  }

  /** Keeps a connection that just became idle; false: it may not be kept, the caller closes it. */
  put(idle: Idle, session: object): boolean {
    const limits = this.#limits;
    if (limits.purgeDelayMs === 0 || (limits.maxReuse >= 0 && idle.requests > limits.maxReuse)) return false;
    if (limits.maxConn === 0) return false;
    const limit = limits.maxConn > 0 ? limits.maxConn : 0;
    if (this.#idle.take(limit) === 0) return false;
    idle.idleSince = this.#now();
    this.#entries.push({ idle, session: limits.reuse === "never" ? session : null });
    if (!this.#timer.armed) {
      // Nothing was idle from the interval's beginning.
      this.#surplus = 0;
      this.#wheel.armIn(this.#timer, limits.purgeDelayMs);
    }
    return true;
  }

  /** The peer closed an idle connection, or it broke: it is forgotten and closed. */
  closed(idle: Idle): void {
    const i = this.#entries.findIndex((e) => e.idle === idle);
    if (i < 0) return;
    this.#remove(i);
    idle.close();
  }

  /** A session ended: under `http-reuse never` its connections are of no use any more. */
  endSession(session: object): void {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      if (this.#entries[i].session === session) this.#closeAt(i);
    }
  }

  /** Closes up to `n` connections, least recently used first; how many. */
  drop(n: number): number {
    const count = Math.min(n, this.#entries.length);
    for (let i = 0; i < count; i++) this.#closeAt(0);
    return count;
  }

  /** Closes all. */
  clear(): void {
    this.drop(this.#entries.length);
    this.#wheel.cancel(this.#timer);
  }

  /** Every interval half of the connections that nobody needed during it are closed. */
  purge(): void {
    this.drop(Math.ceil(this.#surplus / 2));
    this.#surplus = this.#entries.length;
    if (this.#entries.length > 0) this.#wheel.armIn(this.#timer, this.#limits.purgeDelayMs);
  }

  #closeAt(i: number): void {
    const { idle } = this.#entries[i];
    this.#remove(i);
    idle.close();
  }

  #remove(i: number): void {
    this.#entries.splice(i, 1);
    this.#idle.add(-1);
    if (this.#entries.length < this.#surplus) this.#surplus = this.#entries.length;
  }
}

function purge(timer: Timer<Pool>): void {
  timer.owner.purge();
}

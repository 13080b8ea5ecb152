// Idle connections of one server in one thread (configuration.txt 4.2 "http-reuse", "max-session-srv-conns", 5.2
// "pool-max-conn", "pool-purge-delay", "max-reuse"). A connection is used by its thread only; the limit of idle ones counts
// all threads. Those that are private serve their session alone: they are of no account for the limits, and end with it.
//
// Invariants: an idle connection is in the pool once or not at all; what is taken is usable as far as is known; the
// server's shared count of idle connections is what all pools hold, private ones apart. Nothing here walks over more
// connections than it closes, but over those of one session.
import { Timer, type Wheel } from "../base/mod.ts";
import type { Gauge } from "../table/mod.ts";
import type { HttpReuse } from "./config.ts";
import { type IdleConnections, IdlePlace } from "./idle_connections.ts";

/** A server connection that may serve another request. The layer above makes them; it tells `Pool.closed()` when the peer ends one. */
export interface Idle {
  /** What decides whether it fits a request beside the server: SNI or `pool-conn-name`; "" none. */
  readonly connName: string;
  /** Requests it has served. */
  readonly requests: number;
  /** The server authenticates the connection, not the request (NTLM): it is its session's only. */
  readonly isPrivate: boolean;
  /** Where it is while it is idle; the pool's. */
  place: object | null;
  /** Whether nothing is known against another request: open, nothing unread. */
  usable(): boolean;
  close(): void;
  /** As close(), at once where the transport can: nothing of it is left in the system. */
  reset(): void;
}

/** What pools see of a client's session. */
export interface PoolSession {
  /** Idle connections that are its own; the pools'. */
  ownIdle: number;
  /** How many it may have (`max-session-srv-conns`). */
  readonly maxOwnIdle: number;
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

/** Where an idle connection is: in a stack of those alike, and in the order in which connections became idle. */
class Place extends IdlePlace {
  readonly idle: Idle;
  pool: Pool | null = null;
  session: PoolSession | null = null;
  stack: Stack | null = null;
  below: Place | null = null;
  above: Place | null = null;
  /** Among those of the pool. */
  older: Place | null = null;
  newer: Place | null = null;

  constructor(idle: Idle) {
    super();
    this.idle = idle;
  }

  giveUp(): void {
    this.pool!.close(this);
  }
}

/** Idle connections that differ in nothing but their age, the youngest on top. */
class Stack {
  readonly name: string;
  top: Place | null = null;

  constructor(name: string) {
    this.name = name;
  }

  push(place: Place): void {
    place.stack = this;
    place.below = this.top;
    if (this.top !== null) this.top.above = place;
    this.top = place;
  }

  remove(place: Place): void {
    if (place.above === null) this.top = place.below;
    else place.above.below = place.below;
    if (place.below !== null) place.below.above = place.above;
    place.stack = null;
    place.below = null;
    place.above = null;
  }
}

/** Connections of one name: `proven` ones were reused before. */
class Named {
  readonly proven: Stack;
  readonly fresh: Stack;

  constructor(name: string) {
    this.proven = new Stack(name);
    this.fresh = new Stack(name);
  }
}

export class Pool {
  readonly #wheel: Wheel;
  readonly #limits: PoolLimits;
  readonly #idle: Gauge;
  readonly #thread: IdleConnections;
  readonly #timer: Timer<Pool>;
  /** Those without a name, as most are. */
  readonly #nameless = new Named("");
  readonly #named = new Map<string, Named>();
  readonly #owned = new Map<PoolSession, Stack>();
  #oldest: Place | null = null;
  #newest: Place | null = null;
  #shared = 0;
  #private = 0;
  /** Called at each purge. */
  onPurge: (() => void) | null = null;
  /** The fewest idle at once since the last purge: nobody needed those. */
  #surplus = 0;

  constructor(wheel: Wheel, limits: PoolLimits, idle: Gauge, thread: IdleConnections) {
    this.#wheel = wheel;
    this.#limits = limits;
    this.#idle = idle;
    this.#thread = thread;
    this.#timer = new Timer<Pool>(this, purge);
  }

  get size(): number {
    return this.#shared + this.#private;
  }

  /**
   * A connection for a request of `session`. `first`: it is the session's first one, which a client does not retry by
   * itself; `replayable`: the stream will, should the connection turn out to be dead.
   */
  take(session: PoolSession, first: boolean, replayable: boolean, connName: string): Idle | null {
    const own = this.#private > 0 ? this.#takeOwn(session, connName) : null;
    if (own !== null) return own;
    const { reuse } = this.#limits;
    const guarded = first && !replayable;
    if (reuse === "never" || (guarded && reuse === "safe")) return null;
    const named = connName === "" ? this.#nameless : this.#named.get(connName);
    if (named === undefined) return null;
    for (;;) {
      const proven = named.proven.top;
      const fresh = guarded && reuse === "aggressive" ? null : named.fresh.top;
      const place = proven === null || (fresh !== null && fresh.since > proven.since) ? fresh : proven;
      if (place === null) return null;
      this.#remove(place);
      if (place.idle.usable()) return place.idle;
      place.idle.close();
    }
  }

  #takeOwn(session: PoolSession, connName: string): Idle | null {
    let place = this.#owned.get(session)?.top ?? null;
    while (place !== null) {
      const { below, idle } = place;
      if (idle.connName === connName) {
        this.#remove(place);
        if (idle.usable()) return idle;
        idle.close();
      }
      place = below;
    }
    return null;
  }

  /** Keeps a connection that just became idle; false: it may not be kept, the caller closes it. */
  put(idle: Idle, session: PoolSession): boolean {
    const limits = this.#limits;
    if (limits.maxReuse >= 0 && idle.requests > limits.maxReuse) return false;
    const place = (idle.place ??= new Place(idle)) as Place;
    if (limits.reuse === "never" || idle.isPrivate) return this.#putOwn(place, session);
    if (limits.purgeDelayMs === 0 || limits.maxConn === 0 || this.#thread.scarce) return false;
    if (this.#idle.take(limits.maxConn > 0 ? limits.maxConn : 0) === 0) return false;
    place.pool = this;
    this.#shared++;
    const named = idle.connName === "" ? this.#nameless : this.#name(idle.connName);
    (idle.requests > 1 ? named.proven : named.fresh).push(place);
    place.older = this.#newest;
    if (this.#newest === null) this.#oldest = place;
    else this.#newest.newer = place;
    this.#newest = place;
    this.#thread.add(place);
    if (!this.#timer.armed) {
      // Nothing was idle from the interval's beginning.
      this.#surplus = 0;
      this.#wheel.armIn(this.#timer, limits.purgeDelayMs);
    }
    return true;
  }

  #putOwn(place: Place, session: PoolSession): boolean {
    if (session.ownIdle >= session.maxOwnIdle) return false;
    session.ownIdle++;
    this.#private++;
    place.pool = this;
    place.session = session;
    let stack = this.#owned.get(session);
    if (stack === undefined) this.#owned.set(session, stack = new Stack(""));
    stack.push(place);
    return true;
  }

  #name(name: string): Named {
    let named = this.#named.get(name);
    if (named === undefined) this.#named.set(name, named = new Named(name));
    return named;
  }

  /** Whether a connection waits here for this session alone. */
  owns(session: PoolSession): boolean {
    return this.#private > 0 && this.#owned.has(session);
  }

  /** The peer closed an idle connection, or it broke: it is forgotten and closed. */
  closed(idle: Idle): void {
    const place = idle.place as Place | null;
    if (place !== null && place.pool === this) this.close(place);
  }

  /** A session ended: its own connections are of no use any more. */
  endSession(session: PoolSession): void {
    const stack = this.#owned.get(session);
    while (stack !== undefined && stack.top !== null) this.close(stack.top);
  }

  /** Closes up to `n` connections, least recently used first, private ones apart; how many. */
  drop(n: number): number {
    let count = 0;
    for (; count < n && this.#oldest !== null; count++) this.close(this.#oldest);
    return count;
  }

  /** Closes all. */
  clear(): void {
    this.drop(this.#shared);
    for (const session of this.#owned.keys()) this.endSession(session);
    this.#wheel.cancel(this.#timer);
  }

  /** The process ends: all are reset, so that none of them stays behind in TIME_WAIT. */
  end(): void {
    const reset = (place: Place) => {
      this.#remove(place);
      place.idle.reset();
    };
    while (this.#oldest !== null) reset(this.#oldest);
    for (const stack of this.#owned.values()) while (stack.top !== null) reset(stack.top);
    this.#wheel.cancel(this.#timer);
  }

  /** Every interval half of the connections that nobody needed during it are closed. */
  purge(): void {
    this.onPurge?.();
    this.drop(Math.ceil(this.#surplus / 2));
    this.#surplus = this.#shared;
    if (this.#shared > 0) this.#wheel.armIn(this.#timer, this.#limits.purgeDelayMs);
  }

  /** Closes one of the pool's. */
  close(place: Place): void {
    this.#remove(place);
    place.idle.close();
  }

  #remove(place: Place): void {
    const stack = place.stack!;
    stack.remove(place);
    place.pool = null;
    const { session } = place;
    if (session !== null) {
      place.session = null;
      session.ownIdle--;
      this.#private--;
      if (stack.top === null) this.#owned.delete(session);
      return;
    }
    if (stack.top === null && stack.name !== "") this.#forget(stack.name);
    if (place.older === null) this.#oldest = place.newer;
    else place.older.newer = place.newer;
    if (place.newer === null) this.#newest = place.older;
    else place.newer.older = place.older;
    place.older = null;
    place.newer = null;
    this.#thread.remove(place);
    this.#shared--;
    this.#idle.add(-1);
    if (this.#shared < this.#surplus) this.#surplus = this.#shared;
  }

  #forget(name: string): void {
    const named = this.#named.get(name)!;
    if (named.proven.top === null && named.fresh.top === null) this.#named.delete(name);
  }
}

function purge(timer: Timer<Pool>): void {
  timer.owner.purge();
}

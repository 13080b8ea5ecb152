// Admission of client connections: the limits of listener, frontend and process, and the rates (configuration.txt 3.2
// "maxconn", "maxconnrate", "maxsessrate"; 4.2 "maxconn", "rate-limit sessions"). At a limit the accept loop does not
// accept: what comes waits in the kernel's queue.
//
// The loop is: `await room(listener)`, accept, `enter(listener)`; when that is false (another thread was faster) it keeps the
// connection and goes back to room() before it serves it. leave() when the connection is closed.
import { Timer } from "../base/mod.ts";
import { C, type Counters, type Gauge, PROCESS, PROCESS_ROW, PROXY, type Rate } from "../table/mod.ts";
import type { Listener } from "./listener.ts";
import type { Proxy } from "./proxy.ts";

/** How soon an accept loop looks again when nobody can tell it: a hint may be lost with its thread. */
const RECHECK_MS = 1000;

export class Admission {
  readonly #proxy: Proxy;
  readonly #process: Gauge;
  readonly #processWaiting: Gauge;
  readonly #waiting: Gauge;
  readonly #processConnRate: Rate;
  readonly #processSessRate: Rate;
  readonly #totals: Counters;
  /** Accept loops of this thread that wait. */
  #slots: (() => void)[] = [];
  readonly #timer: Timer<Admission>;

  constructor(proxy: Proxy) {
    const { shared } = proxy.runtime;
    this.#proxy = proxy;
    this.#process = shared.gauge(PROCESS.conns);
    this.#processWaiting = shared.gauge(PROCESS.waiting);
    this.#waiting = shared.gauge(proxy.word + PROXY.waiting);
    this.#processConnRate = shared.rate(PROCESS.connRate);
    this.#processSessRate = shared.rate(PROCESS.sessRate);
    this.#totals = shared.counters(PROCESS_ROW);
    this.#timer = new Timer<Admission>(this, (timer) => timer.owner.wake());
  }

  /** 0 when a connection may be accepted now, else a promise that settles when it is worth looking again. */
  room(listener: Listener): 0 | Promise<void> {
    const now = this.#proxy.runtime.sys.clock.now();
    if (this.#full(listener)) return this.#wait(RECHECK_MS);
    const { shared } = this.#proxy.runtime;
    const delay = Math.max(
      this.#proxy.feSessRate.delay(now, this.#proxy.config.rateLimit),
      this.#processConnRate.delay(now, shared.load(PROCESS.connsPerSecond)),
      this.#processSessRate.delay(now, shared.load(PROCESS.sessionsPerSecond)),
    );
    return delay === 0 ? 0 : this.#wait(delay);
  }

  #full(listener: Listener): boolean {
    const proxy = this.#proxy;
    return reached(this.#process, proxy.runtime.shared.load(PROCESS.maxconn)) ||
      reached(proxy.feConns, proxy.maxconn) ||
      reached(listener.conns, listener.maxconn);
  }

  /** Counts a connection in; false: a limit was reached meanwhile and nothing is counted. */
  enter(listener: Listener): boolean {
    const proxy = this.#proxy;
    const { shared, sys } = proxy.runtime;
    const total = this.#process.take(shared.load(PROCESS.maxconn));
    if (total === 0) return false;
    const conns = proxy.feConns.take(proxy.maxconn);
    if (conns === 0) {
      this.#process.add(-1);
      return false;
    }
    const own = listener.conns.take(listener.maxconn);
    if (own === 0) {
      proxy.feConns.add(-1);
      this.#process.add(-1);
      return false;
    }
    const now = sys.clock.now();
    this.#totals.raise(C.smax, total);
    this.#totals.raise(C.conn_rate_max, this.#processConnRate.add(now));
    this.#totals.raise(C.rate_max, this.#processSessRate.add(now));
    proxy.front.add(C.conn_tot);
    proxy.front.raise(C.smax, conns);
    proxy.front.raise(C.conn_rate_max, proxy.feConnRate.add(now));
    proxy.front.raise(C.rate_max, proxy.feSessRate.add(now));
    listener.counters.add(C.conn_tot);
    listener.counters.add(C.stot);
    listener.counters.raise(C.smax, own);
    return true;
  }

  /** A connection is closed. */
  leave(listener: Listener): void {
    listener.conns.add(-1);
    this.#proxy.feConns.add(-1);
    this.#process.add(-1);
    if (this.#waiting.value > 0) this.#pass(this.#waiting, this.#proxy.word + PROXY.waiting, this.#proxy.index);
    if (this.#processWaiting.value > 0) this.#pass(this.#processWaiting, PROCESS.waiting, -1);
  }

  /** Lets the accept loops look again: those of this thread at once, others by a hint. */
  #pass(waiting: Gauge, word: number, proxy: number): void {
    const { shared, notify } = this.#proxy.runtime;
    if (this.#slots.length > 0) this.wake();
    if (waiting.value === waiting.held) return;
    for (let lane = 1; lane <= shared.layout.threads; lane++) {
      if (lane !== shared.lane && shared.heldBy(lane, word) > 0) notify(lane, { kind: "accept", proxy });
    }
  }

  /** Lets waiting accept loops of this thread look again. */
  wake(): void {
    const slots = this.#slots;
    this.#slots = [];
    this.#proxy.runtime.wheel.cancel(this.#timer);
    this.#waiting.add(-slots.length);
    this.#processWaiting.add(-slots.length);
    for (const settle of slots) settle();
  }

  #wait(ms: number): Promise<void> {
    this.#waiting.add(1);
    this.#processWaiting.add(1);
    if (!this.#timer.armed || this.#proxy.runtime.sys.clock.now() + ms < this.#timer.at) {
      this.#proxy.runtime.wheel.armIn(this.#timer, ms);
    }
    return new Promise((resolve) => this.#slots.push(resolve));
  }
}

function reached(gauge: Gauge, limit: number): boolean {
  return limit > 0 && gauge.value >= limit;
}

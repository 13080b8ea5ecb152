// A proxy in one thread: frontend, backend, or both ("listen"). As a backend it assigns streams to servers: it asks its
// balancer, takes a slot, or lets the stream wait for one.
//
// Invariants of the queues: a newcomer never takes a slot while others wait for it; who frees a slot, gives up waiting or
// begins to wait looks whether a waiter and a slot can be brought together, so that neither waits for the other for ever.
import {
  BACKEND_DOWN,
  BACKEND_UP,
  backendRow,
  C,
  type Counters,
  frontendRow,
  type Gauge,
  PROXY,
  proxyWord,
  type Rate,
  type Shared,
} from "../table/mod.ts";
import type { ProxyStats, ProxyView, Txn } from "../sample/mod.ts";
import { Admission } from "./admission.ts";
import type { ProxyConfig, ProxyMode, Timeouts } from "./config.ts";
import { type Balancer, createBalancer } from "./lb/balancer.ts";
import { Listener } from "./listener.ts";
import { Queue } from "./queue.ts";
import type { ProxyRuntime } from "./runtime.ts";
import { Server } from "./server.ts";
import { S_GOING_DOWN } from "./server_state.ts";
import { ASSIGN_NO_SERVER, ASSIGN_QUEUE_FULL, type Waiter } from "./waiter.ts";

/** A waiter of another thread gets a slot before one of this thread only when it has waited so much longer, ms. */
const HANDOVER_MS = 20;

/** Times the balancer is asked again after another thread was faster in taking the slot. */
const TRIES = 3;

export class Proxy implements ProxyView, ProxyStats {
  readonly runtime: ProxyRuntime;
  readonly config: ProxyConfig;
  readonly name: string;
  readonly id: number;
  /** Place in the layout. */
  readonly index: number;
  readonly mode: ProxyMode;
  readonly listeners: readonly Listener[];
  readonly servers: readonly Server[];
  /** Counter rows of the frontend's and of the backend's side. */
  readonly front: Counters;
  readonly back: Counters;
  readonly admission: Admission;
  /** Streams of the backend, client connections of the frontend: all threads. */
  readonly beConns: Gauge;
  readonly feConns: Gauge;
  readonly totalQueued: Gauge;
  readonly queue: Queue;
  readonly feConnRate: Rate;
  readonly feSessRate: Rate;
  readonly feReqRate: Rate;
  readonly beSessRate: Rate;

  readonly #shared: Shared;
  readonly #word: number;
  readonly #balancer: Balancer;
  /** Servers the balancer picks from. */
  #candidates: Server[] = [];
  #generation = -1;

  /** `index`, `firstServer`, `firstListener`: places in the layout. */
  constructor(
    runtime: ProxyRuntime,
    config: ProxyConfig,
    index: number,
    firstServer: number,
    firstListener: number,
  ) {
    const { shared } = runtime;
    const word = proxyWord(index);
    this.runtime = runtime;
    this.config = config;
    this.name = config.name;
    this.id = config.id;
    this.index = index;
    this.mode = config.mode;
    this.#shared = shared;
    this.#word = word;
    this.front = shared.counters(frontendRow(index));
    this.back = shared.counters(backendRow(shared.layout, index));
    this.feConns = shared.gauge(word + PROXY.feConns);
    this.beConns = shared.gauge(word + PROXY.beConns);
    this.totalQueued = shared.gauge(word + PROXY.totalQueued);
    this.feConnRate = shared.rate(word + PROXY.feConnRate);
    this.feSessRate = shared.rate(word + PROXY.feSessRate);
    this.feReqRate = shared.rate(word + PROXY.feReqRate);
    this.beSessRate = shared.rate(word + PROXY.beSessRate);
    this.queue = new Queue(
      shared,
      {
        queued: word + PROXY.queued,
        dequeued: word + PROXY.dequeued,
        row: backendRow(shared.layout, index),
        total: this.totalQueued,
        counters: this.back,
      },
      false,
      () => this.#dequeueAll(),
    );
    this.servers = config.servers.map((c, i) => new Server(this, c, i, firstServer + i));
    this.listeners = config.binds.map((c, i) => new Listener(this, c, firstListener + i));
    this.admission = new Admission(this);
    this.#balancer = createBalancer(config.balance, runtime.registry, {
      hashType: config.hashType,
      hashBalanceFactor: config.hashBalanceFactor,
      hashPreserveAffinity: config.hashPreserveAffinity,
      turn: () => Atomics.add(shared.words, word + PROXY.cursor, 1) >>> 0,
      random: () => runtime.sys.rand.u32(),
      samples: runtime.samples,
    });
    this.refresh();
  }

  // ---- figures --------------------------------------------------------------------------------------------------

  get stats(): ProxyStats {
    return this;
  }

  get frontendSessions(): number {
    return this.feConns.value;
  }

  get backendSessions(): number {
    return this.beConns.value;
  }

  get frontendSessionRate(): number {
    return this.feSessRate.read(this.runtime.sys.clock.now());
  }

  get backendSessionRate(): number {
    return this.beSessRate.read(this.runtime.sys.clock.now());
  }

  get httpRequestRate(): number {
    return this.feReqRate.read(this.runtime.sys.clock.now());
  }

  /** Limit of the frontend's connections, the process's when it has none of its own. */
  get maxconn(): number {
    return this.#shared.load(this.#word + PROXY.maxconn);
  }

  get queued(): number {
    return this.totalQueued.value;
  }

  get defaultBackend(): string {
    return this.config.defaultBackend;
  }

  get timeouts(): Timeouts {
    return this.config.timeouts;
  }

  /** First word of its row in the shared segment (PROXY). */
  get word(): number {
    return this.#word;
  }

  // ---- streams of the backend -------------------------------------------------------------------------------------

  /** A stream has chosen this backend. */
  beginStream(): void {
    this.back.raise(C.smax, this.beConns.add(1));
    this.back.add(C.stot);
    this.back.raise(C.rate_max, this.beSessRate.add(this.runtime.sys.clock.now()));
  }

  /** It is over, or redirected to another backend. */
  endStream(): void {
    this.beConns.add(-1);
  }

  /** The server of that name; undefined when there is none. */
  server(name: string): Server | undefined {
    return this.servers.find((s) => s.name === name);
  }

  /** The first server in service that a persistence cookie of this value names, else the first one; null for none. */
  cookieServer(value: string): Server | null {
    const named = this.servers.filter((s) => s.config.cookie === value);
    return named.find((s) => s.usable) ?? named[0] ?? null;
  }

  /** Its algorithm gives the same server to the same request. */
  get hashes(): boolean {
    return this.#balancer.affine;
  }

  /** Whether any server takes new streams (nbsrv). */
  get usableServers(): number {
    this.refresh();
    return this.#candidates.length;
  }

  /**
   * Assigns a server: the stream then holds one of its slots until Server.release(). Answers at once unless it has to wait
   * for a slot. Negative: ASSIGN_NO_SERVER, ASSIGN_QUEUE_FULL, ASSIGN_QUEUE_TIMEOUT, or what Waiter.wake() was given.
   */
  assign(txn: Txn, waiter: Waiter): Server | number | Promise<Server | number> {
    if (this.config.disabled) return ASSIGN_NO_SERVER;
    this.refresh();
    const wanted = waiter.wanted;
    if (wanted !== null && (wanted.usable || waiter.forced)) return this.#enter(wanted, txn, waiter, false);
    return this.#balance(txn, waiter);
  }

  #balance(txn: Txn, waiter: Waiter): Server | number | Promise<Server | number> {
    if (this.#candidates.length === 0) return ASSIGN_NO_SERVER;
    const balancer = this.#balancer;
    if (!balancer.affine && this.queue.length > 0) return this.#waitForAny(waiter);
    for (let i = 0; i < TRIES; i++) {
      const picked = balancer.pick(txn, waiter.avoid);
      if (picked < 0) break;
      const server = this.#candidates[picked];
      if (server.hasRoom && server.reserve()) return server.serve(waiter, true);
      if (balancer.affine || server.maxqueue > 0) return this.#enter(server, txn, waiter, true);
    }
    return this.#waitForAny(waiter);
  }

  /** Takes a slot of this very server, or waits for one. */
  #enter(server: Server, txn: Txn, waiter: Waiter, balanced: boolean): Server | number | Promise<Server | number> {
    if (server.hasRoom && server.reserve()) return server.serve(waiter, balanced);
    if (server.maxqueue > 0 && server.queue.length >= server.maxqueue) {
      // Who insists on a server gives up and is balanced, once; who was balanced there by a hash has nowhere to go.
      if (balanced) return ASSIGN_QUEUE_FULL;
      waiter.avoid = server;
      return this.#balance(txn, waiter);
    }
    server.queue.append(waiter, this.runtime.sys.clock.now());
    const done = waiter.wait(server.queue, this.#queueTimeout);
    // A slot may have become free before the waiter could be seen.
    this.dequeue(server);
    return done;
  }

  #waitForAny(waiter: Waiter): Promise<Server | number> {
    this.queue.append(waiter, this.runtime.sys.clock.now());
    const done = waiter.wait(this.queue, this.#queueTimeout);
    this.#dequeueAll();
    return done;
  }

  get #queueTimeout(): number {
    const t = this.config.timeouts;
    return t.queue > 0 ? t.queue : t.connect;
  }

  // ---- queues -----------------------------------------------------------------------------------------------------

  /** Gives free slots of a server to the oldest waiters, those of its own queue and those for any server. */
  dequeue(server: Server): void {
    while (this.totalQueued.value > 0 && server.hasSlot) {
      const any = server.inService;
      let own = server.usable ? server.queue.head : null;
      const waitsForAny = any ? this.queue.head : null;
      if (own === null || (waitsForAny !== null && waitsForAny.precedes(own))) own = waitsForAny;
      const lane = this.#olderLane(server, any, own === null ? Infinity : own.queuedAt - HANDOVER_MS);
      if (lane !== 0) {
        // That thread goes on from here.
        this.runtime.notify(lane, { kind: "slot", server: server.row });
        return;
      }
      // When the slot is gone another thread was faster.
      if (own === null || !server.reserve()) return;
      (own.owner as Queue).remove(own);
      own.settle(server.serve(own, own.wanted !== server));
    }
  }

  /** The other thread whose waiter for the server came first and before `before`; 0: none. */
  #olderLane(server: Server, any: boolean, before: number): number {
    let lane = 0;
    let oldest = before;
    const queues = any ? [server.queue, this.queue] : [server.queue];
    for (const queue of queues) {
      const other = queue.oldestLane();
      if (other !== 0 && queue.headOf(other) < oldest) {
        oldest = queue.headOf(other);
        lane = other;
      }
    }
    return lane;
  }

  #dequeueAll(): void {
    for (const server of this.#candidates) {
      if (this.totalQueued.value === 0) return;
      if (server.hasSlot) this.dequeue(server);
    }
  }

  // ---- state ------------------------------------------------------------------------------------------------------

  /** Lets all threads see that the state or weight of a server changed; this one at once. */
  touch(): void {
    Atomics.add(this.#shared.words, this.#word + PROXY.generation, 1);
    this.refresh();
  }

  /** Takes over changes of states and weights that any thread made. Cheap when there are none. */
  refresh(): void {
    const generation = Atomics.load(this.#shared.words, this.#word + PROXY.generation);
    if (generation === this.#generation) return;
    this.#generation = generation;
    const down: Server[] = [];
    const up: Server[] = [];
    for (const server of this.servers) {
      const before = server.refresh();
      if (before >= S_GOING_DOWN && !server.usable) down.push(server);
      if (before < S_GOING_DOWN && server.usable) up.push(server);
    }
    this.#select();
    this.#noteState();
    this.#balancer.rebuild(this.#candidates);
    for (const server of down) this.#wentDown(server);
    for (const server of up) this.#wentUp(server);
    this.#dequeueAll();
  }

  /** Normal servers with a weight; when there are none the first backup, or all backups. */
  #select(): void {
    const able = this.servers.filter((s) => s.effectiveWeight > 0);
    let chosen = able.filter((s) => !s.config.backup);
    if (chosen.length === 0) chosen = this.config.allBackups ? able : able.slice(0, 1);
    for (const server of this.servers) server.inService = chosen.includes(server);
    this.#candidates = chosen;
  }

  /** Who first sees that the backend went up or down counts it. A backend without servers is up. */
  #noteState(): void {
    const words = this.#shared.words;
    const at = this.#word + PROXY.beState;
    const state = this.#candidates.length > 0 || this.servers.length === 0 ? BACKEND_UP : BACKEND_DOWN;
    const before = Atomics.exchange(words, at, state);
    if (before === state || before === 0) return;
    const seconds = Math.floor(this.runtime.sys.clock.now() / 1000);
    const since = Atomics.exchange(words, this.#word + PROXY.beChange, seconds);
    if (state === BACKEND_UP) Atomics.add(words, this.#word + PROXY.beDowntime, seconds - since);
    else this.back.add(C.chkdown);
  }

  #wentDown(server: Server): void {
    server.pool.clear();
    if (server.config.shutdownSessionsOnDown) server.killStreams("D");
    // Streams that the balancer sent there, or that may be sent elsewhere, do not wait for it any longer.
    for (const waiter of server.queue.inOrder()) {
      if (waiter.wanted !== null && this.config.redispatch === 0) continue;
      server.queue.remove(waiter);
      if (this.#candidates.length === 0) waiter.settle(ASSIGN_NO_SERVER);
      else this.queue.adopt(waiter);
    }
  }

  #wentUp(server: Server): void {
    if (!server.config.shutdownBackupsOnUp || server.config.backup || server.effectiveWeight === 0) return;
    for (const other of this.servers) if (other.config.backup) other.killStreams("U");
  }
}

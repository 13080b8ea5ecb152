// A server of a backend in one thread: its share of what all threads know of it (slots, state, weight), its queue, its idle
// connections, its address.
//
// Invariants: `served` counts the streams in `streams` of all threads; a stream holds one slot from assign() to release();
// what is derived from the shared state (`up`, `effectiveWeight`) is as of the last Proxy.refresh().
import { C, type Counters, type Gauge, type Rate, SERVER, type Shared } from "../table/mod.ts";
import { serverRow, serverWord } from "../table/mod.ts";
import {
  buildTyped,
  type ExprNode,
  FOUND,
  Sample,
  type SampleFn,
  sampleText,
  type ServerView,
  T_STR,
  type Txn,
} from "../sample/mod.ts";
import type { Address, Connecting, SocketOptions } from "../sys/types.ts";
import type { ServerConfig } from "./config.ts";
import type { Candidate } from "./lb/balancer.ts";
import { WEIGHT_SCALE } from "./lb/balancer.ts";
import { type Idle, Pool, type PoolSession } from "./pool.ts";
import type { Proxy } from "./proxy.ts";
import { Queue } from "./queue.ts";
import { draining, inMaintenance, S_GOING_DOWN, type ServerState, serverState } from "./server_state.ts";
import { connectOptions } from "./socket_options.ts";
import { ProxySender } from "./send_proxy.ts";
import { type Client, Source } from "./source.ts";
import { isStopping } from "./server_status.ts";
import { dependsOnClient, targetAddress } from "./target.ts";
import { type KillCause, type Waiter, WaiterList } from "./waiter.ts";

function addressText(address: Address | null): string {
  if (address === null) return "";
  return address.family === "unix" ? address.path : `${address.host} ${address.port}`;
}

/** A wait for a connection to be closed elsewhere. */
class ConnectionWait {
  /** Settles with 0, or the code it was woken with. */
  readonly done: Promise<number>;
  #settle!: (code: number) => void;

  constructor() {
    this.done = new Promise((settle) => this.#settle = settle);
  }

  wake(code: number): void {
    this.#settle(code);
  }
}

export class Server implements ServerView, Candidate {
  readonly proxy: Proxy;
  readonly config: ServerConfig;
  readonly name: string;
  readonly id: number;
  /** Place in the backend, and in the layout. */
  readonly index: number;
  readonly row: number;
  readonly counters: Counters;
  readonly sessRate: Rate;
  readonly queue: Queue;
  readonly pool: Pool;
  /** Streams of this thread that hold a slot. */
  readonly streams = new WaiterList();
  /** State as of the last refresh. */
  state: ServerState = S_GOING_DOWN;
  /** Weight in 1/WEIGHT_SCALE units, slow start included; 0: no new streams but persistent ones. */
  effectiveWeight = 0;
  /** Picked by the balancer: up, with a weight, not a backup that is not needed. */
  inService = false;

  /** What its connections, and those of its health checks, begin with; null: nothing. */
  readonly proxySender: ProxySender | null;
  readonly checkSender: ProxySender | null;
  /** Its connections come from their clients' addresses (`usesrc`). */
  readonly foreign: boolean;

  readonly #shared: Shared;
  readonly #word: number;
  readonly #served: Gauge;
  readonly #conns: Gauge;
  #address: Address | null;
  /** How often a command has given it another address. */
  #moves = 0;
  /** Where it is depends on where the client connected to. */
  readonly #floating: boolean;
  /** Connections to it are not all alike. */
  #keyed: boolean;
  /** `pool-conn-name`; null: its connections have no names. */
  readonly #connName: SampleFn | null;
  readonly #name = new Sample();
  /** Streams that wait for another thread to close a connection. */
  readonly #wanting = new Set<ConnectionWait>();
  readonly #socket: SocketOptions | undefined;
  readonly #source: Source | null;

  constructor(proxy: Proxy, config: ServerConfig, index: number, row: number) {
    const { shared, wheel, idle } = proxy.runtime;
    this.proxy = proxy;
    this.config = config;
    this.name = config.name;
    this.id = config.id;
    this.index = index;
    this.row = row;
    this.#address = targetAddress(config.address);
    this.#socket = connectOptions(proxy.config, config, proxy.runtime.global);
    const source = config.source ?? proxy.config.source;
    const { samples, global } = proxy.runtime;
    const sender = (version: 0 | 1 | 2) =>
      version === 0 ? null : new ProxySender(version, config, samples, global.neverSendLocal);
    this.proxySender = sender(config.sendProxy);
    // An address of its own is not the server's: whether that speaks the protocol has to be said.
    const elsewhere = config.checkAddress !== null || config.checkPort !== 0;
    const checks = config.checkSendProxy || (config.sendProxy !== 0 && !elsewhere);
    this.checkSender = checks ? this.proxySender ?? sender(1) : null;
    this.foreign = (source?.useSource ?? null) !== null;
    this.#source = source === null ? null : new Source(source);
    this.#shared = shared;
    this.#word = serverWord(shared.layout, row);
    this.#served = shared.gauge(this.#word + SERVER.served);
    this.#conns = shared.gauge(this.#word + SERVER.conns);
    const name = config.options.get("pool-conn-name") as ExprNode | undefined;
    this.#floating = dependsOnClient(config.address);
    this.#keyed = name !== undefined || this.#floating || this.foreign || config.sendProxy !== 0;
    this.#connName = name === undefined ? null : buildTyped(name, proxy.runtime.samples, T_STR);
    this.counters = shared.counters(serverRow(shared.layout, row));
    this.sessRate = shared.rate(this.#word + SERVER.sessRate);
    this.queue = new Queue(
      shared,
      {
        queued: this.#word + SERVER.queued,
        dequeued: this.#word + SERVER.dequeued,
        row: serverRow(shared.layout, row),
        total: proxy.totalQueued,
        counters: this.counters,
      },
      true,
      () => proxy.dequeue(this),
    );
    this.pool = new Pool(
      wheel,
      {
        // A connection that tells the server whose it is serves nobody else.
        reuse: config.sendProxy !== 0 || this.foreign ? "never" : proxy.config.httpReuse,
        maxConn: config.poolMaxConn,
        purgeDelayMs: config.poolPurgeDelayMs,
        maxReuse: config.maxReuse,
      },
      shared.gauge(this.#word + SERVER.idle),
      idle,
    );
    this.pool.onPurge = () => this.#forgetNeed();
  }

  // ---- slots ----------------------------------------------------------------------------------------------------

  get served(): number {
    return this.#served.value;
  }

  get queued(): number {
    return this.queue.length;
  }

  /** Streams it may serve at once now; 0: no limit (`maxconn`, on the ramp from `minconn` with the backend's load). */
  get slots(): number {
    const maxconn = this.maxconn;
    const minconn = this.config.minconn;
    if (maxconn === 0 || minconn === 0 || minconn >= maxconn) return maxconn;
    const fullconn = this.proxy.config.fullconn;
    const load = this.proxy.beConns.value;
    if (load >= fullconn) return maxconn;
    return Math.max(minconn, Math.floor(load * maxconn / fullconn));
  }

  get maxqueue(): number {
    return this.config.maxqueue;
  }

  /** A slot is free, whoever waits for it. */
  get hasSlot(): boolean {
    const slots = this.slots;
    return slots === 0 || this.#served.value < slots;
  }

  get hasRoom(): boolean {
    return this.hasSlot && (this.maxconn === 0 || this.queue.length === 0);
  }

  /** Takes a slot; false when none is free. serve() must follow. */
  reserve(): boolean {
    return this.#served.take(this.slots) !== 0;
  }

  /** A stream that is in no list gets the slot that was reserved; `balanced`: the algorithm chose the server. */
  serve(waiter: Waiter, balanced: boolean): this {
    this.streams.append(waiter);
    const now = this.proxy.runtime.sys.clock.now();
    this.counters.raise(C.smax, this.#served.value);
    this.counters.add(C.stot);
    this.counters.raise(C.lastsess, now);
    this.proxy.back.raise(C.lastsess, now);
    this.counters.raise(C.rate_max, this.sessRate.add(now));
    if (balanced) {
      this.counters.add(C.lbtot);
      this.proxy.back.add(C.lbtot);
    }
    return this;
  }

  /** Gives the slot of a stream back; the oldest waiter gets it. */
  release(waiter: Waiter): void {
    this.streams.remove(waiter);
    this.#served.add(-1);
    this.proxy.dequeue(this);
  }

  /** Ends this thread's streams on the server. */
  killStreams(cause: KillCause): void {
    let waiter = this.streams.head;
    while (waiter !== null) {
      const next: Waiter | null = waiter.next;
      this.counters.add(C.killed);
      waiter.kill(cause);
      waiter = next;
    }
  }

  /** Where it is reached; null while its name is not resolved. Its port is 0 when the client's counts (`connect`). */
  get address(): Address | null {
    return this.#address;
  }

  /** A command moves it: connections to where it was serve nobody any more. */
  set address(address: Address | null) {
    this.#address = address;
    this.#moves++;
    this.#keyed = true;
    this.pool.clear();
  }

  // ---- connections ----------------------------------------------------------------------------------------------

  /**
   * Starts a connect for a client that connected to `clientTo` (its port and address count for servers without their own);
   * null while the server has no address. `client`: needed where the server is `foreign`; `socket`: options of this connection alone. The caller ends it at `timeout connect`.
   */
  connect(
    clientTo: Address | null,
    client: Client | null,
    socket: SocketOptions | null = null,
  ): Connecting | null {
    const remote = targetAddress(this.config.address, this.address, clientTo);
    const options = socket === null ? this.#socket : { ...this.#socket, ...socket };
    return remote === null ? null : this.#connectTo(remote, client, options);
  }

  /** Starts a connect of a health check. */
  readonly probe = (remote: Address): Connecting => this.#connectTo(remote, null, this.#socket);

  #connectTo(remote: Address, client: Client | null, options: SocketOptions | undefined): Connecting {
    const { net } = this.proxy.runtime.sys;
    if (remote.family === "unix") return net.connect({ remote });
    if (this.#source !== null) return this.#source.connect(net, { remote, options }, client);
    return net.connect(options === undefined ? { remote } : { remote, options });
  }

  /**
   * What a connection for this request is apart from others to this server (configuration.txt 4.2 "http-reuse"): its name,
   * where it goes when the client decides that, whom it comes from when the server is told. "": nothing.
   */
  connKey(txn: Txn, client: Client | null): string {
    if (!this.#keyed) return "";
    const { src, dst } = txn.session;
    const parts: string[] = this.#moves === 0 ? [] : [String(this.#moves)];
    if (this.#connName !== null && this.#connName(txn, this.#name) === FOUND) parts.push(sampleText(this.#name, true));
    if (this.#floating) parts.push(addressText(targetAddress(this.config.address, this.address, dst)));
    if (client !== null && this.#source !== null) parts.push(addressText(this.#source.addressOf(client)));
    if (this.config.sendProxy !== 0) parts.push(addressText(src), addressText(dst));
    return parts.join("\0");
  }

  /** An idle connection for a request of `session`, or null: see Pool.take(). */
  takeIdle(session: PoolSession, first: boolean, replayable = false, connName = ""): Idle | null {
    const idle = this.pool.take(session, first, replayable, connName);
    if (idle !== null) this.#noteNeed();
    return idle;
  }

  /** Keeps a connection for later requests, else closes it. */
  putIdle(idle: Idle, session: PoolSession): void {
    if (!this.usable || !this.pool.put(idle, session)) idle.close();
  }

  /**
   * Counts a connection in that is about to be opened; idle ones make room for it where they have to. False: `strict-maxconn`
   * allows no other one, and this thread has none that is idle.
   */
  openConnection(): boolean {
    const { idle } = this.proxy.runtime;
    idle.makeRoom();
    // Who has a slot may have a connection, also when a command has lowered `maxconn` since.
    const { maxconn } = this;
    const limit = this.config.strictMaxconn && maxconn > 0 ? Math.max(maxconn, this.#served.value) : 0;
    while (this.#conns.take(limit) === 0) {
      if (this.pool.drop(1) === 0) return false;
    }
    idle.opened();
    this.#noteNeed();
    return true;
  }

  get #used(): number {
    return this.#conns.value - this.#shared.load(this.#word + SERVER.idle);
  }

  /** The most connections in use at once, of late: each purge of the pool halves the way to what is in use then. */
  #noteNeed(): void {
    const used = this.#used;
    if (used > this.#shared.load(this.#word + SERVER.needed)) this.#shared.store(this.#word + SERVER.needed, used);
  }

  #forgetNeed(): void {
    const needed = this.#shared.load(this.#word + SERVER.needed);
    const used = this.#used;
    if (used < needed) this.#shared.store(this.#word + SERVER.needed, used + Math.floor((needed - used) / 2));
  }

  /** It could not be opened, or is closed. */
  connectionClosed(): void {
    this.#conns.add(-1);
    this.proxy.runtime.idle.closed();
    if (this.#wanting.size > 0) this.connectionGiven();
  }

  /**
   * Asks other threads to close an idle connection. What is returned settles when it is worth trying again; null: none has
   * an idle one.
   */
  askForConnection(): ConnectionWait | null {
    const shared = this.#shared;
    let asked = false;
    for (let lane = 1; lane <= shared.layout.threads; lane++) {
      if (lane === shared.lane || shared.heldBy(lane, this.#word + SERVER.idle) === 0) continue;
      this.proxy.runtime.notify(lane, { kind: "give", server: this.row, from: shared.lane });
      asked = true;
    }
    if (!asked) return null;
    const wait = new ConnectionWait();
    this.#wanting.add(wait);
    return wait;
  }

  /** Another thread closed a connection, or had none to close. */
  connectionGiven(): void {
    const waits = [...this.#wanting];
    this.#wanting.clear();
    for (const wait of waits) wait.wake(0);
  }

  get connections(): number {
    return this.#conns.value;
  }

  // ---- state ----------------------------------------------------------------------------------------------------

  /** Reads the shared state; what it was before is returned. */
  refresh(): ServerState {
    const before = this.state;
    const admin = this.adminState;
    this.state = serverState(admin, this.health, this.config.rise, this.config.fall, this.checked);
    // A server that passes its check on condition only gets no new streams.
    const drain = draining(admin) || isStopping(this.#shared, this.#word);
    this.effectiveWeight = this.usable && !drain ? this.#rampedWeight() : 0;
    return before;
  }

  #rampedWeight(): number {
    const full = this.weight * WEIGHT_SCALE;
    const since = this.#shared.load(this.#word + SERVER.slowSince);
    if (since === 0 || this.config.slowstartMs === 0 || full === 0) return full;
    const age = (Math.floor(this.proxy.runtime.sys.clock.now()) - since) | 0;
    if (age < 0 || age >= this.config.slowstartMs) return full;
    return Math.max(1, Math.ceil(full * age / this.config.slowstartMs));
  }

  /** Its health is checked, by itself or by the server it tracks. */
  get checked(): boolean {
    return this.config.check;
  }

  /** Up (also when draining): it may serve streams that insist on it. */
  get usable(): boolean {
    return this.state >= S_GOING_DOWN;
  }

  get adminState(): number {
    return this.#shared.load(this.#word + SERVER.admin);
  }

  get inMaintenance(): boolean {
    return inMaintenance(this.adminState);
  }

  get health(): number {
    return this.#shared.load(this.#word + SERVER.health);
  }

  /** The weight as configured or set since. */
  get weight(): number {
    return this.#shared.load(this.#word + SERVER.weight);
  }

  /** What counts of the weight now, in its own units, whether it gets streams or not. */
  get currentWeight(): number {
    return Math.ceil(this.#rampedWeight() / WEIGHT_SCALE);
  }

  get backup(): boolean {
    return this.config.backup;
  }

  get initialWeight(): number {
    return this.config.weight;
  }

  get maxconn(): number {
    return this.#shared.load(this.#word + SERVER.maxconn);
  }

  get currentSessions(): number {
    return this.#served.value;
  }

  get sessionRate(): number {
    return this.sessRate.read(this.proxy.runtime.sys.clock.now());
  }

  get hashKey(): string | number {
    const a = this.address;
    if (this.config.hashKey === "id" || a === null || a.family === "unix") return this.id;
    return this.config.hashKey === "addr" ? a.host : `${a.host}:${a.port}`;
  }

  /** First word of its row in the shared segment (SERVER). */
  get word(): number {
    return this.#word;
  }
}

// A whole simulated world: threads, a network and time under one seed, and scripted peers in it.
//
//   const world = createSimWorld({ seed: 7, faults: FAULTS_TIMING });
//   ... world.main, world.thread(1): a Sys each ...
//   await world.wait(promise);      // lets things happen until it settles
//   await world.run(world.core.time + 5000);   // ... until a time, world.run() until nothing is going to happen
//   assertEquals(world.leaks(), []);
//
// The same seed and the same code give the same history. An exception in a script, a broken rule of buffers and a
// deadlock end the run with an error that names the seed.
import { type Address, type Conn, IO_CLOSED, type Port, type Sys } from "../types.ts";
import { spawn } from "../../base/mod.ts";
import { formatAddress } from "./address.ts";
import { SimBus, type SimThreadMain } from "./bus.ts";
import { SimClock } from "./clock.ts";
import { SimCore, SimExit } from "./core.ts";
import type { SentDatagram } from "./datagram.ts";
import { type Faults, FAULTS_NONE } from "./faults.ts";
import { SimFs } from "./fs.ts";
import { SimDns, SimProc, SimProcess, SimRand, SimSignals } from "./host.ts";
import { Network, SimNet } from "./net.ts";
import { Peer } from "./peer.ts";
import { SimThread, THREAD_MAIN, THREAD_PEERS } from "./thread.ts";

/** What a world is made of; everything has a default. */
interface SimOptions {
  readonly seed?: number;
  readonly faults?: Faults;
  /** Bytes of a large block, for threads (`tune.bufsize`). */
  readonly blockSize?: number;
  /** What `bus.start` runs as a thread. */
  readonly start?: (sys: Sys, thread: number, data: unknown, port: Port) => void | Promise<void>;
}

/** How many events a run may have before it counts as one that never comes to rest. */
const MAX_EVENTS = 20_000_000;
/** How long wait() lets virtual time go on. */
const MAX_WAIT_MS = 24 * 3600 * 1000;

export function createSimWorld(options: SimOptions = {}): SimWorld {
  return new SimWorld(options);
}

export class SimWorld {
  readonly core: SimCore;
  readonly fs = new SimFs();
  readonly process = new SimProcess();
  /** Names the system's resolver knows. */
  readonly names = new Map<string, readonly string[]>([["localhost", ["127.0.0.1", "::1"]]]);
  readonly network: Network;
  /** The main thread; the thread that scripted peers belong to. */
  readonly main: Sys;
  readonly peers: Sys;
  readonly #threads: SimThread[] = [];
  readonly #systems = new Map<number, Sys>();
  readonly #options: SimOptions;
  readonly #mainThread: SimThread;

  constructor(options: SimOptions) {
    this.#options = options;
    this.core = new SimCore(options.seed ?? 1, options.faults ?? FAULTS_NONE);
    this.network = new Network(this.core);
    this.#mainThread = this.#makeThread(THREAD_MAIN);
    this.main = this.#systems.get(THREAD_MAIN)!;
    this.#makeThread(THREAD_PEERS);
    this.peers = this.#systems.get(THREAD_PEERS)!;
  }

  /** A thread's Sys, made when first asked for; after its death and a new start, the new one's. */
  thread(number: number): Sys {
    if (!this.#systems.has(number)) this.#makeThread(number);
    return this.#systems.get(number)!;
  }

  // ---- letting things happen -------------------------------------------------------------------------------------

  /**
   * Lets everything happen that is due up to a time (and moves the time there), or until nothing is left to
   * happen, or until Proc.exit() was called: core.exitCode then says with what.
   */
  async run(untilMs = Infinity): Promise<void> {
    await this.core.promises();
    for (let events = 0; this.core.exitCode === undefined && this.core.nextAt() <= untilMs; events++) {
      if (this.core.nextAt() === Infinity) break;
      if (events > MAX_EVENTS) this.#fail("never comes to rest");
      await this.core.step();
    }
    this.core.check();
    if (untilMs < Infinity) this.core.time = Math.max(this.core.time, untilMs);
  }

  /** As run(), for a duration. */
  async advance(ms: number): Promise<void> {
    await this.run(this.core.time + ms);
  }

  /** Lets things happen until a promise settles. Fails when nothing is left to happen, or after a day. */
  async wait<T>(value: T | Promise<T>): Promise<T> {
    if (!(value instanceof Promise)) return value;
    let settled = false;
    const mark = () => {
      settled = true;
    };
    value.then(mark, mark);
    await this.core.promises();
    const limit = this.core.time + MAX_WAIT_MS;
    for (let events = 0; !settled; events++) {
      if (this.core.exitCode !== undefined) throw new SimExit(this.core.exitCode);
      if (this.core.nextAt() === Infinity) this.#fail("deadlock: nothing is left to happen, and it did not settle");
      if (this.core.nextAt() > limit || events > MAX_EVENTS) this.#fail("did not settle");
      await this.core.step();
    }
    this.core.check();
    return await value;
  }

  // ---- what happens from outside ---------------------------------------------------------------------------------

  /** Ends a thread at once, wherever it is: its connections are reset, and nothing of it happens any more. */
  kill(number: number): void {
    for (const thread of this.#threads) if (thread.number === number) thread.end("killed");
  }

  /** Sends a signal to the process: every thread's handlers run. */
  signal(name: string): void {
    for (const thread of this.#threads) {
      for (const handler of thread.signals.get(name) ?? []) this.core.after(thread, this.core.latency(), handler);
    }
  }

  /** Connects never answered by this address from now on. */
  blackhole(address: Address): void {
    this.network.blackholes.add(formatAddress(address));
  }

  /** Datagrams that were sent. */
  get datagrams(): readonly SentDatagram[] {
    return this.network.datagrams.sent;
  }

  // ---- scripted peers --------------------------------------------------------------------------------------------

  /** A client's connection; a code is why there is none. */
  async connect(remote: Address, local?: Address): Promise<Peer | number> {
    const conn = await this.peers.net.connect({ remote, local }).done;
    return typeof conn === "number" ? conn : new Peer(conn);
  }

  /** Runs a client's script against an address, beside everything else. It closes the connection at its end. */
  client(remote: Address, script: (peer: Peer) => Promise<void>, local?: Address): Promise<void> {
    const run = this.connect(remote, local).then((peer) => {
      if (typeof peer === "number") throw new Error(`connect to ${formatAddress(remote)}: code ${peer}`);
      return script(peer).finally(() => peer.close());
    });
    spawn(run, (error) => this.#scriptFailed(error));
    return run;
  }

  /** Runs a server's script for each connection to an address. Returns the address (port 0 chosen), and what ends it. */
  serve(address: Address, script: (peer: Peer) => Promise<void>): { address: Address; close: () => void } {
    const opened = this.peers.net.open({ address, backlog: 1024 });
    if (typeof opened === "string") throw new Error(`serve ${formatAddress(address)}: ${opened}`);
    const token = opened.share();
    const listener = typeof token === "string" ? token : this.peers.net.adopt(token);
    if (typeof listener === "string") throw new Error(listener);
    const loop = async () => {
      for (;;) {
        const conn: Conn | number = await listener.accept();
        if (conn === IO_CLOSED) return;
        if (typeof conn === "number") continue;
        const peer = new Peer(conn);
        spawn(script(peer).finally(() => peer.close()), (error) => this.#scriptFailed(error));
      }
    };
    spawn(loop(), (error) => this.#scriptFailed(error));
    return {
      address: opened.address,
      close: () => {
        listener.close();
        opened.close();
      },
    };
  }

  /** Blocks that the threads which live have taken and not given back, the scripted peers' apart. */
  get blocksInUse(): number {
    const living = this.#threads.filter((thread) => thread.number !== THREAD_PEERS && thread.alive);
    return living.reduce((sum, thread) => sum + thread.pool.outstanding, 0);
  }

  // ---- judging ---------------------------------------------------------------------------------------------------

  /** What threads still hold: connections, sockets, blocks, armed timers. One line each. */
  leaks(): string[] {
    return this.#threads.filter((thread) => thread.number !== THREAD_PEERS).flatMap((thread) => thread.leaks());
  }

  /** As leaks(), of the scripted peers. */
  peerLeaks(): string[] {
    return this.#threads.filter((thread) => thread.number === THREAD_PEERS).flatMap((thread) => thread.leaks());
  }

  #makeThread(number: number): SimThread {
    const thread = new SimThread(this.core, number, this.#options.blockSize);
    const core = this.core;
    this.#threads.push(thread);
    this.#systems.set(number, {
      blocks: thread.pool,
      clock: new SimClock(thread),
      net: new SimNet(thread, this.network),
      fs: this.fs,
      rand: new SimRand(core.prng.fork()),
      dns: new SimDns(thread, this.names),
      proc: new SimProc(thread, this.process),
      signals: new SimSignals(thread),
      bus: new SimBus(thread, (n) => this.#restart(n), (t, data, port) => this.#startThread(t, data, port)),
      turn: () => new Promise<void>((resolve) => core.turn(thread, resolve)),
    });
    return thread;
  }

  /** A fresh thread of that number; one that is alive would be a bug of who starts it. */
  #restart(number: number): SimThread {
    if (this.#threads.some((thread) => thread.number === number && thread.alive && thread.onend !== null)) {
      this.core.violation(`thread ${number} was started twice`);
    }
    return this.#makeThread(number);
  }

  readonly #startThread: SimThreadMain = (thread, data, port) => {
    const { start } = this.#options;
    if (start === undefined) throw new Error("this world was given nothing to start as a thread");
    return start(this.thread(thread.number), thread.number, data, port);
  };

  #scriptFailed(error: unknown): void {
    this.core.violations.push(error instanceof Error ? error.stack ?? error.message : String(error));
  }

  #fail(what: string): never {
    const open = [...this.leaks(), ...this.peerLeaks()].join("\n  ");
    throw new Error(
      `${what} (seed ${this.core.seed}, at ${this.core.time.toFixed(3)} ms, ${this.core.happened} events)\n  ${open}`,
    );
  }
}

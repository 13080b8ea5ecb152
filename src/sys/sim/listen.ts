// Listening sockets of the simulated network and the threads' shares of them.
//
// A socket is open while main or any share of it is, adopted or not; connections wait in its queue, up to the backlog, until a share
// takes them. Which of several waiting shares gets one is drawn.
import { Ring } from "../../base/mod.ts";
import {
  type Address,
  type Conn,
  IO_CLOSED,
  IO_NO_DESCRIPTOR,
  IO_RESET,
  type Listener,
  type ListenSpec,
  type ListenToken,
  type OpenListener,
} from "../types.ts";
import { formatAddress } from "./address.ts";
import { SimConn } from "./conn.ts";
import type { SimCore } from "./core.ts";
import type { Pipe } from "./pipe.ts";
import type { SimResource, SimThread } from "./thread.ts";

/** A connection that is established below and waits to be accepted. */
interface Arrived {
  readonly local: Address;
  readonly remote: Address;
  readonly incoming: Pipe;
  readonly outgoing: Pipe;
}

/** A listening socket. */
export class ListenSocket {
  readonly queue: Ring<Arrived>;
  readonly #shares = new Set<SimListener>();
  /** Shares that were made and not adopted yet. */
  readonly #made = new Set<number>();
  #nextShare = 1;
  #heldByMain = true;
  closed = false;

  constructor(
    readonly core: SimCore,
    readonly address: Address,
    readonly spec: ListenSpec,
    private readonly onclose: (socket: ListenSocket) => void,
  ) {
    this.queue = new Ring(Math.max(1, spec.backlog));
  }

  /** False when the queue is full. */
  arrived(connection: Arrived): boolean {
    if (!this.queue.push(connection)) return false;
    this.offer();
    return true;
  }

  /** Wakes one of the waiting shares while there is something to take. */
  offer(): void {
    const waiting = [...this.#shares].filter((share) => share.waits);
    if (this.queue.length > 0 && waiting.length > 0) this.core.prng.pick(waiting).wakeSoon();
  }

  /** The number of a new share. */
  makeShare(): number {
    this.#made.add(this.#nextShare);
    return this.#nextShare++;
  }

  /** A share becomes a thread's listener; undefined when it was adopted before. */
  adopt(share: number, owner: SimThread): SimListener | undefined {
    if (!this.#made.delete(share)) return undefined;
    const listener = new SimListener(owner, this);
    this.#shares.add(listener);
    return listener;
  }

  leave(share: SimListener): void {
    this.#shares.delete(share);
    this.#closeUnused();
    this.offer();
  }

  releaseByMain(): void {
    this.#heldByMain = false;
    this.#closeUnused();
  }

  #closeUnused(): void {
    if (this.closed || this.#heldByMain || this.#shares.size + this.#made.size > 0) return;
    this.closed = true;
    this.onclose(this);
    for (let one = this.queue.shift(); one !== undefined; one = this.queue.shift()) {
      one.outgoing.reset();
      one.incoming.readerClosed();
    }
  }
}

/** The listening socket as main holds it. */
export class SimOpenListener implements OpenListener, SimResource {
  readonly #owner: SimThread;
  readonly #socket: ListenSocket;
  readonly #number: number;
  #closed = false;

  constructor(owner: SimThread, socket: ListenSocket, number: number) {
    this.#owner = owner;
    this.#socket = socket;
    this.#number = number;
    owner.open.add(this);
  }

  get address(): Address {
    return this.#socket.address;
  }

  share(): ListenToken | string {
    if (this.#closed) return "the listening socket is closed";
    return { address: this.address, backend: { socket: this.#number, share: this.#socket.makeShare() } };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.open.delete(this);
    this.#socket.releaseByMain();
  }

  describe(): string {
    return `listening socket ${formatAddress(this.address)}`;
  }

  abandon(): void {
    this.close();
  }
}

/** A thread's share. */
class SimListener implements Listener, SimResource {
  readonly #owner: SimThread;
  readonly #socket: ListenSocket;
  #slot: ((result: Conn | number) => void) | null = null;
  #waking = false;
  #closed = false;

  constructor(owner: SimThread, socket: ListenSocket) {
    this.#owner = owner;
    this.#socket = socket;
    owner.open.add(this);
  }

  get address(): Address {
    return this.#socket.address;
  }

  /** Whether it waits and nothing was promised to it yet. */
  get waits(): boolean {
    return this.#slot !== null && !this.#waking;
  }

  accept(): Conn | number | Promise<Conn | number> {
    if (this.#slot !== null) throw new Error("accept: one is outstanding");
    if (this.#closed) return IO_CLOSED;
    const { faults } = this.#socket.core;
    if (this.#socket.queue.length > 0 && !this.#socket.core.chance(faults.slowAccept)) {
      return this.#take(this.#socket.queue.shift()!);
    }
    return new Promise((slot) => {
      this.#slot = slot;
      this.#socket.offer();
    });
  }

  finish(): void {
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.open.delete(this);
    this.#socket.leave(this);
    this.#settle(IO_CLOSED);
  }

  /** The thread takes a connection in a turn of its own, unless another was faster. */
  wakeSoon(): void {
    this.#waking = true;
    const { core } = this.#socket;
    core.after(this.#owner, core.faults.shuffle ? core.latency() : 0, () => {
      this.#waking = false;
      if (this.#slot === null) return this.#socket.offer();
      const next = this.#socket.queue.shift();
      if (next === undefined) return;
      this.#settle(this.#take(next));
    });
  }

  describe(): string {
    return `listener ${formatAddress(this.address)}`;
  }

  abandon(): void {
    this.#closed = true;
    this.#slot = null;
    this.#socket.leave(this);
  }

  #take(next: Arrived): Conn | number {
    const { core } = this.#socket;
    const noDescriptor = core.chance(core.faults.noDescriptor);
    if (noDescriptor && this.#socket.queue.push(next)) return IO_NO_DESCRIPTOR;
    if (core.chance(core.faults.acceptReset)) {
      next.outgoing.reset();
      next.incoming.readerClosed();
      return IO_RESET;
    }
    return new SimConn(this.#owner, next.local, next.remote, next.incoming, next.outgoing);
  }

  #settle(result: Conn | number): void {
    const slot = this.#slot;
    this.#slot = null;
    if (slot !== null) slot(result);
  }
}

// Datagrams of the simulated network: bounded, in order unless reordered, lost when nobody is there.
//
// Every datagram sent is also kept for the test to look at, whether or not anybody received it.
import { Ring } from "../../base/mod.ts";
import { type Address, type Datagram, IO_CLOSED } from "../types.ts";
import { canonical, formatAddress, localFor } from "./address.ts";
import type { SimCore } from "./core.ts";
import type { SimResource, SimThread } from "./thread.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** One datagram as it was sent. */
export interface SentDatagram {
  readonly from: Address;
  readonly to: Address;
  readonly bytes: Bytes;
  /** Milliseconds since the world began. */
  readonly at: number;
}

/** Datagrams a socket may have under way, and that may wait for a receiver. */
const MAX_WAITING = 256;
/** Datagrams kept for the test; the oldest go first. */
const MAX_KEPT = 100_000;

/** The part of the network that carries datagrams. */
export class DatagramNet {
  readonly sent: SentDatagram[] = [];
  readonly bound = new Map<string, SimDatagram>();

  keep(datagram: SentDatagram): void {
    if (this.sent.push(datagram) > MAX_KEPT) this.sent.shift();
  }
}

export class SimDatagram implements Datagram, SimResource {
  readonly local: Address | undefined;
  readonly #owner: SimThread;
  readonly #core: SimCore;
  readonly #net: DatagramNet;
  /** The port an unbound sender shows. */
  readonly #port: number;
  readonly #arrived = new Ring<SentDatagram>(MAX_WAITING);
  #underWay = 0;
  #lastArrival = 0;
  #into: Bytes | null = null;
  #slot: ((result: { length: number; from: Address } | number) => void) | null = null;
  #closed = false;
  /** What was sent is on its way, whatever becomes of the socket. */
  readonly pending = 0;
  onlost: ((reason: string) => void) | null = null;

  constructor(owner: SimThread, net: DatagramNet, local: Address | undefined, port: number) {
    this.#owner = owner;
    this.#core = owner.core;
    this.#net = net;
    this.local = local;
    this.#port = port;
    if (local !== undefined) net.bound.set(formatAddress(local), this);
    owner.open.add(this);
  }

  send(bytes: Uint8Array, from: number, to: number, target: Address): boolean {
    if (this.#closed || !this.#owner.alive || this.#underWay >= MAX_WAITING) return false;
    const to_ = canonical(target);
    const source = this.local ?? localFor(to_, this.#port);
    const datagram: SentDatagram = { from: source, to: to_, bytes: bytes.slice(from, to), at: this.#core.time };
    this.#net.keep(datagram);
    this.#underWay++;
    let at = this.#core.time + this.#core.latency();
    if (!this.#core.chance(this.#core.faults.datagramReorder)) at = this.#lastArrival = Math.max(at, this.#lastArrival);
    const lost = this.#core.chance(this.#core.faults.datagramLoss);
    this.#core.at(this.#core.nobody, at, () => {
      this.#underWay--;
      if (lost) return;
      const receiver = this.#net.bound.get(formatAddress(to_));
      if (receiver !== undefined) receiver.receive(datagram);
      else if (to_.family === "unix") this.#nobody();
    });
    return true;
  }

  recv(into: Bytes): Promise<{ length: number; from: Address } | number> {
    if (this.#slot !== null) throw new Error("recv: one is outstanding");
    if (this.#closed) return Promise.resolve(IO_CLOSED);
    return new Promise((slot) => {
      this.#slot = slot;
      this.#into = into;
      if (this.#arrived.length > 0) this.#core.after(this.#owner, 0, () => this.#deliver());
    });
  }

  receive(datagram: SentDatagram): void {
    if (this.#arrived.push(datagram) && this.#slot !== null) this.#core.after(this.#owner, 0, () => this.#deliver());
  }

  close(): void {
    if (this.#closed) return;
    this.abandon();
    this.#owner.open.delete(this);
    const slot = this.#slot;
    this.#slot = null;
    if (slot !== null) slot(IO_CLOSED);
  }

  abandon(): void {
    this.#closed = true;
    if (this.local !== undefined) this.#net.bound.delete(formatAddress(this.local));
  }

  describe(): string {
    return this.local === undefined ? "datagram sender" : `datagram socket ${formatAddress(this.local)}`;
  }

  /** A unix socket knows that its receiver is not there; the network does not. */
  #nobody(): void {
    if (!this.#closed && this.#owner.alive && this.onlost !== null) this.onlost("No such file or directory");
  }

  /** Hands the first that waits to a waiting recv(); what does not fit is cut off. */
  #deliver(): void {
    const slot = this.#slot;
    if (slot === null) return;
    const datagram = this.#arrived.shift();
    if (datagram === undefined) return;
    const length = Math.min(datagram.bytes.length, this.#into!.length);
    this.#into!.set(datagram.bytes.subarray(0, length));
    this.#slot = null;
    this.#into = null;
    slot({ length, from: datagram.from });
  }
}

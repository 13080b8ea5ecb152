// A later turn of the event loop, after I/O that is ready had its chance.
//
// While the runtime has anything else to do (a setImmediate, a message) it asks the kernel for ready I/O only every 61st
// time round: a few long transfers that yield so would starve all others for milliseconds. A byte sent through a socket of
// this thread and awaited leaves it nothing else to do (20 us). A thread gets the socket from who started it, else the
// first turn opens one. Where neither can be, a turn is a digest awaited, which another thread of the runtime makes (46 us).
import { BlockPool } from "../../base/mod.ts";
import type {
  Address,
  Conn,
  Connecting,
  ConnectSpec,
  Listener,
  ListenSpec,
  ListenToken,
  OpenListener,
} from "../types.ts";
import type { DenoClock } from "./clock.ts";

/** The stream part of Net, of either layer. */
export interface Streams {
  open(spec: ListenSpec): OpenListener | string;
  adopt(token: ListenToken): Listener | string;
  connect(spec: ConnectSpec): Connecting;
  /** The ends of a unix socket pair as connections; null where descriptors cannot be adopted. */
  pair(descriptors: DescriptorPair): [Conn, Conn] | null;
  optionsUsable(): string;
  give(conn: Conn, sockets: ReadonlyMap<string, OpenListener>): string;
}

/** Both ends of a unix socket pair. */
export type DescriptorPair = readonly [number, number];

/** The pool of the pair below, apart from the thread's: a few bytes are under way, and nobody counts them. */
export function turnBlocks(): BlockPool {
  return new BlockPool(4096, 2);
}

/** Bytes by which an end knows that the other is ours: any process may connect to the name. */
const NONCE = 16;

export class Turns {
  readonly #streams: Streams;
  readonly #clock: DenoClock;
  readonly #byte = new Uint8Array(1);
  #near: Conn | null = null;
  #far: Conn | null = null;
  #opened = false;
  #closed = false;
  #turn: Promise<void> | null = null;

  /** `given`: a socket pair of this thread's own. */
  constructor(streams: Streams, clock: DenoClock, given: DescriptorPair | undefined) {
    this.#streams = streams;
    this.#clock = clock;
    const pair = given === undefined ? null : streams.pair(given);
    if (pair === null) return;
    this.#opened = true;
    [this.#near, this.#far] = pair;
  }

  /** All who wait for a turn wait for the same one. */
  turn(): Promise<void> {
    return this.#turn ??= this.#next();
  }

  async #next(): Promise<void> {
    if (!this.#opened) {
      this.#opened = true;
      await this.#open();
    }
    const near = this.#near, far = this.#far;
    if (near === null || far === null) await elsewhere();
    else if (await this.#pass(near, far)) this.#swap();
    else this.#dropPair();
    this.#turn = null;
    this.#clock.turned();
  }

  // The end that has just read may find the next byte without asking the kernel what is ready: the ends take turns.
  #swap(): void {
    const near = this.#near;
    this.#near = this.#far;
    this.#far = near;
  }

  /** Passes a byte; false when an end is closed. */
  async #pass(near: Conn, far: Conn): Promise<boolean> {
    const sent = near.send(this.#byte, 0, 1);
    const got = await far.recv(0);
    if (got > 0) far.consume(got);
    return got > 0 && await sent > 0 && !this.#closed;
  }

  async #open(): Promise<void> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    const address: Address = { family: "unix", path: `\0sluice-turn-${crypto.randomUUID()}` };
    const opened = this.#streams.open({ address, backlog: 1 });
    if (typeof opened === "string") return;
    const token = opened.share();
    const listener = typeof token === "string" ? token : this.#streams.adopt(token);
    if (typeof listener !== "string") {
      const [near, far] = await Promise.all([this.#streams.connect({ remote: address }).done, listener.accept()]);
      if (typeof near !== "number" && typeof far !== "number" && await provesOurs(near, far, nonce) && !this.#closed) {
        this.#near = near;
        this.#far = far;
      } else {
        if (typeof near !== "number") near.close();
        if (typeof far !== "number") far.close();
      }
      listener.close();
    }
    opened.close();
  }

  #dropPair(): void {
    this.#near?.close();
    this.#far?.close();
    this.#near = null;
    this.#far = null;
  }

  close(): void {
    this.#closed = true;
    this.#dropPair();
  }
}

async function provesOurs(near: Conn, far: Conn, nonce: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const sent = near.send(nonce, 0, NONCE);
  const got = await far.recv(NONCE - 1);
  if (got !== NONCE || await sent !== NONCE) return false;
  const ours = far.block.subarray(far.head, far.tail).every((byte, i) => byte === nonce[i]);
  far.consume(NONCE);
  return ours;
}

const NOTHING = new Uint8Array(0);

function elsewhere(): Promise<unknown> {
  return crypto.subtle.digest("SHA-1", NOTHING);
}

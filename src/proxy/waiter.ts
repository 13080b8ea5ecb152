// A stream's place in the world of servers: its entry in a queue while it waits, and in the list of a server's streams
// while it has a slot. One object a stream, reused; linking it allocates nothing.
//
// Invariants: it is in at most one list (`list` says which) or heap (`place` says where); while it waits it has one resolver slot, settled once.
import { Timer, type Wheel } from "../base/mod.ts";
import type { Server } from "./server.ts";

// Results of Proxy.assign() beside a server and the WAKE_ codes of sys/types.ts.
/** No server of the backend is usable. */
export const ASSIGN_NO_SERVER = -48;
/** The wanted server's queue is full and no other server takes the stream. */
export const ASSIGN_QUEUE_FULL = -49;
/** `timeout queue` is over. */
export const ASSIGN_QUEUE_TIMEOUT = -50;

/** Why streams of a server are ended: letters of the termination state (configuration.txt 8.5). */
export type KillCause = "D" | "U" | "K";

/** A list of streams that have a slot, oldest first. */
export class WaiterList {
  head: Waiter | null = null;
  tail: Waiter | null = null;
  length = 0;

  append(waiter: Waiter): void {
    waiter.list = this;
    waiter.prev = this.tail;
    if (this.tail === null) this.head = waiter;
    else this.tail.next = waiter;
    this.tail = waiter;
    this.length++;
  }

  remove(waiter: Waiter): void {
    if (waiter.prev === null) this.head = waiter.next;
    else waiter.prev.next = waiter.next;
    if (waiter.next === null) this.tail = waiter.prev;
    else waiter.next.prev = waiter.prev;
    waiter.prev = null;
    waiter.next = null;
    waiter.list = null;
    this.length--;
  }
}

/** Who takes a waiter out of its queue when its wait ends without a server. */
export interface WaitOwner {
  abandoned(waiter: Waiter): void;
}

export class Waiter {
  /** The server that must serve the stream when it can (persistence, use-server); null: the balancer picks. */
  wanted: Server | null = null;
  /** The wanted server serves it also when it is down (`option persist`, `force-persist`). */
  forced = false;
  /** The server to avoid when there is another (redispatch); null: none. */
  avoid: Server | null = null;
  /** Its place in the queues when it was queued, from 1: %sq and %bq; 0 when it was not. */
  serverQueue = 0;
  backendQueue = 0;
  /** When it was queued, ms. */
  queuedAt = 0;
  /** `set-priority-class` and `set-priority-offset` (ms): the lower the sooner. */
  priorityClass = 0;
  priorityOffsetMs = 0;
  /** How many had left the queue when it came. */
  mark = 0;

  // Fields of the heap of a queue (waiter_heap.ts), and of the lists.
  place = -1;
  arrival = 0;
  list: WaiterList | null = null;
  prev: Waiter | null = null;
  next: Waiter | null = null;
  owner: WaitOwner | null = null;

  readonly #wheel: Wheel;
  readonly #timer: Timer<Waiter>;
  readonly #killed: (cause: KillCause) => void;
  #resolve: ((result: Server | number) => void) | null = null;

  /** `killed` is called when a command or the state of its server ends the stream. */
  constructor(wheel: Wheel, killed: (cause: KillCause) => void) {
    this.#wheel = wheel;
    this.#timer = new Timer<Waiter>(this, expired);
    this.#killed = killed;
  }

  get waiting(): boolean {
    return this.#resolve !== null;
  }

  /** Ready for another stream. */
  reset(): void {
    this.wanted = null;
    this.forced = false;
    this.avoid = null;
    this.serverQueue = 0;
    this.backendQueue = 0;
    this.priorityClass = 0;
    this.priorityOffsetMs = 0;
  }

  /** Whether it is to be served before `other`, which waits. */
  precedes(other: Waiter): boolean {
    if (this.priorityClass !== other.priorityClass) return this.priorityClass < other.priorityClass;
    return this.queuedAt + this.priorityOffsetMs < other.queuedAt + other.priorityOffsetMs;
  }

  /** Ends the wait with a negative code; false when it does not wait. */
  wake(code: number): boolean {
    if (this.#resolve === null) return false;
    this.owner!.abandoned(this);
    this.settle(code);
    return true;
  }

  /** The queue: begins the wait, at most `timeoutMs` (0: no limit). */
  wait(owner: WaitOwner, timeoutMs: number): Promise<Server | number> {
    if (this.#resolve !== null) throw new Error("a waiter waits twice");
    this.owner = owner;
    if (timeoutMs > 0) this.#wheel.armIn(this.#timer, timeoutMs);
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** The queue, once it has unlinked it: ends the wait. */
  settle(result: Server | number): void {
    const resolve = this.#resolve!;
    this.#resolve = null;
    this.owner = null;
    this.#wheel.cancel(this.#timer);
    resolve(result);
  }

  /** The server: ends the stream that has the slot. */
  kill(cause: KillCause): void {
    this.#killed(cause);
  }
}

function expired(timer: Timer<Waiter>): void {
  timer.owner.wake(ASSIGN_QUEUE_TIMEOUT);
}

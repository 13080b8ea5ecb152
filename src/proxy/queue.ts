// A queue of streams that wait for a slot: of one server, or of a backend for any of its servers (configuration.txt 4.2
// "timeout queue", 5.2 "maxconn", "maxqueue"). Each thread has its own part of it; the length, and for each thread the time
// its oldest waiter came, are shared, so that slots go to the oldest waiter wherever it is.
//
// Invariants: the gauges count exactly the linked waiters; `queue_head` of this lane is 0 exactly when none is linked.
import { C, type Counters, type Gauge, type Shared } from "../table/mod.ts";
import type { Waiter, WaitOwner } from "./waiter.ts";
import { WaiterHeap } from "./waiter_heap.ts";

/** The words and the row a queue lives in. */
export interface QueuePlace {
  readonly queued: number;
  readonly dequeued: number;
  readonly row: number;
  /** The backend's count of waiters of all its queues. */
  readonly total: Gauge;
  readonly counters: Counters;
}

export class Queue implements WaitOwner {
  readonly #waiters = new WaiterHeap();
  readonly #shared: Shared;
  readonly #length: Gauge;
  readonly #place: QueuePlace;
  /** Of a server (else of the backend): decides which position a waiter is told. */
  readonly #ofServer: boolean;
  readonly #left: () => void;

  /** `left` is called after a waiter gave up: a slot meant for it may be for another. */
  constructor(shared: Shared, place: QueuePlace, ofServer: boolean, left: () => void) {
    this.#shared = shared;
    this.#place = place;
    this.#length = shared.gauge(place.queued);
    this.#ofServer = ofServer;
    this.#left = left;
  }

  /** Waiters of all threads. */
  get length(): number {
    return this.#length.value;
  }

  get head(): Waiter | null {
    return this.#waiters.head;
  }

  /** Waiters of this thread, in the order in which they would be served. */
  inOrder(): Waiter[] {
    return this.#waiters.inOrder();
  }

  append(waiter: Waiter, now: number): void {
    // 0 says "none" in queue_head.
    waiter.queuedAt = now > 0 ? now : Number.MIN_VALUE;
    waiter.mark = this.#shared.load(this.#place.dequeued);
    this.#waiters.insert(waiter);
    this.#publish();
    this.#place.counters.raise(C.qmax, this.#length.add(1));
    this.#place.total.add(1);
  }

  /** Takes out a waiter that goes on from here. */
  remove(waiter: Waiter): void {
    this.#take(waiter, Atomics.add(this.#shared.words, this.#place.dequeued, 1));
  }

  abandoned(waiter: Waiter): void {
    this.#take(waiter, this.#shared.load(this.#place.dequeued));
    this.#left();
  }

  #take(waiter: Waiter, dequeued: number): void {
    this.#waiters.remove(waiter);
    this.#publish();
    this.#length.add(-1);
    this.#place.total.add(-1);
    // Those that went on since this one came were before it; the first place is 1.
    const place = ((dequeued - waiter.mark) >>> 0) + 1;
    if (this.#ofServer) waiter.serverQueue += place;
    else waiter.backendQueue += place;
  }

  /** Takes over a waiter that another queue of the backend gave up, in the middle of its wait: it keeps its age. */
  adopt(waiter: Waiter): void {
    const at = waiter.queuedAt;
    this.append(waiter, at);
    waiter.owner = this;
  }

  /** Where the oldest waiter of another thread waits: its lane, 0 for none. */
  oldestLane(): number {
    let lane = 0;
    let oldest = Infinity;
    if (this.#length.value === this.#length.held) return 0;
    for (let i = 1; i <= this.#shared.layout.threads; i++) {
      if (i === this.#shared.lane) continue;
      const at = this.headOf(i);
      if (at < oldest) {
        oldest = at;
        lane = i;
      }
    }
    return lane;
  }

  /** When the oldest waiter of a lane came; Infinity when it has none. */
  headOf(lane: number): number {
    const at = this.#shared.cell(lane, this.#place.row, C.queue_head);
    return at === 0 ? Infinity : at;
  }

  #publish(): void {
    this.#place.counters.set(C.queue_head, this.#waiters.head === null ? 0 : this.#waiters.head.queuedAt);
  }
}

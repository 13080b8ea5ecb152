// The waiters of a queue in the order in which they are to be served: by class and time (Waiter.precedes), equals as they came.
//
// Invariants: `#heap` is a binary heap under before(); a waiter in it knows its place there, -1 elsewhere. A newcomer with the
// lowest precedence, the usual case, is put in at once.
import type { Waiter } from "./waiter.ts";

function before(a: Waiter, b: Waiter): boolean {
  if (a.precedes(b)) return true;
  return !b.precedes(a) && a.arrival < b.arrival;
}

export class WaiterHeap {
  readonly #heap: Waiter[] = [];
  #arrivals = 0;

  /** The one to be served next. */
  get head(): Waiter | null {
    return this.#heap.length === 0 ? null : this.#heap[0];
  }

  get length(): number {
    return this.#heap.length;
  }

  insert(waiter: Waiter): void {
    waiter.arrival = this.#arrivals++;
    this.#heap.push(waiter);
    this.#up(waiter, this.#heap.length - 1);
  }

  remove(waiter: Waiter): void {
    const at = waiter.place;
    const last = this.#heap.pop()!;
    waiter.place = -1;
    if (last === waiter) return;
    this.#up(last, at);
    if (last.place === at) this.#down(last, at);
  }

  /** All of them, in order. */
  inOrder(): Waiter[] {
    return this.#heap.toSorted((a, b) => before(a, b) ? -1 : 1);
  }

  /** Puts a waiter at a place, or above it. */
  #up(waiter: Waiter, from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(waiter, heap[parent])) break;
      this.#set(at, heap[parent]);
      at = parent;
    }
    this.#set(at, waiter);
  }

  #down(waiter: Waiter, from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], waiter)) break;
      this.#set(at, heap[child]);
      at = child;
    }
    this.#set(at, waiter);
  }

  #set(at: number, waiter: Waiter): void {
    this.#heap[at] = waiter;
    waiter.place = at;
  }
}

// What is going to happen in the simulated world, by time: a binary heap.
//
// Order of events of one time: those of lower rank first, then by the drawn salt, then as they were asked for.

/** Ordinary events; and those that come after all others of their time (the turns of threads). */
export const RANK_EVENT = 0;
export const RANK_TURN = 1;

/** One thing to happen. Cleared `run` means it was cancelled. */
export interface SimEvent {
  readonly at: number;
  readonly rank: number;
  readonly salt: number;
  readonly order: number;
  /** Whose it is: events of the dead do not happen. */
  readonly owner: SimOwner;
  run: (() => void) | null;
}

/** Who events belong to: a thread, or the world itself. */
export interface SimOwner {
  readonly alive: boolean;
  /** An event threw: true when that was the end of the owner alone, false when it is the end of the run. */
  failed(error: unknown): boolean;
}

export class EventQueue {
  readonly #heap: SimEvent[] = [];
  #order = 0;

  get length(): number {
    return this.#heap.length;
  }

  first(): SimEvent | undefined {
    return this.#heap[0];
  }

  add(owner: SimOwner, at: number, rank: number, salt: number, run: () => void): SimEvent {
    const event: SimEvent = { at, rank, salt, order: this.#order++, owner, run };
    const heap = this.#heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (before(heap[parent], event)) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = event;
    return event;
  }

  shift(): SimEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || last === first) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (before(last, heap[child])) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function before(a: SimEvent, b: SimEvent): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.salt !== b.salt) return a.salt < b.salt;
  return a.order < b.order;
}

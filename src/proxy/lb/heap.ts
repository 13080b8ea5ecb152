// A binary heap of small integers whose order changes: the caller says which one moved.
//
// Invariant: `#heap` is a heap under `before`; `#place[i]` is where i is in it, -1 when it is not.

export class IndexHeap {
  readonly #before: (a: number, b: number) => boolean;
  readonly #heap: Int32Array<ArrayBuffer>;
  readonly #place: Int32Array<ArrayBuffer>;
  #count = 0;

  /** For the integers below `size`; `before(a, b)`: a is nearer to the top. */
  constructor(size: number, before: (a: number, b: number) => boolean) {
    this.#before = before;
    this.#heap = new Int32Array(size);
    this.#place = new Int32Array(size).fill(-1);
  }

  /** The first one; -1 when it is empty. */
  get top(): number {
    return this.#count === 0 ? -1 : this.#heap[0];
  }

  push(i: number): void {
    this.#set(this.#count++, i);
    this.#up(this.#place[i]);
  }

  /** Its order changed. */
  moved(i: number): void {
    this.#up(this.#place[i]);
    this.#down(this.#place[i]);
  }

  #up(from: number): void {
    let at = from;
    const i = this.#heap[at];
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(i, this.#heap[parent])) break;
      this.#set(at, this.#heap[parent]);
      at = parent;
    }
    this.#set(at, i);
  }

  #down(from: number): void {
    let at = from;
    const i = this.#heap[at];
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.#count) break;
      if (child + 1 < this.#count && this.#before(this.#heap[child + 1], this.#heap[child])) child++;
      if (!this.#before(this.#heap[child], i)) break;
      this.#set(at, this.#heap[child]);
      at = child;
    }
    this.#set(at, i);
  }

  #set(at: number, i: number): void {
    this.#heap[at] = i;
    this.#place[i] = at;
  }
}

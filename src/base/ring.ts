// A first-in first-out queue in a ring of slots: push and shift are O(1) and allocate only when the ring doubles.
//
// Invariants: the ring's length is a power of two; a slot outside the queue holds undefined, so that nothing taken out
// is kept alive; the queue never holds more than `limit` entries.

export class Ring<T> {
  #slots: (T | undefined)[];
  #mask: number;
  #head = 0;
  #length = 0;
  /** Entries it may hold. */
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
    this.#slots = new Array(8).fill(undefined);
    this.#mask = 7;
  }

  get length(): number {
    return this.#length;
  }

  /** Appends; false when the queue is at its limit. */
  push(value: T): boolean {
    if (this.#length >= this.limit) return false;
    if (this.#length > this.#mask) this.#grow();
    this.#slots[(this.#head + this.#length++) & this.#mask] = value;
    return true;
  }

  /** Takes the first; undefined when empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
    return value;
  }

  /** The entry at a place, 0 being the first; undefined outside. */
  at(index: number): T | undefined {
    return index >= 0 && index < this.#length ? this.#slots[(this.#head + index) & this.#mask] : undefined;
  }

  /** Drops all. */
  clear(): void {
    this.#slots.fill(undefined);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Array<T | undefined>(old.length * 2).fill(undefined);
    for (let i = 0; i < this.#length; i++) slots[i] = old[(this.#head + i) & this.#mask];
    this.#slots = slots;
    this.#mask = slots.length - 1;
    this.#head = 0;
  }
}

// Values kept under small numbers that are never mistaken for one another: index and generation in one handle.
//
// Invariants: a handle is a safe integer, generation * SLAB_MAX + index; the generation of a slot rises each time its
// value is removed, so a handle that outlived its value finds nothing.

/** The most slots a slab can have. */
export const SLAB_MAX = 1 << 24;
const GENERATIONS = 1 << 28;
const NONE = -1;

export class Slab<T> {
  readonly #values: (T | undefined)[] = [];
  readonly #generations: number[] = [];
  /** Per free slot, the next free one: a list through the slots, last freed first. */
  readonly #nextFree: number[] = [];
  #firstFree = NONE;
  #size = 0;
  /** Values it may hold. */
  readonly limit: number;

  /** `limit`: at most SLAB_MAX. */
  constructor(limit: number) {
    if (limit > SLAB_MAX) throw new Error("slab: limit too large");
    this.limit = limit;
  }

  /** How many values it holds. */
  get size(): number {
    return this.#size;
  }

  /** Keeps a value; its handle, or -1 when the slab is full. */
  add(value: T): number {
    if (this.#size >= this.limit) return NONE;
    let index = this.#firstFree;
    if (index === NONE) {
      index = this.#values.push(undefined) - 1;
      this.#generations.push(0);
      this.#nextFree.push(NONE);
    } else {
      this.#firstFree = this.#nextFree[index];
    }
    this.#values[index] = value;
    this.#size++;
    return this.#generations[index] * SLAB_MAX + index;
  }

  /** The value of a handle; undefined when it was removed. */
  get(handle: number): T | undefined {
    const index = handle % SLAB_MAX;
    return this.#generations[index] === Math.floor(handle / SLAB_MAX) ? this.#values[index] : undefined;
  }

  /** Removes and returns the value of a handle; undefined when it was removed before. */
  remove(handle: number): T | undefined {
    const value = this.get(handle);
    if (value === undefined) return undefined;
    const index = handle % SLAB_MAX;
    this.#values[index] = undefined;
    this.#generations[index] = (this.#generations[index] + 1) % GENERATIONS;
    this.#nextFree[index] = this.#firstFree;
    this.#firstFree = index;
    this.#size--;
    return value;
  }

  /** All values, in order of their slots. */
  *values(): Generator<T> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }
}

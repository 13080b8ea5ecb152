// Shared memory in blocks: one writer (main) fills and links them, any thread reads without a lock.
//
// The memory is segments of one size that never grow and never go away; more blocks, more segments. A block is named by
// its address, a positive number that counts units of 16 bytes over all segments; 0 names none. A segment must have been
// attached in every thread before a block of it is published.
//
// How a reader never sees half a change: the writer fills a block that nobody can reach, then publishes its address with
// one Atomics store, and readers reach it through that word only. What it unlinks stays as it is until every thread has
// been through its event loop once (the round of its owner); only then is it free. Readers load words plainly: an aligned
// word does not tear, and what is read through an address just loaded depends on that load.

/** Bytes of a segment. The system gives memory to the pages that are touched only. */
export const SEGMENT_BYTES: number = 1 << 22;
/** Bytes of a unit; blocks begin at multiples of it. */
const UNIT = 16;
const WORDS_PER_UNIT = UNIT / 4;
const SHIFT = 18;
const MASK = (1 << SHIFT) - 1;

export type Segment = SharedArrayBuffer;

/** What readers need of an arena. */
export class ArenaView {
  readonly #words: Int32Array<SharedArrayBuffer>[] = [];
  readonly #bytes: Uint8Array<SharedArrayBuffer>[] = [];

  constructor(segments: readonly Segment[]) {
    for (const segment of segments) this.attach(segment);
  }

  /** In the order in which the writer added them. */
  attach(segment: Segment): void {
    if (segment.byteLength !== SEGMENT_BYTES) throw new Error("not a segment of an arena");
    this.#words.push(new Int32Array(segment));
    this.#bytes.push(new Uint8Array(segment));
  }

  get segmentCount(): number {
    return this.#bytes.length;
  }

  get segments(): readonly Segment[] {
    return this.#bytes.map((bytes) => bytes.buffer);
  }

  /** A word of a block. */
  word(address: number, index: number): number {
    return this.#words[address >>> SHIFT][((address & MASK) * WORDS_PER_UNIT) + index];
  }

  /** The words of the segment of a block, and where in them it begins: for who reads many of them. */
  wordsOf(address: number): Int32Array<SharedArrayBuffer> {
    return this.#words[address >>> SHIFT];
  }
  wordAt(address: number): number {
    return (address & MASK) * WORDS_PER_UNIT;
  }

  /** The bytes of the segment of a block, and where in them it begins. */
  bytesOf(address: number): Uint8Array<SharedArrayBuffer> {
    return this.#bytes[address >>> SHIFT];
  }
  byteAt(address: number): number {
    return (address & MASK) * UNIT;
  }

  /** Whether an address (from outside) lies, with `bytes` behind it, in a segment. */
  holds(address: number, bytes: number): boolean {
    if (!Number.isInteger(address) || address <= 0 || address >= 2 ** 31) return false;
    return address >>> SHIFT < this.#words.length && this.byteAt(address) + bytes <= SEGMENT_BYTES;
  }
}

/** The writer: allocates blocks, by size classes with free lists. Its own state is not shared. */
export class Arena extends ArenaView {
  /** Segments at most. */
  readonly limit: number;
  /** How many of the segments every thread has: only they are allocated from. */
  usable = 0;
  /** First free block of each class, linked by their first words; and how many there are. */
  readonly #free: number[] = new Array(CLASSES).fill(0);
  readonly #counts: number[] = new Array(CLASSES).fill(0);
  /** Allocation goes on here: a segment and a unit of it. */
  #segment = 0;
  #unit = 1;
  /** Blocks unlinked since the last seal(): addresses and sizes in turn. */
  #retired: number[] = [];
  #retiredBytes = 0;
  /** Bytes of blocks in use, unlinked ones included. */
  #used = 0;

  constructor(limitBytes: number) {
    super([]);
    this.limit = Math.max(1, Math.floor(limitBytes / SEGMENT_BYTES));
  }

  get used(): number {
    return this.#used;
  }

  /** Bytes of unlinked blocks. */
  get retiredBytes(): number {
    return this.#retiredBytes;
  }

  /** Adds a segment; to be attached by every thread before `usable` counts it. Null: the limit is reached. */
  grow(): Segment | null {
    if (this.segmentCount >= this.limit) return null;
    const segment = new SharedArrayBuffer(SEGMENT_BYTES);
    this.attach(segment);
    return segment;
  }

  /** Bytes that were never allocated in the usable segments. */
  get untouched(): number {
    return (this.usable - this.#segment) * SEGMENT_BYTES - this.#unit * UNIT;
  }

  /** A block of zeros, or 0 when there is no room. */
  allocate(bytes: number): number {
    const index = classOf(bytes);
    const units = unitsOf(index);
    let address = this.#free[index];
    if (address !== 0) {
      this.#free[index] = this.word(address, 0);
      this.#counts[index]--;
    } else {
      address = this.#carve(units);
      if (address === 0) return 0;
    }
    this.#used += units * UNIT;
    const at = this.wordAt(address);
    this.wordsOf(address).fill(0, at, at + units * WORDS_PER_UNIT);
    return address;
  }

  /** Makes sure that `count` blocks of this size can be allocated; false when they cannot. */
  ensure(bytes: number, count: number): boolean {
    const index = classOf(bytes);
    while (this.#counts[index] < count) {
      const address = this.#carve(unitsOf(index));
      if (address === 0) return false;
      this.#release(address, index);
    }
    return true;
  }

  #carve(units: number): number {
    if (units > SEGMENT_BYTES / UNIT - 1) throw new Error("a block larger than a segment");
    for (;;) {
      if (this.#segment >= this.usable) return 0;
      if (this.#unit + units <= SEGMENT_BYTES / UNIT) {
        const address = (this.#segment << SHIFT) + this.#unit;
        this.#unit += units;
        return address;
      }
      if (this.#segment + 1 >= this.usable) return 0;
      this.#useRest();
      this.#segment++;
      this.#unit = 0;
    }
  }

  /** What is left of a segment becomes free blocks. */
  #useRest(): void {
    let rest = SEGMENT_BYTES / UNIT - this.#unit;
    while (rest > 0) {
      let index = Math.min(classOf(rest * UNIT), CLASSES - 1);
      while (unitsOf(index) > rest) index--;
      this.#release((this.#segment << SHIFT) + this.#unit, index);
      this.#unit += unitsOf(index);
      rest -= unitsOf(index);
    }
  }

  #release(address: number, index: number): void {
    this.store(address, 0, this.#free[index]);
    this.#free[index] = address;
    this.#counts[index]++;
  }

  /** Frees a block that no reader can see any more. */
  free(address: number, bytes: number): void {
    const index = classOf(bytes);
    this.#used -= unitsOf(index) * UNIT;
    this.#release(address, index);
  }

  /** A block was unlinked: it is free after the next round. */
  retire(address: number, bytes: number): void {
    this.#retired.push(address, bytes);
    this.#retiredBytes += bytes;
  }

  /** What was unlinked until now, to be given to freeAll() when every thread has been through its event loop. */
  seal(): readonly number[] {
    const sealed = this.#retired;
    this.#retired = [];
    this.#retiredBytes = 0;
    return sealed;
  }

  freeAll(sealed: readonly number[]): void {
    for (let i = 0; i < sealed.length; i += 2) this.free(sealed[i], sealed[i + 1]);
  }

  /** Writes a word that no reader can reach, or that readers do not read. */
  store(address: number, index: number, value: number): void {
    this.wordsOf(address)[this.wordAt(address) + index] = value;
  }

  /** Writes a word that readers read: what was stored before is visible to who sees it. */
  publish(address: number, index: number, value: number): void {
    Atomics.store(this.wordsOf(address), this.wordAt(address) + index, value);
  }
}

// ---- size classes -------------------------------------------------------------------------------------------------

/** Classes of 1 to 32 units, one a unit; behind them four for each doubling, up to a segment. */
const EXACT = 32;
const CLASSES = EXACT + 4 * 13 + 1;

function classOf(bytes: number): number {
  const units = Math.max(1, Math.ceil(bytes / UNIT));
  if (units <= EXACT) return units;
  const power = 31 - Math.clz32(units - 1);
  const step = 1 << (power - 2);
  return EXACT + (power - 5) * 4 + Math.ceil((units - (1 << power)) / step);
}

function unitsOf(index: number): number {
  if (index <= EXACT) return index;
  const power = 5 + ((index - EXACT - 1) >> 2);
  return (1 << power) + (((index - EXACT - 1) & 3) + 1) * (1 << (power - 2));
}

// The variables of the process (configuration.txt 2.8, "proc"), in one segment that all threads write: rows by number, each
// with its lock, and a heap for their bytes.
//
// Readers take no lock: a row's sequence is odd while it is written and another one afterwards; who reads copies the value and
// looks again. What was copied stays good as long as the sequence is the same. A lock word holds the number of the lane that
// has it, so that main can free what a dead thread had: a value half written is dropped.
//
// The account of memory is the process's, too: what rows hold, and what each thread has in finer scopes (held words of its
// lane), which main gives back when the thread dies. Without a limit nothing is counted.
/** Variables of the process at most. */
export const MOST_VARIABLES = 4096;
/** Bytes of the heap. The system gives memory to the pages that are touched only. */
const HEAP_BYTES = 1 << 24;
const MIN_BLOCK = 16;
/** Blocks are powers of two, 16 bytes to a quarter of the heap. */
const CLASSES = 19;

/** Words before the rows. */
const HEADER = { names: 0, heap: 1, count: 2, used: 3, top: 4, fence: 5, free: 8 } as const;
const LANES_AT = HEADER.free + CLASSES;
const MOST_LANES = 257;

/** Words of a row. `bytes`, `name`: addresses in the heap, 0 none; `size`: of the block at `bytes`, as a class. */
const ROW = {
  lock: 0,
  sequence: 1,
  state: 2,
  type: 3,
  low: 4,
  high: 5,
  bytes: 6,
  length: 7,
  size: 8,
  name: 9,
  nameLength: 10,
  /** Bytes of memory that the account has for it. */
  counted: 11,
  words: 16,
} as const;
const ROWS_AT = Math.ceil((LANES_AT + MOST_LANES) / ROW.words) * ROW.words;
const HEAP_AT = (ROWS_AT + MOST_VARIABLES * ROW.words) * 4;

const SET = 1;

/** Looks at a locked row or one being written before the thread sleeps; how long then, and how often, ms. */
const SPINS = 1000;
const SLEEP_MS = 1;
const MOST_SLEEPS = 100;

/** A value: what a sample is. `length`: of its bytes, 0 when its type has none. */
export interface VariableValue {
  type: number;
  num: number | bigint;
  bytes: Uint8Array<ArrayBuffer>;
  from: number;
  to: number;
}

/** What a thread has copied of a row. */
class Copy {
  sequence = -1;
  set = false;
  type = 0;
  num: number | bigint = 0;
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  length = 0;
}

export class SharedVariables {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #heap: Uint8Array<SharedArrayBuffer>;
  readonly #lane: number;
  /** Bytes at most over all threads, 0: no limit. */
  readonly #limit: number;
  readonly #copies: Copy[] = [];

  /** `lane`: 0 main, else the thread's number. */
  constructor(segment: SharedArrayBuffer, lane: number, limit: number) {
    this.#words = new Int32Array(segment, 0, HEAP_AT / 4);
    this.#heap = new Uint8Array(segment, HEAP_AT);
    this.#lane = lane;
    this.#limit = limit;
  }

  /** A segment; untouched parts of it take no memory. */
  static allocate(heapBytes = HEAP_BYTES): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAP_AT + heapBytes);
  }

  // ---- names --------------------------------------------------------------------------------------------------------

  /** The row of a name, made when there is none; -1: there are too many. */
  row(name: string): number {
    const known = this.find(name);
    if (known >= 0) return known;
    if (!this.#lock(HEADER.names)) return -1;
    // Another thread may have made it meanwhile.
    let row = this.find(name);
    const count = Atomics.load(this.#words, HEADER.count);
    if (row < 0 && count < MOST_VARIABLES) {
      const address = this.#allocate(classOf(name.length));
      if (address !== 0) {
        for (let i = 0; i < name.length; i++) this.#heap[address + i] = name.charCodeAt(i);
        const at = rowAt(count);
        this.#words[at + ROW.name] = address;
        this.#words[at + ROW.nameLength] = name.length;
        Atomics.store(this.#words, HEADER.count, count + 1);
        row = count;
      }
    }
    this.#unlock(HEADER.names);
    return row;
  }

  /** The row of a name; -1: there is none. */
  find(name: string): number {
    const count = Atomics.load(this.#words, HEADER.count);
    for (let row = 0; row < count; row++) {
      const at = rowAt(row);
      if (this.#words[at + ROW.nameLength] !== name.length) continue;
      if (this.#isName(this.#words[at + ROW.name], name)) return row;
    }
    return -1;
  }

  #isName(address: number, name: string): boolean {
    for (let i = 0; i < name.length; i++) if (this.#heap[address + i] !== name.charCodeAt(i)) return false;
    return true;
  }

  // ---- values -------------------------------------------------------------------------------------------------------

  /** Copies a value; its bytes are this thread's until it reads the row again. False: it is not set. */
  get(row: number, into: VariableValue): boolean {
    if (row < 0) return false;
    const copy = this.#copies[row] ??= new Copy();
    if (Atomics.load(this.#words, rowAt(row) + ROW.sequence) !== copy.sequence) this.#read(rowAt(row), copy);
    if (!copy.set) return false;
    into.type = copy.type;
    into.num = copy.num;
    into.bytes = copy.bytes;
    into.from = 0;
    into.to = copy.length;
    return true;
  }

  #read(at: number, copy: Copy): void {
    const words = this.#words;
    for (let tries = 0; tries < SPINS + MOST_SLEEPS; tries++) {
      const sequence = Atomics.load(words, at + ROW.sequence);
      if ((sequence & 1) !== 0) {
        if (tries >= SPINS) Atomics.wait(words, at + ROW.sequence, sequence, SLEEP_MS);
        continue;
      }
      const set = words[at + ROW.state] === SET;
      const length = words[at + ROW.length];
      const address = words[at + ROW.bytes];
      copy.type = words[at + ROW.type];
      copy.num = integerOf(words[at + ROW.low], words[at + ROW.high]);
      if (set && address + length <= this.#heap.length) {
        // A fresh one: the evaluation under way may still use what was read before.
        copy.bytes = new Uint8Array(this.#heap.subarray(address, address + length));
      }
      // A change of a word that nobody reads: what was read before is complete.
      Atomics.add(words, HEADER.fence, 1);
      if (Atomics.load(words, at + ROW.sequence) !== sequence) continue;
      copy.sequence = sequence;
      copy.set = set;
      copy.length = length;
      return;
    }
    // Its writer neither goes on nor is known to be dead: main will drop the value.
    copy.sequence = -1;
    copy.set = false;
  }

  /** Sets a value with `length` bytes; false when a limit forbids it, or there is no room. */
  set(row: number, value: VariableValue, length: number): boolean {
    if (row < 0) return false;
    const at = rowAt(row);
    if (!this.#lock(at + ROW.lock)) return false;
    const done = this.#set(at, value, length);
    this.#unlock(at + ROW.lock);
    return done;
  }

  #set(at: number, value: VariableValue, length: number): boolean {
    const words = this.#words;
    const counted = length > 0 ? length : 8;
    const before = words[at + ROW.counted];
    if (!this.#take(counted - before)) return false;
    const size = classOf(length);
    let address = words[at + ROW.bytes];
    if (length > 0 && (address === 0 || words[at + ROW.size] !== size)) {
      const old = address;
      const oldSize = words[at + ROW.size];
      address = this.#allocate(size);
      if (address === 0) {
        this.#take(before - counted);
        return false;
      }
      Atomics.add(words, at + ROW.sequence, 1);
      if (old !== 0) this.#free(old, oldSize);
      words[at + ROW.bytes] = address;
      words[at + ROW.size] = size;
    } else {
      Atomics.add(words, at + ROW.sequence, 1);
    }
    for (let i = 0, j = value.from; i < length; i++, j++) this.#heap[address + i] = value.bytes[j];
    words[at + ROW.length] = length;
    words[at + ROW.type] = value.type;
    words[at + ROW.low] = lowOf(value.num);
    words[at + ROW.high] = highOf(value.num);
    words[at + ROW.state] = SET;
    words[at + ROW.counted] = counted;
    this.#written(at);
    return true;
  }

  unset(row: number): void {
    if (row < 0) return;
    const at = rowAt(row);
    if (!this.#lock(at + ROW.lock)) return;
    this.#take(-this.#words[at + ROW.counted]);
    Atomics.add(this.#words, at + ROW.sequence, 1);
    this.#words[at + ROW.state] = 0;
    this.#words[at + ROW.counted] = 0;
    this.#written(at);
    this.#unlock(at + ROW.lock);
  }

  #written(at: number): void {
    Atomics.add(this.#words, at + ROW.sequence, 1);
    Atomics.notify(this.#words, at + ROW.sequence);
  }

  // ---- the account of memory ------------------------------------------------------------------------------------------

  /** Memory of variables in the sessions and streams of this thread. False, and nothing counted, when it is too much. */
  account(bytes: number): boolean {
    if (this.#limit === 0) return true;
    if (!this.#take(bytes)) return false;
    this.#words[LANES_AT + this.#lane] += bytes;
    return true;
  }

  #take(bytes: number): boolean {
    if (this.#limit === 0 || bytes === 0) return true;
    const used = Atomics.add(this.#words, HEADER.used, bytes) + bytes;
    if (bytes < 0 || used <= this.#limit) return true;
    Atomics.sub(this.#words, HEADER.used, bytes);
    return false;
  }

  /** Bytes counted. */
  get used(): number {
    return Atomics.load(this.#words, HEADER.used);
  }

  // ---- the heap -----------------------------------------------------------------------------------------------------

  /** A block of a class, 0 when there is none. */
  #allocate(size: number): number {
    if (size >= CLASSES || !this.#lock(HEADER.heap)) return 0;
    const words = this.#words;
    const bytes = MIN_BLOCK << size;
    let address = words[HEADER.free + size];
    if (address !== 0) {
      words[HEADER.free + size] = this.#link(address);
    } else {
      const top = words[HEADER.top] || MIN_BLOCK;
      if (top + bytes <= this.#heap.length) {
        address = top;
        words[HEADER.top] = top + bytes;
      }
    }
    this.#unlock(HEADER.heap);
    return address;
  }

  /** Gives a block back; when the lock cannot be had it is lost. */
  #free(address: number, size: number): void {
    if (!this.#lock(HEADER.heap)) return;
    const next = this.#words[HEADER.free + size];
    for (let i = 0; i < 4; i++) this.#heap[address + i] = next >>> (8 * i);
    this.#words[HEADER.free + size] = address;
    this.#unlock(HEADER.heap);
  }

  #link(address: number): number {
    const heap = this.#heap;
    return heap[address] | heap[address + 1] << 8 | heap[address + 2] << 16 | heap[address + 3] << 24;
  }

  // ---- locks --------------------------------------------------------------------------------------------------------

  /** Takes a lock; false when it cannot be had in a time that only a dead owner explains. */
  #lock(word: number): boolean {
    const words = this.#words;
    const mine = this.#lane + 1;
    for (let tries = 0; tries < SPINS + MOST_SLEEPS; tries++) {
      const owner = Atomics.compareExchange(words, word, 0, mine);
      if (owner === 0) return true;
      if (tries >= SPINS) Atomics.wait(words, word, owner, SLEEP_MS);
    }
    return false;
  }

  #unlock(word: number): void {
    Atomics.store(this.#words, word, 0);
    Atomics.notify(this.#words, word, 1);
  }

  /** Main, after a thread has died: its locks are free, what it was writing is not set, its memory is given back. */
  giveBack(lane: number): void {
    const words = this.#words;
    const dead = lane + 1;
    for (const word of [HEADER.names, HEADER.heap]) if (Atomics.load(words, word) === dead) this.#unlock(word);
    for (let row = 0; row < MOST_VARIABLES; row++) {
      const at = rowAt(row);
      if (Atomics.load(words, at + ROW.lock) !== dead) continue;
      if ((Atomics.load(words, at + ROW.sequence) & 1) !== 0) {
        // The block may be the old one, the new one, or one in the list of free ones: it is left alone.
        words[at + ROW.bytes] = 0;
        words[at + ROW.state] = 0;
        this.#take(-words[at + ROW.counted]);
        words[at + ROW.counted] = 0;
        this.#written(at);
      }
      this.#unlock(at + ROW.lock);
    }
    this.#take(-words[LANES_AT + lane]);
    words[LANES_AT + lane] = 0;
  }
}

function rowAt(row: number): number {
  return ROWS_AT + row * ROW.words;
}

/** The class of the smallest block of at least so many bytes. */
function classOf(length: number): number {
  return length <= MIN_BLOCK ? 0 : 28 - Math.clz32(length - 1);
}

function lowOf(value: number | bigint): number {
  return typeof value === "number" ? value | 0 : Number(BigInt.asIntN(32, value));
}

function highOf(value: number | bigint): number {
  return typeof value === "number" ? Math.floor(value / 2 ** 32) : Number(value >> 32n);
}

/** A number as long as it is exact. */
function integerOf(low: number, high: number): number | bigint {
  const value = high * 2 ** 32 + (low >>> 0);
  return Number.isSafeInteger(value) ? value : BigInt(high) * 2n ** 32n + BigInt(low >>> 0);
}

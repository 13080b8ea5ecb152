// Pooled byte blocks of one thread.
//
// Invariants: a block has one owner; a block with an operation still pending on it never comes back here before that
// operation has settled (else one client reads another's bytes); a block is given back once. `outstanding` is zero when
// the thread holds nothing, which the simulation asserts at the end of every seed.

/** The block of who holds none: never written, never released. */
export const NO_BLOCK: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Bytes of a small block: what an idle connection may hold while a read is pending. */
export const SMALL_BLOCK = 2048;

/** A pool of blocks of two sizes. Not shared between threads. */
export class BlockPool {
  /** Bytes of a large block (`tune.bufsize`, configuration.txt 3.2). */
  readonly size: number;
  /** Blocks taken and not given back. */
  outstanding = 0;
  /** Set by the simulation: returned blocks are overwritten, so that a reader of a returned block is seen. */
  poison = false;
  readonly #large: Uint8Array<ArrayBuffer>[] = [];
  readonly #small: Uint8Array<ArrayBuffer>[] = [];
  readonly #keep: number;
  /** Bytes of all blocks there are, in use or kept. */
  allocated = 0;

  constructor(size = 16384, keep = 1024) {
    this.size = size;
    this.#keep = keep;
  }

  /** A large block; its content is whatever its last owner left. */
  take(): Uint8Array<ArrayBuffer> {
    this.outstanding++;
    return this.#large.pop() ?? this.#allocate(this.size);
  }

  /** A small block (SMALL_BLOCK bytes). */
  takeSmall(): Uint8Array<ArrayBuffer> {
    this.outstanding++;
    return this.#small.pop() ?? this.#allocate(SMALL_BLOCK);
  }

  #allocate(size: number): Uint8Array<ArrayBuffer> {
    this.allocated += size;
    return new Uint8Array(size);
  }

  /** Bytes of the blocks in use. */
  get used(): number {
    return this.allocated - this.#large.length * this.size - this.#small.length * SMALL_BLOCK;
  }

  /** Gives a block back. The caller must hold no reference to it and have no operation pending on it. */
  give(block: Uint8Array<ArrayBuffer>): void {
    if (block.length === 0) return;
    this.outstanding--;
    if (this.poison) block.fill(0xdb);
    const list = block.length === SMALL_BLOCK ? this.#small : this.#large;
    if (list.length < this.#keep) list.push(block);
    else this.allocated -= block.length;
  }
}

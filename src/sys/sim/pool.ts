// The block pool of a simulated thread, which watches the rules of buffers.
//
// Returned blocks are overwritten at once (BlockPool.poison). Giving back a block twice, or while an operation below
// still uses it, is a violation: it throws at once and ends the run.
import { BlockPool } from "../../base/mod.ts";
import type { SimCore } from "./core.ts";

export class SimBlockPool extends BlockPool {
  readonly #core: SimCore;
  /** Buffers in use by operations below, and by how many. */
  readonly #pinned = new Map<ArrayBuffer, number>();
  readonly #free = new Set<ArrayBuffer>();

  constructor(core: SimCore, size?: number) {
    super(size);
    this.#core = core;
    this.poison = true;
  }

  override take(): Uint8Array<ArrayBuffer> {
    return this.#taken(super.take());
  }

  override takeSmall(): Uint8Array<ArrayBuffer> {
    return this.#taken(super.takeSmall());
  }

  override give(block: Uint8Array<ArrayBuffer>): void {
    if (block.length > 0) {
      if (this.#pinned.has(block.buffer)) this.#core.violation("a block was given back while an operation uses it");
      if (this.#free.has(block.buffer)) this.#core.violation("a block was given back twice");
      this.#free.add(block.buffer);
    }
    super.give(block);
  }

  /** An operation below begins to use a buffer. */
  pin(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#free.has(bytes.buffer)) this.#core.violation("an operation was started on a block that was given back");
    this.#pinned.set(bytes.buffer, (this.#pinned.get(bytes.buffer) ?? 0) + 1);
  }

  unpin(bytes: Uint8Array<ArrayBuffer>): void {
    const count = this.#pinned.get(bytes.buffer) ?? 0;
    if (count > 1) this.#pinned.set(bytes.buffer, count - 1);
    else this.#pinned.delete(bytes.buffer);
  }

  #taken(block: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.#free.delete(block.buffer);
    return block;
  }
}

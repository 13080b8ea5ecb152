// The body of a request as far as it was sent to a server, kept so that it can be sent to another one (configuration.txt 4.2
// "retry-on"). One block bounds it: a longer body is let go of, and its request is not sent again.
import { type BlockPool, NO_BLOCK, spawn } from "../base/mod.ts";
import type { Endpoint } from "../mux/mod.ts";

export class KeptBody {
  block: Uint8Array<ArrayBuffer> = NO_BLOCK;
  /** Bytes kept. */
  used = 0;
  /** Nothing that was sent is missing. */
  whole = true;
  readonly #blocks: BlockPool;
  readonly #bug: (error: unknown) => void;
  /** Whoever was sent the kept bytes last, and may still be reading them. */
  #lentTo: Endpoint | null = null;

  constructor(blocks: BlockPool, bug: (error: unknown) => void) {
    this.#blocks = blocks;
    this.#bug = bug;
  }

  /** Bytes were sent. */
  add(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): void {
    if (!this.whole) return;
    if (this.used + to - from > this.#blocks.size) {
      this.whole = false;
      return;
    }
    if (this.block === NO_BLOCK) this.block = this.#blocks.take();
    this.block.set(bytes.subarray(from, to), this.used);
    this.used += to - from;
  }

  /** Sends what is kept again; `last`: nothing follows. */
  send(sink: Endpoint, last: boolean): number | Promise<number> {
    this.#lentTo = sink;
    return sink.push(this.block, 0, this.used, last);
  }

  /** The request is not sent again. */
  end(): void {
    const { block } = this;
    const idle = this.#lentTo === null ? 0 : this.#lentTo.sendIdle();
    this.block = NO_BLOCK;
    this.used = 0;
    this.whole = true;
    this.#lentTo = null;
    if (block === NO_BLOCK) return;
    if (typeof idle === "number") this.#blocks.give(block);
    else spawn(idle.then(() => this.#blocks.give(block)), this.#bug);
  }
}

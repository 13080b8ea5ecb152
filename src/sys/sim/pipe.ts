// One direction of a simulated connection: bytes under way, bytes that arrived, and the operations waiting on either end.
//
// Invariants:
// - What was written arrives whole, in order and unharmed, or the pipe ends with a reset; FIN comes behind all bytes.
// - `used` (under way and arrived, not yet read) never exceeds `capacity`: beyond it the writer waits.
// - A pending operation holds its buffer pinned until it settles, also when its connection was closed long before. A
//   pending write reads its bytes when it settles, so that bytes changed meanwhile would go out wrong; that they are
//   unchanged is checked besides. A pending read of a closed connection writes into its block before it settles.
import { Ring } from "../../base/mod.ts";
import { PENDING } from "../buffered_conn.ts";
import { IO_CLOSED, IO_END, IO_RESET } from "../types.ts";
import type { SimCore } from "./core.ts";
import type { SimBlockPool } from "./pool.ts";
import type { SimOwner } from "./queue.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The end of a pipe: a connection of a thread. */
export interface PipeEnd {
  readonly owner: SimOwner;
  readonly pool: SimBlockPool;
  /** The pending operation is over, with a count > 0 or a code. */
  readDone(result: number): void;
  writeDone(result: number): void;
}

/** An operation waiting on a buffer, with who asked for it. */
interface Pending {
  readonly end: PipeEnd;
  readonly bytes: Bytes;
  readonly from: number;
  readonly to: number;
  /** Of the bytes of a write, to see that nobody changes them. */
  readonly sum: number;
  /** Whether its settling is on the way. */
  scheduled: boolean;
}

/** What a late read writes into a block that it should have been left. */
const LATE_BYTE = 0xee;
/** Bytes of a pending write that are watched. */
const MAX_SUMMED = 16384;
/** How many single bytes a piece may be cut into before the rest follows whole. */
const MAX_DRIBBLE = 24;

export class Pipe {
  /** The pipe of the other direction. */
  reverse: Pipe | null = null;
  readonly #core: SimCore;
  readonly #capacity: number;
  /** Pieces under way: bytes, or the code that ends the pipe. */
  readonly #flying: Ring<Bytes | number>;
  readonly #arrived: Ring<Bytes>;
  /** Bytes of the first arrived piece that were read. */
  #firstRead = 0;
  #arrivedBytes = 0;
  #used = 0;
  /** IO_END or IO_RESET once it arrived. */
  #ended = 0;
  /** What writes answer from now on, or 0. */
  #writeCode = 0;
  #finSent = false;
  #resetSent = false;
  #readerGone = false;
  #read: Pending | null = null;
  #write: Pending | null = null;

  constructor(core: SimCore) {
    this.#core = core;
    const [low, high] = core.faults.bufferBytes;
    this.#capacity = core.prng.between(low, high);
    // Each piece holds at least a byte of the capacity; FIN and RST come besides.
    this.#flying = new Ring(this.#capacity + 2);
    this.#arrived = new Ring(this.#capacity);
  }

  /** Bytes that arrived and were not read. */
  get unread(): number {
    return this.#arrivedBytes;
  }

  // ---- writing ---------------------------------------------------------------------------------------------------

  write(end: PipeEnd, bytes: Bytes, from: number, to: number): number {
    if (this.#write !== null) this.#core.violation("a second write was started");
    if (this.#core.chance(this.#core.faults.reset)) this.reverse!.#break();
    if (this.#writeCode !== 0) return this.#writeCode;
    const room = this.#capacity - this.#used;
    if (room > 0 && !this.#core.chance(this.#core.faults.slowWrite)) {
      return this.#accept(bytes, from, Math.min(to, from + room));
    }
    end.pool.pin(bytes);
    this.#write = { end, bytes, from, to, sum: checksum(bytes, from, to), scheduled: false };
    if (room > 0) this.#settleWriteSoon();
    return PENDING;
  }

  /** Sends FIN behind what was written. */
  fin(): void {
    if (this.#finSent || this.#writeCode !== 0) return;
    this.#finSent = true;
    this.#launch(IO_END);
  }

  /** Sends RST. What is under way may be lost with it. */
  reset(): void {
    if (this.#resetSent) return;
    this.#resetSent = true;
    if (this.#core.prng.chance(0.5)) this.#dropFlying();
    this.#launch(IO_RESET);
    this.#stopWriting(IO_RESET);
  }

  /** The writing end is closed: what is pending settles late. */
  writerClosed(): void {
    this.#stopWriting(IO_CLOSED);
  }

  #accept(bytes: Bytes, from: number, to: number): number {
    let count = to - from;
    if (count > 1 && this.#core.chance(this.#core.faults.shortWrite)) count = 1 + this.#core.prng.below(count);
    this.#used += count;
    this.#send(bytes.slice(from, from + count));
    return count;
  }

  /** Lets bytes go, whole or in pieces. */
  #send(bytes: Bytes): void {
    const core = this.#core;
    if (bytes.length > 1 && core.chance(core.faults.split)) {
      let at = 0;
      if (core.prng.chance(0.3)) {
        const singles = 1 + core.prng.below(Math.min(MAX_DRIBBLE, bytes.length - 1));
        for (; at < singles; at++) this.#launch(bytes.subarray(at, at + 1));
      }
      const cut = at + core.prng.below(bytes.length - at);
      if (cut > at) this.#launch(bytes.subarray(at, cut));
      this.#launch(bytes.subarray(cut));
    } else {
      this.#launch(bytes);
    }
  }

  #launch(piece: Bytes | number): void {
    this.#flying.push(piece);
    // Each of these events lets the first piece arrive, so their own order does not matter.
    this.#core.after(this.#core.nobody, this.#core.latency(), () => this.#arrive());
  }

  #settleWriteSoon(): void {
    const write = this.#write!;
    if (write.scheduled) return;
    write.scheduled = true;
    this.#core.after(write.end.owner, this.#core.latency(), () => this.#settleWrite(write));
  }

  #settleWrite(write: Pending): void {
    write.scheduled = false;
    let result = this.#writeCode;
    if (checksum(write.bytes, write.from, write.to) !== write.sum) {
      this.#core.violation("bytes were changed while a send was using them");
    }
    if (result === 0) {
      const room = this.#capacity - this.#used;
      if (room <= 0) return;
      result = this.#accept(write.bytes, write.from, Math.min(write.to, write.from + room));
    }
    this.#write = null;
    write.end.pool.unpin(write.bytes);
    write.end.writeDone(result);
  }

  #stopWriting(code: number): void {
    if (this.#writeCode !== 0) return;
    this.#writeCode = code;
    const write = this.#write;
    if (write === null || write.scheduled) return;
    write.scheduled = true;
    this.#core.after(write.end.owner, this.#core.draw(this.#core.faults.lateMs), () => this.#settleWrite(write));
  }

  // ---- reading ---------------------------------------------------------------------------------------------------

  read(end: PipeEnd, block: Bytes, from: number, to: number): number {
    if (this.#read !== null) this.#core.violation("a second read was started");
    if (this.#core.chance(this.#core.faults.reset)) this.#break();
    const ready = this.#arrivedBytes > 0 || this.#ended !== 0;
    if (ready && !this.#core.chance(this.#core.faults.slowRead)) return this.#take(block, from, to);
    end.pool.pin(block);
    this.#read = { end, bytes: block, from, to, sum: 0, scheduled: false };
    if (ready) this.#settleReadSoon(this.#core.latency());
    return PENDING;
  }

  /** The reading end is closed: bytes that arrive from now on are answered by RST; a pending read settles late. */
  readerClosed(): void {
    this.#readerGone = true;
    this.#arrived.clear();
    this.#arrivedBytes = 0;
    if (this.#read !== null) this.#settleReadSoon(this.#core.draw(this.#core.faults.lateMs));
  }

  #take(block: Bytes, from: number, to: number): number {
    if (this.#arrivedBytes === 0) return this.#ended;
    let count = Math.min(this.#arrivedBytes, to - from);
    if (count > 1 && this.#core.chance(this.#core.faults.shortRead)) count = 1 + this.#core.prng.below(count);
    for (let at = from; at < from + count;) {
      const piece = this.#arrived.at(0)!;
      const part = Math.min(piece.length - this.#firstRead, from + count - at);
      block.set(piece.subarray(this.#firstRead, this.#firstRead + part), at);
      at += part;
      this.#firstRead += part;
      if (this.#firstRead < piece.length) break;
      this.#arrived.shift();
      this.#firstRead = 0;
    }
    this.#arrivedBytes -= count;
    this.#used -= count;
    if (this.#write !== null) this.#settleWriteSoon();
    return count;
  }

  #settleReadSoon(delayMs: number): void {
    const read = this.#read!;
    if (read.scheduled) return;
    read.scheduled = true;
    this.#core.after(read.end.owner, delayMs, () => this.#settleRead(read));
  }

  #settleRead(read: Pending): void {
    let result: number;
    if (this.#readerGone) {
      read.bytes.fill(LATE_BYTE, read.from, Math.min(read.to, read.from + 64));
      result = IO_CLOSED;
    } else {
      result = this.#take(read.bytes, read.from, read.to);
    }
    this.#read = null;
    read.end.pool.unpin(read.bytes);
    read.end.readDone(result);
  }

  /** The next piece under way arrives. */
  #arrive(): void {
    const piece = this.#flying.shift();
    if (piece === undefined) return;
    if (typeof piece === "number") {
      this.#endWith(piece);
    } else if (this.#readerGone) {
      this.#used -= piece.length;
      this.reverse!.reset();
    } else if (this.#ended === 0) {
      this.#arrived.push(piece);
      this.#arrivedBytes += piece.length;
    }
    if (this.#read !== null && (this.#arrivedBytes > 0 || this.#ended !== 0)) {
      this.#settleReadSoon(this.#core.chance(this.#core.faults.slowRead) ? this.#core.latency() : 0);
    }
  }

  /** The connection breaks: the reader here finds out now, the other end when the RST arrives there. */
  #break(): void {
    this.#ended = IO_RESET;
    this.reverse!.reset();
    if (this.#read !== null) this.#settleReadSoon(0);
  }

  #endWith(code: number): void {
    if (this.#ended !== IO_RESET) this.#ended = code;
    if (code === IO_RESET) this.reverse!.#stopWriting(IO_RESET);
  }

  #dropFlying(): void {
    for (let piece = this.#flying.shift(); piece !== undefined; piece = this.#flying.shift()) {
      if (typeof piece !== "number") this.#used -= piece.length;
    }
  }
}

/** Of the first part of the bytes: the rest of a long send has its turn in a later write. */
function checksum(bytes: Bytes, from: number, to: number): number {
  const end = Math.min(to, from + MAX_SUMMED);
  let sum = to - from;
  for (let i = from; i < end; i++) sum = (Math.imul(sum, 31) + bytes[i]) | 0;
  return sum;
}

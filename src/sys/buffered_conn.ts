// The half of a Conn that every transport shares: the receive block, the waiting slots, the send loop.
//
// A transport below gives two hooks, `readInto` and `writeFrom`. Each answers at once with a count or a code, or answers
// PENDING and calls `readSettled` / `writeSettled` exactly once later, whatever became of the connection meanwhile.
//
// Invariants:
// - At most one read and one write are pending below. A pending read owns the tail of `readBlock`, which never goes back
//   to the pool before `readSettled`; a pending write borrows the caller's bytes until `writeSettled`.
// - `block`, `head` and `tail` change only within recv(), while one waits, and by consume() and the ends: what arrives
//   while nobody waits is accounted by the next recv(). So a block that was lent stays as it is.
// - `block` is NO_BLOCK exactly when nothing is unread. A read that waits with nothing unread waits on a small block,
//   or on a large one when the last read filled its block (a body is coming).
// - Each wait has one resolver slot; whoever takes it out settles it: the first one wins and nothing is cancelled below.
import { type BlockPool, NO_BLOCK } from "../base/mod.ts";
import { type Address, type Conn, IO_CLOSED, IO_FULL, type SocketOptions, type TcpInfo } from "./types.ts";

/** Answer of a hook: not now, the settlement comes later. */
export const PENDING = 0;

/** Of a transport that gives no access to the socket. */
export const NO_OPTIONS = "socket options need the native handles (--io handles)";

/** A resolver of a waiting operation. */
export type Slot = (result: number) => void;

/** A connection over a transport that reads into a given block and writes from given bytes. */
export abstract class BufferedConn implements Conn {
  block: Uint8Array<ArrayBuffer> = NO_BLOCK;
  head = 0;
  tail = 0;
  /** True once close() or reset() was called. */
  protected closed = false;
  /** The code that ends the receiving, or 0. */
  protected receiveEnd = 0;

  private readBlock: Uint8Array<ArrayBuffer> = NO_BLOCK;
  private readFrom = 0;
  /** The answer of a read that ended while no recv() waited, or 0. */
  private lateResult = 0;
  /** How many borrow the receive block, which block that was, and whether it goes back to the pool after them. */
  private holds = 0;
  private lentBlock: Uint8Array<ArrayBuffer> = NO_BLOCK;
  private lentDone = false;
  private bulk = false;
  private recvHave = 0;
  private recvSlot: Slot | null = null;
  private readonly keepRecv: (slot: Slot) => void;

  private sendBytes: Uint8Array<ArrayBuffer> = NO_BLOCK;
  private sendFrom = 0;
  private sendAt = 0;
  private sendTo = 0;
  private writePending = false;
  /** The code that ends the sending, or 0. */
  private sendEnd = 0;
  private finWanted = false;
  private finSent = false;
  private sendSlot: Slot | null = null;
  private readonly keepSend: (slot: Slot) => void;
  private idle: Promise<number> | null = null;
  private idleSlot: Slot | null = null;

  constructor(readonly local: Address, readonly remote: Address, protected readonly blocks: BlockPool) {
    this.keepRecv = (slot) => {
      this.recvSlot = slot;
    };
    this.keepSend = (slot) => {
      this.sendSlot = slot;
    };
  }

  // ---- hooks of the transport ----------------------------------------------------------------------------------

  /** Reads into `block[from, to)`: a count > 0, a code (IO_END, IO_RESET), or PENDING. */
  protected abstract readInto(block: Uint8Array<ArrayBuffer>, from: number, to: number): number;
  /** Writes some of `bytes[from, to)`: a count > 0, IO_RESET, or PENDING. */
  protected abstract writeFrom(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number;
  /** Sends FIN; no write is pending. */
  protected abstract finBelow(): void;
  /** Closes the transport, with RST when asked and possible. What is pending below settles soon. */
  protected abstract closeBelow(withReset: boolean): void;

  // ---- receiving -------------------------------------------------------------------------------------------------

  recv(have: number): number | Promise<number> {
    if (this.recvSlot !== null) throw new Error("recv: one is outstanding");
    if (this.closed) return IO_CLOSED;
    const result = this.fill(have);
    if (result !== PENDING) return result;
    this.recvHave = have;
    return new Promise(this.keepRecv);
  }

  consume(n: number): void {
    if (n > this.tail - this.head) throw new Error("consume: more than is unread");
    this.head += n;
    if (this.head === this.tail) this.dropBlock();
  }

  wakeRecv(code: number): boolean {
    return this.settleRecv(code);
  }

  /** Reads until more than `have` bytes are unread: their number, a code, or PENDING. */
  private fill(have: number): number {
    for (;;) {
      const unread = this.tail - this.head;
      if (unread > have) return unread;
      if (this.receiveEnd !== 0) return this.receiveEnd;
      if (this.lateResult !== 0) {
        this.took(this.lateResult);
        this.lateResult = 0;
        continue;
      }
      if (this.readBlock !== NO_BLOCK) return PENDING;
      const result = this.refill();
      if (result <= 0) return result;
    }
  }

  /** Gets more bytes: a count > 0 that were appended, a code, or PENDING. A transport that pushes overrides this. */
  protected refill(): number {
    const block = this.roomyBlock();
    if (block === NO_BLOCK) return IO_FULL;
    this.readBlock = block;
    this.readFrom = this.tail;
    const result = this.readInto(block, this.tail, block.length);
    if (result !== PENDING) this.took(result);
    return result;
  }

  /**
   * The block with room at `tail` to read into: compacted, grown or new. NO_BLOCK when a large block is full, and when one
   * that is lent has no room behind what it holds: nothing of it may move.
   */
  protected roomyBlock(): Uint8Array<ArrayBuffer> {
    const block = this.block;
    if (block === NO_BLOCK) return this.bulk ? this.blocks.take() : this.blocks.takeSmall();
    const room = block.length - this.tail;
    if (this.holds > 0 && block === this.lentBlock) return room > 0 ? block : NO_BLOCK;
    if (this.head > 0 && (room === 0 || this.head >= block.length >> 1)) {
      block.copyWithin(0, this.head, this.tail);
      this.tail -= this.head;
      this.head = 0;
      return block;
    }
    if (room > 0) return block;
    if (block.length >= this.blocks.size) return NO_BLOCK;
    const large = this.blocks.take();
    large.set(block);
    this.blocks.give(block);
    this.block = large;
    return large;
  }

  /** Accounts the answer of a read into `readBlock`. */
  private took(result: number): void {
    const block = this.readBlock;
    this.readBlock = NO_BLOCK;
    if (result > 0) {
      if (this.block === NO_BLOCK) this.head = this.readFrom;
      this.block = block;
      this.tail = this.readFrom + result;
      this.bulk = this.tail === block.length;
      return;
    }
    this.receiveEnd = result;
    if (block !== this.block) this.giveBack(block);
  }

  /** The pending read below is over, with a count > 0 or a code. */
  protected readSettled(result: number): void {
    if (this.closed) {
      this.dropReadBlock();
    } else if (this.recvSlot === null) {
      this.lateResult = result;
    } else {
      this.took(result);
      this.retryRecv();
    }
  }

  private dropReadBlock(): void {
    const block = this.readBlock;
    this.readBlock = NO_BLOCK;
    if (block !== this.block) this.giveBack(block);
  }

  /** Whether a recv() waits. */
  protected waiting(): boolean {
    return this.recvSlot !== null;
  }

  /** Something was received or the receiving ended: a waiting recv() may be satisfied. */
  protected retryRecv(): void {
    if (this.recvSlot === null) return;
    const result = this.fill(this.recvHave);
    if (result !== PENDING) this.settleRecv(result);
  }

  /** Nothing is unread any more: the block goes back, unless a read is pending on it. */
  private dropBlock(): void {
    if (this.block !== this.readBlock) this.giveBack(this.block);
    this.block = NO_BLOCK;
    this.head = 0;
    this.tail = 0;
  }

  hold(): void {
    if (this.holds++ === 0) this.lentBlock = this.block;
  }

  release(): void {
    if (--this.holds > 0) return;
    if (this.lentDone) this.blocks.give(this.lentBlock);
    this.lentDone = false;
    this.lentBlock = NO_BLOCK;
  }

  private giveBack(block: Uint8Array<ArrayBuffer>): void {
    if (block === this.lentBlock && this.holds > 0) this.lentDone = true;
    else this.blocks.give(block);
  }

  private settleRecv(result: number): boolean {
    const slot = this.recvSlot;
    if (slot === null) return false;
    this.recvSlot = null;
    slot(result);
    return true;
  }

  // ---- sending ---------------------------------------------------------------------------------------------------

  send(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number | Promise<number> {
    if (this.sendSlot !== null) throw new Error("send: one is outstanding");
    if (this.closed) return IO_CLOSED;
    if (this.sendEnd !== 0) return this.sendEnd;
    if (this.finWanted) throw new Error("send: after shutdown");
    this.sendBytes = bytes;
    this.sendFrom = from;
    this.sendAt = from;
    this.sendTo = to;
    const result = this.drain();
    return result !== PENDING || from === to ? result : new Promise(this.keepSend);
  }

  sendIdle(): number | Promise<number> {
    if (!this.writePending) return 0;
    return this.idle ??= new Promise((slot) => {
      this.idleSlot = slot;
    });
  }

  wakeSend(code: number): boolean {
    // What was sent ends in the middle of something: nothing may follow it.
    if (this.sendSlot !== null) this.sendEnd = IO_CLOSED;
    return this.settleSend(code);
  }

  /** Writes until all is taken: the number of bytes, a code, or PENDING. */
  private drain(): number {
    while (this.sendAt < this.sendTo) {
      const result = this.writeFrom(this.sendBytes, this.sendAt, this.sendTo);
      if (result === PENDING) {
        this.writePending = true;
        return PENDING;
      }
      if (result < 0) {
        this.sendEnd = result;
        this.sendBytes = NO_BLOCK;
        return result;
      }
      this.sendAt += result;
    }
    this.sendBytes = NO_BLOCK;
    return this.sendTo - this.sendFrom;
  }

  /** The pending write below is over, with a count > 0 or a code: the bytes are not borrowed any more. */
  protected writeSettled(result: number): void {
    this.writePending = false;
    if (this.sendSlot === null) {
      this.sendBytes = NO_BLOCK;
    } else if (result < 0) {
      this.sendEnd = result;
      this.sendBytes = NO_BLOCK;
      this.settleSend(result);
    } else {
      this.sendAt += result;
      const total = this.drain();
      if (total !== PENDING) this.settleSend(total);
    }
    if (this.writePending) return;
    const slot = this.idleSlot;
    this.idleSlot = null;
    this.idle = null;
    if (slot !== null) slot(0);
    if (this.finWanted) this.sendFin();
  }

  private settleSend(result: number): boolean {
    const slot = this.sendSlot;
    if (slot === null) return false;
    this.sendSlot = null;
    slot(result);
    return true;
  }

  // ---- ending ----------------------------------------------------------------------------------------------------

  shutdown(): void {
    this.finWanted = true;
    if (!this.writePending) this.sendFin();
  }

  private sendFin(): void {
    if (this.finSent || this.closed) return;
    this.finSent = true;
    this.finBelow();
  }

  close(): void {
    this.end(false);
  }

  reset(): void {
    this.end(true);
  }

  // ---- options ---------------------------------------------------------------------------------------------------

  setOptions(_options: SocketOptions): string {
    return NO_OPTIONS;
  }

  tcpInfo(): TcpInfo | null {
    return null;
  }

  private end(withReset: boolean): void {
    if (this.closed) return;
    this.closed = true;
    if (this.lateResult !== 0) this.dropReadBlock();
    this.dropBlock();
    // Before the transport is closed, which may settle what is pending with a code of its own.
    this.settleRecv(IO_CLOSED);
    this.settleSend(IO_CLOSED);
    this.closeBelow(withReset);
  }
}

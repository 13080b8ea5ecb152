// A connection of the handle layer.
//
// What is read arrives in one buffer of the thread and is copied to the connection's block while a recv() waits; so a
// connection that waits holds no block. What arrives while none waits is kept in a second block (`spill`) and stops the
// reading: a connection holds at most two blocks. Writes are tried at once.
import type { BlockPool } from "../../base/mod.ts";
import { NO_BLOCK, SMALL_BLOCK } from "../../base/mod.ts";
import { BufferedConn, PENDING } from "../buffered_conn.ts";
import { type Address, IO_END, IO_FULL, IO_RESET, type SocketOptions, type TcpInfo } from "../types.ts";
import type { DenoClock } from "./clock.ts";
import { type Handles, type Request, type StreamHandle, UV_EOF } from "./handles.ts";
import type { LazyLibc, Libc } from "./libc.ts";
import { readTcpInfo, setOptions } from "./socket_options.ts";

/** What the connections of a thread share. */
export class HandleThread {
  /** What is read arrives here; it is emptied before the callback ends. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** The request of the next write: one that was done at once can be used again. */
  spare: Request | null = null;

  constructor(
    readonly handles: Handles,
    readonly blocks: BlockPool,
    readonly clock: DenoClock,
    readonly libc: LazyLibc,
  ) {
    this.buffer = new Uint8Array(blocks.size);
  }
}

export class HandleConn extends BufferedConn {
  readonly #handle: StreamHandle;
  readonly #thread: HandleThread;
  #reading = false;
  #spill: Uint8Array<ArrayBuffer> = NO_BLOCK;
  #spillHead = 0;
  #spillTail = 0;

  constructor(handle: StreamHandle, local: Address, remote: Address, thread: HandleThread) {
    super(local, remote, thread.blocks);
    this.#handle = handle;
    this.#thread = thread;
    handle.owner = this;
    handle.onread = onread;
    handle.useUserBuffer(thread.buffer);
  }

  /** A duplicate of its descriptor, owned by the caller; negative when there is none. */
  duplicate(): number {
    return this.#handle.fdForIpc();
  }

  // ---- receiving -------------------------------------------------------------------------------------------------

  protected override refill(): number {
    if (this.#spill !== NO_BLOCK) return this.#takeSpill();
    if (this.tail - this.head === this.blocks.size) return IO_FULL;
    if (!this.#reading) {
      this.#reading = true;
      if (this.#handle.readStart() < 0) {
        this.receiveEnd = IO_RESET;
        return IO_RESET;
      }
    }
    return PENDING;
  }

  /** Appends what it can of the spill; with nothing unread the spill becomes the block. */
  #takeSpill(): number {
    const n = this.#spillTail - this.#spillHead;
    if (this.block === NO_BLOCK) {
      this.block = this.#spill;
      this.head = this.#spillHead;
      this.tail = this.#spillTail;
      this.#spill = NO_BLOCK;
      return n;
    }
    const taken = this.#append(this.#spill, this.#spillHead, this.#spillTail);
    if (taken === 0) return IO_FULL;
    this.#spillHead += taken;
    if (this.#spillHead === this.#spillTail) {
      this.blocks.give(this.#spill);
      this.#spill = NO_BLOCK;
    }
    return taken;
  }

  /** Copies to the end of the block as much as fits; answers how many bytes. */
  #append(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number {
    let at = from;
    while (at < to) {
      const block = this.block === NO_BLOCK ? this.#newBlock(to - at) : this.roomyBlock();
      if (block === NO_BLOCK) break;
      this.block = block;
      const n = Math.min(to - at, block.length - this.tail);
      copy(bytes, at, block, this.tail, n);
      this.tail += n;
      at += n;
    }
    return at - from;
  }

  #newBlock(length: number): Uint8Array<ArrayBuffer> {
    return length > SMALL_BLOCK ? this.blocks.take() : this.blocks.takeSmall();
  }

  /** The handle has read `n` bytes into the thread's buffer, or ended. */
  readDone(n: number): void {
    if (this.closed || n === 0) return;
    if (n < 0) {
      // The spill is empty: the reading goes on only while it is.
      this.receiveEnd = n === UV_EOF ? IO_END : IO_RESET;
      this.retryRecv();
      return;
    }
    const taken = this.waiting() ? this.#append(this.#thread.buffer, 0, n) : 0;
    if (taken < n) this.#keep(taken, n);
    if (taken > 0) this.retryRecv();
  }

  /** Keeps `buffer[from, to)` for the next recv(), and stops the reading until then. */
  #keep(from: number, to: number): void {
    this.#spill = this.#newBlock(to - from);
    this.#spillHead = 0;
    this.#spillTail = to - from;
    copy(this.#thread.buffer, from, this.#spill, 0, to - from);
    this.#reading = false;
    this.#handle.readStop();
  }

  protected override readInto(): number {
    throw new Error("a handle pushes what it reads");
  }

  // ---- sending ---------------------------------------------------------------------------------------------------

  protected override writeFrom(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number {
    const thread = this.#thread;
    const request = thread.spare ?? thread.handles.writeRequest();
    thread.spare = null;
    const view = from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
    if (this.#handle.writeBuffer(request, view) < 0) {
      thread.spare = request;
      return IO_RESET;
    }
    if (!thread.handles.lastWriteWaits()) {
      thread.spare = request;
      return to - from;
    }
    request.owner = this;
    request.bytes = view;
    request.oncomplete = onwritten;
    return PENDING;
  }

  /** A write that waited is over: all of it was taken, or it failed. */
  writeDone(request: Request, status: number): void {
    const length = request.bytes!.length;
    request.owner = null;
    request.bytes = null;
    this.#thread.clock.turned();
    this.writeSettled(status < 0 ? IO_RESET : length);
  }

  // ---- ending ----------------------------------------------------------------------------------------------------

  protected override finBelow(): void {
    const request = this.#thread.handles.shutdownRequest();
    request.oncomplete = nothing;
    this.#handle.shutdown(request);
  }

  protected override closeBelow(withReset: boolean): void {
    if (this.#spill !== NO_BLOCK) this.blocks.give(this.#spill);
    this.#spill = NO_BLOCK;
    // A handle that cannot be reset any more, as its peer is gone, is closed.
    const { reset } = this.#handle;
    if (withReset && reset !== undefined && reset.call(this.#handle) === 0) return;
    this.#handle.close();
  }

  // ---- options ---------------------------------------------------------------------------------------------------

  override setOptions(options: SocketOptions): string {
    const libc = this.#thread.libc.get();
    if (typeof libc === "string") return libc;
    const v6 = this.local.family === "ipv6";
    return this.#onDescriptor(libc, (fd) => setOptions(libc, fd, v6, options, false)) ?? "the connection is closed";
  }

  override tcpInfo(): TcpInfo | null {
    const libc = this.#thread.libc.get();
    return typeof libc === "string" ? null : this.#onDescriptor(libc, (fd) => readTcpInfo(libc, fd));
  }

  /** What `run` makes of a duplicate of the socket's descriptor: the handle does not tell its own. */
  #onDescriptor<T>(libc: Libc, run: (fd: number) => T): T | null {
    if (this.closed || this.local.family === "unix") return null;
    const fd = this.#handle.fdForIpc();
    if (fd < 0) return null;
    try {
      return run(fd);
    } finally {
      libc.close(fd);
    }
  }

  /** Reads are counted by the thread: the turn begins with the first of them. */
  turned(): void {
    this.#thread.clock.turned();
  }

  bytesRead(): number {
    return this.#thread.handles.bytesRead();
  }
}

// The callbacks are shared by all handles and find their connection in `owner`: no closure a connection.

function onread(this: StreamHandle): void {
  const conn = this.owner as HandleConn;
  conn.turned();
  conn.readDone(conn.bytesRead());
}

function onwritten(this: Request, status: number): void {
  (this.owner as HandleConn).writeDone(this, status);
}

function nothing(): void {}

/** Below this many bytes a loop beats making the view that `set` needs. */
const LOOP_BELOW = 64;

function copy(from: Uint8Array<ArrayBuffer>, at: number, to: Uint8Array<ArrayBuffer>, toAt: number, n: number): void {
  if (n >= LOOP_BELOW) {
    to.set(n === from.length ? from : from.subarray(at, at + n), toAt);
    return;
  }
  for (let i = 0; i < n; i++) to[toAt + i] = from[at + i];
}

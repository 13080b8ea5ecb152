// Listening sockets of the handle layer.
//
// Main holds a descriptor, no listening handle: that would take connections. A share is a duplicate of the descriptor,
// owned by the thread that adopts it; all shares take from one queue of the kernel.
//
// A listening handle takes all that waits in the kernel's queue when it wakes and calls back once for each; left alone
// with one that is not taken, it takes no more. So a listener keeps a few connections for the next accept(), leaves the
// rest, and is opened anew when accept() has caught up. That also mends a handle that ran out of descriptors, which says
// nothing and stops: listeners that have been quiet for a while are opened anew.
import { type Address, type Conn, IO_CLOSED, IO_NO_DESCRIPTOR, type Listener, type ListenToken } from "../types.ts";
import type { ListenSpec, OpenListener } from "../types.ts";
import type { DenoClock } from "./clock.ts";
import type { Handles, StreamHandle } from "./handles.ts";

/** Connections kept for the next accept(). */
const KEPT = 16;

/** How long a listener that waits may be quiet before it is opened anew. */
const QUIET_MS = 1000;

type Wrap = (handle: StreamHandle, listening: Address) => Conn;

/** Main's hold on a listening socket. */
export class HandleOpenListener implements OpenListener {
  readonly #handles: Handles;
  readonly #backlog: number;
  readonly #keepAlive: boolean;
  /** The descriptor, or -1 when `#holder` owns it or it is closed. */
  #fd: number;
  #holder: StreamHandle | null = null;

  constructor(
    handles: Handles,
    readonly address: Address,
    fd: number,
    { backlog, options }: Pick<ListenSpec, "backlog" | "options">,
  ) {
    this.#handles = handles;
    this.#backlog = backlog;
    this.#keepAlive = options?.keepAlive === true;
    this.#fd = fd;
  }

  // Only a handle can duplicate, and closes what it has opened: the descriptor passes through one for each share.
  share(): ListenToken | string {
    if (this.#fd < 0 && this.#holder === null) return "the listening socket is closed";
    const handle = this.#holder ?? this.#opened();
    const kept = handle.fdForIpc();
    if (kept < 0) {
      // It owns the only descriptor: it stays open until there is one for a duplicate.
      this.#holder = handle;
      return "Too many open files";
    }
    const shared = handle.fdForIpc();
    this.#fd = kept;
    this.#holder = null;
    handle.close();
    if (shared < 0) return "Too many open files";
    return { address: this.address, backend: { fd: shared, backlog: this.#backlog, keepAlive: this.#keepAlive } };
  }

  /** A handle that owns the descriptor. */
  #opened(): StreamHandle {
    const handle = this.#handles.server(this.address.family === "unix");
    handle.open(this.#fd);
    this.#fd = -1;
    return handle;
  }

  close(): void {
    if (this.#fd >= 0) this.#opened().close();
    this.#holder?.close();
    this.#holder = null;
  }
}

/** The listeners of one thread. */
export class HandleListeners {
  readonly handles: Handles;
  readonly clock: DenoClock;
  readonly wrap: Wrap;
  readonly #open = new Set<HandleListener>();
  #watch: ReturnType<typeof setInterval> | undefined = undefined;

  constructor(handles: Handles, clock: DenoClock, wrap: Wrap) {
    this.handles = handles;
    this.clock = clock;
    this.wrap = wrap;
  }

  adopt(token: ListenToken): Listener | string {
    const { fd, backlog, keepAlive } = token.backend as { fd: number; backlog: number; keepAlive: boolean };
    const listener = new HandleListener(this, token.address, backlog, keepAlive);
    const status = listener.listen(fd);
    if (status < 0) return `error ${-status}`;
    this.#open.add(listener);
    if (this.#watch === undefined) {
      const watch = setInterval(() => this.#lookAtQuiet(), QUIET_MS);
      Deno.unrefTimer(watch);
      this.#watch = watch;
    }
    return listener;
  }

  closed(listener: HandleListener): void {
    this.#open.delete(listener);
    if (this.#open.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #lookAtQuiet(): void {
    this.clock.turned();
    for (const listener of this.#open) listener.lookIfQuiet();
  }
}

class HandleListener implements Listener {
  readonly #all: HandleListeners;
  readonly #backlog: number;
  readonly #keepAlive: boolean;
  #handle: StreamHandle;
  #slot: ((result: Conn | number) => void) | null = null;
  readonly #keepSlot: (slot: (result: Conn | number) => void) => void;
  /** Connections taken and waiting for accept(). */
  readonly #kept: StreamHandle[] = [];
  /** The handle holds connections that were not taken. */
  #left = false;
  #quiet = false;
  #closed = false;

  constructor(all: HandleListeners, readonly address: Address, backlog: number, keepAlive: boolean) {
    this.#all = all;
    this.#backlog = backlog;
    this.#keepAlive = keepAlive;
    this.#handle = this.#newHandle();
    this.#keepSlot = (slot) => {
      this.#slot = slot;
    };
  }

  #newHandle(): StreamHandle {
    const handle = this.#all.handles.server(this.address.family === "unix");
    handle.owner = this;
    handle.onconnection = onconnection;
    return handle;
  }

  listen(fd: number): number {
    const handle = this.#handle;
    const status = handle.open(fd);
    if (status < 0) return status;
    // Connections have the options of the socket they are taken from.
    handle.setNoDelay?.(true);
    if (this.#keepAlive) handle.setKeepAlive?.(true, 0);
    return handle.listen(this.#backlog);
  }

  accept(): Conn | number | Promise<Conn | number> {
    if (this.#slot !== null) throw new Error("accept: one is outstanding");
    const kept = this.#kept.shift() ?? (this.#left ? this.#take() : null);
    if (kept !== null) return this.#all.wrap(kept, this.address);
    if (this.#closed) return IO_CLOSED;
    if (this.#left) this.#openAnew();
    return new Promise(this.#keepSlot);
  }

  /** The handle has taken a connection. */
  connection(): void {
    this.#all.clock.turned();
    this.#quiet = false;
    if (this.#slot === null && this.#kept.length >= KEPT) {
      this.#left = true;
      return;
    }
    const handle = this.#take();
    if (handle === null) return;
    if (this.#slot === null) this.#kept.push(handle);
    else this.#settle(this.#all.wrap(handle, this.address));
  }

  #take(): StreamHandle | null {
    const handle = this.#all.handles.socket(this.address.family === "unix");
    return this.#handle.accept(handle) === 0 ? handle : null;
  }

  /** Replaces the handle by one on a duplicate of its descriptor; false when there is no descriptor for it. */
  #openAnew(): boolean {
    const fd = this.#handle.fdForIpc();
    if (fd < 0) return false;
    this.#handle.close();
    this.#handle = this.#newHandle();
    this.#left = false;
    return this.listen(fd) === 0;
  }

  lookIfQuiet(): void {
    if (this.#slot !== null && this.#quiet && !this.#openAnew()) this.#settle(IO_NO_DESCRIPTOR);
    this.#quiet = true;
  }

  finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The handle would drop what it has taken from the kernel and nobody has taken from it.
    for (let count = 0; this.#left && count < this.#backlog; count++) {
      const handle = this.#take();
      if (handle === null) break;
      this.#kept.push(handle);
    }
    this.#left = false;
    this.#handle.close();
    this.#all.closed(this);
    this.#settle(IO_CLOSED);
  }

  close(): void {
    this.finish();
    for (const handle of this.#kept) handle.close();
    this.#kept.length = 0;
  }

  #settle(result: Conn | number): void {
    const slot = this.#slot;
    this.#slot = null;
    if (slot !== null) slot(result);
  }
}

function onconnection(this: StreamHandle, status: number): void {
  if (status >= 0) (this.owner as HandleListener).connection();
}

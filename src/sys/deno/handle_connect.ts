// A connect under way on native handles. The handle makes its socket itself and knows of few options: a socket with others
// is made by hand, connected, and given to a handle then.
import type { Address, Conn, Connecting, ConnectSpec, SocketOptions } from "../types.ts";
import type { ConnectWatch } from "./connect_watch.ts";
import { connectCode, connectCodeOf } from "./errors.ts";
import type { HandleThread } from "./handle_conn.ts";
import type { Request, StreamHandle } from "./handles.ts";
import type { Libc } from "./libc.ts";
import { ALREADY, CONNECTED, IN_PROGRESS, makeSocket, sockaddr } from "./socket_options.ts";
import { bindInet, wrapConnected } from "./handle_wrap.ts";

type Slot = (result: Conn | number) => void;

export class HandleConnecting implements Connecting {
  readonly done: number | Promise<Conn | number>;
  readonly #spec: ConnectSpec;
  readonly #thread: HandleThread;
  readonly #handle: StreamHandle;
  #slot: Slot | null = null;

  constructor(spec: ConnectSpec, thread: HandleThread) {
    this.#spec = spec;
    this.#thread = thread;
    this.#handle = thread.handles.socket(spec.remote.family === "unix");
    const code = this.#start(spec);
    if (code < 0) this.#handle.close();
    this.done = code < 0 ? code : new Promise((slot) => {
      this.#slot = slot;
    });
  }

  /** 0 when the connect is under way, or a code. */
  #start({ remote, local }: ConnectSpec): number {
    const { handles } = this.#thread;
    const request = handles.connectRequest(remote.family === "unix");
    request.owner = this;
    request.oncomplete = onconnected;
    try {
      const bound = local === undefined || local.family === "unix" ? 0 : bindInet(this.#handle, local);
      const status = bound || start(this.#handle, request, remote);
      return status === 0 ? 0 : connectCodeOf(status);
    } catch (error) {
      return connectCode(error);
    }
  }

  connected(status: number): void {
    this.#thread.clock.turned();
    const slot = this.#slot;
    if (slot === null) return;
    this.#slot = null;
    if (status < 0) {
      this.#handle.close();
      return slot(connectCodeOf(status));
    }
    if (this.#spec.options?.keepAlive) this.#handle.setKeepAlive?.(true, 0);
    slot(wrapConnected(this.#handle, this.#spec.remote, this.#thread));
  }

  wake(code: number): boolean {
    const slot = this.#slot;
    if (slot === null) return false;
    this.#slot = null;
    this.#handle.close();
    slot(code);
    return true;
  }
}

function start(handle: StreamHandle, request: Request, remote: Address): number {
  if (remote.family === "unix") return handle.connect(request, remote.path);
  return remote.family === "ipv6"
    ? handle.connect6!(request, remote.host, remote.port)
    : handle.connect(request, remote.host, remote.port);
}

function onconnected(this: Request, status: number): void {
  (this.owner as HandleConnecting).connected(status);
}

/** A connect of a socket that is made by hand for its options. */
export class OptionsConnecting implements Connecting {
  readonly done: Conn | number | Promise<Conn | number>;
  readonly #remote: Address & { family: "ipv4" | "ipv6" };
  readonly #thread: HandleThread;
  readonly #libc: Libc;
  readonly #watch: ConnectWatch;
  readonly #to: Uint8Array<ArrayBuffer>;
  readonly #fd: number;
  #slot: Slot | null = null;

  constructor(
    spec: { remote: Address & { family: "ipv4" | "ipv6" }; local?: Address; options: SocketOptions },
    thread: HandleThread,
    libc: Libc,
    watch: ConnectWatch,
  ) {
    const { remote, local, options } = spec;
    this.#remote = remote;
    this.#thread = thread;
    this.#libc = libc;
    this.#watch = watch;
    this.#to = sockaddr(remote);
    const made = makeSocket(libc, { family: remote.family, local, options, listening: false });
    this.#fd = typeof made === "number" ? made : -1;
    this.done = typeof made === "number" ? this.#connect(libc.connect(made, this.#to)) : connectCodeOf(made.status);
  }

  /** `status`: what the last connect() said. The next one tells whether it is over. */
  #connect(status: number): Conn | number | Promise<Conn | number> {
    const now = status === IN_PROGRESS || status === ALREADY ? this.#libc.connect(this.#fd, this.#to) : status;
    if (now === 0 || now === CONNECTED) return this.#wrap();
    const failed = now === ALREADY ? this.#watch.add(this.#fd, () => this.#ready()) : now;
    if (failed < 0) {
      this.#libc.close(this.#fd);
      return connectCodeOf(failed);
    }
    return new Promise((slot) => {
      this.#slot = slot;
    });
  }

  #ready(): void {
    const slot = this.#slot;
    if (slot === null) return;
    this.#slot = null;
    const result = this.#connect(ALREADY);
    if (result instanceof Promise) result.then(slot);
    else slot(result);
  }

  #wrap(): Conn | number {
    const handle = this.#thread.handles.socket(false);
    const status = handle.open(this.#fd);
    if (status === 0) return wrapConnected(handle, this.#remote, this.#thread);
    this.#libc.close(this.#fd);
    handle.close();
    return connectCodeOf(status);
  }

  wake(code: number): boolean {
    const slot = this.#slot;
    if (slot === null) return false;
    this.#slot = null;
    this.#watch.remove(this.#fd);
    this.#libc.close(this.#fd);
    slot(code);
    return true;
  }
}

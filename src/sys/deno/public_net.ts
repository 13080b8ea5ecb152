// Listening and connecting on the runtime's documented API.
//
// A TCP listening socket is shared between threads by the option `loadBalanced`, which gives every thread of the process
// a duplicate of one socket. A unix listening socket cannot be shared on this API: each share binds the path anew, so
// the thread that adopted last serves it; an abstract one is bound by one thread only.
import { type BlockPool } from "../../base/mod.ts";
import {
  type Address,
  type Conn,
  type Connecting,
  type ConnectSpec,
  IO_CLOSED,
  IO_DENIED,
  type Listener,
  type ListenSpec,
  type ListenToken,
  type OpenListener,
} from "../types.ts";
import { addressOf, unixAddress } from "./address.ts";
import type { DenoClock } from "./clock.ts";
import { acceptCode, connectCode, reasonOf } from "./errors.ts";
import { NO_OPTIONS } from "../buffered_conn.ts";
import { PublicConn } from "./public_conn.ts";
import { needsLibc } from "./socket_options.ts";
import { bindUnixPath, isAbstract, type PathRights } from "./unix_path.ts";

type InetAddress = Exclude<Address, { family: "unix" }>;
type DenoListener = Deno.Listener<Deno.Conn>;

/** The stream part of Net on documented API. */
export class PublicStreams {
  constructor(readonly blocks: BlockPool, readonly clock: DenoClock) {}

  open(spec: ListenSpec): OpenListener | string {
    if (spec.descriptor !== undefined) return "a given descriptor needs the handle layer";
    if (needsLibc(spec.options)) return NO_OPTIONS;
    if (spec.reusePort) return "several sockets of one address need the native handles (--io handles)";
    const free = spec.address.family === "unix" ? spec.address : freeAddress(spec.address, spec.backlog);
    if (typeof free === "string") return free;
    const listener = listen(free, spec.backlog, spec);
    if (typeof listener === "string") return listener;
    return new PublicOpenListener(free, listener, spec);
  }

  give(): string {
    return "listening sockets are given away by the handle layer only";
  }

  adopt(token: ListenToken): Listener | string {
    const { backlog, keepAlive, mode, uid, gid } = token.backend as Record<string, number> & { keepAlive: boolean };
    const listener = listen(token.address, backlog, { mode: given(mode), uid: given(uid), gid: given(gid) });
    return typeof listener === "string" ? listener : new PublicListener(token.address, listener, keepAlive, this);
  }

  connect(spec: ConnectSpec): Connecting {
    return new PublicConnecting(spec, this);
  }

  pair(): null {
    return null;
  }

  optionsUsable(): string {
    return NO_OPTIONS;
  }

  /** A connection of ours; `local` or `remote` of a unix socket is the path where the runtime does not know it. */
  wrap(conn: Deno.Conn, listening: Address | null, remote: Address | null, keepAlive: boolean): Conn {
    const local = listening?.family === "unix" ? listening : addressOf(conn.localAddr);
    if (local.family !== "unix") {
      (conn as Deno.TcpConn).setNoDelay(true);
      if (keepAlive) (conn as Deno.TcpConn).setKeepAlive(true);
    }
    return new PublicConn(conn, local, remote ?? addressOf(conn.remoteAddr), this.blocks, this.clock);
  }
}

/** A number of a token: -1 is "not given". */
function given(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

/** Opens a listening socket; a string is the reason why not. */
function listen(address: Address, backlog: number, rights: PathRights): DenoListener | string {
  let listener: DenoListener | undefined;
  try {
    if (address.family !== "unix") {
      const options = { hostname: address.host, port: address.port, tcpBacklog: backlog, loadBalanced: true };
      return Deno.listen(options);
    }
    const reason = bindUnixPath(address.path, rights, (path) => {
      listener = Deno.listen({ transport: "unix", path });
      return "";
    });
    if (reason === "") return listener!;
    listener?.close();
    return reason;
  } catch (error) {
    listener?.close();
    return reasonOf(error);
  }
}

/**
 * The address with its port, when nothing listens on it. The shared socket does not tell: opening it twice in a process
 * gives the same socket, also for port 0. So an ordinary one is opened first.
 */
function freeAddress(address: InetAddress, backlog: number): Address | string {
  try {
    const probe = Deno.listen({ hostname: address.host, port: address.port, tcpBacklog: backlog });
    const found = addressOf(probe.addr);
    probe.close();
    return found;
  } catch (error) {
    return reasonOf(error);
  }
}

class PublicOpenListener implements OpenListener {
  readonly #listener: DenoListener;
  readonly #spec: ListenSpec;
  #open = true;

  constructor(readonly address: Address, listener: DenoListener, spec: ListenSpec) {
    this.#listener = listener;
    this.#spec = spec;
  }

  share(): ListenToken | string {
    if (this.address.family === "unix" && isAbstract(this.address.path)) this.close();
    const { backlog, mode = -1, uid = -1, gid = -1, options } = this.#spec;
    return { address: this.address, backend: { backlog, mode, uid, gid, keepAlive: options?.keepAlive === true } };
  }

  close(): void {
    if (this.#open) this.#listener.close();
    this.#open = false;
  }
}

class PublicListener implements Listener {
  readonly #listener: DenoListener;
  readonly #keepAlive: boolean;
  readonly #streams: PublicStreams;
  #open = true;

  constructor(readonly address: Address, listener: DenoListener, keepAlive: boolean, streams: PublicStreams) {
    this.#listener = listener;
    this.#keepAlive = keepAlive;
    this.#streams = streams;
  }

  async accept(): Promise<Conn | number> {
    if (!this.#open) return IO_CLOSED;
    try {
      const conn = await this.#listener.accept();
      this.#streams.clock.turned();
      return this.#streams.wrap(conn, this.address, null, this.#keepAlive);
    } catch (error) {
      this.#streams.clock.turned();
      return this.#open ? acceptCode(error) : IO_CLOSED;
    }
  }

  finish(): void {
    this.close();
  }

  close(): void {
    if (this.#open) this.#listener.close();
    this.#open = false;
  }
}

/** A connect under way. The attempt is aborted when woken: a server that does not answer must not keep a descriptor. */
class PublicConnecting implements Connecting {
  readonly done: number | Promise<Conn | number>;
  readonly #abort = new AbortController();
  #slot: ((result: Conn | number) => void) | null = null;

  constructor(spec: ConnectSpec, streams: PublicStreams) {
    if (spec.local !== undefined || needsLibc(spec.options)) {
      this.done = IO_DENIED;
      return;
    }
    this.done = new Promise((slot) => {
      this.#slot = slot;
    });
    this.#start(spec, streams);
  }

  async #start({ remote, options }: ConnectSpec, streams: PublicStreams): Promise<void> {
    try {
      const keepAlive = options?.keepAlive === true;
      const signal = this.#abort.signal;
      const conn: Deno.Conn = await (remote.family === "unix"
        ? Deno.connect({ transport: "unix", path: remote.path, signal } as Deno.UnixConnectOptions)
        : Deno.connect({ hostname: remote.host, port: remote.port, signal }));
      streams.clock.turned();
      if (this.#slot === null) {
        conn.close();
      } else {
        this.#settle(streams.wrap(conn, null, remote.family === "unix" ? unixAddress(remote.path) : null, keepAlive));
      }
    } catch (error) {
      streams.clock.turned();
      this.#settle(connectCode(error));
    }
  }

  wake(code: number): boolean {
    if (!this.#settle(code)) return false;
    this.#abort.abort();
    return true;
  }

  #settle(result: Conn | number): boolean {
    const slot = this.#slot;
    if (slot === null) return false;
    this.#slot = null;
    slot(result);
    return true;
  }
}

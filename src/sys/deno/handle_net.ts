// Listening and connecting on native handles.
import type { BlockPool } from "../../base/mod.ts";
import {
  type Address,
  type Conn,
  type Connecting,
  type ConnectSpec,
  type Listener,
  type ListenSpec,
  type ListenToken,
  type OpenListener,
} from "../types.ts";
import { inetAddress } from "./address.ts";
import type { DenoClock } from "./clock.ts";
import { connectCode, connectCodeOf, EADDRINUSE, reasonOf } from "./errors.ts";
import { HandleConn, HandleThread } from "./handle_conn.ts";
import { HandleListeners, HandleOpenListener } from "./handle_listener.ts";
import type { Handles, Request, SocketName, StreamHandle } from "./handles.ts";
import { bindUnixPath } from "./unix_path.ts";

/** The stream part of Net on native handles. */
export class HandleStreams {
  readonly #handles: Handles;
  readonly #thread: HandleThread;
  readonly #listeners: HandleListeners;

  constructor(handles: Handles, blocks: BlockPool, clock: DenoClock) {
    this.#handles = handles;
    this.#thread = new HandleThread(handles, blocks, clock);
    this.#listeners = new HandleListeners(handles, clock, (handle, at) => wrap(handle, at, null, this.#thread));
  }

  open(spec: ListenSpec): OpenListener | string {
    const unix = spec.address.family === "unix";
    const handle = this.#handles.server(unix);
    try {
      const reason = spec.descriptor === undefined
        ? bind(handle, spec)
        : numberReason(handle.open(spec.descriptor), spec.address);
      if (reason !== "") return reason;
      // The listening handle would take connections: only the descriptor is kept.
      const fd = handle.fdForIpc();
      if (fd < 0) return "Too many open files";
      return new HandleOpenListener(this.#handles, unix ? spec.address : localName(handle), fd, spec.backlog);
    } catch (error) {
      return reasonOf(error);
    } finally {
      handle.close();
    }
  }

  adopt(token: ListenToken): Listener | string {
    return this.#listeners.adopt(token);
  }

  connect(spec: ConnectSpec): Connecting {
    return new HandleConnecting(spec, this.#thread);
  }
}

/** Binds and listens; answers a reason or "". */
function bind(handle: StreamHandle, spec: ListenSpec): string {
  const { address, backlog } = spec;
  if (address.family === "unix") {
    return bindUnixPath(address.path, spec.mode, (path) => {
      return numberReason(handle.bind(path) || handle.listen(backlog), address);
    });
  }
  return numberReason(bindInet(handle, address) || handle.listen(backlog), address);
}

function bindInet(handle: StreamHandle, address: Address & { family: "ipv4" | "ipv6" }): number {
  const { family, host, port } = address;
  return family === "ipv6" ? handle.bind6!(host, port, 0) : handle.bind(host, port);
}

/** Why an address could not be listened on. The handles tell few faults apart, the public API all. */
function numberReason(status: number, address: Address): string {
  if (status === 0) return "";
  if (status === EADDRINUSE) return "Address already in use";
  try {
    if (address.family === "unix") return status === -2 ? "No such file or directory" : `error ${-status}`;
    Deno.listen({ hostname: address.host, port: address.port }).close();
    return `error ${-status}`;
  } catch (error) {
    return reasonOf(error);
  }
}

/** The address a TCP handle is bound to. */
function localName(handle: StreamHandle): Address {
  const name: SocketName = {};
  handle.getsockname!(name);
  return inetAddress(name.address ?? "", name.port ?? 0);
}

function remoteName(handle: StreamHandle): Address {
  const name: SocketName = {};
  handle.getpeername!(name);
  return inetAddress(name.address ?? "", name.port ?? 0);
}

/** The client of a unix socket. */
const UNNAMED: Address = { family: "unix", path: "" };

/** A connection over a connected handle; `listening` is the socket that took it, `remote` the one that was asked for. */
function wrap(handle: StreamHandle, listening: Address | null, remote: Address | null, thread: HandleThread): Conn {
  const unix = (listening ?? remote)!.family === "unix";
  if (unix) return new HandleConn(handle, listening ?? UNNAMED, remote ?? UNNAMED, thread);
  handle.setNoDelay!(true);
  const local = listening !== null && !isWildcard(listening) ? listening : localName(handle);
  return new HandleConn(handle, local, remote ?? remoteName(handle), thread);
}

/** Whether connections to a listening address may come in at several. */
function isWildcard(address: Address): boolean {
  return address.family !== "unix" && (address.host === "0.0.0.0" || address.host === "::");
}

class HandleConnecting implements Connecting {
  readonly done: number | Promise<Conn | number>;
  readonly #remote: Address;
  readonly #thread: HandleThread;
  readonly #handle: StreamHandle;
  #slot: ((result: Conn | number) => void) | null = null;

  constructor(spec: ConnectSpec, thread: HandleThread) {
    this.#remote = spec.remote;
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
    if (status === 0) return slot(wrap(this.#handle, null, this.#remote, this.#thread));
    this.#handle.close();
    slot(connectCodeOf(status));
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

// Listening and connecting on native handles.
import type { BlockPool } from "../../base/mod.ts";
import {
  type Address,
  type Conn,
  type Connecting,
  type ConnectSpec,
  IO_DENIED,
  type Listener,
  type ListenSpec,
  type ListenToken,
  type OpenListener,
  type SocketOptions,
} from "../types.ts";
import type { DenoClock } from "./clock.ts";
import { ConnectWatch } from "./connect_watch.ts";
import { EADDRINUSE, EINVAL, reasonOf } from "./errors.ts";
import { HandleConn, HandleThread } from "./handle_conn.ts";
import { sendDescriptor } from "./descriptors.ts";
import { HandleConnecting, OptionsConnecting } from "./handle_connect.ts";
import { HandleListeners, HandleOpenListener } from "./handle_listener.ts";
import type { Handles, StreamHandle } from "./handles.ts";
import { bindInet, localName, UNNAMED, wrapAccepted } from "./handle_wrap.ts";
import type { LazyLibc } from "./libc.ts";
import { makeSocket, needsLibc, systemReason } from "./socket_options.ts";
import type { DescriptorPair } from "./turn.ts";
import { bindUnixPath } from "./unix_path.ts";

type InetAddress = Address & { family: "ipv4" | "ipv6" };

/** The stream part of Net on native handles. */
export class HandleStreams {
  readonly #handles: Handles;
  readonly #thread: HandleThread;
  readonly #listeners: HandleListeners;
  #watch: ConnectWatch | null = null;

  constructor(handles: Handles, blocks: BlockPool, clock: DenoClock, libc: LazyLibc) {
    this.#handles = handles;
    this.#thread = new HandleThread(handles, blocks, clock, libc);
    this.#listeners = new HandleListeners(handles, clock, (handle, at) => wrapAccepted(handle, at, this.#thread));
  }

  open(spec: ListenSpec): OpenListener | string {
    if (spec.descriptor !== undefined) return this.#openGiven(spec.descriptor, spec);
    const { address, options } = spec;
    const handle = this.#handles.server(address.family === "unix");
    try {
      const reason = address.family === "unix"
        ? bindUnixPath(
          address.path,
          spec,
          (path) => numberReason(handle.bind(path) || handle.listen(spec.backlog), spec),
        )
        : needsLibc(options)
        ? this.#bindWithOptions(handle, address, spec, options)
        : numberReason(bindInet(handle, address, spec.reusePort) || handle.listen(spec.backlog), spec);
      return reason === "" ? this.#keep(handle, spec) : reason;
    } catch (error) {
      return reasonOf(error);
    } finally {
      handle.close();
    }
  }

  /** A socket made by hand, bound and listening behind `handle`. A reason, or "". */
  #bindWithOptions(handle: StreamHandle, local: InetAddress, spec: ListenSpec, options: SocketOptions): string {
    const libc = this.#thread.libc.get();
    if (typeof libc === "string") return libc;
    const { family } = local;
    const fd = makeSocket(libc, { family, local, options, listening: true, reusePort: spec.reusePort });
    if (typeof fd !== "number") return fd.reason;
    const opened = handle.open(fd);
    if (opened < 0) libc.close(fd);
    const status = opened || handle.listen(spec.backlog);
    return status < 0 ? systemReason(status) : "";
  }

  /** A listening socket that somebody else has opened: TCP, or else a unix socket, whose path nobody tells. */
  #openGiven(fd: number, spec: ListenSpec): OpenListener | string {
    const tcp = this.#handles.server(false);
    const status = tcp.open(fd);
    const handle = status === EINVAL ? this.#handles.server(true) : tcp;
    try {
      const opened = status === EINVAL ? handle.open(fd) : status;
      return opened < 0 ? systemReason(opened) : this.#keep(handle, spec);
    } finally {
      tcp.close();
      if (handle !== tcp) handle.close();
    }
  }

  /** The listening handle would take connections: only the descriptor is kept. */
  #keep(handle: StreamHandle, spec: ListenSpec): OpenListener | string {
    const fd = handle.fdForIpc();
    if (fd < 0) return "Too many open files";
    const address = handle.getsockname === undefined ? null : localName(handle);
    const unix = spec.address.family === "unix" ? spec.address : { family: "unix", path: "" } as const;
    return new HandleOpenListener(this.#handles, address ?? unix, fd, spec);
  }

  adopt(token: ListenToken): Listener | string {
    return this.#listeners.adopt(token);
  }

  pair([near, far]: DescriptorPair): [Conn, Conn] {
    return [this.#adoptUnix(near), this.#adoptUnix(far)];
  }

  #adoptUnix(fd: number): Conn {
    const handle = this.#handles.socket(true);
    handle.open(fd);
    return wrapAccepted(handle, UNNAMED, this.#thread);
  }

  connect(spec: ConnectSpec): Connecting {
    const { remote, local, options } = spec;
    if (remote.family === "unix" || !needsLibc(options)) return new HandleConnecting(spec, this.#thread);
    const libc = this.#thread.libc.get();
    if (typeof libc === "string") return { done: IO_DENIED, wake: () => false };
    this.#watch ??= new ConnectWatch(libc, () => this.#thread.clock.turned());
    return new OptionsConnecting({ remote, local, options }, this.#thread, libc, this.#watch);
  }

  give(conn: Conn, sockets: ReadonlyMap<string, OpenListener>): string {
    const libc = this.#thread.libc.get();
    if (typeof libc === "string") return libc;
    const socket = conn instanceof HandleConn ? conn.duplicate() : -1;
    if (socket < 0) return "the connection has no descriptor";
    try {
      for (const [name, listener] of sockets) {
        const share = listener.share();
        // It was closed meanwhile: who asks has to do without.
        if (typeof share === "string") continue;
        const { fd } = share.backend as { fd: number };
        const reason = sendDescriptor(libc, socket, name, fd);
        libc.close(fd);
        if (reason !== "") return reason;
      }
      return "";
    } finally {
      libc.close(socket);
    }
  }

  optionsUsable(): string {
    const libc = this.#thread.libc.get();
    return typeof libc === "string" ? libc : "";
  }
}

/** Why an address could not be listened on. The handles tell few faults apart, the public API all. */
function numberReason(status: number, { address }: ListenSpec): string {
  if (status === 0) return "";
  if (status === EADDRINUSE) return "Address already in use";
  try {
    if (address.family === "unix") return systemReason(status);
    Deno.listen({ hostname: address.host, port: address.port }).close();
    return systemReason(status);
  } catch (error) {
    return reasonOf(error);
  }
}

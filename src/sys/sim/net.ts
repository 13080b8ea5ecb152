// The simulated network: who listens where, how connections come about.
import {
  type Address,
  type Conn,
  type Connecting,
  type ConnectSpec,
  type Datagram,
  IO_NO_DESCRIPTOR,
  IO_REFUSED,
  type Listener,
  type ListenSpec,
  type ListenToken,
  type Net,
  type OpenListener,
} from "../types.ts";
import { canonical, formatAddress, listenKeys, localFor, mapped } from "./address.ts";
import { SimConn } from "./conn.ts";
import type { SimCore } from "./core.ts";
import { DatagramNet, SimDatagram } from "./datagram.ts";
import { ListenSocket, SimOpenListener } from "./listen.ts";
import { Pipe } from "./pipe.ts";
import type { SimThread } from "./thread.ts";

/** After how long a connect tries again when the listener's queue was full. */
const RETRY_MS = 1000;
/** Ports given to listeners that ask for 0, and to clients. */
const FIRST_LISTEN_PORT = 20000;
const FIRST_CLIENT_PORT = 32768;
const LAST_PORT = 65535;

/** What all threads share of the network. */
export class Network {
  readonly datagrams = new DatagramNet();
  /** Addresses that never answer a connect, as formatAddress() writes them. */
  readonly blackholes = new Set<string>();
  /** Connects that were asked for. */
  readonly connects: ConnectSpec[] = [];
  /** What optionsUsable() answers. */
  optionsUsable = "";
  readonly #core: SimCore;
  /** Listening sockets by address, several where each lets others be; by their number. */
  readonly #listening = new Map<string, readonly ListenSocket[]>();
  readonly #sockets = new Map<number, ListenSocket>();
  #nextSocket = 1;
  #nextListenPort = FIRST_LISTEN_PORT;
  #nextClientPort = FIRST_CLIENT_PORT;

  constructor(core: SimCore) {
    this.#core = core;
  }

  listen(spec: ListenSpec): { socket: ListenSocket; number: number } | string {
    let address = canonical(spec.address);
    if (address.family !== "unix" && address.port === 0) address = { ...address, port: this.#nextListenPort++ };
    const key = formatAddress(address);
    const same = this.#listening.get(key) ?? [];
    const joins = spec.reusePort === true && same.every((socket) => socket.spec.reusePort === true);
    const isFile = address.family === "unix" && !address.path.startsWith("\0");
    if (same.length > 0 && !isFile && !joins) return "Address already in use";
    const number = this.#nextSocket++;
    const socket = new ListenSocket(this.#core, address, spec, (closed) => {
      const left = (this.#listening.get(key) ?? []).filter((other) => other !== closed);
      if (left.length > 0) this.#listening.set(key, left);
      else this.#listening.delete(key);
      this.#sockets.delete(number);
    });
    this.#listening.set(key, joins ? [...same, socket] : [socket]);
    this.#sockets.set(number, socket);
    return { socket, number };
  }

  socket(number: number): ListenSocket | undefined {
    return this.#sockets.get(number);
  }

  listenerFor(remote: Address): ListenSocket | undefined {
    for (const key of listenKeys(remote)) {
      const sockets = this.#listening.get(key) ?? [];
      const socket = sockets.length > 1 ? this.#core.prng.pick(sockets) : sockets[0];
      if (socket === undefined) continue;
      const onlyV6 = socket.spec.options?.v6only === true && remote.family === "ipv4";
      if (!onlyV6) return socket;
    }
    return undefined;
  }

  /** What the sockets that listen on an address were asked to be. */
  specsOf(address: Address): ListenSpec[] {
    return (this.#listening.get(formatAddress(canonical(address))) ?? []).map((socket) => socket.spec);
  }

  clientPort(): number {
    const port = this.#nextClientPort;
    this.#nextClientPort = port === LAST_PORT ? FIRST_CLIENT_PORT : port + 1;
    return port;
  }
}

/** The network as one thread sees it. */
export class SimNet implements Net {
  readonly #thread: SimThread;
  readonly #network: Network;

  constructor(thread: SimThread, network: Network) {
    this.#thread = thread;
    this.#network = network;
  }

  open(spec: ListenSpec): OpenListener | string {
    if (spec.descriptor !== undefined) return "the simulated network has no descriptors";
    const opened = this.#network.listen(spec);
    if (typeof opened === "string") return opened;
    return new SimOpenListener(this.#thread, opened.socket, opened.number);
  }

  adopt(token: ListenToken): Listener | string {
    const socket = this.#network.socket(Number(token.backend.socket));
    if (socket === undefined) return "the listening socket is closed";
    return socket.adopt(Number(token.backend.share), this.#thread) ?? "the share was adopted before";
  }

  connect(spec: ConnectSpec): Connecting {
    const { core } = this.#thread;
    this.#network.connects.push(spec);
    if (core.chance(core.faults.noDescriptor)) return { done: IO_NO_DESCRIPTOR, wake: () => false };
    return new SimConnecting(this.#thread, this.#network, spec);
  }

  optionsUsable(): string {
    return this.#network.optionsUsable;
  }

  give(): string {
    return "there are no other processes here";
  }

  datagram(family: "ipv4" | "ipv6" | "unix", local?: Address): Datagram | string {
    const port = this.#network.clientPort();
    if (local === undefined) return new SimDatagram(this.#thread, this.#network.datagrams, undefined, port);
    if (local.family !== family) return "Address family not supported";
    let bound = canonical(local);
    if (bound.family !== "unix" && bound.port === 0) bound = { ...bound, port };
    if (this.#network.datagrams.bound.has(formatAddress(bound))) return "Address already in use";
    return new SimDatagram(this.#thread, this.#network.datagrams, bound, port);
  }
}

/** A connect under way: a step to the listener, a step back. */
class SimConnecting implements Connecting {
  readonly done: Promise<Conn | number>;
  readonly #thread: SimThread;
  readonly #core: SimCore;
  readonly #network: Network;
  readonly #remote: Address;
  readonly #local: Address;
  #slot: ((result: Conn | number) => void) | null = null;

  constructor(thread: SimThread, network: Network, spec: ConnectSpec) {
    this.#thread = thread;
    this.#core = thread.core;
    this.#network = network;
    this.#remote = canonical(spec.remote);
    const local = spec.local === undefined ? localFor(this.#remote, 0) : canonical(spec.local);
    this.#local = local.family !== "unix" && local.port === 0 ? { ...local, port: network.clientPort() } : local;
    this.done = new Promise((slot) => {
      this.#slot = slot;
    });
    if (!this.#core.chance(this.#core.faults.blackhole)) this.#knock(this.#core.latency());
  }

  wake(code: number): boolean {
    return this.#settle(code);
  }

  /** The first packet arrives at the listener, if there is one. */
  #knock(delayMs: number): void {
    const core = this.#core;
    core.after(this.#thread, delayMs, () => {
      if (this.#network.blackholes.has(formatAddress(this.#remote))) return;
      const socket = this.#network.listenerFor(this.#remote);
      if (socket === undefined || core.chance(core.faults.refuse)) {
        core.after(this.#thread, core.latency(), () => this.#settle(IO_REFUSED));
        return;
      }
      const there = new Pipe(core);
      const back = new Pipe(core);
      there.reverse = back;
      back.reverse = there;
      const dual = socket.address.family === "ipv6" && this.#remote.family === "ipv4";
      const local = dual ? mapped(this.#remote) : this.#remote;
      const remote = dual ? mapped(this.#local) : this.#local;
      if (!socket.arrived({ local, remote, incoming: there, outgoing: back })) return this.#knock(RETRY_MS);
      core.after(core.nobody, core.latency(), () => {
        if (!this.#thread.alive) {
          there.reset();
          back.readerClosed();
          return;
        }
        const conn = new SimConn(this.#thread, this.#local, this.#remote, back, there);
        if (!this.#settle(conn)) conn.close();
      });
    });
  }

  #settle(result: Conn | number): boolean {
    const slot = this.#slot;
    if (slot === null) return false;
    this.#slot = null;
    slot(result);
    return true;
  }
}

// The backend of Sys on this runtime.
//
// Two layers carry streams: the public one on documented API, and the native handles below `node:net`, which are found by
// looking, never required, and pass the same contract suite.
import { BlockPool } from "../../base/mod.ts";
import type { Address, Conn, Connecting, ConnectSpec, Datagram, Listener, ListenSpec } from "../types.ts";
import type { Dns, ListenToken, Net, OpenListener, Proc, Rand, Signals, Sys } from "../types.ts";
import { type ChannelPort, DenoBus, type ThreadHost } from "./bus.ts";
import { DenoClock } from "./clock.ts";
import { openDatagram } from "./datagram.ts";
import { askForDescriptors } from "./descriptors.ts";
import { DenoFs } from "./fs.ts";
import { HandleStreams } from "./handle_net.ts";
import { findHandles, type Handles } from "./handles.ts";
import { LazyLibc } from "./libc.ts";
import { DenoDns, DenoProc, DenoRand, DenoSignals } from "./host.ts";
import { PublicStreams } from "./public_net.ts";
import { System } from "./system.ts";
import { type Streams, turnBlocks, Turns } from "./turn.ts";

export { type ThreadStart, workerPort } from "./bus.ts";
export { Child, type ParentLink, parentLink } from "./child.ts";
export { libcPath } from "./libc.ts";
export type { System } from "./system.ts";

/** Which layer carries streams: `--io`. */
export const IO_LAYERS = ["auto", "public", "handles"] as const;
/** A layer that carries streams; "auto": the faster one that works here. */
export type IoLayer = typeof IO_LAYERS[number];

export interface DenoSysOptions {
  readonly io: IoLayer;
  readonly blocks: BlockPool;
  /** Milliseconds since the epoch at the start of the process: equal in all its threads. Main: `performance.timeOrigin`. */
  readonly origin: number;
  /** The module that a thread runs. */
  readonly threadEntry: URL;
  /** In a thread: its port, which then tells the clock of each message, and what it was given. */
  readonly port?: ChannelPort;
  readonly host?: ThreadHost;
}

class DenoNet implements Net {
  constructor(private readonly streams: Streams, private readonly clock: DenoClock) {}

  open(spec: ListenSpec): OpenListener | string {
    return this.streams.open(spec);
  }

  adopt(token: ListenToken): Listener | string {
    return this.streams.adopt(token);
  }

  connect(spec: ConnectSpec): Connecting {
    return this.streams.connect(spec);
  }

  optionsUsable(): string {
    return this.streams.optionsUsable();
  }

  give(conn: Conn, sockets: ReadonlyMap<string, OpenListener>): string {
    return this.streams.give(conn, sockets);
  }

  datagram(family: "ipv4" | "ipv6" | "unix", local?: Address): Datagram | string {
    return openDatagram(family, local, this.clock);
  }
}

export class DenoSys implements Sys {
  /** The layer that carries streams. */
  readonly io: "public" | "handles";
  readonly blocks: BlockPool;
  readonly clock: DenoClock;
  readonly net: Net;
  readonly fs = new DenoFs();
  readonly rand: Rand = new DenoRand();
  readonly dns: Dns;
  readonly proc: Proc;
  readonly signals: Signals;
  readonly bus: DenoBus;
  /** Opened when something of it is first used. */
  readonly libc = new LazyLibc();
  readonly system = new System(this.libc);
  readonly #turns: Turns;

  constructor(options: DenoSysOptions, handles: Handles | null) {
    const clock = new DenoClock(options.origin);
    const turned = () => clock.turned();
    const makeStreams = (blocks: BlockPool): Streams =>
      handles === null ? new PublicStreams(blocks, clock) : new HandleStreams(handles, blocks, clock, this.libc);
    this.io = handles === null ? "public" : "handles";
    this.blocks = options.blocks;
    this.clock = clock;
    this.net = new DenoNet(makeStreams(options.blocks), clock);
    this.#turns = new Turns(makeStreams(turnBlocks()), clock, options.host?.turn);
    this.proc = new DenoProc(this.libc, options.host?.hostname);
    this.dns = new DenoDns(turned);
    this.signals = new DenoSignals(turned);
    this.bus = new DenoBus(options.threadEntry, turned, () => this.#threadHost());
    if (options.port !== undefined) options.port.turned = turned;
  }

  #threadHost(): ThreadHost {
    const libc = this.io === "handles" ? this.libc.get() : "";
    const pair = typeof libc === "string" ? undefined : libc.socketPair();
    return { hostname: this.proc.hostname, turn: typeof pair === "number" ? undefined : pair };
  }

  /** Takes the listening sockets of a process that offers them at a path: descriptors by name; a string is why not. */
  takeSockets(path: string): Map<string, number> | string {
    const libc = this.libc.get();
    return typeof libc === "string" ? libc : askForDescriptors(libc, path, "_getsocks\n");
  }

  turn(): Promise<void> {
    return this.#turns.turn();
  }

  /** Frees what this backend itself holds open. Connections and listeners are their owners'. */
  close(): void {
    this.clock.disarm();
    this.#turns.close();
  }
}

/** Makes the backend of this thread; a string is the reason why the layer asked for is not there. */
export function createDenoSys(options: DenoSysOptions): DenoSys | string {
  const handles = options.io === "public" ? null : findHandles();
  if (handles === null && options.io === "handles") return "this runtime has no native stream handles";
  return new DenoSys(options, handles);
}

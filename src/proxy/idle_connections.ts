// The connections that wait in all pools of a thread, in the order in which they became idle, and the descriptors that all
// connections of the process take: when those get scarce, connections are not kept, then given up (configuration.txt 3.2
// "tune.pool-low-fd-ratio", "tune.pool-high-fd-ratio").
import { type Gauge, PROCESS, type Shared } from "../table/mod.ts";
import type { GlobalConfig } from "./global.ts";

/** Descriptors that one of `maxconn` connections takes: the client's and the server's. */
const SIDES = 2;

/** A connection that is idle, among all of its thread. */
export abstract class IdlePlace {
  /** Rises with each that becomes idle. */
  since = 0;
  threadOlder: IdlePlace | null = null;
  threadNewer: IdlePlace | null = null;
  /** Takes it out of its pool and closes it. */
  abstract giveUp(): void;
}

export class IdleConnections {
  readonly #clients: Gauge;
  readonly #servers: Gauge;
  readonly #low: number;
  readonly #high: number;
  #oldest: IdlePlace | null = null;
  #newest: IdlePlace | null = null;
  #count = 0;

  constructor(shared: Shared, global: GlobalConfig) {
    this.#clients = shared.gauge(PROCESS.conns);
    this.#servers = shared.gauge(PROCESS.serverConns);
    const most = global.maxconn * SIDES;
    this.#low = most * global.poolLowRatio / 100;
    this.#high = most * global.poolHighRatio / 100;
  }

  /** So many descriptors are in use that no connection is to be kept. */
  get scarce(): boolean {
    return this.#clients.value + this.#servers.value > this.#low;
  }

  /** A connection to a server is opened, closed. */
  opened(): void {
    this.#servers.add(1);
  }
  closed(): void {
    this.#servers.add(-1);
  }

  /** A new connection is needed: when descriptors are very scarce the one idle longest makes room. */
  makeRoom(): void {
    if (this.#oldest === null || this.#clients.value + this.#servers.value <= this.#high) return;
    this.#oldest.giveUp();
  }

  /** One became idle. */
  add(place: IdlePlace): void {
    place.since = ++this.#count;
    place.threadOlder = this.#newest;
    if (this.#newest === null) this.#oldest = place;
    else this.#newest.threadNewer = place;
    this.#newest = place;
  }

  /** It is not idle any more. */
  remove(place: IdlePlace): void {
    if (place.threadOlder === null) this.#oldest = place.threadNewer;
    else place.threadOlder.threadNewer = place.threadNewer;
    if (place.threadNewer === null) this.#newest = place.threadOlder;
    else place.threadNewer.threadOlder = place.threadOlder;
    place.threadOlder = null;
    place.threadNewer = null;
  }
}

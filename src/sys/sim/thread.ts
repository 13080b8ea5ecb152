// A simulated thread: what it owns, and how it dies.
//
// Invariants: the events of a dead thread never happen; its connections are reset for their peers; whatever code of it
// still runs finds operations that never settle and messages that go nowhere.
import type { SimCore } from "./core.ts";
import { SimBlockPool } from "./pool.ts";
import type { SimOwner } from "./queue.ts";

/** The main thread, and the scripted peers of tests. */
export const THREAD_MAIN = 0;
export const THREAD_PEERS = -1;

/** Something of the network that a thread has open. */
export interface SimResource {
  /** For the report of leaks. */
  describe(): string;
  /** The thread is dead: the peers and the network find out, the owner does not. */
  abandon(): void;
}

export class SimThread implements SimOwner {
  alive = true;
  readonly pool: SimBlockPool;
  /** Connections, listeners and datagram sockets that are open. */
  readonly open = new Set<SimResource>();
  /** Handlers of signals, by name. */
  readonly signals = new Map<string, Set<() => void>>();
  /** Set by the bus: told once when the thread ends. */
  onend: ((reason: string) => void) | null = null;
  /** When its timer is armed for; Infinity when it is not. */
  timerAt = Infinity;

  constructor(readonly core: SimCore, readonly number: number, blockSize?: number) {
    this.pool = new SimBlockPool(core, blockSize);
  }

  get name(): string {
    if (this.number === THREAD_MAIN) return "main";
    return this.number === THREAD_PEERS ? "peers" : `thread ${this.number}`;
  }

  /** A thread of the bus ends alone, as a Worker does; main takes all with it. */
  failed(error: unknown): boolean {
    if (this.onend === null || this.core.violations.length > 0) return false;
    this.end(error instanceof Error ? error.message : String(error));
    return true;
  }

  /** Ends the thread at once. `reason` is told to whoever started it. */
  end(reason: string): void {
    if (!this.alive) return;
    this.alive = false;
    for (const resource of [...this.open]) resource.abandon();
    this.open.clear();
    const onend = this.onend;
    this.onend = null;
    if (onend !== null) onend(reason);
  }

  /** What is still open, one line each. */
  leaks(): string[] {
    if (!this.alive) return [];
    const lines = [...this.open].map((resource) => `${this.name}: ${resource.describe()}`);
    if (this.pool.outstanding !== 0) lines.push(`${this.name}: ${this.pool.outstanding} blocks not given back`);
    if (this.timerAt !== Infinity) lines.push(`${this.name}: a timer armed for ${this.timerAt} ms`);
    return lines;
  }
}

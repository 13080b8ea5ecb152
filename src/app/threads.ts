// The threads of a process, as main sees them: started, spoken to, replaced when one dies.
//
// Invariants: a number from 1 to `count` names a thread for ever, whichever Worker has it; what a dead thread held of
// shared gauges is given back before the next one with its number starts.
import type { Sys, ThreadHandle } from "../sys/types.ts";
import type { FromThread, ThreadData, ToThread } from "./messages.ts";

/** More deaths than this within the time below: the program does not go on. */
const MAX_DEATHS = 10;
const DEATHS_WITHIN_MS = 60_000;

export interface ThreadsOwner {
  /** The data of a thread about to start: its shares of the listening sockets are made for it. A string: why not. */
  threadData(thread: number): ThreadData | string;
  received(thread: number, message: FromThread): void;
  /** A thread ended, whatever the reason. */
  threadEnded(thread: number): void;
  /** A thread ended without being asked; what it held is to be given back. Another is started after this, or not. */
  died(thread: number, reason: string, replaced: boolean): void;
  /** It could not be replaced, or dies again and again. */
  lost(thread: number, reason: string): void;
  /** The last thread has ended as it was asked to. */
  allEnded(): void;
}

export class Threads {
  readonly count: number;
  readonly #sys: Pick<Sys, "bus" | "clock">;
  readonly #owner: ThreadsOwner;
  readonly #handles: (ThreadHandle | null)[] = [];
  /** Times of the last deaths. */
  readonly #deaths: number[] = [];
  #stopping = false;
  #running = 0;

  constructor(count: number, sys: Pick<Sys, "bus" | "clock">, owner: ThreadsOwner) {
    this.count = count;
    this.#sys = sys;
    this.#owner = owner;
  }

  /** Starts them all. A string is the reason why one could not be. */
  start(): string {
    for (let thread = 1; thread <= this.count; thread++) {
      const failed = this.#start(thread);
      if (failed !== "") return failed;
    }
    return "";
  }

  #start(thread: number): string {
    const data = this.#owner.threadData(thread);
    if (typeof data === "string") return data;
    const handle = this.#sys.bus.start(thread, data, (reason) => this.#ended(thread, handle, reason));
    handle.port.onmessage = (message) => this.#owner.received(thread, message as FromThread);
    this.#handles[thread] = handle;
    this.#running++;
    return "";
  }

  #ended(thread: number, handle: ThreadHandle, reason: string): void {
    if (this.#handles[thread] !== handle) return;
    this.#handles[thread] = null;
    this.#running--;
    this.#owner.threadEnded(thread);
    if (this.#stopping) {
      if (reason !== "") this.#owner.died(thread, reason, false);
      if (this.#running === 0) this.#owner.allEnded();
      return;
    }
    this.#owner.died(thread, reason, true);
    const now = this.#sys.clock.now();
    this.#deaths.push(now);
    while (this.#deaths[0] < now - DEATHS_WITHIN_MS) this.#deaths.shift();
    const failed = this.#deaths.length > MAX_DEATHS ? "it dies again and again" : this.#start(thread);
    if (failed !== "") this.#owner.lost(thread, failed);
  }

  alive(thread: number): boolean {
    return (this.#handles[thread] ?? null) !== null;
  }

  /** Numbers of the threads that run. */
  running(): number[] {
    return this.#handles.flatMap((handle, thread) => handle === null ? [] : [thread]);
  }

  post(thread: number, message: ToThread): void {
    this.#handles[thread]?.port.post(message);
  }

  broadcast(message: ToThread): void {
    for (let thread = 1; thread <= this.count; thread++) this.post(thread, message);
  }

  /** Asks all to end; allEnded() follows. */
  stop(kind: "soft-stop" | "hard-stop"): void {
    this.#stopping = true;
    if (this.#running === 0) this.#owner.allEnded();
    else this.broadcast({ kind });
  }

  /** Ends what is left, wherever it is. */
  terminate(): void {
    this.#stopping = true;
    for (const handle of this.#handles) handle?.terminate();
  }
}

// Threads in place: for the library, every thread runs in the isolate that asked for it, on a Sys of its own. They speak
// through the same ports with the same messages; these are not cloned, which nobody notices because nobody changes them.
import { Ring } from "../base/mod.ts";
import type { Bus, Port, Sys, ThreadHandle } from "../sys/types.ts";

/** Messages that may wait for a handler; more is a bug of who posts them. */
const MAX_MESSAGES = 1 << 16;

class InPlacePort implements Port {
  peer: InPlacePort | null = null;
  readonly #inbox = new Ring<unknown>(MAX_MESSAGES);
  readonly #onclose: () => void;
  #handler: ((message: unknown) => void) | null = null;
  #closed = false;

  constructor(onclose: () => void) {
    this.#onclose = onclose;
  }

  get onmessage(): ((message: unknown) => void) | null {
    return this.#handler;
  }

  set onmessage(handler: ((message: unknown) => void) | null) {
    this.#handler = handler;
    this.#deliverSoon();
  }

  post(message: unknown): void {
    if (!this.#closed) this.peer!.#receive(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onclose();
  }

  #receive(message: unknown): void {
    if (this.#closed) return;
    if (!this.#inbox.push(message)) throw new Error("too many messages wait for a thread");
    this.#deliverSoon();
  }

  #deliverSoon(): void {
    queueMicrotask(() => {
      while (!this.#closed && this.#handler !== null && this.#inbox.length > 0) this.#handler(this.#inbox.shift());
    });
  }
}

/** Runs a thread on a Sys made for it: startThread() of thread.ts. */
export type InPlaceStart = (sys: Sys, thread: number, data: unknown, port: Port) => void;

export class InPlaceBus implements Bus {
  readonly #sysOf: () => Sys;
  readonly #start: InPlaceStart;

  constructor(sysOf: () => Sys, start: InPlaceStart) {
    this.#sysOf = sysOf;
    this.#start = start;
  }

  start(thread: number, data: unknown, onexit: (reason: string) => void): ThreadHandle {
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      mine.close();
      queueMicrotask(() => onexit(""));
    };
    const mine = new InPlacePort(() => {});
    const theirs = new InPlacePort(end);
    mine.peer = theirs;
    theirs.peer = mine;
    const sys = this.#sysOf();
    queueMicrotask(() => this.#start(sys, thread, data, theirs));
    // Code of this isolate cannot be ended from outside: the thread is asked to drop everything, and forgotten.
    const terminate = () => {
      mine.post({ kind: "hard-stop" });
      end();
    };
    return { port: mine, terminate };
  }
}

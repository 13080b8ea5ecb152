// Threads of the simulated world and the messages between them. They share the isolate; a message is cloned all the
// same, so that what one thread changes later, the other does not see (shared memory stays shared).
import { Ring } from "../../base/mod.ts";
import type { Bus, Port, ThreadHandle } from "../types.ts";
import type { SimCore } from "./core.ts";
import type { SimThread } from "./thread.ts";

/** Messages that may be under way or wait for a handler; more is a bug of who posts them. */
const MAX_MESSAGES = 1 << 20;

/** One end of a channel. */
class SimPort implements Port {
  readonly #core: SimCore;
  readonly #owner: SimThread;
  #peer: SimPort | null = null;
  #handler: ((message: unknown) => void) | null = null;
  readonly #inbox = new Ring<unknown>(MAX_MESSAGES);
  /** Messages of the inbox that arrived. */
  #arrived = 0;
  #closed = false;
  /** Told when the owner closes it. */
  onclose: (() => void) | null = null;

  constructor(owner: SimThread) {
    this.#core = owner.core;
    this.#owner = owner;
  }

  /** The two ends of a new channel. */
  static pair(a: SimThread, b: SimThread): [SimPort, SimPort] {
    const one = new SimPort(a);
    const two = new SimPort(b);
    one.#peer = two;
    two.#peer = one;
    return [one, two];
  }

  get onmessage(): ((message: unknown) => void) | null {
    return this.#handler;
  }

  set onmessage(handler: ((message: unknown) => void) | null) {
    this.#handler = handler;
    for (let i = 0; i < this.#arrived; i++) this.#core.after(this.#owner, 0, () => this.#deliver());
  }

  post(message: unknown): void {
    if (this.#closed || !this.#owner.alive) return;
    this.#peer!.#receive(structuredClone(message));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inbox.clear();
    this.#arrived = 0;
    if (this.onclose !== null) this.onclose();
  }

  #receive(message: unknown): void {
    if (this.#closed || !this.#owner.alive) return;
    if (!this.#inbox.push(message)) this.#core.violation("too many messages wait for a thread");
    // Each of these events lets the first message arrive, so their own order does not matter.
    this.#core.after(this.#owner, this.#core.latency(), () => {
      this.#arrived++;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#handler === null || this.#arrived === 0) return;
    this.#arrived--;
    this.#handler(this.#inbox.shift());
  }
}

/** What runs as a thread: given its port and start data. What it throws ends the thread. */
export type SimThreadMain = (thread: SimThread, data: unknown, port: Port) => void | Promise<void>;

export class SimBus implements Bus {
  readonly #main: SimThread;
  readonly #make: (number: number) => SimThread;
  readonly #start: SimThreadMain;

  constructor(main: SimThread, make: (number: number) => SimThread, start: SimThreadMain) {
    this.#main = main;
    this.#make = make;
    this.#start = start;
  }

  start(number: number, data: unknown, onexit: (reason: string) => void): ThreadHandle {
    const { core } = this.#main;
    const thread = this.#make(number);
    const [port, threadPort] = SimPort.pair(this.#main, thread);
    thread.onend = (reason) => {
      core.after(this.#main, core.latency(), () => onexit(reason));
    };
    threadPort.onclose = () => thread.end("");
    const copy = structuredClone(data);
    core.after(thread, core.latency(), () => {
      const running = this.#start(thread, copy, threadPort);
      if (running instanceof Promise) running.catch((error) => this.#rejected(thread, error));
    });
    return { port, terminate: () => thread.end("") };
  }

  #rejected(thread: SimThread, error: unknown): void {
    if (thread.alive && !thread.failed(error)) thread.core.violations.push(String(error));
  }
}

// Threads: Workers, and a channel of messages to each.
//
// A message travels in an envelope [kind, payload]; a thread that closes its port says goodbye first, because a Worker's
// end is not told to who started it.
import type { Bus, Port, ThreadHandle } from "../types.ts";
import type { DescriptorPair } from "./turn.ts";

/** What a thread is started with: the first message of its port. */
export interface ThreadStart {
  readonly thread: number;
  readonly data: unknown;
  readonly host: ThreadHost;
}

/** What a thread has from who started it, because it may not ask the system itself. */
export interface ThreadHost {
  readonly hostname: string;
  /** A socket pair of its own, for turns. */
  readonly turn: DescriptorPair | undefined;
}

const MESSAGE = 0;
const GOODBYE = 1;
type Envelope = readonly [typeof MESSAGE, unknown] | readonly [typeof GOODBYE];

/** The part of Worker and of a Worker's global scope that carries messages. */
interface Channel {
  postMessage(message: Envelope): void;
  onmessage: ((event: MessageEvent<Envelope>) => void) | null;
}

/** A port over a Worker or a Worker's global scope. */
export class ChannelPort implements Port {
  /** Called when a message enters this thread, before its handler. */
  turned: () => void;
  readonly #channel: Channel;
  readonly #onclose: () => void;
  #handler: ((message: unknown) => void) | null = null;
  /** What came before a handler was set; null from then on. */
  #early: unknown[] | null = [];

  constructor(channel: Channel, turned: () => void, ongoodbye: () => void, onclose: () => void) {
    this.turned = turned;
    this.#channel = channel;
    this.#onclose = onclose;
    channel.onmessage = (event) => {
      this.turned();
      const envelope = event.data;
      if (envelope[0] === GOODBYE) return ongoodbye();
      if (this.#handler !== null) this.#handler(envelope[1]);
      else this.#early?.push(envelope[1]);
    };
  }

  post(message: unknown): void {
    this.#channel.postMessage([MESSAGE, message]);
  }

  get onmessage(): ((message: unknown) => void) | null {
    return this.#handler;
  }

  set onmessage(handler: ((message: unknown) => void) | null) {
    this.#handler = handler;
    if (handler === null || this.#early === null) return;
    const early = this.#early;
    this.#early = null;
    for (const message of early) handler(message);
  }

  close(): void {
    this.#onclose();
  }
}

export class DenoBus implements Bus {
  /** What threads started from now on may; everything this process may when undefined. */
  permissions: Deno.PermissionOptions | undefined = undefined;
  readonly #entry: URL;
  readonly #turned: () => void;
  readonly #host: () => ThreadHost;

  /** `entry`: the module a thread runs; `host`: made for each thread. */
  constructor(entry: URL, turned: () => void, host: () => ThreadHost) {
    this.#entry = entry;
    this.#turned = turned;
    this.#host = host;
  }

  start(thread: number, data: unknown, onexit: (reason: string) => void): ThreadHandle {
    const deno = this.permissions === undefined ? undefined : { permissions: this.permissions };
    const worker = new Worker(this.#entry, { type: "module", name: `thread ${thread}`, deno });
    let ended = false;
    const end = (reason: string) => {
      if (ended) return;
      ended = true;
      worker.terminate();
      onexit(reason);
    };
    // Without preventDefault an error of a thread ends the process.
    worker.onerror = (event) => {
      event.preventDefault();
      this.#turned();
      end(event.message || "unknown error");
    };
    const port = new ChannelPort(worker as Channel, this.#turned, () => end(""), () => end(""));
    const start: ThreadStart = { thread, data, host: this.#host() };
    port.post(start);
    return { port, terminate: () => end("") };
  }
}

/** In a thread: its port to who started it. The first message is its ThreadStart. Ask once, and give it to the Sys. */
export function workerPort(): ChannelPort {
  const scope = globalThis as unknown as Channel & { close(): void };
  return new ChannelPort(scope, () => {}, () => {}, () => {
    scope.postMessage([GOODBYE]);
    scope.close();
  });
}

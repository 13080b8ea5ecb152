// The sockets of one listener: one that all its threads share, or several of the same address over which the kernel spreads
// connections (configuration.txt 5.1 "shards", "thread").
import type { Address, ListenSpec, ListenToken, OpenListener } from "../sys/types.ts";

/** Opens a listening socket; a string is the reason why not. */
export type OpenSocket = (spec: ListenSpec) => OpenListener | string | Promise<OpenListener | string>;

/** What names a listening socket over reloads and for other processes: all that cannot be changed while it is open. */
export function socketKey(spec: ListenSpec): string {
  return JSON.stringify({ ...spec, backlog: 0, descriptor: undefined });
}

export class Shards {
  readonly #sockets: readonly OpenListener[];
  /** Numbers of the threads that run the listener. */
  readonly #threads: readonly number[];

  constructor(sockets: readonly OpenListener[], threads: readonly number[]) {
    this.#sockets = sockets;
    this.#threads = threads;
  }

  get address(): Address {
    return this.#sockets[0].address;
  }

  /** The share of a thread; null when it does not run the listener; a string is the reason why there is none. */
  share(thread: number): ListenToken | null | string {
    const place = this.#threads.indexOf(thread);
    if (place < 0) return null;
    return this.#sockets[Math.floor(place * this.#sockets.length / this.#threads.length)].share();
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

/** Opens `count` sockets; a string is the reason why one could not be. */
export async function openShards(
  spec: ListenSpec,
  { threads, count }: { readonly threads: readonly number[]; readonly count: number },
  open: OpenSocket,
): Promise<Shards | string> {
  if (threads.length === 0) return "no thread of this process is in its thread set";
  const sockets: OpenListener[] = [];
  for (let i = 0; i < count; i++) {
    // All are of the address that the first was given.
    const address = i === 0 ? spec.address : sockets[0].address;
    const socket = await open(count === 1 ? spec : { ...spec, address, reusePort: true, shard: i });
    if (typeof socket === "string") {
      for (const opened of sockets) opened.close();
      return socket;
    }
    sockets.push(socket);
  }
  return new Shards(sockets, threads);
}

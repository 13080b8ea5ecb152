// The last HTTP/1 message of each proxy and side that broke the rules, refused or let through by relaxed parsing: what
// "show errors" tells (management.txt 9.3, 12). A thread keeps its own; the newest of all threads counts.
//
// Memory is bounded: one message a proxy and side, each no larger than a buffer.
import type { Proxy, Server } from "../proxy/mod.ts";
import type { Address } from "../sys/types.ts";
import { PROCESS, type Shared } from "../table/mod.ts";

export interface Fault {
  /** Number of the event in the process, from 0. */
  readonly event: number;
  /** Milliseconds since the epoch. */
  readonly date: number;
  /** Place in the layout of the proxy it happened in, and of the one at its other end; -1: none yet. */
  readonly proxy: number;
  readonly other: number;
  readonly side: "request" | "response";
  readonly server: { readonly name: string; readonly id: number } | null;
  /** The client. */
  readonly source: Address;
  /** What had arrived of the message, and where it is wrong. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly at: number;
  /** A code of codec/h1/errors.ts; 0: it was let through. */
  readonly code: number;
  /** Bytes of a buffer. */
  readonly room: number;
}

/** Where a broken message came from. */
export interface FaultPlace {
  readonly side: Fault["side"];
  readonly proxy: Proxy;
  readonly other: Proxy | null;
  readonly server: Server | null;
  readonly source: Address;
}

export class Faults {
  readonly #shared: Shared;
  readonly #wall: () => number;
  readonly #room: number;
  /** By proxy and side. */
  readonly #last = new Map<string, Fault>();

  /** `room`: bytes of a buffer. */
  constructor(shared: Shared, wall: () => number, room: number) {
    this.#shared = shared;
    this.#wall = wall;
    this.#room = room;
  }

  get all(): Iterable<Fault> {
    return this.#last.values();
  }

  find(proxy: number, side: Fault["side"]): Fault | undefined {
    return this.#last.get(`${proxy} ${side}`);
  }

  /** Keeps a copy of `bytes[from, to)`, wrong at `at`. */
  note(place: FaultPlace, bytes: Uint8Array, from: number, to: number, at: number, code: number): void {
    const { side, proxy, other, server, source } = place;
    const last = Math.min(to, from + this.#room);
    this.#last.set(`${proxy.index} ${side}`, {
      event: Atomics.add(this.#shared.words, PROCESS.faults, 1),
      date: this.#wall(),
      proxy: proxy.index,
      other: other === null ? -1 : other.index,
      side,
      server: server === null ? null : { name: server.name, id: server.id },
      source,
      bytes: new Uint8Array(bytes.subarray(from, last)),
      at: Math.min(at, last) - from,
      code,
      room: this.#room,
    });
  }
}

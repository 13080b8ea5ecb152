// Datagram sockets: UDP and unix (`Deno.listenDatagram`).
//
// The runtime takes one send at a time, and one to a full unix socket waits for its reader. So what is sent is copied to
// a ring that one loop drains; a message that does not fit is dropped and the caller is told, who counts it.
import { type Address, type Datagram, IO_CLOSED, IO_RESET } from "../types.ts";
import { addressOf } from "./address.ts";
import type { DenoClock } from "./clock.ts";
import { reasonOf } from "./errors.ts";
import { isAbstract } from "./unix_path.ts";

/** Bytes of messages one socket may hold back, and how many of them. */
const QUEUE_BYTES = 256 * 1024;
const QUEUE_LENGTH = 1024;

/** Opens a datagram socket; a string is the reason why not. */
export function openDatagram(
  family: "ipv4" | "ipv6" | "unix",
  local: Address | undefined,
  clock: DenoClock,
): Datagram | string {
  try {
    if (family === "unix") {
      const path = local?.family === "unix" ? local.path : undefined;
      // Nobody else unlinks what an earlier process has bound.
      if (path !== undefined && !isAbstract(path)) removeSocket(path);
      const options = { transport: "unixpacket", path } as Deno.UnixListenOptions & { transport: "unixpacket" };
      return new DenoDatagram(Deno.listenDatagram(options), local, clock);
    }
    const any = family === "ipv4" ? "0.0.0.0" : "::";
    const { host, port } = local !== undefined && local.family !== "unix" ? local : { host: any, port: 0 };
    const socket = Deno.listenDatagram({ transport: "udp", hostname: host, port });
    return new DenoDatagram(socket, local && addressOf(socket.addr), clock);
  } catch (error) {
    return reasonOf(error);
  }
}

function removeSocket(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

class DenoDatagram implements Datagram {
  readonly #socket: Deno.DatagramConn;
  readonly #clock: DenoClock;
  readonly #queue = new MessageRing(QUEUE_BYTES, QUEUE_LENGTH);
  #sending = false;
  #open = true;
  onlost: ((reason: string) => void) | null = null;

  constructor(socket: Deno.DatagramConn, readonly local: Address | undefined, clock: DenoClock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  get pending(): number {
    return this.#queue.length;
  }

  send(bytes: Uint8Array, from: number, to: number, target: Address): boolean {
    if (!this.#open || !this.#queue.push(bytes, from, to, target)) return false;
    if (!this.#sending) this.#drain();
    return true;
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#open && this.#queue.length > 0) {
      try {
        await this.#socket.send(this.#queue.first(), denoAddress(this.#queue.target()));
      } catch (error) {
        // Nobody there, or too long. What was under way when the socket was closed is nobody's concern any more.
        if (this.#open && this.onlost !== null) this.onlost(reasonOf(error));
      }
      this.#queue.shift();
    }
    this.#sending = false;
  }

  async recv(into: Uint8Array<ArrayBuffer>): Promise<{ length: number; from: Address } | number> {
    if (!this.#open) return IO_CLOSED;
    try {
      const [bytes, from] = await this.#socket.receive(into);
      this.#clock.turned();
      return { length: bytes.length, from: addressOf(from) };
    } catch {
      this.#clock.turned();
      return this.#open ? IO_RESET : IO_CLOSED;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
    const local = this.local;
    if (local?.family !== "unix" || isAbstract(local.path)) return;
    try {
      Deno.removeSync(local.path);
    } catch {
      // Taken away by another, or no right to: the next one that binds replaces it.
    }
  }
}

function denoAddress(address: Address): Deno.Addr {
  return address.family === "unix"
    ? { transport: "unixpacket", path: address.path }
    : { transport: "udp", hostname: address.host, port: address.port };
}

/** Messages in order in one arena. A message lies in one piece: the end of the arena is left unused when it must be. */
class MessageRing {
  readonly #arena: Uint8Array<ArrayBuffer>;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #target: (Address | null)[];
  #first = 0;
  length = 0;
  /** Where the next message may begin. */
  #end = 0;

  constructor(bytes: number, messages: number) {
    this.#arena = new Uint8Array(bytes);
    this.#from = new Int32Array(messages);
    this.#to = new Int32Array(messages);
    this.#target = new Array(messages).fill(null);
  }

  push(bytes: Uint8Array, from: number, to: number, target: Address): boolean {
    const size = to - from;
    const at = this.#place(size);
    if (at < 0 || this.length === this.#from.length) return false;
    this.#arena.set(bytes.subarray(from, to), at);
    const index = (this.#first + this.length) % this.#from.length;
    this.#from[index] = at;
    this.#to[index] = at + size;
    this.#target[index] = target;
    this.#end = at + size;
    this.length++;
    return true;
  }

  /** Where `size` bytes in one piece are free, or -1. */
  #place(size: number): number {
    if (this.length === 0) return size <= this.#arena.length ? 0 : -1;
    const start = this.#from[this.#first];
    if (this.#end > start) {
      if (this.#end + size <= this.#arena.length) return this.#end;
      return size <= start ? 0 : -1;
    }
    return this.#end + size <= start ? this.#end : -1;
  }

  first(): Uint8Array<ArrayBuffer> {
    return this.#arena.subarray(this.#from[this.#first], this.#to[this.#first]);
  }

  target(): Address {
    return this.#target[this.#first]!;
  }

  shift(): void {
    this.#target[this.#first] = null;
    this.#first = (this.#first + 1) % this.#from.length;
    this.length--;
  }
}

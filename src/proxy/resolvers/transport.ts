// How questions get to the name servers of a section and answers back: datagrams from one socket a family, or messages with
// their length before them over a connection that is kept while it is used (RFC 1035 4.2).
//
// An answer counts when it comes from the address that was asked. Who asked is found by the number of the message.
import { spawn, Timer, type Wheel } from "../../base/mod.ts";
import { type Address, type Conn, type Datagram, IO_CLOSED, type Sys, WAKE_TIMEOUT } from "../../sys/types.ts";
import type { Nameserver } from "./config.ts";

/** Longest datagram that is received. */
const DATAGRAM_BYTES = 65535;
/** Failures of a socket in a row. */
const MOST_FAILURES = 100;
/** A connection without a question for so long is closed. */
const IDLE_MS = 5000;
/** Bytes of questions that wait for a connection. */
const WAITING_BYTES = 64 * 1024;

export interface TransportOwner {
  /** A message from a name server, by its place in the section. */
  received(nameserver: number, bytes: Uint8Array): void;
  /** Tells the operator, once each. */
  problem(text: string): void;
}

export class Transport {
  readonly #sys: Pick<Sys, "net">;
  readonly #nameservers: readonly Nameserver[];
  readonly #owner: TransportOwner;
  readonly #sockets = new Map<"ipv4" | "ipv6", Datagram | null>();
  readonly #streams: (StreamLink | null)[];
  #closed = false;

  constructor(sys: Pick<Sys, "net">, wheel: Wheel, nameservers: readonly Nameserver[], owner: TransportOwner) {
    this.#sys = sys;
    this.#nameservers = nameservers;
    this.#owner = owner;
    this.#streams = nameservers.map((ns, i) => ns.stream ? new StreamLink(sys, wheel, ns.address, i, owner) : null);
  }

  /** Sends a question; whether it arrives nobody knows. */
  send(nameserver: number, message: Uint8Array<ArrayBuffer>): void {
    const stream = this.#streams[nameserver];
    if (stream !== null) return stream.send(message);
    const { address } = this.#nameservers[nameserver];
    this.#socket(address.family)?.send(message, 0, message.length, address);
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets.values()) socket?.close();
    for (const stream of this.#streams) stream?.close();
  }

  #socket(family: "ipv4" | "ipv6"): Datagram | null {
    let socket = this.#sockets.get(family);
    if (socket === undefined) {
      const host = family === "ipv4" ? "0.0.0.0" : "::";
      const opened = this.#closed ? "closed" : this.#sys.net.datagram(family, { family, host, port: 0 });
      if (typeof opened === "string") this.#owner.problem(`resolvers : cannot open a socket for ${family}: ${opened}`);
      socket = typeof opened === "string" ? null : opened;
      this.#sockets.set(family, socket);
      if (socket !== null) spawn(this.#read(socket), (error) => this.#owner.problem(`resolvers : ${error}`));
    }
    return socket;
  }

  async #read(socket: Datagram): Promise<void> {
    const into = new Uint8Array(DATAGRAM_BYTES);
    let failures = 0;
    for (;;) {
      const got = await socket.recv(into);
      if (typeof got === "number") {
        if (got === IO_CLOSED || this.#closed) return;
        // A port that nobody listens on may be told to the socket; one that only fails is replaced.
        if (++failures < MOST_FAILURES) continue;
        for (const [family, one] of this.#sockets) if (one === socket) this.#sockets.delete(family);
        return socket.close();
      }
      failures = 0;
      const nameserver = this.#nameservers.findIndex(({ address, stream }) => !stream && isSame(address, got.from));
      if (nameserver >= 0) this.#owner.received(nameserver, into.subarray(0, got.length));
    }
  }
}

function isSame(a: Address, b: Address): boolean {
  return a.family !== "unix" && b.family !== "unix" && a.port === b.port && a.host === b.host;
}

/** The connection to one name server, made when there is something to ask. */
class StreamLink {
  readonly #sys: Pick<Sys, "net">;
  readonly #wheel: Wheel;
  readonly #address: Address;
  readonly #index: number;
  readonly #owner: TransportOwner;
  readonly #idle: Timer<StreamLink>;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  #sending = false;
  #conn: Conn | null = null;
  #wakeConnect: (() => void) | null = null;
  #closed = false;

  constructor(sys: Pick<Sys, "net">, wheel: Wheel, address: Address, index: number, owner: TransportOwner) {
    this.#sys = sys;
    this.#wheel = wheel;
    this.#address = address;
    this.#index = index;
    this.#owner = owner;
    this.#idle = new Timer<StreamLink>(this, (timer) => timer.owner.#drop());
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    const framed = new Uint8Array(message.length + 2);
    framed[0] = message.length >> 8;
    framed[1] = message.length & 0xff;
    framed.set(message, 2);
    if (this.#closed || this.#waitingBytes + framed.length > WAITING_BYTES) return;
    this.#waiting.push(framed);
    this.#waitingBytes += framed.length;
    this.#wheel.armIn(this.#idle, IDLE_MS);
    if (this.#sending) return;
    this.#sending = true;
    spawn(this.#drain(), (error) => this.#owner.problem(`resolvers : ${error}`));
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  /** Ends the connection, or the try to make one; what waits is asked again by who asked it. */
  #drop(): void {
    this.#wheel.cancel(this.#idle);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#wakeConnect?.();
    const conn = this.#conn;
    this.#conn = null;
    conn?.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const conn = this.#conn ?? await this.#connect();
      if (conn === null) break;
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#waitingBytes -= message.length;
      if (await conn.send(message, 0, message.length) < 0) this.#drop();
    }
    this.#sending = false;
  }

  async #connect(): Promise<Conn | null> {
    const connecting = this.#sys.net.connect({ remote: this.#address });
    this.#wakeConnect = () => connecting.wake(WAKE_TIMEOUT);
    const made = await connecting.done;
    this.#wakeConnect = null;
    if (typeof made === "number" || this.#closed) {
      if (typeof made !== "number") made.close();
      this.#waiting = [];
      this.#waitingBytes = 0;
      return null;
    }
    this.#conn = made;
    spawn(this.#read(made), (error) => this.#owner.problem(`resolvers : ${error}`));
    return made;
  }

  async #read(conn: Conn): Promise<void> {
    // A message may be larger than a block of the connection.
    let frame = new Uint8Array(0);
    let used = 0;
    for (;;) {
      const got = await conn.recv(0);
      if (got <= 0) break;
      for (let taken = 0; taken < got;) {
        if (frame.length === 0) frame = new Uint8Array(2);
        const part = Math.min(frame.length - used, got - taken);
        frame.set(conn.block.subarray(conn.head + taken, conn.head + taken + part), used);
        used += part;
        taken += part;
        if (used < frame.length) break;
        if (frame.length === 2) {
          const length = frame[0] << 8 | frame[1];
          const larger = new Uint8Array(2 + length);
          larger.set(frame);
          frame = larger;
          if (length > 0) continue;
        }
        if (frame.length > 2) this.#owner.received(this.#index, frame.subarray(2));
        frame = new Uint8Array(0);
        used = 0;
      }
      conn.consume(got);
    }
    if (this.#conn === conn) this.#drop();
  }
}

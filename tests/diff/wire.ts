// Raw TCP on the loopback for the comparisons: connections that do nothing by themselves and keep every byte they
// received (as latin1 text, one character a byte), with waits that are always bounded; and a UDP sink for log lines.
import net from "node:net";
import dgram from "node:dgram";
import { Buffer } from "node:buffer";

/** How the peer left a connection: not yet, by its end of stream, by a reset. */
export type End = "open" | "closed" | "reset";

/** One connection. */
export class Wire {
  /** Everything received. */
  received = "";
  end: End = "open";
  /** Whether this side still may send. */
  writable = true;
  readonly localPort: number;
  readonly remotePort: number;
  readonly #socket: net.Socket;
  readonly #waiters = new Set<() => void>();

  constructor(socket: net.Socket, onchange: () => void = () => {}) {
    this.#socket = socket;
    this.localPort = socket.localPort ?? 0;
    this.remotePort = socket.remotePort ?? 0;
    const changed = () => {
      for (const wake of [...this.#waiters]) wake();
      onchange();
    };
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
      changed();
    });
    socket.on("end", () => {
      if (this.end === "open") this.end = "closed";
      changed();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.writable = false;
      if (error.code === "ECONNRESET" && this.end === "open") this.end = "reset";
      changed();
    });
    socket.on("close", () => {
      this.writable = false;
      if (this.end === "open") this.end = "reset";
      changed();
    });
  }

  /** Sends bytes; what cannot be sent any more is dropped. */
  send(text: string): void {
    if (this.writable && text !== "") this.#socket.write(Buffer.from(text, "latin1"));
  }

  /** Ends this side's stream; the other one goes on. */
  shut(): void {
    if (this.writable) this.#socket.end();
    this.writable = false;
  }

  reset(): void {
    this.writable = false;
    this.#socket.resetAndDestroy();
  }

  /** Gives everything up. */
  close(): void {
    this.writable = false;
    this.#socket.destroy();
  }

  /** Settles when `done()` holds, or after `ms`: whether it held. */
  async until(done: () => boolean, ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (!done()) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await this.#change(left);
    }
    return true;
  }

  /** Settles when nothing was received for `ms`, or the peer has ended. */
  async quiet(ms: number): Promise<void> {
    while (this.end === "open") if (!await this.#change(ms)) return;
  }

  #change(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(wake);
        resolve(false);
      }, ms);
      this.#waiters.add(wake);
    });
  }
}

/** Connects to a port of 127.0.0.1. */
export function connect(port: number, localAddress?: string): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port, localAddress, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(new Wire(socket));
    });
  });
}

/** A listening socket whose connections are handed to `serve` and kept, in the order of their arrival. */
export class RawServer {
  readonly wires: Wire[] = [];
  /** How often forget() was called. */
  round = 0;
  readonly #server: net.Server;

  private constructor(server: net.Server) {
    this.#server = server;
  }

  static listen(serve: (wire: Wire, index: number, server: RawServer) => Promise<void>): Promise<RawServer> {
    const server = net.createServer({ allowHalfOpen: true });
    const self = new RawServer(server);
    server.on("connection", (socket: net.Socket) => {
      const wire = new Wire(socket);
      self.wires.push(wire);
      void serve(wire, self.wires.length - 1, self);
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(self)));
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** Bytes received so far, over all connections. */
  get total(): number {
    return this.wires.reduce((sum, wire) => sum + wire.received.length, 0);
  }

  /** Closes all connections and counts from the beginning. */
  forget(): void {
    for (const wire of this.wires) wire.close();
    this.wires.length = 0;
    this.round++;
  }

  async close(): Promise<void> {
    for (const wire of this.wires) wire.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Receives datagrams: log lines. */
export class UdpSink {
  readonly lines: string[] = [];
  readonly #socket: dgram.Socket;
  #wake: () => void = () => {};

  private constructor(socket: dgram.Socket) {
    this.#socket = socket;
  }

  static open(): Promise<UdpSink> {
    const socket = dgram.createSocket("udp4");
    const self = new UdpSink(socket);
    socket.on("message", (message: Buffer) => {
      self.lines.push(message.toString("latin1"));
      self.#wake();
    });
    return new Promise((resolve) => socket.bind(0, "127.0.0.1", () => resolve(self)));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Waits until at least `count` lines are there, at most `ms`. */
  async until(count: number, ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    while (this.lines.length < count) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** A port of the loopback below the range the kernel takes ports of connections from: nobody has it, nobody will. */
export function freePort(taken: Set<number>): number {
  for (;;) {
    // Below those the system gives to clients, and none that could be a number of bytes in a buffer: answers hide ports.
    const port = 17000 + Math.floor(Math.random() * 15000);
    if (taken.has(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    } catch {
      continue;
    }
    taken.add(port);
    return port;
  }
}

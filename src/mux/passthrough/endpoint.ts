// The passthrough mux: a TCP connection as an endpoint. There is no head; the message ends with the peer's FIN, and
// finish() sends ours, so that half-closes cross the proxy.
import type { Message } from "../../http/mod.ts";
import { type Conn, IO_END } from "../../sys/types.ts";
import type { Endpoint } from "../endpoint.ts";

export class RawEndpoint implements Endpoint {
  readonly conn: Conn;
  readonly complete = false;
  readonly trailers = null;
  readonly headBytes = 0;
  readonly reusable = false;
  closeAfter = true;
  pretendKeepAlive = false;
  onClosed: (() => void) | null = null;
  #finished = false;
  #readEnded = false;

  readonly #noLinger: boolean;

  /** `noLinger`: it is closed with RST (`option nolinger`). */
  constructor(conn: Conn, noLinger = false) {
    this.conn = conn;
    this.#noLinger = noLinger;
  }

  get block(): Uint8Array<ArrayBuffer> {
    return this.conn.block;
  }
  get head(): number {
    return this.conn.head;
  }
  get tail(): number {
    return this.conn.tail;
  }

  readHead(_message: Message): number {
    return 1;
  }

  /** Behind the bytes at hand the message ends, whatever the peer sends. */
  endRead(): void {
    this.#readEnded = true;
  }

  pull(): number | Promise<number> {
    if (this.#readEnded) return 0;
    const got = this.conn.recv(this.conn.tail - this.conn.head);
    if (typeof got === "number") return got === IO_END ? 0 : got;
    return got.then(endIsZero);
  }

  take(n: number): void {
    this.conn.consume(n);
  }
  hold(): void {
    this.conn.hold();
  }
  release(): void {
    this.conn.release();
  }

  writeHead(_message: Message, _last: boolean): number {
    return 1;
  }

  push(bytes: Uint8Array<ArrayBuffer>, from: number, to: number, last: boolean): number | Promise<number> {
    const sent = this.conn.send(bytes, from, to);
    if (last) throw new Error("push: a tunnel has no last bytes");
    return sent;
  }

  flush(): number {
    return 0;
  }

  finish(_trailers: Message | null): number {
    if (!this.#finished) {
      this.#finished = true;
      this.conn.shutdown();
    }
    return 0;
  }

  sendIdle(): number | Promise<number> {
    return this.conn.sendIdle();
  }

  tunnel(): void {}

  wake(code: number): void {
    this.conn.wakeRecv(code);
    this.conn.wakeSend(code);
  }

  wakeRead(code: number): void {
    this.conn.wakeRecv(code);
  }

  close(): void {
    if (this.#noLinger) this.conn.reset();
    else this.conn.close();
    const closed = this.onClosed;
    this.onClosed = null;
    if (closed !== null) closed();
  }

  reset(): void {
    this.conn.reset();
    this.close();
  }
}

function endIsZero(got: number): number {
  return got === IO_END ? 0 : got;
}

// Scripted clients and servers: plain async functions on a connection, for tests and for explain.
import { bytesToLatin1, latin1ToBytes } from "../../base/mod.ts";
import { type Conn, IO_END, IO_FULL } from "../types.ts";

/** A connection with the few operations a script is made of. Text is Latin-1. */
export class Peer {
  /** The code that ended the receiving, 0 before. */
  ended = 0;
  #received = "";

  constructor(readonly conn: Conn) {}

  /** Sends all; the number of bytes, or a code. */
  async send(content: string | Uint8Array<ArrayBuffer>): Promise<number> {
    const bytes = typeof content === "string" ? latin1ToBytes(content) : content;
    return await this.conn.send(bytes, 0, bytes.length);
  }

  /** What was received and not taken. */
  get received(): string {
    return this.#received;
  }

  /** Receives some more; false at the end. */
  async more(): Promise<boolean> {
    if (this.ended !== 0) return false;
    const count = await this.conn.recv(0);
    if (count < 0) {
      if (count !== IO_FULL) this.ended = count;
      return false;
    }
    this.#received += bytesToLatin1(this.conn.block, this.conn.head, this.conn.tail);
    this.conn.consume(count);
    return true;
  }

  /** Takes all up to and with the first `mark`; when the end comes first, what there is. */
  async until(mark: string): Promise<string> {
    let at = this.#received.indexOf(mark);
    while (at < 0) {
      const from = Math.max(0, this.#received.length - mark.length + 1);
      if (!await this.more()) return this.take(this.#received.length);
      at = this.#received.indexOf(mark, from);
    }
    return this.take(at + mark.length);
  }

  /** Takes `count` bytes; when the end comes first, what there is. */
  async exactly(count: number): Promise<string> {
    while (this.#received.length < count && await this.more());
    return this.take(Math.min(count, this.#received.length));
  }

  /** Takes all up to the end. `ended` then says which. */
  async rest(): Promise<string> {
    while (await this.more());
    return this.take(this.#received.length);
  }

  /** Takes bytes that were received. */
  take(count: number): string {
    const text = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return text;
  }

  /** Whether the peer ended its sending in order. */
  get finished(): boolean {
    return this.ended === IO_END;
  }

  /** Sends FIN; receiving goes on. */
  shutdown(): void {
    this.conn.shutdown();
  }

  close(): void {
    this.conn.close();
  }

  reset(): void {
    this.conn.reset();
  }
}

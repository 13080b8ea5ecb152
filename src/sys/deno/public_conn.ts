// A connection of the public layer: `Deno.Conn` under the shared block logic. It reads into the block itself, so that a
// connection that waits holds a small block; it cannot send RST.
import type { BlockPool } from "../../base/mod.ts";
import { BufferedConn, PENDING } from "../buffered_conn.ts";
import { type Address, IO_END, IO_RESET } from "../types.ts";
import type { DenoClock } from "./clock.ts";

export class PublicConn extends BufferedConn {
  readonly #conn: Deno.Conn;
  readonly #onRead: (n: number | null) => void;
  readonly #onReadError: () => void;
  readonly #onWrite: (n: number) => void;
  readonly #onWriteError: () => void;

  constructor(conn: Deno.Conn, local: Address, remote: Address, blocks: BlockPool, clock: DenoClock) {
    super(local, remote, blocks);
    this.#conn = conn;
    this.#onRead = (n) => {
      clock.turned();
      this.readSettled(n === null ? IO_END : n);
    };
    this.#onReadError = () => {
      clock.turned();
      this.readSettled(IO_RESET);
    };
    this.#onWrite = (n) => {
      clock.turned();
      this.writeSettled(n);
    };
    this.#onWriteError = () => {
      clock.turned();
      this.writeSettled(IO_RESET);
    };
  }

  protected override readInto(block: Uint8Array<ArrayBuffer>, from: number, to: number): number {
    this.#conn.read(block.subarray(from, to)).then(this.#onRead, this.#onReadError);
    return PENDING;
  }

  protected override writeFrom(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number {
    const view = from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
    this.#conn.write(view).then(this.#onWrite, this.#onWriteError);
    return PENDING;
  }

  protected override finBelow(): void {
    this.#conn.closeWrite().catch(alreadyGone);
  }

  protected override closeBelow(_withReset: boolean): void {
    this.#conn.close();
  }
}

/** The peer ended the connection first; the next operation tells. */
function alreadyGone(): void {}

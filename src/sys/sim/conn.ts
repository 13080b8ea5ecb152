// A connection of the simulated network: the real block logic (BufferedConn) over two pipes.
import { BufferedConn } from "../buffered_conn.ts";
import type { Address } from "../types.ts";
import { formatAddress } from "./address.ts";
import type { Pipe, PipeEnd } from "./pipe.ts";
import type { SimBlockPool } from "./pool.ts";
import type { SimResource, SimThread } from "./thread.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export class SimConn extends BufferedConn implements PipeEnd, SimResource {
  readonly owner: SimThread;
  readonly pool: SimBlockPool;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;

  constructor(owner: SimThread, local: Address, remote: Address, incoming: Pipe, outgoing: Pipe) {
    super(local, remote, owner.pool);
    this.owner = owner;
    this.pool = owner.pool;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    owner.open.add(this);
  }

  readDone(result: number): void {
    this.readSettled(result);
  }

  writeDone(result: number): void {
    this.writeSettled(result);
  }

  describe(): string {
    return `connection ${formatAddress(this.local)} - ${formatAddress(this.remote)}`;
  }

  abandon(): void {
    this.closeBelow(true);
  }

  protected override readInto(block: Bytes, from: number, to: number): number {
    return this.#incoming.read(this, block, from, to);
  }

  protected override writeFrom(bytes: Bytes, from: number, to: number): number {
    return this.#outgoing.write(this, bytes, from, to);
  }

  protected override finBelow(): void {
    this.#outgoing.fin();
  }

  /** As TCP: what was received and not read makes the end a reset. */
  protected override closeBelow(withReset: boolean): void {
    this.owner.open.delete(this);
    if (withReset || this.#incoming.unread > 0) this.#outgoing.reset();
    else this.#outgoing.fin();
    this.#outgoing.writerClosed();
    this.#incoming.readerClosed();
  }
}

// A connection of the simulated network: the real block logic (BufferedConn) over two pipes.
import { BufferedConn } from "../buffered_conn.ts";
import type { Address, SocketOptions, TcpInfo } from "../types.ts";
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

  /** The simulated network does nothing with options: tests look at them. */
  override setOptions(options: SocketOptions): string {
    this.owner.core.optionsSet.push(options);
    return "";
  }

  /** A connection without any loss. */
  override tcpInfo(): TcpInfo | null {
    if (this.closed || this.local.family === "unix") return null;
    return { rttUs: 100, rttvarUs: 50, unacked: 0, sacked: 0, lost: 0, retrans: 0, fackets: 0, reordering: 3 };
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

// A stream target of log lines, as main sends to it: one connection, kept as long as its peer keeps it and made anew when it is
// lost; lines end with a line feed (RFC 6587 3.4.2, as HAProxy's "legacy" framing). What waits for it is bounded: lines
// that find no room are dropped and counted by who brought them.
//
// Delivery: a piece of lines that a broken connection took only in part is sent again, whole, on the next one. What the
// kernel had taken when the peer died is lost without anybody's knowledge.
import { spawn, Timer, type Wheel } from "../base/mod.ts";
import { type Address, type Conn, type Sys, WAKE_TIMEOUT } from "../sys/types.ts";
import type { LossReport, Outlet } from "./outlets.ts";

/** Bytes that wait for the target at most. */
const HELD_BYTES = 1024 * 1024;
/** A connection that cannot be made is tried again after this time. */
const RETRY_MS = 1000;
/** Longest time to connect, and for a peer to take what is sent; then the connection is given up. */
const CONNECT_MS = 5000;
const STALL_MS = 10_000;

interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lines: number;
}

export class StreamTarget implements Outlet {
  readonly #sys: Pick<Sys, "net">;
  readonly #wheel: Wheel;
  readonly #address: Address;
  readonly #name: string;
  readonly #report: LossReport;
  readonly #pieces: Piece[] = [];
  #held = 0;
  #conn: Conn | null = null;
  #running = false;
  #closed = false;
  #told = false;
  /** What the timer ends: a connect, a send, or a pause. */
  #late: (() => void) | null = null;
  readonly #timer: Timer<StreamTarget>;

  /** `name`: the target in messages. */
  constructor(sys: Pick<Sys, "net">, wheel: Wheel, address: Address, name: string, report: LossReport) {
    this.#sys = sys;
    this.#wheel = wheel;
    this.#address = address;
    this.#name = name;
    this.#report = report;
    this.#timer = new Timer<StreamTarget>(this, (timer) => timer.owner.#late?.());
  }

  /** Everything that was taken has left. */
  get idle(): boolean {
    return !this.#running;
  }

  /** `bytes` is kept. */
  write(bytes: Uint8Array<ArrayBuffer>, length: number, lines: number): boolean {
    if (this.#closed || this.#held + length > HELD_BYTES) return false;
    this.#pieces.push({ bytes: length === bytes.length ? bytes : bytes.slice(0, length), lines });
    this.#held += length;
    if (!this.#running) {
      this.#running = true;
      spawn(this.#run(), (error) => this.#report.problem(`log : ${error}`));
    }
    return true;
  }

  /** Closes now; what was not sent is lost, and counted. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const piece of this.#pieces.splice(0)) this.#report.dropped(piece.lines);
    this.#held = 0;
    this.#drop();
    this.#late?.();
  }

  async #run(): Promise<void> {
    while (this.#pieces.length > 0) {
      const piece = this.#pieces[0];
      if ((this.#conn === null && !await this.#connect()) || !await this.#send(this.#conn!, piece.bytes)) {
        if (!this.#closed) await this.#within(RETRY_MS, (wake) => new Promise<void>((slot) => wake(slot)));
        continue;
      }
      if (this.#closed) break;
      this.#pieces.shift();
      this.#held -= piece.bytes.length;
    }
    this.#running = false;
  }

  /** Runs a wait; after `ms` what it gave to `wake` is called. */
  async #within<R>(ms: number, wait: (wake: (late: () => void) => void) => R | Promise<R>): Promise<R> {
    const waiting = wait((late) => this.#late = late);
    this.#wheel.armIn(this.#timer, ms);
    const result = await waiting;
    this.#wheel.cancel(this.#timer);
    this.#late = null;
    return result;
  }

  async #connect(): Promise<boolean> {
    const made = await this.#within(CONNECT_MS, (wake) => {
      const connecting = this.#sys.net.connect({ remote: this.#address });
      wake(() => connecting.wake(WAKE_TIMEOUT));
      return connecting.done;
    });
    if (typeof made === "number") {
      if (!this.#told && !this.#closed) {
        this.#told = true;
        this.#report.problem(
          `log : cannot connect to ${this.#name}: its lines wait, and are dropped when there are too many.`,
        );
      }
      return false;
    }
    if (this.#closed) {
      made.close();
      return false;
    }
    this.#told = false;
    this.#conn = made;
    spawn(this.#watch(made), (error) => this.#report.problem(`log : ${error}`));
    return true;
  }

  /** What the peer says is of no interest, but that it ends is. */
  async #watch(conn: Conn): Promise<void> {
    for (;;) {
      const got = await conn.recv(0);
      if (got <= 0) break;
      conn.consume(got);
    }
    if (this.#conn === conn) this.#drop();
  }

  async #send(conn: Conn, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const sent = await this.#within(STALL_MS, (wake) => {
      wake(() => conn.wakeSend(WAKE_TIMEOUT));
      return conn.send(bytes, 0, bytes.length);
    });
    if (sent === bytes.length) return true;
    if (this.#conn === conn) this.#drop();
    return false;
  }

  #drop(): void {
    const conn = this.#conn;
    this.#conn = null;
    conn?.close();
  }
}

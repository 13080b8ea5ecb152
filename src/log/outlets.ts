// What a thread's log lines go out through. Nothing here waits for who reads: what an outlet cannot take is dropped, and
// the caller counts it; what it took and then could not deliver, it reports itself.
import { spawn } from "../base/mod.ts";
import type { Address, Datagram, Sys } from "../sys/types.ts";

const LF = 10;

/** What outlets tell about lines that were lost after they had been taken. */
export interface LossReport {
  /** Counts lines that are lost. */
  dropped(lines: number): void;
  /** Tells the operator. */
  problem(text: string): void;
}

/** Takes `bytes[0, length)`: whole lines, each with its line feed. */
export interface Outlet {
  /** False when they were dropped. */
  write(bytes: Uint8Array, length: number, lines: number): boolean;
}

/** Counts each message that a socket could not send; the first one is told. */
export function lossesOf(name: string, report: LossReport): (reason: string) => void {
  let told = false;
  return (reason) => {
    report.dropped(1);
    if (told) return;
    told = true;
    report.problem(`log : cannot send to ${name}: ${reason}`);
  };
}

// ---- datagrams --------------------------------------------------------------------------------------------------

/** Lines as datagrams to one address. The socket bounds what waits for a slow receiver. */
export class DatagramOutlet implements Outlet {
  readonly #socket: Datagram | null;
  readonly #address: Address;

  constructor(socket: Datagram | null, address: Address) {
    this.#socket = socket;
    this.#address = address;
  }

  write(bytes: Uint8Array, length: number): boolean {
    return this.#socket !== null && this.#socket.send(bytes, 0, length, this.#address);
  }
}

/** Lines that came together, each a datagram again. */
export class DatagramsOutlet implements Outlet {
  readonly #socket: Datagram | null;
  readonly #address: Address;
  readonly #report: LossReport;

  /** `socket`: or why there is none. */
  constructor(socket: Datagram | string, address: Address, name: string, report: LossReport) {
    this.#address = address;
    this.#report = report;
    this.#socket = typeof socket === "string" ? null : socket;
    if (typeof socket === "string") report.problem(`log : cannot open a socket for ${name}: ${socket}`);
    else socket.onlost = lossesOf(name, report);
  }

  /** Nothing waits. */
  get idle(): boolean {
    return this.#socket === null || this.#socket.pending === 0;
  }

  write(bytes: Uint8Array, length: number, lines: number): boolean {
    if (this.#socket === null) return false;
    let lost = 0;
    for (let from = 0; from < length;) {
      const end = bytes.indexOf(LF, from) + 1 || length;
      if (!this.#socket.send(bytes, from, Math.min(end, length), this.#address)) lost++;
      from = end;
    }
    if (lost === lines) return false;
    if (lost > 0) this.#report.dropped(lost);
    return true;
  }

  close(): void {
    this.#socket?.close();
  }
}

// ---- descriptors ------------------------------------------------------------------------------------------------

/** What a pipe writes whole (PIPE_BUF of Linux): lines of several threads never mix below it. */
const BATCH_BYTES = 4096;
/** Bytes that wait for a reader at most. */
const HELD_BYTES = 256 * 1024;

/** Lines that go out in one write. */
interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  used: number;
  lines: number;
}

/**
 * Standard output or error, or another descriptor: the lines of a turn are written whole, as many at once as a pipe takes in
 * one piece. One write is under way at a time; lines gather meanwhile.
 */
export class DescriptorOutlet implements Outlet {
  readonly #sys: Pick<Sys, "proc" | "turn">;
  readonly #number: number;
  readonly #report: LossReport;
  readonly #batches: Batch[] = [];
  /** A batch to use again. */
  #spare: Batch | null = null;
  #held = 0;
  #writing = false;
  #told = false;

  constructor(sys: Pick<Sys, "proc" | "turn">, number: number, report: LossReport) {
    this.#sys = sys;
    this.#number = number;
    this.#report = report;
  }

  /** Nothing waits and nothing is under way. */
  get idle(): boolean {
    return !this.#writing;
  }

  write(bytes: Uint8Array, length: number, lines: number): boolean {
    if (this.#held + length > HELD_BYTES) return false;
    let batch = this.#batches[this.#batches.length - 1];
    if (batch === undefined || batch.used + length > batch.bytes.length) batch = this.#open(length);
    batch.bytes.set(bytes.subarray(0, length), batch.used);
    batch.used += length;
    batch.lines += lines;
    this.#held += length;
    if (!this.#writing) {
      this.#writing = true;
      spawn(this.#drain(), (error) => this.#report.problem(`log : ${error}`));
    }
    return true;
  }

  #open(length: number): Batch {
    let batch = this.#spare;
    if (batch === null || length > BATCH_BYTES) {
      batch = { bytes: new Uint8Array(Math.max(length, BATCH_BYTES)), used: 0, lines: 0 };
    } else {
      this.#spare = null;
    }
    this.#batches.push(batch);
    return batch;
  }

  async #drain(): Promise<void> {
    await this.#sys.turn();
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
      const failed = await this.#sys.proc.write(this.#number, batch.bytes.subarray(0, batch.used));
      if (failed !== "") this.#failed(batch.lines, failed);
      this.#held -= batch.used;
      batch.used = 0;
      batch.lines = 0;
      if (batch.bytes.length === BATCH_BYTES) this.#spare = batch;
    }
    this.#writing = false;
  }

  #failed(lines: number, reason: string): void {
    this.#report.dropped(lines);
    if (this.#told) return;
    this.#told = true;
    this.#report.problem(`log : cannot write to descriptor ${this.#number}: ${reason}`);
  }
}

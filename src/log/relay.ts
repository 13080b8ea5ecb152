// Targets that main alone sends to, for all threads: stream addresses, where the lines of one connection must not mix, and
// descriptors that only main may open (configuration.txt 4.2 "log": "tcp@" and "fd@").
//
// A thread gathers the lines of a turn and gives them to main in one message; what main has not taken is bounded, so that
// a main that is busy loses lines but no memory.
import { spawn } from "../base/mod.ts";
import type { LossReport, Outlet } from "./outlets.ts";
import type { RelayTarget } from "./target.ts";
import type { Sys } from "../sys/types.ts";

/** How a thread reaches main, or main itself. */
export interface LogRelay {
  /** Takes whole lines; false when they are dropped. `bytes` belongs to the relay afterwards. */
  relay(target: RelayTarget, bytes: Uint8Array<ArrayBuffer>, lines: number): boolean;
}

/** First size of what gathers a turn's lines, and the most of it. */
const FIRST_BYTES = 4096;
const TURN_BYTES = 256 * 1024;

/** The lines of one target in one turn. */
export class RelayOutlet implements Outlet {
  readonly #turn: Sys["turn"];
  readonly #target: RelayTarget;
  readonly #relay: LogRelay;
  readonly #report: LossReport;
  #bytes = new Uint8Array(FIRST_BYTES);
  #used = 0;
  #lines = 0;

  constructor(turn: Sys["turn"], target: RelayTarget, relay: LogRelay, report: LossReport) {
    this.#turn = turn;
    this.#target = target;
    this.#relay = relay;
    this.#report = report;
  }

  write(bytes: Uint8Array, length: number, lines: number): boolean {
    const end = this.#used + length;
    if (end > TURN_BYTES) return false;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    if (this.#used === 0) {
      spawn(this.#turn().then(() => this.flush()), (error) => this.#report.problem(`log : ${error}`));
    }
    this.#bytes.set(bytes.subarray(0, length), this.#used);
    this.#used = end;
    this.#lines += lines;
    return true;
  }

  flush(): void {
    if (this.#used === 0) return;
    const lines = this.#lines;
    const taken = this.#relay.relay(this.#target, this.#bytes.slice(0, this.#used), lines);
    this.#used = 0;
    this.#lines = 0;
    if (!taken) this.#report.dropped(lines);
  }
}

// ---- a thread's way to main -------------------------------------------------------------------------------------

/** Bytes that main may not have taken yet. */
const UNTAKEN_BYTES = 1024 * 1024;

/** What a thread sends to main, and main answers with `taken`. */
export interface RelayedLines {
  readonly target: RelayTarget;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lines: number;
}

/** The relay of a thread: messages, of which only so many may be on their way. */
export class RelayToMain implements LogRelay {
  readonly #post: (lines: RelayedLines) => void;
  #untaken = 0;

  constructor(post: (lines: RelayedLines) => void) {
    this.#post = post;
  }

  relay(target: RelayTarget, bytes: Uint8Array<ArrayBuffer>, lines: number): boolean {
    if (this.#untaken + bytes.length > UNTAKEN_BYTES) return false;
    this.#untaken += bytes.length;
    this.#post({ target, bytes, lines });
    return true;
  }

  /** Main took so many bytes. */
  taken(bytes: number): void {
    this.#untaken -= bytes;
  }
}

// The connections of one attempt of a health check, under its deadline: what a check waits for always ends, because the
// deadline (or a stop) wakes it. What is asked and answered on them is the business of connect.ts, http_probe.ts, tcp_probe.ts.
//
// Invariant: at most one wait at a time; after run() no connection of the attempt is open.
import { Timer, type Wheel } from "../../base/mod.ts";
import {
  type Address,
  type Conn,
  type Connecting,
  IO_NO_DESCRIPTOR,
  IO_REFUSED,
  IO_RESET,
  IO_UNREACHABLE,
  type Sys,
  WAKE_STOP,
  WAKE_TIMEOUT,
} from "../../sys/types.ts";
import { type CheckResult, CHK_L4CON, CHK_L4TOUT, CHK_SOCKERR } from "./result.ts";

/** What a check does: it connects, exchanges, and judges. */
export interface Plan {
  run(probe: Probe): Promise<CheckResult>;
}

/** Times of an attempt, ms. */
export interface ProbeTimes {
  readonly connect: number;
  /** For everything after the connect; 0: what is left of `connect`. */
  readonly read: number;
}

export class Probe {
  readonly sys: Sys;
  readonly #begin: (remote: Address) => Connecting;
  readonly #greeting: ((conn: Conn) => Uint8Array<ArrayBuffer>) | null;
  readonly #wheel: Wheel;
  readonly #timer: Timer<Probe>;
  #times: ProbeTimes = { connect: 0, read: 0 };
  #conn: Conn | null = null;
  /** Ends the current wait. */
  #wake: ((code: number) => void) | null = null;
  /** Code of the wake that ended the attempt, 0 while none did. */
  #woken = 0;

  /** `begin` starts a connect; `greeting` is what the connection to the server begins with. */
  constructor(
    sys: Sys,
    wheel: Wheel,
    begin: (remote: Address) => Connecting,
    greeting: ((conn: Conn) => Uint8Array<ArrayBuffer>) | null = null,
  ) {
    this.sys = sys;
    this.#begin = begin;
    this.#greeting = greeting;
    this.#wheel = wheel;
    this.#timer = new Timer<Probe>(this, (timer) => timer.owner.#end(WAKE_TIMEOUT));
  }

  /** Ends the attempt as soon as possible. */
  stop(): void {
    this.#end(WAKE_STOP);
  }

  #end(code: number): void {
    this.#woken = code;
    this.#wake?.(code);
  }

  async run(plan: Plan, times: ProbeTimes): Promise<CheckResult> {
    this.#woken = 0;
    this.#times = times;
    this.#wheel.armIn(this.#timer, times.connect);
    try {
      return await plan.run(this);
    } finally {
      this.#wheel.cancel(this.#timer);
      this.#wake = null;
      this.close();
    }
  }

  /** Opens a connection instead of the one before: 0, or a code. `greets`: it is the check's own, no step's. */
  async connect(remote: Address, greets: boolean): Promise<number> {
    this.close();
    if (this.#woken !== 0) return this.#woken;
    const connecting = this.#begin(remote);
    this.#wake = (code) => connecting.wake(code);
    const conn = await connecting.done;
    this.#wake = null;
    if (typeof conn === "number") return conn;
    if (this.#times.read > 0) this.#wheel.armIn(this.#timer, this.#times.read);
    this.#conn = conn;
    this.#wake = (code) => {
      conn.wakeSend(code);
      conn.wakeRecv(code);
    };
    if (!greets || this.#greeting === null) return 0;
    const sent = await this.send(this.#greeting(conn));
    return Math.min(sent, 0);
  }

  /** The connection that connect() opened. */
  get conn(): Conn {
    return this.#conn!;
  }

  /** Code of the wake that came between two waits, 0 without: to be asked before each. */
  get woken(): number {
    return this.#woken;
  }

  /** Sends all of it: the number of bytes, or a code. */
  async send(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    return this.#woken !== 0 ? this.#woken : await this.conn.send(bytes, 0, bytes.length);
  }

  /** Closes the connection, with a reset when it was asked for. */
  close(reset = false): void {
    const conn = this.#conn;
    this.#conn = null;
    if (conn === null) return;
    if (reset) conn.reset();
    else conn.close();
  }
}

/** The result of a connect that failed; `where` is told behind the reason. */
export function notConnected(code: number, where = ""): CheckResult {
  switch (code) {
    case WAKE_TIMEOUT:
      return { status: CHK_L4TOUT, code: 0, info: where };
    case IO_REFUSED:
      return { status: CHK_L4CON, code: 0, info: `Connection refused${where}` };
    case IO_UNREACHABLE:
      return { status: CHK_L4CON, code: 0, info: `Network is unreachable${where}` };
    case IO_RESET:
      return { status: CHK_L4CON, code: 0, info: `Connection reset by peer${where}` };
    case IO_NO_DESCRIPTOR:
      return { status: CHK_SOCKERR, code: 0, info: `Too many open files${where}` };
    default:
      return { status: CHK_SOCKERR, code: 0, info: "" };
  }
}

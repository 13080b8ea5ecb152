// A health check by TCP: connecting alone, or the steps of `tcp-check` statements (configuration.txt 4.2 "option tcp-check",
// "tcp-check connect", "send", "expect"). What failed is told as the packaged haproxy does.
import { latin1Slice } from "../../base/mod.ts";
import { type Address, IO_CLOSED, IO_FULL, WAKE_STOP, WAKE_TIMEOUT } from "../../sys/types.ts";
import { notConnected, type Plan, type Probe } from "./probe.ts";
import { type CheckResult, CHK_L4OK, CHK_L7OK, CHK_L7RSP, CHK_L7TOUT, CHK_SOCKERR } from "./result.ts";

/** Connecting decides. */
export class ConnectPlan implements Plan {
  readonly #target: () => Address | null;

  constructor(target: () => Address | null) {
    this.#target = target;
  }

  async run(probe: Probe): Promise<CheckResult> {
    const remote = this.#target();
    if (remote === null) return { status: CHK_SOCKERR, code: 0, info: "" };
    const connected = await probe.connect(remote, true);
    return connected < 0 ? notConnected(connected) : { status: CHK_L4OK, code: 0, info: "" };
  }
}

/** A step as it is run; `number` counts the statements from 1, comments included. */
export type TcpStep =
  | {
    readonly kind: "connect";
    readonly number: number;
    readonly target: () => Address | null;
    /** The port of the statement, 0: the server's. */
    readonly port: number;
    /** Closes with a FIN instead of a reset. */
    readonly linger: boolean;
    readonly comment: string;
  }
  | { readonly kind: "send"; readonly number: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
    readonly kind: "expect";
    readonly number: number;
    /** "string '+OK'", "regex", "binary": for messages of timeouts. */
    readonly what: string;
    /** "content '+OK'", "content (regex)": for messages of other failures. */
    readonly content: string;
    readonly negate: boolean;
    /** Fewer bytes decide nothing; -1: a match decides, no match waits for more. */
    readonly minRecv: number;
    readonly matches: (text: string) => boolean;
    readonly comment: string;
  };

/** Most bytes that are collected. */
const MAX_RECEIVED = 16384;

const PASSED = "(tcp-check)";

export class TcpPlan implements Plan {
  readonly #steps: readonly TcpStep[];
  readonly #target: () => Address | null;

  /** `target`: where the first connection goes when the steps do not begin with one. */
  constructor(steps: readonly TcpStep[], target: () => Address | null) {
    this.#steps = steps;
    this.#target = target;
  }

  async run(probe: Probe): Promise<CheckResult> {
    let received = "";
    let linger = false;
    let exchanged = false;
    if (this.#steps[0]?.kind !== "connect") {
      const failure = await connect(probe, this.#target(), " at initial connection step of tcp-check", true);
      if (failure !== null) return failure;
    }
    for (const step of this.#steps) {
      switch (step.kind) {
        case "connect": {
          const what = step.port > 0 ? `connect port ${step.port}` : "connect";
          const failure = await connect(probe, step.target(), whereOf(step.number, what, step.comment), false);
          if (failure !== null) return failure;
          linger = step.linger;
          received = "";
          break;
        }
        case "send": {
          exchanged = true;
          received = "";
          const sent = await probe.send(step.bytes);
          if (sent < 0) return broken(sent, whereOf(step.number, "send", ""));
          break;
        }
        case "expect": {
          exchanged = true;
          const outcome = await expect(probe, step, received);
          if (typeof outcome !== "string") return outcome;
          received = outcome;
        }
      }
    }
    probe.close(exchanged && !linger);
    return { status: exchanged ? CHK_L7OK : CHK_L4OK, code: 0, info: PASSED };
  }
}

async function connect(
  probe: Probe,
  remote: Address | null,
  where: string,
  greets: boolean,
): Promise<CheckResult | null> {
  if (remote === null) return { status: CHK_SOCKERR, code: 0, info: `no address${where}` };
  const connected = await probe.connect(remote, greets);
  return connected < 0 ? notConnected(connected, where) : null;
}

/** Collects until the step is decided: all that was received when it holds, else what failed. */
async function expect(
  probe: Probe,
  step: TcpStep & { kind: "expect" },
  before: string,
): Promise<string | CheckResult> {
  let received = before;
  let over = false;
  for (;;) {
    const enough = received.length > 0 && received.length >= step.minRecv;
    if (enough || (over && received !== "")) {
      const matched = step.matches(received);
      if (matched && step.negate) return failed(`TCPCHK matched unwanted ${step.content}`, step);
      // Unwanted content may still come, wanted content as well: unless nothing more can.
      if (matched || step.negate) return received;
      if (over || step.minRecv >= 0) return failed(`TCPCHK did not match ${step.content}`, step);
    } else if (over) {
      return failed("TCPCHK got an empty response", step);
    }
    const { conn } = probe;
    const got = probe.woken !== 0 ? probe.woken : await conn.recv(0);
    if (got > 0 || got === IO_FULL) {
      const room = Math.min(conn.tail - conn.head, MAX_RECEIVED - received.length);
      received += latin1Slice(conn.block, conn.head, conn.head + room);
      conn.consume(conn.tail - conn.head);
      if (received.length >= MAX_RECEIVED) over = true;
      continue;
    }
    if (got === WAKE_TIMEOUT || got === WAKE_STOP || got === IO_CLOSED) {
      return broken(got, whereOf(step.number, `expect ${step.what}`, step.comment));
    }
    over = true;
  }
}

function failed(what: string, step: { readonly number: number; readonly comment: string }): CheckResult {
  const comment = step.comment === "" ? "" : ` comment: ${step.comment}`;
  return { status: CHK_L7RSP, code: 0, info: `${what} at step ${step.number}${comment}` };
}

function whereOf(number: number, what: string, comment: string): string {
  return ` at step ${number} of tcp-check (${what})${comment === "" ? "" : ` comment: '${comment}'`}`;
}

function broken(code: number, where: string): CheckResult {
  if (code === WAKE_TIMEOUT) return { status: CHK_L7TOUT, code: 0, info: where };
  if (code === WAKE_STOP || code === IO_CLOSED) return { status: CHK_SOCKERR, code: 0, info: "" };
  return { status: CHK_L7RSP, code: 0, info: `connection broken${where}` };
}

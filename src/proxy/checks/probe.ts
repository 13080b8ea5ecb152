// One attempt of a health check: connects, and with `option httpchk` sends a request and judges the response
// (configuration.txt 4.2 "option httpchk", "http-check", "timeout check"). It never throws and always ends: the deadline wakes
// whatever it waits for.
import { latin1Slice, Timer, type Wheel } from "../../base/mod.ts";
import { Message, MessagePool } from "../../http/mod.ts";
import { BACK, H1Endpoint, type H1Options } from "../../mux/mod.ts";
import {
  type Conn,
  type ConnectSpec,
  IO_CLOSED,
  IO_NO_DESCRIPTOR,
  IO_REFUSED,
  IO_RESET,
  IO_UNREACHABLE,
  type Sys,
  WAKE_STOP,
  WAKE_TIMEOUT,
} from "../../sys/types.ts";
import {
  type CheckResult,
  CHK_L4CON,
  CHK_L4OK,
  CHK_L4TOUT,
  CHK_L7OK,
  CHK_L7OKC,
  CHK_L7RSP,
  CHK_L7STS,
  CHK_L7TOUT,
  CHK_SOCKERR,
} from "./result.ts";

/** What a response must be like. */
export interface Expectation {
  /** Looks at the body, not only at the status. */
  readonly needsBody: boolean;
  holds(status: number, body: string): boolean;
  /** What to tell when it does not. */
  readonly failure: string;
}

/** An HTTP check. */
export interface HttpProbe {
  /** The whole request. */
  request(): Uint8Array<ArrayBuffer>;
  readonly expectation: Expectation;
  readonly disableOn404: boolean;
  /** The request's method is HEAD: no body follows. */
  readonly head: boolean;
}

/** Most bytes of a response's body that are looked at. */
const MAX_BODY = 16384;

const STOPPED: CheckResult = { status: CHK_SOCKERR, code: 0, info: "" };

export class Probe {
  readonly #sys: Sys;
  readonly #wheel: Wheel;
  readonly #timer: Timer<Probe>;
  readonly #options: H1Options;
  /** Ends the current wait. */
  #wake: ((code: number) => void) | null = null;
  /** Code of a wake that came before the wait it is for. */
  #woken = 0;

  constructor(sys: Sys, wheel: Wheel) {
    this.#sys = sys;
    this.#wheel = wheel;
    this.#timer = new Timer<Probe>(this, (timer) => timer.owner.#end(WAKE_TIMEOUT));
    this.#options = {
      blocks: sys.blocks,
      messages: new MessagePool(),
      maxRewrite: 1024,
      maxHeaders: 101,
      dropTrailers: false,
      bug: () => {},
    };
  }

  /** Ends the attempt as soon as possible. */
  stop(): void {
    this.#end(WAKE_STOP);
  }

  #end(code: number): void {
    this.#woken = code;
    this.#wake?.(code);
  }

  /** `readMs`: time for everything after the connect; 0: what is left of `connectMs`. `http` null: connecting is all. */
  async run(spec: ConnectSpec, connectMs: number, readMs: number, http: HttpProbe | null): Promise<CheckResult> {
    this.#woken = 0;
    this.#wheel.armIn(this.#timer, connectMs);
    const connecting = this.#sys.net.connect(spec);
    this.#wake = (code) => connecting.wake(code);
    const conn = await connecting.done;
    this.#wake = null;
    if (typeof conn === "number") {
      this.#wheel.cancel(this.#timer);
      return notConnected(conn);
    }
    let result: CheckResult = { status: CHK_L4OK, code: 0, info: "" };
    if (http !== null) {
      if (readMs > 0) this.#wheel.armIn(this.#timer, readMs);
      result = await this.#exchange(conn, http);
    }
    this.#wheel.cancel(this.#timer);
    conn.close();
    return result;
  }

  async #exchange(conn: Conn, http: HttpProbe): Promise<CheckResult> {
    this.#wake = (code) => {
      conn.wakeSend(code);
      conn.wakeRecv(code);
    };
    const request = http.request();
    const sent = await conn.send(request, 0, request.length);
    if (sent < 0) return this.#broken(sent);
    const endpoint = new H1Endpoint(conn, BACK, this.#options);
    const message = new Message();
    const block = this.#sys.blocks.take();
    message.attach(block);
    try {
      return await this.#judge(endpoint, message, http);
    } finally {
      this.#wake = null;
      this.#sys.blocks.give(message.detach());
    }
  }

  async #judge(endpoint: H1Endpoint, message: Message, http: HttpProbe): Promise<CheckResult> {
    do {
      const head = this.#woken !== 0 ? this.#woken : await endpoint.readHead(message);
      if (head < 0) return this.#broken(head);
    } while (message.status < 200);
    const { status } = message;
    const info = message.reasonText();
    let body = "";
    if (http.expectation.needsBody && !http.head) {
      const read = await this.#readBody(endpoint);
      if (typeof read === "number") return this.#broken(read);
      body = read;
    }
    if (status === 404 && http.disableOn404) return { status: CHK_L7OKC, code: status, info };
    if (http.expectation.holds(status, body)) return { status: CHK_L7OK, code: status, info: "" };
    const failed = http.expectation.needsBody ? CHK_L7RSP : CHK_L7STS;
    return { status: failed, code: status, info: http.expectation.failure || info };
  }

  async #readBody(endpoint: H1Endpoint): Promise<string | number> {
    let body = "";
    for (;;) {
      body += latin1Slice(
        endpoint.block,
        endpoint.head,
        Math.min(endpoint.tail, endpoint.head + MAX_BODY - body.length),
      );
      endpoint.take(endpoint.tail - endpoint.head);
      if (endpoint.complete || body.length >= MAX_BODY) return body;
      const got = this.#woken !== 0 ? this.#woken : await endpoint.pull();
      if (got < 0) return got;
    }
  }

  #broken(code: number): CheckResult {
    switch (code) {
      case WAKE_TIMEOUT:
        return { status: CHK_L7TOUT, code: 0, info: "" };
      case WAKE_STOP:
      case IO_CLOSED:
        return STOPPED;
      default:
        return { status: CHK_L7RSP, code: 0, info: "" };
    }
  }
}

function notConnected(code: number): CheckResult {
  switch (code) {
    case WAKE_TIMEOUT:
      return { status: CHK_L4TOUT, code: 0, info: "" };
    case IO_REFUSED:
      return { status: CHK_L4CON, code: 0, info: "Connection refused" };
    case IO_UNREACHABLE:
      return { status: CHK_L4CON, code: 0, info: "Network is unreachable" };
    case IO_RESET:
      return { status: CHK_L4CON, code: 0, info: "Connection reset by peer" };
    case IO_NO_DESCRIPTOR:
      return { status: CHK_SOCKERR, code: 0, info: "Too many open files" };
    case WAKE_STOP:
      return STOPPED;
    default:
      return { status: CHK_SOCKERR, code: 0, info: "" };
  }
}

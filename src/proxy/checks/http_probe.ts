// A health check by HTTP: one request, one response that is judged (configuration.txt 4.2 "option httpchk", "http-check").
import { latin1Slice } from "../../base/mod.ts";
import { Message, MessagePool } from "../../http/mod.ts";
import { BACK, H1Endpoint, type H1Options, H1Parsers } from "../../mux/mod.ts";
import { type Address, IO_CLOSED, WAKE_STOP, WAKE_TIMEOUT } from "../../sys/types.ts";
import { notConnected, type Plan, type Probe } from "./probe.ts";
import { type CheckResult, CHK_L7OK, CHK_L7OKC, CHK_L7RSP, CHK_L7STS, CHK_L7TOUT, CHK_SOCKERR } from "./result.ts";

/** What a response must be like. */
export interface Expectation {
  /** Looks at the body, not only at the status. */
  readonly needsBody: boolean;
  holds(status: number, body: string): boolean;
  /** What to tell when it does not; "": the reason of the response. */
  readonly failure: string;
}

export interface HttpPlanParts {
  /** Where the check connects to; null: nobody knows now. */
  target(): Address | null;
  /** The whole request. */
  request(): Uint8Array<ArrayBuffer>;
  readonly expectation: Expectation;
  readonly disableOn404: boolean;
  /** The request's method is HEAD: no body follows. */
  readonly head: boolean;
}

/** Most bytes of a response's body that are looked at. */
const MAX_BODY = 16384;

export class HttpPlan implements Plan {
  readonly #parts: HttpPlanParts;

  constructor(parts: HttpPlanParts) {
    this.#parts = parts;
  }

  async run(probe: Probe): Promise<CheckResult> {
    const remote = this.#parts.target();
    if (remote === null) return { status: CHK_SOCKERR, code: 0, info: "" };
    const connected = await probe.connect(remote, true);
    if (connected < 0) return notConnected(connected);
    const sent = await probe.send(this.#parts.request());
    if (sent < 0) return broken(sent);
    const { blocks } = probe.sys;
    const options: H1Options = {
      blocks,
      messages: new MessagePool(),
      parsers: new H1Parsers(),
      maxRewrite: 1024,
      maxHeaders: 101,
      dropTrailers: false,
      relaxed: false,
      caseMap: null,
      acceptAnyPayload: false,
      closeOnInsecure: true,
      noLinger: false,
      bug: () => {},
    };
    const endpoint = new H1Endpoint(probe.conn, BACK, options);
    const message = new Message();
    message.attach(blocks.take());
    try {
      return await this.#judge(probe, endpoint, message);
    } finally {
      blocks.give(message.detach());
    }
  }

  async #judge(probe: Probe, endpoint: H1Endpoint, message: Message): Promise<CheckResult> {
    const { expectation, head, disableOn404 } = this.#parts;
    do {
      const read = probe.woken !== 0 ? probe.woken : await endpoint.readHead(message);
      if (read < 0) return broken(read);
    } while (message.status < 200);
    const { status } = message;
    const reason = message.reasonText();
    let body = "";
    if (expectation.needsBody && !head) {
      const read = await readBody(probe, endpoint);
      if (typeof read === "number") return broken(read);
      body = read;
    }
    if (status === 404 && disableOn404) return { status: CHK_L7OKC, code: status, info: reason };
    if (expectation.holds(status, body)) return { status: CHK_L7OK, code: status, info: "" };
    const failed = expectation.needsBody ? CHK_L7RSP : CHK_L7STS;
    return { status: failed, code: status, info: expectation.failure || reason };
  }
}

async function readBody(probe: Probe, endpoint: H1Endpoint): Promise<string | number> {
  let body = "";
  for (;;) {
    const to = Math.min(endpoint.tail, endpoint.head + MAX_BODY - body.length);
    body += latin1Slice(endpoint.block, endpoint.head, to);
    endpoint.take(endpoint.tail - endpoint.head);
    if (endpoint.complete || body.length >= MAX_BODY) return body;
    const got = probe.woken !== 0 ? probe.woken : await endpoint.pull();
    if (got < 0) return got;
  }
}

function broken(code: number): CheckResult {
  switch (code) {
    case WAKE_TIMEOUT:
      return { status: CHK_L7TOUT, code: 0, info: "" };
    case WAKE_STOP:
    case IO_CLOSED:
      return { status: CHK_SOCKERR, code: 0, info: "" };
    default:
      return { status: CHK_L7RSP, code: 0, info: "" };
  }
}

// Facts of a stream that rules and logs read: times, what is kept of its messages, the payload at hand.
import { NO_BLOCK } from "../base/mod.ts";
import type { Endpoint } from "../mux/mod.ts";
import type { ConnView, KeptView, PayloadView, StreamTimes } from "../sample/mod.ts";
import type { Address, Conn } from "../sys/types.ts";
import type { Stream } from "./stream.ts";

/** Times of a stream; -1 until it happened. */
export class Times implements StreamTimes {
  accept = -1;
  handshake = -1;
  requestStart = -1;
  request = -1;
  queue = -1;
  connect = -1;
  response = -1;
  end = -1;

  begin(accept: number): void {
    this.accept = accept;
    this.handshake = accept;
    this.requestStart = -1;
    this.request = -1;
    this.queue = -1;
    this.connect = -1;
    this.response = -1;
    this.end = -1;
  }
}

/** The side of a stream whose payload rules look at. */
export class Payload implements PayloadView {
  endpoint: Endpoint | null = null;
  /** Nobody waits for more: rules decide on what there is. */
  final = true;

  get block(): Uint8Array<ArrayBuffer> {
    return this.endpoint === null ? NO_BLOCK : this.endpoint.block;
  }
  get from(): number {
    return this.endpoint === null ? 0 : this.endpoint.head;
  }
  get to(): number {
    return this.endpoint === null ? 0 : this.endpoint.tail;
  }
  get complete(): boolean {
    return this.final || this.endpoint === null || this.endpoint.complete;
  }
}

const LF = 10;
const CR = 13;

/** What logs need of the messages. The request line stays where it was parsed: edits of a head only append. */
export class Kept implements KeptView {
  status = -1;
  requestCookie: string | null = null;
  responseCookie: string | null = null;
  requestCounter = 0;
  logCounter = 0;
  incomplete = false;
  logOrigin = "sess";
  readonly tlsVersion = "";
  readonly tlsCipher = "";
  readonly #stream: Stream;
  #lineFrom = 0;
  #methodTo = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  begin(): void {
    this.status = -1;
    this.requestCookie = null;
    this.responseCookie = null;
    this.incomplete = false;
    this.#lineFrom = 0;
    this.#methodTo = 0;
  }

  requestArrived(): void {
    this.#lineFrom = this.#stream.request.methodFrom;
    this.#methodTo = this.#stream.request.methodTo;
  }

  get method(): string {
    const s = this.#stream;
    return s.requestReady ? s.request.text(this.#lineFrom, this.#methodTo) : "";
  }

  get requestLine(): string {
    const s = this.#stream;
    if (!s.requestReady) return "";
    const bytes = s.request.bytes;
    const most = Math.min(s.request.used, this.#lineFrom + s.env.logUriLength);
    let to = this.#lineFrom;
    while (to < most && bytes[to] !== LF) to++;
    if (to > this.#lineFrom && bytes[to - 1] === CR) to--;
    return s.request.text(this.#lineFrom, to);
  }

  get serverQueue(): number {
    return this.#stream.waiter.serverQueue;
  }
  get backendQueue(): number {
    return this.#stream.waiter.backendQueue;
  }
}

/** The server's connection as rules see it. */
export class ServerConnView implements ConnView {
  readonly src: Address;
  readonly dst: Address;
  readonly acceptedAtMs: number;
  readonly httpVersion = 11;
  readonly ssl = false;
  readonly listenerName = "";
  readonly listenerId = 0;

  constructor(conn: Conn, wallMs: number) {
    this.src = conn.local;
    this.dst = conn.remote;
    this.acceptedAtMs = wallMs;
  }
}

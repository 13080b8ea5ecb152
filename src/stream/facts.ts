// Facts of a stream that rules and logs read: times, what is kept of its messages, the payload at hand.
import { NO_BLOCK } from "../base/mod.ts";
import type { Endpoint } from "../mux/mod.ts";
import {
  BinaryAddress,
  type ConnView,
  ERR_PROC_FDLIM,
  ERR_REFUSED,
  ERR_RESET,
  ERR_SOCK_ERR,
  ERR_UNREACH,
  type KeptView,
  type PayloadView,
  type SideView,
  type StreamTimes,
  type TimeoutsView,
} from "../sample/mod.ts";
import {
  type Address,
  type Conn,
  IO_DENIED,
  IO_NO_DESCRIPTOR,
  IO_REFUSED,
  IO_RESET,
  IO_UNREACHABLE,
  type TcpInfo,
} from "../sys/types.ts";
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
    return this.final || this.ended;
  }
  get ended(): boolean {
    return this.endpoint === null || this.endpoint.complete;
  }
}

const LF = 10;
const CR = 13;

/** What logs need of the messages. The request line stays where it was parsed: edits of a head only append. */
export class Kept implements KeptView {
  status = -1;
  serverStatus = -1;
  responseVersion = 0;
  requestCookie: string | null = null;
  responseCookie: string | null = null;
  requestCounter = 0;
  logCounter = 0;
  incomplete = false;
  logOrigin = "unspec";
  service = "";
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
    this.serverStatus = -1;
    this.responseVersion = 0;
    this.requestCookie = null;
    this.responseCookie = null;
    this.incomplete = false;
    this.service = "";
    this.#lineFrom = 0;
    this.#methodTo = 0;
  }

  requestArrived(): void {
    this.#lineFrom = this.#stream.request.methodFrom;
    this.#methodTo = this.#stream.request.methodTo;
  }

  responseArrived(): void {
    this.serverStatus = this.#stream.response.status;
    this.responseVersion = this.#stream.response.version;
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
  readonly srcBinary = new BinaryAddress();
  readonly dstBinary = new BinaryAddress();
  readonly acceptedAtMs: number;
  readonly httpVersion = 11;
  readonly ssl = false;
  readonly listenerName = "";
  readonly listenerId = 0;
  readonly listenerConnections = 0;
  readonly reused: boolean;
  readonly streams = 1;
  readonly streamsLimit = 1;
  readonly glitches = 0;
  readonly error = 0;
  readonly proxyHeader = null;
  readonly #conn: Conn;

  constructor(conn: Conn, wallMs: number, reused: boolean) {
    this.#conn = conn;
    this.src = conn.local;
    this.dst = conn.remote;
    this.acceptedAtMs = wallMs;
    this.reused = reused;
  }

  get originalSrc(): Address {
    return this.src;
  }
  get originalDst(): Address {
    return this.dst;
  }
  tcpInfo(): TcpInfo | null {
    return this.#conn.tcpInfo();
  }
}

/** Timeouts in force: those of rules before those of the configuration. */
export class CurrentTimeouts implements TimeoutsView {
  readonly #stream: Stream;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get client(): number {
    return this.#stream.clientTimeoutMs || this.#stream.frontend.config.timeouts.client;
  }
  get server(): number {
    return this.#stream.serverTimeoutMs || (this.#stream.backend?.config.timeouts.server ?? 0);
  }
  get tunnel(): number {
    return this.#stream.tunnelTimeoutMs || (this.#stream.backend?.config.timeouts.tunnel ?? 0);
  }
}

/** The client's side of a stream: requests of an HTTP/1 connection are numbered from 1. */
export class ClientSide implements SideView {
  readonly #stream: Stream;
  readonly resetCode = -1;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get id(): number {
    return this.#stream.frontend.mode === "http" ? this.#stream.session.requests + 1 : 0;
  }
  get aborted(): boolean {
    return this.#stream.cause === "C" || this.#stream.clientCode === IO_RESET;
  }
}

/** The server's side. */
export class ServerSide implements SideView {
  readonly #stream: Stream;
  readonly resetCode = -1;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get id(): number {
    return this.#stream.backend?.mode === "http" ? 1 : 0;
  }
  get aborted(): boolean {
    return this.#stream.cause === "S" && this.#stream.backConn !== null;
  }
}

/** The number of the error (configuration.txt, "fc_err_str") for what a connect answered; 0 for what is none of them. */
export function connectErrorOf(code: number): number {
  switch (code) {
    case IO_REFUSED:
      return ERR_REFUSED;
    case IO_RESET:
      return ERR_RESET;
    case IO_UNREACHABLE:
      return ERR_UNREACH;
    case IO_NO_DESCRIPTOR:
      return ERR_PROC_FDLIM;
    case IO_DENIED:
      return ERR_SOCK_ERR;
    default:
      return 0;
  }
}

// HTTP/1 over one connection (RFC 9112), either side: a client's (FRONT) or a server's (BACK). The endpoint stays with its
// connection and carries one exchange after the other; heads are parsed into and written from version-free messages, body
// bytes are lent straight from the connection's receive block.
//
// Reading. Body bytes at hand are `block[head, tail)`, always at the start of what the connection has unread. In a
// chunked body the framing between them and the next data is cut out when more is pulled (`#raw` bytes are decoded,
// `#window` of them are data). Writing. A head is held in `#out` until the first body bytes join it in one send.
// Invariant: `#out` never goes back to the pool while a send borrows it.
import { type BlockPool, NO_BLOCK, spawn } from "../../base/mod.ts";
import {
  CHUNK_DATA,
  CHUNK_END,
  CHUNK_HEADER_MAX,
  CHUNK_MORE,
  ChunkDecoder,
  H1_TOO_LONG,
  H1_TOO_MANY_FIELDS,
  H1_UNEXPECTED_BODY,
  H1_UNSUPPORTED_CODING,
  type H1CaseMap,
  H1Extra,
  type H1Parser,
  LAST_CHUNK,
  reframe,
  takeConnection,
  writeChunkHeader,
  writeRequestHead,
  writeResponseHead,
  writeTrailers,
} from "../../codec/mod.ts";
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_TUNNEL,
  BODY_UNTIL_CLOSE,
  CONN_CLOSE,
  CONN_KEEP_ALIVE,
  H_TRANSFER_ENCODING,
  type Message,
  type MessagePool,
} from "../../http/mod.ts";
import { type Conn, IO_END, IO_FULL, WAKE_REUSED } from "../../sys/types.ts";
import {
  type Endpoint,
  EP_INVALID,
  EP_NOTHING,
  EP_TOO_LARGE,
  EP_TRUNCATED,
  EP_UNEXPECTED_BODY,
  EP_UNSUPPORTED_CODING,
} from "../endpoint.ts";
import type { H1Parsers } from "./parsers.ts";

export const FRONT = 0;
export const BACK = 1;

/** What the framing of a chunk takes beside its data: header, end of line, last chunk. */
const CHUNK_OVERHEAD = CHUNK_HEADER_MAX + 2 + LAST_CHUNK.length;
/** Bodies up to this size are copied byte by byte: making a view costs more. */
const COPY_LOOP = 64;

/** What the endpoints of a thread share. */
export interface H1Thread {
  readonly blocks: BlockPool;
  readonly messages: MessagePool;
  readonly parsers: H1Parsers;
  /** `tune.maxrewrite`. */
  readonly maxRewrite: number;
  /** `tune.http.maxhdr`. */
  readonly maxHeaders: number;
  /** Told of exceptions of what nobody awaits. */
  readonly bug: (error: unknown) => void;
}

/** What the endpoints of one side of a proxy share. */
export interface H1Options extends H1Thread {
  /** Sends no fields behind a body (`option http-drop-request-trailers`, `option http-drop-response-trailers`). */
  readonly dropTrailers: boolean;
  /** Reads more than the rules allow (`option accept-unsafe-violations-in-http-request`, or -response). */
  readonly relaxed: boolean;
  /** Spells names otherwise (`option h1-case-adjust-bogus-client`, or -server); null: in lower case. */
  readonly caseMap: H1CaseMap | null;
  /** `h1-accept-payload-with-any-method`. */
  readonly acceptAnyPayload: boolean;
  /** False: `h1-do-not-close-on-insecure-transfer-encoding`. */
  readonly closeOnInsecure: boolean;
  /** Connections are closed with RST (`option nolinger`). */
  readonly noLinger: boolean;
}

/** Who has the connection: told of messages that break the rules, refused or let through by relaxed reading. */
export interface H1Owner {
  /** `bytes[from, to)` has arrived of the message, it is wrong at `at`; `code` is one of the parsers, 0: let through. */
  faulty(bytes: Uint8Array, from: number, to: number, at: number, code: number): void;
}

export class H1Endpoint implements Endpoint {
  readonly conn: Conn;
  readonly side: number;
  /** Where it is in a pool; the pool's. */
  place: object | null = null;
  /** It is its session's only. */
  isPrivate = false;
  /** What decides beside the server whether it fits a request (SNI); the pool's. */
  connName = "";
  /** Requests it has carried. */
  requests = 0;
  /** FRONT: the response is to close the connection. BACK: the request is to. */
  closeAfter = false;
  pretendKeepAlive = false;
  complete = true;
  /** Fields behind a chunked body; empty (no block attached) when there were none. */
  trailers: Message | null = null;
  /** Bytes of the last head written. */
  headBytes = 0;
  /** Bytes over the connection, since who counts them last set them to 0. */
  received = 0;
  sent = 0;
  owner: H1Owner | null = null;
  /** Called once when the connection is closed here. */
  onClosed: (() => void) | null = null;

  readonly #options: H1Options;
  /** While a head or trailer fields are read. */
  #parser: H1Parser | null = null;
  readonly #chunks = new ChunkDecoder();
  /** How the body that is read ends, and bytes of it (BODY_LENGTH) that are not in the window yet. */
  #reading = BODY_NONE;
  #left = 0;
  #window = 0;
  #raw = 0;
  /** The data of a chunked body is complete, its trailer fields are not. */
  #trailing = false;
  /** The peer keeps the connection open, as far as its last head says. */
  #peerKeeps = false;
  #peerVersion = 11;
  /** Method of the request, which decides whether its response has a body; it asked to switch protocols. */
  #method = 0;
  #upgradeAsked = false;

  #out: Uint8Array<ArrayBuffer> = NO_BLOCK;
  #outTo = 0;
  #writing = BODY_NONE;
  /** The message written is complete. */
  #written = true;
  readonly #extra = new H1Extra();

  #onGone: (() => void) | null = null;
  readonly #rested: (r: number) => void;
  #dead = false;
  readonly #afterFlush: (r: number) => number;

  constructor(conn: Conn, side: number, options: H1Options) {
    this.conn = conn;
    this.side = side;
    this.#options = options;
    this.#rested = (r) => {
      if (r === WAKE_REUSED) return;
      this.#dead = true;
      this.#onGone?.();
    };
    this.#afterFlush = (r) => {
      this.#giveOut();
      return r;
    };
  }

  get block(): Uint8Array<ArrayBuffer> {
    return this.conn.block;
  }
  get head(): number {
    return this.conn.head;
  }
  get tail(): number {
    return this.conn.head + this.#window;
  }

  // ---- heads -----------------------------------------------------------------------------------------------------

  /** Waits for the first bytes of the next request: how many are there, or a code (IO_END: the client is done). */
  waitRequest(): number | Promise<number> {
    this.#dropTrailers();
    return this.conn.recv(0);
  }

  readHead(message: Message): number | Promise<number> {
    this.#takeParser();
    message.reset();
    let have = this.conn.tail - this.conn.head;
    for (;;) {
      if (have > 0) {
        const parsed = this.#parse(message);
        if (parsed !== 0) return parsed;
      }
      const got = this.conn.recv(have);
      if (typeof got !== "number") return this.#readHeadLater(message, got, have);
      if (got < 0) return this.#headFailed(got, have);
      have = got;
    }
  }

  async #readHeadLater(message: Message, first: Promise<number>, had: number): Promise<number> {
    let pending: number | Promise<number> = first;
    let have = had;
    for (;;) {
      const got: number = typeof pending === "number" ? pending : await pending;
      if (got < 0) return this.#headFailed(got, have);
      have = got;
      const parsed = this.#parse(message);
      if (parsed !== 0) return parsed;
      pending = this.conn.recv(have);
    }
  }

  /** 1 when the head is complete and consumed, 0 when more is needed, or a code. */
  #parse(message: Message): number {
    const c = this.conn;
    const parser = this.#parser!;
    const n = this.side === FRONT
      ? parser.parseRequest(c.block, c.head, c.tail, message)
      : parser.parseResponse(c.block, c.head, c.tail, message, this.#method, this.#upgradeAsked);
    if (n === 0) return 0;
    if (n < 0) this.#faulty(c.head + parser.errorAt, n);
    else if (parser.violationAt >= 0) this.#faulty(c.head + parser.violationAt, 0);
    this.#giveParser();
    if (n < 0) return headError(n);
    this.#consume(n);
    message.framingEdited = false;
    this.#peerVersion = message.version;
    const said = message.connection;
    this.#peerKeeps = message.version >= 11
      ? (said & CONN_CLOSE) === 0
      : (said & CONN_KEEP_ALIVE) !== 0 && !faultyFraming(message);
    if (this.side === FRONT) this.#method = message.method;
    this.#window = 0;
    this.#raw = 0;
    this.#reading = message.bodyKind;
    this.#left = message.contentLength;
    this.#dropTrailers();
    if (this.#reading === BODY_CHUNKED) {
      this.#chunks.reset();
      this.#trailing = false;
    }
    this.complete = this.#reading === BODY_NONE || (this.#reading === BODY_LENGTH && this.#left === 0);
    // What is wrong in the part of a body that came along is wrong before anything was done for the head.
    return this.complete || this.#advance() >= 0 ? 1 : EP_INVALID;
  }

  #faulty(at: number, code: number): void {
    const { block, head, tail } = this.conn;
    if (this.owner !== null) this.owner.faulty(block, head, tail, at, code);
  }

  #takeParser(): void {
    this.#giveParser();
    this.#parser = this.#options.parsers.take(this.#options);
  }

  #giveParser(): void {
    if (this.#parser === null) return;
    this.#options.parsers.give(this.#parser);
    this.#parser = null;
  }

  #headFailed(code: number, have: number): number {
    if (code === IO_FULL) return EP_TOO_LARGE;
    if (code !== IO_END) return code;
    return have === 0 ? EP_NOTHING : EP_TRUNCATED;
  }

  // ---- bodies ----------------------------------------------------------------------------------------------------

  pull(): number | Promise<number> {
    for (;;) {
      if (this.complete) return 0;
      const grown = this.#advance();
      if (grown !== 0) return grown < 0 ? grown : this.#window;
      if (this.complete) return 0;
      const got = this.conn.recv(this.conn.tail - this.conn.head);
      if (typeof got !== "number") return this.#pullLater(got);
      if (got < 0) return this.#bodyFailed(got);
    }
  }

  async #pullLater(first: Promise<number>): Promise<number> {
    let pending: number | Promise<number> = first;
    for (;;) {
      const got: number = typeof pending === "number" ? pending : await pending;
      if (got < 0) return this.#bodyFailed(got);
      const grown = this.#advance();
      if (grown !== 0) return grown < 0 ? grown : this.#window;
      if (this.complete) return 0;
      pending = this.conn.recv(this.conn.tail - this.conn.head);
    }
  }

  #bodyFailed(code: number): number {
    // A block full of data is for the reader to make room in; trailer fields alone can not be made to fit.
    if (code === IO_FULL && this.#window === 0) return EP_TOO_LARGE;
    if (code !== IO_END) return code;
    if (this.#reading === BODY_UNTIL_CLOSE || this.#reading === BODY_TUNNEL) {
      this.complete = true;
      return 0;
    }
    return EP_TRUNCATED;
  }

  /** Takes what is unread into the window: 1 when it grew, 0 when not, EP_INVALID. Sets `complete`. */
  #advance(): number {
    const unread = this.conn.tail - this.conn.head;
    const fresh = unread - this.#raw;
    if (this.#reading === BODY_CHUNKED) return fresh > 0 ? this.#advanceChunks() : 0;
    if (fresh <= 0) return 0;
    if (this.#reading === BODY_LENGTH) {
      const n = fresh < this.#left ? fresh : this.#left;
      this.#left -= n;
      this.#window += n;
      this.#raw += n;
      if (this.#left === 0) this.complete = true;
      return n > 0 ? 1 : 0;
    }
    this.#window += fresh;
    this.#raw += fresh;
    return 1;
  }

  /** Decodes all that is unread; data of later chunks is moved up to that of earlier ones. */
  #advanceChunks(): number {
    const c = this.conn;
    const d = this.#chunks;
    let grown = 0;
    while (!this.#trailing && c.head + this.#raw < c.tail) {
      const event = d.next(c.block, c.head + this.#raw, c.tail);
      if (event < 0) {
        this.#faulty(d.at, event);
        return EP_INVALID;
      }
      if (event === CHUNK_DATA) {
        const n = d.at - d.dataFrom;
        if (this.#window === 0) {
          if (d.dataFrom > c.head) this.#consume(d.dataFrom - c.head);
          this.#raw = n;
        } else {
          const end = c.head + this.#window;
          if (d.dataFrom > end) c.block.copyWithin(end, d.dataFrom, d.at);
          this.#raw = d.at - c.head;
        }
        this.#window += n;
        grown = 1;
        continue;
      }
      this.#raw = d.at - c.head;
      if (event === CHUNK_MORE) break;
      if (event === CHUNK_END) {
        this.complete = true;
        break;
      }
      this.#trailing = true;
      this.#takeParser();
      this.trailers = this.#options.messages.take();
      this.trailers.attach(this.#options.blocks.take(), 0);
    }
    if (this.#trailing && !this.complete) {
      const error = this.#readTrailers();
      if (error !== 0) return error;
    }
    if (this.#window === 0 && this.#raw > 0) {
      this.#consume(this.#raw);
      this.#raw = 0;
    }
    return grown;
  }

  /** 0, or a code. */
  #readTrailers(): number {
    const c = this.conn;
    const at = c.head + this.#raw;
    if (at >= c.tail) return 0;
    const n = this.#parser!.parseTrailers(c.block, at, c.tail, this.trailers!);
    if (n < 0) this.#faulty(at + this.#parser!.errorAt, n);
    if (n > 0) this.#giveParser();
    if (n < 0) return headError(n);
    if (n > 0) {
      this.#raw += n;
      this.complete = true;
    }
    return 0;
  }

  #dropTrailers(): void {
    const { trailers } = this;
    if (trailers === null) return;
    this.trailers = null;
    this.#options.blocks.give(trailers.detach());
    this.#options.messages.give(trailers);
  }

  take(n: number): void {
    this.#window -= n;
    this.#raw -= n;
    let gone = n;
    if (this.#window === 0) {
      gone += this.#raw;
      this.#raw = 0;
    }
    if (gone > 0) this.#consume(gone);
  }

  #consume(n: number): void {
    this.received += n;
    this.conn.consume(n);
  }

  hold(): void {
    this.conn.hold();
  }
  release(): void {
    this.conn.release();
  }

  // ---- sending ---------------------------------------------------------------------------------------------------

  writeHead(message: Message, last: boolean): number | Promise<number> {
    if (this.#out === NO_BLOCK) this.#out = this.#options.blocks.take();
    const interim = message.status >= 100 && message.status < 200 && message.status !== 101;
    const to = this.side === FRONT ? this.#writeResponse(message, interim) : this.#writeRequest(message);
    if (to < 0) return EP_TOO_LARGE;
    this.headBytes = to - this.#outTo;
    this.#outTo = to;
    this.#written = last && !interim;
    if (!last) return 1;
    // An empty body in chunks has an end all the same.
    if (this.#writing === BODY_CHUNKED) {
      if (to + LAST_CHUNK.length > this.#out.length) return EP_TOO_LARGE;
      this.#lastChunk(null);
    }
    return this.#flush();
  }

  #writeResponse(message: Message, interim: boolean): number {
    const extra = this.#extra;
    extra.reset();
    extra.caseMap = this.#options.caseMap;
    let kind = message.bodyKind;
    if (message.framingEdited && !interim) {
      kind = reframe(message, extra, this.#method, this.#peerVersion >= 11);
      if (takeConnection(message) === CONN_CLOSE) this.closeAfter = true;
    }
    this.#writing = kind;
    if (!interim && message.status !== 101) {
      if (kind === BODY_CHUNKED && this.#peerVersion < 11) {
        // An older client knows no chunks (RFC 9112 6.1): the end of the connection ends its body.
        this.#writing = BODY_UNTIL_CLOSE;
        const row = message.find(H_TRANSFER_ENCODING);
        if (row >= 0) message.remove(row);
        extra.chunked = false;
      }
      if (this.#writing === BODY_UNTIL_CLOSE || !this.#peerKeeps || faultyFraming(message)) this.closeAfter = true;
      if (!this.closeAfter) {
        if (this.#peerVersion < 11 || message.version < 11) extra.connection = CONN_KEEP_ALIVE;
      } else if (message.version >= 11) extra.connection = CONN_CLOSE;
    }
    return writeResponseHead(message, this.#out, this.#outTo, this.#out.length, extra);
  }

  #writeRequest(message: Message): number {
    const extra = this.#extra;
    extra.reset();
    extra.caseMap = this.#options.caseMap;
    this.#method = message.method;
    this.#upgradeAsked = message.upgrade;
    this.#writing = message.bodyKind;
    if (message.framingEdited) {
      this.#writing = reframe(message, extra, message.method, true);
      if (takeConnection(message) === CONN_CLOSE) this.closeAfter = true;
    }
    this.requests++;
    if (faultyFraming(message)) this.closeAfter = true;
    if (!message.upgrade) {
      if (!this.closeAfter || this.pretendKeepAlive) {
        if (message.version < 11) extra.connection = CONN_KEEP_ALIVE;
      } else if (message.version >= 11) extra.connection = CONN_CLOSE;
    }
    return writeRequestHead(message, this.#out, this.#outTo, this.#out.length, extra);
  }

  push(bytes: Uint8Array<ArrayBuffer>, from: number, to: number, last: boolean): number | Promise<number> {
    const n = to - from;
    const chunked = this.#writing === BODY_CHUNKED;
    if (last) this.#written = true;
    if (this.#outTo === 0 && !chunked) {
      this.sent += n;
      return this.conn.send(bytes, from, to);
    }
    if (this.#out === NO_BLOCK) this.#out = this.#options.blocks.take();
    const out = this.#out;
    if (this.#outTo + n + CHUNK_OVERHEAD > out.length) return this.#pushLarge(bytes, from, to, last);
    let at = this.#outTo;
    if (chunked) at = writeChunkHeader(out, at, n);
    if (n < COPY_LOOP) { for (let i = from; i < to; i++) out[at++] = bytes[i]; }
    else {
      out.set(bytes.subarray(from, to), at);
      at += n;
    }
    this.#outTo = at;
    if (chunked) this.#endChunk(last);
    return this.#flush();
  }

  /** Bytes that do not fit behind what is held back: sent from where they are. */
  async #pushLarge(bytes: Uint8Array<ArrayBuffer>, from: number, to: number, last: boolean): Promise<number> {
    const chunked = this.#writing === BODY_CHUNKED;
    if (chunked) {
      if (this.#outTo + CHUNK_OVERHEAD > this.#out.length) {
        const flushed = await this.#flush();
        if (flushed < 0) return flushed;
        this.#out = this.#options.blocks.take();
      }
      this.#outTo = writeChunkHeader(this.#out, this.#outTo, to - from);
    }
    const head = await this.#flush();
    if (head < 0) return head;
    this.sent += to - from;
    const body = await this.conn.send(bytes, from, to);
    if (body < 0 || !chunked) return body;
    // The end of the line joins the next chunk's header.
    if (this.#out === NO_BLOCK) this.#out = this.#options.blocks.take();
    this.#endChunk(last);
    return last ? await this.#flush() : body;
  }

  /** Behind the data of a chunk: its end of line, and the last chunk. */
  #endChunk(last: boolean): void {
    const out = this.#out;
    let at = this.#outTo;
    out[at++] = 13;
    out[at++] = 10;
    this.#outTo = at;
    if (last) this.#lastChunk(null);
  }

  #lastChunk(trailers: Message | null): boolean {
    const out = this.#out;
    if (trailers === null || trailers.count === 0) {
      out.set(LAST_CHUNK, this.#outTo);
      this.#outTo += LAST_CHUNK.length;
      return true;
    }
    out[this.#outTo++] = 48;
    out[this.#outTo++] = 13;
    out[this.#outTo++] = 10;
    const end = writeTrailers(trailers, out, this.#outTo, out.length, this.#options.caseMap);
    if (end < 0) return false;
    this.#outTo = end;
    return true;
  }

  finish(trailers: Message | null): number | Promise<number> {
    if (this.#written) return 0;
    this.#written = true;
    if (this.#writing === BODY_CHUNKED) {
      if (this.#out === NO_BLOCK) this.#out = this.#options.blocks.take();
      if (!this.#lastChunk(this.#options.dropTrailers ? null : trailers)) return EP_TOO_LARGE;
    }
    const sent = this.#outTo > 0 ? this.#flush() : 0;
    if (this.#writing !== BODY_TUNNEL) return sent;
    this.conn.shutdown();
    return sent;
  }

  flush(): number | Promise<number> {
    return this.#outTo > 0 ? this.#flush() : 0;
  }

  /** Sends what is held back. */
  #flush(): number | Promise<number> {
    const to = this.#outTo;
    this.#outTo = 0;
    this.sent += to;
    const sent = this.conn.send(this.#out, 0, to);
    if (typeof sent !== "number") return sent.then(this.#afterFlush);
    this.#giveOut();
    return sent;
  }

  /** Gives the block of held back bytes back, as soon as nothing borrows it. */
  #giveOut(): void {
    const out = this.#out;
    if (out === NO_BLOCK) return;
    this.#out = NO_BLOCK;
    this.#outTo = 0;
    const idle = this.conn.sendIdle();
    if (typeof idle === "number") this.#options.blocks.give(out);
    else spawn(idle.then(() => this.#options.blocks.give(out)), this.#options.bug);
  }

  sendIdle(): number | Promise<number> {
    return this.conn.sendIdle();
  }

  // ---- the connection --------------------------------------------------------------------------------------------

  /** After 101, or a 2xx to CONNECT: bytes both ways from here on. */
  tunnel(): void {
    this.#reading = BODY_TUNNEL;
    this.#writing = BODY_TUNNEL;
    this.#written = false;
    this.complete = false;
    this.closeAfter = true;
    this.#advance();
  }

  /** Whether the exchange ended so that the connection can carry another one. */
  get reusable(): boolean {
    return this.complete && this.#window === 0 && this.#written && this.#peerKeeps && !this.closeAfter && !this.#dead &&
      (this.#reading === BODY_NONE || this.#reading === BODY_LENGTH || this.#reading === BODY_CHUNKED) &&
      (this.side === FRONT || this.conn.head === this.conn.tail);
  }

  /** FRONT: the response is sent whole, and the client may be sending all the same: more of the request, another one. */
  get lingers(): boolean {
    return this.#written && !this.#options.noLinger &&
      (!this.complete || this.#peerKeeps || this.conn.head < this.conn.tail);
  }

  /**
   * The connection goes to a pool; `gone` is called once if the server closes it or says something unasked. False: it did
   * so already.
   */
  rest(gone: () => void): boolean {
    this.#dropTrailers();
    const got = this.conn.recv(0);
    if (typeof got === "number") return false;
    this.#onGone = gone;
    spawn(got.then(this.#rested), this.#options.bug);
    return true;
  }

  /** False when the resting connection ended meanwhile. */
  usable(): boolean {
    return !this.#dead;
  }

  /** Out of the pool: the watch on it ends. */
  resume(): void {
    this.#onGone = null;
    this.conn.wakeRecv(WAKE_REUSED);
    this.closeAfter = false;
  }

  wake(code: number): void {
    this.conn.wakeRecv(code);
    this.conn.wakeSend(code);
  }

  wakeRead(code: number): void {
    this.conn.wakeRecv(code);
  }

  close(): void {
    this.#dead = true;
    if (this.#options.noLinger) this.conn.reset();
    else this.conn.close();
    this.#giveOut();
    this.#giveParser();
    this.#dropTrailers();
    const closed = this.onClosed;
    this.onClosed = null;
    if (closed !== null) closed();
  }

  reset(): void {
    this.conn.reset();
    this.close();
  }
}

/** Chunks of a version that knows none: the connection carries nothing behind them (RFC 9112 6.1). */
function faultyFraming(message: Message): boolean {
  return message.version < 11 && message.bodyKind === BODY_CHUNKED;
}

/** What an error of the parser is for the stream. */
function headError(code: number): number {
  if (code === H1_UNEXPECTED_BODY) return EP_UNEXPECTED_BODY;
  if (code === H1_UNSUPPORTED_CODING) return EP_UNSUPPORTED_CODING;
  return code === H1_TOO_LONG || code === H1_TOO_MANY_FIELDS ? EP_TOO_LARGE : EP_INVALID;
}

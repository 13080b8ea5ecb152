// An endpoint is one side of a stream: a request/response exchange of a mux, a raw TCP connection, an applet, a check.
// The stream drives both of its endpoints through this face only, so that it does not know which protocol is behind.
//
// Reading and writing are independent: at most one of readHead()/pull() and one of writeHead()/push()/finish() may be
// outstanding. Results are numbers when they are known at once; check with typeof before awaiting.
import type { Conn } from "../sys/types.ts";
import type { Message } from "../http/mod.ts";

// Codes of an endpoint, beside those of sys/types.ts.
/** The peer sent what its protocol forbids: answer 400 (client side) or 502 (server side). */
export const EP_INVALID = -32;
/** The head does not fit in a buffer, or has too many headers. */
export const EP_TOO_LARGE = -33;
/** The peer ended before it sent anything of this exchange. */
export const EP_NOTHING = -34;
/** The peer ended in the middle of a message. */
export const EP_TRUNCATED = -35;

/** A body where the method and version have none: 413. */
export const EP_UNEXPECTED_BODY = -36;
/** A transfer coding that is not built: 422. */
export const EP_UNSUPPORTED_CODING = -37;

export interface Endpoint {
  /** The connection below, for addresses; null for applets. */
  readonly conn: Conn | null;

  // ---- what the peer sends ----
  /** Reads the next head into `message`. 1 when it is complete, or a code. A server side is asked again after a 1xx. */
  readHead(message: Message): number | Promise<number>;
  /** Body bytes at hand: `block[head, tail)`; any pull() may move them. */
  readonly block: Uint8Array<ArrayBuffer>;
  readonly head: number;
  readonly tail: number;
  /** True once every body byte of the message is at hand or taken: pull() will not bring more. */
  readonly complete: boolean;
  /** Waits for body bytes beyond those at hand: how many are at hand then, 0 when the message ended, or a code. */
  pull(): number | Promise<number>;
  /** Marks body bytes as read. */
  take(n: number): void;
  /** Keeps the block from going back to its pool, whatever happens to this endpoint, until release(). */
  hold(): void;
  release(): void;

  // ---- what the peer is sent ----
  /** Sends the head; held back until the first body bytes or flush() unless `last` (the message has no body). */
  writeHead(message: Message, last: boolean): number | Promise<number>;
  /** Sends body bytes, borrowed until it settles; `last` ends the message with them. */
  push(bytes: Uint8Array<ArrayBuffer>, from: number, to: number, last: boolean): number | Promise<number>;
  /** Sends a head that writeHead() holds back: the body does not come yet. */
  flush(): number | Promise<number>;
  /** Fields behind the body that was read; none: `count` is 0. */
  readonly trailers: Message | null;
  /** Bytes of the head written last, as they are on the wire. */
  readonly headBytes: number;
  /** Ends the message: what was held back is sent, then the last chunk with these fields, or the FIN of a tunnel. */
  finish(trailers: Message | null): number | Promise<number>;
  /** 0, or a promise that settles when no send below borrows a block any more (after a woken push()). */
  sendIdle(): number | Promise<number>;

  /** After 101, or a 2xx to CONNECT: bytes both ways from here on, up to a FIN each. */
  tunnel(): void;
  /** Settles whatever waits on this endpoint, either way, with `code`. */
  wake(code: number): void;
  /** Settles only a waiting readHead()/pull(). */
  wakeRead(code: number): void;
  /** Whether the exchange ended so that the connection can carry another. */
  readonly reusable: boolean;
  /** Set before writeHead(): the connection carries no other exchange. */
  closeAfter: boolean;
  /** Set with closeAfter: the peer is not told so (`option http-pretend-keepalive`). */
  pretendKeepAlive: boolean;
  /** Told once when the connection is closed here. */
  onClosed: (() => void) | null;
  /** Closes the connection: waiting calls settle, blocks go back as soon as nothing borrows them. Idempotent. */
  close(): void;
  /** As close(), with RST where the transport can. */
  reset(): void;
}

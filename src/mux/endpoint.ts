// An endpoint is one side of a stream: a request/response exchange of a mux, a raw TCP connection, an applet, a check.
// The stream drives both of its endpoints through this face only, so that it does not know which protocol is behind.
import type { Conn } from "../sys/types.ts";
import type { Message } from "../http/mod.ts";

// Codes of an endpoint, beside those of sys/types.ts. They say what ends: the exchange or its connection.
/** The peer sent what its protocol forbids: answer 400 (client side) or 502 (server side). */
export const EP_INVALID = -32;
/** The head does not fit in a buffer. */
export const EP_TOO_LARGE = -33;
/** The peer ended before it sent anything of this exchange. */
export const EP_NOTHING = -34;
/** The peer ended in the middle of a message. */
export const EP_TRUNCATED = -35;

export interface Endpoint {
  /** The connection below, for addresses and wakes; null for applets. */
  readonly conn: Conn | null;
  // -- what the peer sends -------------------------------------------------------------------------------------
  /**
   * Reads the next head into `message` (its storage is attached by the caller).
   * 1 when it is complete, or a code. A server side may be called again after a 1xx.
   */
  readHead(message: Message): number | Promise<number>;
  /** Body bytes at hand: `block[head, tail)`. */
  readonly block: Uint8Array<ArrayBuffer>;
  readonly head: number;
  readonly tail: number;
  /** Waits for body bytes beyond those at hand: their number, 0 at the end of the message, or a code. */
  pull(): number | Promise<number>;
  /** Marks body bytes as read. */
  take(n: number): void;
  // -- what the peer is sent -----------------------------------------------------------------------------------
  /** Sends (or holds back until the first body bytes, finish() or flush()) the head. */
  writeHead(message: Message): number | Promise<number>;
  /** Sends body bytes; settles when they may be reused. */
  push(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number | Promise<number>;
  /** Ends the message this side sends: last chunk, FIN of a tunnel. */
  finish(): number | Promise<number>;
  /** Settles what waits on this endpoint, either way, with `code`. */
  wake(code: number): void;
  /**
   * Releases the endpoint. 0: the exchange is complete, the connection may serve another; negative: it must not.
   */
  end(code: number): void;
}

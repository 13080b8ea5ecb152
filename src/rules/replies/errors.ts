// The responses Sluice makes itself when something fails (configuration.txt 1.4, 4.2 "errorfile"): one built in for each
// status, in the bytes HAProxy sends, and what a proxy puts in their place.
import { latin1ToBytes } from "../../base/mod.ts";
import type { Txn } from "../../sample/mod.ts";
import { Reply } from "../types.ts";

/** Status, reason, and what the page says. */
const PAGES: readonly (readonly [number, string, string])[] = [
  [200, "OK", "Service ready."],
  [400, "Bad request", "Your browser sent an invalid request."],
  [401, "Unauthorized", "You need a valid user and password to access this content."],
  [403, "Forbidden", "Request forbidden by administrative rules."],
  [404, "Not Found", "The resource could not be found."],
  [
    405,
    "Method Not Allowed",
    "A request was made of a resource using a request method not supported by that resource",
  ],
  [407, "Unauthorized", "You need a valid user and password to access this content."],
  [408, "Request Time-out", "Your browser didn't send a complete request in time."],
  [410, "Gone", "The resource is no longer available and will not be available again."],
  [413, "Payload Too Large", "The request entity exceeds the maximum allowed."],
  [414, "URI Too Long", "The requested URI is longer than this server accepts."],
  [421, "Misdirected Request", "Request sent to a non-authoritative server."],
  [422, "Unprocessable Content", "The server cannot process the contained instructions."],
  [425, "Too Early", "Your browser sent early data."],
  [429, "Too Many Requests", "You have sent too many requests in a given amount of time."],
  [431, "Request Header Fields Too Large", "The header fields of the request are larger than this server accepts."],
  [500, "Internal Server Error", "An internal server error occurred."],
  // The leading dot is HAProxy's.
  [501, "Not Implemented", ".The server does not support the functionality required to fulfill the request."],
  [502, "Bad Gateway", "The server returned an invalid or incomplete response."],
  [503, "Service Unavailable", "No server is available to handle this request."],
  [504, "Gateway Time-out", "The server didn't respond in time."],
];

/** The statuses that have a page and take an `errorfile`. */
export const ERROR_STATUSES: readonly number[] = PAGES.map((page) => page[0]);

/** Those after which the connection cannot go on: nobody knows where the next request begins. */
const CLOSING = [400, 408];

/** A reply that makes itself for a transaction (`http-error` with formats). */
type ReplySource = Reply | ((txn: Txn) => Reply);

/** The error replies of one proxy. */
export class ErrorReplies {
  readonly #own = new Map<number, ReplySource>();

  set(status: number, reply: ReplySource): void {
    this.#own.set(status, reply);
  }

  /** `http-error ... default-errorfiles`: forgets what was set. */
  unset(status: number): void {
    this.#own.delete(status);
  }

  /** The proxy's own reply, undefined when it has none. */
  get(status: number): ReplySource | undefined {
    return this.#own.get(status);
  }
}

/** The reply for `status`: the backend's own, else the frontend's own, else the one built in. */
export function errorReply(
  status: number,
  txn: Txn,
  backend: ErrorReplies | null,
  frontend: ErrorReplies | null,
): Reply {
  const own = backend?.get(status) ?? frontend?.get(status);
  if (own === undefined) return builtInReply(status);
  return typeof own === "function" ? own(txn) : own;
}

/** The reply built in for a status; the one of 500 for a status that has none. Each call makes a new one. */
export function builtInReply(status: number): Reply {
  const [code, reason, text] = PAGES.find((page) => page[0] === status) ?? PAGES.find((page) => page[0] === 500)!;
  const reply = new Reply();
  const body = latin1ToBytes(`<html><body><h1>${code} ${reason}</h1>\n${text}\n</body></html>\n`);
  reply.status = code;
  reply.reason = reason;
  reply.headers.push("cache-control", "no-cache", "content-type", "text/html");
  reply.close = CLOSING.includes(code);
  reply.body = body;
  return reply;
}

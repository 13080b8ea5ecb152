// What each place of a configuration offers to expressions, as a union of NEEDS (configuration.txt 7.3: which sections of
// a stream a fetch may be used in), and the names of what is missing in messages.
import type { ParseContext } from "../config/mod.ts";
import { NEEDS } from "./types.ts";

const CLIENT = NEEDS.internal | NEEDS.clientL4 | NEEDS.clientL5;
const REQUEST = CLIENT | NEEDS.clientL6 | NEEDS.request | NEEDS.requestKept | NEEDS.requestBody | NEEDS.headers |
  NEEDS.buffers;
const SERVER = NEEDS.backend | NEEDS.server | NEEDS.serverL4 | NEEDS.serverL5;
const RESPONSE_DATA = NEEDS.serverL6 | NEEDS.response | NEEDS.responseKept | NEEDS.responseBody | NEEDS.headers |
  NEEDS.buffers;

export const OFFERS = {
  /** Global section, runtime API: no connection at all. */
  process: NEEDS.internal,
  "tcp-request connection": NEEDS.internal | NEEDS.clientL4,
  "tcp-request session": CLIENT,
  "tcp-request content": REQUEST,
  "http-request": REQUEST,
  /** use_backend, use-server, balance, stick on/match/store-request, unique-id-format, captures. */
  request: REQUEST,
  "tcp-response content": CLIENT | NEEDS.requestKept | SERVER | RESPONSE_DATA,
  "http-response": CLIENT | NEEDS.requestKept | SERVER | RESPONSE_DATA,
  "http-after-response": CLIENT | NEEDS.requestKept | SERVER | RESPONSE_DATA,
  /** stick store-response. */
  response: CLIENT | NEEDS.requestKept | SERVER | RESPONSE_DATA,
  log: CLIENT | NEEDS.requestKept | SERVER | NEEDS.responseKept,
  check: NEEDS.internal | NEEDS.clientL4 | SERVER | RESPONSE_DATA,
} as const;

const NAMES: readonly (readonly [number, string])[] = [
  [NEEDS.internal, "internal state"],
  [NEEDS.clientL4, "client address"],
  [NEEDS.clientL5, "client-side connection"],
  [NEEDS.clientL6, "request buffer"],
  [NEEDS.request, "HTTP request headers"],
  [NEEDS.requestKept, "HTTP request"],
  [NEEDS.requestBody, "HTTP request body"],
  [NEEDS.headers, "HTTP request headers,HTTP response headers"],
  [NEEDS.buffers, "request buffer,response buffer"],
  [NEEDS.backend, "backend"],
  [NEEDS.server, "server"],
  [NEEDS.serverL4, "server address"],
  [NEEDS.serverL5, "server-side connection"],
  [NEEDS.serverL6, "response buffer"],
  [NEEDS.response, "HTTP response headers"],
  [NEEDS.responseKept, "HTTP response"],
  [NEEDS.responseBody, "HTTP response body"],
];

/** What a place offers within a section: rules of a backend know the backend. */
export function offersIn(context: ParseContext, offers: number): number {
  const { kind } = context.section;
  return kind === "backend" || kind === "listen" ? offers | NEEDS.backend : offers;
}

/** What of `needs` a place does not offer, in words; null when nothing is missing. */
export function missing(needs: number, offers: number): string | null {
  const lacks = needs & ~offers;
  if (lacks === 0) return null;
  for (const [bit, name] of NAMES) if ((lacks & bit) !== 0) return name;
  return "unknown data";
}

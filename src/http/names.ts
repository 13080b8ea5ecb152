// Field names that have a number of their own, so that finding one in a message compares integers.
//
// Invariants: names are in lower case; number 0 is "any other name", told by its bytes; the numbers up to
// LAST_FRAMING_NAME are the fields that HTTP/1 framing looks at.
import { latin1ToBytes, LOWER } from "../base/mod.ts";

export const H_OTHER = 0;
export const H_HOST = 1;
export const H_CONTENT_LENGTH = 2;
export const H_TRANSFER_ENCODING = 3;
export const H_CONNECTION = 4;
export const H_UPGRADE = 5;
export const H_EXPECT = 6;
export const H_SEC_WEBSOCKET_KEY = 7;
export const H_SEC_WEBSOCKET_ACCEPT = 8;
export const LAST_FRAMING_NAME = 8;
export const H_TE = 9;
export const H_TRAILER = 10;
export const H_KEEP_ALIVE = 11;
export const H_PROXY_CONNECTION = 12;
export const H_COOKIE = 13;
export const H_SET_COOKIE = 14;
export const H_CONTENT_TYPE = 15;
export const H_CONTENT_ENCODING = 16;
export const H_ACCEPT_ENCODING = 17;
export const H_CACHE_CONTROL = 18;
export const H_VARY = 19;
export const H_ETAG = 20;
export const H_DATE = 21;
export const H_LOCATION = 22;
export const H_X_FORWARDED_FOR = 23;
export const H_FORWARDED = 24;
export const H_AUTHORIZATION = 25;

/** Names by number. */
export const HEADER_NAMES: readonly string[] = [
  "",
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "upgrade",
  "expect",
  "sec-websocket-key",
  "sec-websocket-accept",
  "te",
  "trailer",
  "keep-alive",
  "proxy-connection",
  "cookie",
  "set-cookie",
  "content-type",
  "content-encoding",
  "accept-encoding",
  "cache-control",
  "vary",
  "etag",
  "date",
  "location",
  "x-forwarded-for",
  "forwarded",
  "authorization",
  "accept",
  "accept-charset",
  "accept-language",
  "accept-ranges",
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "access-control-max-age",
  "access-control-request-headers",
  "access-control-request-method",
  "age",
  "allow",
  "alt-svc",
  "content-disposition",
  "content-language",
  "content-location",
  "content-range",
  "content-security-policy",
  "dnt",
  "early-data",
  "expires",
  "from",
  "http2-settings",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-modified",
  "link",
  "max-forwards",
  "origin",
  "pragma",
  "priority",
  "proxy-authenticate",
  "proxy-authorization",
  "purpose",
  "range",
  "referer",
  "refresh",
  "retry-after",
  "sec-ch-ua",
  "sec-ch-ua-mobile",
  "sec-ch-ua-platform",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "sec-fetch-user",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "server",
  "strict-transport-security",
  "timing-allow-origin",
  "traceparent",
  "tracestate",
  "upgrade-insecure-requests",
  "user-agent",
  "via",
  "www-authenticate",
  "x-content-type-options",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-frame-options",
  "x-original-to",
  "x-real-ip",
  "x-request-id",
  "x-requested-with",
  "x-xss-protection",
];

const SLOTS = 1024;
/** Number of the name in each slot, found by linear probing; 0 ends a probe. */
const slots: Uint8Array<ArrayBuffer> = /* @__PURE__ */ new Uint8Array(SLOTS);
/** Bytes of all names, one after the other, and where each begins. */
const text: Uint8Array<ArrayBuffer> = /* @__PURE__ */ latin1ToBytes(HEADER_NAMES.join(""));
const starts: Int32Array<ArrayBuffer> = /* @__PURE__ */ new Int32Array(HEADER_NAMES.length + 1);

for (let id = 1; id < HEADER_NAMES.length; id++) {
  const from = starts[id];
  const to = from + HEADER_NAMES[id].length;
  starts[id + 1] = to;
  let slot = slotOf(text, from, to);
  while (slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
  slots[slot] = id;
}

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  return ((to - from) * 67 + bytes[from] * 5 + bytes[to - 1] * 113 + bytes[(from + to) >> 1] * 29) & (SLOTS - 1);
}

/** The number of the lower-case name in [from, to), which is not empty; 0 when it has none. */
export function headerIdOf(bytes: Uint8Array, from: number, to: number): number {
  let slot = slotOf(bytes, from, to);
  for (;;) {
    const id = slots[slot];
    if (id === 0) return 0;
    let i = from;
    let j = starts[id];
    if (starts[id + 1] - j === to - from) {
      while (i < to && bytes[i] === text[j]) {
        i++;
        j++;
      }
      if (i === to) return id;
    }
    slot = (slot + 1) & (SLOTS - 1);
  }
}

/** A field name as rules and muxes hold it: made once, looked up many times. */
export class HeaderName {
  /** In lower case. */
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its number, 0 when it has none. */
  readonly id: number;

  /** `name`: a token in any case; whether it is one is the caller's to check (isTokenText). */
  constructor(name: string) {
    this.bytes = latin1ToBytes(name);
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] = LOWER[this.bytes[i]];
    this.text = name.toLowerCase();
    this.id = name === "" ? 0 : headerIdOf(this.bytes, 0, this.bytes.length);
  }
}

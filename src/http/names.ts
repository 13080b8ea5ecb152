// Field names that have a number of their own, so that finding one in a message compares integers.
//
// Invariants: names are in lower case; number 0 is "any other name", told by its bytes; the numbers up to
// LAST_FRAMING_NAME are the fields that HTTP/1 framing looks at.
import { bytesEqual, latin1ToBytes, LOWER, writeLatin1 } from "../base/mod.ts";

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
/** Bytes of all names, one after the other, each at a multiple of four, zeros between; where each begins; its length. */
const text: Uint8Array<ArrayBuffer> = /* @__PURE__ */ new Uint8Array(HEADER_NAMES.length * 36);
const words: DataView<ArrayBuffer> = /* @__PURE__ */ new DataView(text.buffer);
const starts: Int32Array<ArrayBuffer> = /* @__PURE__ */ new Int32Array(HEADER_NAMES.length);
const lengths: Uint8Array<ArrayBuffer> = /* @__PURE__ */ new Uint8Array(HEADER_NAMES.length);
/** Which bits of a name's last word count, by the name's length modulo four. */
const LAST_WORD: Int32Array<ArrayBuffer> = /* @__PURE__ */ Int32Array.of(-1, 0xff, 0xffff, 0xffffff);

for (let id = 1, from = 0; id < HEADER_NAMES.length; id++) {
  const to = writeLatin1(text, from, HEADER_NAMES[id]);
  starts[id] = from;
  lengths[id] = to - from;
  let slot = slotOf(text, from, to);
  while (slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
  slots[slot] = id;
  from = (to + 3) & ~3;
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
    const start = starts[id];
    if (lengths[id] === to - from && bytesEqual(bytes, from, to, text, start, start + (to - from))) return id;
    slot = (slot + 1) & (SLOTS - 1);
  }
}

/** As headerIdOf(), for who has a view of the bytes, three more of which can be read behind the name. */
export function headerIdOfView(view: DataView, bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  let slot = slotOf(bytes, from, to);
  for (;;) {
    const id = slots[slot];
    if (id === 0) return 0;
    if (lengths[id] === length) {
      let i = from;
      let j = starts[id];
      while (i + 4 < to && view.getInt32(i, true) === words.getInt32(j, true)) {
        i += 4;
        j += 4;
      }
      if (i + 4 >= to && ((view.getInt32(i, true) ^ words.getInt32(j, true)) & LAST_WORD[length & 3]) === 0) return id;
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

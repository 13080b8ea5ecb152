// Wire cases of HTTP/1 heads: what comes in, and what goes out to the other side or why it is refused. Run by
// h1_request_test.ts and h1_response_test.ts in every split. Where RFC 9110 and 9112 leave a choice, the case is what
// HAProxy was seen to do.
import {
  H1_BAD_CONTENT_LENGTH,
  H1_BAD_HOST,
  H1_BAD_NAME,
  H1_BAD_START_LINE,
  H1_BAD_STATUS,
  H1_BAD_TARGET,
  H1_BAD_TRANSFER_ENCODING,
  H1_BAD_UPGRADE,
  H1_BAD_VALUE,
  H1_BAD_VERSION,
  H1_TOO_MANY_FIELDS,
  H1_UNEXPECTED_BODY,
  H1_UNSUPPORTED_CODING,
} from "../../src/codec/mod.ts";

export interface H1Case {
  /** Begins with rows of the feature list. */
  readonly name: string;
  /** The head; what is behind its empty line is body. */
  readonly input: string;
  /** The head as it is relayed, nothing added; undefined when it is refused. */
  readonly sent?: string;
  /** Code of a refusal, and where the head is wrong. */
  readonly error?: number;
  readonly errorAt?: number;
  /** BODY_* by name, with the length; "none" unless given. */
  readonly body?: string;
  /** What Connection said: any of "close", "keep-alive", "upgrade", and "websocket" for a WebSocket handshake. */
  readonly says?: string;
  readonly relaxed?: boolean;
  /** Relaxed parsing let something through, which is captured. */
  readonly violation?: boolean;
  /** Responses: the request's method, and that it asked for an upgrade. */
  readonly method?: string;
  readonly upgradeAsked?: boolean;
}

const HOST = "GET / HTTP/1.1\r\nHost: a\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a\r\n";
const SENT = "GET / HTTP/1.1\r\nhost: a\r\n";
const SENT_POST = "POST / HTTP/1.1\r\nhost: a\r\n";
const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const SENT_KEY = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/** Request cases that differ in one field only: `field` behind the host, sent as `sent`. */
function field(name: string, line: string, sent: string, more: Partial<H1Case> = {}): H1Case {
  return { name, input: HOST + line + "\r\n", sent: SENT + sent + "\r\n", ...more };
}
function badField(name: string, line: string, error: number, errorAt?: number): H1Case {
  return { name, input: HOST + line + "\r\n", error, errorAt };
}
function badPost(name: string, lines: string, error: number): H1Case {
  return { name, input: POST + lines + "\r\n", error };
}
function target(name: string, line: string, sent: string, host = "a", sentHost = host): H1Case {
  return {
    name,
    input: `${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    sent: `${sent} HTTP/1.1\r\nhost: ${sentHost}\r\n\r\n`,
  };
}
function badTarget(name: string, line: string, error: number, host = "a"): H1Case {
  return { name, input: `${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, error };
}
function relaxed(name: string, input: string, sent: string): H1Case {
  return { name, input, sent, relaxed: true, violation: true };
}

export const REQUESTS: readonly H1Case[] = [
  // ---- start lines and lines in general
  { name: "H1-01 plain", input: HOST + "\r\n", sent: SENT + "\r\n" },
  { name: "H1-01 a body behind the head stays", input: HOST + "\r\nbody", sent: SENT + "\r\n" },
  { name: "H1-01 no Host", input: "GET / HTTP/1.1\r\n\r\n", sent: "GET / HTTP/1.1\r\n\r\n" },
  { name: "H1-01 HTTP/1.0", input: "GET / HTTP/1.0\r\n\r\n", sent: "GET / HTTP/1.0\r\n\r\n" },
  { name: "H1-01 HTTP/1.2 is served as 1.1", input: "GET / HTTP/1.2\r\n\r\n", sent: "GET / HTTP/1.1\r\n\r\n" },
  { name: "H1-01 HTTP/2.0 in text", input: "GET / HTTP/2.0\r\n\r\n", sent: "GET / HTTP/1.1\r\n\r\n" },
  { name: "H1-01 HTTP/0.9 said aloud", input: "GET / HTTP/0.9\r\n\r\n", sent: "GET / HTTP/0.9\r\n\r\n" },
  { name: "H1-01 HTTP/0.0", input: "GET / HTTP/0.0\r\n\r\n", sent: "GET / HTTP/0.0\r\n\r\n" },
  { name: "H1-01 lines end with LF", input: "GET / HTTP/1.1\nHost: a\nX: 1\n\n", sent: SENT + "x: 1\r\n\r\n" },
  { name: "H1-01 mixed line ends", input: "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\n", sent: SENT + "x: 1\r\n\r\n" },
  { name: "H1-01 empty lines before", input: "\r\n\n\r\n" + HOST + "\r\n", sent: SENT + "\r\n" },
  { name: "H1-01 blanks between words", input: "GET \t/  \tHTTP/1.1\r\n\r\n", sent: "GET / HTTP/1.1\r\n\r\n" },
  { name: "H1-01 another method", input: "PaTCH / HTTP/1.1\r\n\r\n", sent: "PaTCH / HTTP/1.1\r\n\r\n" },
  {
    name: "H1-01 every byte of a token in a method",
    input: "M-!#$%&'*+.^_`|~9 / HTTP/1.1\r\n\r\n",
    sent: "M-!#$%&'*+.^_`|~9 / HTTP/1.1\r\n\r\n",
  },
  { name: "H1-06 bare CR before", input: "\rGET / HTTP/1.1\r\n\r\n", error: H1_BAD_START_LINE, errorAt: 1 },
  { name: "H1-06 space before", input: " GET / HTTP/1.1\r\n\r\n", error: H1_BAD_START_LINE, errorAt: 0 },
  { name: "H1-06 no token as method", input: "GE(T / HTTP/1.1\r\n\r\n", error: H1_BAD_START_LINE, errorAt: 2 },
  { name: "H1-06 no target", input: "GET \r\n\r\n", error: H1_BAD_START_LINE, errorAt: 4 },
  { name: "H1-06 method only", input: "GET\r\n\r\n", error: H1_BAD_START_LINE, errorAt: 3 },
  { name: "H1-06 CR in the line", input: "GET / HTTP/1.1\rX\n\r\n", error: H1_BAD_START_LINE, errorAt: 15 },
  { name: "H1-06 space behind the version", input: "GET / HTTP/1.1 \r\n\r\n", error: H1_BAD_VERSION, errorAt: 6 },
  { name: "H1-06 no version", input: "GET /\r\n\r\n", error: H1_BAD_VERSION },
  ...[
    "http/1.1",
    "HTTP/1.10",
    "HTTP/01.1",
    "HTTP/1",
    "HTTP/1.",
    "HTTP/.1",
    "HTTP/1,1",
    "HTTP/a.b",
    "RTSP/1.0",
    "ICY/1.0",
  ]
    .map((v): H1Case => ({
      name: `H1-06 version ${v}`,
      input: `GET / ${v}\r\n\r\n`,
      error: H1_BAD_VERSION,
      errorAt: 6,
    })),
  // ---- targets
  target("H1-01 asterisk form", "OPTIONS *", "OPTIONS *"),
  target("H1-01 absolute form", "GET http://a/x?y", "GET http://a/x?y"),
  target("H1-01 absolute form without path", "GET http://a", "GET http://a"),
  target("H1-01 absolute form, other case", "GET HTTP://A/x", "GET HTTP://A/x"),
  target("H1-01 absolute form, user information", "GET http://u@a/x", "GET http://u@a/x"),
  target("H1-01 absolute form, another scheme", "GET ftp://a/x", "GET ftp://a/x"),
  target("H1-01 absolute form, default port in target", "GET http://a:80/x", "GET http://a/x"),
  target("H1-01 absolute form, default port in both", "GET http://a:80/x", "GET http://a/x", "a:80", "a"),
  target("H1-01 absolute form, default port in Host", "GET http://a/x", "GET http://a/x", "a:80"),
  target("H1-01 absolute form, default port of https", "GET https://a:443/x", "GET https://a/x"),
  target("H1-01 absolute form, odd port in both", "GET http://a:81/x", "GET http://a:81/x", "a:81"),
  target("H1-01 absolute form, IP literal", "GET http://[::1]:80/x", "GET http://[::1]/x", "[::1]"),
  target("H1-01 CONNECT", "CONNECT a:443", "CONNECT a:443", "a:443", "a"),
  target("H1-01 CONNECT, Host without the default port", "CONNECT a:80", "CONNECT a:80"),
  target("H1-01 CONNECT, odd port in both", "CONNECT a:8443", "CONNECT a:8443", "a:8443"),
  target("H1-01 visible bytes of targets", 'GET /"<>\\^`{|}[]', 'GET /"<>\\^`{|}[]'),
  {
    name: "H1-01 absolute form without Host",
    input: "GET http://b/x HTTP/1.1\r\n\r\n",
    sent: "GET http://b/x HTTP/1.1\r\n\r\n",
  },
  badTarget("H1-06 no slash", "GET foo", H1_BAD_TARGET),
  badTarget("H1-06 scheme only", "GET http:/a", H1_BAD_TARGET),
  badTarget("H1-06 scheme with a digit in front", "GET 1http://a/x", H1_BAD_TARGET),
  badTarget("H1-06 empty authority", "GET http:///x", H1_BAD_TARGET),
  badTarget("H1-06 port that is none", "GET http://a:b/x", H1_BAD_TARGET),
  badTarget("H1-06 port beyond 65535", "GET http://a:65536/x", H1_BAD_TARGET),
  badTarget("H1-06 CONNECT without port", "CONNECT a", H1_BAD_TARGET),
  badTarget("H1-06 CONNECT with empty port", "CONNECT a:", H1_BAD_TARGET),
  badTarget("H1-06 CONNECT to a path", "CONNECT /x", H1_BAD_TARGET),
  badTarget("H1-06 CONNECT with user information", "CONNECT u@a:80", H1_BAD_TARGET),
  badTarget("H1-06 CONNECT to everything", "CONNECT *", H1_BAD_TARGET),
  badTarget("H1-09 fragment", "GET /a#b", H1_BAD_TARGET),
  badTarget("H1-06 byte above 127 in target", "GET /\xe9", H1_BAD_TARGET),
  badTarget("H1-06 control byte in target", "GET /\x01", H1_BAD_TARGET),
  badTarget("H1-06 DEL in target", "GET /\x7f", H1_BAD_TARGET),
  badTarget("H1-06 NUL in target", "GET /a\0b", H1_BAD_TARGET),
  badTarget("H1-07 other host", "GET http://b/x", H1_BAD_HOST),
  badTarget("H1-07 other port", "GET http://a:81/x", H1_BAD_HOST),
  badTarget("H1-07 other port in Host", "GET http://a/x", H1_BAD_HOST, "a:81"),
  badTarget("H1-07 CONNECT elsewhere", "CONNECT a:443", H1_BAD_HOST, "b:443"),
  badTarget("H1-07 CONNECT, Host without the port", "CONNECT a:8443", H1_BAD_HOST),
  badTarget("H1-07 CONNECT, other port", "CONNECT a:443", H1_BAD_HOST, "a:444"),
  // ---- Host
  field("H1-07 Host twice, the same", "HOST: A\r\n", ""),
  badField("H1-07 Host twice", "Host: b\r\n", H1_BAD_HOST),
  { name: "H1-07 empty Host", input: "GET / HTTP/1.1\r\nHost:\r\n\r\n", sent: "GET / HTTP/1.1\r\nhost: \r\n\r\n" },
  ...["a b", "a/b", "u@a", "a\\b", "a#b", "a?b", "a\tb", "\xe9", "a\x01", 'a"b', "a<b"].map((host): H1Case => ({
    name: `H1-07 Host ${JSON.stringify(host)}`,
    input: `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    error: H1_BAD_HOST,
    errorAt: 22,
  })),
  ...["a.example:80", "[::1]:8080", "a_b", "a,b", "a%20b", "~a!$&'()*+;="].map((host): H1Case => ({
    name: `H1-07 Host ${host}`,
    input: `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    sent: `GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`,
  })),
  // ---- names and values
  field("H1-01 names become lower case", "X-A_b.C!#$%&'*+^`|~9: V\r\n", "x-a_b.c!#$%&'*+^`|~9: V\r\n"),
  field("H1-01 no blank behind the colon", "x:1\r\n", "x: 1\r\n"),
  field("H1-01 tab behind the colon", "x:\ta\r\n", "x: a\r\n"),
  field("H1-01 blanks around a value", "x: \t a\tb \t \r\n", "x: a\tb\r\n"),
  field("H1-01 blank at the end only", "x: a \r\n", "x: a\r\n"),
  field("H1-01 empty value", "x:\r\n", "x: \r\n"),
  field("H1-01 value of blanks", "x: \t \r\n", "x: \r\n"),
  field("H1-01 colons in a value", "x: a:b: c\r\n", "x: a:b: c\r\n"),
  field("H1-01 bytes above 127 in a value", "x: \x80\xe9\xff\r\n", "x: \x80\xe9\xff\r\n"),
  field("H1-01 control bytes in a value", "x: a\x01\x1f\x7fb\r\n", "x: a\x01\x1f\x7fb\r\n"),
  field("H1-01 order and repetition stay", "b: 2\r\na: 1\r\nb: 3\r\n", "b: 2\r\na: 1\r\nb: 3\r\n"),
  field("H1-01 a fold becomes spaces", "x: a\r\n b\r\ny: 2\r\n", "x: a   b\r\ny: 2\r\n"),
  field("H1-01 folds, tabs, empty lines", "x:\r\n\t a \r\n \r\n\tb \r\n", "x: a      \tb\r\n"),
  field("H1-01 a fold at the end of a value", "x: a\r\n \r\n", "x: a\r\n"),
  field("H1-01 a fold after LF", "x: a\n b\n", "x: a  b\r\n"),
  badField("H1-06 space before the colon", "x : 1\r\n", H1_BAD_NAME, 26),
  badField("H1-06 tab before the colon", "x\t: 1\r\n", H1_BAD_NAME, 26),
  badField("H1-06 no name", ": 1\r\n", H1_BAD_NAME, 25),
  badField("H1-06 no colon", "xyz\r\n", H1_BAD_NAME, 28),
  badField("H1-06 NUL in a name", "x\0: 1\r\n", H1_BAD_NAME, 26),
  badField("H1-06 byte above 127 in a name", "x\xe9: 1\r\n", H1_BAD_NAME, 26),
  badField("H1-06 separators in a name", "x(y): 1\r\n", H1_BAD_NAME, 26),
  badField("H1-06 bare CR in a name", "x\ry: 1\r\n", H1_BAD_NAME, 26),
  badField("H1-06 bare CR in a value", "x: a\rb\r\n", H1_BAD_VALUE, 30),
  badField("H1-06 CR CR LF", "x: a\r\r\n", H1_BAD_VALUE, 30),
  badField("H1-06 NUL in a value", "x: a\0b\r\n", H1_BAD_VALUE, 29),
  { name: "H1-06 a fold before any field", input: "GET / HTTP/1.1\r\n x: 1\r\n\r\n", error: H1_BAD_NAME, errorAt: 16 },
  { name: "H1-06 bare CR as empty line", input: HOST + "\rX", error: H1_BAD_NAME, errorAt: 26 },
  {
    name: "H1-06 as many lines as may be",
    input: "GET / HTTP/1.1\r\n" + "X: 1\r\n".repeat(100) + "\r\n",
    sent: "GET / HTTP/1.1\r\n" + "x: 1\r\n".repeat(100) + "\r\n",
  },
  { name: "H1-06 a line too many", input: HOST + "X: 1\r\n".repeat(100) + "\r\n", error: H1_TOO_MANY_FIELDS },
  // ---- Connection
  field("H1-02 close", "Connection: Close\r\nx: 1\r\n", "x: 1\r\n", { says: "close" }),
  field("H1-02 keep-alive", "Connection: Keep-Alive\r\n", "", { says: "keep-alive" }),
  field("H1-02 other tokens stay", "Connection: keep-alive, foo ,bar\r\n", "connection: foo,bar\r\n", {
    says: "keep-alive",
  }),
  field("H1-02 close among others", "Connection: foo, close\r\n", "connection: foo\r\n", { says: "close" }),
  field("H1-02 close in front", "Connection: close, foo\r\nx: 1\r\n", "connection: foo\r\nx: 1\r\n", { says: "close" }),
  field("H1-02 both", "Connection: close, keep-alive\r\nConnection: foo\r\n", "connection: foo\r\n", {
    says: "close keep-alive",
  }),
  field("H1-02 empty", "Connection:\r\n", ""),
  field("H1-02 empty tokens stay with others", "Connection: ,b,, c\r\n", "connection: ,b,, c\r\n"),
  field("H1-02 a comma in quotes", 'Connection: "a, close", close\r\n', 'connection: "a, close"\r\n', {
    says: "close",
  }),
  field("H1-02 commas only", "Connection: , ,\r\n", ""),
  field("H1-02 words with close in them", "Connection: closed, enclose\r\n", "connection: closed, enclose\r\n"),
  field("H1-02 quoted", 'Connection: "close"\r\n', 'connection: "close"\r\n'),
  field(
    "H1-02 fields of other hops are not touched",
    "Keep-Alive: 5\r\nProxy-Connection: close\r\n",
    "keep-alive: 5\r\nproxy-connection: close\r\n",
  ),
  // ---- upgrades
  field("H1-04 upgrade", "Connection: Upgrade\r\nUpgrade: foo\r\n", "connection: Upgrade\r\nupgrade: foo\r\n", {
    says: "upgrade",
  }),
  field(
    "H1-04 keep-alive and upgrade",
    "Connection: keep-alive, Upgrade\r\nUpgrade: foo\r\n",
    "connection: Upgrade\r\nupgrade: foo\r\n",
    { says: "keep-alive upgrade" },
  ),
  field("H1-04 Upgrade that Connection does not name", "Upgrade: websocket\r\n", "upgrade: websocket\r\n"),
  field(
    "H1-04 WebSocket",
    "Connection: upgrade\r\nUpgrade: WebSocket\r\n" + KEY,
    "connection: upgrade\r\nupgrade: WebSocket\r\n" + SENT_KEY,
    { says: "upgrade websocket" },
  ),
  badField("H1-10 WebSocket without key", "Connection: upgrade\r\nUpgrade: websocket\r\n", H1_BAD_UPGRADE),
  badField(
    "H1-10 WebSocket with a short key",
    "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n",
    H1_BAD_UPGRADE,
  ),
  badField(
    "H1-10 WebSocket in a list, without key",
    "Connection: upgrade\r\nUpgrade: foo, websocket\r\n",
    H1_BAD_UPGRADE,
  ),
  {
    name: "H1-04 no upgrade with a body",
    input: POST + "Connection: upgrade\r\nUpgrade: foo\r\nContent-Length: 2\r\n\r\nab",
    sent: SENT_POST + "connection: upgrade\r\ncontent-length: 2\r\n\r\n",
    body: "length 2",
    says: "upgrade",
  },
  // ---- bodies
  { name: "H1-01 POST without body", input: POST + "\r\n", sent: SENT_POST + "\r\n" },
  {
    name: "H1-01 length 0",
    input: POST + "Content-Length: 0\r\n\r\n",
    sent: SENT_POST + "content-length: 0\r\n\r\n",
  },
  {
    name: "H1-01 length",
    input: POST + "Content-Length: 9007199254740991\r\n\r\nab",
    sent: SENT_POST + "content-length: 9007199254740991\r\n\r\n",
    body: "length 9007199254740991",
  },
  {
    name: "H1-01 length with zeros in front",
    input: POST + "Content-Length: 0002\r\n\r\nab",
    sent: SENT_POST + "content-length: 0002\r\n\r\n",
    body: "length 2",
  },
  {
    name: "H1-01 a GET may have a body",
    input: HOST + "Content-Length: 2\r\n\r\nab",
    sent: SENT + "content-length: 2\r\n\r\n",
    body: "length 2",
  },
  {
    name: "H1-06 the same length twice",
    input: POST + "Content-Length: 2\r\nX: 1\r\nContent-Length: 02\r\n\r\nab",
    sent: SENT_POST + "content-length: 2\r\nx: 1\r\n\r\n",
    body: "length 2",
  },
  {
    name: "H1-06 the same length in a list",
    input: POST + "Content-Length: 2 , 2,2\r\n\r\nab",
    sent: SENT_POST + "content-length: 2\r\n\r\n",
    body: "length 2",
  },
  {
    name: "H1-06 a length of many zeros",
    input: POST + "Content-Length: 00000000000000000000000000000002\r\n\r\nab",
    sent: SENT_POST + "content-length: 00000000000000000000000000000002\r\n\r\n",
    body: "length 2",
  },
  badPost("H1-06 lengths that differ", "Content-Length: 2\r\nContent-Length: 3\r\n", H1_BAD_CONTENT_LENGTH),
  ...[
    "2, 3",
    "+2",
    "-2",
    "",
    "0x2",
    "2 2",
    "2,",
    ",2",
    "2;",
    "2.0",
    "1e2",
    "two",
    "9007199254740992",
    "18446744073709551616",
    "18446744073709551618",
    "2\x01",
    "\xb2",
  ].map((value) =>
    badPost(`H1-06 length ${JSON.stringify(value)}`, `Content-Length: ${value}\r\n`, H1_BAD_CONTENT_LENGTH)
  ),
  ...["chunked", "CHUNKED", "\r\n chunked"].map((value): H1Case => ({
    name: `H1-03 coding ${JSON.stringify(value)}`,
    input: POST + `Transfer-Encoding: ${value}\r\n\r\n`,
    sent: SENT_POST + `transfer-encoding: ${value.trim()}\r\n\r\n`,
    body: "chunked",
  })),
  {
    name: "H1-06 coding and length: the length goes, and so will the connection",
    input: POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
    sent: SENT_POST + "transfer-encoding: chunked\r\n\r\n",
    body: "chunked",
    says: "close",
  },
  {
    name: "H1-06 length behind the coding",
    input: POST + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\nContent-Length: 2\r\nX: 1\r\n\r\n",
    sent: SENT_POST + "transfer-encoding: chunked\r\nx: 1\r\n\r\n",
    body: "chunked",
    says: "close",
  },
  {
    name: "H1-06 a coding in HTTP/1.0: the connection will not be used again",
    input: "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
    sent: "POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n",
    body: "chunked",
    says: "close keep-alive",
  },
  ...[
    "gzip",
    "identity",
    "",
    ",",
    "chunked, gzip",
    "chunked, gzip, chunked",
    "chunked, chunked",
    "chunked,",
    ",chunked",
    "xchunked",
    "chunked x",
    "\x0bchunked",
    "chunked;a=b",
    '"chunked"',
    "chunked\x01",
  ].map((value) =>
    badPost(`H1-06 coding ${JSON.stringify(value)}`, `Transfer-Encoding: ${value}\r\n`, H1_BAD_TRANSFER_ENCODING)
  ),
  badPost(
    "H1-06 chunked in two fields",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    H1_BAD_TRANSFER_ENCODING,
  ),
  badPost(
    "H1-06 chunked, then another field",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
    H1_BAD_TRANSFER_ENCODING,
  ),
  badPost("H1-06 another coding before chunked", "Transfer-Encoding: gzip, chunked\r\n", H1_UNSUPPORTED_CODING),
  badPost(
    "H1-06 another coding in a field before",
    "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
    H1_UNSUPPORTED_CODING,
  ),
  ...["GET", "HEAD", "DELETE"].map((method): H1Case => ({
    name: `H1-06 a body in HTTP/1.0 ${method}`,
    input: `${method} / HTTP/1.0\r\nContent-Length: 2\r\n\r\nab`,
    error: H1_UNEXPECTED_BODY,
  })),
  {
    name: "H1-06 a chunked body in HTTP/1.0 GET",
    input: "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    error: H1_UNEXPECTED_BODY,
  },
  {
    name: "H1-06 CONNECT has no body",
    input: "CONNECT a:80 HTTP/1.1\r\nContent-Length: 2\r\n\r\n",
    sent: "CONNECT a:80 HTTP/1.1\r\n\r\n",
  },
  // ---- relaxed
  relaxed("H1-08 bad characters in a name", HOST + "x(y z: 1\r\n\r\n", SENT + "x(y z: 1\r\n\r\n"),
  relaxed("H1-08 NUL in a name", HOST + "x\0y: 1\r\n\r\n", SENT + "x\0y: 1\r\n\r\n"),
  relaxed("H1-08 NUL in a value", HOST + "x: a\0\0b\0\r\n\r\n", SENT + "x: a\0\0b\0\r\n\r\n"),
  relaxed("H1-08 bytes above 127 in the target", "GET /\xe9 HTTP/1.1\r\n\r\n", "GET /\xe9 HTTP/1.1\r\n\r\n"),
  relaxed("H1-08 H1-09 fragment", "GET /a#b HTTP/1.1\r\n\r\n", "GET /a#b HTTP/1.1\r\n\r\n"),
  relaxed("H1-08 another protocol", "GET / RTSP/1.0\r\n\r\n", "GET / RTSP/1.0\r\n\r\n"),
  relaxed("H1-08 digits of versions", "GET / HTTP/21.33\r\n\r\n", "GET / HTTP/21.33\r\n\r\n"),
  relaxed("H1-08 HTTP/0.9", "GET /\r\n", "GET / HTTP/1.0\r\n\r\n"),
  relaxed("H1-08 other host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://b/ HTTP/1.1\r\nhost: a\r\n\r\n"),
  relaxed(
    "H1-08 CONNECT to a path",
    "CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT /x HTTP/1.1\r\nhost: a\r\n\r\n",
  ),
  relaxed("H1-08 odd Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET / HTTP/1.1\r\nhost: a b\r\n\r\n"),
  {
    ...relaxed(
      "H1-08 H1-10 WebSocket without key",
      HOST + "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
      SENT + "connection: upgrade\r\nupgrade: websocket\r\n\r\n",
    ),
    says: "upgrade websocket",
  },
  { name: "H1-08 a good head is no violation", input: HOST + "\r\n", sent: SENT + "\r\n", relaxed: true },
  { name: "H1-08 not: POST without version", input: "POST /\r\n", error: H1_BAD_VERSION, relaxed: true },
  { name: "H1-08 not: lower-case protocol", input: "GET / http/1.1\r\n\r\n", error: H1_BAD_VERSION, relaxed: true },
  { name: "H1-08 not: DEL in the target", input: "GET /\x7f HTTP/1.1\r\n\r\n", error: H1_BAD_TARGET, relaxed: true },
  { name: "H1-08 not: CR in a value", input: HOST + "x: a\rb\r\n\r\n", error: H1_BAD_VALUE, relaxed: true },
  { name: "H1-08 not: no colon", input: HOST + "xyz\r\n\r\n", error: H1_BAD_NAME, relaxed: true },
  { name: "H1-08 not: no name", input: HOST + ": 1\r\n\r\n", error: H1_BAD_NAME, relaxed: true },
  { name: "H1-08 not: two hosts", input: HOST + "Host: b\r\n\r\n", error: H1_BAD_HOST, relaxed: true },
  {
    name: "H1-08 not: length",
    input: POST + "Content-Length: +2\r\n\r\n",
    error: H1_BAD_CONTENT_LENGTH,
    relaxed: true,
  },
  {
    name: "H1-08 not: coding",
    input: POST + "Transfer-Encoding:\r\n\r\n",
    error: H1_BAD_TRANSFER_ENCODING,
    relaxed: true,
  },
];

const OK = "HTTP/1.1 200 OK\r\n";

function response(name: string, input: string, body: string, more: Partial<H1Case> = {}): H1Case {
  return { name, input, sent: input, body, ...more };
}
function badStatus(name: string, line: string, error: number): H1Case {
  return { name, input: line + "\r\n\r\n", error };
}

export const RESPONSES: readonly H1Case[] = [
  response("H1-01 until the end", OK + "\r\n", "until-close"),
  response("H1-01 length", OK + "content-length: 2\r\n\r\n", "length 2"),
  response("H1-01 length 0", OK + "content-length: 0\r\n\r\n", "none"),
  response("H1-03 chunked", OK + "transfer-encoding: chunked\r\n\r\n", "chunked"),
  response("H1-01 HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", "until-close"),
  response("H1-01 no reason", "HTTP/1.1 200 \r\n\r\n", "until-close"),
  response("H1-01 any byte in a reason", "HTTP/1.1 200 \xe9\x01\t(x)\r\n\r\n", "until-close"),
  response("H1-01 status 999", "HTTP/1.1 999 X\r\n\r\n", "until-close"),
  response("H1-01 Host means nothing in a response", OK + "host: a\r\nhost: b\r\n\r\n", "until-close"),
  {
    ...response("H1-01 no blank behind the status", "HTTP/1.1 200\r\n\r\n", "until-close"),
    sent: "HTTP/1.1 200 \r\n\r\n",
  },
  { ...response("H1-01 blanks", "HTTP/1.1 \t200  O K \r\n\r\n", "until-close"), sent: "HTTP/1.1 200 O K \r\n\r\n" },
  { ...response("H1-01 HTTP/1.5", "HTTP/1.5 200 OK\r\n\r\n", "until-close"), sent: OK + "\r\n" },
  {
    ...response("H1-01 empty lines before, LF", "\r\n\nHTTP/1.1 200 OK\nA: 1\n\n", "until-close"),
    sent: OK + "a: 1\r\n\r\n",
  },
  { ...response("H1-02 close", OK + "Connection: close\r\n\r\n", "until-close"), sent: OK + "\r\n", says: "close" },
  {
    ...response(
      "H1-02 keep-alive",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n",
      "length 2",
    ),
    sent: "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n",
    says: "keep-alive",
  },
  {
    ...response("H1-06 coding and length", OK + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", "chunked"),
    sent: OK + "transfer-encoding: chunked\r\n\r\n",
    says: "close",
  },
  response("H1-06 a coding in HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "chunked", {
    says: "close",
  }),
  // ---- messages without body (RFC 9112 6.3)
  response("H1-01 HEAD, length", OK + "content-length: 2\r\n\r\n", "none", { method: "HEAD" }),
  response("H1-01 HEAD, chunked", OK + "transfer-encoding: chunked\r\n\r\n", "none", { method: "HEAD" }),
  response("H1-01 HEAD, nothing", OK + "\r\n", "none", { method: "HEAD" }),
  response("H1-01 304, length", "HTTP/1.1 304 X\r\ncontent-length: 2\r\n\r\n", "none"),
  response("H1-01 304, chunked", "HTTP/1.1 304 X\r\ntransfer-encoding: chunked\r\n\r\n", "none"),
  ...["100 Continue", "103 Early Hints", "204 No Content"].map((status): H1Case => ({
    ...response(`H1-11 H1-14 ${status}`, `HTTP/1.1 ${status}\r\nContent-Length: 2\r\nLink: x\r\n\r\n`, "none"),
    sent: `HTTP/1.1 ${status}\r\nlink: x\r\n\r\n`,
  })),
  {
    ...response("H1-11 204, chunked", "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\nLink: x\r\n\r\n", "none"),
    sent: "HTTP/1.1 204 X\r\nlink: x\r\n\r\n",
  },
  {
    ...response("H1-01 CONNECT", OK + "Content-Length: 2\r\n\r\n", "tunnel", { method: "CONNECT" }),
    sent: OK + "\r\n",
  },
  response("H1-01 CONNECT refused", "HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\n", "length 2", { method: "CONNECT" }),
  response("H1-04 101", "HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n", "tunnel", {
    upgradeAsked: true,
    says: "upgrade",
  }),
  response(
    "H1-04 101 of WebSocket",
    "HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n",
    "tunnel",
    { upgradeAsked: true, says: "upgrade websocket" },
  ),
  {
    name: "H1-04 101 nobody asked for",
    input: "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n",
    error: H1_BAD_UPGRADE,
  },
  {
    name: "H1-10 101 of WebSocket without Sec-WebSocket-Accept",
    input: "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    upgradeAsked: true,
    error: H1_BAD_UPGRADE,
  },
  response(
    "H1-08 H1-10 the same, relaxed",
    "HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    "tunnel",
    {
      upgradeAsked: true,
      says: "upgrade websocket",
      relaxed: true,
      violation: true,
    },
  ),
  // ---- refused
  badStatus("H1-06 status of two digits", "HTTP/1.1 20 OK", H1_BAD_STATUS),
  badStatus("H1-06 status of four digits", "HTTP/1.1 2000 OK", H1_BAD_STATUS),
  badStatus("H1-06 status below 100", "HTTP/1.1 099 OK", H1_BAD_STATUS),
  badStatus("H1-06 status that is no number", "HTTP/1.1 2x0 OK", H1_BAD_STATUS),
  badStatus("H1-06 no status", "HTTP/1.1 \r\n", H1_BAD_STATUS),
  badStatus("H1-06 version only", "HTTP/1.1", H1_BAD_VERSION),
  badStatus("H1-06 lower-case protocol", "http/1.1 200 OK", H1_BAD_VERSION),
  badStatus("H1-06 no version", "ICY 200 OK", H1_BAD_VERSION),
  badStatus("H1-06 another protocol", "RTSP/1.0 200 OK", H1_BAD_VERSION),
  badStatus("H1-06 NUL in the reason", "HTTP/1.1 200 a\0b", H1_BAD_START_LINE),
  badStatus("H1-06 CR in the reason", "HTTP/1.1 200 a\rb", H1_BAD_START_LINE),
  { name: "H1-06 space before the colon", input: OK + "X : 1\r\n\r\n", error: H1_BAD_NAME },
  { name: "H1-06 NUL in a value", input: OK + "X: a\0\r\n\r\n", error: H1_BAD_VALUE },
  {
    name: "H1-06 lengths that differ",
    input: OK + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n",
    error: H1_BAD_CONTENT_LENGTH,
  },
  { name: "H1-06 another coding", input: OK + "Transfer-Encoding: gzip\r\n\r\n", error: H1_BAD_TRANSFER_ENCODING },
  {
    name: "H1-06 another coding before chunked",
    input: OK + "Transfer-Encoding: gzip, chunked\r\n\r\n",
    error: H1_UNSUPPORTED_CODING,
  },
  { name: "H1-06 empty coding", input: OK + "Transfer-Encoding:\r\n\r\n", error: H1_BAD_TRANSFER_ENCODING },
  {
    name: "H1-06 chunked twice",
    input: OK + "Transfer-Encoding: chunked, chunked\r\n\r\n",
    error: H1_BAD_TRANSFER_ENCODING,
  },
  response("H1-08 empty coding, relaxed", OK + "transfer-encoding: \r\n\r\n", "until-close", {
    relaxed: true,
    violation: true,
  }),
  response("H1-08 chunked twice, relaxed", OK + "transfer-encoding: chunked, chunked\r\n\r\n", "chunked", {
    relaxed: true,
    violation: true,
  }),
  response("H1-08 another protocol", "RTSP/1.0 200 OK\r\n\r\n", "until-close", { relaxed: true, violation: true }),
];

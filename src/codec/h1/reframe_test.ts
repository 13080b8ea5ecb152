import { assertEquals } from "@std/assert";
import { bytesToLatin1, latin1ToBytes } from "../../base/mod.ts";
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  CONN_CLOSE,
  HeaderName,
  M_GET,
  M_HEAD,
  Message,
} from "../../http/mod.ts";
import { H1Parser } from "./parse.ts";
import { reframe, takeConnection } from "./reframe.ts";
import { H1Extra, writeRequestHead, writeResponseHead } from "./serialize.ts";

function parsed(text: string, request: boolean): Message {
  const m = new Message();
  m.attach(new Uint8Array(4096), 1024);
  const bytes = latin1ToBytes(text);
  const parser = new H1Parser();
  const n = request
    ? parser.parseRequest(bytes, 0, bytes.length, m)
    : parser.parseResponse(bytes, 0, bytes.length, m, M_GET);
  assertEquals(n, bytes.length);
  m.framingEdited = false;
  return m;
}

/** Kind, and the fields that frame, after an edit. */
function framed(text: string, edit: (m: Message) => void, method = M_GET, chunks = true): [number, string[]] {
  const request = !text.startsWith("HTTP/");
  const m = parsed(text, request);
  edit(m);
  assertEquals(m.framingEdited, true);
  const extra = new H1Extra();
  const kind = reframe(m, extra, method, chunks);
  const out = new Uint8Array(4096);
  const end = (request ? writeRequestHead : writeResponseHead)(m, out, 0, out.length, extra);
  const lines = bytesToLatin1(out, 0, end).split("\r\n");
  return [kind, lines.filter((line) => /^(content-length|transfer-encoding):/.test(line))];
}

const set = (name: string, value: string) => (m: Message) => {
  m.removeAll(new HeaderName(name));
  m.add(new HeaderName(name), value);
};
const remove = (name: string) => (m: Message) => void m.removeAll(new HeaderName(name));

const POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";
const CHUNKS = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";

Deno.test("H1-06 a length that a rule set is not believed", () => {
  assertEquals(framed(POST, set("content-length", "5")), [BODY_LENGTH, ["content-length: 3"]]);
  assertEquals(framed(OK, set("content-length", "1")), [BODY_LENGTH, ["content-length: 3"]]);
  assertEquals(framed(GET, set("content-length", "5")), [BODY_NONE, []]);
  assertEquals(framed(CHUNKS, set("content-length", "5")), [BODY_CHUNKED, ["transfer-encoding: chunked"]]);
  assertEquals(framed("HTTP/1.1 200 OK\r\n\r\n", set("content-length", "5")), [BODY_UNTIL_CLOSE, []]);
});

Deno.test("H1-06 a length that a rule took away is made up for", () => {
  assertEquals(framed(POST, remove("content-length")), [BODY_CHUNKED, ["transfer-encoding: chunked"]]);
  assertEquals(framed(OK, remove("content-length")), [BODY_CHUNKED, ["transfer-encoding: chunked"]]);
  assertEquals(framed(OK, remove("content-length"), M_GET, false), [BODY_UNTIL_CLOSE, []]);
  assertEquals(framed(CHUNKS, remove("transfer-encoding")), [BODY_CHUNKED, ["transfer-encoding: chunked"]]);
});

Deno.test("H1-06 a transfer coding that a rule set is not believed", () => {
  assertEquals(framed(POST, set("transfer-encoding", "chunked")), [BODY_LENGTH, ["content-length: 3"]]);
  assertEquals(framed(GET, set("transfer-encoding", "chunked")), [BODY_NONE, []]);
  assertEquals(framed(CHUNKS, set("transfer-encoding", "gzip")), [BODY_CHUNKED, ["transfer-encoding: chunked"]]);
});

Deno.test("H1-11 statuses without a body keep a length of zero that a rule set, and no other", () => {
  const none = "HTTP/1.1 204 No Content\r\n\r\n";
  assertEquals(framed(none, set("content-length", "0")), [BODY_NONE, ["content-length: 0"]]);
  assertEquals(framed(none, set("content-length", "5")), [BODY_NONE, []]);
  assertEquals(framed(none, (m) => void m.setStatus(200, "OK")), [BODY_NONE, ["content-length: 0"]]);
  assertEquals(framed(OK, set("content-length", "9"), M_HEAD), [BODY_NONE, ["content-length: 9"]]);
});

Deno.test("H1-02 a rule that sets Connection: close is obeyed once", () => {
  const m = parsed(GET, true);
  m.add(new HeaderName("connection"), "X, Close");
  assertEquals(takeConnection(m), CONN_CLOSE);
  assertEquals(m.findName(new HeaderName("connection")), -1);
  m.add(new HeaderName("connection"), "upgrade");
  assertEquals(takeConnection(m), 0);
  assertEquals(m.findName(new HeaderName("connection")) >= 0, true);
});

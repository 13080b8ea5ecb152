// Heads written: runs of untouched lines, edits, what is added, names in other case, and no room.
import { assertEquals } from "@std/assert";
import { bytesToLatin1, latin1ToBytes } from "../../base/mod.ts";
import { CONN_CLOSE, CONN_KEEP_ALIVE, HeaderName, Message } from "../../http/mod.ts";
import { H1CaseMap } from "./case_map.ts";
import { H1Parser } from "./parse.ts";
import { H1Extra, writeRequestHead, writeResponseHead, writeTrailers } from "./serialize.ts";

const NAMES = ["a", "b", "c", "d"].map((n) => new HeaderName(n));

function parsed(text: string): Message {
  const m = new Message();
  m.attach(new Uint8Array(8192));
  const bytes = latin1ToBytes(text);
  const p = new H1Parser();
  const n = text.startsWith("HTTP")
    ? p.parseResponse(bytes, 0, bytes.length, m, 2)
    : p.parseRequest(bytes, 0, bytes.length, m);
  assertEquals(n, bytes.length);
  return m;
}

function written(m: Message, extra = new H1Extra()): string {
  const out = new Uint8Array(8192);
  const write = m.status > 0 ? writeResponseHead : writeRequestHead;
  const end = write(m, out, 3, out.length, extra);
  const text = bytesToLatin1(out, 3, end);
  // With any less room it is not written.
  const little = new Uint8Array(8192);
  for (let limit = 3; limit < end; limit++) {
    assertEquals(write(m, little, 3, limit, extra), -1);
    assertEquals(little.subarray(limit, end + 40).every((b) => b === 0), true, "nothing is written behind the limit");
  }
  assertEquals(write(m, out, 3, end, extra), end);
  return text;
}

const HEAD = "GET /x HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n\r\n";

Deno.test("H1-01 an untouched head is written as it came", () => {
  assertEquals(written(parsed(HEAD)), HEAD);
  const long = `GET /${"x".repeat(300)} HTTP/1.1\r\na: ${"1".repeat(300)}\r\nb: 2\r\n\r\n`;
  assertEquals(written(parsed(long)), long);
});

Deno.test("H1-01 rows removed, changed and added, in all sets", () => {
  for (let set = 0; set < 256; set++) {
    const m = parsed(HEAD);
    let expected = "GET /x HTTP/1.1\r\n";
    for (let i = 0; i < 4; i++) {
      const row = m.findName(NAMES[i]);
      if ((set & (1 << i)) !== 0) m.remove(row);
      else if ((set & (16 << i)) !== 0) {
        m.setValueText(row, "new" + i);
        expected += `${NAMES[i].text}: new${i}\r\n`;
      } else expected += `${NAMES[i].text}: ${i + 1}\r\n`;
    }
    m.add(NAMES[1], "last");
    assertEquals(written(m), expected + "b: last\r\n\r\n", `set ${set}`);
  }
});

Deno.test("H1-01 method, target, status and reason replaced", () => {
  const m = parsed(HEAD);
  const put = latin1ToBytes("PUT /other?q");
  m.setMethod(put, 0, 3);
  m.setTarget(put, 4, put.length);
  assertEquals(written(m).split("\r\n")[0], "PUT /other?q HTTP/1.1");
  const r = parsed("HTTP/1.1 200 OK\r\na: 1\r\n\r\n");
  r.setStatus(404, "Not Here");
  assertEquals(written(r), "HTTP/1.1 404 Not Here\r\na: 1\r\n\r\n");
});

Deno.test("H1-02 what is added", () => {
  const extra = new H1Extra();
  extra.connection = CONN_CLOSE;
  assertEquals(
    written(parsed("HTTP/1.1 200 OK\r\na: 1\r\n\r\n"), extra),
    "HTTP/1.1 200 OK\r\na: 1\r\nconnection: close\r\n\r\n",
  );
  extra.connection = CONN_KEEP_ALIVE;
  extra.contentLength = 1234567;
  assertEquals(
    written(parsed("GET / HTTP/1.0\r\n\r\n"), extra),
    "GET / HTTP/1.0\r\ncontent-length: 1234567\r\nconnection: keep-alive\r\n\r\n",
  );
  extra.reset();
  extra.chunked = true;
  assertEquals(
    written(parsed("HTTP/1.1 200 OK\r\n\r\n"), extra),
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
  );
});

Deno.test("H1-01 versions of messages from elsewhere", () => {
  for (const [version, text] of [[10, "HTTP/1.0"], [11, "HTTP/1.1"], [20, "HTTP/1.1"], [30, "HTTP/1.1"]] as const) {
    const m = parsed("HTTP/1.1 200 OK\r\n\r\n");
    m.version = version;
    assertEquals(written(m), `${text} 200 OK\r\n\r\n`);
  }
});

Deno.test("H1-01 h1-case-adjust: names spelt otherwise, also those that are added", () => {
  const extra = new H1Extra();
  extra.caseMap = new H1CaseMap([["a", "A"], ["content-length", "Content-Length"], ["connection", "ConNection"], [
    "x-other",
    "X-Other",
  ]]);
  extra.contentLength = 5;
  extra.connection = CONN_CLOSE;
  assertEquals(
    written(parsed("GET / HTTP/1.1\r\nA:1\r\nb: 2\r\na: 3\r\nX-Others: 4\r\nx-other: 5\r\n\r\n"), extra),
    "GET / HTTP/1.1\r\nA: 1\r\nb: 2\r\nA: 3\r\nx-others: 4\r\nX-Other: 5\r\nContent-Length: 5\r\nConNection: close\r\n\r\n",
  );
});

Deno.test("H1-03 trailers written", () => {
  const m = new Message();
  m.attach(new Uint8Array(1024), 0);
  m.add(NAMES[0], "1");
  m.add(NAMES[1], "2");
  m.remove(0);
  const out = new Uint8Array(64);
  assertEquals(bytesToLatin1(out, 5, writeTrailers(m, out, 5, 64)), "b: 2\r\n\r\n");
  assertEquals(writeTrailers(m, out, 5, 12), -1);
});

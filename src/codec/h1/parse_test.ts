// What the wire cases do not show of the parser: sizes, positions, reuse, trailers, options, what it leaves behind.
import { assert, assertEquals } from "@std/assert";
import { bytesToLatin1, latin1ToBytes } from "../../base/mod.ts";
import { F_LINE, HeaderName, Message, ROW_FLAGS, ROW_STRIDE } from "../../http/mod.ts";
import { H1_BAD_CONTENT_LENGTH, H1_BAD_NAME, H1_TOO_LONG, H1_TOO_MANY_FIELDS, H1_UNEXPECTED_BODY } from "./errors.ts";
import { H1Parser } from "./parse.ts";

const GET = "GET / HTTP/1.1\r\n";

function attached(size = 16384, reserve = 1024): Message {
  const m = new Message();
  m.attach(new Uint8Array(size), reserve);
  return m;
}

function parse(p: H1Parser, m: Message, text: string): number {
  m.reset();
  p.reset();
  const bytes = latin1ToBytes(text);
  return p.parseRequest(bytes, 0, bytes.length, m);
}

/** A request head of exactly `length` bytes. */
function headOf(length: number): string {
  return GET + "x: " + "a".repeat(length - GET.length - 7) + "\r\n\r\n";
}

function fields(m: Message): string {
  const out = [];
  for (let row = m.next(0); row >= 0; row = m.next(row + 1)) out.push(`${m.nameText(row)}=${m.valueText(row)}`);
  return out.join("|");
}

Deno.test("H1-06 a head longer than the block without its reserve is refused", () => {
  const p = new H1Parser();
  const m = attached(4096, 1024);
  assertEquals(parse(p, m, headOf(3071)), 3071);
  assertEquals(parse(p, m, headOf(3072)), 3072);
  assertEquals(parse(p, m, headOf(3073)), H1_TOO_LONG);
  assertEquals(p.errorAt, 3071);
  // As long as nothing tells its end it is not refused before it is too long.
  const open = latin1ToBytes(GET + "x: ".padEnd(4000, "a"));
  m.reset();
  assertEquals(p.parseRequest(open, 0, 3071, m), 0);
  assertEquals(p.parseRequest(open, 0, 3073, m), H1_TOO_LONG);
});

Deno.test("H1-06 empty lines before a head count towards its length", () => {
  const p = new H1Parser();
  const m = attached(256, 64);
  assertEquals(parse(p, m, "\r\n".repeat(50)), 0);
  assertEquals(parse(p, m, "\r\n".repeat(100)), H1_TOO_LONG);
});

Deno.test("H1-01 heads of every length around the copying step, in two pieces", () => {
  const p = new H1Parser();
  const m = attached();
  for (let length = 2040; length < 2056; length++) {
    const bytes = latin1ToBytes(headOf(length) + "body");
    for (const cut of [0, 1, 2046, 2047, 2048, 2049]) {
      m.reset();
      p.reset();
      if (cut < length) assertEquals(p.parseRequest(bytes, 0, cut, m), 0);
      assertEquals(p.parseRequest(bytes, 0, bytes.length, m), length);
      assertEquals(m.valueTo(0) - m.valueFrom(0), length - GET.length - 7);
    }
  }
});

Deno.test("H1-01 a body behind the head is not copied beyond the step", () => {
  const p = new H1Parser();
  const m = attached();
  const block = m.bytes;
  block.fill(0x55);
  const bytes = new Uint8Array(12000).fill(0x42);
  bytes.set(latin1ToBytes(GET + "\r\n"));
  assertEquals(p.parseRequest(bytes, 0, bytes.length, m), GET.length + 2);
  assertEquals(block[4000], 0x55);
});

Deno.test("H1-01 a message in a part of a larger buffer stays in it", () => {
  const p = new H1Parser();
  const whole = new Uint8Array(4096).fill(0x55);
  const m = new Message();
  m.attach(whole.subarray(1000, 3000), 100);
  const head = headOf(1900);
  const bytes = latin1ToBytes(head);
  assertEquals(p.parseRequest(bytes, 0, bytes.length, m), 1900);
  assertEquals(m.targetText(), "/");
  assert(whole.subarray(0, 1000).every((b) => b === 0x55) && whole.subarray(3000).every((b) => b === 0x55));
});

Deno.test("H1-01 a parser goes on after a refusal and serves one head after the other", () => {
  const p = new H1Parser();
  const m = attached();
  assertEquals(parse(p, m, GET + "a b: 1\r\n\r\n"), H1_BAD_NAME);
  const two = latin1ToBytes(`${GET}a: 1\r\nConnection: close\r\n\r\n${GET}Content-Length: 1\r\n\r\nx`);
  m.reset();
  const first = p.parseRequest(two, 0, two.length, m);
  assertEquals(fields(m), "a=1");
  m.reset();
  assertEquals(p.parseRequest(two, first, two.length, m), two.length - first - 1);
  assertEquals(fields(m), "content-length=1");
  assertEquals(m.connection, 0);
  assertEquals(m.contentLength, 1);
});

Deno.test("H1-06 a head begun is forgotten by reset()", () => {
  const p = new H1Parser();
  const m = attached();
  const half = latin1ToBytes("POST /x HTTP/1.1\r\nContent-Length: 5\r\nTransfer-");
  assertEquals(p.parseRequest(half, 0, half.length, m), 0);
  assertEquals(parse(p, m, GET + "\r\n"), GET.length + 2);
  assertEquals(fields(m), "");
  assertEquals(m.bodyKind, 0);
});

Deno.test("H1-06 the position of an error lies in what has arrived", () => {
  const p = new H1Parser();
  const m = attached();
  for (const text of [" ", "GET / HTTP/1.1\r\n\r", "GET / HTTP/1.1\r\n:", "GET /\x01"]) {
    if (parse(p, m, text) < 0) assert(p.errorAt < text.length, JSON.stringify(text));
  }
  assertEquals(parse(p, m, GET + "Content-Length: 1, 2\r\n\r\n"), H1_BAD_CONTENT_LENGTH);
  assertEquals(p.errorAt, GET.length + "Content-Length: ".length);
});

Deno.test("H1-01 edits have the reserve, and go on behind the last field", () => {
  const p = new H1Parser();
  const m = attached(4096, 1024);
  assertEquals(parse(p, m, headOf(3072)), 3072);
  assert(m.add(new HeaderName("y"), "b".repeat(1000)));
  assertEquals(m.nameFrom(1), m.valueTo(0) + 2, "one run");
  assert(!m.add(new HeaderName("z"), "b".repeat(100)));
  assertEquals(m.count, 2);
});

Deno.test("H1-01 rows that lie as whole lines are marked so, others are not", () => {
  const p = new H1Parser();
  const m = attached();
  parse(p, m, GET + "a: 1\r\nb:1\r\nc:  1\r\nd: 1 \r\ne: 1\ne2: \r\nf: 1\r\n 2\r\ng: 1\r\n\r\n");
  const lines = [];
  for (let row = 0; row < m.count; row++) {
    if ((m.rows[row * ROW_STRIDE + ROW_FLAGS] & F_LINE) !== 0) lines.push(m.nameText(row));
  }
  assertEquals(lines.join(" "), "a f g");
});

Deno.test("H1-06 tune.http.maxhdr counts the first line", () => {
  const p = new H1Parser();
  const m = attached();
  p.maxLines = 3;
  assert(parse(p, m, GET + "a: 1\r\nb: 1\r\n\r\n") > 0);
  assertEquals(parse(p, m, GET + "a: 1\r\nb: 1\r\nc: 1\r\n\r\n"), H1_TOO_MANY_FIELDS);
  p.maxLines = 1000;
  assert(parse(p, m, GET + "a: 1\r\n".repeat(999) + "\r\n") > 0, "more rows than a message has at first");
  assertEquals(m.valueText(998), "1");
});

Deno.test("H1-06 h1-accept-payload-with-any-method", () => {
  const p = new H1Parser();
  const m = attached();
  const head = "GET / HTTP/1.0\r\nContent-Length: 2\r\n\r\n";
  assertEquals(parse(p, m, head), H1_UNEXPECTED_BODY);
  p.acceptAnyPayload = true;
  assertEquals(parse(p, m, head), head.length);
  assertEquals(m.contentLength, 2);
});

Deno.test("H1-06 h1-do-not-close-on-insecure-transfer-encoding", () => {
  const p = new H1Parser();
  const m = attached();
  p.closeOnInsecure = false;
  assert(parse(p, m, "POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n") > 0);
  assertEquals(m.connection, 0);
  assertEquals(fields(m), "transfer-encoding=chunked");
});

Deno.test("H1-03 trailers: parsed in every split, without fields that frame or route", () => {
  const p = new H1Parser();
  const m = attached(1024, 0);
  const text = "X-T: 1\r\nHost: b\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\nConnection: y\r\nb:2\r\n\r\nrest";
  const bytes = latin1ToBytes(text);
  for (let cut = 0; cut < text.length - 4; cut++) {
    m.reset();
    p.reset();
    assertEquals(p.parseTrailers(bytes, 0, cut, m), 0);
    assertEquals(p.parseTrailers(bytes, 0, bytes.length, m), text.length - 4);
    assertEquals(fields(m), "x-t=1|b=2");
  }
});

Deno.test("H1-03 trailers are judged as fields are", () => {
  const p = new H1Parser();
  const m = attached(1024, 0);
  const bytes = latin1ToBytes("X T: 1\r\n\r\n");
  assertEquals(p.parseTrailers(bytes, 0, bytes.length, m), H1_BAD_NAME);
  m.reset();
  const none = latin1ToBytes("\r\n");
  assertEquals(p.parseTrailers(none, 0, 2, m), 2);
  assertEquals(m.count, 0);
  const long = latin1ToBytes("x: ".padEnd(2000, "a"));
  m.reset();
  assertEquals(p.parseTrailers(long, 0, long.length, m), H1_TOO_LONG);
});

Deno.test("H1-14 Expect", () => {
  const p = new H1Parser();
  const m = attached();
  parse(p, m, GET + "Expect: 100-Continue\r\n\r\n");
  assert(m.expectContinue);
  parse(p, m, GET + "Expect: 200-ok\r\n\r\n");
  assert(!m.expectContinue);
});

Deno.test("H1-01 what the peer sent stays as it is in its buffer", () => {
  const p = new H1Parser();
  const m = attached();
  const text = "GET / HTTP/1.1\r\nX-Y: a\r\n b\r\nConnection: close, z\r\n\r\n";
  const bytes = latin1ToBytes(text);
  assert(p.parseRequest(bytes, 0, bytes.length, m) > 0);
  assertEquals(bytesToLatin1(bytes), text);
});

Deno.test("H1-06 every byte at every place of a word: targets, values, names, reasons", () => {
  const p = new H1Parser();
  const m = attached();
  for (let byte = 0; byte < 256; byte++) {
    const c = String.fromCharCode(byte);
    for (let i = 0; i < 9; i++) {
      const word = "a".repeat(i) + c + "a".repeat(8 - i);
      // A blank ends the target, and what follows is no version.
      const inTarget = parse(p, m, `GET /${word}a HTTP/1.1\r\n\r\n`) > 0;
      assertEquals(inTarget, byte > 32 && byte < 127 && c !== "#", `target ${byte} at ${i}`);
      const inValue = parse(p, m, `${GET}x: a${word}a\r\n\r\n`) > 0 && m.valueText(0) === `a${word}a`;
      assertEquals(inValue, !"\0\r\n".includes(c), `value ${byte} at ${i}`);
      const inName = parse(p, m, `${GET}a${word}: 1\r\n\r\n`) > 0 && m.nameText(0) === `a${word}`.toLowerCase();
      assertEquals(inName, /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(c), `name ${byte} at ${i}`);
    }
  }
});

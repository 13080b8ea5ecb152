// Messages: building, finding, editing, refusing what would break framing, running out of room.
import { assert, assertEquals } from "@std/assert";
import { latin1ToBytes } from "../base/mod.ts";
import { Message } from "./message.ts";
import { M_OTHER, M_PUT } from "./methods.ts";
import { H_COOKIE, H_HOST, HeaderName } from "./names.ts";

const HOST = new HeaderName("Host");
const COOKIE = new HeaderName("cookie");
const X = new HeaderName("X-Own");
const EMPTY = new HeaderName("");

function message(size = 1024): Message {
  const m = new Message();
  m.attach(new Uint8Array(size), 0);
  return m;
}

function fields(m: Message): string {
  const out = [];
  for (let row = m.next(0); row >= 0; row = m.next(row + 1)) out.push(`${m.nameText(row)}=${m.valueText(row)}`);
  return out.join("|");
}

Deno.test("H1-01 message: fields are found by number and by name, in their order", () => {
  const m = message();
  assert(m.add(X, "1") && m.add(HOST, "a") && m.add(X, "2") && m.add(COOKIE, "c"));
  const own = latin1ToBytes("x-owm");
  assert(m.addField(own, 0, 5, own, 0, 5));
  assertEquals(fields(m), "x-own=1|host=a|x-own=2|cookie=c|x-owm=x-owm");
  assertEquals([m.find(H_HOST), m.find(H_COOKIE), m.find(H_HOST, 2)], [1, 3, -1]);
  assertEquals([m.findName(X), m.findName(X, 1), m.findName(X, 3), m.findName(HOST)], [0, 2, -1, 1]);
  assertEquals([m.findLast(X), m.findLast(X, 2), m.findLast(new HeaderName("y"))], [2, 0, -1]);
});

Deno.test("H1-01 message: a removed row keeps its number and is not found", () => {
  const m = message();
  m.add(X, "1");
  m.add(X, "2");
  m.add(HOST, "a");
  m.remove(0);
  assertEquals([m.findName(X), m.next(0), m.find(H_HOST)], [1, 1, 2]);
  assertEquals(m.removeAll(X), 1);
  assertEquals(m.removeAll(X), 0);
  assertEquals(fields(m), "host=a");
});

Deno.test("H1-01 message: a new value takes the place of the old one", () => {
  const m = message();
  m.add(X, "1");
  m.add(HOST, "a");
  const bytes = latin1ToBytes(" longer \t");
  assert(m.setValue(0, bytes, 0, bytes.length));
  assertEquals(fields(m), "x-own=longer|host=a");
  assert(m.setValueText(1, " \tb "));
  assertEquals(m.valueText(1), "b");
  assert(m.add(COOKIE, "\t c d\t "));
  assertEquals(m.valueText(2), "c d");
  m.remove(2);
  assert(m.setValueText(1, ""));
  assertEquals(fields(m), "x-own=longer|host=");
  assertEquals(m.find(H_HOST), 1);
});

Deno.test("H1-06 message: what would break framing is refused and changes nothing", () => {
  const m = message();
  m.add(X, "1");
  const used = m.used;
  for (const bad of ["a\r\nb: c", "a\n", "\ra", "a\0b", "a\u0100"]) {
    assert(!m.add(HOST, bad), JSON.stringify(bad));
    assert(!m.setValueText(0, bad));
    assert(!m.setStatus(200, bad));
  }
  for (const bad of ["a\r\nb: c", "a\nb", "a\rb", "a\0b"]) {
    const bytes = latin1ToBytes(bad);
    assert(!m.addBytes(HOST, bytes, 0, bytes.length));
    assert(!m.setValue(0, bytes, 0, bytes.length));
  }
  for (const bad of ["", "a b", "A", "a:", "a\r", "\xe9"]) {
    const bytes = latin1ToBytes(bad);
    assert(!m.addField(bytes, 0, bytes.length, bytes, 0, 0), JSON.stringify(bad));
  }
  for (const bad of ["", "a b", "a\r", "\x7f", "\t"]) {
    const bytes = latin1ToBytes(bad);
    assert(!m.setTarget(bytes, 0, bytes.length), JSON.stringify(bad));
    assert(!m.setMethod(bytes, 0, bytes.length), JSON.stringify(bad));
  }
  assert(!m.add(EMPTY, "x"));
  assertEquals([m.used, m.count, fields(m), m.status, m.targetText(), m.methodText()], [used, 1, "x-own=1", 0, "", ""]);
});

Deno.test("H1-01 message: no room is said before anything is changed", () => {
  for (let size = 0; size < 40; size++) {
    const m = message(size);
    const value = latin1ToBytes("v".repeat(10));
    const fits = size >= "x-own: ".length + 10 + 2;
    assertEquals(m.addBytes(X, value, 0, 10), fits, `size ${size}`);
    assertEquals(m.count, fits ? 1 : 0);
    const left = size - m.used;
    assertEquals(m.setTarget(value, 0, 10), left >= 10);
    assertEquals(m.used <= size, true);
  }
  const m = message(20);
  m.add(X, "0123456789");
  assert(!m.setValueText(0, "x".repeat(10)));
  assertEquals(fields(m), "x-own=0123456789");
});

Deno.test("H1-01 message: start lines", () => {
  const m = message();
  const text = latin1ToBytes("PUT PATCH /a?b");
  assert(m.setMethod(text, 0, 3));
  assertEquals([m.method, m.methodText()], [M_PUT, "PUT"]);
  assert(m.setMethod(text, 4, 9));
  assertEquals([m.method, m.methodText()], [M_OTHER, "PATCH"]);
  assert(m.setTarget(text, 10, 14));
  assertEquals(m.targetText(), "/a?b");
  assert(m.setStatus(404, "No"));
  assertEquals([m.status, m.reasonText()], [404, "No"]);
});

Deno.test("H1-01 message: rows grow beyond what it has at first, and reset() keeps nothing", () => {
  const m = message(16384);
  for (let i = 0; i < 700; i++) assert(m.add(X, String(i)));
  assertEquals(m.valueText(699), "699");
  m.version = 10;
  m.contentLength = 5;
  m.reset();
  assertEquals([fields(m), m.used, m.version, m.contentLength, m.find(H_HOST)], ["", 0, 11, 0, -1]);
});

Deno.test("H1-01 message: the block goes back to its owner", () => {
  const m = new Message();
  const block = new Uint8Array(64);
  m.attach(block);
  assertEquals(m.view.buffer, block.buffer);
  m.add(X, "1");
  assert(m.detach() === block);
  assert(!m.add(X, "1"));
  assertEquals(m.bytes.length, 0);
  m.attach(block.subarray(8), 0);
  assertEquals(m.view.byteOffset, 8);
});

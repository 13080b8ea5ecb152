import { assertEquals } from "@std/assert";
import {
  bytesAreText,
  bytesEqual,
  bytesEqualIgnoreCase,
  bytesToLatin1,
  HEX_VALUE,
  indexOfByte,
  indexOfCrlf,
  latin1ToBytes,
  LOWER,
  NOT_HEX,
  parseDecimal,
  UPPER,
  writeDecimal,
  writeLatin1,
} from "./bytes.ts";

const b = latin1ToBytes;

Deno.test("bytes: tables agree with the string functions on ASCII and leave the rest", () => {
  for (let i = 0; i < 256; i++) {
    const c = String.fromCharCode(i);
    assertEquals(LOWER[i], i < 128 ? c.toLowerCase().charCodeAt(0) : i);
    assertEquals(UPPER[i], i < 128 ? c.toUpperCase().charCodeAt(0) : i);
    assertEquals(HEX_VALUE[i], /[0-9a-fA-F]/.test(c) ? parseInt(c, 16) : NOT_HEX);
  }
});

Deno.test("bytes: comparing ranges", () => {
  const text = b("xHost: Hostx");
  assertEquals(bytesEqual(text, 1, 5, text, 7, 11), true);
  assertEquals(bytesEqual(text, 1, 5, text, 6, 10), false);
  assertEquals(bytesEqual(text, 1, 5, text, 7, 12), false);
  assertEquals(bytesEqual(b("a"), 0, 1, b("A"), 0, 1), false);
  assertEquals(bytesEqualIgnoreCase(b("HoSt"), 0, 4, b("hOsT"), 0, 4), true);
  assertEquals(bytesEqualIgnoreCase(b("HoSt"), 0, 4, b("hOsTs"), 0, 5), false);
  assertEquals(bytesEqualIgnoreCase(b("@"), 0, 1, b("`"), 0, 1), false);
  assertEquals(bytesEqualIgnoreCase(b("\xc4"), 0, 1, b("\xe4"), 0, 1), false);
  assertEquals(bytesAreText(text, 1, 5, "host"), true);
  assertEquals(bytesAreText(text, 1, 6, "host"), false);
  assertEquals(bytesAreText(text, 1, 5, "hose"), false);
});

Deno.test("bytes: searching stays inside the range", () => {
  const text = b("ab\r\ncd\r");
  assertEquals(indexOfByte(text, 99, 0, text.length), 4);
  assertEquals(indexOfByte(text, 99, 0, 4), -1);
  assertEquals(indexOfByte(text, 97, 1, text.length), -1);
  assertEquals(indexOfCrlf(text, 0, text.length), 2);
  assertEquals(indexOfCrlf(text, 0, 3), -1);
  assertEquals(indexOfCrlf(text, 3, text.length), -1);
  assertEquals(indexOfCrlf(text, 7, 7), -1);
});

Deno.test("bytes: decimal numbers", () => {
  const parse = (text: string) => parseDecimal(b(text), 0, text.length);
  assertEquals(parse("0"), 0);
  assertEquals(parse("0042"), 42);
  assertEquals(parse("9007199254740991"), Number.MAX_SAFE_INTEGER);
  assertEquals(parse("9007199254740992"), -1);
  assertEquals(parse("99999999999999999999999999999999"), -1);
  for (const bad of ["", "-1", "+1", "1 ", "1.0", "0x1", "/", ":"]) assertEquals(parse(bad), -1, bad);
  assertEquals(parseDecimal(b("a12b"), 1, 3), 12);
});

Deno.test("bytes: writing decimal numbers", () => {
  for (const value of [0, 7, 9, 10, 99, 100, 4294967296, Number.MAX_SAFE_INTEGER]) {
    const into = new Uint8Array(20);
    const end = writeDecimal(into, 1, value);
    assertEquals(bytesToLatin1(into, 1, end), String(value));
    assertEquals(into[0] + into[end], 0);
  }
});

Deno.test("bytes: every byte goes through Latin-1 text and back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  assertEquals(b(bytesToLatin1(all)), all);
  const into = new Uint8Array(4);
  assertEquals(writeLatin1(into, 1, "\x80\xff"), 3);
  assertEquals([...into], [0, 0x80, 0xff, 0]);
});

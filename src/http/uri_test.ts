// Request targets, authorities, tokens, methods, dates, reason phrases, restricted names.
import { assert, assertEquals } from "@std/assert";
import { latin1ToBytes } from "../base/mod.ts";
import { imfFixdate, logDate, parseHttpDate, zoneText } from "./dates.ts";
import { Message } from "./message.ts";
import { M_OTHER, methodOf, METHODS } from "./methods.ts";
import { HeaderName } from "./names.ts";
import { restrictNames } from "./restrict.ts";
import { reasonOf } from "./status.ts";
import { isFieldValue, isFieldValueText, isToken, isTokenText } from "./tokens.ts";
import {
  defaultPort,
  FORM_ABSOLUTE,
  FORM_ASTERISK,
  FORM_AUTHORITY,
  FORM_BAD,
  FORM_ORIGIN,
  isHostText,
  parseTarget,
  splitAuthority,
  UriParts,
} from "./uri.ts";

/** Parts as text: form scheme|host|port|path|query. */
function parts(target: string, connect = false): string {
  const u = new UriParts();
  const bytes = latin1ToBytes("xx" + target + "?yy");
  const form = parseTarget(bytes, 2, 2 + target.length, connect, u);
  if (form === FORM_BAD) return "bad";
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  const query = u.hasQuery ? "?" + text(u.queryFrom, u.queryTo) : "";
  return `${form} ${text(u.schemeFrom, u.schemeTo)}|${text(u.hostFrom, u.hostTo)}|${text(u.portFrom, u.portTo)}|` +
    text(u.pathFrom, u.pathTo) + query;
}

Deno.test("H1-01 targets taken apart", () => {
  assertEquals(parts("/"), `${FORM_ORIGIN} |||/`);
  assertEquals(parts("/a/b?c=d?e"), `${FORM_ORIGIN} |||/a/b?c=d?e`);
  assertEquals(parts("/a?"), `${FORM_ORIGIN} |||/a?`);
  assertEquals(parts("*"), `${FORM_ASTERISK} |||`);
  assertEquals(parts("http://h"), `${FORM_ABSOLUTE} http|h||`);
  assertEquals(parts("http://h/p?q"), `${FORM_ABSOLUTE} http|h||/p?q`);
  assertEquals(parts("http://h?q"), `${FORM_ABSOLUTE} http|h||?q`);
  assertEquals(parts("a+b-1.://u:p@h:80/"), `${FORM_ABSOLUTE} a+b-1.|h|80|/`);
  assertEquals(parts("http://[::1]:8080/x"), `${FORM_ABSOLUTE} http|[::1]|8080|/x`);
  assertEquals(parts("http://[::1]"), `${FORM_ABSOLUTE} http|[::1]||`);
  assertEquals(parts("h:443", true), `${FORM_AUTHORITY} |h|443|`);
  assertEquals(parts("[::1]:443", true), `${FORM_AUTHORITY} |[::1]|443|`);
  for (const bad of ["", "a", "**", "http:", "http:/h", "http//h", "1a://h", "://h", "http://h:x/", "http://[::1]x/"]) {
    assertEquals(parts(bad), "bad", bad);
  }
  assertEquals(parts(":80", true), "bad");
  // What lies behind the range does not count.
  const u = new UriParts();
  const bytes = latin1ToBytes("http://h");
  for (const to of [5, 6]) assertEquals(parseTarget(bytes, 0, to, false, u), FORM_BAD);
});

Deno.test("H1-07 hosts", () => {
  const u = new UriParts();
  const host = (text: string) => isHostText(latin1ToBytes(text), 0, text.length);
  assert(["", "a", "a:80", "[::1]:80", "a_b.c", "a%20"].every(host));
  assert(
    !["a b", "a/b", "u@a", "a?", "a#", "a\\", "\x7f", "\x80", "a\0", 'a"', "a^", "a|b", "a{", "a`", "<a>"].some(host),
  );
  assertEquals(splitAuthority(latin1ToBytes("a:8o"), 0, 4, u), false);
  const port = (scheme: string) => defaultPort(latin1ToBytes(scheme), 0, scheme.length);
  assertEquals(["http", "HTTPS", "ws", "wss", "ftp", "s", "", "httq", "httpt", "https2"].map(port), [
    80,
    443,
    80,
    443,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
});

Deno.test("H1-06 tokens and values", () => {
  assert(isTokenText("aZ09!#$%&'*+-.^_`|~"));
  for (const bad of ["", "a b", "a:", "a\0", "\xe9", "\u0100", "(", "a,b", "a/b", "a;b", "a=b", '"']) {
    assert(!isTokenText(bad), bad);
    const bytes = latin1ToBytes(bad);
    if (bad !== "\u0100") assert(!isToken(bytes, 0, bytes.length), bad);
  }
  assert(isToken(latin1ToBytes(" ab "), 1, 3));
  assert(isFieldValueText("a b\t\x01\xff") && !isFieldValueText("a\u0100"));
  assert(isFieldValue(latin1ToBytes("\ra\n"), 1, 2));
  for (const bad of ["\r", "\n", "\0"]) assert(!isFieldValue(latin1ToBytes(bad), 0, 1) && !isFieldValueText(bad));
});

Deno.test("H1-01 methods", () => {
  for (let id = 1; id < METHODS.length; id++) {
    const bytes = latin1ToBytes(" " + METHODS[id]);
    assertEquals(methodOf(bytes, 1, bytes.length), id);
    assertEquals(methodOf(bytes, 1, bytes.length - 1), M_OTHER);
  }
  assertEquals(methodOf(latin1ToBytes("get"), 0, 3), M_OTHER);
});

Deno.test("H1-01 dates", () => {
  const ms = Date.UTC(1994, 10, 6, 8, 49, 37);
  const now = Date.UTC(2026, 0, 1);
  assertEquals(imfFixdate(ms), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (
    const text of ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
  ) assertEquals(parseHttpDate(text, now), ms, text);
  assertEquals(parseHttpDate("Sunday, 06-Nov-30 08:49:37 GMT", now), Date.UTC(2030, 10, 6, 8, 49, 37));
  for (
    const bad of [
      "",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 31 Feb 1994 08:49:37 GMT",
      "Sun, 06 Nox 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT ",
    ]
  ) assert(Number.isNaN(parseHttpDate(bad, now)), bad);
  for (let t = 0; t < 2e12; t += 123456789000) assertEquals(parseHttpDate(imfFixdate(t), now), t);
  assertEquals(logDate(ms, 0), "06/Nov/1994:08:49:37");
  assertEquals(logDate(ms, 930), "07/Nov/1994:00:19:37");
  assertEquals([zoneText(0), zoneText(90), zoneText(-210)], ["+0000", "+0130", "-0330"]);
});

Deno.test("H1-01 reason phrases", () => {
  assertEquals([200, 302, 299, 418, 499, 599, 777].map(reasonOf), [
    "OK",
    "Moved Temporarily",
    "Success",
    "I'm a teapot",
    "client has closed connection",
    "Server Error",
    "Other",
  ]);
});

Deno.test("H1-06 option http-restrict-req-hdr-names", () => {
  const m = new Message();
  m.attach(new Uint8Array(256), 0);
  for (const name of ["a-b", "x_y", "x.y", "host", "a9"]) m.add(new HeaderName(name), "1");
  assertEquals(restrictNames(m, false), 2);
  assertEquals(countLive(m), 5);
  assertEquals(restrictNames(m, true), 2);
  assertEquals(countLive(m), 3);
  assertEquals(restrictNames(m, true), 0);
});

function countLive(m: Message): number {
  let n = 0;
  for (let row = m.next(0); row >= 0; row = m.next(row + 1)) n++;
  return n;
}

// Values of HTTP: what haproxy 2.6 does not know, from the manual; the rest is in haproxy_test.ts.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { evaluate } from "../testing.ts";

Deno.test("CONV-17 param: the first of its name, empty without a value, another delimiter", () => {
  assertEquals(evaluate("str(a=b&c=d&a=r),param(a)"), "str:b");
  assertEquals(evaluate("str(a=b&c=d&a=r),param(c)"), "str:d");
  assertEquals(evaluate("str(a&b=c),param(a)"), "str:");
  assertEquals(evaluate("str(a=&b&c=a),param(b)"), "str:");
  assertEquals(evaluate("str(a=&b&c=a),param(a)"), "str:");
  assertEquals(evaluate("str(x&b),param(b)"), "str:");
  assertEquals(evaluate("str(a=1;b=2;c=4),param(b,;)"), "str:2");
  assertEquals(evaluate("str(ab=1&a=2),param(a)"), "str:2");
  assertEquals(evaluate("str(a=1=2&b=3),param(a)"), "str:1=2");
  assertEquals(evaluate("str(a=1),param(b)"), "absent");
  assertEquals(evaluate("str(A=1),param(a)"), "absent");
  assertEquals(evaluate("str(),param(a)"), "absent");
});

Deno.test("CONV-17 param: a delimiter is one character, a name is needed", () => {
  assertStringIncludes(evaluate("str(a=1),param(a,;;)"), "Delimiter must be exactly 1 character.");
  assertStringIncludes(evaluate("str(a=1),param()"), "error:");
});

Deno.test("CONV-17 date: the three forms of HTTP, absent for anything else", () => {
  assertEquals(evaluate('str("Sun, 06 Nov 1994 08:49:37 GMT"),date'), "sint:784111777");
  assertEquals(evaluate('str("Sunday, 06-Nov-94 08:49:37 GMT"),date'), "sint:784111777");
  assertEquals(evaluate('str("Sun Nov  6 08:49:37 1994"),date'), "sint:784111777");
  assertEquals(evaluate('str("Sun, 31 Feb 1994 08:49:37 GMT"),date'), "absent");
  assertEquals(evaluate('str("Sun, 06 Nov 1994 08:49:37 +0100"),date'), "absent");
  assertEquals(evaluate("str(),date"), "absent");
});

Deno.test("CONV-17 http_date: a date beyond the calendar is absent", () => {
  assertEquals(evaluate("int(9223372036854775807),http_date"), "absent");
  assertEquals(evaluate("int(-1),http_date"), "str:Wed, 31 Dec 1969 23:59:59 GMT");
  assertEquals(evaluate("int(-1),http_date(0,us)"), "str:Wed, 31 Dec 1969 23:59:59.999999 GMT");
});

import { assertEquals } from "@std/assert";
import { evaluate } from "../testing.ts";
import { formatDate } from "../time_format.ts";

Deno.test("CONV-12 CONV-17 dates: seconds, milliseconds, microseconds, offsets, %N", () => {
  assertEquals(evaluate('int(1700000000),utime("%Y-%m-%d %H:%M:%S")'), "str:2023-11-14 22:13:20");
  assertEquals(evaluate("int(1700000000),utime(%H,-3600)"), "str:21");
  assertEquals(evaluate('int(1700000000123),ms_utime("%H:%M:%S.%3N")'), "str:22:13:20.123");
  assertEquals(evaluate('int(1700000000123),ms_utime("%S.%N",1000)'), "str:21.123000000");
  assertEquals(evaluate('int(1700000000123456),us_utime("%S.%6N")'), "str:20.123456");
  assertEquals(evaluate("int(1700000000),utime(%N)"), "str:%N");
  const offset = -new Date(1700000000000).getTimezoneOffset();
  const local = formatDate("%H:%M %z", 1700000000, 0, offset);
  assertEquals(evaluate('int(1700000000),ltime("%H:%M %z")'), `str:${local}`);
  assertEquals(evaluate('int(1700000000123),ms_ltime("%H:%M %z")'), `str:${local}`);
  assertEquals(evaluate('int(1700000000123456),us_ltime("%H:%M %z")'), `str:${local}`);
  assertEquals(
    evaluate("int(1),utime"),
    "error: invalid arg 1 in converter 'utime' : expected type 'string' at position 1, but got nothing",
  );
});

/** By GNU date(1) of 2024-12-30T05:06:07Z (a Monday of ISO week 2025-W01) and of 2023-01-01T13:00:00Z (a Sunday). */
Deno.test("CONV-12 all conversions of strftime in the C locale", () => {
  const first = (letters: string) => [...letters].map((l) => formatDate(`%${l}`, 1735535167, 0, 0)).join("|");
  assertEquals(first("aAbBcCdDeF"), "Mon|Monday|Dec|December|Mon Dec 30 05:06:07 2024|20|30|12/30/24|30|2024-12-30");
  assertEquals(first("gGhHIjklmM"), "25|2025|Dec|05|05|365| 5| 5|12|06");
  assertEquals(first("pPrRsSTuUV"), "AM|am|05:06:07 AM|05:06|1735535167|07|05:06:07|1|52|01");
  assertEquals(first("wWxXyYzZ%"), "1|53|12/30/24|05:06:07|24|2024|+0000|UTC|%");
  const second = (letters: string) => [...letters].map((l) => formatDate(`%${l}`, 1672578000, 0, 0)).join("|");
  assertEquals(second("aGVUWjIpuwk"), "Sun|2022|52|01|00|001|01|PM|7|0|13");
  assertEquals(formatDate("%Ed %Q %", 1672578000, 0, 0), "01 %Q %");
  assertEquals(formatDate("%H:%M %z", 1672578000, 0, -210), "09:30 -0330");
  assertEquals(formatDate("%Y", 1e18, 0, 0), "");
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseSize, parseTime, parseTimeMs, TIME_MAX } from "./units.ts";

function refused(result: number | string, part: string): void {
  assert(typeof result === "string", `accepted as ${result}`);
  assertStringIncludes(result, part);
}

Deno.test("CFG-19 times in every unit", () => {
  assertEquals(parseTimeMs("0"), 0);
  assertEquals(parseTimeMs("00012"), 12);
  assertEquals(parseTimeMs("250"), 250);
  assertEquals(parseTimeMs("250ms"), 250);
  assertEquals(parseTimeMs("2000us"), 2);
  assertEquals(parseTimeMs("30s"), 30_000);
  assertEquals(parseTimeMs("5m"), 300_000);
  assertEquals(parseTimeMs("2h"), 7_200_000);
  assertEquals(parseTimeMs("24d"), 2_073_600_000);
});

Deno.test("CFG-19 a bare number counts in the keyword's unit; parts round up", () => {
  assertEquals(parseTimeMs("3", "s"), 3000);
  assertEquals(parseTimeMs("3ms", "s"), 3);
  assertEquals(parseTime("30d", "s"), 2_592_000);
  assertEquals(parseTime("1500", "ms", "s"), 2);
  assertEquals(parseTimeMs("1us"), 1);
  assertEquals(parseTimeMs("1001us"), 2);
});

Deno.test("CFG-19 times that are refused say why", () => {
  refused(parseTimeMs(""), "missing");
  refused(parseTimeMs("1.5s"), "decimals are not allowed");
  refused(parseTimeMs("-5"), "unexpected character '-'");
  refused(parseTimeMs("+5"), "unexpected character '+'");
  refused(parseTimeMs("5x"), "unexpected character 'x'");
  refused(parseTimeMs("1S"), "unexpected character 'S'");
  refused(parseTimeMs("24d20h"), "the units are");
  refused(parseTimeMs("1s "), "the units are");
  refused(parseTimeMs("5toString"), "the units are");
});

Deno.test("CFG-19 the largest time is 2147483647 of its unit", () => {
  assertEquals(parseTimeMs("2147483647"), TIME_MAX);
  refused(parseTimeMs("2147483648"), "too large");
  refused(parseTimeMs("25d"), "24.9 days");
  refused(parseTimeMs("99999999999999999999999999"), "too large");
  assertEquals(parseTime("2147483647", "s"), TIME_MAX);
});

Deno.test("CFG-19 sizes in every unit", () => {
  assertEquals(parseSize("0"), 0);
  assertEquals(parseSize("1500"), 1500);
  assertEquals(parseSize("1k"), 1024);
  assertEquals(parseSize("1K"), 1024);
  assertEquals(parseSize("3m"), 3145728);
  assertEquals(parseSize("3M"), 3145728);
  assertEquals(parseSize("2g"), 2147483648);
  assertEquals(parseSize("2G"), 2147483648);
});

Deno.test("CFG-19 sizes that are refused say why", () => {
  refused(parseSize(""), "missing");
  refused(parseSize("k"), "unexpected character 'k'");
  refused(parseSize("-1"), "unexpected character '-'");
  refused(parseSize("1.5k"), "decimals are not allowed");
  refused(parseSize("1kb"), "unexpected character 'k'");
  refused(parseSize("5t"), "unexpected character 't'");
  refused(parseSize("4g", 4294967295), "too large: the maximum is 4294967295");
  refused(parseSize("99999999999999999999"), "too large");
});

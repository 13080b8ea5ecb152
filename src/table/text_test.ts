import { assertEquals } from "@std/assert";
import { readText, TEXT_WORDS, writeText } from "./text.ts";

Deno.test("table: a text in shared words is read whole, cut to its room, and not at all while it is written", () => {
  const words = new Int32Array(new SharedArrayBuffer(4 * (TEXT_WORDS + 2)));
  assertEquals(readText(words, 1), "");
  for (const text of ["Connection refused", "", "abc", "x".repeat(96)]) {
    writeText(words, 1, text);
    assertEquals(readText(words, 1), text);
  }
  writeText(words, 1, "y".repeat(200) + "z");
  assertEquals(readText(words, 1), "y".repeat(96));
  assertEquals([words[0], words[TEXT_WORDS + 1]], [0, 0], "nothing is written beside it");
  writeText(words, 1, "\u00e9\u20ac");
  assertEquals(readText(words, 1), "\u00e9?");
  words[1]++;
  assertEquals(readText(words, 1), "", "a writer that died in the middle");
});

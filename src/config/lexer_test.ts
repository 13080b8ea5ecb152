import { assertEquals } from "@std/assert";
import { lexLine } from "./lexer.ts";

const none = () => undefined;
const words = (line: string, variables: (name: string) => string | undefined = none) =>
  lexLine(line, variables).words.map((word) => word.text);

Deno.test("CFG-02 words have the column of their first character, from 1", () => {
  const { words } = lexLine("  a\t\"b c\"d 'e'", none);
  assertEquals(words, [{ text: "a", column: 3 }, { text: "b cd", column: 5 }, { text: "e", column: 12 }]);
});

Deno.test("CFG-02 a carriage return ends a line, anywhere else it is a character", () => {
  assertEquals(words("a b\r"), ["a", "b"]);
  assertEquals(words("a\rb \r"), ["a\rb"]);
});

Deno.test("CFG-02 a backslash at the end is a character: there is no continuation", () => {
  assertEquals(words("a \\"), ["a", "\\"]);
  assertEquals(lexLine('a "b\\', none).error, { text: "unmatched quote", column: 3 });
});

Deno.test("CFG-02 a backslash before an ordinary character stays", () => {
  assertEquals(words("\\d \"\\d\" '\\d' \\\\d"), ["\\d", "\\d", "\\d", "\\d"]);
});

Deno.test("CFG-02 lines are bounded, as written and expanded", () => {
  assertEquals(lexLine("x".repeat(65536), none).error, null);
  assertEquals(lexLine("x".repeat(65537), none).error?.text, "line too long, limit: 65536 bytes");
  const big = (name: string) => name === "B" ? "x".repeat(40000) : undefined;
  assertEquals(lexLine('"$B"', big).error, null);
  assertEquals(lexLine('"$B" "$B"', big).error?.text, "line too long after expansion, limit: 65536 bytes");
});

Deno.test("CFG-02 words are bounded, also those of an expanded list", () => {
  const list = (count: number) => () => Array(count).fill("x").join(" ");
  assertEquals(lexLine('"${L[*]}"', list(64)).words.length, 64);
  const { words, error } = lexLine('a "${L[*]}"', list(64));
  assertEquals(words.length, 64);
  assertEquals(error?.text, "too many words (limit: 64), the first beyond is 'x'");
});

Deno.test("CFG-05 the first empty word is told", () => {
  assertEquals(lexLine('a b "" c ""', none).empty, 2);
  assertEquals(lexLine("a '' b", none).empty, 1);
  assertEquals(lexLine('a "x" ""y', none).empty, -1);
  assertEquals(lexLine('a "${L[*]}" b', none), {
    words: [{ text: "a", column: 1 }, { text: "b", column: 13 }],
    empty: -1,
    error: null,
  });
});

import { assertEquals } from "@std/assert";
import { parseArgs } from "./args.ts";

function args(text: string): readonly string[] | string {
  const result = parseArgs(text, text.indexOf("("));
  return "reason" in result ? `${result.reason} at ${result.at}` : [...result.args, text.slice(result.end)];
}

Deno.test("CFG-02 arguments end at commas and the parenthesis, unless quoted; the rest is left", () => {
  assertEquals(args("regsub(foo,blah,g)"), ["foo", "blah", "g", ""]);
  assertEquals(args("regsub((foo|bar),blah,g)"), ["(foo|bar", ",blah,g)"]);
  assertEquals(args('regsub("(foo|bar)",blah,g)'), ["(foo|bar)", "blah", "g", ""]);
  assertEquals(args("regsub('(foo|bar)', blah, g),x"), ["(foo|bar)", " blah", " g", ",x"]);
  assertEquals(args('regsub("^/(here)(/|$)","my/\\1",g)'), ["^/(here)(/|$)", "my/\\1", "g", ""]);
});

Deno.test("CFG-02 single quotes inside an argument, quoted or escaped twice", () => {
  assertEquals(args("str(\\'foo\\')"), ["'foo'", ""]);
  assertEquals(args("str(\"'foo'\")"), ["'foo'", ""]);
});

Deno.test("CFG-02 of the escapes \\#, \\$ and \\xNN are none here", () => {
  assertEquals(args('f(\\n\\t\\ \\\\\\")'), ['\n\t \\"', ""]);
  assertEquals(args('f(\\#\\$\\x41,"\\#\\$\\x41\\"")'), ["\\#\\$\\x41", '\\#\\$\\x41"', ""]);
  assertEquals(args("f('\\n')"), ["\\n", ""]);
  assertEquals(args("f(a\\,b)"), ["a\\", "b", ""]);
});

Deno.test("CFG-02 empty arguments", () => {
  assertEquals(args("f()"), [""]);
  assertEquals(args("f(,)"), ["", "", ""]);
  assertEquals(args('f("")'), ["", ""]);
  assertEquals(args("f(a,)"), ["a", "", ""]);
});

Deno.test("CFG-02 what is not closed names its place", () => {
  assertEquals(args("f(a"), "expected ')' after '(a' at 3");
  assertEquals(args('f("a)'), "unmatched quote at 2");
  assertEquals(args(`f(${"a,".repeat(64)})`), "too many arguments (limit: 64) at 129");
});

import { assertEquals } from "@std/assert";
import { targetPart, withPart } from "./target.ts";

Deno.test("HTTP-08 the parts of a target in each of its forms", () => {
  const parts = (
    target: string,
  ) => [targetPart(target, "path"), targetPart(target, "pathq"), targetPart(target, "query")];
  assertEquals(parts("/a/b?c?d"), ["/a/b", "/a/b?c?d", "c?d"]);
  assertEquals(parts("/a"), ["/a", "/a", null]);
  assertEquals(parts("/a?"), ["/a", "/a?", ""]);
  assertEquals(parts("http://h:1/a?b"), ["/a", "/a?b", "b"]);
  assertEquals(parts("http://h"), [null, null, null]);
  assertEquals(parts("http://h?q=/p"), [null, null, null], "that slash is not of a path");
  assertEquals(parts("*"), [null, null, null]);
  assertEquals(parts("h:443"), [null, null, null]);
  assertEquals(targetPart("*", "uri"), "*");
});

Deno.test("HTTP-08 a part is replaced and the rest stays", () => {
  assertEquals(withPart("http://h/a?b", "path", "/x"), "http://h/x?b");
  assertEquals(withPart("http://h/a?b", "pathq", "/x"), "http://h/x");
  assertEquals(withPart("http://h/a?b", "query", "x"), "http://h/a?x");
  assertEquals(withPart("/a", "query", ""), "/a");
  assertEquals(withPart("/a?", "query", ""), "/a?");
  assertEquals(withPart("/a?b", "uri", "/c"), "/c");
  assertEquals(withPart("*", "path", "/p"), "/p");
});

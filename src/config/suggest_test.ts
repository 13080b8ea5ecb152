import { assertEquals } from "@std/assert";
import { didYouMean, suggest } from "./suggest.ts";

Deno.test("CFG-15 insertions, deletions, substitutions and swaps are close", () => {
  const names = ["bind", "tcp-ut", "daemon", "use_backend", "mode", "acl"];
  assertEquals(suggest("tcut", names), "tcp-ut");
  assertEquals(suggest("deamon", names), "daemon");
  assertEquals(suggest("use-backend", names), "use_backend");
  assertEquals(suggest("bnd", names), "bind");
  assertEquals(suggest("MODE", names), "mode");
  assertEquals(suggest("acll", names), "acl");
});

Deno.test("CFG-15 nothing is suggested when nothing is close", () => {
  const names = ["bind", "tcp-ut", "daemon", "acl", "x", "log"];
  for (const word of ["foo", "abcd", "xy", "", "x".repeat(100)]) assertEquals(suggest(word, names), null);
  assertEquals(didYouMean("foo", names), "");
});

Deno.test("CFG-15 the closest wins, of equals the first", () => {
  assertEquals(suggest("timeoutt", ["timeouts", "timeout"]), "timeouts");
  assertEquals(suggest("serverx", ["servery", "server", "servers"]), "servery");
  assertEquals(suggest("servr", ["servers", "server"]), "server");
});

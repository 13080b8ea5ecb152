import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { Entry, KeywordEntry, RefusedEntry } from "./entry.ts";
import type { SectionKind } from "./model.ts";
import { createRegistry } from "./registry.ts";

function keyword(name: string, ...sections: SectionKind[]): KeywordEntry {
  return { kind: "keyword", name, manual: "", doc: "", sections, parse: () => null };
}

const fetch: Entry = { kind: "fetch", name: "log", manual: "", doc: "" };

Deno.test("CFG-01 a keyword may mean different things in different sections", () => {
  const [inGlobal, inProxies] = [keyword("log", "global"), keyword("log", "listen", "backend")];
  const registry = createRegistry({ entries: [inGlobal, inProxies, fetch] });
  assertStrictEquals(registry.find("keyword", "log", "global"), inGlobal);
  assertStrictEquals(registry.find("keyword", "log", "backend"), inProxies);
  assertEquals(registry.find("keyword", "log", "cache"), undefined);
  assertStrictEquals(registry.find("fetch", "log"), fetch);
  assertEquals(registry.find("converter", "log"), undefined);
  assertEquals([registry.supports("global"), registry.supports("cache")], [true, false]);
});

Deno.test("CFG-01 two entries of one name are a bug", () => {
  const twice = () => createRegistry({ entries: [keyword("a", "global", "listen"), keyword("a", "listen")] });
  assertThrows(twice, Error, "two entries of keyword 'a' in 'listen'");
  assertThrows(() => createRegistry({ entries: [fetch, { ...fetch }] }), Error, "two entries of fetch 'log'");
});

Deno.test("CFG-22 a refused name gives way to an entry, section by section", () => {
  const refused: RefusedEntry[] = [
    { kind: "keyword", name: "maxconn", sections: ["global", "listen"], reason: "no" },
    { kind: "fetch", name: "log", reason: "no" },
    { kind: "fetch", name: "src", reason: "no" },
  ];
  const noop: RefusedEntry[] = [
    { kind: "fetch", name: "src", reason: "none" },
    { kind: "keyword", name: "maxconn", sections: ["global", "frontend"], reason: "none" },
  ];
  const registry = createRegistry({ entries: [keyword("maxconn", "global"), fetch], refused, noop });
  assertEquals(registry.refused("keyword", "maxconn", "global"), undefined);
  assertEquals(registry.refused("keyword", "maxconn", "listen")?.reason, "no");
  assertEquals(registry.refused("fetch", "log"), undefined);
  assertEquals(registry.refused("fetch", "src"), undefined);
  assertEquals(registry.noop("fetch", "src")?.reason, "none");
  assertEquals(registry.noop("keyword", "maxconn", "global"), undefined);
  assertEquals(registry.noop("keyword", "maxconn", "frontend")?.reason, "none");
  assertEquals(registry.names("keyword", "listen"), ["maxconn"]);
  assertEquals(registry.names("fetch"), ["log", "src"]);
});

import { assertEquals } from "@std/assert";
import type { Location, Names, Section } from "../../config/mod.ts";
import { proxyChecks } from "./missing_timeouts.ts";

const at: Location = { file: "f", line: 1, column: 1 };

function warnings(kind: Section["kind"], keywords: readonly (readonly [string, unknown])[]): string[] {
  const texts: string[] = [];
  const nodes = keywords.map(([keyword, value]) => ({ keyword, value, at, negated: false }));
  const section: Section = { kind, name: "x", at, nodes, defaults: -1 };
  const names = { warning: (_: Location, text: string) => texts.push(text) } as unknown as Names;
  for (const c of proxyChecks) if (c.sections.includes(kind)) c.check(section, names);
  return texts;
}

Deno.test("CFG-24 proxies without timeouts are pointed out, each with what it lacks", () => {
  assertEquals(warnings("frontend", [["bind", {}], ["timeout client", 1000]]), []);
  assertEquals(warnings("frontend", [["bind", {}]]).length, 1);
  assertEquals(warnings("frontend", [["bind", {}], ["timeout client", 0]]).length, 1);
  assertEquals(warnings("backend", []), []);
  assertEquals(warnings("backend", [["server", {}], ["timeout connect", 1], ["timeout server", 1]]), []);
  assertEquals(warnings("backend", [["server", {}], ["timeout connect", 1]]), [
    "missing timeouts for backend 'x': without 'timeout server' a peer that vanished keeps its connection for ever.",
  ]);
  assertEquals(warnings("listen", [["server", {}]]), [
    "missing timeouts for listen 'x': without 'timeout client', 'timeout connect', 'timeout server' a peer that vanished keeps its connection for ever.",
  ]);
});

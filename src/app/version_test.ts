// What -v, -vv and feature() tell: the same, and what is there.
import { assertEquals, assertMatch } from "@std/assert";
import type { EntryKind } from "../config/mod.ts";
import { facts } from "./load.ts";
import { programRegistry } from "./manifest.ts";
import { FEATURES, versionLine, versionReport } from "./version.ts";

/** Features that are a keyword: built with it, and not without. */
const BY_KEYWORD: Readonly<Record<string, readonly [EntryKind, string]>> = {
  TPROXY: ["bind", "transparent"],
  TFO: ["bind", "tfo"],
  NS: ["bind", "namespace"],
  LINUX_CAP: ["keyword", "setcap"],
  CPU_AFFINITY: ["keyword", "cpu-map"],
  MEMORY_PROFILING: ["keyword", "profiling.memory"],
  SHM_OPEN: ["keyword", "stats-file"],
  OPENSSL: ["bind", "ssl"],
  QUIC: ["bind", "quic-socket"],
  LUA: ["keyword", "lua-load"],
  SLZ: ["filter", "compression"],
};

Deno.test("BUILD-03 features are what the program knows the keywords of", () => {
  const registry = programRegistry();
  const built = Object.fromEntries(
    Object.entries(BY_KEYWORD).map(([name, [kind, keyword]]) => [name, registry.find(kind, keyword) !== undefined]),
  );
  assertEquals(built, Object.fromEntries(Object.keys(BY_KEYWORD).map((name) => [name, FEATURES[name]])));
});

Deno.test("BUILD-03 -vv lists every feature with its sign, and feature() answers alike", () => {
  const report = versionReport({ runtime: "r", system: "s", cpus: 2, layers: ["public"], filters: [] });
  const line = /^Feature list : (.*)$/m.exec(report)![1];
  assertEquals(line.split(" "), Object.entries(FEATURES).map(([name, there]) => `${there ? "+" : "-"}${name}`));
  const names = Object.keys(FEATURES);
  assertEquals(facts.features, names.filter((name) => FEATURES[name]));
  for (const name of ["PROMEX", "OT", "LUA", "QUIC", "QUIC_OPENSSL_COMPAT", "SHM_OPEN", "MEMORY_PROFILING"]) {
    assertEquals(names.includes(name), true, name);
  }
  assertMatch(versionLine(), /^HAProxy version 3\.2\.0-/);
});

import { assertEquals, assertStringIncludes } from "@std/assert";
import { createSimWorld } from "../sys/sim/mod.ts";
import { dumpKeywords } from "./dump.ts";
import { load } from "./load.ts";
import { entries, programRegistry } from "./manifest.ts";

/** What a condition of a configuration is told by this program. */
function holds(condition: string, localPeer: string | null = null): boolean {
  const world = createSimWorld();
  world.fs.add("/a.cfg", `.if ${condition}\n.notice "it holds"\n.endif\nbackend b\n`);
  const { diagnostics } = load({ files: ["/a.cfg"], env: { MINE: "1" }, localPeer }, programRegistry(), world.main);
  return diagnostics.some((d) => d.text.includes("it holds"));
}

Deno.test("PROC-04 conditions see HAProxy's version, what is built in and what is enabled", () => {
  assertEquals(holds("version_atleast(3.2)"), true);
  assertEquals(holds("version_atleast(3.3-dev0)"), false);
  assertEquals(holds("feature(THREAD) && !feature(LUA)"), true);
  assertEquals(holds("enabled(EPOLL) && !enabled(SPLICE)"), true);
  assertEquals(holds("defined(MINE) && !defined(HOME)"), true);
});

Deno.test("PROC-22 -L names the local peer, else the host does", () => {
  assertEquals(holds(`streq("$HAPROXY_LOCALPEER",me)`, "me"), true);
  assertEquals(holds(`streq("$HAPROXY_LOCALPEER",sim)`), true);
});

Deno.test("PROC-16 keywords are dumped by class; an unknown class lists the classes", () => {
  assertStringIncludes(dumpKeywords(entries, ["smp"]), "\nreq.hdr\n");
  assertStringIncludes(dumpKeywords(entries, ["cfg"]), "\nglobal nbthread\n");
  assertStringIncludes(dumpKeywords(entries, ["cfg"]), "\nserver option weight\n");
  const all = dumpKeywords(entries, ["all"]);
  for (const name of ["# sample fetches:", "# converters:", "# filters:"]) assertStringIncludes(all, name);
  assertStringIncludes(dumpKeywords(entries, ["nope"]), "smp: sample fetches\n");
});

import { assertEquals } from "@std/assert";
import { configEntries, createRegistry, loadConfig, type RefusedEntry, SECTION_KINDS } from "../config/mod.ts";
import { programRegistry } from "./manifest.ts";
import { noop } from "./noop.ts";
import { refused } from "./refused.ts";

const registry = createRegistry({ entries: configEntries, refused, noop });

function alerts(text: string, known = registry): string[] {
  const { diagnostics } = loadConfig({
    files: [{ name: "t.cfg", text }],
    fs: { readFile: () => "none", readDir: () => "none", kind: () => "absent" },
    registry: known,
    env: {},
    cwd: "",
    facts: { version: "3.2.0", features: [], enabled: [] },
    localPeer: "",
  });
  return diagnostics.filter((d) => d.at?.line === 2).map((d) => `${d.level} ${d.text.split("\n")[0]}`);
}

/** One key for each section a name is listed in. */
function keys(list: readonly RefusedEntry[]): string[] {
  return list.flatMap(({ kind, name, sections }) => (sections ?? [""]).map((section) => `${kind} ${section} ${name}`));
}

Deno.test("CFG-22 each name is listed once, under sections that exist", () => {
  const seen = new Set<string>();
  const twice = keys([...refused, ...noop]).filter((key) => seen.size === seen.add(key).size);
  assertEquals(twice, []);
  const sections = new Set([...refused, ...noop].flatMap((entry) => entry.sections ?? []));
  assertEquals([...sections].filter((section) => !SECTION_KINDS.includes(section)), []);
  const odd = [...refused, ...noop].filter(({ name, reason }) => !/^[^\s,]+( [^\s,]+)*$/.test(name) || reason === "");
  assertEquals(odd, []);
});

Deno.test("CFG-22 removed keywords say what to use instead", () => {
  assertEquals(alerts("global\ntune.chksize 16384\n"), [
    "ALERT 'tune.chksize' in 'global' section : not supported any more: tune.bufsize is used instead.",
  ]);
  assertEquals(alerts("listen a\nbind-process all\n"), [
    "ALERT 'bind-process' in 'listen' section : not supported any more: use 'thread' on 'bind' lines instead.",
  ]);
  assertEquals(registry.refused("bind", "process")?.reason, "not supported any more: use 'thread' instead");
});

Deno.test("CFG-22 every refused keyword is answered by name in each of its sections", () => {
  for (const entry of refused.filter(({ kind }) => kind === "keyword")) {
    for (const section of entry.sections ?? []) {
      const header = section === "global" || section === "traces" ? section : `${section} a`;
      const [found] = alerts(`${header}\n${entry.name} x y\n`);
      if (registry.find("keyword", entry.name, section) !== undefined) continue;
      assertEquals(found, `ALERT '${entry.name}' in '${section}' section : ${entry.reason}.`);
    }
  }
});

Deno.test("CFG-22 what has no effect is accepted with a notice", () => {
  for (const entry of noop.filter(({ kind }) => kind === "keyword")) {
    const [found] = alerts(`${entry.sections![0] === "global" ? "global" : "listen a"}\n${entry.name} x\n`);
    assertEquals(found, `NOTICE '${entry.name}' has no effect: ${entry.reason}.`);
  }
  for (const entry of noop.filter(({ kind }) => kind === "action")) {
    const words = " x".repeat(entry.arguments ?? 0);
    const found = alerts(`listen a\nhttp-request ${entry.name}${words}\n`, programRegistry());
    assertEquals(found.filter((text) => text.includes(entry.name)).length, 1, found.join("\n"));
    assertEquals(
      found.some((text) => text.startsWith("NOTICE") && text.includes(entry.reason)),
      true,
      found.join("\n"),
    );
  }
});

Deno.test("FETCH-21 CFG-22 fetches that only the runtime or a library could answer say so", () => {
  const reason = (name: string) => programRegistry().refused("fetch", name)?.reason;
  assertEquals(reason("cpu_ns_avg"), "the runtime does not tell the CPU time of a single stream");
  assertEquals(reason("51d.all"), "device detection libraries are no part of this program");
  assertEquals(reason("fc_src"), undefined);
});

Deno.test("CONV-17 CFG-22 converters that are no part of this program say so", () => {
  const reason = (name: string) => programRegistry().refused("converter", name)?.reason;
  assertEquals(reason("51d.single"), "device detection libraries are no part of this program");
  assertEquals(reason("da-csv-conv"), "device detection libraries are no part of this program");
  assertEquals(reason("wt6"), "the WT6 hash is defined nowhere but in HAProxy's own sources");
  assertEquals(reason("in_table"), "not supported yet");
  assertEquals(reason("xxh3"), undefined);
});

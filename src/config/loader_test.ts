import { assert, assertEquals, assertThrows } from "@std/assert";
import { Prng } from "../base/mod.ts";
import type { KeywordEntry } from "./entry.ts";
import { configEntries } from "./keywords.ts";
import { loadConfig, type LoadRequest } from "./loader.ts";
import { createRegistry } from "./registry.ts";

const note: KeywordEntry<{ words: string[] }> = {
  kind: "keyword",
  name: "note",
  manual: "",
  doc: "",
  sections: ["global", "backend"],
  parse: (cursor) => {
    if (cursor.accept("bug")) throw new TypeError("a bug");
    if (cursor.accept("forgetful")) return { words: [] };
    return { words: cursor.rest() };
  },
};

const inDefaults: KeywordEntry = { ...note, name: "preset", sections: ["defaults"] };

const base: Omit<LoadRequest, "files"> = {
  fs: { readFile: () => "none", readDir: () => "none", kind: () => "absent" },
  registry: createRegistry({ entries: [...configEntries, note] }),
  env: { HOME: "/home/é" },
  cwd: "",
  facts: { version: "3.2.0", features: [], enabled: [] },
  localPeer: "here",
};

const load = (text: string, more: Partial<LoadRequest> = {}) =>
  loadConfig({ ...base, files: [{ name: "t.cfg", text }], ...more });

Deno.test("CFG-01 the model is plain and frozen to the ground", () => {
  const { model } = load("backend b\n note x\n");
  assert(model !== null);
  const value = model.sections[0].nodes[0].value as { words: string[] };
  assertThrows(() => value.words.push("y"), TypeError);
  assertThrows(() => (model.sections as unknown[]).push(1), TypeError);
  assertEquals(structuredClone(model.sections), model.sections.slice());
});

Deno.test("CFG-02 errors of a line point to the place", () => {
  const { model, diagnostics } = load('global\n\tnote "x\n');
  assertEquals(model, null);
  assertEquals(diagnostics[0].text, 'unmatched quote at position 7:\n   note "x\n        ^');
});

Deno.test("CFG-02 a long line is shown in part", () => {
  const { diagnostics } = load(`global\n${" ".repeat(200)}note "x${"y".repeat(200)}\n`);
  const [, shown, caret] = diagnostics[0].text.split("\n");
  assertEquals([shown.length, shown[caret.indexOf("^")]], [122, '"']);
});

Deno.test("CFG-01 a file must end with a line feed", () => {
  const { diagnostics } = load("global\n note x");
  assertEquals(diagnostics.map((d) => `${d.at?.line}:${d.at?.column} ${d.text}`), [
    "2:8 Missing LF on last line, file might have been truncated at position 8.",
  ]);
  assert(load("").model !== null);
});

Deno.test("CFG-06 the environment comes back, with what the configuration made of it", () => {
  const { env } = load("global\n setenv A é\n unsetenv HAPROXY_BRANCH\n", { masterWorker: true });
  assertEquals([env.A, env.HOME, env.HAPROXY_BRANCH], ["é", "/home/é", undefined]);
  assertEquals([env.HAPROXY_MWORKER, env.HAPROXY_LOCALPEER, env.HAPROXY_CFGFILES], ["1", "here", "t.cfg"]);
});

Deno.test("CFG-01 words an entry leaves are an error, an exception of an entry is not swallowed", () => {
  const { diagnostics } = load("global\n note forgetful a\n");
  assertEquals(diagnostics[0].text, "'note' cannot handle unexpected argument 'a'.");
  assertThrows(() => load("global\n note bug\n"), TypeError, "a bug");
});

Deno.test("CFG-09 nested blocks are bounded", () => {
  const nested = (n: number) => ".if 1\n".repeat(n) + ".endif\n".repeat(n);
  assertEquals(load(nested(100)).diagnostics, []);
  assertEquals(load(nested(101)).diagnostics.map((d) => d.text.split("\n")[0]), ["too many nested '.if', max is 100."]);
});

Deno.test("CFG-01 whatever the text is, the loader answers with diagnostics", () => {
  const pieces = [
    ..."\"'\\$#{}[]*()!&|,.:;@/-+ \t\r\n\0\x80\xff",
    ...["global", "backend b", "note", "setenv A ", ".if ", ".endif\n", ".else\n", "defined(", "\\x4", "${A", "[*]"],
    ...["$.LINE", "no ", "default ", "from ", "defaults ", "stre", "9", "\n"],
  ];
  for (let seed = 1; seed <= 300; seed++) {
    const prng = new Prng(seed);
    let text = "";
    for (let i = prng.below(200); i > 0; i--) text += prng.pick(pieces);
    const { model, diagnostics } = load(`${text}\n`);
    assertEquals(model === null, diagnostics.some((d) => d.level === "ALERT"), `seed ${seed}`);
  }
});

Deno.test("CFG-01 many sections of many names are read in linear time", () => {
  let text = "defaults d\n";
  for (let i = 0; i < 20000; i++) text += `backend b${i} from d\n note x\n`;
  const { model } = load(text, { registry: createRegistry({ entries: [...configEntries, note, inDefaults] }) });
  assertEquals(model?.sections.length, 20001);
});

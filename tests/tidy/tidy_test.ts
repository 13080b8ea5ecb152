// The rules of the house, as tests: layers, cycles, exports, size, purity, module state, documents. Each check is shown
// to fail on a bad sample first (its canary), so that a check that sees nothing cannot pass.
import { assert, assertEquals } from "@std/assert";
import { entries } from "../../src/app/manifest.ts";
import { importCycles, layerBreaches, unusedExports } from "./layers.ts";
import { statusPage } from "../../src/app/status_page.ts";
import { SLUICE_VERSION } from "../../src/app/version.ts";
import { forbiddenGlobals, longFiles, missingHeaders, moduleState } from "./purity.ts";
import { mask, type Source, source } from "./source.ts";
import { machinePaths, type TextFile, unmentionedEntries } from "./text.ts";

const ROOT = new URL("../../", import.meta.url);

/** Files below a folder of the project that end with one of `ends`. */
function walk(folder: string, ends: readonly string[], out: TextFile[] = []): TextFile[] {
  const names = [...Deno.readDirSync(new URL(folder === "" ? "." : folder, ROOT))].sort((a, b) =>
    a.name < b.name ? -1 : 1
  );
  for (const entry of names) {
    const path = folder + entry.name;
    if (entry.isDirectory && !entry.name.startsWith(".") && entry.name !== "node_modules") walk(path + "/", ends, out);
    else if (entry.isFile && ends.some((e) => path.endsWith(e))) {
      out.push({ path, text: Deno.readTextFileSync(new URL(path, ROOT)) });
    }
  }
  return out;
}

const project: readonly Source[] = walk("", [".ts"]).map((f) => source(f.path, f.text));

const sample = (path: string, text: string): Source => source(path, text);

function none(breaches: readonly string[]): void {
  assert(breaches.length === 0, `${breaches.length} breaches\n${breaches.join("\n")}\n`);
}

Deno.test("tidy: the project was read", () => {
  assert(project.some((s) => s.path === "src/sys/types.ts"));
  assert(project.some((s) => s.path === "tests/tidy/tidy_test.ts"));
});

Deno.test("tidy: masking keeps code and drops comments and literals", () => {
  const text = "a // x {\nb = 'it\\'s' + \"q\"; /* y\n */ c = `t ${d + `u${e}`} v`; f = /[/'\"]x/g.test(g) / h;";
  const code = mask(text);
  assertEquals(code.length, text.length);
  assertEquals(code.split("\n").length, text.split("\n").length);
  assertEquals(code.match(/[a-z]+/g)!.join(" "), "a b c d e f g test g h");
});

Deno.test("tidy: folders import downwards and through mod.ts", () => {
  const bad = [
    sample("src/base/a.ts", 'import { b } from "../sys/mod.ts";\n'),
    sample("src/http/a.ts", 'import type { b } from "../config/mod.ts";\n'),
    sample("src/mux/a.ts", 'import {\n  b,\n} from "../http/message.ts";\n'),
    sample("src/odd/a.ts", ""),
    sample("src/log/a.ts", 'import x from "jsr:@std/path";\n'),
    sample("src/log/b.ts", 'export * from "../../tests/x.ts";\n'),
    sample("src/sys/deno/a.ts", 'import { b } from "../sim/mod.ts";\n'),
  ];
  assertEquals(layerBreaches(bad).length, bad.length);
  const good = [
    sample("src/mux/h1/a.ts", 'import type { Conn } from "../../sys/types.ts";\nimport { b } from "../endpoint.ts";\n'),
    sample("src/stream/a_test.ts", 'import { x } from "../app/mod.ts";\n'),
  ];
  none(layerBreaches(good));
  none(layerBreaches(project));
});

Deno.test("tidy: no import cycle", () => {
  const bad = [
    sample("src/base/a.ts", 'import { b } from "./b.ts";\n'),
    sample("src/base/b.ts", 'export { c } from "./c.ts";\n'),
    sample("src/base/c.ts", 'import { a } from "./a.ts";\n'),
  ];
  assertEquals(importCycles(bad), ["src/base/a.ts -> src/base/b.ts -> src/base/c.ts -> src/base/a.ts"]);
  none(importCycles([...bad.slice(0, 2), sample("src/base/c.ts", 'import type { a } from "./a.ts";\n')]));
  none(importCycles(project));
});

Deno.test("tidy: every export is imported by somebody", () => {
  const files = [
    sample("src/base/mod.ts", 'export * from "./a.ts";\n'),
    sample(
      "src/base/a.ts",
      "export const one = 1;\nexport function two() {}\nexport type Three = 3;\nconst four = 4;\nexport { four };\n",
    ),
    sample("src/http/b.ts", 'import { one, type Three } from "../base/mod.ts";\n'),
  ];
  assertEquals(unusedExports(files), ['src/base/a.ts: nobody imports "two"', 'src/base/a.ts: nobody imports "four"']);
  const shape =
    "export interface Shape {}\nexport function area(s: Shape) {}\nexport const N_A = 1;\nexport const N_B = 2;\n";
  const user = sample("src/http/b.ts", 'import { area, N_B } from "../base/a.ts";\n');
  none(unusedExports([sample("src/base/a.ts", shape), user]));
  assertEquals(unusedExports([sample("src/base/a.ts", shape)]).length, 3);
  none(unusedExports([...files, sample("mod.ts", 'export { four, two } from "./src/base/mod.ts";\n')]));
  none(unusedExports(project));
});

Deno.test("tidy: the world is touched only where it may be", () => {
  const lines = [
    "Deno.exit(1);",
    'import { connect } from "node:net";',
    "setTimeout(f, 1);",
    "const a = Date.now();",
    "const b = new Date();",
    "const c = performance.now();",
    "const d = Math.random();",
    "console.log(1);",
    "crypto.getRandomValues(x);",
    "process.exit(1);",
    "new Worker(u);",
    "globalThis.x = 1;",
  ];
  for (const line of lines) {
    assertEquals(forbiddenGlobals([sample("src/http/a.ts", line + "\n")]).length, 1, line);
    none(forbiddenGlobals([sample("src/sys/deno/a.ts", line + "\n")]));
    none(forbiddenGlobals([sample("src/http/a_test.ts", line + "\n")]));
  }
  none(
    forbiddenGlobals([
      sample("src/http/a.ts", '// Deno.exit()\nconst s = "Date.now()"; const t = new Date(5); x.console.y();\n'),
    ]),
  );
  none(forbiddenGlobals(project));
});

Deno.test("tidy: modules hold no state", () => {
  const bad = [
    "let count = 0;",
    "export var x = 1;",
    "const cache = new Map<string, number>();\nfunction f() {\n  cache.set('a', 1);\n}",
    "const list: number[] = [];\nexport class A {\n  f() {\n    list.push(1);\n  }\n}",
    "const table = new Uint8Array(4);\nexport const f = (i: number) => {\n  table[i] = 1;\n};",
    "const shared = { n: 0 };\nfunction f() {\n  shared.n++;\n}",
    "const pool = new BlockPool();",
    "class C {\n  readonly a = 1;\n  b = 2;\n}\nconst c = new C();",
    "class A {\n  static count = 0;\n}",
  ];
  for (const text of bad) assertEquals(moduleState([sample("src/base/a.ts", text + "\n")]).length, 1, text);
  const good = [
    "const table = new Uint8Array(256);\nfor (let i = 0; i < 9; i++) table[i] = 1;",
    "const NAMES = ['a'];\nfunction f() {\n  return NAMES[0] === 'b';\n}",
    "const list = [];\nfunction f() {\n  const list: number[] = [];\n  list.push(1);\n}",
    "class A {\n  static readonly x = 1;\n  static make() {}\n}",
    "const e = new TextEncoder();",
    "class C {\n  readonly a = 1;\n  f(x: number) {\n    return x;\n  }\n}\nconst c = new C();",
  ];
  for (const text of good) none(moduleState([sample("src/base/a.ts", text + "\n")]));
  none(moduleState(project));
});

Deno.test("tidy: files stay small and say what they are", () => {
  const long = "// x\n".repeat(801);
  assertEquals(longFiles([sample("src/base/a.ts", long)]).length, 1);
  none(longFiles([sample("src/base/a.ts", "// Generated from the manual.\n" + long)]));
  none(longFiles(project));
  assertEquals(missingHeaders([sample("src/base/a.ts", "const a = 1;\n")]).length, 1);
  none(missingHeaders(project));
});

Deno.test("tidy: documents name no machine", () => {
  const bad = [
    "see /work/main",
    "in /root/.cache",
    "cd /home/ann/x",
    "from registry.example.org",
    "http://mirror.example:80/",
  ];
  for (const text of bad) assertEquals(machinePaths([{ path: "a.md", text }]).length, 1, text);
  none(
    machinePaths([{ path: "a.md", text: "/etc/haproxy/haproxy.cfg, src/work/x, /var/run, http://127.0.0.1:8080/" }]),
  );
  const documents = walk("", [".md", ".cfg", ".json", ".yml", ".ts"]).filter((f) => !f.path.startsWith("tests/tidy/"));
  documents.push({ path: ".ci/run", text: Deno.readTextFileSync(new URL(".ci/run", ROOT)) });
  none(machinePaths(documents));
});

Deno.test("tidy: every built entry is mentioned by a test", () => {
  const samples = [
    { kind: "keyword", name: "timeout client" },
    { kind: "fetch", name: "src" },
    { kind: "logformat", name: "ci" },
    { kind: "keyword", name: "log" },
  ];
  assertEquals(
    unmentionedEntries(samples, [{ path: "a", text: "timeout client-fin 1s src_port ci log-tag" }]).length,
    4,
  );
  none(unmentionedEntries(samples, [{ path: "a", text: "timeout   client 1s\n { src 1.2.3.4 }\n log %{+Q}ci" }]));
  // The lists of names that are refused are no tests of what is built.
  const tests = [...walk("src/", ["_test.ts"]), ...walk("tests/", [""]), ...walk("examples/", [".cfg"])]
    .filter((f) =>
      !f.path.startsWith("tests/tidy/") && f.path !== "src/app/refused_test.ts" && !f.path.startsWith("bench/")
    );
  none(unmentionedEntries(entries, tests));
});

Deno.test("tidy: docs/status.md lists what the program knows", () => {
  const document = Deno.readTextFileSync(new URL("docs/status.md", ROOT));
  const outdated = document.replace("`timeout client`", "`timeout klient`");
  assert(statusPage(outdated) !== outdated);
  assert(statusPage(document) === document, "run `deno task status` and commit docs/status.md");
});

Deno.test("tidy: the version is the same everywhere", () => {
  const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  assertEquals(config.version, SLUICE_VERSION);
  const readme = Deno.readTextFileSync(new URL("README.md", ROOT));
  const ci = Deno.readTextFileSync(new URL(".ci/run", ROOT));
  const runtime = /^deno_version=(.*)$/m.exec(ci)![1];
  assertEquals([...readme.matchAll(/deno@(\d+\.\d+\.\d+)/g)].map((m) => m[1]), [runtime, runtime]);
  assertEquals(Deno.version.deno, runtime);
});

// Which folder may import which (docs/architecture.md, section 2).
import type { Source } from "./source.ts";

/** Rows of the layout: a folder imports only from rows before its own. */
const ROWS: readonly (readonly string[])[] = [
  ["base"],
  ["sys"],
  ["http", "config"],
  ["codec", "table"],
  ["sample", "mux", "tls", "log"],
  ["proxy"],
  ["rules"],
  ["stream"],
  ["filter", "lua", "peers", "acme", "obs"],
  ["app"],
];

/** Backends of the Sys contract: none knows another. */
const SYS_BACKENDS = ["deno", "sim", "epoll"];

/** The one file that other folders import beside a `mod.ts`. */
const DIRECT = ["src/sys/types.ts"];

/** True for a test or a helper of tests: it stands above all layers. */
export function isTest(path: string): boolean {
  return path.startsWith("tests/") || path.startsWith("bench/") || path.endsWith("_test.ts");
}

/** Breaches of the direction of imports, one line each. */
export function layerBreaches(sources: readonly Source[]): string[] {
  const out: string[] = [];
  for (const s of sources) {
    if (isTest(s.path) || !s.path.startsWith("src/")) continue;
    const folder = s.path.split("/")[1];
    const row = ROWS.findIndex((names) => names.includes(folder));
    if (row < 0) {
      out.push(`${s.path}: folder "${folder}" is in no row of the layout`);
      continue;
    }
    for (const i of s.imports) {
      const at = `${s.path}:${i.line}`;
      if (!/^(src|tests|bench|main\.ts|mod\.ts|examples)(\/|$)/.test(i.target)) {
        // Built-in modules are the business of the check on globals; what else is named would be a dependency.
        if (!i.target.startsWith("node:")) out.push(`${at}: imports "${i.target}", which is not of this project`);
        continue;
      }
      if (!i.target.startsWith("src/")) {
        out.push(`${at}: src imports ${i.target}`);
        continue;
      }
      const other = i.target.split("/")[1];
      if (other === folder) {
        if (folder === "sys") out.push(...betweenBackends(s.path, i.target, at));
        continue;
      }
      const otherRow = ROWS.findIndex((names) => names.includes(other));
      if (otherRow >= row) out.push(`${at}: ${folder} (row ${row}) imports ${other} (row ${otherRow})`);
      if (!i.target.endsWith("/mod.ts") && !DIRECT.includes(i.target)) {
        out.push(`${at}: imports ${i.target} past the mod.ts of its folder`);
      }
    }
  }
  return out;
}

function betweenBackends(from: string, to: string, at: string): string[] {
  const a = from.split("/")[2];
  const b = to.split("/")[2];
  const both = SYS_BACKENDS.includes(a) && SYS_BACKENDS.includes(b);
  return both && a !== b ? [`${at}: sys/${a} imports sys/${b}`] : [];
}

/** Cycles among imports of values, each as the files along it. Type imports may be mutual: nothing runs. */
export function importCycles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((s) => [s.path, s]));
  const state = new Map<string, "open" | "done">();
  const out: string[] = [];
  const trail: string[] = [];
  const visit = (path: string) => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      out.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    state.set(path, "open");
    trail.push(path);
    for (const i of byPath.get(path)?.imports ?? []) if (!i.typeOnly && byPath.has(i.target)) visit(i.target);
    trail.pop();
    state.set(path, "done");
  };
  for (const s of sources) visit(s.path);
  return out;
}

/** Exports that no other file imports. The library face (mod.ts) is exported to the world. */
export function unusedExports(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((s) => [s.path, s]));
  const used = new Set<string>();
  /** Marks `name` of `path` where it is declared, through re-exports. */
  const mark = (path: string, name: string) => {
    const s = byPath.get(path);
    if (s === undefined) return;
    if (name === "*") {
      if (used.has(`${path} *`)) return;
      used.add(`${path} *`);
      for (const e of s.exports) used.add(`${path} ${e}`);
      for (const i of s.imports) if (i.reexport) { for (const n of i.names) mark(i.target, n); }
      return;
    }
    if (s.exports.includes(name)) {
      used.add(`${path} ${name}`);
      return;
    }
    for (const i of s.imports) {
      if (i.reexport && (i.names.includes("*") || i.names.includes(name))) mark(i.target, name);
    }
  };
  for (const s of sources) {
    for (const i of s.imports) if (!i.reexport) { for (const n of i.names) mark(i.target, n); }
  }
  mark("mod.ts", "*");
  const out: string[] = [];
  for (const s of sources) {
    if (isTest(s.path)) continue;
    for (const e of s.exports) if (!used.has(`${s.path} ${e}`)) out.push(`${s.path}: nobody imports "${e}"`);
  }
  return out;
}

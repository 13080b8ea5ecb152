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
  return /^(?:tests|bench)\/|_test\.ts$|\/testing\.ts$/.test(path);
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

/**
 * Exports that no other file imports. The library face (mod.ts) is exported to the world. A type that another export of
 * its file is made of is part of that one's face; a number of a series counts with the series (`IO_END`, `IO_RESET`).
 */
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
    const wanted = (e: string) => used.has(`${s.path} ${e}`);
    for (const e of s.exports) {
      if (wanted(e) || partOfFace(s.code, e)) continue;
      const series = seriesOf(s.code, e);
      if (series !== null && s.exports.some((other) => wanted(other) && seriesOf(s.code, other) === series)) continue;
      out.push(`${s.path}: nobody imports "${e}"`);
    }
  }
  return out;
}

/** A type that the rest of its file uses. */
function partOfFace(code: string, name: string): boolean {
  if (!new RegExp(`^export (?:interface|type) ${name}\\b`, "m").test(code)) return false;
  return (code.match(new RegExp(`(?<![\\w$.])${name}\\b`, "g")) ?? []).length > 1;
}

/** The prefix of a numbered constant, "IO_" of `export const IO_END = -1`; null of everything else. */
function seriesOf(code: string, name: string): string | null {
  const prefix = /^[A-Z]+_(?=[A-Z0-9])/.exec(name)?.[0] ?? null;
  return prefix !== null && new RegExp(`^export const ${name}\\s*(?::[^=]*)?=\\s*(?:-?\\d|1 <<)`, "m").test(code)
    ? prefix
    : null;
}

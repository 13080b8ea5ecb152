// Shorthand for the keyword entries of this folder: the sections they stand in and the shapes that repeat.
import type { Cursor, KeywordEntry, SectionKind } from "../../config/mod.ts";
import type { ProxyConfig, ProxyEnv } from "../config.ts";

export const FRONTEND: readonly SectionKind[] = ["defaults", "frontend", "listen"];
export const BACKEND: readonly SectionKind[] = ["defaults", "listen", "backend"];
export const ANY_PROXY: readonly SectionKind[] = ["defaults", "frontend", "listen", "backend"];
export const NAMED_PROXY: readonly SectionKind[] = ["frontend", "listen", "backend"];

/** A keyword of proxies, inherited from their defaults section. `set` is its build(). */
export function setting<N>(
  name: string,
  sections: readonly SectionKind[],
  doc: string,
  parse: (cursor: Cursor) => N,
  set: (proxy: ProxyConfig, value: N, env: ProxyEnv) => void,
): KeywordEntry {
  const entry: KeywordEntry<N, ProxyEnv> = {
    kind: "keyword",
    name,
    manual: "4.2",
    doc,
    sections,
    inherit: true,
    parse,
    build: (node, env) => set(env.proxy, node.value, env),
  };
  return entry as KeywordEntry;
}

/** An option that is on, or off after "no". */
export function flag(
  name: string,
  sections: readonly SectionKind[],
  doc: string,
  set: (proxy: ProxyConfig, on: boolean) => void,
): KeywordEntry {
  const entry: KeywordEntry<null, ProxyEnv> = {
    kind: "keyword",
    name: `option ${name}`,
    manual: "4.2",
    doc,
    sections,
    inherit: true,
    negatable: true,
    parse: () => null,
    build: (node, env) => set(env.proxy, !node.negated),
  };
  return entry as KeywordEntry;
}

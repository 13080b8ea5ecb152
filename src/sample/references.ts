// References of expressions to proxies, servers, tables and userlists: resolved when everything is parsed.
import type { Location, Names, Section, SectionKind } from "../config/mod.ts";
import type { AclTest, ExprNode, FetchEntry, ReferenceNode } from "./types.ts";

/**
 * Reports every name that an expression anywhere in `value` (what a keyword's parse() returned) refers to and that does
 * not exist. To be called by the check of each keyword that may hold expressions.
 */
export function checkExpressions(value: unknown, names: Names, at: Location, section: Section): void {
  if (Array.isArray(value)) {
    for (const item of value) checkExpressions(item, names, at, section);
    return;
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  // A named ACL is shared by all that use it: its own line is checked.
  const { name, tests } = value as { name?: unknown; tests?: unknown };
  if (tests !== undefined && name !== "") return;
  const { references } = value as { references?: readonly ReferenceNode[] };
  const { expression, patterns } = value as Partial<AclTest>;
  if (expression !== undefined && patterns !== undefined) checkPatterns(expression, patterns, names, at, section);
  if (Array.isArray(references)) { for (const reference of references) checkReference(reference, names, at, section); }
  for (const child of Object.values(value)) if (typeof child === "object") checkExpressions(child, names, at, section);
}

function checkPatterns(
  { fetch, args, converters }: ExprNode,
  patterns: readonly string[],
  names: Names,
  at: Location,
  section: Section,
): void {
  // Behind converters it is their result that patterns are compared with.
  if (converters.length > 0) return;
  const entry = names.registry.find("fetch", fetch) as FetchEntry | undefined;
  const problem = entry?.checkAcl?.(args, patterns, names) ?? null;
  if (problem !== null) names.error(at, `proxy ${section.name}: acl ${fetch}(): ${problem}.`);
}

function checkReference(reference: ReferenceNode, names: Names, at: Location, section: Section): void {
  const problem = resolve(reference, names);
  if (problem === null) return;
  names.error(
    at,
    `${problem.text}, referenced in ${reference.where} in ${section.kind} '${section.name}'${problem.end}.`,
  );
}

function resolve({ type, name }: ReferenceNode, names: Names): { text: string; end: string } | null {
  switch (type) {
    case "backend":
      if (names.backend(name) !== undefined) return null;
      return names.frontend(name) === undefined
        ? lost("backend", name)
        : { text: `proxy '${name}'`, end: ", has not backend capability" };
    case "frontend":
      if (names.frontend(name) !== undefined) return null;
      return names.backend(name) === undefined
        ? lost("frontend", name)
        : { text: `proxy '${name}'`, end: ", has not frontend capability" };
    case "proxy":
      return names.frontend(name) ?? names.backend(name) ? null : lost("proxy", name);
    case "table":
      return hasTable(name, names) ? null : lost("stick-table", name);
    case "userlist":
      return names.section("userlist", name) === undefined ? lost("userlist", name) : null;
    case "server":
      return serverExists(name, names) ? null : lost("server", name);
  }
}

function lost(what: string, name: string): { text: string; end: string } {
  return { text: `unable to find ${what} '${name}'`, end: "" };
}

/** A proxy with a stick-table, or "<peers section>/<table>". */
function hasTable(name: string, names: Names): boolean {
  const proxy = names.frontend(name) ?? names.backend(name);
  if (proxy?.nodes.some((node) => node.keyword === "stick-table")) return true;
  const slash = name.indexOf("/");
  if (slash < 0) return false;
  const peers = names.section("peers" as SectionKind, name.slice(0, slash));
  return peers?.nodes.some((node) =>
    node.keyword === "table" && (node.value as { name?: unknown }).name === name.slice(slash + 1)
  ) ?? false;
}

function serverExists(name: string, names: Names): boolean {
  const slash = name.indexOf("/");
  const backend = names.backend(name.slice(0, slash));
  const server = name.slice(slash + 1);
  return backend?.nodes.some((node) => {
    if (node.keyword !== "server" && node.keyword !== "server-template") return false;
    const { name, prefix } = node.value as { name?: unknown; prefix?: unknown };
    return node.keyword === "server" ? name === server : typeof prefix === "string" && server.startsWith(prefix);
  }) ?? false;
}

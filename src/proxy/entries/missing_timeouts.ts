// What is missing in a whole section. A proxy without timeouts keeps connections of peers that vanished for ever
// (configuration.txt 4.2 "timeout client"); a frontend without "bind" gets none.
import { hasBackend, hasFrontend, type Names, type Section, type SectionCheck } from "../../config/mod.ts";

function set(section: Section, keyword: string): boolean {
  const node = section.nodes.findLast((n) => n.keyword === keyword);
  return node !== undefined && node.value !== 0;
}

function warnOfMissingTimeouts(section: Section, names: Names): void {
  const front = hasFrontend(section.kind);
  const back = hasBackend(section.kind) && section.nodes.some((n) => n.keyword === "server");
  const missing: string[] = [];
  if (front && !set(section, "timeout client")) missing.push("client");
  if (back && !set(section, "timeout connect")) missing.push("connect");
  if (back && !set(section, "timeout server")) missing.push("server");
  if (missing.length === 0) return;
  const which = missing.map((name) => `'timeout ${name}'`).join(", ");
  names.warning(
    section.at,
    `missing timeouts for ${section.kind} '${section.name}': without ${which} a peer that vanished keeps its connection for ever.`,
  );
}

function warnOfMissingBind(section: Section, names: Names): void {
  if (section.nodes.some((n) => n.keyword === "bind")) return;
  names.warning(
    section.at,
    `frontend '${section.name}' has no 'bind' directive. Please declare it as a backend if this was intended.`,
  );
}

/** Checks of whole sections by this folder. */
export const proxyChecks: readonly SectionCheck[] = [
  { sections: ["frontend"], check: warnOfMissingBind },
  { sections: ["frontend", "listen", "backend"], check: warnOfMissingTimeouts },
];

// -dK: the names this program knows, class by class (management.txt 3).
import type { Entry, EntryKind, KeywordEntry } from "../config/mod.ts";

const CLASSES: Readonly<Record<string, { readonly kinds: readonly EntryKind[]; readonly what: string }>> = {
  acl: { kinds: ["fetch"], what: "sample fetches that ACLs may use" },
  cfg: { kinds: ["keyword", "bind", "server"], what: "keywords of the configuration" },
  cli: { kinds: ["command"], what: "commands of the runtime API" },
  cnv: { kinds: ["converter"], what: "converters" },
  flt: { kinds: ["filter"], what: "filters" },
  smp: { kinds: ["fetch"], what: "sample fetches" },
  svc: { kinds: [], what: "services" },
};

/** The text for the classes asked for; "help" and unknown ones list the classes. */
export function dumpKeywords(entries: readonly Entry[], classes: readonly string[]): string {
  const known = classes.includes("all") ? Object.keys(CLASSES) : classes;
  if (known.some((name) => CLASSES[name] === undefined)) {
    const lines = Object.entries(CLASSES).map(([name, { what }]) => `${name}: ${what}`);
    return ["# List of supported keyword classes:", "all: everything", ...lines, ""].join("\n");
  }
  return known.map((name) => {
    const own = entries.filter((e) => CLASSES[name].kinds.includes(e.kind));
    const lines = own.flatMap(describe).sort();
    return [`# ${CLASSES[name].what}:`, ...lines, ""].join("\n");
  }).join("");
}

function describe(entry: Entry): string[] {
  if (entry.kind === "keyword") return (entry as KeywordEntry).sections.map((section) => `${section} ${entry.name}`);
  return entry.kind === "bind" || entry.kind === "server" ? [`${entry.kind} option ${entry.name}`] : [entry.name];
}

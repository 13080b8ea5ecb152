// `deno task manifest`: the names whose effect is built, as JSON, in the groups of the manual; under "refused" and "noop"
// those that are answered with a reason.
import type { Entry, EntryKind, KeywordEntry, RefusedEntry, SectionKind } from "../config/mod.ts";
import { entries } from "./manifest.ts";
import { noop } from "./noop.ts";
import { refused } from "./refused.ts";

const GROUPS = {
  global: "keyword",
  proxy: "keyword",
  sections: "keyword",
  bind: "bind",
  server: "server",
  fetches: "fetch",
  converters: "converter",
  actions: "action",
  balance: "balance",
  cli: "command",
  logformat: "logformat",
  filters: "filter",
} as const satisfies Record<string, EntryKind>;
type Group = keyof typeof GROUPS;

const PROXIES: readonly SectionKind[] = ["defaults", "frontend", "listen", "backend"];

/** The groups an entry counts in. A keyword may be one of the global section and of proxies ("log"). */
function groupsOf(entry: Entry | RefusedEntry): Group[] {
  if (entry.kind !== "keyword") return (Object.keys(GROUPS) as Group[]).filter((g) => GROUPS[g] === entry.kind);
  const sections = (entry as KeywordEntry | RefusedEntry).sections ?? ["global", ...PROXIES];
  const groups: Group[] = [];
  if (sections.includes("global")) groups.push("global");
  if (sections.some((s) => PROXIES.includes(s))) groups.push("proxy");
  if (sections.some((s) => s !== "global" && !PROXIES.includes(s))) groups.push("sections");
  return groups;
}

/** The name as the manual's lists have it. */
function listed(entry: Entry | RefusedEntry): string {
  return entry.kind === "logformat" ? `%${entry.name}` : entry.name;
}

function grouped<T extends Entry | RefusedEntry, V>(
  list: readonly T[],
  value: (entry: T) => V,
): Record<Group, Record<string, V>> {
  const out = Object.fromEntries(Object.keys(GROUPS).map((g) => [g, {}])) as Record<Group, Record<string, V>>;
  for (const entry of list) for (const group of groupsOf(entry)) out[group][listed(entry)] = value(entry);
  return out;
}

const built = grouped(entries.filter((e) => e.withoutEffect === undefined), () => true);
const ineffective = entries.flatMap((e) => e.withoutEffect === undefined ? [] : { ...e, reason: e.withoutEffect });
const names = (group: Group) => Object.keys(built[group]).sort();
/** What is built is not answered with a reason, whatever the lists still say. */
const reasons = (list: readonly RefusedEntry[]) => {
  const all = grouped(list, (entry) => entry.reason);
  for (const group of Object.keys(all) as Group[]) for (const name of names(group)) delete all[group][name];
  return all;
};

console.log(JSON.stringify(
  {
    ...Object.fromEntries((Object.keys(GROUPS) as Group[]).map((group) => [group, names(group)])),
    refused: reasons(refused.filter((r) => !ineffective.some((e) => e.kind === r.kind && e.name === r.name))),
    noop: reasons([...noop, ...ineffective]),
  },
  null,
  1,
));

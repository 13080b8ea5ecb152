// The registry: every entry of the program, and the names it answers with a reason instead. Built once from the
// manifest; nothing changes it afterwards. A duplicate is a bug in the manifest and throws.
import { assert } from "../base/mod.ts";
import {
  type Entry,
  ENTRY_KINDS,
  type EntryKind,
  type KeywordEntry,
  type RefusedEntry,
  type Registry,
  type SectionCheck,
} from "./entry.ts";
import { SECTION_KINDS, type SectionKind } from "./model.ts";

interface RegistryContent {
  readonly entries: readonly Entry[];
  /** Names not built. One that has an entry (in a section) is dropped there, so the list needs no edit when it lands. */
  readonly refused?: readonly RefusedEntry[];
  /** Names that can have no effect here. */
  readonly noop?: readonly RefusedEntry[];
  readonly checks?: readonly SectionCheck[];
}

/** Throws when two entries claim the same kind, name and section. */
export function createRegistry(content: RegistryContent): Registry {
  const entries = new Table<Entry>();
  for (const entry of content.entries) {
    const fresh = entries.add(entry, sectionsOf(entry));
    assert(fresh === "", `two entries of ${entry.kind} '${entry.name}'${fresh}`);
  }
  const noop = new Table<RefusedEntry>();
  for (const entry of content.noop ?? []) noop.add(entry, free(entry, entries));
  const refused = new Table<RefusedEntry>();
  for (const entry of content.refused ?? []) {
    refused.add(entry, free(entry, entries).filter((slot) => noop.at(entry.kind, entry.name, slot) === undefined));
  }
  const names = new Map<string, readonly string[]>();
  return {
    checks: content.checks ?? [],
    supports: (section) => entries.names("keyword", section).length > 0,
    find: (kind, name, section) => entries.at(kind, name, section ?? ANY),
    refused: (kind, name, section) => refused.at(kind, name, section ?? ANY),
    noop: (kind, name, section) => noop.at(kind, name, section ?? ANY),
    names(kind, section) {
      const key = `${kind} ${section ?? ANY}`;
      let list = names.get(key);
      if (list === undefined) {
        list = [entries, noop, refused].flatMap((table) => table.names(kind, section ?? ANY));
        names.set(key, list);
      }
      return list;
    },
  };
}

/** The slot of a name without regard to the section. */
const ANY = "";
type Slot = SectionKind | typeof ANY;

/** Keywords belong to sections, everything else to all. */
function sectionsOf(entry: Entry | RefusedEntry): readonly Slot[] {
  if (entry.kind !== "keyword") return [ANY];
  return (entry as KeywordEntry | RefusedEntry).sections ?? SECTION_KINDS;
}

function free(entry: RefusedEntry, entries: Table<Entry>): readonly Slot[] {
  return sectionsOf(entry).filter((slot) => entries.at(entry.kind, entry.name, slot) === undefined);
}

/** Entries by kind, section and name; of a keyword's entries the first also answers when no section is given. */
class Table<T extends { readonly kind: EntryKind; readonly name: string }> {
  readonly #maps = new Map<string, Map<string, T>>();

  constructor() {
    for (const kind of ENTRY_KINDS) {
      for (const slot of [ANY, ...SECTION_KINDS]) this.#maps.set(`${kind} ${slot}`, new Map());
    }
  }

  /** Returns where the name was taken already: " in 'global'", or "". */
  add(entry: T, slots: readonly Slot[]): string {
    let taken = "";
    for (const slot of slots) {
      const map = this.#map(entry.kind, slot);
      if (map.has(entry.name)) taken += slot === ANY ? " " : ` in '${slot}'`;
      else map.set(entry.name, entry);
    }
    const any = this.#map(entry.kind, ANY);
    if (slots.length > 0 && !any.has(entry.name)) any.set(entry.name, entry);
    return taken;
  }

  /** Options, fetches etc. are the same in every section. */
  at(kind: EntryKind, name: string, slot: Slot): T | undefined {
    return this.#map(kind, kind === "keyword" ? slot : ANY).get(name);
  }

  names(kind: EntryKind, slot: Slot): string[] {
    return [...this.#map(kind, kind === "keyword" ? slot : ANY).keys()];
  }

  #map(kind: EntryKind, slot: Slot): Map<string, T> {
    return this.#maps.get(`${kind} ${slot}`)!;
  }
}

// Pattern lists and maps of one thread: what is in them by name, and the indexes that answer matches.
//
// A list (HAProxy's "pattern reference") is ordered entries under a name; every ACL or map converter that uses the name
// with the same matching method shares one index over it. A change of the list changes its indexes at once; whoever
// changes it (main, by message, one after the other) does the same in every thread.
//
// Invariants: each index holds exactly the entries of its list, in their order; an entry that one index refuses is in
// none.
import { bytesToLatin1 } from "../../base/mod.ts";
import type { MatchMethod } from "../types.ts";
import { patternLines } from "./files.ts";
import { createIndex, type PatternIndex } from "./index.ts";

/** One pattern of a list. Its identity is the object; `id` names it in the runtime API. */
export class PatternEntry {
  readonly id: number;
  readonly text: string;
  /** Value of a map entry; null in a list of an ACL. */
  value: string | null;
  constructor(id: number, text: string, value: string | null) {
    this.id = id;
    this.text = text;
    this.value = value;
  }
}

interface IndexUse {
  readonly method: MatchMethod;
  readonly ignoreCase: boolean;
  readonly index: PatternIndex;
}

export class PatternList {
  /** Name of the file, "virt@..." or "" for the patterns written in an ACL. */
  readonly name: string;
  /** Number in the runtime API. */
  readonly id: number;
  /** For people: who uses it. */
  readonly description: string;
  readonly #entries = new Set<PatternEntry>();
  readonly #indexes: IndexUse[] = [];
  #nextId = 1;

  constructor(name: string, id: number, description: string) {
    this.name = name;
    this.id = id;
    this.description = description;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In order. */
  get entries(): Iterable<PatternEntry> {
    return this.#entries;
  }

  /** The index for a matching method; the same for the same method and flag. */
  index(method: MatchMethod, ignoreCase: boolean): PatternIndex {
    const known = this.#indexes.find((use) => use.method === method && use.ignoreCase === ignoreCase);
    if (known !== undefined) return known.index;
    const index = createIndex(method, ignoreCase);
    for (const entry of this.#entries) index.add(entry);
    this.#indexes.push({ method, ignoreCase, index });
    return index;
  }

  /** Appends an entry; a string is the reason why a matching method in use refuses the pattern. */
  add(text: string, value: string | null): PatternEntry | string {
    const entry = new PatternEntry(this.#nextId, text, value);
    for (let i = 0; i < this.#indexes.length; i++) {
      const problem = this.#indexes[i].index.add(entry);
      if (problem === null) continue;
      while (--i >= 0) this.#indexes[i].index.remove(entry);
      return problem;
    }
    this.#nextId++;
    this.#entries.add(entry);
    return entry;
  }

  remove(entry: PatternEntry): void {
    if (!this.#entries.delete(entry)) return;
    for (const use of this.#indexes) use.index.remove(entry);
  }

  clear(): void {
    this.#entries.clear();
    for (const use of this.#indexes) use.index.clear();
  }

  /** All entries with this text. */
  find(text: string): PatternEntry[] {
    return [...this.#entries].filter((entry) => entry.text === text);
  }
}

export class PatternStore {
  readonly #files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  readonly #named = new Map<string, PatternList>();
  readonly #byId = new Map<number, PatternList>();
  #nextId = 0;

  constructor(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>) {
    this.#files = files;
  }

  /** All lists by number. */
  get lists(): Iterable<PatternList> {
    return this.#byId.values();
  }

  /** A list by its name. */
  find(name: string): PatternList | undefined {
    return this.#named.get(name);
  }

  findId(id: number): PatternList | undefined {
    return this.#byId.get(id);
  }

  /** The list of a file or virtual name, loaded at its first use. `map`: lines have a value. */
  named(name: string, map: boolean, description: string): PatternList {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const list = this.#add(new PatternList(name, this.#freeId(), description));
    this.#named.set(name, list);
    const bytes = this.#files[name];
    if (bytes !== undefined) {
      for (const line of patternLines(bytesToLatin1(bytes), map)) list.add(line.pattern, line.value);
    }
    return list;
  }

  /** A list of the patterns written in one ACL; `id` -1: the next free number. */
  inline(patterns: readonly string[], id: number, description: string): PatternList {
    const list = this.#add(new PatternList("", id >= 0 ? id : this.#freeId(), description));
    for (const pattern of patterns) list.add(pattern, null);
    return list;
  }

  #add(list: PatternList): PatternList {
    this.#byId.set(list.id, list);
    return list;
  }

  #freeId(): number {
    while (this.#byId.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }
}

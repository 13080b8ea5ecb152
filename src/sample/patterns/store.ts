// Pattern lists and maps as one thread reads them: the indexes that answer its matches, over the memory that main writes.
import { type HashKey, keyedHash } from "../../base/mod.ts";
import { ArenaView, type Segment } from "../../table/mod.ts";
import type { AclTest, MatchMethod } from "../types.ts";
import { patternLines } from "./files.ts";
import { createIndex, hasIndex, type PatternIndex, PatternKey } from "./index.ts";
import { copyText, copyValue, entriesOf, REFERENCE, valueOf, VERSION } from "./layout.ts";
import { indexesOf, type IndexUse, type PatternSet, PatternSets } from "./sets.ts";
import { SAME } from "./strings.ts";
import type { PatternUses } from "./uses.ts";

/** What a thread is given to read the lists of its model: plain data. */
export interface PatternMemory {
  readonly segments: readonly Segment[];
  readonly key: HashKey;
  /** Of the references, in the order of `PatternUses.lists`. */
  readonly addresses: readonly number[];
}

/** One list in one thread. */
class PatternList {
  readonly #store: PatternStore;
  readonly #address: number;
  readonly #uses: readonly IndexUse[];
  readonly #made: PatternIndex[] = [];
  readonly #missing: ((use: IndexUse) => void) | null;

  constructor(
    store: PatternStore,
    address: number,
    uses: readonly IndexUse[],
    missing: ((use: IndexUse) => void) | null,
  ) {
    this.#store = store;
    this.#address = address;
    this.#uses = uses;
    this.#missing = missing;
  }

  /** The index for a matching method; the same for the same method and flag. */
  index(method: MatchMethod, ignoreCase: boolean): PatternIndex {
    let number = this.#find(method, ignoreCase);
    if (number < 0 && hasIndex(method)) {
      if (this.#missing === null) throw new Error(`the list has no index for the method '${method}'`);
      this.#missing({ method, ignoreCase });
      number = this.#find(method, ignoreCase);
    }
    const { view, key } = this.#store;
    const place = { view, reference: this.#address, number, key };
    if (number < 0) return createIndex(method, ignoreCase, place);
    return this.#made[number] ??= createIndex(method, ignoreCase, place);
  }

  /** Values of the entries with this text in the version that is matched; null for one that has none. */
  valuesOf(text: string): (string | null)[] {
    const { view } = this.#store;
    const version = view.word(this.#address, REFERENCE.current);
    if (view.word(version, VERSION.count) === 0) return [];
    return entriesOf(view, version, text, this.#store.hashOf(text)).map((entry) => valueOf(view, entry));
  }

  #find(method: MatchMethod, ignoreCase: boolean): number {
    return this.#uses.findIndex((use) => use.method === method && use.ignoreCase === ignoreCase);
  }
}

export class PatternStore {
  readonly view: ArenaView;
  readonly key: HashKey;
  readonly #text = new PatternKey();
  readonly #named = new Map<string, PatternList>();
  readonly #tests = new Map<AclTest, PatternList>();
  /** Who makes lists and indexes that are not there yet; null: everything was made before. */
  readonly #maker: PatternMaker | null;

  /** `view`: over the segments of `memory`, or the arena of the writer that lives in this thread, too. */
  constructor(view: ArenaView, key: HashKey, maker: PatternMaker | null) {
    this.view = view;
    this.key = key;
    this.#maker = maker;
  }

  /** The lists of a model, made by main. `sets`: of main itself, which can make more indexes of them. */
  static of(memory: PatternMemory, uses: PatternUses, sets: PatternSets | null = null): PatternStore {
    const store = new PatternStore(sets?.arena ?? new ArenaView(memory.segments), memory.key, null);
    const lists = uses.lists.map(({ name, uses }, i) => {
      const list = sets === null
        ? new PatternList(store, memory.addresses[i], indexesOf(uses), null)
        : new PatternList(store, sets.all[i].address, sets.all[i].indexes, (use) => sets.addIndex(sets.all[i], use));
      if (name !== "") store.#named.set(name, list);
      return list;
    });
    for (const [test, i] of uses.tests) store.#tests.set(test, lists[i]);
    return store;
  }

  /** The list of a file or virtual name; `map`: its lines have values. */
  named(name: string, map: boolean, description: string): PatternList {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name, map, description, -1, []);
    this.#named.set(name, made);
    return made;
  }

  /** A reader of a list of the writer that lives in this thread, too. */
  read(set: PatternSet): PatternList {
    return new PatternList(this, set.address, set.indexes, null);
  }

  /** The list of that name, if some expression uses one. */
  find(name: string): PatternList | undefined {
    return this.#named.get(name);
  }

  /** The hash of the text of an entry. */
  hashOf(text: string): number {
    this.#text.setText(text, SAME);
    return keyedHash(this.#text.bytes, 0, this.#text.byteCount, SAME, this.key);
  }

  /** The list of the patterns written in the line of a test. */
  inline(test: AclTest): PatternList {
    const known = this.#tests.get(test);
    if (known !== undefined) return known;
    const made = this.#make("", false, test.description, test.id, test.patterns);
    this.#tests.set(test, made);
    return made;
  }

  #make(name: string, map: boolean, description: string, id: number, patterns: readonly string[]): PatternList {
    if (this.#maker === null) throw new Error(`no list was made for ${name === "" ? description : `'${name}'`}`);
    return this.#maker.make(this, { name, map, description, id, patterns });
  }

  /** The value of an entry that an index found; null without. */
  value(entry: number): string | null {
    return valueOf(this.view, entry);
  }

  /** Copies the value to the start of `into`: its length, -1 when there is none or it does not fit. */
  copyValue(entry: number, into: Uint8Array): number {
    return copyValue(this.view, entry, into);
  }

  /** As copyValue(), of the pattern itself. */
  copyText(entry: number, into: Uint8Array): number {
    return copyText(this.view, entry, into);
  }
}

/** What a list begins with. */
interface NewList {
  readonly name: string;
  readonly map: boolean;
  readonly description: string;
  readonly id: number;
  readonly patterns: readonly string[];
}

/** Makes lists on demand, where reader and writer are the same thread. */
export class PatternMaker {
  readonly sets: PatternSets;
  readonly #files: Readonly<Record<string, Uint8Array>>;
  #nextId = 0;

  constructor(sets: PatternSets, files: Readonly<Record<string, Uint8Array>>) {
    this.sets = sets;
    this.#files = files;
  }

  store(): PatternStore {
    return new PatternStore(this.sets.arena, this.sets.key, this);
  }

  make(store: PatternStore, { name, map, description, id, patterns }: NewList): PatternList {
    const { sets } = this;
    while (id < 0 && sets.findId(this.#nextId) !== undefined) this.#nextId++;
    const known = name === "" ? undefined : sets.find(name);
    const set = known ?? sets.create({ name, id: id < 0 ? this.#nextId : id, map, description, uses: [] });
    if (typeof set === "string") throw new Error(set);
    const file = this.#files[name];
    if (known === undefined && file !== undefined) {
      for (const { pattern, value } of patternLines(file, map)) sets.add(set, 0, pattern, value);
    }
    for (const pattern of patterns) sets.add(set, 0, pattern, null);
    return new PatternList(store, set.address, set.indexes, (use) => sets.addIndex(set, use));
  }
}

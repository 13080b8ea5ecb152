// The lists and maps of a process as main changes them: it alone writes the arena that all threads read (layout.ts).
//
// A list (HAProxy's "pattern reference") is ordered entries under a name, in versions: the current one is matched, others
// are prepared and take its place at once (management.txt, "prepare map"). Every ACL or map converter that uses the list
// with the same matching method shares one index over it.
//
// Invariants: each index of a version holds exactly the entries of that version, in their order; a change that fails, for
// a pattern that an index refuses or for memory, has changed nothing; its cost does not depend on the number of entries.
import { type HashKey, keyedHash, keyedHashOfWords, parseIp } from "../../base/mod.ts";
import { Arena, LEAF, trieInsert, trieRemove, trieReserve } from "../../table/mod.ts";
import { parseInteger } from "../integers.ts";
import { type MatchMethod, type SampleType, T_ADDR, T_SINT } from "../types.ts";
import { hasIndex, keyPattern, PatternKey } from "./index.ts";
import {
  entriesOf,
  ENTRY,
  entryBytes,
  INDEX,
  INDEX_LEAF,
  indexAt,
  leafBytes,
  REFERENCE,
  TEXT_AT,
  textOf,
  VALUE,
  valueBytes,
  valueOf,
  VERSION,
  versionBytes,
  writeText,
} from "./layout.ts";
import { dropLength, shapeOf, takeLength, unlinkLeaf, versionTeardown } from "./links.ts";
import { SAME, usesTexts } from "./strings.ts";

/** Longest text and value, bytes. */
const LONGEST = 1 << 20;

/** Of a change: there is no memory for it now. Nothing was changed. */
export const NO_MEMORY = "Out of memory error.";

export interface IndexUse {
  readonly method: MatchMethod;
  readonly ignoreCase: boolean;
}

/** One ACL or converter that uses a list; `out`: the type of the values that a converter gives, null of an ACL. */
export interface ListUse extends IndexUse {
  readonly out: SampleType | null;
}

/** What there is to know of a list before it has entries. */
export interface ListSpec {
  /** Name of the file, "virt@..." or "" for the patterns written in an ACL. */
  readonly name: string;
  /** Number in the runtime API. */
  readonly id: number;
  /** Its entries have values. */
  readonly map: boolean;
  /** For people: who uses it. */
  readonly description: string;
  readonly uses: readonly ListUse[];
  /** What the configuration gives may be names of hosts, and other forms of addresses. */
  readonly resolve?: boolean;
}

/** One list. */
export class PatternSet {
  readonly name: string;
  readonly id: number;
  readonly map: boolean;
  readonly description: string;
  readonly uses: readonly ListUse[];
  readonly address: number;
  readonly indexes: IndexUse[];
  /** Addresses of the versions that have, or had, entries; and the current one. */
  readonly versions = new Map<number, number>();
  /** Version that is matched, and the last one prepared: unsigned 32-bit numbers that wrap. */
  current = 0;
  next = 0;
  /** Entries of all versions. */
  size = 0;

  constructor(spec: ListSpec, address: number) {
    this.name = spec.name;
    this.id = spec.id;
    this.map = spec.map;
    this.description = spec.description;
    this.uses = spec.uses;
    this.indexes = indexesOf(spec.uses);
    this.address = address;
  }

  /** An ACL uses it. */
  get acl(): boolean {
    return this.uses.some(({ out }) => out === null);
  }

  /** Whether a converter that uses the list can give the value. */
  accepts(value: string): boolean {
    return this.uses.every(({ out }) =>
      out === T_SINT ? value === "" || parseInteger(value) !== null : out !== T_ADDR || parseIp(value) !== null
    );
  }

  /** Whether a version was never prepared. */
  inFuture(version: number): boolean {
    return ((version - this.next) | 0) > 0;
  }
}

/** One index for each method and flag. */
export function indexesOf(uses: readonly IndexUse[]): IndexUse[] {
  const indexes: IndexUse[] = [];
  for (const { method, ignoreCase } of uses) {
    const known = indexes.some((use) => use.method === method && use.ignoreCase === ignoreCase);
    if (!known && hasIndex(method)) indexes.push({ method, ignoreCase });
  }
  return indexes;
}

/** An entry as commands show it. */
export interface EntryView {
  /** Names it as long as it is there. */
  readonly address: number;
  readonly text: string;
  readonly value: string | null;
}

/** Blocks and versions that nobody can find any more, until every thread has been through its event loop. */
export interface Retired {
  readonly blocks: readonly number[];
  readonly versions: readonly { readonly address: number; readonly indexes: number }[];
}

export class PatternSets {
  readonly arena: Arena;
  readonly key: HashKey;
  readonly all: PatternSet[] = [];
  readonly #named = new Map<string, PatternSet>();
  readonly #byId = new Map<number, PatternSet>();
  readonly #keys: PatternKey[] = [];
  readonly #texts = new PatternKey();
  #droppedVersions: { address: number; indexes: number }[] = [];
  readonly #teardowns: Generator<void>[] = [];
  #order = 0;
  #stamp = 0;
  /** Stands of listings under way: who removes an entry moves them on. */
  readonly #cursors = new Set<EntryCursor>();

  /** `limitBytes`: of the shared memory, in whole segments. */
  constructor(key: HashKey, limitBytes: number) {
    this.key = key;
    this.arena = new Arena(limitBytes);
    this.arena.grow();
    this.arena.usable = 1;
  }

  find(name: string): PatternSet | undefined {
    return this.#named.get(name);
  }

  findId(id: number): PatternSet | undefined {
    return this.#byId.get(id);
  }

  /** A new list without entries; a string is the reason why there is none. */
  create(spec: ListSpec): PatternSet | string {
    const address = this.arena.allocate(REFERENCE.bytes);
    if (address === 0) return NO_MEMORY;
    const set = new PatternSet(spec, address);
    const version = this.#version(set, 0);
    if (version === 0) return NO_MEMORY;
    this.arena.publish(address, REFERENCE.current, version);
    this.#stampNew(set);
    this.all.push(set);
    this.#byId.set(set.id, set);
    if (set.name !== "") this.#named.set(set.name, set);
    return set;
  }

  /** The address of a version, made when there is none; 0: no memory. */
  #version(set: PatternSet, version: number): number {
    const known = set.versions.get(version);
    if (known !== undefined) return known;
    const address = this.arena.allocate(versionBytes(set.indexes.length));
    if (address === 0) return 0;
    set.versions.set(version, address);
    return address;
  }

  /** What is matched is not what it was: readers look again. */
  #stampNew(set: PatternSet): void {
    this.#stamp = (this.#stamp + 1) | 0 || 1;
    this.arena.publish(set.address, REFERENCE.stamp, this.#stamp);
  }

  // ---- changes ----------------------------------------------------------------------------------------------------

  /** Appends an entry to a version; "" or the reason why not. */
  add(set: PatternSet, version: number, text: string, value: string | null): string {
    if (text.length > LONGEST || (value !== null && value.length > LONGEST)) return "The entry is too long.";
    if (value !== null && !set.accepts(value)) return `unable to parse '${value}'`;
    for (let i = 0; i < set.indexes.length; i++) {
      const { method, ignoreCase } = set.indexes[i];
      const problem = keyPattern(method, ignoreCase, text, this.#keyOf(i));
      if (problem !== null) return problem;
    }
    const at = this.#version(set, version);
    if (at === 0) return NO_MEMORY;
    const blocks = this.#blocks(set, text, value);
    if (blocks === null) return NO_MEMORY;
    this.#link(at, blocks[0], text);
    for (let i = 0; i < set.indexes.length; i++) this.#linkLeaf(at, i, blocks[0], blocks[2 + i]);
    this.#changed(set, at, 1);
    set.size++;
    return "";
  }

  #keyOf(index: number): PatternKey {
    return this.#keys[index] ??= new PatternKey();
  }

  /**
   * The blocks of a new entry, filled as far as nobody else is concerned: entry, value or 0, then a leaf or 0 for each
   * index; there is room for the nodes, too. Null: no memory, nothing was taken.
   */
  #blocks(set: PatternSet, text: string, value: string | null): number[] | null {
    const { arena } = this;
    const sizes = [entryBytes(text.length), value === null ? 0 : valueBytes(value.length)];
    set.indexes.forEach((use, i) => sizes.push(usesTexts(use) ? 0 : leafBytes(this.#keys[i].wordCount)));
    const blocks = sizes.map((bytes) => bytes === 0 ? 0 : arena.allocate(bytes));
    const failed = blocks.some((address, i) => address === 0 && sizes[i] !== 0) ||
      !trieReserve(arena, 1 + set.indexes.length) || !arena.ensure(16, set.indexes.length);
    if (failed) {
      blocks.forEach((address, i) => {
        if (address !== 0) arena.free(address, sizes[i]);
      });
      return null;
    }
    const entry = blocks[0];
    if (value !== null) this.#writeValue(blocks[1], value);
    arena.store(entry, ENTRY.value, blocks[1]);
    arena.store(entry, ENTRY.length, text.length);
    arena.store(entry, ENTRY.order, this.#order | 0);
    arena.store(entry, ENTRY.order + 1, Math.floor(this.#order / 2 ** 32));
    this.#order++;
    writeText(arena, entry, TEXT_AT, text);
    return blocks;
  }

  #writeValue(address: number, value: string): void {
    this.arena.store(address, VALUE.length, value.length);
    writeText(this.arena, address, VALUE.bytes, value);
  }

  /** Makes an entry the last of its version, and found by its text. */
  #link(version: number, entry: number, text: string): void {
    const { arena } = this;
    arena.store(entry, LEAF.hash, this.#hashOf(text));
    const last = arena.word(version, VERSION.last);
    arena.store(entry, ENTRY.before, last);
    if (last === 0) arena.publish(version, VERSION.first, entry);
    else arena.publish(last, ENTRY.after, entry);
    arena.store(version, VERSION.last, entry);
    trieInsert(arena, version, VERSION.texts, entry);
  }

  #hashOf(text: string): number {
    const key = this.#texts;
    key.setText(text, SAME);
    return keyedHash(key.bytes, 0, key.byteCount, SAME, this.key);
  }

  #linkLeaf(version: number, number: number, entry: number, leaf: number): void {
    if (leaf === 0) return;
    const { arena } = this;
    const key = this.#keys[number];
    const at = indexAt(number);
    arena.store(leaf, INDEX_LEAF.entry, entry);
    arena.store(leaf, INDEX_LEAF.shape, shapeOf(number, key));
    arena.store(leaf, INDEX_LEAF.sibling, arena.word(entry, ENTRY.leaves));
    arena.store(entry, ENTRY.leaves, leaf);
    if (key.ordered) {
      const last = arena.word(version, at + INDEX.last);
      arena.store(leaf, INDEX_LEAF.before, last);
      if (last === 0) arena.publish(version, at + INDEX.first, leaf);
      else arena.publish(last, INDEX_LEAF.after, leaf);
      arena.store(version, at + INDEX.last, leaf);
      return;
    }
    for (let i = 0; i < key.wordCount; i++) arena.store(leaf, INDEX_LEAF.key + i, key.words[i]);
    const hash = key.wordCount > 0
      ? keyedHashOfWords(key.words, key.wordCount, this.key)
      : keyedHash(key.bytes, 0, key.byteCount, key.table, this.key);
    arena.store(leaf, LEAF.hash, hash);
    trieInsert(arena, version, at + INDEX.trie, leaf);
    arena.publish(version, at + INDEX.hashed, arena.word(version, at + INDEX.hashed) + 1);
    if (key.length >= 0) takeLength(arena, version, at, key.length, key.six);
  }

  #changed(set: PatternSet, version: number, entries: number): void {
    const { arena } = this;
    arena.publish(version, VERSION.count, arena.word(version, VERSION.count) + entries);
    if (version === set.versions.get(set.current)) this.#stampNew(set);
  }

  /**
   * Sets the value of all entries with this text, of one version or else of every: how many there are, or why it cannot be.
   */
  set(set: PatternSet, text: string, value: string, only?: number): number | string {
    const entries: number[] = [];
    for (const version of versionsOf(set, only)) entries.push(...this.#entriesOf(version, text));
    if (entries.length === 0) return 0;
    const problem = this.#valueProblem(set, value);
    if (problem !== "") return problem;
    if (!this.arena.ensure(valueBytes(value.length), entries.length)) return NO_MEMORY;
    for (const entry of entries) this.#setValue(entry, value);
    return entries.length;
  }

  /** Sets the value of one entry: 1, 0 when it is none of this list, or why it cannot be. */
  setEntry(set: PatternSet, address: number, value: string): number | string {
    if (this.#versionOf(set, address) === 0) return 0;
    const problem = this.#valueProblem(set, value);
    if (problem !== "") return problem;
    if (!this.arena.ensure(valueBytes(value.length), 1)) return NO_MEMORY;
    this.#setValue(address, value);
    return 1;
  }

  #valueProblem(set: PatternSet, value: string): string {
    if (value.length > LONGEST) return "The entry is too long.";
    return set.accepts(value) ? "" : `unable to parse '${value}'`;
  }

  /** There is room for the value. */
  #setValue(entry: number, value: string): void {
    const { arena } = this;
    const block = arena.allocate(valueBytes(value.length));
    this.#writeValue(block, value);
    const old = arena.word(entry, ENTRY.value);
    arena.publish(entry, ENTRY.value, block);
    if (old !== 0) arena.retire(old, valueBytes(arena.word(old, VALUE.length)));
  }

  /** Removes all entries with this text, of one version or else of every: how many there were. */
  remove(set: PatternSet, text: string, only?: number): number {
    let count = 0;
    for (const version of versionsOf(set, only)) {
      for (const entry of this.#entriesOf(version, text)) {
        this.#unlink(set, version, entry);
        count++;
      }
    }
    return count;
  }

  /** Removes one entry; false when it is none of this list. */
  removeEntry(set: PatternSet, address: number): boolean {
    const version = this.#versionOf(set, address);
    if (version === 0) return false;
    this.#unlink(set, version, address);
    return true;
  }

  #unlink(set: PatternSet, version: number, entry: number): void {
    const { arena } = this;
    const after = arena.word(entry, ENTRY.after);
    const before = arena.word(entry, ENTRY.before);
    for (const cursor of this.#cursors) cursor.removed(entry, after);
    trieRemove(arena, version, VERSION.texts, entry);
    for (let leaf = arena.word(entry, ENTRY.leaves); leaf !== 0; leaf = arena.word(leaf, INDEX_LEAF.sibling)) {
      const { number, keyWords } = unlinkLeaf(arena, version, leaf);
      dropLength(arena, version, indexAt(number), set.indexes[number].method, entry, leaf);
      arena.retire(leaf, leafBytes(keyWords));
    }
    if (before === 0) arena.publish(version, VERSION.first, after);
    else arena.publish(before, ENTRY.after, after);
    if (after === 0) arena.store(version, VERSION.last, before);
    else arena.store(after, ENTRY.before, before);
    const value = arena.word(entry, ENTRY.value);
    if (value !== 0) arena.retire(value, valueBytes(arena.word(value, VALUE.length)));
    arena.retire(entry, entryBytes(arena.word(entry, ENTRY.length)));
    this.#changed(set, version, -1);
    set.size--;
  }

  // ---- versions -----------------------------------------------------------------------------------------------------

  /** Allocates a new version and returns its number. */
  prepare(set: PatternSet): number {
    return set.next = (set.next + 1) >>> 0;
  }

  /** Makes a prepared version the one that is matched, and drops those before it. "" or the reason why not. */
  commit(set: PatternSet, version: number): string {
    if (((version - set.current) | 0) <= 0 || set.inFuture(version)) return "Version number out of range.";
    const address = this.#version(set, version);
    if (address === 0) return NO_MEMORY;
    this.arena.publish(set.address, REFERENCE.current, address);
    this.#stampNew(set);
    set.current = version;
    for (const number of [...set.versions.keys()]) if (((number - version) | 0) < 0) this.#drop(set, number);
    return "";
  }

  /** Removes all entries of a version. "" or the reason why not. */
  clear(set: PatternSet, version: number): string {
    if (!set.versions.has(version)) return "";
    if (version !== set.current) {
      this.#drop(set, version);
      return "";
    }
    const address = this.arena.allocate(versionBytes(set.indexes.length));
    if (address === 0) return NO_MEMORY;
    this.arena.publish(set.address, REFERENCE.current, address);
    this.#stampNew(set);
    this.#drop(set, version);
    set.versions.set(version, address);
    return "";
  }

  /** A version that no reader will begin to read. */
  #drop(set: PatternSet, version: number): void {
    const address = set.versions.get(version)!;
    set.versions.delete(version);
    set.size -= this.arena.word(address, VERSION.count);
    for (const cursor of this.#cursors) cursor.dropped(address);
    this.#droppedVersions.push({ address, indexes: set.indexes.length });
  }

  // ---- memory ---------------------------------------------------------------------------------------------------------

  /** Whether there is something to seal. */
  get retired(): boolean {
    return this.worthReleasing(1);
  }

  /** Whether a version was dropped, or so many bytes. */
  worthReleasing(bytes: number): boolean {
    return this.arena.retiredBytes >= bytes || this.#droppedVersions.length > 0;
  }

  /** What was unlinked until now: to be released when every thread has been through its event loop. */
  seal(): Retired {
    const versions = this.#droppedVersions;
    this.#droppedVersions = [];
    return { blocks: this.arena.seal(), versions };
  }

  release({ blocks, versions }: Retired): void {
    this.arena.freeAll(blocks);
    for (const { address, indexes } of versions) {
      this.#teardowns.push(versionTeardown(this.arena, address, indexes));
    }
  }

  /** Frees what released versions held, in so many steps; false when nothing is left to do. */
  reclaim(steps: number): boolean {
    for (let i = 0; i < steps && this.#teardowns.length > 0; i++) {
      if (this.#teardowns[0].next().done) this.#teardowns.shift();
    }
    return this.#teardowns.length > 0;
  }

  /** One more index over a list that is in use; its cost is that of all entries. Those that it refuses are not in it. */
  addIndex(set: PatternSet, use: IndexUse): void {
    if (!hasIndex(use.method)) return;
    const { arena } = this;
    const number = set.indexes.length;
    for (const [version, old] of set.versions) {
      const address = arena.allocate(versionBytes(number + 1));
      if (address === 0) throw new Error(NO_MEMORY);
      for (let i = 0; i < indexAt(number); i++) arena.store(address, i, arena.word(old, i));
      const key = this.#keyOf(number);
      for (let entry = arena.word(address, VERSION.first); entry !== 0; entry = arena.word(entry, ENTRY.after)) {
        if (usesTexts(use) || keyPattern(use.method, use.ignoreCase, textOf(arena, entry), key) !== null) continue;
        const leaf = arena.allocate(leafBytes(key.wordCount));
        if (leaf === 0 || !trieReserve(arena, 1) || !arena.ensure(16, 1)) throw new Error(NO_MEMORY);
        this.#linkLeaf(address, number, entry, leaf);
      }
      if (version === set.current) arena.publish(set.address, REFERENCE.current, address);
      set.versions.set(version, address);
      arena.retire(old, versionBytes(number));
    }
    this.#stampNew(set);
    set.indexes.push(use);
  }

  // ---- looking --------------------------------------------------------------------------------------------------------

  /** Whether the current version has an entry with this text. */
  has(set: PatternSet, text: string): boolean {
    return this.#entriesOf(set.versions.get(set.current)!, text).length > 0;
  }

  /** An entry that an index of the list has found, and whether it was by trying one pattern after the other. */
  describe(set: PatternSet, entry: number, use: IndexUse): { pattern: string; value: string | null; ordered: boolean } {
    const pattern = textOf(this.arena, entry);
    const key = this.#keyOf(set.indexes.length);
    keyPattern(use.method, use.ignoreCase, pattern, key);
    return { pattern, value: valueOf(this.arena, entry), ordered: key.ordered };
  }

  /** Addresses of the entries of a version with this text. */
  #entriesOf(version: number, text: string): number[] {
    return entriesOf(this.arena, version, text, this.#hashOf(text));
  }

  /** The version that an entry of this list is in; 0 when the address is of none. */
  #versionOf(set: PatternSet, address: number): number {
    if (!this.arena.holds(address, TEXT_AT)) return 0;
    const length = this.arena.word(address, ENTRY.length);
    if (length < 0 || length > LONGEST || !this.arena.holds(address, TEXT_AT + length)) return 0;
    const text = textOf(this.arena, address);
    for (const version of set.versions.values()) if (this.#entriesOf(version, text).includes(address)) return version;
    return 0;
  }

  /** Listings that are open. */
  get listings(): number {
    return this.#cursors.size;
  }

  /** A listing of a version's entries, in order: it may pause while entries come and go. To be closed. */
  list(set: PatternSet, version: number): EntryCursor {
    const cursor = new EntryCursor(this.arena, set.versions.get(version) ?? 0, (done) => this.#cursors.delete(done));
    this.#cursors.add(cursor);
    return cursor;
  }
}

/** Addresses of one version, or of all. */
function versionsOf(set: PatternSet, only: number | undefined): Iterable<number> {
  if (only === undefined) return set.versions.values();
  const version = set.versions.get(only);
  return version === undefined ? [] : [version];
}

class EntryCursor {
  readonly #arena: Arena;
  readonly #version: number;
  readonly #onclose: (cursor: EntryCursor) => void;
  #at: number;

  constructor(arena: Arena, version: number, onclose: (cursor: EntryCursor) => void) {
    this.#arena = arena;
    this.#version = version;
    this.#at = version === 0 ? 0 : arena.word(version, VERSION.first);
    this.#onclose = onclose;
  }

  /** The next entry; null at the end. */
  next(): EntryView | null {
    const address = this.#at;
    if (address === 0) return null;
    this.#at = this.#arena.word(address, ENTRY.after);
    return { address, text: textOf(this.#arena, address), value: valueOf(this.#arena, address) };
  }

  removed(entry: number, after: number): void {
    if (this.#at === entry) this.#at = after;
  }

  dropped(version: number): void {
    if (this.#version === version) this.#at = 0;
  }

  close(): void {
    this.#onclose(this);
  }
}

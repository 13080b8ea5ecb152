// What a thread keeps of a list in its own memory: the patterns that are tried one after the other, in the form in which
// they are compared. It is brought up to date when the list has another stamp; what has not changed is kept.
import type { ArenaView } from "../../table/mod.ts";
import type { Sample } from "../types.ts";
import { latin1Slice } from "../../base/mod.ts";
import type { IndexPlace } from "./index.ts";
import { ENTRY, INDEX, INDEX_LEAF, indexAt, orderOf, REFERENCE, textOf, VERSION } from "./layout.ts";

/** Up to so many patterns comparing bytes is cheaper than hashing. */
const FEW = 8;

/** Tells whether what a list matches has changed since update(), at the cost of reading one word. */
export class ListWatch {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #at: number;
  #stamp = 0;

  constructor({ view, reference }: IndexPlace) {
    this.#words = view.wordsOf(reference);
    this.#at = view.wordAt(reference);
  }

  get changed(): boolean {
    return this.#words[this.#at + REFERENCE.stamp] !== this.#stamp;
  }

  /** The version that is matched. */
  get version(): number {
    return this.#words[this.#at + REFERENCE.current];
  }

  /** What is read after this is at least as new as the stamp. */
  update(): number {
    this.#stamp = Atomics.load(this.#words, this.#at + REFERENCE.stamp);
    return this.version;
  }
}

/** The entries of a version in order; null when there are more than a few. */
export function fewEntries(view: ArenaView, version: number): number[] | null {
  const entries: number[] = [];
  for (let entry = view.word(version, VERSION.first); entry !== 0; entry = view.word(entry, ENTRY.after)) {
    if (entries.length === FEW) return null;
    entries.push(entry);
  }
  return entries;
}

/** A few whole patterns as bytes, from the longest to the shortest; given up when there are more. */
export class FewPatterns {
  /** Whether every pattern of the list is here. */
  complete = true;
  #items: { readonly entry: number; readonly order: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  readonly #table: Uint8Array;

  constructor(table: Uint8Array) {
    this.#table = table;
  }

  /** The patterns of this version now. */
  update(view: ArenaView, version: number): void {
    const entries = fewEntries(view, version);
    this.#items = [];
    this.complete = entries !== null;
    for (const entry of entries ?? []) {
      const text = textOf(view, entry);
      const bytes = Uint8Array.from({ length: text.length }, (_, i) => this.#table[text.charCodeAt(i)]);
      this.#items.push({ entry, order: orderOf(view, entry), bytes });
    }
    this.#items.sort((a, b) => b.bytes.length - a.bytes.length);
  }

  /** The first pattern that is all of the sample. */
  equal(sample: Sample): number {
    const length = sample.to - sample.from;
    for (let i = 0; i < this.#items.length; i++) {
      const { entry, bytes } = this.#items[i];
      if (bytes.length === length && this.#matches(bytes, sample.bytes, sample.from)) return entry;
    }
    return 0;
  }

  /** The longest pattern that the sample begins with, or the first that it ends with. */
  edge(sample: Sample, atEnd: boolean): number {
    const length = sample.to - sample.from;
    let first = 0;
    let order = Infinity;
    for (let i = 0; i < this.#items.length; i++) {
      const item = this.#items[i];
      const { bytes } = item;
      if (bytes.length > length) continue;
      if (!this.#matches(bytes, sample.bytes, atEnd ? sample.to - bytes.length : sample.from)) continue;
      if (!atEnd) return item.entry;
      if (item.order < order) {
        first = item.entry;
        order = item.order;
      }
    }
    return first;
  }

  #matches(pattern: Uint8Array<ArrayBuffer>, bytes: Uint8Array, from: number): boolean {
    const table = this.#table;
    for (let i = 0, j = from; i < pattern.length; i++, j++) if (table[bytes[j]] !== pattern[i]) return false;
    return true;
  }
}

/** A pattern of an ordered index. `form` is undefined until it is needed. */
export interface OrderedItem<T> {
  entry: number;
  readonly order: number;
  form: T | undefined;
}

/** The patterns of an index that are tried in their order. */
export class OrderedPatterns<T> {
  items: OrderedItem<T>[] = [];

  /** Brings `items` up to date with this version; those that stay keep their form. */
  update(view: ArenaView, version: number, number: number): void {
    const { items } = this;
    // Both are in the order of the entries: what is not in both is new, or gone.
    let kept = 0;
    let old = 0;
    const added: OrderedItem<T>[] = [];
    let leaf = view.word(version, indexAt(number) + INDEX.first);
    for (; leaf !== 0; leaf = view.word(leaf, INDEX_LEAF.after)) {
      const entry = view.word(leaf, INDEX_LEAF.entry);
      const order = orderOf(view, entry);
      while (old < items.length && items[old].order < order) old++;
      if (old < items.length && items[old].order === order) items[kept++] = items[old++];
      else added.push({ entry, order, form: undefined });
    }
    items.length = kept;
    // Entries only come behind all others.
    for (const item of added) items.push(item);
  }
}

/** The bytes of a sample as a text. */
export function sampleBytesText(sample: Sample): string {
  return latin1Slice(sample.bytes, sample.from, sample.to);
}

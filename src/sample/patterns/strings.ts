// Indexes of whole strings and their ends: str, beg, end and bin (configuration.txt 7.1.3 and 7.1.5).
import { HEX_VALUE, keyedHash, LOWER } from "../../base/mod.ts";
import { type ArenaView, LEAF, trieFind } from "../../table/mod.ts";
import type { MatchMethod, Sample } from "../types.ts";
import { FewPatterns, ListWatch } from "./few.ts";
import type { IndexPlace, PatternIndex, PatternKey } from "./index.ts";
import { ENTRY, INDEX, INDEX_LEAF, indexAt, LENGTH, orderOf, REFERENCE, TEXT_AT, VERSION } from "./layout.ts";

/** Each byte as it is. */
export const SAME: Uint8Array<ArrayBuffer> = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Whether the text of an entry is `length` bytes of a sample, both through a table. */
function isText(
  view: ArenaView,
  entry: number,
  sample: Uint8Array,
  from: number,
  length: number,
  table: Uint8Array,
): boolean {
  if (view.word(entry, ENTRY.length) !== length) return false;
  const bytes = view.bytesOf(entry);
  const at = view.byteAt(entry) + TEXT_AT;
  for (let i = 0; i < length; i++) if (table[bytes[at + i]] !== table[sample[from + i]]) return false;
  return true;
}

/** Whether an index needs no leaves of its own: the texts of the version answer it. */
export function usesTexts(
  { method, ignoreCase }: { readonly method: MatchMethod; readonly ignoreCase: boolean },
): boolean {
  return method === "str" && !ignoreCase;
}

/** The first of the leaves of an index whose entry has this text; 0 without. */
function findText(
  place: IndexPlace,
  version: number,
  sample: Uint8Array,
  from: number,
  to: number,
  table: Uint8Array,
): number {
  const { view } = place;
  const hash = keyedHash(sample, from, to, table, place.key);
  let leaf = trieFind(view, version, indexAt(place.number) + INDEX.trie, hash);
  for (; leaf !== 0; leaf = view.word(leaf, LEAF.next)) {
    const entry = view.word(leaf, INDEX_LEAF.entry);
    if (isText(view, entry, sample, from, to - from, table)) return entry;
  }
  return 0;
}

export class ExactIndex implements PatternIndex {
  readonly #place: IndexPlace;
  readonly #table: Uint8Array;
  readonly #few: FewPatterns;
  readonly #watch: ListWatch;

  constructor(place: IndexPlace, ignoreCase: boolean) {
    this.#place = place;
    this.#table = ignoreCase ? LOWER : SAME;
    this.#few = new FewPatterns(this.#table);
    this.#watch = new ListWatch(place);
  }

  match(sample: Sample): number {
    if (this.#watch.changed) this.#few.update(this.#place.view, this.#watch.update());
    if (this.#few.complete) return this.#few.equal(sample);
    const { version } = this.#watch;
    const { bytes, from, to } = sample;
    return this.#table === SAME
      ? this.#findExact(version, bytes, from, to)
      : findText(this.#place, version, bytes, from, to, this.#table);
  }

  #findExact(version: number, bytes: Uint8Array, from: number, to: number): number {
    const { view, key } = this.#place;
    let entry = trieFind(view, version, VERSION.texts, keyedHash(bytes, from, to, SAME, key));
    for (; entry !== 0; entry = view.word(entry, LEAF.next)) {
      if (isText(view, entry, bytes, from, to - from, SAME)) return entry;
    }
    return 0;
  }
}

/**
 * Prefixes or suffixes: one look for each length in use. Of prefixes the longest that matches is found, of suffixes the
 * first (configuration.txt 7.3.1, "map").
 */
export class EdgeIndex implements PatternIndex {
  readonly #place: IndexPlace;
  readonly #table: Uint8Array;
  readonly #atEnd: boolean;
  readonly #few: FewPatterns;
  readonly #watch: ListWatch;

  constructor(place: IndexPlace, ignoreCase: boolean, atEnd: boolean) {
    this.#place = place;
    this.#table = ignoreCase ? LOWER : SAME;
    this.#atEnd = atEnd;
    this.#few = new FewPatterns(this.#table);
    this.#watch = new ListWatch(place);
  }

  match(sample: Sample): number {
    if (this.#watch.changed) this.#few.update(this.#place.view, this.#watch.update());
    return this.#few.complete ? this.#few.edge(sample, this.#atEnd) : this.#find(this.#watch.version, sample);
  }

  #find(version: number, sample: Sample): number {
    const { view, number } = this.#place;
    const size = sample.to - sample.from;
    let first = 0;
    let order = Infinity;
    let used = view.word(version, indexAt(number) + INDEX.lengths);
    for (; used !== 0; used = view.word(used, LENGTH.next)) {
      const length = view.word(used, LENGTH.length);
      if (length > size) continue;
      const from = this.#atEnd ? sample.to - length : sample.from;
      const found = findText(this.#place, version, sample.bytes, from, from + length, this.#table);
      if (found === 0) continue;
      if (!this.#atEnd) return found;
      const place = orderOf(view, found);
      if (place < order) {
        first = found;
        order = place;
      }
    }
    return first;
  }
}

// ---- byte strings written in hexadecimal ----------------------------------------------------------------------------

/** Keys a pattern by its bytes; a string is the reason why it is none. */
export function keyBinary(text: string, key: PatternKey): string | null {
  const bytes = decodeHex(text);
  if (typeof bytes !== "string") return bytes.reason;
  key.setText(bytes, SAME);
  return null;
}

/** The bytes (one code unit each) of hexadecimal digits, or why there are none. */
export function decodeHex(text: string): string | { readonly reason: string } {
  const bad = /[^0-9A-Fa-f]/.exec(text);
  if (text.length % 2 !== 0) return { reason: "an even number of hex digit is expected" };
  if (bad !== null) return { reason: `an hex digit is expected (found '${bad[0]}')` };
  let bytes = "";
  for (let i = 0; i < text.length; i += 2) bytes += String.fromCharCode(parseInt(text.slice(i, i + 2), 16));
  return bytes;
}

export class BinaryIndex implements PatternIndex {
  readonly #place: IndexPlace;

  constructor(place: IndexPlace) {
    this.#place = place;
  }

  match(sample: Sample): number {
    const { view, reference, number, key } = this.#place;
    const version = view.word(reference, REFERENCE.current);
    const { bytes, from, to } = sample;
    if (view.word(version, VERSION.count) === 0) return 0;
    let leaf = trieFind(view, version, indexAt(number) + INDEX.trie, keyedHash(bytes, from, to, SAME, key));
    for (; leaf !== 0; leaf = view.word(leaf, LEAF.next)) {
      const entry = view.word(leaf, INDEX_LEAF.entry);
      if (this.#writes(entry, bytes, from, to)) return entry;
    }
    return 0;
  }

  /** Whether the digits of an entry write these bytes. */
  #writes(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const { view } = this.#place;
    if (view.word(entry, ENTRY.length) !== 2 * (to - from)) return false;
    const digits = view.bytesOf(entry);
    let at = view.byteAt(entry) + TEXT_AT;
    for (let i = from; i < to; i++, at += 2) {
      if (bytes[i] !== (HEX_VALUE[digits[at]] << 4 | HEX_VALUE[digits[at + 1]])) return false;
    }
    return true;
  }
}

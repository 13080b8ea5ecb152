// How pattern lists lie in the arena: words of each kind of block. Main writes (sets.ts), every thread reads.
//
//   reference -> version -> entries, in order, each with its value
//                        -> texts: a trie of the entries by their text
//                        -> one index for each matching method in use: tries and ordered leaves that point to entries
//
// A reference is one list (a file, a virtual name, the patterns of one ACL line). Its word `current` is the version that
// is matched: committing another is one store.
import { type Arena, type ArenaView, LEAF, trieFind } from "../../table/mod.ts";
import { latin1Slice } from "../../base/mod.ts";

/** `stamp`: another number after each change of what is matched, never twice the same, never 0. */
export const REFERENCE = { current: 0, stamp: 1, bytes: 16 } as const;

/** The writer alone reads `last`. */
export const VERSION = { count: 1, first: 2, last: 3, texts: 4, indexes: 8 } as const;

/** Words of one index. `lengths`: lengths in use of texts (beg, end), or prefix lengths of IPv4; `lengths6`: of IPv6. */
export const INDEX = { trie: 0, hashed: 1, first: 2, last: 3, lengths: 4, lengths6: 5, words: 8 } as const;

/** An entry is a leaf of `texts`. `order`, two words, grows with each entry that was ever made. */
export const ENTRY = {
  after: 3,
  before: 4,
  order: 5,
  value: 7,
  /** Bytes of the text. */
  length: 8,
  /** Its leaves in the indexes, linked by `sibling`. */
  leaves: 9,
  text: 12,
} as const;

/** A leaf of an index. `shape`: the number of the index, and above 8 bits the number of key words. */
export const INDEX_LEAF = { entry: 3, sibling: 4, after: 5, before: 6, shape: 7, key: 8 } as const;

/** A length in use and how many entries have it; from the longest to the shortest. */
export const LENGTH = { length: 0, count: 1, next: 2, bytes: 16 } as const;

/** A value: its length, then its bytes. */
export const VALUE = { length: 0, bytes: 4 } as const;

export const TEXT_AT: number = ENTRY.text * 4;

export function versionBytes(indexes: number): number {
  return (VERSION.indexes + indexes * INDEX.words) * 4;
}

export function entryBytes(length: number): number {
  return TEXT_AT + length;
}

export function leafBytes(keyWords: number): number {
  return (INDEX_LEAF.key + keyWords) * 4;
}

export function valueBytes(length: number): number {
  return VALUE.bytes + length;
}

/** First word of an index in its version. */
export function indexAt(number: number): number {
  return VERSION.indexes + number * INDEX.words;
}

// ---- reading entries ----------------------------------------------------------------------------------------------

export function orderOf(view: ArenaView, entry: number): number {
  const words = view.wordsOf(entry);
  const at = view.wordAt(entry) + ENTRY.order;
  return words[at + 1] * 2 ** 32 + (words[at] >>> 0);
}

/** The text of an entry, one code unit a byte. */
export function textOf(view: ArenaView, entry: number): string {
  const at = view.byteAt(entry) + TEXT_AT;
  return latin1Slice(view.bytesOf(entry), at, at + view.word(entry, ENTRY.length));
}

/** Addresses of the entries of a version with this text, whose hash is given. */
export function entriesOf(view: ArenaView, version: number, text: string, hash: number): number[] {
  const found: number[] = [];
  let entry = trieFind(view, version, VERSION.texts, hash);
  for (; entry !== 0; entry = view.word(entry, LEAF.next)) {
    if (view.word(entry, ENTRY.length) === text.length && textOf(view, entry) === text) found.push(entry);
  }
  return found;
}

/** The value of an entry; null without. */
export function valueOf(view: ArenaView, entry: number): string | null {
  const value = view.word(entry, ENTRY.value);
  if (value === 0) return null;
  const at = view.byteAt(value) + VALUE.bytes;
  return latin1Slice(view.bytesOf(value), at, at + view.word(value, VALUE.length));
}

/** Copies the value of an entry to the start of `into`: its length, -1 when there is none or it does not fit. */
export function copyValue(view: ArenaView, entry: number, into: Uint8Array): number {
  const value = view.word(entry, ENTRY.value);
  if (value === 0) return -1;
  return copy(view.bytesOf(value), view.byteAt(value) + VALUE.bytes, view.word(value, VALUE.length), into);
}

/** As copyValue(), of the text. */
export function copyText(view: ArenaView, entry: number, into: Uint8Array): number {
  return copy(view.bytesOf(entry), view.byteAt(entry) + TEXT_AT, view.word(entry, ENTRY.length), into);
}

function copy(bytes: Uint8Array, from: number, length: number, into: Uint8Array): number {
  if (length > into.length) return -1;
  for (let i = 0; i < length; i++) into[i] = bytes[from + i];
  return length;
}

/** Writes the low bytes of a text into a block. */
export function writeText(arena: Arena, address: number, at: number, text: string): void {
  const bytes = arena.bytesOf(address);
  const from = arena.byteAt(address) + at;
  for (let i = 0; i < text.length; i++) bytes[from + i] = text.charCodeAt(i);
}

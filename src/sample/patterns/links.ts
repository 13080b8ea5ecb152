// How the writer takes leaves in and out of the indexes of a version, and a dropped version apart (layout.ts).
import { type Arena, trieRemove, trieTeardown } from "../../table/mod.ts";
import type { MatchMethod } from "../types.ts";
import type { PatternKey } from "./index.ts";
import {
  ENTRY,
  entryBytes,
  INDEX,
  INDEX_LEAF,
  indexAt,
  leafBytes,
  LENGTH,
  VALUE,
  valueBytes,
  VERSION,
  versionBytes,
} from "./layout.ts";

const ORDERED = 1 << 30;
/** Words of the key of an IPv6 network. */
const SIX_WORDS = 5;

/** The word `shape` of a leaf: the number of its index, the words of its key, whether it is tried in its order. */
export function shapeOf(number: number, key: PatternKey): number {
  return number | key.wordCount << 8 | (key.ordered ? ORDERED : 0);
}

function keyWordsOf(shape: number): number {
  return (shape & ~ORDERED) >>> 8;
}

/** Takes a leaf out of its index; its block stays. */
export function unlinkLeaf(arena: Arena, version: number, leaf: number): { number: number; keyWords: number } {
  const shape = arena.word(leaf, INDEX_LEAF.shape);
  const number = shape & 255;
  const at = indexAt(number);
  if ((shape & ORDERED) === 0) {
    trieRemove(arena, version, at + INDEX.trie, leaf);
    arena.publish(version, at + INDEX.hashed, arena.word(version, at + INDEX.hashed) - 1);
  } else {
    const after = arena.word(leaf, INDEX_LEAF.after);
    const before = arena.word(leaf, INDEX_LEAF.before);
    if (before === 0) arena.publish(version, at + INDEX.first, after);
    else arena.publish(before, INDEX_LEAF.after, after);
    if (after === 0) arena.store(version, at + INDEX.last, before);
    else arena.store(after, INDEX_LEAF.before, before);
  }
  return { number, keyWords: keyWordsOf(shape) };
}

// ---- lengths in use -------------------------------------------------------------------------------------------------

/** The word of an index where a list of lengths begins. */
function lengthsAt(at: number, six: boolean): number {
  return at + (six ? INDEX.lengths6 : INDEX.lengths);
}

/** One more pattern has this length. Room for a block was made. */
export function takeLength(arena: Arena, version: number, at: number, length: number, six: boolean): void {
  let owner = version;
  let word = lengthsAt(at, six);
  let used = arena.word(owner, word);
  while (used !== 0 && arena.word(used, LENGTH.length) > length) {
    owner = used;
    word = LENGTH.next;
    used = arena.word(owner, word);
  }
  if (used !== 0 && arena.word(used, LENGTH.length) === length) {
    arena.store(used, LENGTH.count, arena.word(used, LENGTH.count) + 1);
    return;
  }
  const added = arena.allocate(LENGTH.bytes);
  if (added === 0) throw new Error("room for a length was not made");
  arena.store(added, LENGTH.length, length);
  arena.store(added, LENGTH.count, 1);
  arena.store(added, LENGTH.next, used);
  arena.publish(owner, word, added);
}

/** The pattern of a leaf just taken out does not have its length any more. */
export function dropLength(
  arena: Arena,
  version: number,
  at: number,
  method: MatchMethod,
  entry: number,
  leaf: number,
): void {
  const shape = arena.word(leaf, INDEX_LEAF.shape);
  if ((shape & ORDERED) !== 0) return;
  if (method === "beg" || method === "end") dropOne(arena, version, at, arena.word(entry, ENTRY.length), false);
  else if (method === "ip") {
    dropOne(arena, version, at, arena.word(leaf, INDEX_LEAF.key), keyWordsOf(shape) === SIX_WORDS);
  }
}

function dropOne(arena: Arena, version: number, at: number, length: number, six: boolean): void {
  let owner = version;
  let word = lengthsAt(at, six);
  let used = arena.word(owner, word);
  while (arena.word(used, LENGTH.length) !== length) {
    owner = used;
    word = LENGTH.next;
    used = arena.word(owner, word);
  }
  const count = arena.word(used, LENGTH.count) - 1;
  arena.store(used, LENGTH.count, count);
  if (count > 0) return;
  arena.publish(owner, word, arena.word(used, LENGTH.next));
  arena.retire(used, LENGTH.bytes);
}

// ---- the end of a version -------------------------------------------------------------------------------------------

/** Frees a version that no reader can see any more, and all that it holds, in steps. */
export function* versionTeardown(arena: Arena, version: number, indexes: number): Generator<void> {
  yield* trieTeardown(arena, arena.word(version, VERSION.texts));
  for (let number = 0; number < indexes; number++) {
    const at = indexAt(number);
    yield* trieTeardown(arena, arena.word(version, at + INDEX.trie));
    for (const six of [false, true]) {
      let used = arena.word(version, lengthsAt(at, six));
      while (used !== 0) {
        const next = arena.word(used, LENGTH.next);
        arena.free(used, LENGTH.bytes);
        used = next;
      }
    }
  }
  let entry = arena.word(version, VERSION.first);
  while (entry !== 0) {
    const after = arena.word(entry, ENTRY.after);
    let leaf = arena.word(entry, ENTRY.leaves);
    while (leaf !== 0) {
      const sibling = arena.word(leaf, INDEX_LEAF.sibling);
      arena.free(leaf, leafBytes(keyWordsOf(arena.word(leaf, INDEX_LEAF.shape))));
      leaf = sibling;
    }
    const value = arena.word(entry, ENTRY.value);
    if (value !== 0) arena.free(value, valueBytes(arena.word(value, VALUE.length)));
    arena.free(entry, entryBytes(arena.word(entry, ENTRY.length)));
    entry = after;
    yield;
  }
  arena.free(version, versionBytes(indexes));
}

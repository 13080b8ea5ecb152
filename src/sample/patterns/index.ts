// Matching methods (configuration.txt 7.1): how each keys the patterns of a list, and what answers its matches in a thread.
// Exact strings are hashed, prefixes and suffixes hashed by length, addresses by prefix length, integers by value;
// ranges, substrings, subdirs, domains and regexes are tried in order.
import { type HashKey, LOWER } from "../../base/mod.ts";
import type { ArenaView } from "../../table/mod.ts";
import { type MatchMethod, type Sample, type SampleType, T_ADDR, T_ANY, T_BIN, T_SINT, T_STR } from "../types.ts";
import { AddressIndex, keyAddress } from "./addresses.ts";
import { BoundaryIndex, RegexIndex, regexProblem, SubstringIndex } from "./ordered.ts";
import { IntegerIndex, keyNumber, LengthIndex } from "./numbers.ts";
import { BinaryIndex, EdgeIndex, ExactIndex, keyBinary, SAME } from "./strings.ts";

/** What answers matches of one method over one list, in one thread. */
export interface PatternIndex {
  /**
   * The address of an entry, 0 without: of several that match the finest, or the first in order. The sample has the type
   * that INPUT_TYPES asks for.
   */
  match(sample: Sample): number;
}

/** What an index needs: the memory, the reference of its list, its number among the list's indexes. */
export interface IndexPlace {
  readonly view: ArenaView;
  readonly reference: number;
  readonly number: number;
  readonly key: HashKey;
}

/** How a pattern is found by a method. */
export class PatternKey {
  /** It is tried in its order. */
  ordered = false;
  /** Else: it is hashed. Its key is kept in these words, or, when there are none, made of the text again. */
  readonly words: Int32Array = new Int32Array(5);
  wordCount = 0;
  /** Without words: the key is `bytes[0, length)` through `table`. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  byteCount = 0;
  table: Uint8Array = SAME;
  /** The length that readers look for it under; -1: they need none. */
  length = -1;
  /** That length is one of an IPv6 prefix. */
  six = false;

  /** Back to a pattern that is tried in its order. */
  reset(): void {
    this.ordered = true;
    this.wordCount = 0;
    this.byteCount = 0;
    this.table = SAME;
    this.length = -1;
    this.six = false;
  }

  /** The key is this text. */
  setText(text: string, table: Uint8Array): void {
    this.ordered = false;
    this.table = table;
    if (this.bytes.length < text.length) this.bytes = new Uint8Array(text.length * 2);
    for (let i = 0; i < text.length; i++) this.bytes[i] = text.charCodeAt(i);
    this.byteCount = text.length;
  }
}

/** Type a sample is cast to before it is matched; T_ANY: left as it is. */
export const INPUT_TYPES: Readonly<Record<MatchMethod, SampleType>> = {
  found: T_ANY,
  // Anything that is a number.
  bool: T_SINT,
  int: T_SINT,
  dotted: T_SINT,
  ip: T_ADDR,
  bin: T_BIN,
  len: T_STR,
  str: T_STR,
  sub: T_STR,
  reg: T_STR,
  beg: T_STR,
  end: T_STR,
  dir: T_STR,
  dom: T_STR,
};

/** Whether a method has an index at all: of the others, whatever is written is accepted and says nothing (7.1.1). */
export function hasIndex(method: MatchMethod): boolean {
  return method !== "found" && method !== "bool";
}

/** Fills `key` for a pattern; a string is the reason why the method refuses it. */
export function keyPattern(method: MatchMethod, ignoreCase: boolean, text: string, key: PatternKey): string | null {
  key.reset();
  switch (method) {
    case "found":
    case "bool":
    case "sub":
    case "dir":
    case "dom":
      return null;
    case "reg":
      return regexProblem(text, ignoreCase);
    case "str":
      key.setText(text, ignoreCase ? LOWER : SAME);
      return null;
    case "beg":
    case "end":
      key.setText(text, ignoreCase ? LOWER : SAME);
      key.length = text.length;
      return null;
    case "bin":
      return keyBinary(text, key);
    case "int":
    case "len":
      return keyNumber(text, false, key);
    case "dotted":
      return keyNumber(text, true, key);
    case "ip":
      return keyAddress(text, key);
  }
}

export function createIndex(method: MatchMethod, ignoreCase: boolean, place: IndexPlace): PatternIndex {
  switch (method) {
    case "found":
    case "bool":
      return NOTHING;
    case "int":
      return new IntegerIndex(place, false);
    case "dotted":
      return new IntegerIndex(place, true);
    case "ip":
      return new AddressIndex(place);
    case "bin":
      return new BinaryIndex(place);
    case "len":
      return new LengthIndex(place);
    case "str":
      return new ExactIndex(place, ignoreCase);
    case "sub":
      return new SubstringIndex(place, ignoreCase);
    case "reg":
      return new RegexIndex(place, ignoreCase);
    case "beg":
      return new EdgeIndex(place, ignoreCase, false);
    case "end":
      return new EdgeIndex(place, ignoreCase, true);
    case "dir":
      return new BoundaryIndex(place, ignoreCase, "/?");
    case "dom":
      return new BoundaryIndex(place, ignoreCase, "/?.:");
  }
}

const NOTHING: PatternIndex = { match: () => 0 };

// Indexes over pattern lists: one for each matching method (configuration.txt 7.1). Exact strings are hashed, prefixes
// and suffixes hashed by length, addresses by prefix length, integers by value with a list of ranges; substrings, subdirs,
// domains and regexes are tried in order.
import { type MatchMethod, type Sample, type SampleType, T_ADDR, T_ANY, T_BIN, T_SINT, T_STR } from "../types.ts";
import { AddressIndex } from "./addresses.ts";
import { LengthIndex, NumberIndex } from "./numbers.ts";
import type { PatternEntry } from "./store.ts";
import { BinaryIndex, BoundaryIndex, EdgeIndex, ExactIndex, RegexIndex, SubstringIndex } from "./strings.ts";

/** What answers matches of one method over one list. Of several that match, the finest or the first in order is found. */
export interface PatternIndex {
  /** Null, or the reason why the pattern is refused. */
  add(entry: PatternEntry): string | null;
  remove(entry: PatternEntry): void;
  clear(): void;
  /** The sample has the type that INPUT_TYPES asks for. */
  match(sample: Sample): PatternEntry | null;
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

export function createIndex(method: MatchMethod, ignoreCase: boolean): PatternIndex {
  switch (method) {
    case "found":
    case "bool":
      return new IgnoredIndex();
    case "int":
      return new NumberIndex(false);
    case "dotted":
      return new NumberIndex(true);
    case "ip":
      return new AddressIndex();
    case "bin":
      return new BinaryIndex();
    case "len":
      return new LengthIndex();
    case "str":
      return new ExactIndex(ignoreCase);
    case "sub":
      return new SubstringIndex(ignoreCase);
    case "reg":
      return new RegexIndex(ignoreCase);
    case "beg":
      return new EdgeIndex(ignoreCase, false);
    case "end":
      return new EdgeIndex(ignoreCase, true);
    case "dir":
      return new BoundaryIndex(ignoreCase, "/?");
    case "dom":
      return new BoundaryIndex(ignoreCase, "/?.:");
  }
}

/** Methods without patterns: whatever is written is accepted and says nothing (configuration.txt 7.1.1). */
class IgnoredIndex implements PatternIndex {
  add(): null {
    return null;
  }
  remove(): void {}
  clear(): void {}
  match(): null {
    return null;
  }
}

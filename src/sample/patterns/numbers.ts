// Indexes of integers, versions and lengths: values and ranges (configuration.txt 7.1.2). A pattern is "5", "4:8", "4:" or
// ":8"; the operators eq ge gt le lt are turned into ranges when an ACL is parsed (rangeOf). A version "3.1" is the integer
// 3 * 65536 + 1.
import { keyedHashOfWords } from "../../base/mod.ts";
import { LEAF, trieFind } from "../../table/mod.ts";
import { add, type Integer, parseInteger, subtract } from "../integers.ts";
import type { Sample } from "../types.ts";
import { fewEntries, ListWatch, OrderedPatterns } from "./few.ts";
import type { IndexPlace, PatternIndex, PatternKey } from "./index.ts";
import { INDEX, INDEX_LEAF, indexAt, orderOf, textOf } from "./layout.ts";

/** Both ends belong to it; null: none. */
interface Range {
  readonly low: Integer | null;
  readonly high: Integer | null;
}

export const OPERATORS = ["eq", "ge", "gt", "le", "lt"] as const;
export type Operator = (typeof OPERATORS)[number];

function parseRange(text: string, dotted: boolean): Range | string {
  const number = dotted ? "a dotted number" : "a number";
  const colon = text.indexOf(":");
  if (colon < 0) {
    const value = parseValue(text, dotted);
    return value === null ? `'${text}' is not ${number}` : { low: value, high: value };
  }
  const low = text.slice(0, colon) === "" ? null : parseValue(text.slice(0, colon), dotted);
  const high = text.slice(colon + 1) === "" ? null : parseValue(text.slice(colon + 1), dotted);
  const lowBad = low === null && colon > 0;
  const highBad = high === null && colon + 1 < text.length;
  if (lowBad || highBad || (low === null && high === null) || (low !== null && high !== null && low > high)) {
    return `'${text}' is not a valid ${dotted ? "version" : "number"} range`;
  }
  return { low, high };
}

function parseValue(text: string, dotted: boolean): Integer | null {
  if (!dotted) return parseInteger(text);
  const found = /^([0-9]{1,5})(?:\.([0-9]{1,5}))?$/.exec(text);
  if (found === null) return null;
  const minor = Number(found[2] ?? 0);
  return minor > 65535 ? null : Number(found[1]) * 65536 + minor;
}

/** The pattern that an operator makes of a value or range: "ge 5" is "5:". An object is an error. */
export function applyOperator(
  operator: Operator,
  text: string,
  dotted: boolean,
): string | { readonly reason: string } {
  if (operator === "eq") return text;
  const range = parseRange(text, dotted);
  if (typeof range === "string") return { reason: `'${text}' is neither a number nor a supported operator` };
  const low = range.low ?? range.high!;
  const high = range.high ?? range.low!;
  switch (operator) {
    case "ge":
      return `${write(low, dotted)}:`;
    case "gt":
      return `${write(add(low, 1), dotted)}:`;
    case "le":
      return `:${write(high, dotted)}`;
    case "lt":
      return `:${write(subtract(high, 1), dotted)}`;
  }
}

function write(value: Integer, dotted: boolean): string {
  return dotted ? `${Number(value) >> 16}.${Number(value) & 65535}` : String(value);
}

/** Keys a pattern by its value; ranges are tried in their order. A string is the reason why it is none. */
export function keyNumber(text: string, dotted: boolean, key: PatternKey): string | null {
  const range = parseRange(text, dotted);
  if (typeof range === "string") return range;
  if (range.low === null || range.low !== range.high) return null;
  key.ordered = false;
  key.wordCount = 2;
  writeWords(range.low, key.words);
  return null;
}

/** The 64 bits of an integer, low word first. */
function writeWords(value: Integer, into: Int32Array): void {
  if (typeof value === "number") {
    into[0] = value | 0;
    into[1] = Math.floor(value / 2 ** 32);
  } else {
    into[0] = Number(BigInt.asIntN(32, value));
    into[1] = Number(value >> 32n);
  }
}

/** The value that the method compares is found in the sample by `find`'s caller. */
class NumberIndex {
  readonly #place: IndexPlace;
  readonly #dotted: boolean;
  readonly #watch: ListWatch;
  /** All patterns in their order, when they are few. */
  #few: (Range & { readonly entry: number })[] | null = [];
  readonly #ranges = new OrderedPatterns<Range>();
  readonly #words = new Int32Array(2);

  constructor(place: IndexPlace, dotted: boolean) {
    this.#place = place;
    this.#watch = new ListWatch(place);
    this.#dotted = dotted;
  }

  find(value: Integer): number {
    if (this.#watch.changed) this.#update(this.#watch.update());
    const few = this.#few;
    if (few === null) return this.#findMany(this.#watch.version, value);
    for (let i = 0; i < few.length; i++) {
      const { low, high } = few[i];
      if ((low === null || value >= low) && (high === null || value <= high)) return few[i].entry;
    }
    return 0;
  }

  #update(version: number): void {
    const { view, number } = this.#place;
    const entries = fewEntries(view, version);
    this.#few = entries?.map((entry) => ({ entry, ...this.#range(entry) })) ?? null;
    this.#ranges.update(view, version, number);
  }

  #findMany(version: number, value: Integer): number {
    const { view, number } = this.#place;
    const exact = view.word(version, indexAt(number) + INDEX.hashed) === 0 ? 0 : this.#exact(version, value);
    const { items } = this.#ranges;
    if (items.length === 0) return exact;
    const order = exact === 0 ? Infinity : orderOf(view, exact);
    for (let i = 0; i < items.length; i++) {
      if (items[i].order > order) return exact;
      const { low, high } = items[i].form ??= this.#range(items[i].entry);
      if ((low === null || value >= low) && (high === null || value <= high)) return items[i].entry;
    }
    return exact;
  }

  #exact(version: number, value: Integer): number {
    const { view, number, key } = this.#place;
    const words = this.#words;
    writeWords(value, words);
    let leaf = trieFind(view, version, indexAt(number) + INDEX.trie, keyedHashOfWords(words, 2, key));
    for (; leaf !== 0; leaf = view.word(leaf, LEAF.next)) {
      const same = view.word(leaf, INDEX_LEAF.key) === words[0] && view.word(leaf, INDEX_LEAF.key + 1) === words[1];
      if (same) return view.word(leaf, INDEX_LEAF.entry);
    }
    return 0;
  }

  #range(entry: number): Range {
    const range = parseRange(textOf(this.#place.view, entry), this.#dotted);
    if (typeof range === "string") throw new Error(`the list has what is no range: ${range}`);
    return range;
  }
}

/** The integer itself. */
export class IntegerIndex extends NumberIndex implements PatternIndex {
  match(sample: Sample): number {
    return this.find(sample.num);
  }
}

/** The length of the text. */
export class LengthIndex extends NumberIndex implements PatternIndex {
  constructor(place: IndexPlace) {
    super(place, false);
  }
  match(sample: Sample): number {
    return this.find(sample.to - sample.from);
  }
}

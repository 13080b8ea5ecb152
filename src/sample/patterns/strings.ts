// Indexes of the string methods: str, beg, end, sub, dir, dom, reg and bin (configuration.txt 7.1.3 to 7.1.5).
import { latin1Slice, latin1ToBytes, LOWER } from "../../base/mod.ts";
import { compileRegex, type Regex } from "../regex/mod.ts";
import type { Sample } from "../types.ts";
import type { PatternIndex } from "./index.ts";
import { Keyed } from "./keyed.ts";
import type { PatternEntry } from "./store.ts";

function textOf(sample: Sample): string {
  return latin1Slice(sample.bytes, sample.from, sample.to);
}

/** ASCII letters in lower case; nothing else changes. */
function fold(text: string): string {
  return NOT_ASCII.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
}
// deno-lint-ignore no-control-regex
const NOT_ASCII = /[^\x00-\x7f]/;

/** Up to so many patterns comparing bytes is cheaper than making a key. */
const FEW = 8;

/** A few patterns as bytes, from the longest to the shortest; given up when there are more. */
class FewPatterns {
  #items: { readonly entry: PatternEntry; readonly bytes: Uint8Array }[] = [];
  readonly #table: Uint8Array;
  #all = 0;

  constructor(ignoreCase: boolean) {
    this.#table = ignoreCase ? LOWER : SAME;
  }

  /** Whether every pattern is here. */
  get complete(): boolean {
    return this.#items.length === this.#all;
  }

  add(entry: PatternEntry): void {
    this.#all++;
    if (this.#all > FEW) this.#items = [];
    if (this.#items.length !== this.#all - 1) return;
    const bytes = latin1ToBytes(entry.text).map((byte) => this.#table[byte]);
    this.#items.push({ entry, bytes });
    this.#items.sort((a, b) => b.bytes.length - a.bytes.length);
  }

  remove(entry: PatternEntry): void {
    this.#all--;
    this.#items = this.#items.filter((item) => item.entry !== entry);
  }

  clear(): void {
    this.#all = 0;
    this.#items = [];
  }

  /** The first pattern that is all of the sample. */
  equal(sample: Sample): PatternEntry | null {
    const length = sample.to - sample.from;
    for (let i = 0; i < this.#items.length; i++) {
      const { entry, bytes } = this.#items[i];
      if (bytes.length === length && this.#matches(bytes, sample.bytes, sample.from)) return entry;
    }
    return null;
  }

  /** The longest pattern that the sample begins with, or the first that it ends with. */
  edge(sample: Sample, atEnd: boolean): PatternEntry | null {
    const length = sample.to - sample.from;
    let first: PatternEntry | null = null;
    for (let i = 0; i < this.#items.length; i++) {
      const { entry, bytes } = this.#items[i];
      if (bytes.length > length) continue;
      if (!this.#matches(bytes, sample.bytes, atEnd ? sample.to - bytes.length : sample.from)) continue;
      if (!atEnd) return entry;
      if (first === null || entry.id < first.id) first = entry;
    }
    return first;
  }

  #matches(pattern: Uint8Array, bytes: Uint8Array, from: number): boolean {
    const table = this.#table;
    for (let i = 0, j = from; i < pattern.length; i++, j++) if (table[bytes[j]] !== pattern[i]) return false;
    return true;
  }
}
const SAME: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) => byte);

export class ExactIndex implements PatternIndex {
  readonly #ignoreCase: boolean;
  readonly #few: FewPatterns;
  readonly #byText = new Keyed<string>();

  constructor(ignoreCase: boolean) {
    this.#ignoreCase = ignoreCase;
    this.#few = new FewPatterns(ignoreCase);
  }
  add(entry: PatternEntry): null {
    this.#few.add(entry);
    this.#byText.add(this.#key(entry.text), entry);
    return null;
  }
  remove(entry: PatternEntry): void {
    this.#few.remove(entry);
    this.#byText.remove(this.#key(entry.text), entry);
  }
  clear(): void {
    this.#few.clear();
    this.#byText.clear();
  }
  match(sample: Sample): PatternEntry | null {
    if (this.#few.complete) return this.#few.equal(sample);
    return this.#byText.get(this.#key(textOf(sample)));
  }
  #key(text: string): string {
    return this.#ignoreCase ? fold(text) : text;
  }
}

/**
 * Prefixes or suffixes: a table for each length. Of prefixes the longest that matches is found, of suffixes the first
 * (configuration.txt 7.3.1, "map").
 */
export class EdgeIndex implements PatternIndex {
  readonly #ignoreCase: boolean;
  readonly #atEnd: boolean;
  readonly #few: FewPatterns;
  /** From the longest to the shortest. */
  readonly #lengths: { readonly length: number; readonly byText: Keyed<string> }[] = [];

  constructor(ignoreCase: boolean, atEnd: boolean) {
    this.#ignoreCase = ignoreCase;
    this.#atEnd = atEnd;
    this.#few = new FewPatterns(ignoreCase);
  }
  add(entry: PatternEntry): null {
    this.#few.add(entry);
    const { length } = entry.text;
    let table = this.#lengths.find((t) => t.length === length);
    if (table === undefined) {
      table = { length, byText: new Keyed() };
      this.#lengths.push(table);
      this.#lengths.sort((a, b) => b.length - a.length);
    }
    table.byText.add(this.#key(entry.text), entry);
    return null;
  }
  remove(entry: PatternEntry): void {
    this.#few.remove(entry);
    const { length } = entry.text;
    const at = this.#lengths.findIndex((t) => t.length === length);
    if (at < 0) return;
    this.#lengths[at].byText.remove(this.#key(entry.text), entry);
    if (this.#lengths[at].byText.size === 0) this.#lengths.splice(at, 1);
  }
  clear(): void {
    this.#few.clear();
    this.#lengths.length = 0;
  }
  match(sample: Sample): PatternEntry | null {
    if (this.#few.complete) return this.#few.edge(sample, this.#atEnd);
    const size = sample.to - sample.from;
    let first: PatternEntry | null = null;
    for (let i = 0; i < this.#lengths.length; i++) {
      const { length, byText } = this.#lengths[i];
      if (length > size) continue;
      const from = this.#atEnd ? sample.to - length : sample.from;
      const found = byText.get(this.#key(latin1Slice(sample.bytes, from, from + length)));
      if (found === null) continue;
      if (!this.#atEnd) return found;
      if (first === null || found.id < first.id) first = found;
    }
    return first;
  }
  #key(text: string): string {
    return this.#ignoreCase ? fold(text) : text;
  }
}

/** An entry with what is compared, of the methods that are tried in order. */
interface Item<T> {
  readonly entry: PatternEntry;
  readonly pattern: T;
}

function removeItem<T>(items: Item<T>[], entry: PatternEntry): void {
  const at = items.findIndex((item) => item.entry === entry);
  if (at >= 0) items.splice(at, 1);
}

export class SubstringIndex implements PatternIndex {
  readonly #ignoreCase: boolean;
  readonly #items: Item<string>[] = [];

  constructor(ignoreCase: boolean) {
    this.#ignoreCase = ignoreCase;
  }
  add(entry: PatternEntry): null {
    this.#items.push({ entry, pattern: this.#ignoreCase ? fold(entry.text) : entry.text });
    return null;
  }
  remove(entry: PatternEntry): void {
    removeItem(this.#items, entry);
  }
  clear(): void {
    this.#items.length = 0;
  }
  match(sample: Sample): PatternEntry | null {
    if (this.#items.length === 0) return null;
    const text = this.#ignoreCase ? fold(textOf(sample)) : textOf(sample);
    for (let i = 0; i < this.#items.length; i++) if (text.includes(this.#items[i].pattern)) return this.#items[i].entry;
    return null;
  }
}

/** Parts between delimiters: of the pattern those at either end are ignored. */
export class BoundaryIndex implements PatternIndex {
  readonly #ignoreCase: boolean;
  readonly #delimiters: string;
  readonly #items: Item<string>[] = [];

  constructor(ignoreCase: boolean, delimiters: string) {
    this.#ignoreCase = ignoreCase;
    this.#delimiters = delimiters;
  }
  add(entry: PatternEntry): null {
    const text = this.#ignoreCase ? fold(entry.text) : entry.text;
    let from = 0;
    let to = text.length;
    while (from < to && this.#delimiters.includes(text[from])) from++;
    while (to > from && this.#delimiters.includes(text[to - 1])) to--;
    this.#items.push({ entry, pattern: text.slice(from, to) });
    return null;
  }
  remove(entry: PatternEntry): void {
    removeItem(this.#items, entry);
  }
  clear(): void {
    this.#items.length = 0;
  }
  match(sample: Sample): PatternEntry | null {
    if (this.#items.length === 0) return null;
    const text = this.#ignoreCase ? fold(textOf(sample)) : textOf(sample);
    for (let i = 0; i < this.#items.length; i++) {
      if (this.#contains(text, this.#items[i].pattern)) return this.#items[i].entry;
    }
    return null;
  }
  #contains(text: string, pattern: string): boolean {
    if (pattern === "") return false;
    for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) {
      const end = at + pattern.length;
      const opens = at === 0 || this.#delimiters.includes(text[at - 1]);
      if (opens && (end === text.length || this.#delimiters.includes(text[end]))) return true;
    }
    return false;
  }
}

export class RegexIndex implements PatternIndex {
  readonly #ignoreCase: boolean;
  readonly #items: Item<Regex>[] = [];

  constructor(ignoreCase: boolean) {
    this.#ignoreCase = ignoreCase;
  }
  add(entry: PatternEntry): string | null {
    const pattern = compileRegex(entry.text, this.#ignoreCase);
    if (typeof pattern === "string") return pattern;
    this.#items.push({ entry, pattern });
    return null;
  }
  remove(entry: PatternEntry): void {
    removeItem(this.#items, entry);
  }
  clear(): void {
    this.#items.length = 0;
  }
  match(sample: Sample): PatternEntry | null {
    if (this.#items.length === 0) return null;
    const text = textOf(sample);
    for (let i = 0; i < this.#items.length; i++) if (this.#items[i].pattern.test(text)) return this.#items[i].entry;
    return null;
  }
  /** The compiled form of an entry, for what needs its groups (map_regm). */
  regexOf(entry: PatternEntry): Regex | null {
    return this.#items.find((item) => item.entry === entry)?.pattern ?? null;
  }
}

/** Byte strings written in hexadecimal. */
export class BinaryIndex implements PatternIndex {
  readonly #byBytes = new Keyed<string>();

  add(entry: PatternEntry): string | null {
    const bytes = decodeHex(entry.text);
    if (typeof bytes !== "string") return bytes.reason;
    this.#byBytes.add(bytes, entry);
    return null;
  }
  remove(entry: PatternEntry): void {
    const bytes = decodeHex(entry.text);
    if (typeof bytes === "string") this.#byBytes.remove(bytes, entry);
  }
  clear(): void {
    this.#byBytes.clear();
  }
  match(sample: Sample): PatternEntry | null {
    return this.#byBytes.size === 0 ? null : this.#byBytes.get(textOf(sample));
  }
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

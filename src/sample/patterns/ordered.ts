// Indexes of the string methods that are tried in their order: sub, dir, dom and reg (configuration.txt 7.1.3, 7.1.4).
// Each thread keeps the form in which it compares a pattern, a regex compiled when it is first needed; of very long lists
// only that of the first ones, the others are read from the shared text each time.
import { compileRegex, type Regex } from "../regex/mod.ts";
import type { Sample } from "../types.ts";
import { ListWatch, type OrderedItem, OrderedPatterns, sampleBytesText } from "./few.ts";
import type { IndexPlace, PatternIndex } from "./index.ts";
import { textOf } from "./layout.ts";

/** Patterns of a list whose texts a thread keeps. */
const MOST_KEPT = 16384;

/** ASCII letters in lower case; nothing else changes. */
function fold(text: string): string {
  return NOT_ASCII.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
}
// deno-lint-ignore no-control-regex
const NOT_ASCII = /[^\x00-\x7f]/;

/** Patterns that are compared with the text of the sample, in the case that it is compared in. */
abstract class TextsIndex implements PatternIndex {
  readonly #place: IndexPlace;
  readonly #ignoreCase: boolean;
  readonly #watch: ListWatch;
  readonly #patterns = new OrderedPatterns<string>();

  constructor(place: IndexPlace, ignoreCase: boolean) {
    this.#place = place;
    this.#watch = new ListWatch(place);
    this.#ignoreCase = ignoreCase;
  }

  match(sample: Sample): number {
    const { view, number } = this.#place;
    if (this.#watch.changed) this.#patterns.update(view, this.#watch.update(), number);
    const { items } = this.#patterns;
    if (items.length === 0) return 0;
    const text = this.#fold(sampleBytesText(sample));
    for (let i = 0; i < items.length; i++) {
      if (this.matches(text, items[i].form ?? this.#form(items, i))) return items[i].entry;
    }
    return 0;
  }

  #form(items: readonly OrderedItem<string>[], i: number): string {
    const form = this.pattern(this.#fold(textOf(this.#place.view, items[i].entry)));
    if (i < MOST_KEPT) items[i].form = form;
    return form;
  }

  #fold(text: string): string {
    return this.#ignoreCase ? fold(text) : text;
  }

  /** The part of a pattern's text that is looked for. */
  protected abstract pattern(text: string): string;
  protected abstract matches(text: string, pattern: string): boolean;
}

export class SubstringIndex extends TextsIndex {
  protected pattern(text: string): string {
    return text;
  }
  protected matches(text: string, pattern: string): boolean {
    return text.includes(pattern);
  }
}

/** Parts between delimiters: of the pattern those at either end are ignored. */
export class BoundaryIndex extends TextsIndex {
  readonly #delimiters: string;

  constructor(place: IndexPlace, ignoreCase: boolean, delimiters: string) {
    super(place, ignoreCase);
    this.#delimiters = delimiters;
  }

  protected pattern(text: string): string {
    let from = 0;
    let to = text.length;
    while (from < to && this.#delimiters.includes(text[from])) from++;
    while (to > from && this.#delimiters.includes(text[to - 1])) to--;
    return text.slice(from, to);
  }

  protected matches(text: string, pattern: string): boolean {
    if (pattern === "") return false;
    for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) {
      const end = at + pattern.length;
      const opens = at === 0 || this.#delimiters.includes(text[at - 1]);
      if (opens && (end === text.length || this.#delimiters.includes(text[end]))) return true;
    }
    return false;
  }
}

/** Why a pattern is no regex; null when it is one. */
export function regexProblem(text: string, ignoreCase: boolean): string | null {
  const regex = compileRegex(text, ignoreCase);
  return typeof regex === "string" ? regex : null;
}

export class RegexIndex implements PatternIndex {
  readonly #place: IndexPlace;
  readonly #ignoreCase: boolean;
  readonly #watch: ListWatch;
  readonly #patterns = new OrderedPatterns<Regex>();
  /** The regex of the entry that match() found last, for what needs its groups (map_regm). */
  found: Regex | null = null;

  constructor(place: IndexPlace, ignoreCase: boolean) {
    this.#place = place;
    this.#watch = new ListWatch(place);
    this.#ignoreCase = ignoreCase;
  }

  match(sample: Sample): number {
    const { view, number } = this.#place;
    if (this.#watch.changed) this.#patterns.update(view, this.#watch.update(), number);
    const { items } = this.#patterns;
    this.found = null;
    if (items.length === 0) return 0;
    const text = sampleBytesText(sample);
    for (let i = 0; i < items.length; i++) {
      const regex = items[i].form ?? this.#compile(items[i]);
      if (!regex.test(text)) continue;
      this.found = regex;
      return items[i].entry;
    }
    return 0;
  }

  #compile(item: OrderedItem<Regex>): Regex {
    const regex = compileRegex(textOf(this.#place.view, item.entry), this.#ignoreCase);
    if (typeof regex === "string") throw new Error(`the list has what is no regex: ${regex}`);
    item.form = regex;
    return regex;
  }
}

// Indexes of integers, versions and lengths: values and ranges (configuration.txt 7.1.2). A pattern is "5", "4:8", "4:" or
// ":8"; the operators eq ge gt le lt are turned into ranges when an ACL is parsed (rangeOf). A version "3.1" is the integer
// 3 * 65536 + 1.
import { add, type Integer, parseInteger, subtract } from "../integers.ts";
import type { Sample } from "../types.ts";
import type { PatternIndex } from "./index.ts";
import { Keyed } from "./keyed.ts";
import type { PatternEntry } from "./store.ts";

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

export class NumberIndex implements PatternIndex {
  readonly #dotted: boolean;
  readonly #values = new Keyed<Integer>();
  readonly #ranges: { readonly entry: PatternEntry; readonly range: Range }[] = [];

  constructor(dotted: boolean) {
    this.#dotted = dotted;
  }
  add(entry: PatternEntry): string | null {
    const range = parseRange(entry.text, this.#dotted);
    if (typeof range === "string") return range;
    if (range.low !== null && range.low === range.high) this.#values.add(range.low, entry);
    else this.#ranges.push({ entry, range });
    return null;
  }
  remove(entry: PatternEntry): void {
    const at = this.#ranges.findIndex((item) => item.entry === entry);
    if (at >= 0) {
      this.#ranges.splice(at, 1);
      return;
    }
    const range = parseRange(entry.text, this.#dotted);
    if (typeof range !== "string" && range.low !== null) this.#values.remove(range.low, entry);
  }
  clear(): void {
    this.#values.clear();
    this.#ranges.length = 0;
  }
  match(sample: Sample): PatternEntry | null {
    return this.find(sample.num);
  }
  find(value: Integer): PatternEntry | null {
    const exact = this.#values.size === 0 ? null : this.#values.get(value);
    for (let i = 0; i < this.#ranges.length; i++) {
      const { entry, range: { low, high } } = this.#ranges[i];
      if (exact !== null && entry.id > exact.id) return exact;
      if ((low === null || value >= low) && (high === null || value <= high)) return entry;
    }
    return exact;
  }
}

/** The length of the text. */
export class LengthIndex implements PatternIndex {
  readonly #numbers = new NumberIndex(false);

  add(entry: PatternEntry): string | null {
    return this.#numbers.add(entry);
  }
  remove(entry: PatternEntry): void {
    this.#numbers.remove(entry);
  }
  clear(): void {
    this.#numbers.clear();
  }
  match(sample: Sample): PatternEntry | null {
    return this.#numbers.find(sample.to - sample.from);
  }
}

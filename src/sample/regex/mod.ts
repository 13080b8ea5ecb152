// Regular expressions: the only place where patterns of the configuration, of the runtime API and of Lua are compiled.
//
// The choice. Existing configurations are written for PCRE, so its syntax and its leftmost-first semantics are wanted,
// with references and looking around. V8's engine is the fast one, but it backtracks without bound, and its linear mode
// needs a V8 flag and lacks those features, as do ports of RE2. So a pattern is parsed here into a tree over bytes. When
// its time is known to grow as a small power of the text's length, and the text is short enough, V8 runs an equivalent
// source; else the machine of machine.ts does: the same semantics, linear time without references to groups, a bound on
// steps with them. A hostile pattern or text costs at most some tens of milliseconds.
//
// Texts are strings with one code unit (0 to 255) a byte. State between calls: scratch memory only.
import { latin1Slice } from "../../base/mod.ts";
import { type ByteSet, firstBytes, type RegexTree } from "./ast.ts";
import { Machine } from "./machine.ts";
import { anchoredAtStart, type Growth, growthOf, nativeSource } from "./native.ts";
import { parseRegex, RegexError } from "./parser.ts";
import { compile } from "./program.ts";

/** Longest pattern accepted. */
const LONGEST_PATTERN = 65536;
/** Steps V8 may take at most, by the estimate: about as many nanoseconds. */
const NATIVE_STEPS = 4_000_000;

/** A match: text offsets, and the text of each group from 1 (index 0: all of it); undefined for one that took no part. */
export interface RegexMatch {
  readonly index: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

export class Regex {
  /** Capturing groups. */
  readonly groups: number;
  readonly #native: RegExp | null;
  /** Texts up to this length are V8's. */
  readonly #nativeLength: number;
  readonly #machine: Machine;
  readonly #first: ByteSet | null;
  readonly #anchored: boolean;

  constructor(tree: RegexTree) {
    this.groups = tree.groups;
    this.#machine = new Machine(compile(tree));
    this.#first = firstBytes(tree.root);
    this.#anchored = anchoredAtStart(tree.root);
    const growth = growthOf(tree);
    const source = growth === null ? null : nativeSource(tree);
    this.#native = source === null ? null : new RegExp(source, "g");
    this.#nativeLength = source === null ? -1 : longestFor(growth!);
  }

  /** Whether the text matches anywhere. */
  test(text: string): boolean {
    if (text.length > this.#nativeLength) return this.#machine.search(text, 0, this.#first, this.#anchored);
    const native = this.#native!;
    native.lastIndex = 0;
    return native.test(text);
  }

  /** What the last match() in a text of this length cost that another one may cost again; 0 when V8 made it. */
  stepsOfMatch(length: number): number {
    // V8 runs what tries each place once, whatever the searches it is divided into.
    return length <= this.#nativeLength ? 0 : this.#machine.steps;
  }

  /** As test(), of the text `bytes[from, to)`. */
  testBytes(bytes: Uint8Array, from: number, to: number): boolean {
    return this.test(latin1Slice(bytes, from, to));
  }

  /** The first match that begins at `from` or later; null when there is none. */
  match(text: string, from = 0): RegexMatch | null {
    if (text.length <= this.#nativeLength) {
      const native = this.#native!;
      native.lastIndex = from;
      const found = native.exec(text);
      return found === null ? null : { index: found.index, end: native.lastIndex, groups: found };
    }
    if (this.#anchored && from > 0) return null;
    if (!this.#machine.search(text, from, this.#first, this.#anchored)) return null;
    const { registers } = this.#machine;
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= this.groups; i++) {
      const start = registers[i * 2];
      const end = registers[i * 2 + 1];
      groups.push(start < 0 || end < start ? undefined : text.slice(start, end));
    }
    return { index: registers[0], end: registers[1], groups };
  }
}

function longestFor(growth: Growth): number {
  if (growth.degree === 0) return Infinity;
  return Math.floor(Math.pow(NATIVE_STEPS / growth.factor, 1 / growth.degree));
}

/** Compiles a pattern (one code unit a byte), or says why it is none, in HAProxy's form. */
export function compileRegex(pattern: string, ignoreCase: boolean): Regex | string {
  if (pattern.length > LONGEST_PATTERN) return `regex is longer than ${LONGEST_PATTERN} bytes`;
  try {
    return new Regex(parseRegex(pattern, ignoreCase));
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    return `regex '${pattern}' is invalid (error=${error.message}, erroffset=${error.offset})`;
  }
}

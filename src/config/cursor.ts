// The cursor over the words of one statement. It knows the grammar's small change (numbers, times, sizes, addresses), so
// that entries read like the manual's syntax lines and every error names place and remedy.
//
// An error ends the statement: fail() records the diagnostic and throws ParseStop, which only the loader's loop over
// statements catches. Parsing then goes on with the next statement.
import { parseSize, parseTime, type TimeUnit } from "../base/mod.ts";
import { type AddressOptions, parseAddress, parseAddresses } from "./address.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Gate, Registry } from "./entry.ts";
import type { Environment } from "./environment.ts";
import type { AddressNode, Location, SectionKind } from "./model.ts";
import { didYouMean } from "./suggest.ts";

export class ParseStop extends Error {}

export interface Word {
  readonly text: string;
  /** Column of its first character, from 1. */
  readonly column: number;
}

/** A file as the model holds it. */
export interface FileRef {
  /** Its name in `Model.files`. */
  readonly key: string;
  /** Null for an optional file that does not exist. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
}

/** Where relative paths start (configuration.txt, default-path). */
export type PathPolicy = "current" | "config" | "parent" | "origin";

/** What the few keywords that act on the parser itself change. */
export interface ParserState {
  /** Environment of the lines that follow. */
  readonly environment: Environment;
  /** Gates that are open. */
  readonly gates: Set<Gate>;
  pathPolicy: PathPolicy;
  /** The directory of the policy "origin". */
  pathOrigin: string;
}

/** What parsing a statement may look at beyond its words. */
export interface ParseContext {
  readonly registry: Registry;
  readonly diagnostics: Diagnostic[];
  readonly state: ParserState;
  /** The section the statement is in, as far as it is parsed. */
  readonly section: {
    readonly kind: SectionKind;
    readonly name: string;
    readonly nodes: readonly { readonly keyword: string; readonly value: unknown }[];
  };
  /** Asks the loader to put a file into the model; returns its name there, or the reason why it cannot be read. */
  file(path: string, optional: boolean): FileRef | string;
  /** What a path (relative ones as default-path says) leads to. */
  kindOf(path: string): "file" | "dir" | "other" | "absent";
  /** Sorted names in a folder, or the reason why it cannot be read. */
  list(path: string): string[] | string;
}

export class Cursor {
  readonly context: ParseContext;
  readonly file: string;
  readonly line: number;
  /** The keyword as written, e.g. "timeout client": opens the messages. */
  readonly keyword: string;
  /** The statement began with "no". */
  readonly negated: boolean;
  readonly words: readonly Word[];
  /** Index of the next word. */
  position: number;

  constructor(
    context: ParseContext,
    file: string,
    line: number,
    keyword: string,
    negated: boolean,
    words: readonly Word[],
    position: number,
  ) {
    this.context = context;
    this.file = file;
    this.line = line;
    this.keyword = keyword;
    this.negated = negated;
    this.words = words;
    this.position = position;
  }

  /** Place of the next word (or of the end of the line). */
  get at(): Location {
    return this.place(this.position);
  }

  place(index: number): Location {
    const w = this.words[index] ?? this.words[this.words.length - 1];
    const column = w === undefined ? 0 : index < this.words.length ? w.column : w.column + w.text.length;
    return { file: this.file, line: this.line, column };
  }

  /** The next word without taking it; undefined at the end. */
  peek(ahead = 0): string | undefined {
    return this.words[this.position + ahead]?.text;
  }

  get done(): boolean {
    return this.position >= this.words.length;
  }

  /** Takes the next word; `what` names it in the error when the line ends here. */
  take(what: string): string {
    const w = this.words[this.position];
    if (w === undefined) this.fail(`'${this.keyword}' expects ${what} as argument.`);
    this.position++;
    return w.text;
  }

  /** Takes the next word when it is `word`. */
  accept(word: string): boolean {
    if (this.peek() !== word) return false;
    this.position++;
    return true;
  }

  /** Errors when words are left. */
  end(): void {
    const extra = this.peek();
    if (extra !== undefined) this.fail(`'${this.keyword}' cannot handle unexpected argument '${extra}'.`);
  }

  /** All words that are left. */
  rest(): string[] {
    const out = this.words.slice(this.position).map((w) => w.text);
    this.position = this.words.length;
    return out;
  }

  /** Records an error at `at` (default: the next word) and ends the statement. */
  fail(text: string, at: Location = this.at): never {
    this.context.diagnostics.push({ level: "ALERT", at, text });
    throw new ParseStop();
  }

  warn(text: string, at: Location = this.at): void {
    this.context.diagnostics.push({ level: "WARNING", at, text });
  }

  notice(text: string, at: Location = this.at): void {
    this.context.diagnostics.push({ level: "NOTICE", at, text });
  }

  diag(text: string, at: Location = this.at): void {
    this.context.diagnostics.push({ level: "DIAG", at, text });
  }

  // ---- the grammar's small change: each takes one word, `what` names it in errors ("<n>", "a timeout") -----------

  /** A decimal integer from `min` to `max`. */
  int(what: string, min = 0, max = 2147483647): number {
    const at = this.at;
    const text = this.take(what);
    const value = /^[+-]?[0-9]{1,15}$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value)) this.fail(`'${this.keyword}' expects ${what} as an integer, but got '${text}'.`, at);
    if (value < min || value > max) {
      this.fail(`'${this.keyword}' expects ${what} between ${min} and ${max}, but got '${text}'.`, at);
    }
    return value;
  }

  /** A time (configuration.txt 2.5) in units of `result`; a number without unit counts in `bare`. */
  time(what: string, bare: TimeUnit = "ms", result: TimeUnit = "ms"): number {
    const at = this.at;
    const value = parseTime(this.take(what), bare, result);
    if (typeof value === "string") this.fail(`'${this.keyword}' : ${value}`, at);
    return value;
  }

  /** A size in bytes (configuration.txt 2.6). */
  size(what: string, max?: number): number {
    const at = this.at;
    const value = parseSize(this.take(what), max);
    if (typeof value === "string") this.fail(`'${this.keyword}' : ${value}`, at);
    return value;
  }

  /** "on" or "off". */
  onOff(): boolean {
    return this.oneOf("'on' or 'off'", ["on", "off"]) === "on";
  }

  /** One of the words `names`; the error suggests the closest. */
  oneOf<T extends string>(what: string, names: readonly T[]): T {
    const at = this.at;
    const text = this.take(what);
    const found = names.find((name) => name === text);
    if (found === undefined) {
      this.fail(`'${this.keyword}' expects ${what}, but got '${text}'${didYouMean(text, names)}`, at);
    }
    return found;
  }

  /** An address (configuration.txt 2.9). */
  address(options: AddressOptions): AddressNode {
    const at = this.at;
    const value = parseAddress(this.take("an address"), options);
    if (typeof value === "string") this.fail(`'${this.keyword}' : ${value}`, at);
    return value;
  }

  /** A comma-separated list of addresses. */
  addresses(options: AddressOptions): AddressNode[] {
    const at = this.at;
    const value = parseAddresses(this.take("an address"), options);
    if (typeof value === "string") this.fail(`'${this.keyword}' : ${value}`, at);
    return value;
  }

  /** A file that becomes part of the model. */
  loadFile(what: string): { readonly key: string; readonly bytes: Uint8Array<ArrayBuffer> } {
    const at = this.at;
    const path = this.take(what);
    const file = this.context.file(path, false);
    if (typeof file === "string") this.fail(`'${this.keyword}' : unable to load '${path}': ${file}.`, at);
    return { key: file.key, bytes: file.bytes! };
  }

  /** A list of patterns (configuration.txt 2.7): "virt@" ones start empty, "opt@" ones may be absent (bytes null). */
  patternFile(what: string): FileRef {
    const at = this.at;
    const name = this.take(what);
    if (name.startsWith("virt@")) return { key: name, bytes: null };
    const optional = name.startsWith("opt@");
    const path = optional || name.startsWith("file@") ? name.slice(name.indexOf("@") + 1) : name;
    const file = this.context.file(path, optional);
    if (typeof file === "string") this.fail(`'${this.keyword}' : failed to load the file '${path}': ${file}.`, at);
    return file;
  }
}

// The cursor over the words of one statement. It knows the grammar's small change (numbers, times, sizes, addresses), so
// that entries read like the manual's syntax lines and every error names place and remedy.
//
// An error ends the statement: fail() records the diagnostic and throws ParseStop, which only the loader's loop over
// statements catches. Parsing then goes on with the next statement.
import type { Registry } from "./entry.ts";
import type { Location, SectionKind } from "./model.ts";
import type { Diagnostic } from "./diagnostics.ts";

export class ParseStop extends Error {}

export interface Word {
  readonly text: string;
  /** Column of its first character, from 1. */
  readonly column: number;
}

/** What parsing a statement may look at beyond its words. */
export interface ParseContext {
  readonly registry: Registry;
  readonly diagnostics: Diagnostic[];
  /** The section the statement is in, as far as it is parsed. */
  readonly section: {
    readonly kind: SectionKind;
    readonly name: string;
    readonly nodes: readonly { keyword: string; value: unknown }[];
  };
  /** Asks the loader to put a file into the model; returns its name there, or the reason why it cannot be read. */
  file(
    path: string,
    optional: boolean,
  ): { readonly key: string; readonly bytes: Uint8Array<ArrayBuffer> | null } | string;
  readonly experimental: boolean;
  readonly deprecated: boolean;
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
}

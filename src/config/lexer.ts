// One line to words (configuration.txt 2.2 and 2.3): quotes, escapes, comments, environment variables.
//
// Text is byte strings: one character for each byte of the file (latin1), so that "\xC3\xA9" and the two bytes of a
// UTF-8 "é" are the same word. Columns count bytes from 1. A statement is one line: there is no continuation.
import type { Word } from "./cursor.ts";

/** Most words in one line, the keyword among them. */
const MAX_WORDS = 64;
/** Longest line, as written and after the expansion of variables. */
const MAX_LINE = 65536;

/** What `$NAME` and the pseudo-variables `$.FILE`, `$.LINE` and `$.SECTION` stand for; undefined when not set. */
type Variables = (name: string) => string | undefined;

interface LineError {
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

interface Line {
  readonly words: readonly Word[];
  /** Index of the first word that is empty although it was written ("", or an empty variable); -1: none. */
  readonly empty: number;
  readonly error: LineError | null;
}

/** Cuts a line, without its line feed, into words. After an error `words` holds those before it. */
export function lexLine(line: string, variables: Variables): Line {
  const lexer = new Lexer(line, variables);
  const error = line.length > MAX_LINE
    ? { text: `line too long, limit: ${MAX_LINE} bytes`, column: MAX_LINE + 1 }
    : lexer.run();
  return { words: lexer.words, empty: lexer.empty, error };
}

/**
 * The character a backslash and `next` stand for in every context that knows escapes, or null when the backslash is an
 * ordinary character there.
 */
export function escaped(next: string | undefined): string | null {
  switch (next) {
    case "n":
      return "\n";
    case "r":
      return "\r";
    case "t":
      return "\t";
    case " ":
    case "\t":
    case "\\":
    case "'":
    case '"':
      return next;
    default:
      return null;
  }
}

class Lexer {
  readonly words: Word[] = [];
  empty = -1;
  readonly #line: string;
  readonly #variables: Variables;
  #at = 0;
  /** The word being read; null between words. */
  #text: string | null = null;
  #column = 0;
  /** A list was expanded in this word: when nothing of it is left, it is no word. */
  #list = false;
  #length = 0;

  constructor(line: string, variables: Variables) {
    this.#line = line;
    this.#variables = variables;
  }

  run(): LineError | null {
    const line = this.#line;
    /** Index of the opening quote; -1 outside. */
    let double = -1;
    let single = -1;
    while (this.#at < line.length) {
      const c = line[this.#at];
      let error: LineError | null = null;
      if (single >= 0) {
        if (c === "'") single = -1;
        else this.#add(c);
        this.#at++;
      } else if (c === "\\") {
        error = this.#escape();
      } else if (c === '"') {
        this.#add("");
        double = double >= 0 ? -1 : this.#at;
        this.#at++;
      } else if (c === "$" && double >= 0) {
        error = this.#variable();
      } else if (double < 0 && c === "'") {
        this.#add("");
        single = this.#at++;
      } else if (double < 0 && c === "#") {
        break;
      } else if (double < 0 && (c === " " || c === "\t" || (c === "\r" && this.#at === line.length - 1))) {
        error = this.#finish();
        this.#at++;
      } else {
        this.#add(c);
        this.#at++;
      }
      if (error !== null) return error;
    }
    const open = Math.max(double, single);
    if (open >= 0) return { text: "unmatched quote", column: open + 1 };
    return this.#finish();
  }

  #add(text: string): void {
    if (this.#text === null) {
      this.#text = "";
      this.#column = this.#at + 1;
    }
    this.#text += text;
    this.#length += text.length;
  }

  #finish(): LineError | null {
    const text = this.#text;
    const list = this.#list;
    this.#text = null;
    this.#list = false;
    if (text === null || (text === "" && list)) return null;
    if (this.#length > MAX_LINE) {
      return { text: `line too long after expansion, limit: ${MAX_LINE} bytes`, column: this.#column };
    }
    if (this.words.length === MAX_WORDS) {
      return { text: `too many words (limit: ${MAX_WORDS}), the first beyond is '${text}'`, column: this.#column };
    }
    if (text === "" && this.empty < 0) this.empty = this.words.length;
    this.words.push({ text, column: this.#column });
    return null;
  }

  /** A backslash outside single quotes. */
  #escape(): LineError | null {
    const next = this.#line[this.#at + 1];
    if (next === "x") {
      const digits = this.#line.slice(this.#at + 2, this.#at + 4);
      if (!/^[0-9A-Fa-f]{2}$/.test(digits)) {
        return { text: "truncated or invalid hexadecimal sequence", column: this.#at + 1 };
      }
      this.#add(String.fromCharCode(parseInt(digits, 16)));
      this.#at += 4;
      return null;
    }
    const character = next === "#" || next === "$" ? next : escaped(next);
    this.#add(character ?? "\\");
    this.#at += character === null ? 1 : 2;
    return null;
  }

  /** A dollar sign inside double quotes: $NAME, ${NAME}, ${NAME-default}, and either braced form with [*]. */
  #variable(): LineError | null {
    const line = this.#line;
    const braced = line[this.#at + 1] === "{";
    const start = this.#at + (braced ? 2 : 1);
    if (!/[A-Za-z_.]/.test(line[start] ?? "")) {
      return { text: "forbidden first char in environment variable name", column: start + 1 };
    }
    let end = start + 1;
    while (/[A-Za-z0-9_]/.test(line[end] ?? "")) end++;
    let value = this.#variables(line.slice(start, end));
    let list = false;
    if (braced) {
      const unmatched = { text: "unmatched brace in environment variable name", column: start };
      if (line.startsWith("[*]", end)) {
        list = true;
        end += 3;
      } else if (line[end] === "[") {
        return { text: "truncated or invalid word expansion sequence", column: end + 1 };
      }
      if (line[end] === "-") {
        const close = this.#defaultEnd(end + 1);
        if (close < 0) return unmatched;
        let text = line.slice(end + 1, close);
        if (text.endsWith("[*]")) {
          list = true;
          text = text.slice(0, -3);
        }
        value ??= unescape(text);
        end = close;
      }
      if (line[end] !== "}") return unmatched;
      end++;
    }
    if (list) {
      const error = this.#addList(value ?? "");
      if (error !== null) return error;
    } else {
      this.#add(value ?? "");
    }
    this.#at = end;
    return null;
  }

  /** Index of the brace that ends a default value; -1 when a quote or the line ends first. */
  #defaultEnd(from: number): number {
    for (let i = from; i < this.#line.length; i++) {
      const c = this.#line[i];
      if (c === "}") return i;
      if (c === '"') return -1;
      if (c === "\\") i++;
    }
    return -1;
  }

  /** Adds a value whose spaces separate words. */
  #addList(value: string): LineError | null {
    const parts = value.split(" ");
    for (let i = 0; i < parts.length; i++) {
      if (i > 0) {
        const error = this.#finish();
        if (error !== null) return error;
      }
      this.#add(parts[i]);
      this.#list = true;
    }
    return null;
  }
}

/** Escapes inside a default value. */
function unescape(text: string): string {
  return text.replace(/\\(.)/g, (whole, next: string) => "#$}".includes(next) ? next : escaped(next) ?? whole);
}

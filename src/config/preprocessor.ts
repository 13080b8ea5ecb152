// Directives that select lines of a file and report (configuration.txt 2.4): .if .elif .else .endif, .diag .notice
// .warning .alert. One instance a file: a block cannot reach into another.
import { type ConditionError, evalCondition, type Facts } from "./conditions.ts";
import type { Word } from "./cursor.ts";
import type { Level } from "./diagnostics.ts";

/** What a directive found to say: `column` 0 is the whole line. */
type Report = (level: Level, text: string, column: number) => void;

/** Deepest nesting of .if blocks. */
const MAX_NESTING = 100;

interface Block {
  readonly line: number;
  /** The lines of the current branch are read. */
  active: boolean;
  /** A branch was selected, or the block lies in lines that are not read: no further one is. */
  decided: boolean;
  /** .else was seen. */
  last: boolean;
}

const MESSAGES: ReadonlyMap<string, Level> = new Map<string, Level>([
  [".diag", "DIAG"],
  [".notice", "NOTICE"],
  [".warning", "WARNING"],
  [".alert", "ALERT"],
]);

export class Preprocessor {
  readonly #facts: Facts;
  readonly #environment: ReadonlyMap<string, string>;
  readonly #blocks: Block[] = [];

  constructor(facts: Facts, environment: ReadonlyMap<string, string>) {
    this.#facts = facts;
    this.#environment = environment;
  }

  /** Lines are read here. */
  get active(): boolean {
    return this.#blocks.length === 0 || this.#blocks[this.#blocks.length - 1].active;
  }

  /** Line of the .if that is still open, or 0. */
  get open(): number {
    return this.#blocks.length === 0 ? 0 : this.#blocks[this.#blocks.length - 1].line;
  }

  /** Takes a directive; false when the line is none. */
  take(words: readonly Word[], line: number, report: Report): boolean {
    const name = words[0].text;
    const level = MESSAGES.get(name);
    if (level !== undefined) {
      if (!this.active) return true;
      if (words.length > 2) {
        const text = `Unexpected argument '${words[2].text}' for '${name}'. ` +
          `Use quotes if the message should contain spaces.`;
        report("ALERT", text, words[2].column);
      } else {
        report(level, `'${words[1]?.text ?? ""}'.`, words[0].column);
      }
      return true;
    }
    switch (name) {
      case ".if":
        this.#if(words, line, report);
        return true;
      case ".elif":
        this.#elif(words, report);
        return true;
      case ".else":
        this.#else(words, report);
        return true;
      case ".endif":
        if (this.#blocks.pop() === undefined) this.#lone(words, report);
        this.#noArgument(words, report);
        return true;
      default:
        return false;
    }
  }

  #if(words: readonly Word[], line: number, report: Report): void {
    if (this.#blocks.length === MAX_NESTING) {
      report("ALERT", `too many nested '.if', max is ${MAX_NESTING}.`, words[0].column);
    }
    const reachable = this.active;
    const active = reachable && this.#condition(words, report);
    this.#blocks.push({ line, active, decided: active || !reachable, last: false });
  }

  #elif(words: readonly Word[], report: Report): void {
    const block = this.#current(words, report);
    if (block === undefined) return;
    if (block.last) return report("ALERT", "'.elif' after '.else' is not permitted.", words[0].column);
    block.active = !block.decided && this.#condition(words, report);
    block.decided ||= block.active;
  }

  #else(words: readonly Word[], report: Report): void {
    const block = this.#current(words, report);
    if (block === undefined) return;
    this.#noArgument(words, report);
    if (block.last) return report("ALERT", "'.else' after '.else' is not permitted.", words[0].column);
    block.active = !block.decided;
    block.decided = true;
    block.last = true;
  }

  #current(words: readonly Word[], report: Report): Block | undefined {
    const block = this.#blocks[this.#blocks.length - 1];
    if (block === undefined) this.#lone(words, report);
    return block;
  }

  #lone(words: readonly Word[], report: Report): void {
    report("ALERT", `lone '${words[0].text}' with no matching '.if'.`, words[0].column);
  }

  #noArgument(words: readonly Word[], report: Report): void {
    if (words.length < 2) return;
    report("ALERT", `Unexpected argument '${words[1].text}' for '${words[0].text}'.`, words[1].column);
  }

  #condition(words: readonly Word[], report: Report): boolean {
    const rest = words.slice(1);
    const result = evalCondition(rest.map((word) => word.text).join(" "), this.#facts, this.#environment);
    if (typeof result === "boolean") return result;
    report("ALERT", `${result.reason} in '${words[0].text}' at position ${result.at + 1}.`, columnOf(rest, result));
    return false;
  }
}

/** The column of a position in the words joined by single spaces; exact unless quotes or variables came before it. */
function columnOf(words: readonly Word[], error: ConditionError): number {
  let left = error.at;
  for (const word of words) {
    if (left <= word.text.length) return word.column + left;
    left -= word.text.length + 1;
  }
  return words.length === 0 ? 0 : words[words.length - 1].column;
}

// Cursors over a part of a statement, whose errors say which part it is.
import { Cursor } from "../config/mod.ts";
import type { Location } from "../config/mod.ts";
import { OFFERS } from "../sample/mod.ts";
import type { RulesetName } from "./types.ts";

/** A cursor that opens its errors with `prefix`. It stands where `from` does; the caller moves that one along. */
export class PrefixedCursor extends Cursor {
  readonly #prefix: string;

  constructor(from: Cursor, keyword: string, prefix: string) {
    super(from.context, from.file, from.line, keyword, false, from.words, from.position);
    this.#prefix = prefix;
  }

  override fail(text: string, at: Location = this.at): never {
    const own = `'${this.keyword}'`;
    const rest = text.startsWith(own) ? text.slice(own.length).replace(/^ (: )?/, "") : text;
    super.fail(`${this.#prefix}${rest}`, at);
  }
}

/** The prefix of errors in a rule. */
export function rulePrefix(cursor: Cursor, rule: string): string {
  const { kind, name } = cursor.context.section;
  return `error detected in ${kind} '${name}' while parsing ${rule} rule : `;
}

/** The cursor over the words of one rule behind the name of its action. */
export class RuleCursor extends PrefixedCursor {
  readonly ruleset: RulesetName;

  /** `action`: its name as written. */
  constructor(from: Cursor, ruleset: RulesetName, action: string) {
    super(from, `${ruleset} ${action}`, rulePrefix(from, `'${ruleset} ${action}'`));
    this.ruleset = ruleset;
  }

  /** What the rule set offers to expressions. */
  get offers(): number {
    return OFFERS[this.ruleset];
  }
}

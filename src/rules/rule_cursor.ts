// The cursor over the words of one rule, behind its rule set's keyword. Its errors name the rule and its section.
import { Cursor } from "../config/mod.ts";
import type { Location } from "../config/mod.ts";
import { OFFERS } from "../sample/mod.ts";
import type { RulesetName } from "./types.ts";

export class RuleCursor extends Cursor {
  readonly ruleset: RulesetName;

  /** `from`: the statement's cursor, behind the name of the action, which is `name`. */
  constructor(from: Cursor, ruleset: RulesetName, name: string) {
    super(from.context, from.file, from.line, `${ruleset} ${name}`, false, from.words, from.position);
    this.ruleset = ruleset;
  }

  /** What the rule set offers to expressions. */
  get offers(): number {
    return OFFERS[this.ruleset];
  }

  override fail(text: string, at: Location = this.at): never {
    const { kind, name } = this.context.section;
    const own = `'${this.keyword}'`;
    const rest = text.startsWith(own) ? text.slice(own.length).replace(/^ (: )?/, "") : text;
    super.fail(`error detected in ${kind} '${name}' while parsing ${own} rule : ${rest}`, at);
  }
}

// A rule set of a proxy and its evaluation (configuration.txt 4.3): rules in order, each with an optional condition,
// until one ends it. A run is synchronous and allocates nothing as long as its actions are; it becomes a promise when an
// action waits or when `tune.max-rules-at-once` rules were evaluated and others have to have their turn.
//
// A rule that is not decided on the data at hand stops the run with RULE_NOT_YET; running again goes on at that rule.
import type { Location } from "../config/mod.ts";
import { FOUND, NOT_YET } from "../sample/mod.ts";
import type { ConditionFn } from "../sample/mod.ts";
import { RULE_CONTINUE, RULE_NOT_YET } from "./types.ts";
import type { ActionContext, ActionFn, RuleVerdict } from "./types.ts";

/** A rule as a thread runs it. */
export interface Rule {
  /** Null: always. */
  readonly condition: ConditionFn | null;
  readonly action: ActionFn;
  readonly at: Location;
}

/** What a run needs to let others have their turn. */
export interface Turns {
  /** `tune.max-rules-at-once`. */
  readonly rulesAtOnce: number;
  turn(): Promise<void>;
}

export class Ruleset {
  readonly #rules: Rule[] = [];
  readonly #turns: Turns;
  /** Rules of this set may wait for more data (tcp content rules); elsewhere what is undecided does not match. */
  readonly #waits: boolean;
  /** The rule that ends a run is noted (`last_rule_line`). */
  readonly #notes: boolean;
  /** The first rule is that of setFirst(). */
  #first = false;

  constructor(turns: Turns, waits: boolean, notes = true) {
    this.#turns = turns;
    this.#waits = waits;
    this.#notes = notes;
  }

  get empty(): boolean {
    return this.#rules.length === 0;
  }

  add(rule: Rule): void {
    this.#rules.push(rule);
  }

  /** Puts a rule before all others, in place of one that was put there before; null: none. */
  setFirst(rule: Rule | null): void {
    if (this.#first) this.#rules.shift();
    this.#first = rule !== null;
    if (rule !== null) this.#rules.unshift(rule);
  }

  /** Evaluates the rules from `context.ruleIndex` on. */
  run(context: ActionContext): RuleVerdict | Promise<RuleVerdict> {
    if (this.#rules.length === 0) return RULE_CONTINUE;
    if (context.ruleIndex === 0) context.strictRewriting = true;
    context.waitingRule = null;
    return this.#run(context, context.ruleIndex);
  }

  #run(context: ActionContext, from: number): RuleVerdict | Promise<RuleVerdict> {
    const rules = this.#rules;
    const last = Math.min(rules.length, from + this.#turns.rulesAtOnce);
    for (let i = from; i < last; i++) {
      const rule = rules[i];
      if (rule.condition !== null) {
        const found = rule.condition(context);
        if (found === NOT_YET && this.#waits) return this.#notYet(context, i);
        if (found !== FOUND) continue;
      }
      const verdict = rule.action(context);
      if (typeof verdict !== "number") return this.#await(context, i, verdict);
      if (verdict !== RULE_CONTINUE && (verdict !== RULE_NOT_YET || this.#waits)) {
        return this.#stop(context, i, verdict);
      }
    }
    if (last < rules.length) return this.#afterTurn(context, last);
    context.ruleIndex = 0;
    return RULE_CONTINUE;
  }

  #stop(context: ActionContext, index: number, verdict: RuleVerdict): RuleVerdict {
    if (verdict === RULE_NOT_YET) return this.#notYet(context, index);
    context.ruleIndex = 0;
    if (this.#notes) context.lastRule = this.#rules[index].at;
    return verdict;
  }

  #notYet(context: ActionContext, index: number): RuleVerdict {
    context.ruleIndex = index;
    context.waitingRule = this.#rules[index].at;
    return RULE_NOT_YET;
  }

  async #await(context: ActionContext, index: number, pending: Promise<RuleVerdict>): Promise<RuleVerdict> {
    context.waitingRule = this.#rules[index].at;
    const verdict = await pending;
    if (context.stopped === 0) context.waitingRule = null;
    if (verdict !== RULE_CONTINUE) return this.#stop(context, index, verdict);
    return await this.#run(context, index + 1);
  }

  async #afterTurn(context: ActionContext, next: number): Promise<RuleVerdict> {
    await this.#turns.turn();
    return await this.#run(context, next);
  }
}

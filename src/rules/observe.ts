// Watching rules: those that are built with an observer (explain, traces) tell it when they are evaluated, what their
// conditions decide and what their actions do. The others hold nothing of it.
import type { Location } from "../config/mod.ts";
import { type ConditionFn, FOUND, type SampleObserver, type Txn, type Verdict } from "../sample/mod.ts";
import type { RulesEnv } from "./env.ts";
import type { TextFn } from "./formats.ts";
import type { Rule } from "./runner.ts";
import type { ActionContext, ActionFn, RuleVerdict } from "./types.ts";

/** A rule as its observer knows it: the same object every time. */
export interface WatchedRule {
  /** Name of the proxy that has it. */
  readonly proxy: string;
  /** The keyword of its statement: a rule set, "redirect", "use_backend" and the like. */
  readonly keyword: string;
  readonly at: Location;
}

/** Told in the order of the evaluation; between begins() and the rule's end what a SampleObserver is told is of the rule. */
export interface RulesObserver extends SampleObserver {
  /** A rule was built; those of a proxy and keyword come in their order. */
  built(rule: WatchedRule): void;
  begins(rule: WatchedRule, txn: Txn): void;
  /** Its condition's verdict; FOUND when it has none. */
  decided(rule: WatchedRule, verdict: Verdict): void;
  /** Its action is over. */
  acted(rule: WatchedRule, context: ActionContext, verdict: RuleVerdict): void;
  /** It names a backend or a server, which may not exist. */
  named(rule: WatchedRule, name: string): void;
}

/** A rule of a rule set, as it was or watched. */
export function watchRule(rule: Rule, keyword: string, env: RulesEnv): Rule {
  const { observer } = env;
  if (observer === undefined) return rule;
  const watched = { proxy: env.rules.name, keyword, at: rule.at };
  observer.built(watched);
  return {
    condition: watchedCondition(rule.condition, watched, observer),
    action: watchedAction(rule.action, watched, observer),
    at: rule.at,
  };
}

/** The same of a rule that only has a condition, and of one that names a target. */
export function watchTarget(
  rule: { readonly condition: ConditionFn | null; readonly target: TextFn },
  keyword: string,
  at: Location,
  env: RulesEnv,
): { readonly condition: ConditionFn | null; readonly target: TextFn } {
  const { observer } = env;
  if (observer === undefined) return rule;
  const watched = { proxy: env.rules.name, keyword, at };
  observer.built(watched);
  return {
    condition: watchedCondition(rule.condition, watched, observer),
    target: {
      text(txn) {
        const name = rule.target.text(txn);
        observer.named(watched, name);
        return name;
      },
    },
  };
}

export function watchCondition(condition: ConditionFn, keyword: string, at: Location, env: RulesEnv): ConditionFn {
  const { observer } = env;
  if (observer === undefined) return condition;
  const watched = { proxy: env.rules.name, keyword, at };
  observer.built(watched);
  return watchedCondition(condition, watched, observer);
}

function watchedCondition(condition: ConditionFn | null, rule: WatchedRule, observer: RulesObserver): ConditionFn {
  return (txn) => {
    observer.begins(rule, txn);
    const verdict = condition === null ? FOUND : condition(txn);
    observer.decided(rule, verdict);
    return verdict;
  };
}

function watchedAction(action: ActionFn, rule: WatchedRule, observer: RulesObserver): ActionFn {
  return (context) => {
    const verdict = action(context);
    if (typeof verdict === "number") {
      observer.acted(rule, context, verdict);
      return verdict;
    }
    return verdict.then((settled) => {
      observer.acted(rule, context, settled);
      return settled;
    });
  };
}

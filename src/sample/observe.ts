// Watching an evaluation: conditions and expressions that are built with an observer tell it what they look at (explain,
// traces). The others hold nothing of it: whether there is an observer is decided once, when the closure is built.
import type { CondNode, TermNode } from "./condition.ts";
import {
  type AclTest,
  type ConditionFn,
  type ExprNode,
  type Sample,
  type SampleEnv,
  type SampleFn,
  type Verdict,
} from "./types.ts";

/** Told in the order of the evaluation. A sample is valid during the call only. */
export interface SampleObserver {
  /** A test of an ACL is given a value, before it is cast and matched; one test may be given several. */
  trying(test: AclTest, sample: Sample): void;
  tested(test: AclTest, verdict: Verdict): void;
  /** An ACL of a condition has its verdict, the negation in it; `of`: the whole condition. */
  term(term: TermNode, of: CondNode, verdict: Verdict): void;
  /** An expression that is not part of an ACL; `sample` counts when it was FOUND. */
  evaluated(node: ExprNode, verdict: Verdict, sample: Sample): void;
}

/** The matcher of a test, as it was or watched. */
export function watchMatcher(
  test: AclTest,
  env: SampleEnv,
  match: (sample: Sample) => boolean,
): (sample: Sample) => boolean {
  const { observer } = env;
  if (observer === undefined) return match;
  return (sample) => {
    observer.trying(test, sample);
    return match(sample);
  };
}

/** A test of an ACL, as it was or watched. */
export function watchTest(test: AclTest, env: SampleEnv, condition: ConditionFn): ConditionFn {
  const { observer } = env;
  if (observer === undefined) return condition;
  return (txn) => {
    const verdict = condition(txn);
    observer.tested(test, verdict);
    return verdict;
  };
}

/** A term of a condition, as it was or watched. */
export function watchTerm(term: TermNode, of: CondNode, env: SampleEnv, condition: ConditionFn): ConditionFn {
  const { observer } = env;
  if (observer === undefined) return condition;
  return (txn) => {
    const verdict = condition(txn);
    observer.term(term, of, verdict);
    return verdict;
  };
}

/** An expression, as it was or watched. */
export function watchExpression(node: ExprNode, env: SampleEnv, expression: SampleFn): SampleFn {
  const { observer } = env;
  if (observer === undefined) return expression;
  return (txn, into) => {
    const verdict = expression(txn, into);
    observer.evaluated(node, verdict, into);
    return verdict;
  };
}

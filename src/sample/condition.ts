// Conditions of rules, "if ..." and "unless ..." (configuration.txt 7.2): ACLs and-ed, joined by "or". They are evaluated
// with three values: what is not decided yet stays open unless the rest of the condition decides without it.
import type { Cursor } from "../config/mod.ts";
import { buildAclTest, namedAcl, parseAclTest, placeOf } from "./acl.ts";
import { watchTerm } from "./observe.ts";
import { missing, offersIn } from "./offers.ts";
import { ABSENT, type AclNode, type ConditionFn, FOUND, NOT_YET, type SampleEnv, type Verdict } from "./types.ts";

/** One ACL of a condition. */
export interface TermNode {
  readonly negated: boolean;
  readonly acl: AclNode;
}

/** A condition: plain data. */
export interface CondNode {
  readonly unless: boolean;
  /** Any group, of which all terms. */
  readonly groups: readonly (readonly TermNode[])[];
  /** What the place of the condition has (OFFERS): tests that need more never match. */
  readonly offers: number;
}

// ---- parsing --------------------------------------------------------------------------------------------------

/**
 * Takes the rest of a statement as a condition, null when nothing is left. What else than "if" or "unless" is left is an
 * error, so that this is also the end of the statement.
 */
export function takeCondition(cursor: Cursor, offers: number): CondNode | null {
  if (cursor.done) return null;
  const word = cursor.peek();
  if (word === "if" || word === "unless") return parseCondition(cursor, offers);
  cursor.fail(`'${cursor.keyword}' expects either 'if' or 'unless' followed by a condition but found '${word}'.`);
}

/** Takes "if" or "unless" and everything behind it. */
export function parseCondition(cursor: Cursor, offered: number): CondNode {
  const offers = offersIn(cursor.context, offered);
  const unless = cursor.take("'if' or 'unless'") === "unless";
  const groups: TermNode[][] = [[]];
  while (!cursor.done) {
    const group = groups[groups.length - 1];
    if (cursor.accept("or") || cursor.accept("||")) {
      if (group.length === 0) failCondition(cursor, "missing ACL before 'or'");
      groups.push([]);
      continue;
    }
    group.push(parseTerm(cursor, offers));
  }
  if (groups[groups.length - 1].length === 0) {
    failCondition(cursor, groups.length === 1 ? "missing ACL after 'if' or 'unless'" : "missing ACL after 'or'");
  }
  return { unless, groups, offers };
}

function failCondition(cursor: Cursor, text: string, at = cursor.at): never {
  cursor.fail(`error detected while parsing an '${cursor.keyword}' condition : ${text}.`, at);
}

function parseTerm(cursor: Cursor, offers: number): TermNode {
  let negated = false;
  let word = cursor.peek()!;
  const at = cursor.at;
  for (;;) {
    while (word.startsWith("!")) {
      negated = !negated;
      word = word.slice(1);
    }
    cursor.position++;
    if (word !== "") break;
    const next = cursor.peek();
    if (next === undefined) failCondition(cursor, "missing ACL after '!'");
    word = next;
  }
  if (word === "{") return { negated, acl: parseAnonymous(cursor, offers) };
  const acl = namedAcl(word, cursor.context);
  if (acl === null) failCondition(cursor, `no such ACL : '${word}'`, at);
  if (typeof acl === "string") failCondition(cursor, acl, at);
  if (acl.tests.every((test) => missing(test.expression.needs, offers) !== null)) {
    cursor.warn(
      `acl '${word}' will never match because it only involves keywords that are incompatible with ${rule(cursor)}`,
      at,
    );
  }
  return { negated, acl };
}

function parseAnonymous(cursor: Cursor, offers: number): AclNode {
  const at = cursor.at;
  const words: string[] = [];
  for (let word = cursor.peek(); word !== "}"; word = cursor.peek()) {
    if (word === undefined) failCondition(cursor, "missing closing '}' in condition", at);
    words.push(word);
    cursor.position++;
  }
  cursor.position++;
  const parsed = parseAclTest(words, cursor.context, placeOf(cursor));
  if (typeof parsed === "string") failCondition(cursor, parsed, at);
  if (parsed.warning !== null) cursor.warn(parsed.warning, at);
  const { expression } = parsed.test;
  if (missing(expression.needs, offers) !== null) {
    cursor.warn(
      `anonymous acl will never match because it uses keyword '${expression.fetch}' which is incompatible with ${
        rule(cursor)
      }`,
      at,
    );
  }
  return { name: "", tests: [parsed.test] };
}

function rule(cursor: Cursor): string {
  return `'${cursor.context.section.kind} ${cursor.keyword} rule'`;
}

// ---- building -------------------------------------------------------------------------------------------------

/** The closure of a condition: FOUND when the rule applies. "unless" is part of it. */
export function buildCondition(node: CondNode, env: SampleEnv): ConditionFn {
  const groups = node.groups.map((group) => allOf(group.map((term) => buildTerm(term, node, env))));
  const any = anyOf(groups);
  return node.unless ? not(any) : any;
}

/** The closure of an ACL by itself (fetch "acl", "monitor fail"). */
export function buildAcl(node: AclNode, offers: number, env: SampleEnv): ConditionFn {
  const tests = node.tests.filter((test) => missing(test.expression.needs, offers) === null);
  return anyOf(tests.map((test) => buildAclTest(test, env)));
}

function buildTerm(term: TermNode, node: CondNode, env: SampleEnv): ConditionFn {
  const acl = buildAcl(term.acl, node.offers, env);
  return watchTerm(term, node, env, term.negated ? not(acl) : acl);
}

function not(condition: ConditionFn): ConditionFn {
  return (txn) => {
    const verdict = condition(txn);
    return verdict === NOT_YET ? NOT_YET : verdict === FOUND ? ABSENT : FOUND;
  };
}

/** All must hold: one that does not decides. */
function allOf(conditions: readonly ConditionFn[]): ConditionFn {
  if (conditions.length === 1) return conditions[0];
  return (txn) => {
    let result: Verdict = FOUND;
    for (let i = 0; i < conditions.length; i++) {
      const verdict = conditions[i](txn);
      if (verdict === ABSENT) return ABSENT;
      if (verdict === NOT_YET) result = NOT_YET;
    }
    return result;
  };
}

/** One must hold: one that does decides. */
function anyOf(conditions: readonly ConditionFn[]): ConditionFn {
  if (conditions.length === 1) return conditions[0];
  return (txn) => {
    let result: Verdict = ABSENT;
    for (let i = 0; i < conditions.length; i++) {
      const verdict = conditions[i](txn);
      if (verdict === FOUND) return FOUND;
      if (verdict === NOT_YET) result = NOT_YET;
    }
    return result;
  };
}

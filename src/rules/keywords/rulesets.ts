// The statements that are rules: tcp-request connection|session|content, tcp-response content, http-request,
// http-response, http-after-response (configuration.txt 4.2, 4.3): an action, its arguments, a condition.
import type { KeywordEntry, Names, Node, RefusedEntry, Registry, Section } from "../../config/mod.ts";
import { Cursor, didYouMean, passGate } from "../../config/mod.ts";
import { buildCondition, checkExpressions, OFFERS, takeCondition } from "../../sample/mod.ts";
import type { CondNode } from "../../sample/mod.ts";
import type { ActionEnv, RulesEnv } from "../env.ts";
import { watchRule } from "../observe.ts";
import { RuleCursor } from "../rule_cursor.ts";
import { RULESETS } from "../types.ts";
import type { ActionEntry, RulesetName } from "../types.ts";

export interface RuleNode {
  /** Name of the action's entry; null for one that has no effect here. */
  readonly action: string | null;
  readonly argument: unknown;
  readonly condition: CondNode | null;
}

/** The name of an action without the parameter in parentheses. */
function bareName(word: string): string {
  const open = word.indexOf("(");
  return open < 0 ? word : word.slice(0, open);
}

function parseRule(cursor: Cursor, ruleset: RulesetName): RuleNode {
  const { registry } = cursor.context;
  const at = cursor.at;
  const word = cursor.peek();
  if (word === undefined) {
    cursor.fail(`'${ruleset}' expects one of ${usable(registry, ruleset)}, but got '' (missing argument).`);
  }
  warnOfFinal(cursor, ruleset);
  const name = bareName(word);
  const entry = registry.find("action", name) as ActionEntry | undefined;
  if (entry === undefined || !entry.rulesets.includes(ruleset)) return withoutEntry(cursor, ruleset, name, entry);
  if (entry.parameter !== true && word !== name) {
    cursor.fail(`'${ruleset} ${name}' takes no parameter in parentheses.`, at);
  }
  if (entry.parameter === true && !/^[^(]+\(.*\)$/.test(word)) {
    cursor.fail(`invalid or incomplete action '${word}'. Expects '${name}(<parameter>)'.`, at);
  }
  passGate(cursor, entry);
  cursor.position++;
  const rule = new RuleCursor(cursor, ruleset, word);
  const argument = entry.parse(rule);
  cursor.position = rule.position;
  return { action: entry.name, argument, condition: conditionOf(cursor, rule.keyword) };
}

/** An action that is not built, not for this rule set, or no action at all. */
function withoutEntry(cursor: Cursor, ruleset: RulesetName, name: string, entry: ActionEntry | undefined): RuleNode {
  const { registry } = cursor.context;
  if (entry !== undefined) {
    const others = entry.rulesets.map((other) => `'${other}'`).join(", ");
    cursor.fail(`the action '${name}' is not usable in '${ruleset}' rules, but in ${others}.`);
  }
  const noop = registry.noop("action", name);
  if (noop !== undefined) return withoutEffect(cursor, ruleset, noop);
  const refused = registry.refused("action", name);
  if (refused !== undefined) cursor.fail(`'${ruleset} ${name}' : ${refused.reason}.`);
  const hint = didYouMean(name, usableNames(registry, ruleset));
  if (hint !== "") cursor.fail(`'${ruleset}' does not know the action '${name}'${hint}`);
  cursor.fail(`'${ruleset}' expects one of ${usable(registry, ruleset)}, but got '${name}'.`);
}

function withoutEffect(cursor: Cursor, ruleset: RulesetName, noop: RefusedEntry): RuleNode {
  cursor.notice(`'${ruleset} ${noop.name}' has no effect: ${noop.reason}.`);
  cursor.position++;
  for (let i = noop.arguments ?? 0; i > 0; i--) cursor.take(`the argument of '${noop.name}'`);
  return { action: null, argument: null, condition: conditionOf(cursor, `${ruleset} ${noop.name}`) };
}

/** Takes the condition that ends the statement; its errors name the rule. */
function conditionOf(cursor: Cursor, rule: string): CondNode | null {
  const rest = new Cursor(cursor.context, cursor.file, cursor.line, rule, false, cursor.words, cursor.position);
  const condition = takeCondition(rest, OFFERS[cursor.keyword as RulesetName]);
  cursor.position = rest.position;
  return condition;
}

function usableNames(registry: Registry, ruleset: RulesetName): string[] {
  return registry.names("action").filter((name) => {
    const entry = registry.find("action", name) as ActionEntry | undefined;
    return entry !== undefined && entry.rulesets.includes(ruleset);
  });
}

function usable(registry: Registry, ruleset: RulesetName): string {
  return usableNames(registry, ruleset).sort().map((name) => `'${name}'`).join(", ");
}

/** The rule before this one in the same section ends every evaluation. */
function warnOfFinal(cursor: Cursor, ruleset: RulesetName): void {
  const { registry, section } = cursor.context;
  const previous = section.nodes.findLast((node) => node.keyword === ruleset)?.value as RuleNode | undefined;
  if (previous === undefined || previous.action === null || previous.condition !== null) return;
  const entry = registry.find("action", previous.action) as ActionEntry;
  if (!entry.final || entry.passes?.(previous.argument) === true) return;
  cursor.warn(`previous '${ruleset}' action is final and has no condition attached, further entries are NOOP.`);
}

function checkRule(node: Node<RuleNode>, section: Section, names: Names): void {
  checkExpressions(node.value, names, node.at, section);
  if (node.value.action === null) return;
  const entry = names.registry.find("action", node.value.action) as ActionEntry;
  entry.check?.(node.value.argument, node.at, section, names);
}

function buildRule(node: Node<RuleNode>, ruleset: RulesetName, env: RulesEnv): void {
  const { action, argument, condition } = node.value;
  if (action === null) return;
  const entry = env.registry.find("action", action) as ActionEntry;
  const actionEnv: ActionEnv = { ...env, ruleset };
  const rule = {
    condition: condition === null ? null : buildCondition(condition, env),
    action: entry.build(argument, actionEnv),
    at: node.at,
  };
  env.rules.ruleset(ruleset).add(watchRule(rule, ruleset, env));
}

const DOCS: Readonly<Record<RulesetName, string>> = {
  "tcp-request connection": "A rule on a connection just accepted.",
  "tcp-request session": "A rule on a connection whose handshakes are done.",
  "tcp-request content": "A rule on what the client sends.",
  "tcp-response content": "A rule on what the server sends.",
  "http-request": "A rule on a request.",
  "http-response": "A rule on a server's response.",
  "http-after-response": "A rule on every response, also those made here.",
};

function ruleKeyword(ruleset: RulesetName): KeywordEntry<RuleNode, RulesEnv> {
  const frontendOnly = ruleset === "tcp-request connection" || ruleset === "tcp-request session";
  const backendOnly = ruleset === "tcp-response content";
  return {
    kind: "keyword",
    name: ruleset,
    manual: "4.2",
    doc: DOCS[ruleset],
    sections: frontendOnly
      ? ["defaults", "frontend", "listen"]
      : backendOnly
      ? ["defaults", "listen", "backend"]
      : ["defaults", "frontend", "listen", "backend"],
    inherit: "named",
    parse: (cursor) => parseRule(cursor, ruleset),
    check: checkRule,
    build: (node, env) => buildRule(node, ruleset, env),
  };
}

export const ruleKeywords = RULESETS.map(ruleKeyword);

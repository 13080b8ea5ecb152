import { assertEquals } from "@std/assert";
import { ABSENT, FOUND, NOT_YET } from "../sample/mod.ts";
import type { Verdict } from "../sample/mod.ts";
import { Ruleset } from "./runner.ts";
import type { Rule } from "./runner.ts";
import { RULE_ABORT, RULE_CONTINUE, RULE_NOT_YET, RULE_STOP } from "./types.ts";
import type { ActionContext, RuleVerdict } from "./types.ts";

/** What a rule set needs of a stream, and a diary. */
interface Context {
  ruleIndex: number;
  lastRule: unknown;
  waitingRule: unknown;
  stopped: number;
  strictRewriting: boolean;
  readonly ran: string[];
}

function context(): ActionContext & Context {
  return {
    ruleIndex: 0,
    lastRule: null,
    waitingRule: null,
    stopped: 0,
    strictRewriting: false,
    ran: [],
  } as unknown as ActionContext & Context;
}

const at = (line: number) => ({ file: "t.cfg", line, column: 1 });

function rule(name: string, verdict: RuleVerdict | Promise<RuleVerdict>, condition?: () => Verdict): Rule {
  return {
    condition: condition ?? null,
    action: (stream) => {
      (stream as unknown as Context).ran.push(name);
      return verdict;
    },
    at: at(name.charCodeAt(0)),
  };
}

function ruleset(rules: readonly Rule[], waits = false, rulesAtOnce = 50): { set: Ruleset; turns: () => number } {
  let turns = 0;
  const set = new Ruleset({ rulesAtOnce, turn: () => Promise.resolve(void turns++) }, waits);
  for (const one of rules) set.add(one);
  return { set, turns: () => turns };
}

Deno.test("HTTP-01 a rule set runs in order, answers at once, and says which rule ended it", () => {
  const { set } = ruleset([
    rule("a", RULE_CONTINUE),
    rule("b", RULE_ABORT, () => ABSENT),
    rule("c", RULE_CONTINUE, () => FOUND),
    rule("d", RULE_STOP),
    rule("e", RULE_CONTINUE),
  ]);
  const stream = context();
  assertEquals(set.run(stream), RULE_STOP);
  assertEquals(stream.ran, ["a", "c", "d"]);
  assertEquals(stream.lastRule, at("d".charCodeAt(0)));
  assertEquals(stream.strictRewriting, true, "strict mode is back at the begin of a run");
});

Deno.test("TCP-02 an undecided rule stops the run, which goes on there with more data", () => {
  let decided: Verdict = NOT_YET;
  const { set } = ruleset([rule("a", RULE_CONTINUE), rule("b", RULE_ABORT, () => decided), rule("c", RULE_STOP)], true);
  const stream = context();
  assertEquals(set.run(stream), RULE_NOT_YET);
  stream.strictRewriting = false;
  assertEquals(set.run(stream), RULE_NOT_YET);
  decided = ABSENT;
  assertEquals(set.run(stream), RULE_STOP);
  assertEquals(stream.ran, ["a", "c"], "rules before the undecided one run once");
  assertEquals(stream.strictRewriting, false, "going on is not a new run");
  assertEquals(stream.ruleIndex, 0);
});

Deno.test("TCP-02 an action that lacks data is waited for as well", () => {
  const { set } = ruleset([rule("a", RULE_NOT_YET), rule("b", RULE_STOP)], true);
  const stream = context();
  assertEquals(set.run(stream), RULE_NOT_YET);
  assertEquals(stream.ran, ["a"]);
  assertEquals(stream.lastRule, null);
});

Deno.test("HTTP-01 where rules do not wait, what is undecided does not match", () => {
  const { set } = ruleset([
    rule("a", RULE_ABORT, () => NOT_YET),
    rule("b", RULE_NOT_YET),
    rule("c", RULE_STOP),
  ]);
  const stream = context();
  assertEquals(set.run(stream), RULE_STOP);
  assertEquals(stream.ran, ["b", "c"]);
});

Deno.test("HTTP-20 a run goes on behind an action that waited", async () => {
  const { set } = ruleset([
    rule("a", Promise.resolve(RULE_CONTINUE as RuleVerdict)),
    rule("b", RULE_CONTINUE),
    rule("c", Promise.resolve(RULE_STOP as RuleVerdict)),
    rule("d", RULE_ABORT),
  ]);
  const stream = context();
  const verdict = set.run(stream);
  assertEquals(stream.ran, ["a"]);
  assertEquals(await verdict, RULE_STOP);
  assertEquals(stream.ran, ["a", "b", "c"]);
});

Deno.test("GLOB-07 HTTP-01 after tune.max-rules-at-once rules others have their turn", async () => {
  const rules = Array.from({ length: 10 }, (_, i) => rule(String(i), RULE_CONTINUE));
  const { set, turns } = ruleset(rules, false, 4);
  const stream = context();
  const verdict = set.run(stream);
  assertEquals(stream.ran.length, 4);
  assertEquals(await verdict, RULE_CONTINUE);
  assertEquals([stream.ran.length, turns()], [10, 2]);
  const exact = ruleset(rules.slice(0, 4), false, 4);
  assertEquals(exact.set.run(context()), RULE_CONTINUE, "no turn is taken behind the last rule");
});

Deno.test("FETCH-24 the rule that waits is noted while it waits, and stays noted when the stream ends meanwhile", async () => {
  let decided: Verdict = NOT_YET;
  const undecided = ruleset([rule("a", RULE_CONTINUE), rule("b", RULE_STOP, () => decided)], true).set;
  const stream = context();
  undecided.run(stream);
  assertEquals(stream.waitingRule, at("b".charCodeAt(0)));
  decided = FOUND;
  undecided.run(stream);
  assertEquals(stream.waitingRule, null);

  const waits = ruleset([rule("p", Promise.resolve<RuleVerdict>(RULE_CONTINUE)), rule("q", RULE_STOP)]).set;
  const run = waits.run(stream);
  assertEquals(stream.waitingRule, at("p".charCodeAt(0)));
  assertEquals(await run, RULE_STOP);
  assertEquals(stream.waitingRule, null);
  const ended = waits.run(stream);
  stream.stopped = -18;
  await ended;
  assertEquals(stream.waitingRule, at("p".charCodeAt(0)));
});

Deno.test("FETCH-24 rules of `redirect` statements are not the last rule", () => {
  const set = new Ruleset({ rulesAtOnce: 9, turn: () => Promise.resolve() }, false, false);
  set.add(rule("r", RULE_ABORT));
  const stream = context();
  assertEquals(set.run(stream), RULE_ABORT);
  assertEquals(stream.lastRule, null);
});

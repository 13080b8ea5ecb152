// Writes down what the rules of a thread do while one request goes through it: the observer that explain builds its thread
// with. In each proxy's rule sets it puts a first rule of its own, that changes nothing and tells what the stream has chosen.
import type { Location } from "../../config/mod.ts";
import {
  type ActionContext,
  type ProxyRules,
  RULE_ABORT,
  RULE_CONTINUE,
  RULE_DROP,
  RULE_ERROR,
  RULE_HTTP,
  RULE_NOT_YET,
  RULE_REPLY,
  RULE_STOP,
  type RulesObserver,
  type RuleVerdict,
  type WatchedRule,
} from "../../rules/mod.ts";
import {
  type AclTest,
  type CondNode,
  type ExprNode,
  FOUND,
  NOT_YET,
  type Sample,
  sampleText,
  T_BIN,
  T_BOOL,
  type TermNode,
  type Txn,
  TYPE_NAMES,
  type Verdict,
} from "../../sample/mod.ts";
import type { ThreadWatch } from "../thread.ts";
import { changesOf, type Heads, headsOf } from "./heads.ts";
import type {
  ExpressionReport,
  NotEvaluated,
  Outcome,
  RuleReport,
  SampleValue,
  TermReport,
  TestReport,
  VerdictName,
} from "./report.ts";

/** Longest text of a value that is kept, in bytes. */
const LONGEST_VALUE = 256;
/** An action that took longer than this has waited, ms: what only passes through the simulation takes less. */
const WAITED_MS = 1;

/** Longer waits are told in steps of this, ms. */
const GRAIN_MS = 10;

const NOWHERE: Location = { file: "", line: 0, column: 0 };

export class Recorder implements RulesObserver, ThreadWatch {
  readonly rules: RuleReport[] = [];
  /** What was looked at outside of rules since the request rules: by balancers. */
  readonly others: ExpressionReport[] = [];
  /** The stream of the request, once it met a rule set. */
  stream: Txn | null = null;
  /** The rules of the frontend were reached. */
  reached = false;
  backend = "";
  server = "";
  /** Servers of the requests after the first one. */
  readonly next: string[] = [];
  /** The first request is over: the following ones only tell their server. */
  finished = false;

  readonly #now: () => number;
  readonly #aclPlaces: ReadonlyMap<string, Location>;
  readonly #built: WatchedRule[] = [];
  #current: RuleReport | null = null;
  #before: Heads | null = null;
  #beganAt = 0;
  /** Values given to tests that have no verdict yet; tests and terms of the rule. */
  readonly #values = new Map<AclTest, SampleValue[]>();
  #tests: TestReport[] = [];

  /** `aclPlaces`: the `acl` lines by the description of their tests. */
  constructor(now: () => number, aclPlaces: ReadonlyMap<string, Location>) {
    this.#now = now;
    this.#aclPlaces = aclPlaces;
  }

  // ---- ThreadWatch ------------------------------------------------------------------------------------------------

  get observer(): this {
    return this;
  }

  opened(rules: ProxyRules): void {
    const seen = (context: ActionContext): RuleVerdict => {
      this.#seen(context);
      return RULE_CONTINUE;
    };
    const requested = (context: ActionContext): RuleVerdict => {
      this.reached = true;
      return seen(context);
    };
    const responded = (context: ActionContext): RuleVerdict => {
      const { backend, server } = context;
      if (this.finished && server !== null && backend?.name === rules.name) this.next.push(server.name);
      return seen(context);
    };
    rules.httpRequest.add({ condition: null, action: requested, at: NOWHERE });
    rules.httpResponse.add({ condition: null, action: responded, at: NOWHERE });
    rules.httpAfterResponse.add({ condition: null, action: seen, at: NOWHERE });
  }

  #seen(context: ActionContext): void {
    if (this.finished) return;
    this.stream = context;
    if (context.backend !== null) this.backend = context.backend.name;
    if (context.server !== null) this.server = context.server.name;
  }

  // ---- RulesObserver ----------------------------------------------------------------------------------------------

  built(rule: WatchedRule): void {
    this.#built.push(rule);
  }

  begins(rule: WatchedRule, txn: Txn): void {
    if (this.finished) return;
    this.#end();
    const { proxy, keyword, at } = rule;
    this.#current = {
      proxy,
      keyword,
      at,
      verdict: "not-matched",
      terms: [],
      expressions: [],
      outcome: "none",
      effects: [],
      target: null,
      waitedMs: 0,
      depends: [],
    };
    this.#before = headsOf(txn);
    this.#beganAt = this.#now();
  }

  decided(_rule: WatchedRule, verdict: Verdict): void {
    const report = this.#current;
    if (report === null) return;
    report.verdict = verdictName(verdict);
    if (verdict !== FOUND) this.#end();
  }

  acted(_rule: WatchedRule, context: ActionContext, verdict: RuleVerdict): void {
    const report = this.#current;
    if (report === null) return;
    report.outcome = outcomeOf(verdict);
    report.effects = [...changesOf(this.#before!, headsOf(context)), ...effectsOf(context, verdict)];
    const waited = this.#now() - this.#beganAt;
    if (waited > WAITED_MS) report.waitedMs = waitedMs(waited);
    this.#end();
  }

  named(_rule: WatchedRule, name: string): void {
    const report = this.#current;
    if (report === null) return;
    report.target = name;
    this.#end();
  }

  #end(): void {
    if (this.#current !== null) this.rules.push(this.#current);
    this.#current = null;
    this.#tests = [];
    this.#values.clear();
  }

  // ---- SampleObserver ---------------------------------------------------------------------------------------------

  trying(test: AclTest, sample: Sample): void {
    if (this.#current === null) return;
    const values = this.#values.get(test);
    if (values === undefined) this.#values.set(test, [valueOf(sample)]);
    else values.push(valueOf(sample));
  }

  tested(test: AclTest, verdict: Verdict): void {
    if (this.#current === null) return;
    this.#tests.push({
      written: test.expression.text,
      expression: expressionText(test.expression),
      values: this.#values.get(test) ?? [],
      verdict: verdictName(verdict),
      at: this.#aclPlaces.get(test.description) ?? null,
    });
    this.#values.delete(test);
  }

  term({ acl, negated }: TermNode, { groups }: CondNode, verdict: Verdict): void {
    const report: TermReport = {
      acl: acl.name,
      negated,
      verdict: verdictName(verdict),
      tests: this.#tests,
      alone: groups.flat().length === 1,
    };
    this.#current?.terms.push(report);
    this.#tests = [];
  }

  evaluated(node: ExprNode, verdict: Verdict, sample: Sample): void {
    if (this.finished) return;
    const value = verdict === FOUND ? valueOf(sample) : null;
    const list = this.#current?.expressions ?? this.others;
    list.push({ expression: node.text, value });
  }

  // ---- results ----------------------------------------------------------------------------------------------------

  /** The request is over. */
  finish(): void {
    this.#end();
    this.finished = true;
  }

  /** Rules behind one that ended the evaluation of its set. */
  notEvaluated(): NotEvaluated[] {
    const out: NotEvaluated[] = [];
    for (const last of this.rules) {
      const ended = last.outcome !== "none" && last.outcome !== "continue" && last.outcome !== "wait" ||
        last.target !== null && last.verdict === "matched" && last.keyword === "use_backend";
      if (!ended) continue;
      const all = this.#built.filter((r) => r.proxy === last.proxy && r.keyword === last.keyword);
      const met = new Set(this.rules.filter((r) => r.proxy === last.proxy && r.keyword === last.keyword).map(placeKey));
      const count = all.filter((r) => !met.has(placeKey(r))).length;
      if (count > 0) out.push({ proxy: last.proxy, keyword: last.keyword, count });
    }
    return out;
  }
}

/** A duration without what the simulation itself takes. */
export function waitedMs(ms: number): number {
  return ms < GRAIN_MS ? Math.round(ms) : Math.round(ms / GRAIN_MS) * GRAIN_MS;
}

function placeKey({ at }: { readonly at: Location }): string {
  return `${at.file}:${at.line}`;
}

function verdictName(verdict: Verdict): VerdictName {
  return verdict === FOUND ? "matched" : verdict === NOT_YET ? "not-decided" : "not-matched";
}

function outcomeOf(verdict: RuleVerdict): Outcome {
  switch (verdict) {
    case RULE_CONTINUE:
      return "continue";
    case RULE_STOP:
    case RULE_HTTP:
      return "stop";
    case RULE_REPLY:
      return "reply";
    case RULE_ABORT:
      return "close";
    case RULE_DROP:
      return "drop";
    case RULE_NOT_YET:
      return "wait";
    case RULE_ERROR:
      return "error";
  }
}

/** What an action decided beyond the messages. */
function effectsOf(context: ActionContext, verdict: RuleVerdict): string[] {
  switch (verdict) {
    case RULE_STOP:
      return ["no further rule of this set"];
    case RULE_HTTP:
      return ["the connection speaks HTTP from here on"];
    case RULE_REPLY: {
      const { reply } = context;
      if (reply === null) return [];
      const status = reply.raw === null ? String(reply.status) : "an error file";
      return [`answers ${status}${reply.tarpit ? " after timeout tarpit" : ""}`];
    }
    case RULE_ABORT:
      return ["closes the connection"];
    case RULE_DROP:
      return ["drops the connection"];
    case RULE_ERROR:
      return ["fails"];
    default:
      return [];
  }
}

/** The expression with the fetch's own name: "path" of "path_beg". */
function expressionText(node: ExprNode): string {
  return node.text.replace(/^[A-Za-z0-9._+-]+/, node.fetch);
}

function valueOf(sample: Sample): SampleValue {
  const type = TYPE_NAMES[sample.type];
  if (sample.type === T_BOOL) return { type, text: sample.num === 0 ? "false" : "true" };
  if (sample.type !== T_BIN) return { type, text: clipped(sampleText(sample)) };
  let hex = "";
  for (let i = sample.from; i < Math.min(sample.to, sample.from + LONGEST_VALUE); i++) {
    hex += sample.bytes[i].toString(16).padStart(2, "0");
  }
  return { type, text: clipped(hex) };
}

function clipped(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}...`;
}

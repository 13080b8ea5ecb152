// What explain found out, for people: in the order in which it happened, one line a rule, aligned.
import type { Location } from "../../config/mod.ts";
import type {
  Depends,
  Explanation,
  ExpressionReport,
  RuleReport,
  SampleValue,
  ServerReport,
  TermReport,
  VerdictName,
} from "./report.ts";
import type { Statements } from "./statements.ts";
import { printable, quoted } from "./text.ts";

/** Longest statement that has its verdict beside it; widest verdict. */
const STATEMENT_WIDTH = 64;
const LEAST_STATEMENT_WIDTH = 24;
/** Lines of a body that are shown. */
const BODY_LINES = 20;

const WORDS: Readonly<Record<VerdictName, string>> = { matched: "yes", "not-matched": "no", "not-decided": "open" };
const VERDICT_WIDTH = 4;

/** Rule sets that are evaluated once there is a response. */
const RESPONSE_SETS = ["tcp-response content", "http-response", "http-after-response"];

/** The text, one line feed behind each line. */
export function renderExplanation(e: Explanation, statements: Statements): string {
  return `${new Renderer(e, statements).lines().join("\n")}\n`;
}

class Renderer {
  readonly #e: Explanation;
  readonly #statements: Statements;
  readonly #out: string[] = [];
  /** Columns: width of places, of statements. */
  readonly #placeWidth: number;
  readonly #statementWidth: number;

  constructor(e: Explanation, statements: Statements) {
    this.#e = e;
    this.#statements = statements;
    const places = e.rules.map((r) => place(r.at).length);
    if (e.unevaluated !== null && e.unevaluated.at !== null) places.push(place(e.unevaluated.at).length);
    const texts = e.rules.map((r) => this.#statement(r.at).length).filter((n) => n <= STATEMENT_WIDTH);
    const { backend, server } = e;
    if (server !== null && server.chosenAt === null) texts.push(`balance ${server.algorithm} (by default)`.length);
    const at = server?.choice === "balance" ? server.chosenAt : server?.at;
    for (const chosen of [at ?? null, backend?.chosenAt ?? null]) {
      if (chosen === null) continue;
      places.push(place(chosen).length);
      if (this.#statement(chosen).length <= STATEMENT_WIDTH) texts.push(this.#statement(chosen).length);
    }
    this.#placeWidth = Math.max(0, ...places);
    this.#statementWidth = Math.max(LEAST_STATEMENT_WIDTH, ...texts);
  }

  lines(): readonly string[] {
    const e = this.#e;
    const { name, kind, at } = e.frontend;
    const host = e.host === "" ? "" : `, host ${printable(e.host)}`;
    for (const notice of e.notices) this.#out.push(`note: ${printable(notice)}`);
    this.#out.push(
      `${kind} ${printable(name)} (${place(at)}): ${printable(`${e.method} ${e.target}`)}${host}, ` +
        `from ${e.src} to ${e.dst}`,
    );
    const response = (r: RuleReport) => RESPONSE_SETS.includes(r.keyword);
    const before = e.rules.filter((r) => !response(r));
    const own = before.filter((r) => r.proxy === e.frontend.name);
    this.#rules(own, e.frontend.name);
    this.#defaultBackend();
    this.#rules(before.slice(own.length), e.frontend.name);
    this.#destination(before.at(-1)?.proxy ?? e.frontend.name);
    if (e.toServer !== null) {
      this.#out.push("to the server:");
      this.#message(e.toServer);
    }
    const after = e.rules.filter(response);
    if (e.answer !== null && e.server !== null) {
      this.#out.push(`server ${printable(e.server.name)} answers ${printable(e.answer)}`);
    }
    this.#rules(after, "");
    this.#client();
    return this.#out;
  }

  // ---- rules --------------------------------------------------------------------------------------------------

  /** Rules of several proxies: a heading where the proxy changes. `proxy`: whose heading stands above already. */
  #rules(rules: readonly RuleReport[], proxy: string): void {
    let current = proxy;
    rules.forEach((rule, i) => {
      if (rule.proxy !== current) this.#heading(rule.proxy);
      current = rule.proxy;
      this.#rule(rule);
      const last = !rules.slice(i + 1).some((r) => r.proxy === rule.proxy && r.keyword === rule.keyword);
      if (last) this.#notEvaluated(rule);
    });
  }

  #heading(proxy: string): void {
    const { backend, frontend } = this.#e;
    const what = backend !== null && backend.name === proxy && proxy !== frontend.name
      ? `backend ${printable(proxy)} (${place(backend.at)})`
      : `${frontend.kind} ${printable(frontend.name)} (${place(frontend.at)})`;
    this.#out.push(`${what}:`);
  }

  #rule(rule: RuleReport): void {
    const details = [...termLines(rule.terms), ...rule.expressions.map(expressionLine)];
    if (rule.target !== null) details.push(...this.#targetLines(rule, rule.target));
    details.push(...rule.effects.map(printable));
    if (rule.waitedMs > 0) details.push(`waits ${durationText(rule.waitedMs)}`);
    details.push(...dependsLines(rule.depends));
    this.#line(rule.at, WORDS[rule.verdict], [...new Set(details)]);
  }

  /** What a rule names, where its statement does not say it, or where there is no such thing. */
  #targetLines(rule: RuleReport, target: string): string[] {
    if (rule.keyword === "use_backend" && this.#e.backend?.name !== target) return [`no backend ${printable(target)}`];
    return rule.expressions.length > 0 ? [printable(target)] : [];
  }

  /** One statement: its place, its text, a word, and what there is to say, the first of it on the same line. */
  #line(at: Location, word: string, details: readonly string[]): void {
    this.#columns(place(at), this.#statement(at), word, details);
  }

  #columns(where: string, statement: string, word: string, details: readonly string[]): void {
    const head = `  ${where.padEnd(this.#placeWidth)}  ${statement.padEnd(this.#statementWidth)}  `;
    const indent = " ".repeat(2 + this.#placeWidth + 2 + this.#statementWidth + 2);
    const long = statement.length > this.#statementWidth;
    const [first = "", ...rest] = details;
    if (long) this.#out.push(head.trimEnd());
    this.#out.push(`${long ? indent : head}${word.padEnd(VERDICT_WIDTH)} ${first}`.trimEnd());
    for (const detail of rest) this.#out.push(`${indent}${" ".repeat(VERDICT_WIDTH)} ${detail}`);
  }

  #notEvaluated({ proxy, keyword }: RuleReport): void {
    const found = this.#e.notEvaluated.find((n) => n.proxy === proxy && n.keyword === keyword);
    if (found === undefined) return;
    const rules = found.count === 1 ? "rule behind it is" : "rules behind it are";
    this.#out.push(`  ${" ".repeat(this.#placeWidth)}  (${found.count} ${keyword} ${rules} not evaluated)`);
  }

  // ---- where it goes ------------------------------------------------------------------------------------------

  /** The backend and its server, as far as the request came. `heading`: the proxy whose rules were shown last. */
  #destination(heading: string): void {
    const { backend, server, rules, unevaluated } = this.#e;
    if (unevaluated !== null) {
      if (unevaluated.at !== null) this.#line(unevaluated.at, "yes", ["answered without any other rule"]);
      else this.#out.push("no rule is evaluated: the request is not valid");
      return;
    }
    if (backend === null) {
      if (!rules.some(ended)) {
        this.#out.push("no backend: no use_backend rule names one, and there is no default_backend");
      }
      return;
    }
    if (server === null && rules.some(ended)) return;
    if (heading !== backend.name) this.#heading(backend.name);
    if (server === null) {
      this.#out.push("no server: none of the backend is up");
      return;
    }
    const what = `server ${printable(server.name)} ${printable(server.address)}`;
    const details = [...server.expressions.map(expressionLine), ...dependsLines(server.depends)];
    if (server.unresolved) details.push("(the name of its address is not resolved here)");
    if (server.choice === "only") {
      this.#line(server.at, "->", ["the only server", ...details]);
    } else if (server.choice === "use-server") {
      this.#line(server.at, "->", [`by use-server (${place(server.chosenAt!)})`, ...details]);
    } else {
      const picks = nextPicks(server);
      const pick = `${what} (${place(server.at)})`;
      if (server.chosenAt !== null) this.#line(server.chosenAt, "->", [pick, picks, ...details]);
      else this.#columns("", `balance ${server.algorithm} (by default)`, "->", [pick, picks, ...details]);
    }
  }

  /** The `default_backend` line, where it decided. */
  #defaultBackend(): void {
    const { backend, rules } = this.#e;
    if (backend === null || backend.chosenAt === null || rules.some((r) => r.at === backend.chosenAt)) return;
    this.#line(backend.chosenAt, "yes", []);
  }

  #client(): void {
    const { toClient, clientEnd, afterMs, termination } = this.#e;
    const state = termination === "" || termination.startsWith("--") ? "" : ` (termination state ${termination})`;
    const after = afterMs > 0 ? `, after ${durationText(afterMs)}` : "";
    if (toClient !== "") {
      this.#out.push(`to the client${after}${state}:`);
      this.#message(toClient);
      return;
    }
    const how = clientEnd === "open" ? "and the connection stays open" : `the connection is ${clientEnd}`;
    this.#out.push(`to the client: nothing, ${how}${state}`);
  }

  /** The head of a message as it is, its body as far as it is text. */
  #message(bytes: string): void {
    const end = bytes.indexOf("\r\n\r\n");
    for (const line of bytes.slice(0, end).split("\r\n")) this.#out.push(`  ${printable(line)}`);
    const body = bytes.slice(end + 4);
    if (body === "") return;
    this.#out.push("");
    // deno-lint-ignore no-control-regex
    if (/[\x00-\x08\x0e-\x1f]/.test(body)) {
      this.#out.push(`  (${body.length} bytes)`);
      return;
    }
    const lines = body.replace(/\r?\n$/, "").split(/\r?\n/);
    for (const line of lines.slice(0, BODY_LINES)) this.#out.push(`  ${printable(line)}`.trimEnd());
    if (lines.length > BODY_LINES) this.#out.push(`  (${lines.length - BODY_LINES} more lines)`);
  }

  #statement(at: Location): string {
    return printable(this.#statements.at(at));
  }
}

/** Whether the request ends with this rule. */
function ended({ outcome }: RuleReport): boolean {
  return outcome === "reply" || outcome === "close" || outcome === "drop" || outcome === "error";
}

function durationText(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function place({ file, line }: Location): string {
  return `${printable(file)}:${line}`;
}

// ---- details ----------------------------------------------------------------------------------------------------

/** What a condition looked at: one line a test. With several terms each says what it is worth. */
function termLines(terms: readonly TermReport[]): string[] {
  return terms.flatMap((term) => {
    const prefix = term.alone ? "" : `${termName(term)} ${WORDS[term.verdict]}: `;
    if (term.tests.length === 0) return [`${prefix}nothing of it can be known here`];
    // Lines of one ACL often look at the same thing: once is enough.
    const lines = new Map<string, string[]>();
    for (const test of term.tests) {
      const text = looked(test.expression, test.values, test.verdict);
      const places = lines.get(text) ?? [];
      if (test.at !== null) places.push(place(test.at));
      lines.set(text, places);
    }
    return [...lines].map(([text, places]) => {
      const name = term.acl === "" ? "" : `acl ${printable(term.acl)}, `;
      const declared = places.length === 0 ? "" : ` (${name}${places.join(", ")})`;
      return `${prefix}${text}${declared}`;
    });
  });
}

/** An ACL as its condition writes it; of one in braces the keyword. */
function termName({ acl, negated, tests }: TermReport): string {
  const name = acl !== "" ? acl : `{ ${tests.map((test) => test.written).join(" ")} }`;
  return `${negated ? "!" : ""}${printable(name)}`;
}

function looked(expression: string, values: readonly SampleValue[], verdict: VerdictName): string {
  const name = printable(expression);
  if (values.length > 0) return `${name} = ${values.map(valueText).join(", ")}`;
  return `${name} is ${verdict === "not-decided" ? "not known yet" : "absent"}`;
}

function expressionLine({ expression, value }: ExpressionReport): string {
  return looked(expression, value === null ? [] : [value], "not-matched");
}

/** Texts in quotes, binary data with its mark, the rest as it is. */
function valueText({ type, text }: SampleValue): string {
  if (type === "str" || type === "meth") return quoted(text);
  return type === "bin" ? `0x${text}` : printable(text);
}

function dependsLines(depends: readonly Depends[]): string[] {
  if (depends.length === 0) return [];
  const names = depends.map((d) => d === "time" ? "the time" : "random numbers");
  return [`(depends on ${names.join(" and ")})`];
}

/** Which servers the same request gets when it comes again. */
function nextPicks({ name, next }: ServerReport): string {
  if (next.every((other) => other === name)) return "the same server each time";
  return `first pick after a start; then ${next.map(printable).join(", ")}`;
}

// Conditions of .if, .elif and -cc (configuration.txt 2.4): an expression over predicates, parsed whole before it is
// evaluated, so that an error is found whatever the values are.
//
//   or = and { "||" and }    and = term { "&&" term }    term = { "!" } ( "(" or ")" | integer | predicate )
import { parseArgs } from "./args.ts";
import { lexLine } from "./lexer.ts";
import { didYouMean } from "./suggest.ts";
import { compareVersions, parseVersion } from "./version.ts";

/** What conditions may ask about the program. */
export interface Facts {
  /** The version answered to version_atleast() and version_before(), e.g. "3.2.0". */
  readonly version: string;
  /** Names that feature() answers with true. */
  readonly features: readonly string[];
  /** Options that enabled() answers with true: a subset of RUNTIME_OPTIONS. */
  readonly enabled: readonly string[];
}

/** Options that enabled() knows. */
const RUNTIME_OPTIONS = [
  "POLL",
  "EPOLL",
  "KQUEUE",
  "EVPORTS",
  "SPLICE",
  "GETADDRINFO",
  "REUSEPORT",
  "FAST-FORWARD",
  "SERVER-SSL-VERIFY-NONE",
] as const;

export interface ConditionError {
  readonly reason: string;
  /** Index in the text. */
  readonly at: number;
}

/** Deepest nesting of parentheses and negations. */
const MAX_DEPTH = 64;

/** Evaluates the words of a condition, joined by single spaces. The empty condition is false. */
export function evalCondition(
  text: string,
  facts: Facts,
  environment: ReadonlyMap<string, string>,
): boolean | ConditionError {
  const parser = new Parser(text, facts, environment);
  return parser.run();
}

/** Evaluates the argument of -cc: one line of the configuration language. A string is the reason of an error. */
export function evalConditionLine(
  line: string,
  facts: Facts,
  environment: ReadonlyMap<string, string>,
): boolean | string {
  const { words, error } = lexLine(line, (name) => environment.get(name));
  if (error !== null) return `${error.text} at position ${error.column}`;
  const result = evalCondition(words.map((word) => word.text).join(" "), facts, environment);
  return typeof result === "boolean" ? result : `${result.reason} at position ${result.at + 1}`;
}

class Parser {
  readonly #text: string;
  readonly #facts: Facts;
  readonly #environment: ReadonlyMap<string, string>;
  #at = 0;
  #error: ConditionError | null = null;

  constructor(text: string, facts: Facts, environment: ReadonlyMap<string, string>) {
    this.#text = text.trimEnd();
    this.#facts = facts;
    this.#environment = environment;
  }

  run(): boolean | ConditionError {
    this.#spaces();
    if (this.#at === this.#text.length) return false;
    const value = this.#or(0);
    if (this.#error === null && this.#at < this.#text.length) {
      const c = this.#text[this.#at];
      this.#fail(`unexpected character '${c}' at the end of conditional expression '${this.#text}'`);
    }
    return this.#error ?? value;
  }

  /** Keeps the first error; the value returned beside it means nothing. */
  #fail(reason: string, at = this.#at): boolean {
    this.#error ??= { reason, at };
    return false;
  }

  #spaces(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  #accept(operator: string): boolean {
    if (!this.#text.startsWith(operator, this.#at)) return false;
    this.#at += operator.length;
    this.#spaces();
    return true;
  }

  #or(depth: number): boolean {
    let value = this.#and(depth);
    while (this.#error === null && this.#accept("||")) value = this.#and(depth) || value;
    return value;
  }

  #and(depth: number): boolean {
    let value = this.#term(depth);
    while (this.#error === null && this.#accept("&&")) value = this.#term(depth) && value;
    return value;
  }

  #term(depth: number): boolean {
    let negated = false;
    while (this.#accept("!")) negated = !negated;
    const value = this.#operand(depth);
    this.#spaces();
    return value !== negated;
  }

  #operand(depth: number): boolean {
    const start = this.#at;
    if (this.#accept("(")) {
      if (depth === MAX_DEPTH) return this.#fail(`more than ${MAX_DEPTH} nested parentheses`, start);
      const value = this.#or(depth + 1);
      if (this.#error === null && this.#text[this.#at] !== ")") {
        return this.#fail(`expected ')' after conditional expression '${this.#text.slice(start)}'`, start);
      }
      this.#at++;
      return value;
    }
    const rest = this.#text.slice(start);
    const integer = /^[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)/.exec(rest);
    if (integer !== null) {
      this.#at += integer[0].length;
      return /[1-9a-fA-F]/.test(integer[0].replace(/^[+-]?0[xX]/, ""));
    }
    const name = /^[A-Za-z_]+/.exec(rest)?.[0];
    if (name === undefined) return this.#fail(`unparsable conditional expression '${rest}'`);
    const predicate = PREDICATES.get(name);
    if (predicate === undefined) {
      return this.#fail(`unparsable conditional expression '${rest}'${didYouMean(name, PREDICATES.keys())}`);
    }
    return this.#predicate(name, predicate);
  }

  #predicate(name: string, predicate: Predicate): boolean {
    const start = this.#at;
    this.#at += name.length;
    let args: readonly string[] = [];
    if (this.#text[this.#at] === "(") {
      const parsed = parseArgs(this.#text, this.#at);
      if ("reason" in parsed) {
        return this.#fail(`${parsed.reason} in the arguments of predicate '${name}'`, parsed.at);
      }
      args = parsed.args;
      this.#at = parsed.end;
    }
    // "()" is one empty argument for a predicate of one: defined() asks for the variable without a name.
    if (args.length === 0 && predicate.count === 1) args = [""];
    if (args.length !== predicate.count) {
      const found = `got ${args.length}, expected ${predicate.count}`;
      return this.#fail(`wrong number of arguments (${found}) of predicate '${name}'`, start);
    }
    const value = predicate.test(args, this.#facts, this.#environment);
    return typeof value === "boolean" ? value : this.#fail(`${value} in predicate '${name}'`, start);
  }
}

interface Predicate {
  readonly count: number;
  /** A string is the reason why the arguments are refused. */
  test(args: readonly string[], facts: Facts, environment: ReadonlyMap<string, string>): boolean | string;
}

const PREDICATES: ReadonlyMap<string, Predicate> = new Map<string, Predicate>([
  ["defined", { count: 1, test: ([name], _facts, environment) => environment.has(name) }],
  ["feature", { count: 1, test: ([name], facts) => facts.features.includes(name) }],
  ["streq", { count: 2, test: ([a, b]) => a === b }],
  ["strneq", { count: 2, test: ([a, b]) => a !== b }],
  ["strstr", { count: 2, test: ([a, b]) => a.includes(b) }],
  ["version_atleast", { count: 1, test: ([version], facts) => compare(version, facts, (order) => order <= 0) }],
  ["version_before", { count: 1, test: ([version], facts) => compare(version, facts, (order) => order > 0) }],
  ["enabled", { count: 1, test: ([option], facts) => enabled(option, facts) }],
]);

/** Compares the version asked for with the one of the program. */
function compare(text: string, facts: Facts, holds: (order: number) => boolean): boolean | string {
  const asked = parseVersion(text);
  const own = parseVersion(facts.version);
  if (asked === null || own === null) return `invalid version '${text}'`;
  return holds(compareVersions(asked, own));
}

function enabled(option: string, facts: Facts): boolean | string {
  if (!RUNTIME_OPTIONS.some((name) => name === option)) {
    return `unsupported option '${option}'${didYouMean(option, RUNTIME_OPTIONS)}`;
  }
  return facts.enabled.includes(option);
}

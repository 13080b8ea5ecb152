// ACLs (configuration.txt 7.1): the words behind `acl <name>` or between braces to plain data, and that to a closure.
import type { Cursor, KeywordEntry, ParseContext } from "../config/mod.ts";
import { type AclLineNode, findAcl, PREDEFINED_ACLS } from "./acl_names.ts";
import { cast, castable } from "./casts.ts";
import { buildTest, parseAclExpression } from "./expression.ts";
import { looseAddress } from "./patterns/addresses.ts";
import { patternFile, patternLines } from "./patterns/files.ts";
import { INPUT_TYPES, keyPattern, type PatternIndex, PatternKey } from "./patterns/index.ts";
import { applyOperator, type Operator, OPERATORS } from "./patterns/numbers.ts";
import { watchMatcher, watchTest } from "./observe.ts";
import { checkExpressions } from "./references.ts";
import {
  type AclNode,
  type AclTest,
  type ConditionFn,
  MATCH_METHODS,
  type MatchMethod,
  type Sample,
  type SampleEnv,
} from "./types.ts";

// ---- parsing --------------------------------------------------------------------------------------------------

/** A test, or the error; `warning` is about a test that is valid and surely not meant so. */
export type ParsedAcl = { readonly test: AclTest; readonly warning: string | null } | string;

/** `place`: "file 'x' line 3", for the runtime API. */
export function parseAclTest(words: readonly string[], context: ParseContext, place: string): ParsedAcl {
  return new AclParser(words, context, place).parse();
}

interface PatternSource {
  readonly name: string;
  readonly ignoreCase: boolean;
  readonly map: boolean;
}

class AclParser {
  readonly #words: readonly string[];
  readonly #context: ParseContext;
  readonly #place: string;
  readonly #lists: PatternSource[] = [];
  #at = 1;
  #ignoreCase = false;
  #map = false;
  #id = -1;
  #method: MatchMethod | null = null;
  #resolve = true;
  #flagsEnded = false;

  constructor(words: readonly string[], context: ParseContext, place: string) {
    this.#words = words;
    this.#context = context;
    this.#place = place;
  }

  parse(): ParsedAcl {
    const expression = parseAclExpression(this.#words[0] ?? "", this.#context);
    if (typeof expression === "string") return expression;
    this.#method = expression.method;
    const problem = this.#flags();
    if (problem !== null) return problem;
    const keyword = this.#words[0].replace(/[(,].*$/s, "");
    const method = this.#method as MatchMethod | null;
    if (method === null) {
      return "matching method must be specified first (using '-m') when using a sample fetch of this type " +
        `('${keyword}')`;
    }
    if (!castable(expression.node.type, INPUT_TYPES[method])) {
      return `matching method '${method}' cannot be used with fetch keyword '${keyword}'`;
    }
    const patterns = this.#patterns(method);
    if (!Array.isArray(patterns)) return patterns;
    const test: AclTest = {
      expression: expression.node,
      method,
      lists: this.#lists,
      patterns,
      resolve: this.#resolve && method === "ip",
      ignoreCase: this.#ignoreCase,
      id: this.#id,
      description: `acl '${keyword}' ${this.#place}`,
    };
    return this.#check(test) ?? { test, warning: this.#warning(test, keyword) };
  }

  #flags(): string | null {
    for (; this.#words[this.#at]?.startsWith("-"); this.#at++) {
      const flag = this.#words[this.#at];
      switch (flag) {
        case "--":
          this.#at++;
          this.#flagsEnded = true;
          return null;
        case "-i":
          this.#ignoreCase = true;
          break;
        case "-n":
          this.#resolve = false;
          break;
        case "-M":
          this.#map = true;
          break;
        case "-m": {
          const name = this.#words[++this.#at] ?? "";
          if (this.#lists.length > 0) {
            return "'-m' must only be specified before patterns and files in parsing ACL expression";
          }
          if (name === "dotted" || !(MATCH_METHODS as readonly string[]).includes(name)) {
            return `unknown matching method '${name}' when parsing ACL expression`;
          }
          this.#method = name as MatchMethod;
          break;
        }
        case "-u": {
          const id = this.#words[++this.#at] ?? "";
          if (!/^[0-9]{1,9}$/.test(id)) return "the argument of -u must be an integer";
          this.#id = Number(id);
          break;
        }
        case "-f": {
          const file = patternFile(this.#words[++this.#at] ?? "", this.#context);
          if ("error" in file) return file.error;
          this.#lists.push({ name: file.name, ignoreCase: this.#ignoreCase, map: this.#map });
          break;
        }
        default:
          return `'${flag}' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'`;
      }
    }
    return null;
  }

  /** The patterns written in the line; operators of integers become ranges. */
  #patterns(method: MatchMethod): string[] | string {
    const patterns: string[] = [];
    const numeric = method === "int" || method === "dotted" || method === "len";
    let operator: Operator = "eq";
    for (const word of this.#words.slice(this.#at)) {
      if (!numeric) {
        patterns.push(word);
      } else if ((OPERATORS as readonly string[]).includes(word)) {
        operator = word as Operator;
      } else {
        const range = applyOperator(operator, word, method === "dotted");
        if (typeof range !== "string") return range.reason;
        patterns.push(range);
      }
    }
    return patterns;
  }

  /** What is wrong with a pattern, in the line or in a file. */
  #check(test: AclTest): string | null {
    const { method } = test;
    const key = new PatternKey();
    const check = (text: string, ignoreCase: boolean) =>
      test.resolve && looseAddress(text) !== null ? null : keyPattern(method, ignoreCase, text, key);
    for (const text of test.patterns) {
      const problem = check(text, test.ignoreCase);
      if (problem !== null) return problem;
    }
    for (const list of test.lists) {
      if (list.name.startsWith("virt@")) continue;
      const file = this.#context.file(list.name, true);
      if (typeof file === "string" || file.bytes === null) continue;
      for (const { pattern, line } of patternLines(file.bytes, list.map)) {
        const problem = check(pattern, list.ignoreCase);
        if (problem !== null) return `${problem} in file '${list.name}' at line ${line}`;
      }
    }
    return null;
  }

  #warning(test: AclTest, keyword: string): string | null {
    const needsNone = test.method === "found" || test.method === "bool";
    if (needsNone || this.#flagsEnded || test.id >= 0 || test.patterns.length > 0 || test.lists.length > 0) return null;
    return `parsing acl keyword '${keyword}' :\n` +
      "  no pattern to match against were provided, so this ACL will never match.\n" +
      "  If this is what you intended, please add '--' to get rid of this warning.\n" +
      "  If you intended to match only for existence, please use '-m found'.\n" +
      "  If you wanted to force an int to match as a bool, please use '-m bool'.\n";
  }
}

/** An ACL that a condition names; null when neither the section nor the manual has it, a string when it is unusable. */
export function namedAcl(name: string, context: ParseContext): AclNode | string | null {
  const declared = findAcl(name, context);
  if (declared !== null) return declared;
  const words = Object.hasOwn(PREDEFINED_ACLS, name) ? PREDEFINED_ACLS[name] : undefined;
  if (words === undefined) return null;
  const parsed = parseAclTest(words, context, "predefined");
  return typeof parsed === "string" ? `predefined ACL '${name}' : ${parsed}` : { name, tests: [parsed.test] };
}

/** `acl <aclname> <criterion> [flags] [operator] [<value>] ...` */
export const aclKeyword: KeywordEntry<AclLineNode> = {
  kind: "keyword",
  name: "acl",
  manual: "4.2",
  doc: "declares or completes an access list",
  sections: ["defaults", "frontend", "listen", "backend", "fcgi-app"],
  parse(cursor: Cursor): AclLineNode {
    const nameAt = cursor.at;
    const name = cursor.take("<aclname>");
    const bad = /[^A-Za-z0-9_.:-]/.exec(name);
    if (bad !== null) cursor.fail(`character '${bad[0]}' is not permitted in acl name '${name}'.`, nameAt);
    if (name.toLowerCase() === "or") {
      cursor.fail(
        `acl name '${name}' will never match. 'or' is used to express a logical disjunction within a condition.`,
        nameAt,
      );
    }
    const testAt = cursor.at;
    const parsed = parseAclTest(cursor.rest(), cursor.context, placeOf(cursor));
    if (typeof parsed === "string") cursor.fail(`error detected while parsing ACL '${name}' : ${parsed}.`, testAt);
    if (parsed.warning !== null) cursor.warn(parsed.warning, testAt);
    const first = findAcl(name, cursor.context);
    const { test } = parsed;
    if (first === null) return { test, acl: { name, tests: [test] } };
    (first.tests as AclTest[]).push(test);
    return { test, acl: first };
  },
  check(node, section, names) {
    checkExpressions(node.value, names, node.at, section);
  },
};

/** Where a statement stands, as the runtime API shows it. */
export function placeOf(cursor: Cursor): string {
  return `file '${cursor.file}' line ${cursor.line}`;
}

// ---- building -------------------------------------------------------------------------------------------------

/** The closure of one test. Built once for each node. */
export function buildAclTest(test: AclTest, env: SampleEnv): ConditionFn {
  const known = env.acls.get(test);
  if (known !== undefined) return known;
  const match = watchMatcher(test, env, matcher(test, env));
  const built = watchTest(test, env, buildTest(test.expression, env, match));
  env.acls.set(test, built);
  return built;
}

function matcher(test: AclTest, env: SampleEnv): (sample: Sample) => boolean {
  const { method } = test;
  if (method === "found") return () => true;
  const input = INPUT_TYPES[method];
  if (method === "bool") return (sample) => cast(sample, input, env) && sample.num !== 0;
  const indexes: PatternIndex[] = test.lists.map(({ name, map, ignoreCase }) =>
    env.patterns.named(name, map, test.description).index(method, ignoreCase)
  );
  indexes.unshift(env.patterns.inline(test).index(method, test.ignoreCase));
  if (indexes.length === 1) {
    const [only] = indexes;
    return (sample) => (sample.type === input || cast(sample, input, env)) && only.match(sample) !== 0;
  }
  return (sample) => {
    if (sample.type !== input && !cast(sample, input, env)) return false;
    for (let i = 0; i < indexes.length; i++) if (indexes[i].match(sample) !== 0) return true;
    return false;
  };
}

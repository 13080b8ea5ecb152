// Sample expressions, "fetch(args),converter(args),...": text to plain node, node to closure (configuration.txt 7.3).
// A compiled expression owns nothing but its closures; the caller brings the sample it fills.
import { type Cursor, didYouMean, parseArgs, type ParseContext } from "../config/mod.ts";
import { type ArgsError, typeArgs } from "./arguments.ts";
import { cast, castable } from "./casts.ts";
import { watchExpression } from "./observe.ts";
import { missing, offersIn } from "./offers.ts";
import {
  ABSENT,
  type AclNode,
  type ArgNode,
  type ConditionFn,
  type ConverterEntry,
  type ConverterFn,
  type ConverterNode,
  type ExprNode,
  type FetchEntry,
  FOUND,
  type MatchMethod,
  type ReferenceNode,
  Sample,
  type SampleEnv,
  type SampleFn,
  type SampleType,
  T_ADDR,
  T_ANY,
  T_BOOL,
  T_IPV4,
  T_IPV6,
  T_METH,
  T_SAME,
  T_SINT,
  T_STR,
} from "./types.ts";

/** Converters one expression may chain: bounds what a runtime command can ask for. */
const MOST_CONVERTERS = 64;

/** A parsed expression and where it ends in the text; or the reason why it is none. */
export type ParsedExpression = { readonly node: ExprNode; readonly end: number } | string;

// ---- parsing --------------------------------------------------------------------------------------------------

/**
 * Reads the expression that begins at `from` and ends at the first character that belongs to none (as the "]" of a
 * log-format item). Errors are worded for the middle of a message.
 */
export function parseExpressionAt(text: string, from: number, context: ParseContext): ParsedExpression {
  const parser = new Parser(text, from, context);
  const problem = parser.fetch() ?? parser.converters();
  return problem ?? { node: parser.node(from), end: parser.at };
}

/**
 * Reads the expression of an ACL, a fetch or one of its derivatives ("path_beg"); `method` is the matching method that it
 * implies, null when there is none.
 */
export function parseAclExpression(
  text: string,
  context: ParseContext,
): { readonly node: ExprNode; readonly method: MatchMethod | null } | string {
  const parser = new Parser(text, 0, context);
  const problem = parser.fetch(true);
  if (problem !== null) return problem;
  const rest = parser.converters() ?? parser.endOfWord();
  if (rest !== null) return `ACL keyword '${nameAt(text, 0)}' : ${rest}`;
  const node = parser.node(0);
  return { node, method: parser.method ?? defaultMethod(node.type) };
}

/** The matching method of a type (configuration.txt 7.1). */
function defaultMethod(type: SampleType): MatchMethod | null {
  switch (type) {
    case T_BOOL:
      return "bool";
    case T_SINT:
      return "int";
    case T_IPV4:
    case T_IPV6:
    case T_ADDR:
      return "ip";
    case T_STR:
    case T_METH:
      return "str";
    default:
      return null;
  }
}

/** Reads a text that is one expression and nothing else. */
export function parseExpression(text: string, context: ParseContext): ExprNode | string {
  const parser = new Parser(text, 0, context);
  return parser.fetch() ?? parser.converters() ?? parser.endOfWord() ?? parser.node(0);
}

/**
 * Takes an expression from a statement. Converters may also follow as words of their own; the first word that is none
 * ("if", "table") is left to the caller. Fails through the cursor; also when the place does not offer what it needs.
 */
export function takeExpression(cursor: Cursor, offers: number): ExprNode {
  const at = cursor.at;
  const first = cursor.peek();
  if (first === undefined) cursor.fail("missing fetch method.");
  let text = cursor.take("a sample expression");
  const { registry } = cursor.context;
  for (let next = cursor.peek(); next !== undefined; next = cursor.peek()) {
    const name = nameAt(next, 0);
    if (registry.find("converter", name) === undefined) break;
    cursor.position++;
    text = text.replace(/,+$/, "") + "," + next;
  }
  const node = parseExpression(text, cursor.context);
  if (typeof node === "string") cursor.fail(`${node}.`, at);
  const lacks = missing(node.needs, offersIn(cursor.context, offers));
  if (lacks !== null) {
    cursor.fail(
      `fetch method '${node.fetch}' extracts information from '${lacks}', none of which is available here.`,
      at,
    );
  }
  return node;
}

function nameAt(text: string, from: number): string {
  let end = from;
  while (end < text.length && /[A-Za-z0-9._+-]/.test(text[end])) end++;
  return text.slice(from, end);
}

class Parser {
  readonly #text: string;
  readonly #context: ParseContext;
  readonly #references: ReferenceNode[] = [];
  readonly #acls: Record<string, AclNode> = {};
  readonly #converters: ConverterNode[] = [];
  #fetch = "";
  #args: readonly ArgNode[] = [];
  #type: SampleType = T_ANY;
  #needs = 0;
  #method: MatchMethod | null = null;
  /** What the last keyword was, for endOfWord(). */
  #last = "";
  at: number;

  constructor(text: string, from: number, context: ParseContext) {
    this.#text = text;
    this.#context = context;
    this.at = from;
  }

  node(from: number): ExprNode {
    return {
      fetch: this.#fetch,
      args: this.#args,
      converters: this.#converters,
      type: this.#type,
      needs: this.#needs,
      references: this.#references,
      acls: this.#acls,
      text: this.#text.slice(from, this.at),
    };
  }

  /** The matching method that the keyword alone implies; null when its type does. */
  get method(): MatchMethod | null {
    return this.#converters.length === 0 ? this.#method : null;
  }

  /** Reads the fetch, with `derived` also an ACL derivative of one; a string is an error. */
  fetch(derived = false): string | null {
    const name = nameAt(this.#text, this.at);
    const inAcl = derived ? ` in ACL expression '${this.#text}'` : "";
    if (name === "") return `missing fetch method${inAcl}`;
    this.at += name.length;
    const { registry } = this.#context;
    let entry = registry.find("fetch", name) as FetchEntry | undefined;
    this.#method = entry?.match ?? null;
    if (entry === undefined && derived) entry = this.#derivative(name);
    if (derived && entry?.aclFetch !== undefined) {
      entry = registry.find("fetch", entry.aclFetch) as FetchEntry | undefined;
    }
    if (entry === undefined) {
      const refused = registry.refused("fetch", name);
      if (refused !== undefined) return `fetch method '${name}' : ${refused.reason}`;
      return `unknown fetch method '${name}'${inAcl}${didYouMean(name, registry.names("fetch"))}`;
    }
    const args = this.#arguments(entry, `${derived ? "ACL" : "sample fetch"} keyword '${name}'`);
    if ("text" in args) return derived ? `ACL keyword '${name}' : ${describeArgs(args)}` : describe(args, name);
    this.#fetch = entry.name;
    this.#args = args;
    this.#type = entry.out;
    this.#needs = entry.needs;
    this.#last = `fetch keyword '${name}'`;
    return null;
  }

  /** The fetch that "<fetch>_<method>" derives from. */
  #derivative(name: string): FetchEntry | undefined {
    const split = name.lastIndexOf("_");
    const method = name.slice(split + 1) as MatchMethod;
    const entry = this.#context.registry.find("fetch", name.slice(0, split)) as FetchEntry | undefined;
    if (!entry?.derivatives?.includes(method)) return undefined;
    this.#method = method;
    return entry;
  }

  /** Reads ",converter(args)" as often as it comes. */
  converters(): string | null {
    const { registry } = this.#context;
    while (this.#text[this.at] === ",") {
      while (this.#text[this.at] === ",") this.at++;
      const name = nameAt(this.#text, this.at);
      if (name === "" && this.at === this.#text.length) return null;
      const entry = registry.find("converter", name) as ConverterEntry | undefined;
      if (entry === undefined) {
        const refused = registry.refused("converter", name);
        if (refused !== undefined) return `converter '${name}' : ${refused.reason}`;
        return `unknown converter '${name}'${didYouMean(name, registry.names("converter"))}`;
      }
      this.at += name.length;
      if (!castable(this.#type, entry.input)) return `converter '${name}' cannot be applied`;
      const args = this.#arguments(entry, `conversion keyword '${name}' for ${this.#last}`);
      if ("text" in args) {
        return args.index < 0
          ? `invalid args in converter '${name}' : ${args.text}`
          : `invalid arg ${args.index + 1} in converter '${name}' : ${args.text}`;
      }
      if (this.#converters.length === MOST_CONVERTERS) return `more than ${MOST_CONVERTERS} converters`;
      this.#converters.push({ name, args });
      if (entry.out !== T_SAME) this.#type = entry.out;
      else if (entry.input !== T_ANY) this.#type = entry.input;
      this.#last = `converter '${name}'`;
    }
    return null;
  }

  /** Nothing may follow. */
  endOfWord(): string | null {
    return this.at === this.#text.length ? null : `missing comma after ${this.#last}`;
  }

  #arguments(entry: FetchEntry | ConverterEntry, owner: string): readonly ArgNode[] | ArgsError {
    let given: readonly string[] = [];
    if (this.#text[this.at] === "(") {
      const parsed = parseArgs(this.#text, this.at);
      if ("reason" in parsed) return { index: 0, text: "expected ')'" };
      given = parsed.args;
      this.at = parsed.end;
    }
    const args = typeArgs(entry.args, given, {
      context: this.#context,
      references: this.#references,
      acls: this.#acls,
      owner,
    });
    if ("text" in args) return args;
    const problem = entry.validate?.(args, this.#context) ?? null;
    return problem === null ? args : { index: -1, text: problem };
  }
}

function describeArgs(error: ArgsError): string {
  return error.index < 0 ? `invalid args : ${error.text}` : error.text;
}

function describe(error: ArgsError, name: string): string {
  return error.index < 0
    ? `invalid args in fetch method '${name}' : ${error.text}`
    : `fetch method '${name}' : ${error.text}`;
}

// ---- building -------------------------------------------------------------------------------------------------

/** The closure of an expression. Its result has whatever type the last part gives. */
export function buildExpression(node: ExprNode, env: SampleEnv): SampleFn {
  const fetch = fetchEntry(node, env).build(node.args, ownEnv(node, env));
  const convert = buildConverters(node, env);
  if (convert === null) return watchExpression(node, env, fetch);
  return watchExpression(node, env, (txn, into) => {
    const verdict = fetch(txn, into);
    if (verdict !== FOUND) return verdict;
    return convert(into, txn) ? FOUND : ABSENT;
  });
}

/** As buildExpression(), the result cast to `type`; absent when it cannot be. */
export function buildTyped(node: ExprNode, env: SampleEnv, type: SampleType): SampleFn {
  const expression = buildExpression(node, env);
  return (txn, into) => {
    const verdict = expression(txn, into);
    if (verdict !== FOUND || into.type === type) return verdict;
    return cast(into, type, env) ? FOUND : ABSENT;
  };
}

/**
 * A condition: whether any value of the expression passes `test`. Fetches that find several values (the values of a
 * header) have each one tried, in order.
 */
export function buildTest(node: ExprNode, env: SampleEnv, test: (sample: Sample) => boolean): ConditionFn {
  const entry = fetchEntry(node, env);
  const convert = buildConverters(node, env);
  const sample = new Sample();
  const each = entry.buildEach?.(node.args, ownEnv(node, env));
  if (each !== undefined) {
    const passes = convert === null ? test : (s: Sample, txn: Parameters<ConverterFn>[1]) => convert(s, txn) && test(s);
    return (txn) => each(txn, sample, passes);
  }
  const fetch = entry.build(node.args, ownEnv(node, env));
  if (convert === null) {
    return (txn) => {
      const verdict = fetch(txn, sample);
      return verdict !== FOUND ? verdict : test(sample) ? FOUND : ABSENT;
    };
  }
  return (txn) => {
    const verdict = fetch(txn, sample);
    return verdict !== FOUND ? verdict : convert(sample, txn) && test(sample) ? FOUND : ABSENT;
  };
}

function fetchEntry(node: ExprNode, env: SampleEnv): FetchEntry {
  const entry = env.registry.find("fetch", node.fetch) as FetchEntry | undefined;
  if (entry === undefined) throw new Error(`no entry of fetch '${node.fetch}'`);
  return entry;
}

/** What the fetch and the converters are built with: also the ACLs that their arguments name. */
function ownEnv(node: ExprNode, env: SampleEnv): SampleEnv {
  for (const _name in node.acls) return { ...env, namedAcls: node.acls };
  return env;
}

/** All converters as one, each with the cast its input needs; null when there are none. */
function buildConverters(node: ExprNode, env: SampleEnv): ConverterFn | null {
  const own = ownEnv(node, env);
  const steps = node.converters.map((converter) => buildConverter(converter, own));
  if (steps.length === 0) return null;
  if (steps.length === 1) return steps[0];
  if (steps.length === 2) {
    const [first, second] = steps;
    return (sample, txn) => first(sample, txn) && second(sample, txn);
  }
  return (sample, txn) => {
    for (let i = 0; i < steps.length; i++) if (!steps[i](sample, txn)) return false;
    return true;
  };
}

function buildConverter(node: ConverterNode, env: SampleEnv): ConverterFn {
  const entry = env.registry.find("converter", node.name) as ConverterEntry | undefined;
  if (entry === undefined) throw new Error(`no entry of converter '${node.name}'`);
  const convert = entry.build(node.args, env);
  const { input } = entry;
  if (input >= T_ANY) return convert;
  return (sample, txn) => (sample.type === input || cast(sample, input, env)) && convert(sample, txn);
}

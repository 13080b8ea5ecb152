// One statement: which entry its first words name, and what to say when they name none.
import { Cursor, type ParseContext, type Word } from "./cursor.ts";
import type { KeywordEntry, RefusedEntry, Registry } from "./entry.ts";
import type { Node, SectionKind } from "./model.ts";
import { passGate } from "./options.ts";
import { isProxy, SECTION_RULES } from "./sections.ts";
import { didYouMean, suggest } from "./suggest.ts";

/** What a statement does to its section. */
type Effect =
  | { readonly kind: "add"; readonly node: Node }
  /** "default <keyword>": forget what was said about it, inherited or not. */
  | { readonly kind: "forget"; readonly keyword: string }
  | { readonly kind: "none" };

const NONE: Effect = { kind: "none" };

/** Most words a keyword has ("capture request header"). */
const KEYWORD_WORDS = 3;

/** Statements that are errors, not only ignored, in a proxy that lacks the side they belong to. */
const STRICT_SIDES: ReadonlySet<string> = new Set([
  "server",
  "server-template",
  "default-server",
  "declare capture",
  "tcp-request connection",
  "tcp-request session",
]);

/** Parses a statement. Errors go to the context's diagnostics; the worst of them throws ParseStop. */
export function parseStatement(context: ParseContext, file: string, line: number, words: readonly Word[]): Effect {
  const prefix = words[0].text === "no" || words[0].text === "default" ? words[0].text : "";
  const from = prefix === "" ? 0 : 1;
  const { registry, section } = context;
  const cursorFor = (keyword: string, position: number) =>
    new Cursor(context, file, line, keyword, prefix === "no", words, position);

  const built = longest(words, from, (name) => registry.find("keyword", name, section.kind));
  if (built !== null) {
    const entry = built.found as KeywordEntry;
    const cursor = cursorFor(entry.name, built.next);
    const at = cursor.place(0);
    if (prefix !== "" && entry.negatable !== true) {
      const what = entry.name.replace(/^option (.*)$/, "option '$1'");
      cursor.fail(`negation/default is not supported for ${what === entry.name ? `'${what}'` : what}.`, at);
    }
    if (prefix === "default") {
      cursor.end();
      return { kind: "forget", keyword: entry.name };
    }
    if (section.kind === "defaults" && section.name === "" && entry.inherit === "named") {
      cursor.fail(`'${entry.name}' not allowed in anonymous 'defaults' section.`, at);
    }
    passGate(cursor, entry);
    const value = entry.parse(cursor);
    cursor.end();
    return { kind: "add", node: { keyword: entry.name, at, negated: prefix === "no", value } };
  }

  const noop = longest(words, from, (name) => registry.noop("keyword", name, section.kind));
  if (noop !== null) {
    const cursor = cursorFor(noop.found.name, noop.next);
    cursor.notice(`'${noop.found.name}' has no effect: ${noop.found.reason}.`, cursor.place(0));
    return NONE;
  }
  const refused = longest(words, from, (name) => registry.refused("keyword", name, section.kind));
  const cursor = cursorFor(words[from]?.text ?? "", from);
  if (refused !== null) return refuse(cursor, refused.found);
  return unknown(cursor, words.slice(from).map((word) => word.text));
}

/** The entry of the longest keyword the words begin with. */
function longest<T>(
  words: readonly Word[],
  from: number,
  find: (name: string) => T | undefined,
): { readonly found: T; readonly next: number } | null {
  for (let count = Math.min(KEYWORD_WORDS, words.length - from); count > 0; count--) {
    const name = words.slice(from, from + count).map((word) => word.text).join(" ");
    const found = find(name);
    if (found !== undefined) return { found, next: from + count };
  }
  return null;
}

function refuse(cursor: Cursor, entry: RefusedEntry): never {
  cursor.fail(`'${entry.name}' in '${cursor.context.section.kind}' section : ${entry.reason}.`, cursor.place(0));
}

function unknown(cursor: Cursor, words: readonly string[]): Effect {
  const { registry, section } = cursor.context;
  const side = misplaced(registry, section.kind, words);
  if (side !== null) {
    if (section.kind === "defaults") cursor.fail(`'${side.name}' not allowed in 'defaults' section.`);
    const side_ = section.kind === "backend" ? "frontend" : "backend";
    const text = `because ${section.kind} '${section.name}' has no ${side_} capability.`;
    if (STRICT_SIDES.has(side.name)) cursor.fail(`'${side.name}' not allowed ${text}`);
    cursor.warn(`'${side.name}' ignored ${text}`);
    return NONE;
  }
  const [first = "", second] = words;
  const names = registry.names("keyword", section.kind);
  const seconds = distinct(names.filter((n) => n.startsWith(`${first} `)).map((n) => n.split(" ", 2)[1]));
  if (seconds.length > 0) unknownSecond(cursor, first, second, seconds);
  const firsts = distinct([...names.map((name) => name.split(" ", 1)[0]), ...SECTION_RULES.keys()]);
  const close = suggest(first, firsts) ?? (names.includes(`option ${first}`) ? `option ${first}` : null);
  const hint = close === null ? "" : `; did you mean '${close}' maybe ?`;
  cursor.fail(`unknown keyword '${first}' in '${section.kind}' section${hint}`);
}

/** The first word is that of several keywords, but not followed by the second of any. */
function unknownSecond(cursor: Cursor, first: string, second: string | undefined, known: readonly string[]): never {
  if (first === "option") {
    if (second === undefined) cursor.fail("'option' expects an option name.");
    cursor.fail(`unknown option '${second}'${didYouMean(second, known)}`, cursor.place(cursor.position + 1));
  }
  const expected = known.map((name) => `'${name}'`).join(", ");
  if (second === undefined) cursor.fail(`'${first}' expects one of ${expected}.`);
  const text = `'${first}' expects one of ${expected}, but got '${second}'${didYouMean(second, known)}`;
  cursor.fail(text, cursor.place(cursor.position + 1));
}

/** A keyword of proxies in a proxy of the wrong side, or in "defaults". */
function misplaced(registry: Registry, kind: SectionKind, words: readonly string[]): { readonly name: string } | null {
  if (!isProxy(kind) && kind !== "defaults") return null;
  const plain = words.map((text) => ({ text, column: 0 }));
  for (const other of ["listen", "frontend", "backend"] as const) {
    const found = longest(
      plain,
      0,
      (name) =>
        registry.find("keyword", name, other) ?? registry.noop("keyword", name, other) ??
          registry.refused("keyword", name, other),
    );
    if (found !== null) return found.found;
  }
  return null;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

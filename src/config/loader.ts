// The pipeline of the configuration: files -> lines -> words -> conditions -> statements of sections -> model -> checks.
//
// Everything that is wrong becomes a diagnostic and the work goes on with the next statement, so that one run finds all
// errors. With an ALERT among them there is no model.
import { bytesToLatin1 } from "../base/mod.ts";
import { runChecks } from "./check.ts";
import type { Facts } from "./conditions.ts";
import { type ParseContext, type ParserState, ParseStop, type Word } from "./cursor.ts";
import type { Diagnostic, Level } from "./diagnostics.ts";
import type { Registry } from "./entry.ts";
import { Environment, type GivenEnvironment } from "./environment.ts";
import { type ConfigFs, FileStore, readSources, type Source, type SourceText } from "./files.ts";
import { lexLine } from "./lexer.ts";
import { eachObject, type Location, type Model, type Node } from "./model.ts";
import { predefinedVariables } from "./predefined.ts";
import { Preprocessor } from "./preprocessor.ts";
import { type Draft, SectionList } from "./section_list.ts";
import { isSectionKeyword } from "./sections.ts";
import { parseStatement } from "./statement.ts";
import { fromByteString, toByteString } from "./text.ts";

export interface LoadRequest {
  /** Paths of files and folders as given to -f, or texts. */
  readonly files: readonly (string | SourceText)[];
  readonly fs: ConfigFs;
  readonly registry: Registry;
  /** The environment of the process. */
  readonly env: GivenEnvironment;
  /** Where relative paths start; "" leaves that to the file system. */
  readonly cwd: string;
  readonly facts: Facts;
  /** -L, else the host name. */
  readonly localPeer: string;
  readonly masterWorker?: boolean;
  /** Told the words of each statement that counts, in order (-dC); `section`: it opens one. */
  readonly statement?: (words: readonly string[], section: boolean) => void;
}

export interface LoadResult {
  /** Null when an ALERT is among the diagnostics. */
  readonly model: Model | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The environment after the last line: what child processes and Lua see. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of the process that were looked at, and where first. */
  readonly asked: ReadonlyMap<string, Location | null>;
}

/** Loads and checks a configuration. Throws only on a bug. */
export function loadConfig(request: LoadRequest): LoadResult {
  const diagnostics: Diagnostic[] = [];
  const alert = (text: string) => diagnostics.push({ level: "ALERT", at: null, text });
  const sources = readSources(request.files, request.fs, request.cwd, alert);
  const names = sources.map((source) => source.name);
  const loader = new Loader(request, diagnostics, names);
  for (const source of sources) loader.read(source);
  const sections = loader.sections.finish();
  const files = loader.store.files;
  runChecks(request.registry, sections, files, diagnostics);
  for (const section of sections) for (const node of section.nodes) lookAtVariables(node, loader.environment);
  const environment = Object.fromEntries(loader.environment);
  const model = diagnostics.some((d) => d.level === "ALERT")
    ? null
    : freeze<Model>({ sections, files, environment, sources: names });
  const env: Record<string, string> = {};
  for (const [name, value] of loader.environment) env[fromByteString(name)] = fromByteString(value);
  return { model, diagnostics, env, asked: loader.environment.asked };
}

/** The fetch "env" sees what is in the model: it is asked for now. */
function lookAtVariables(node: Node, environment: Environment): void {
  environment.place = node.at;
  eachObject(node.value, ({ fetch, args }) => {
    if (fetch === "env" && Array.isArray(args) && typeof args[0] === "string") environment.get(args[0]);
  });
}

class Loader {
  readonly environment: Environment;
  readonly state: ParserState;
  readonly sections: SectionList;
  readonly store: FileStore;
  readonly #request: LoadRequest;
  readonly #diagnostics: Diagnostic[];

  constructor(request: LoadRequest, diagnostics: Diagnostic[], sources: readonly string[]) {
    const { env, facts, registry, localPeer, masterWorker } = request;
    const predefined = predefinedVariables(
      { version: facts.version, localPeer, masterWorker: masterWorker === true },
      sources,
    );
    this.environment = new Environment(env, predefined);
    this.state = { environment: this.environment, gates: new Set(), pathPolicy: "current", pathOrigin: "" };
    this.sections = new SectionList(registry, diagnostics, this.state.gates);
    this.store = new FileStore(request.fs, request.cwd);
    this.#request = request;
    this.#diagnostics = diagnostics;
  }

  /** Reads one file. It begins and ends outside of sections and blocks. */
  read(source: Source): void {
    const lines = bytesToLatin1(source.bytes).split("\n");
    const preprocessor = new Preprocessor(this.#request.facts, this.state.environment);
    let section: Draft | null = null;
    for (let i = 0; i < lines.length - 1; i++) {
      const at = { file: source.name, line: i + 1, column: 0 };
      const words = this.#lex(lines[i], at, section, preprocessor);
      if (words === null) continue;
      const head = words[0].text;
      if (this.#request.statement !== undefined) {
        this.#request.statement(words.map((word) => word.text), isSectionKeyword(head));
      }
      if (isSectionKeyword(head)) section = this.sections.open(head, at, words);
      else if (section === null) {
        this.#report("ALERT", { ...at, column: words[0].column }, `unknown keyword '${head}' out of section.`);
      } else this.#statement(section, at, words);
    }
    const last = lines[lines.length - 1];
    if (last !== "") {
      const at = { file: source.name, line: lines.length, column: last.length + 1 };
      const text = "Missing LF on last line, file might have been truncated";
      this.#report("ALERT", at, `${text} at position ${at.column}.`);
    }
    if (preprocessor.open > 0) {
      const at = { file: source.name, line: preprocessor.open, column: 0 };
      this.#report("ALERT", at, "non-terminated '.if' block.");
    }
  }

  #report(level: Level, at: Location, text: string): void {
    this.#diagnostics.push({ level, at, text });
  }

  /** The words of a statement; null when the line holds none or is dealt with here. */
  #lex(line: string, at: Location, section: Draft | null, preprocessor: Preprocessor): readonly Word[] | null {
    this.environment.place = at;
    const variables = (name: string) => {
      if (name === ".FILE") return toByteString(at.file);
      if (name === ".LINE") return String(at.line);
      if (name === ".SECTION") return section === null ? "" : section.name || section.kind;
      return this.state.environment.get(name);
    };
    const { words, empty, error } = lexLine(line, variables);
    const place = (column: number) => ({ ...at, column });
    if (error !== null) {
      const text = `${error.text} at position ${error.column}:${pointer(line, error.column)}`;
      this.#report("ALERT", place(error.column), text);
      return null;
    }
    if (words.length === 0) return null;
    const report = (level: Level, text: string, column: number) =>
      this.#report(level, place(column), column > 0 && level === "ALERT" ? text + pointer(line, column) : text);
    if (words[0].text.startsWith(".") && preprocessor.take(words, at.line, report)) return null;
    if (!preprocessor.active) return null;
    if (empty <= 0) return words;
    const column = words[empty].column;
    const text = `argument number ${empty} at position ${column} is empty and ends the list of arguments; ` +
      `the rest of the line is ignored:${pointer(line, column)}`;
    this.#report("WARNING", place(column), text);
    return words.slice(0, empty);
  }

  #statement(section: Draft, at: Location, words: readonly Word[]): void {
    const context: ParseContext = {
      registry: this.#request.registry,
      diagnostics: this.#diagnostics,
      state: this.state,
      section,
      file: (path, optional) => this.store.load(path, optional, at.file, this.state),
      kindOf: (path) => this.store.kindOf(path, at.file, this.state),
      list: (path) => this.store.list(path, at.file, this.state),
    };
    try {
      const effect = parseStatement(context, at.file, at.line, words);
      if (effect.kind === "add") section.nodes.push(effect.node);
      else if (effect.kind === "forget") section.nodes = section.nodes.filter((n) => n.keyword !== effect.keyword);
    } catch (error) {
      if (!(error instanceof ParseStop)) throw error;
    }
  }
}

/** Longest part of a line shown under a message, before the column it points to and behind. */
const SHOWN = 60;

/** The line and a caret below the column. */
function pointer(line: string, column: number): string {
  const from = Math.max(0, column - 1 - SHOWN);
  // deno-lint-ignore no-control-regex
  const shown = line.slice(from, column - 1 + SHOWN).replace(/[\x00-\x1f\x7f]/g, " ");
  return `\n  ${shown}\n  ${" ".repeat(column - 1 - from)}^`;
}

/** Freezes plain data, all of it. Bytes cannot be frozen; nobody writes them. */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

// The checks after everything is parsed: each statement's, then each section's. They find references to what is not
// there and contradictions, and report like the parser.
import type { Diagnostic, Level } from "./diagnostics.ts";
import type { KeywordEntry, Names, Registry } from "./entry.ts";
import type { Location, Model, Section, SectionKind } from "./model.ts";
import { hasBackend, hasFrontend } from "./sections.ts";

/**
 * Runs the checks. Statements of a defaults section are checked where they are inherited; one that is wrong for several
 * heirs is reported once.
 */
export function runChecks(
  registry: Registry,
  sections: readonly Section[],
  files: Model["files"],
  diagnostics: Diagnostic[],
): void {
  const names = new ModelNames(registry, sections, files, diagnostics);
  for (const section of sections) {
    if (section.kind !== "defaults") {
      for (const node of section.nodes) names.entry(section, node.keyword)?.check?.(node, section, names);
    }
    for (const check of registry.checks) {
      if (check.sections.includes(section.kind)) check.check(section, names);
    }
  }
}

class ModelNames implements Names {
  readonly sections: readonly Section[];
  readonly files: Model["files"];
  readonly registry: Registry;
  readonly #diagnostics: Diagnostic[];
  readonly #byName = new Map<string, Section>();
  readonly #seen = new Set<string>();

  constructor(
    registry: Registry,
    sections: readonly Section[],
    files: Model["files"],
    diagnostics: Diagnostic[],
  ) {
    this.registry = registry;
    this.sections = sections;
    this.files = files;
    this.#diagnostics = diagnostics;
    for (const section of sections) {
      const keys: string[] = [section.kind];
      if (hasFrontend(section.kind)) keys.push("frontend side");
      if (hasBackend(section.kind)) keys.push("backend side");
      for (const key of keys.map((kind) => `${kind} ${section.name}`)) {
        if (!this.#byName.has(key)) this.#byName.set(key, section);
      }
    }
  }

  section(kind: SectionKind, name: string): Section | undefined {
    return this.#byName.get(`${kind} ${name}`);
  }

  backend(name: string): Section | undefined {
    return this.#byName.get(`backend side ${name}`);
  }

  frontend(name: string): Section | undefined {
    return this.#byName.get(`frontend side ${name}`);
  }

  entry(section: Section, keyword: string): KeywordEntry | undefined {
    return this.registry.find("keyword", keyword, section.kind) as KeywordEntry | undefined;
  }

  error(at: Location, text: string): void {
    this.#report("ALERT", at, text);
  }

  warning(at: Location, text: string): void {
    this.#report("WARNING", at, text);
  }

  diag(at: Location, text: string): void {
    this.#report("DIAG", at, text);
  }

  #report(level: Level, at: Location, text: string): void {
    const key = `${level} ${at.file}:${at.line}:${at.column} ${text}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#diagnostics.push({ level, at, text });
  }
}

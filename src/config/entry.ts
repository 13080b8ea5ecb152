// What an entry is. One declarative entry stands for each keyword, sample fetch, converter, action, command and
// statistic; `app/manifest.ts` is the only list of them. Nothing registers itself by being imported. From the entries
// come the messages of -c, did-you-mean, -dK, the reference page, completion and the coverage report.
import type { Cursor } from "./cursor.ts";
import type { Location, Model, Node, Section, SectionKind } from "./model.ts";

/** Kinds of entries the registry knows. */
export const ENTRY_KINDS = [
  "keyword", // a statement of a section, also of two words: "timeout client", "option httplog"
  "bind", // an option of a bind line
  "server", // an option of a server or default-server line
  "fetch",
  "converter",
  "action",
  "balance",
  "logformat", // an alias of log-format: "ci" for %ci
  "command", // a command of the runtime API
  "filter",
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface Entry {
  readonly kind: EntryKind;
  /** HAProxy's name for it. Keywords of two words carry both: "timeout client". */
  readonly name: string;
  /** Section of configuration.txt (or "management 9.3") that specifies it. */
  readonly manual: string;
  /** One line for people: what it does. */
  readonly doc: string;
  /** It is read and verified, and has no effect: why. Such an entry counts as none of what is built. */
  readonly withoutEffect?: string;
}

/** What "expose-experimental-directives" and "expose-deprecated-directives" in global open. */
export type Gate = "experimental" | "deprecated";

/** A statement of a section. `N` is the plain node parse() makes, `E` what build() is given by its thread. */
export interface KeywordEntry<N = unknown, E = unknown> extends Entry {
  readonly kind: "keyword";
  readonly sections: readonly SectionKind[];
  /** Statements of a defaults section that proxies inherit. Rules are inherited from named defaults only ("named"). */
  readonly inherit?: boolean | "named";
  /** "no <keyword>" is allowed; parse() then sees the cursor's `negated`. */
  readonly negatable?: boolean;
  /** Needs "expose-experimental-directives" / "expose-deprecated-directives" in global. */
  readonly gate?: Gate;
  /** Reads the arguments; the cursor reports what is wrong with place and remedy and ends the statement. */
  parse(cursor: Cursor): N;
  /** After everything is parsed: references to other sections, contradictions. */
  check?(node: Node<N>, section: Section, names: Names): void;
  /** In each thread: puts what the node says into what the thread is building. */
  build?(node: Node<N>, env: E): void;
}

/** An option of a bind or server line. `parse` reads the option's own arguments only. */
export interface OptionEntry<N = unknown> extends Entry {
  readonly kind: "bind" | "server";
  readonly gate?: Gate;
  /** The name is followed by a parameter in parentheses. */
  readonly parameter?: true;
  /** "no-<name>" forms are entries of their own, as in the manual. */
  parse(cursor: Cursor, parameter: string): N;
}

/** An option as a bind or server node stores it. */
export interface OptionNode<N = unknown> {
  readonly name: string;
  readonly value: N;
}

/** A name the manual has and this program answers with a reason instead of an effect. */
export interface RefusedEntry {
  readonly kind: EntryKind;
  readonly name: string;
  /** Sections it belongs to (keywords only). */
  readonly sections?: readonly SectionKind[];
  /** "not supported yet", or why never: shown to the operator after the name. */
  readonly reason: string;
  /** For an option without effect: how many arguments follow it. */
  readonly arguments?: number;
}

/** What to verify of a whole section once everything is parsed, whichever statements it has. */
export interface SectionCheck {
  readonly sections: readonly SectionKind[];
  check(section: Section, names: Names): void;
}

/**
 * Lookup of entries by kind and name. A keyword's name may stand for different entries in different sections ("log",
 * "timeout"): with a section the lookup answers only what is allowed there.
 */
export interface Registry {
  find(kind: EntryKind, name: string, section?: SectionKind): Entry | undefined;
  /** In `refused`: the statement is an error with the reason. */
  refused(kind: EntryKind, name: string, section?: SectionKind): RefusedEntry | undefined;
  /** In `noop`: accepted with a notice that names it, because it can have no effect here. */
  noop(kind: EntryKind, name: string, section?: SectionKind): RefusedEntry | undefined;
  /** All names of a kind, refused and noop ones too: for suggestions. Keywords: those of the section. */
  names(kind: EntryKind, section?: SectionKind): readonly string[];
  /** Some statement of the section is built. */
  supports(section: SectionKind): boolean;
  readonly checks: readonly SectionCheck[];
}

/** What check() may ask about the rest of the configuration, and where it reports. */
export interface Names {
  readonly registry: Registry;
  section(kind: SectionKind, name: string): Section | undefined;
  /** The entry of a statement of that section. */
  entry(section: Section, keyword: string): KeywordEntry | undefined;
  /** A proxy with backend (frontend) side: "listen" counts as both. */
  backend(name: string): Section | undefined;
  frontend(name: string): Section | undefined;
  readonly sections: readonly Section[];
  readonly files: Model["files"];
  error(at: Location, text: string): void;
  warning(at: Location, text: string): void;
  /** Only shown with -dD. */
  diag(at: Location, text: string): void;
}

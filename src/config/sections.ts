// The sections of the language (configuration.txt 2.1, 4 and 12): what their header lines may say, and which names must
// differ.
import type { SectionKind } from "./model.ts";

export interface SectionRule {
  readonly name: "none" | "optional" | "required";
  /** What the section is called in messages, when not by its keyword. */
  readonly noun?: string;
  /** The header may end with "from <defaults>". */
  readonly from?: true;
  /** Names are checked when the section is used, not when it is declared. */
  readonly anyName?: true;
  /** Several sections of one name are allowed. */
  readonly repeatable?: true;
  /** The header needs "expose-experimental-directives" / "expose-deprecated-directives". */
  readonly gate?: "experimental" | "deprecated";
}

export const SECTION_RULES: ReadonlyMap<string, SectionRule> = new Map<SectionKind, SectionRule>([
  ["global", { name: "none", repeatable: true }],
  ["defaults", { name: "optional", from: true, anyName: true, repeatable: true }],
  ["frontend", { name: "required", from: true }],
  ["backend", { name: "required", from: true }],
  ["listen", { name: "required", noun: "proxy", from: true }],
  ["peers", { name: "required" }],
  ["resolvers", { name: "required" }],
  ["cache", { name: "required", anyName: true }],
  ["ring", { name: "required" }],
  ["log-forward", { name: "required" }],
  ["log-profile", { name: "required" }],
  ["crt-store", { name: "optional" }],
  ["acme", { name: "required", gate: "experimental" }],
  ["userlist", { name: "required" }],
  ["mailers", { name: "required" }],
  ["http-errors", { name: "required" }],
  ["traces", { name: "none", repeatable: true }],
  ["fcgi-app", { name: "required" }],
  ["program", { name: "required", anyName: true, gate: "deprecated" }],
]);

export function isSectionKeyword(word: string): word is SectionKind {
  return SECTION_RULES.has(word);
}

/** Sides of a proxy. "defaults" has neither: it only prepares them. */
export function hasFrontend(kind: SectionKind): boolean {
  return kind === "frontend" || kind === "listen";
}

export function hasBackend(kind: SectionKind): boolean {
  return kind === "backend" || kind === "listen";
}

export function isProxy(kind: SectionKind): boolean {
  return hasFrontend(kind) || hasBackend(kind);
}

/** The first character a section's name may not have, or null: letters, digits, dash, underscore, dot, colon. */
export function invalidNameCharacter(name: string): string | null {
  return /[^A-Za-z0-9_.:-]/.exec(name)?.[0] ?? null;
}

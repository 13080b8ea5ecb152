// The sections as they are being read: header lines, names, inheritance from defaults sections (configuration.txt 4).
import type { Word } from "./cursor.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Gate, KeywordEntry, Registry } from "./entry.ts";
import type { Location, Node, Section, SectionKind } from "./model.ts";
import { hasBackend, hasFrontend, invalidNameCharacter, isProxy, SECTION_RULES, type SectionRule } from "./sections.ts";
import { didYouMean } from "./suggest.ts";

/** A section while its statements are read. */
export interface Draft {
  readonly kind: SectionKind;
  readonly name: string;
  readonly at: Location;
  /** Inherited ones first. */
  nodes: Node[];
  readonly defaults: number;
}

/** How proxies use a defaults section. */
interface Use {
  explicit: boolean;
  implicit: boolean;
  warned: boolean;
  frontend: boolean;
  backend: boolean;
}

export class SectionList {
  readonly #registry: Registry;
  readonly #diagnostics: Diagnostic[];
  readonly #gates: ReadonlySet<Gate>;
  readonly #drafts: Draft[] = [];
  /** Indexes of those that have a name, by it. */
  readonly #named = new Map<string, number[]>();
  /** Uses of the defaults sections, by index. */
  readonly #uses = new Map<number, Use>();
  /** Index of the last defaults section, -1 before the first. */
  #lastDefaults = -1;

  constructor(registry: Registry, diagnostics: Diagnostic[], gates: ReadonlySet<Gate>) {
    this.#registry = registry;
    this.#diagnostics = diagnostics;
    this.#gates = gates;
  }

  /** The sections as the model has them. */
  finish(): Section[] {
    return this.#drafts.map(({ kind, name, at, nodes, defaults }) => ({ kind, name, at, nodes, defaults }));
  }

  /** Reads a header. A wrong one opens a section all the same, so that what follows is read in its place. */
  open(kind: SectionKind, at: Location, words: readonly Word[]): Draft {
    const rule = SECTION_RULES.get(kind)!;
    const place = (index: number): Location => ({ ...at, column: words[index]?.column ?? words[0].column });
    const named = rule.name === "required" || (rule.name === "optional" && words.length > 1 && !isFrom(rule, words, 1));
    const name = named ? words[1]?.text ?? "" : "";
    const next = named ? 2 : 1;
    const from = isFrom(rule, words, next) ? words[next + 1].text : null;
    this.#checkHeader(kind, rule, name, words, next + (from === null ? 0 : 2), place);
    this.#checkDuplicate(kind, rule, name, at);
    if (kind === "global") {
      const first = this.#drafts.find((draft) => draft.kind === "global");
      if (first !== undefined) return first;
    }
    const defaults = this.#defaultsOf(kind, name, from, place);
    const draft: Draft = { kind, name, at: place(0), nodes: this.#inherited(kind, defaults), defaults };
    if (kind === "defaults") this.#lastDefaults = this.#drafts.length;
    const same = this.#named.get(name);
    if (same !== undefined) same.push(this.#drafts.length);
    else if (name !== "") this.#named.set(name, [this.#drafts.length]);
    this.#drafts.push(draft);
    return draft;
  }

  #sameName(name: string): Draft[] {
    return (this.#named.get(name) ?? []).map((index) => this.#drafts[index]);
  }

  #alert(at: Location, text: string): void {
    this.#diagnostics.push({ level: "ALERT", at, text });
  }

  #warn(at: Location, text: string): void {
    this.#diagnostics.push({ level: "WARNING", at, text });
  }

  #checkHeader(
    kind: SectionKind,
    rule: SectionRule,
    name: string,
    words: readonly Word[],
    end: number,
    place: (index: number) => Location,
  ): void {
    if (!this.#registry.supports(kind)) this.#alert(place(0), `'${kind}' section : not supported yet.`);
    if (rule.name === "required" && name === "") this.#alert(place(0), `'${kind}' expects a <name> argument.`);
    const wrong = rule.anyName === true ? null : invalidNameCharacter(name);
    if (wrong !== null) this.#alert(place(1), `character '${wrong}' is not permitted in '${kind}' name '${name}'.`);
    if (words.length > end) {
      this.#alert(place(end), `'${kind}' cannot handle unexpected argument '${words[end].text}'.`);
    }
    if (rule.gate === undefined || this.#gates.has(rule.gate)) return;
    if (rule.gate === "experimental") {
      const remedy = "must be allowed via a global 'expose-experimental-directives'";
      this.#alert(place(0), `'${kind}' section is experimental, ${remedy}.`);
    } else {
      const remedy = "a global 'expose-deprecated-directives' silences this warning";
      this.#warn(place(0), `'${kind}' section is deprecated and will be removed; ${remedy}.`);
    }
  }

  /** Proxies of one side must differ in name; of other sections those of one kind. */
  #checkDuplicate(kind: SectionKind, rule: SectionRule, name: string, at: Location): void {
    if (rule.repeatable === true || name === "") return;
    const noun = (draft: { kind: SectionKind }) => SECTION_RULES.get(draft.kind)!.noun ?? draft.kind;
    const other = this.#sameName(name).find((draft) => overlap(draft.kind, kind));
    if (other === undefined) return;
    const declared = `declared at ${other.at.file}:${other.at.line}`;
    const what = isProxy(kind) ? noun({ kind }) : `${kind} section`;
    this.#alert(at, `${what} '${name}' has the same name as ${noun(other)} '${name}' ${declared}.`);
  }

  /** Index of the defaults section that a new section takes its first settings from, or -1. */
  #defaultsOf(kind: SectionKind, name: string, from: string | null, place: (index: number) => Location): number {
    if (kind !== "defaults" && !isProxy(kind)) return -1;
    const at = place(0);
    if (from === null) {
      if (kind === "defaults" || this.#lastDefaults < 0) return -1;
      this.#use(this.#lastDefaults, kind, "implicit", at);
      return this.#lastDefaults;
    }
    const found = (this.#named.get(from) ?? []).filter((index) => this.#drafts[index].kind === "defaults");
    const who = `${kind} '${name}'`;
    if (found.length === 0) {
      const names = this.#drafts.filter((draft) => draft.kind === "defaults").map((draft) => draft.name);
      this.#alert(at, `defaults section '${from}' not found for ${who}${didYouMean(from, names)}`);
      return -1;
    }
    const index = found[0];
    const where = found.map((i) => `${this.#drafts[i].at.file}:${this.#drafts[i].at.line}`);
    if (found.length > 1) {
      this.#alert(at, `defaults section name '${from}' used by ${who} is ambiguous: ${where.join(" and ")}.`);
    }
    const wrong = invalidNameCharacter(from);
    if (wrong !== null) {
      this.#alert(
        at,
        `character '${wrong}' is not permitted in defaults section name '${from}' when designated by its name ` +
          `(section found at ${where[0]}).`,
      );
    }
    if (kind !== "defaults") this.#use(index, kind, "explicit", at);
    else if (this.#hasRules(index)) {
      this.#alert(at, `a defaults section cannot inherit from one that has TCP/HTTP rules (the one at ${where[0]}).`);
    }
    return index;
  }

  /** Records that a proxy uses a defaults section, and reports what does not go together. */
  #use(index: number, kind: SectionKind, how: "explicit" | "implicit", at: Location): void {
    const draft = this.#drafts[index];
    const where = `${draft.at.file}:${draft.at.line}`;
    let use = this.#uses.get(index);
    if (use === undefined) {
      use = { explicit: false, implicit: false, warned: false, frontend: false, backend: false };
      this.#uses.set(index, use);
    }
    use[how] = true;
    use.frontend ||= hasFrontend(kind);
    use.backend ||= hasBackend(kind);
    if (use.explicit && use.implicit && !use.warned) {
      use.warned = true;
      const other = how === "implicit" ? "explicitly by another proxy and implicitly here" : "implicitly by another " +
        "proxy and explicitly here";
      this.#warn(
        at,
        `defaults section '${draft.name}' (declared at ${where}) is used ${other}. Use explicit references only, or ` +
          `add a last defaults section for the proxies without one.`,
      );
    }
    if (use.frontend && use.backend && this.#hasRules(index)) {
      this.#alert(
        at,
        `frontends and backends cannot inherit from the same defaults section if it has TCP/HTTP rules ` +
          `(defaults section at ${where}).`,
      );
    }
  }

  #entry(node: Node, kind: SectionKind): KeywordEntry | undefined {
    return this.#registry.find("keyword", node.keyword, kind) as KeywordEntry | undefined;
  }

  /** Rules, not the ACLs for them. */
  #hasRules(index: number): boolean {
    const nodes = this.#drafts[index].nodes;
    return nodes.some((node) => node.keyword !== "acl" && this.#entry(node, "defaults")?.inherit === "named");
  }

  /** The statements of a defaults section that a section of that kind knows and inherits. */
  #inherited(kind: SectionKind, defaults: number): Node[] {
    if (defaults < 0) return [];
    return this.#drafts[defaults].nodes.filter((node) => (this.#entry(node, kind)?.inherit ?? false) !== false);
  }
}

/** "from <name>" stands at `index`. */
function isFrom(rule: SectionRule, words: readonly Word[], index: number): boolean {
  return rule.from === true && words[index]?.text === "from" && words.length > index + 1;
}

/** Whether two sections may not have the same name. */
function overlap(a: SectionKind, b: SectionKind): boolean {
  return a === b || (hasFrontend(a) && hasFrontend(b)) || (hasBackend(a) && hasBackend(b));
}

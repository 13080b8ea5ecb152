// Reads a regular expression in PCRE's syntax into a tree. What PCRE has and this does not (recursion, conditional groups,
// backtracking verbs, Unicode properties, branch reset) is refused by name.
import { type Assertion, type ByteSet, EMPTY_NODE, type RegexNode, type RegexTree, widths } from "./ast.ts";
import { ALL, CLASS_ESCAPES, complementOf, foldedSet, NOT_NEWLINE, POSIX_CLASSES, setOf } from "./sets.ts";

/** Why a text is no regular expression: PCRE's words where it has some. */
export class RegexError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Groups inside groups: bounds the recursion here and in all that walks the tree. */
const DEEPEST = 250;
/** Largest count of {n,m}, as PCRE's. */
const LARGEST_COUNT = 65535;

interface Flags {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
  extended: boolean;
  ungreedy: boolean;
}

/** Throws RegexError. `text` has one code unit a byte. */
export function parseRegex(text: string, ignoreCase: boolean): RegexTree {
  return new RegexParser(text, ignoreCase).parse();
}

class RegexParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #groups = 0;
  readonly #names = new Map<string, number>();
  /** Backreferences with where they stand: checked when all groups are known. */
  readonly #references: { group: number | string; at: number }[] = [];
  readonly #total: number;
  #flags: Flags;

  constructor(text: string, ignoreCase: boolean) {
    this.#text = text;
    this.#flags = { ignoreCase, multiline: false, dotAll: false, extended: false, ungreedy: false };
    this.#total = countGroups(text);
  }

  parse(): RegexTree {
    const root = this.#choice();
    if (this.#at < this.#text.length) this.#fail("unmatched closing parenthesis");
    for (const { group, at } of this.#references) {
      const known = typeof group === "number" ? group >= 1 && group <= this.#groups : this.#names.has(group);
      if (!known) throw new RegexError("reference to non-existent subpattern", at);
    }
    return { root: this.#resolve(root), groups: this.#groups };
  }

  #fail(message: string, at = this.#at): never {
    throw new RegexError(message, at);
  }

  #choice(): RegexNode {
    if (++this.#depth > DEEPEST) this.#fail("parentheses are too deeply nested");
    const items = [this.#sequence()];
    while (this.#text[this.#at] === "|") {
      this.#at++;
      items.push(this.#sequence());
    }
    this.#depth--;
    return items.length === 1 ? items[0] : { kind: "choice", items };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    for (;;) {
      this.#skipExtended();
      const c = this.#text[this.#at];
      if (c === undefined || c === "|" || c === ")") break;
      if (c === "\\" && this.#text[this.#at + 1] === "Q") {
        this.#quoted(items);
        continue;
      }
      const atom = this.#atom();
      if (atom !== null) items.push(this.#quantified(atom));
    }
    return items.length === 1 ? items[0] : items.length === 0 ? EMPTY_NODE : { kind: "sequence", items };
  }

  /** \Q ... \E: literals; a quantifier behind \E belongs to the last one. */
  #quoted(items: RegexNode[]): void {
    this.#at += 2;
    const end = this.#text.indexOf("\\E", this.#at);
    const stop = end < 0 ? this.#text.length : end;
    const literals: RegexNode[] = [];
    for (; this.#at < stop; this.#at++) literals.push(this.#literal(this.#text.charCodeAt(this.#at)));
    if (end >= 0) this.#at += 2;
    const last = literals.pop();
    items.push(...literals);
    if (last !== undefined) items.push(this.#quantified(last));
  }

  /** In extended mode white space and comments mean nothing. */
  #skipExtended(): void {
    if (!this.#flags.extended) return;
    for (;;) {
      const c = this.#text[this.#at];
      if (c === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end < 0 ? this.#text.length : end + 1;
      } else if (c !== undefined && /[ \t\n\v\f\r]/.test(c)) {
        this.#at++;
      } else {
        return;
      }
    }
  }

  #literal(byte: number): RegexNode {
    if (byte > 255) this.#fail("character code point value in \\x{} or \\o{} is too large");
    return this.#set(setOf((b) => b === byte));
  }

  #set(set: ByteSet): RegexNode {
    return { kind: "set", set: this.#flags.ignoreCase ? foldedSet(set) : set };
  }

  /** One thing that may be repeated; null for what only changes flags. */
  #atom(): RegexNode | null {
    const c = this.#text[this.#at];
    switch (c) {
      case "(":
        return this.#group();
      case "[":
        return this.#set(this.#characterClass());
      case ".":
        this.#at++;
        return { kind: "set", set: this.#flags.dotAll ? ALL : NOT_NEWLINE };
      case "^":
        this.#at++;
        return assertion(this.#flags.multiline ? "lineStart" : "start");
      case "$":
        this.#at++;
        return assertion(this.#flags.multiline ? "lineEnd" : "end");
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        return this.#fail("quantifier does not follow a repeatable item");
      case "{":
        if (this.#counts() !== null) this.#fail("quantifier does not follow a repeatable item");
        break;
    }
    this.#at++;
    return this.#literal(c.charCodeAt(0));
  }

  #quantified(atom: RegexNode): RegexNode {
    let node = atom;
    for (;;) {
      this.#skipExtended();
      const counts = this.#counts();
      if (counts === null) return node;
      this.#at = counts.end;
      const { min, max } = counts;
      const suffix = this.#text[this.#at];
      if (suffix === "+" || suffix === "?") this.#at++;
      const lazy = (suffix === "?") !== this.#flags.ungreedy && suffix !== "+";
      if (node.kind === "assert") {
        node = min === 0 ? EMPTY_NODE : node;
      } else {
        node = { kind: "repeat", body: node, min, max, lazy };
        if (suffix === "+") node = { kind: "atomic", body: node };
      }
    }
  }

  /** The quantifier at the cursor: * + ? {n} {n,} {n,m}. Null when there is none ("{" is then a literal). */
  #counts(): { min: number; max: number; end: number } | null {
    const c = this.#text[this.#at];
    const end = this.#at + 1;
    if (c === "*") return { min: 0, max: Infinity, end };
    if (c === "+") return { min: 1, max: Infinity, end };
    if (c === "?") return { min: 0, max: 1, end };
    if (c !== "{") return null;
    COUNTS.lastIndex = this.#at;
    const found = COUNTS.exec(this.#text);
    if (found === null) return null;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === "" ? Infinity : Number(found[3]);
    if (min > LARGEST_COUNT || (max > LARGEST_COUNT && max !== Infinity)) {
      this.#fail("number too big in {} quantifier");
    }
    if (max < min) this.#fail("numbers out of order in {} quantifier");
    return { min, max, end: COUNTS.lastIndex };
  }

  // ---- groups -------------------------------------------------------------------------------------------------

  #group(): RegexNode | null {
    const start = this.#at++;
    if (this.#text[this.#at] === "*") this.#fail("backtracking verbs such as (*SKIP) are not supported");
    if (this.#text[this.#at] !== "?") return this.#capture();
    const rest = this.#text.slice(this.#at + 1);
    if (rest[0] === "#") {
      const end = this.#text.indexOf(")", this.#at);
      if (end < 0) this.#fail("missing ) after (?# comment", this.#text.length);
      this.#at = end + 1;
      return null;
    }
    const name = /^(?:P?<([A-Za-z_][A-Za-z0-9_]*)>|'([A-Za-z_][A-Za-z0-9_]*)')/.exec(rest);
    if (name !== null) {
      this.#at += 1 + name[0].length;
      return this.#capture(name[1] ?? name[2]);
    }
    const reference = /^P=([A-Za-z_][A-Za-z0-9_]*)\)/.exec(rest);
    if (reference !== null) {
      this.#at += 1 + reference[0].length;
      return this.#reference(reference[1], start);
    }
    for (const prefix of ["<=", "<!", "=", "!", ">", ":"] as const) {
      if (!rest.startsWith(prefix)) continue;
      this.#at += 1 + prefix.length;
      return this.#special(prefix, start);
    }
    return this.#options(rest);
  }

  #capture(name?: string): RegexNode {
    const index = ++this.#groups;
    if (name !== undefined) {
      if (this.#names.has(name)) this.#fail("two named subpatterns have the same name (PCRE2_DUPNAMES not set)");
      this.#names.set(name, index);
    }
    return { kind: "group", index, body: this.#body() };
  }

  #special(prefix: "<=" | "<!" | "=" | "!" | ">" | ":", start: number): RegexNode {
    const body = this.#body();
    if (prefix === ":") return body.kind === "choice" ? { kind: "sequence", items: [body] } : body;
    if (prefix === ">") return { kind: "atomic", body };
    const ahead = !prefix.startsWith("<");
    if (!ahead && !fixedBranches(body)) this.#fail("lookbehind assertion is not fixed length", start);
    return { kind: "look", ahead, negative: prefix.endsWith("!"), body };
  }

  /** What is between the parentheses; flags set inside end there. */
  #body(): RegexNode {
    const flags = { ...this.#flags };
    const node = this.#choice();
    if (this.#text[this.#at] !== ")") this.#fail("missing closing parenthesis", this.#text.length);
    this.#at++;
    this.#flags = flags;
    return node;
  }

  /** (?i) and (?i:...). */
  #options(rest: string): RegexNode | null {
    const found = /^(\^?[imsxnU]*)(?:-([imsxn]*))?([:)])/.exec(rest);
    if (found === null) {
      if (/^(?:R|[+-]?[0-9]|&|P>)/.test(rest)) this.#fail("recursion into groups is not supported");
      if (rest.startsWith("(")) this.#fail("conditional groups are not supported");
      if (rest.startsWith("|")) this.#fail("branch reset groups are not supported");
      if (rest.startsWith("C")) this.#fail("callouts are not supported");
      this.#fail("unrecognized character after (? or (?-", this.#at + 1);
    }
    if (found[1].includes("n") || found[2]?.includes("n")) this.#fail("the option n is not supported");
    this.#at += 1 + found[0].length;
    const before = { ...this.#flags };
    if (found[1].startsWith("^")) Object.assign(this.#flags, NO_FLAGS);
    for (const letter of found[1].replace("^", "")) this.#flags[FLAG_NAMES[letter]] = true;
    for (const letter of found[2] ?? "") this.#flags[FLAG_NAMES[letter]] = false;
    if (found[3] === ")") return null;
    const inside = this.#body();
    this.#flags = before;
    return inside.kind === "choice" ? { kind: "sequence", items: [inside] } : inside;
  }

  // ---- escapes ------------------------------------------------------------------------------------------------

  #escape(): RegexNode | null {
    const start = this.#at;
    const c = this.#text[start + 1];
    if (c === undefined) this.#fail("\\ at end of pattern", start + 1);
    this.#at += 2;
    switch (c) {
      case "A":
        return assertion("start");
      case "Z":
        return assertion("end");
      case "z":
        return assertion("veryEnd");
      case "b":
        return assertion("word");
      case "B":
        return assertion("notWord");
      case "E":
        return null;
      case "K":
        return { kind: "keep" };
      case "N":
        return { kind: "set", set: NOT_NEWLINE };
      case "C":
        return { kind: "set", set: ALL };
      case "R":
        return LINE_BREAK;
      case "k":
        return this.#namedReference(start);
      case "g":
        return this.#numberedReference(start);
    }
    if (c >= "1" && c <= "9") {
      const digits = /^[0-9]{1,3}/.exec(this.#text.slice(start + 1))![0];
      const group = Number(digits);
      if (group < 10 || group <= this.#total) {
        this.#at = start + 1 + digits.length;
        return this.#reference(group, start);
      }
    }
    this.#at = start;
    const value = this.#classEscape();
    return typeof value === "number" ? this.#literal(value) : this.#set(value);
  }

  #namedReference(start: number): RegexNode {
    const found = /^(?:<(\w+)>|'(\w+)'|\{(\w+)\})/.exec(this.#text.slice(this.#at));
    if (found === null) this.#fail("\\k is not followed by a braced, angle-bracketed, or quoted name");
    this.#at += found[0].length;
    return this.#reference(found[1] ?? found[2] ?? found[3], start);
  }

  #numberedReference(start: number): RegexNode {
    const found = /^(?:(-?[0-9]+)|\{(-?[0-9]+)\}|\{(\w+)\})/.exec(this.#text.slice(this.#at));
    if (found === null) this.#fail("\\g is not followed by a group: recursion into groups is not supported");
    this.#at += found[0].length;
    if (found[3] !== undefined) return this.#reference(found[3], start);
    const number = Number(found[1] ?? found[2]);
    return this.#reference(number < 0 ? this.#groups + 1 + number : number, start);
  }

  #reference(group: number | string, at: number): RegexNode {
    this.#references.push({ group, at });
    // Names are resolved when all are known.
    return { kind: "back", group: group as number, ignoreCase: this.#flags.ignoreCase };
  }

  /** An escape that stands for one byte or a set, in and out of classes; takes it. */
  #classEscape(): number | ByteSet {
    const at = this.#at;
    const c = this.#text[at + 1];
    if (c === undefined) this.#fail("\\ at end of pattern", at + 1);
    const set = CLASS_ESCAPES[c.toLowerCase()];
    if (set !== undefined) {
      this.#at += 2;
      return c === c.toLowerCase() ? set : complementOf(set);
    }
    const rest = this.#text.slice(at + 1);
    const number = /^x\{([0-9A-Fa-f]{1,8})\}|^x([0-9A-Fa-f]{0,2})|^o\{([0-7]{1,8})\}|^([0-7]{1,3})/.exec(rest);
    if (number !== null) {
      this.#at += 1 + number[0].length;
      const hex = number[1] ?? number[2];
      return hex !== undefined ? parseInt(hex || "0", 16) : parseInt(number[3] ?? number[4], 8) & 0xff;
    }
    const simple = SIMPLE_ESCAPES[c];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    if (c === "c") {
      const control = this.#text.charCodeAt(at + 2);
      if (!(control > 31 && control < 127)) this.#fail("\\c must be followed by a printable ASCII character", at + 2);
      this.#at += 3;
      return (control >= 97 && control <= 122 ? control - 32 : control) ^ 64;
    }
    if (c === "p" || c === "P" || c === "X") this.#fail("\\p, \\P and \\X are not supported", at + 2);
    if (/[A-Za-z]/.test(c)) this.#fail("unrecognized character follows \\", at + 1);
    this.#at += 2;
    return c.charCodeAt(0);
  }

  // ---- classes ------------------------------------------------------------------------------------------------

  #characterClass(): ByteSet {
    this.#at++;
    const negated = this.#text[this.#at] === "^";
    if (negated) this.#at++;
    let set = new Uint8Array(256);
    for (let first = true;; first = false) {
      const c = this.#text[this.#at];
      if (c === undefined) this.#fail("missing terminating ] for character class", this.#text.length);
      if (c === "]" && !first) break;
      const low = this.#member();
      if (typeof low !== "number") {
        for (let b = 0; b < 256; b++) set[b] |= low[b];
        continue;
      }
      let high = low;
      const next = this.#text[this.#at + 1];
      if (this.#text[this.#at] === "-" && next !== "]" && next !== undefined) {
        this.#at++;
        const end = this.#member();
        if (typeof end === "number") {
          if (end < low) this.#fail("range out of order in character class", this.#at - 1);
          high = end;
        } else {
          set[45] = 1;
          for (let b = 0; b < 256; b++) set[b] |= end[b];
        }
      }
      for (let b = low; b <= high && b < 256; b++) set[b] = 1;
    }
    this.#at++;
    if (this.#flags.ignoreCase) set = foldedSet(set) as Uint8Array<ArrayBuffer>;
    return negated ? complementOf(set) : set;
  }

  #member(): number | ByteSet {
    const c = this.#text[this.#at];
    if (c === "[" && /^[:.=]/.test(this.#text[this.#at + 1] ?? "")) {
      const found = /^\[:(\^?)([a-z]+):\]/.exec(this.#text.slice(this.#at));
      if (found !== null) {
        const set = POSIX_CLASSES[found[2]];
        if (set === undefined) this.#fail("unknown POSIX class name");
        this.#at += found[0].length;
        return found[1] === "^" ? complementOf(set) : set;
      }
    }
    if (c === "\\") {
      if (this.#text[this.#at + 1] === "b") {
        this.#at += 2;
        return 8;
      }
      return this.#classEscape();
    }
    this.#at++;
    return c.charCodeAt(0);
  }

  /** Names of backreferences become numbers. */
  #resolve(node: RegexNode): RegexNode {
    switch (node.kind) {
      case "back": {
        const group = node.group as number | string;
        return typeof group === "string" ? { ...node, group: this.#names.get(group)! } : node;
      }
      case "sequence":
      case "choice":
        return { kind: node.kind, items: node.items.map((item) => this.#resolve(item)) };
      case "repeat":
      case "group":
      case "atomic":
      case "look":
        return { ...node, body: this.#resolve(node.body) };
      default:
        return node;
    }
  }
}

const COUNTS = /\{([0-9]{1,5})(,([0-9]{0,5}))?\}/y;

const NO_FLAGS = { ignoreCase: false, multiline: false, dotAll: false, extended: false };
const FLAG_NAMES: Readonly<Record<string, keyof Flags>> = {
  i: "ignoreCase",
  m: "multiline",
  s: "dotAll",
  x: "extended",
  U: "ungreedy",
};

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

const LINE_BREAK: RegexNode = {
  kind: "atomic",
  body: {
    kind: "choice",
    items: [
      {
        kind: "sequence",
        items: [{ kind: "set", set: setOf((b) => b === 13) }, { kind: "set", set: setOf((b) => b === 10) }],
      },
      { kind: "set", set: CLASS_ESCAPES.v },
    ],
  },
};

function assertion(what: Assertion): RegexNode {
  return { kind: "assert", what };
}

/** Each alternative at the top has one length, as PCRE asks of what looks behind. */
function fixedBranches(node: RegexNode): boolean {
  const branches = node.kind === "choice" ? node.items : [node];
  return branches.every((branch) => {
    const [least, most] = widths(branch);
    return least === most;
  });
}

/** Capturing groups in the text, to tell \10 the reference from \10 the octal number. */
function countGroups(text: string): number {
  let groups = 0;
  let inClass = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "\\") i++;
    else if (inClass) inClass = c !== "]";
    else if (c === "[") {
      inClass = true;
      if (text[i + 1] === "^") i++;
      if (text[i + 1] === "]") i++;
    } else if (c === "(" && (text[i + 1] !== "?" || /^\?(?:P?<[A-Za-z_]|')/.test(text.slice(i + 1)))) groups++;
  }
  return groups;
}

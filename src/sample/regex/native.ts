// What of a tree may run on V8's backtracking engine: how its time can grow with the text, and the equivalent JavaScript
// source. V8 is fast but has no bound of its own, so only trees whose growth is known are given to it, and only for texts
// short enough.
//
// The estimate is on the safe side: a repetition may be tried at every length, so each adds one to the exponent, and a
// repetition inside a repetition is only allowed when its body can match a text in one way.
import { type ByteSet, disjoint, firstBytes, type RegexNode, type RegexTree, widths } from "./ast.ts";

/** The time for a text of n bytes is at most about factor * n^degree. */
export interface Growth {
  readonly degree: number;
  readonly factor: number;
}

/** Branches that may be multiplied before the tree counts as unbounded. */
const MOST_WAYS = 256;
/** Longest source given to V8. */
const LONGEST_SOURCE = 20000;

/** The growth of a search, or null when it is not known to be bounded (or V8 lacks or does otherwise what the tree asks). */
export function growthOf(tree: RegexTree): Growth | null {
  const growth = growth_(tree.root);
  if (growth === null || growth.factor > MOST_WAYS) return null;
  return anchoredAtStart(tree.root) ? growth : { degree: growth.degree + 1, factor: growth.factor };
}

/** Whether every match begins at the start of the text. */
export function anchoredAtStart(node: RegexNode): boolean {
  switch (node.kind) {
    case "assert":
      return node.what === "start";
    case "sequence":
      return node.items.length > 0 && anchoredAtStart(node.items[0]);
    case "choice":
      return node.items.every(anchoredAtStart);
    case "group":
    case "atomic":
      return anchoredAtStart(node.body);
    default:
      return false;
  }
}

function growth_(node: RegexNode): Growth | null {
  switch (node.kind) {
    case "set":
    case "assert":
      return { degree: 0, factor: 1 };
    case "sequence":
      return node.items.map(growth_).reduce(
        (a, b) => a === null || b === null ? null : { degree: a.degree + b.degree, factor: a.factor * b.factor },
        { degree: 0, factor: 1 } as Growth | null,
      );
    case "choice": {
      const all = node.items.map(growth_);
      if (all.includes(null)) return null;
      const exclusive = haveDisjointStarts(node.items);
      return (all as Growth[]).reduce((a, b) => ({
        degree: Math.max(a.degree, b.degree),
        factor: exclusive ? Math.max(a.factor, b.factor) : a.factor + b.factor,
      }));
    }
    case "group":
      return growth_(node.body);
    case "look": {
      if (hasGroup(node.body)) return null;
      return growth_(node.body);
    }
    case "repeat": {
      const { body, min, max } = node;
      const inner = growth_(body);
      if (inner === null) return null;
      if (min === max && inner.degree === 0 && inner.factor === 1) return inner;
      // JavaScript does not let an optional part match nothing, PCRE does.
      if (max === 1 && widths(body)[0] === 0) return null;
      if (max === 1) return { degree: inner.degree, factor: inner.factor + 1 };
      if (!matchesOneWay(body)) return null;
      return max - min <= 4 ? { degree: 0, factor: max - min + 1 } : { degree: 1, factor: 1 };
    }
    default:
      return null;
  }
}

/** A body that is never empty and of which a text can be only one sequence of. Groups in choices reset differently in V8. */
function matchesOneWay(node: RegexNode): boolean {
  switch (node.kind) {
    case "set":
      return true;
    case "sequence":
      return widths(node)[0] > 0 && node.items.every((item) => item.kind === "assert" || matchesOneWay(item));
    case "choice":
      return haveDisjointStarts(node.items) && node.items.every((item) => matchesOneWay(item) && !hasGroup(item));
    case "group":
      return matchesOneWay(node.body);
    case "repeat":
      return node.min === node.max && node.min > 0 && matchesOneWay(node.body);
    default:
      return false;
  }
}

function haveDisjointStarts(items: readonly RegexNode[]): boolean {
  const starts = items.map(firstBytes);
  for (let i = 0; i < starts.length; i++) {
    const one = starts[i];
    if (one === null) return false;
    for (let j = 0; j < i; j++) if (!disjoint(one, starts[j]!)) return false;
  }
  return true;
}

function hasGroup(node: RegexNode): boolean {
  switch (node.kind) {
    case "group":
      return true;
    case "sequence":
    case "choice":
      return node.items.some(hasGroup);
    case "repeat":
    case "atomic":
    case "look":
      return hasGroup(node.body);
    default:
      return false;
  }
}

// ---- source ---------------------------------------------------------------------------------------------------

/** The JavaScript source of a tree that growthOf() allows; null when it is too long. */
export function nativeSource(tree: RegexTree): string | null {
  const source = source_(tree.root);
  return source.length > LONGEST_SOURCE ? null : source;
}

const ASSERTION_SOURCES = {
  start: "^",
  lineStart: "(?:^|(?<=\\n))",
  end: "(?=\\n?$)",
  lineEnd: "(?=\\n|$)",
  veryEnd: "$",
  word: "\\b",
  notWord: "\\B",
} as const;

function source_(node: RegexNode): string {
  switch (node.kind) {
    case "set":
      return setSource(node.set);
    case "sequence":
      return node.items.map((item) => item.kind === "choice" ? `(?:${source_(item)})` : source_(item)).join("");
    case "choice":
      return node.items.map(source_).join("|");
    case "group":
      return `(${source_(node.body)})`;
    case "look":
      return `(?${node.ahead ? "" : "<"}${node.negative ? "!" : "="}${source_(node.body)})`;
    case "repeat": {
      const count = node.max === Infinity ? `{${node.min},}` : `{${node.min},${node.max}}`;
      const body = node.body.kind === "set" || node.body.kind === "group"
        ? source_(node.body)
        : `(?:${source_(node.body)})`;
      return `${body}${count}${node.lazy ? "?" : ""}`;
    }
    case "assert":
      return ASSERTION_SOURCES[node.what];
    default:
      throw new Error(`no JavaScript source for ${node.kind}`);
  }
}

function setSource(set: ByteSet): string {
  let ranges = "";
  let count = 0;
  for (let b = 0; b < 256; b++) {
    if (set[b] === 0) continue;
    let end = b;
    while (end < 255 && set[end + 1] === 1) end++;
    ranges += end === b ? byteSource(b) : `${byteSource(b)}-${byteSource(end)}`;
    count += end - b + 1;
    b = end;
  }
  return count === 1 ? ranges : `[${ranges}]`;
}

function byteSource(byte: number): string {
  const c = String.fromCharCode(byte);
  return /[A-Za-z0-9_]/.test(c) ? c : `\\x${byte.toString(16).padStart(2, "0")}`;
}

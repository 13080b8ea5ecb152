// The syntax tree of a regular expression over bytes. Case-insensitivity and the dot are resolved into sets here, so that
// what runs it knows neither flags nor locales.

/** 256 entries: 1 for each byte that matches. Shared and never written to after parsing. */
export type ByteSet = Uint8Array;

export type RegexNode =
  | { readonly kind: "set"; readonly set: ByteSet }
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly items: readonly RegexNode[] }
  | RepeatNode
  /** A capturing group, numbered from 1. */
  | { readonly kind: "group"; readonly index: number; readonly body: RegexNode }
  /** Once matched it is not tried again another way. */
  | { readonly kind: "atomic"; readonly body: RegexNode }
  | { readonly kind: "look"; readonly ahead: boolean; readonly negative: boolean; readonly body: RegexNode }
  | { readonly kind: "assert"; readonly what: Assertion }
  | { readonly kind: "back"; readonly group: number; readonly ignoreCase: boolean }
  /** \K: the match is reported as if it began here. */
  | { readonly kind: "keep" };

export interface RepeatNode {
  readonly kind: "repeat";
  readonly body: RegexNode;
  readonly min: number;
  /** Infinity: no limit. */
  readonly max: number;
  readonly lazy: boolean;
}

/** "end": the end, or before a newline that is last. "lineEnd": the end, or before any newline. */
export const ASSERTIONS = ["start", "lineStart", "end", "lineEnd", "veryEnd", "word", "notWord"] as const;
export type Assertion = (typeof ASSERTIONS)[number];

/** A parsed expression. */
export interface RegexTree {
  readonly root: RegexNode;
  /** Capturing groups. */
  readonly groups: number;
}

export const EMPTY_NODE: RegexNode = { kind: "sequence", items: [] };

/** Lengths a node can match: [least, most]. */
export function widths(node: RegexNode): readonly [number, number] {
  switch (node.kind) {
    case "set":
      return [1, 1];
    case "sequence":
      return node.items.map(widths).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0] as readonly [number, number]);
    case "choice":
      return node.items.map(widths).reduce(([a, b], [c, d]) => [Math.min(a, c), Math.max(b, d)]);
    case "repeat": {
      const [least, most] = widths(node.body);
      return [least * node.min, most === 0 ? 0 : most * node.max];
    }
    case "group":
    case "atomic":
      return widths(node.body);
    case "back":
      return [0, Infinity];
    default:
      return [0, 0];
  }
}

/** The bytes a match of the node can begin with; null when it can be empty. */
export function firstBytes(node: RegexNode): ByteSet | null {
  switch (node.kind) {
    case "set":
      return node.set;
    case "sequence":
      for (const item of node.items) {
        if (item.kind === "assert" || item.kind === "look" || item.kind === "keep") continue;
        if (widths(item)[0] > 0) return firstBytes(item);
        const rest = firstBytes({ kind: "sequence", items: node.items.slice(node.items.indexOf(item) + 1) });
        const own = firstOfOptional(item);
        return rest === null || own === null ? null : union(own, rest);
      }
      return null;
    case "choice":
      return node.items.map(firstBytes).reduce((a, b) => a === null || b === null ? null : union(a, b));
    case "repeat":
      return node.min === 0 ? null : firstBytes(node.body);
    case "group":
    case "atomic":
      return firstBytes(node.body);
    default:
      return null;
  }
}

/** As firstBytes() of a node that may also be left out. */
function firstOfOptional(node: RegexNode): ByteSet | null {
  if (node.kind === "repeat") return widths(node.body)[0] > 0 ? firstBytes(node.body) : null;
  return null;
}

function union(a: ByteSet, b: ByteSet): ByteSet {
  const both = new Uint8Array(256);
  for (let i = 0; i < 256; i++) both[i] = a[i] | b[i];
  return both;
}

export function disjoint(a: ByteSet, b: ByteSet): boolean {
  for (let i = 0; i < 256; i++) if ((a[i] & b[i]) !== 0) return false;
  return true;
}

// Log formats (configuration.txt 8.2.6): text to plain items. Besides logs, everything the manual calls <fmt> is one.
import { didYouMean, LOG_FORMAT_VARIABLES, type ParseContext } from "../config/mod.ts";
import type { AliasEntry } from "./aliases.ts";
import { parseExpressionAt } from "./expression.ts";
import { missing, offersIn } from "./offers.ts";
import { type ExprNode, NEEDS, type SampleType, T_BOOL, T_SINT, T_STR } from "./types.ts";

/** Flags of items. */
export const F_QUOTE = 1;
export const F_HEX = 2;
export const F_ESCAPE = 4;
export const F_BIN = 8;
export const F_JSON = 16;
export const F_CBOR = 32;

const FLAGS: Readonly<Record<string, number>> = {
  Q: F_QUOTE,
  X: F_HEX,
  E: F_ESCAPE,
  bin: F_BIN,
  json: F_JSON,
  cbor: F_CBOR,
};

/**
 * What the format becomes: a log line (spaces merged, "-" for what is absent, control characters as "#XX"), a part of an
 * HTTP message (control characters as "%XX"), or any other text, which is left as it is.
 */
export type FormatStyle = "log" | "http" | "text";

export type LogItemNode =
  | { readonly kind: "text"; readonly text: string }
  /** A space of a log line: none is written behind another. */
  | { readonly kind: "space" }
  | {
    readonly kind: "alias";
    readonly alias: string;
    readonly key: string;
    readonly type: SampleType;
    readonly flags: number;
  }
  | {
    readonly kind: "expression";
    readonly expression: ExprNode;
    readonly key: string;
    readonly type: SampleType;
    readonly flags: number;
  };

/** A format: plain data. */
export interface LogFormatNode {
  readonly items: readonly LogItemNode[];
  readonly style: FormatStyle;
  /** F_JSON, F_CBOR, F_BIN as set for the whole. */
  readonly encoding: number;
  /** Union of NEEDS. */
  readonly needs: number;
  readonly text: string;
}

export interface FormatOptions {
  readonly style: FormatStyle;
  /** OFFERS of the place. */
  readonly offers: number;
}

/** Type of an item that has none of its own: whatever it gives. */
export const T_NATURAL = -1;

/** Reads a format; a string is the reason why it is none. */
export function parseLogFormat(text: string, context: ParseContext, options: FormatOptions): LogFormatNode | string {
  return new FormatParser(text, context, options).parse();
}

class FormatParser {
  readonly #text: string;
  readonly #context: ParseContext;
  readonly #options: FormatOptions;
  readonly #offers: number;
  readonly #items: LogItemNode[] = [];
  /** Set by %o for the items behind it. */
  #flags = 0;
  #encoding = 0;
  #needs = 0;
  #at = 0;

  constructor(text: string, context: ParseContext, options: FormatOptions) {
    this.#text = text;
    this.#context = context;
    this.#options = options;
    this.#offers = offersIn(context, options.offers);
  }

  parse(): LogFormatNode | string {
    while (this.#at < this.#text.length) {
      const percent = this.#text.indexOf("%", this.#at);
      this.#literal(this.#text.slice(this.#at, percent < 0 ? undefined : percent));
      if (percent < 0) break;
      this.#at = percent + 1;
      if (this.#text[this.#at] === "%") {
        this.#at++;
        this.#literal("%");
        continue;
      }
      const problem = this.#item();
      if (problem !== null) return problem;
    }
    const { style } = this.#options;
    return { items: this.#items, style, encoding: this.#encoding, needs: this.#needs, text: this.#text };
  }

  #literal(text: string): void {
    if (this.#options.style !== "log") {
      if (text !== "") this.#push(text);
      return;
    }
    for (const part of text.split(/([ \t]+)/)) {
      if (part === "") continue;
      if (/^[ \t]/.test(part)) this.#items.push({ kind: "space" });
      else this.#push(part);
    }
  }

  #push(text: string): void {
    const last = this.#items[this.#items.length - 1];
    if (last?.kind === "text") this.#items[this.#items.length - 1] = { kind: "text", text: last.text + text };
    else this.#items.push({ kind: "text", text });
  }

  /** What is behind a "%": a string is an error. */
  #item(): string | null {
    const start = this.#at - 1;
    let key = "";
    let type: number = T_NATURAL;
    if (this.#text[this.#at] === "(") {
      const found = /^\(([^():]*)(?::([^()]*))?\)/.exec(this.#text.slice(this.#at));
      if (found === null) return `missing ')' after the name of the item near '${this.#text.slice(start)}'`;
      key = found[1];
      if (found[2] !== undefined) {
        if (!Object.hasOwn(ITEM_TYPES, found[2])) {
          return `unexpected type '${found[2]}' of item '${key}': 'str', 'sint' or 'bool' is expected`;
        }
        type = ITEM_TYPES[found[2]];
      }
      this.#at += found[0].length;
    }
    let flags = this.#flags;
    if (this.#text[this.#at] === "{") {
      const end = this.#text.indexOf("}", this.#at);
      if (end < 0) return `truncated line after '${this.#text.slice(this.#at + 1)}'`;
      const changed = changeFlags(flags, this.#text.slice(this.#at + 1, end));
      if (typeof changed === "string") return changed;
      flags = changed;
      this.#at = end + 1;
      const next = this.#text[this.#at];
      if (next === undefined || !/[A-Za-z0-9[]/.test(next)) {
        return `parse argument modifier without variable name near '${this.#text.slice(start)}'`;
      }
    }
    if (this.#text[this.#at] === "[") return this.#expression(key, type, flags);
    const name = /^[A-Za-z0-9]*/.exec(this.#text.slice(this.#at))![0];
    if (this.#at === this.#text.length) return "truncated line after '%'";
    this.#at += name.length;
    if (name === "o") {
      this.#flags = flags & ~F_BIN;
      this.#encoding |= flags & (F_JSON | F_CBOR | F_BIN);
      return null;
    }
    return this.#alias(name, key, type, flags);
  }

  #alias(name: string, key: string, type: SampleType, flags: number): string | null {
    const { registry } = this.#context;
    const entry = registry.find("logformat", name) as AliasEntry | undefined;
    if (entry === undefined) {
      const shown = name === "" ? this.#text[this.#at] : name;
      return `no such format alias '${shown}'${didYouMean(name, registry.names("logformat"))}. ` +
        "If you wanted to emit the '%' character verbatim, you need to use '%%'";
    }
    const lacks = missing(entry.needs, this.#offers | NEEDS.server | NEEDS.serverL4 | NEEDS.responseKept);
    if (lacks !== null) return `format alias '${name}' needs '${lacks}' which is not available here`;
    if (entry.restriction === "log" && this.#options.style !== "log") {
      return `format alias '${name}' is only available in log formats`;
    }
    this.#needs |= entry.needs;
    this.#items.push({ kind: "alias", alias: name, key, type, flags });
    return null;
  }

  #expression(key: string, type: SampleType, flags: number): string | null {
    const from = this.#at + 1;
    const parsed = parseExpressionAt(this.#text, from, this.#context);
    if (typeof parsed === "string") {
      if (!this.#text.includes("]", from)) return `missing ']' after '${this.#text.slice(from)}'`;
      return `failed to parse sample expression <${this.#text.slice(from)}> : ${parsed}`;
    }
    const { node, end } = parsed;
    if (this.#text[end] !== "]") {
      return end === this.#text.length
        ? `missing ']' after '${node.text}'`
        : `expected ']' after '${node.text}', but found '${this.#text[end]}'`;
    }
    const lacks = missing(node.needs, this.#offers);
    if (lacks !== null) {
      return `sample fetch <${node.text}]> may not be reliably used here because it needs '${lacks}' ` +
        "which is not available here";
    }
    this.#needs |= node.needs;
    this.#items.push({ kind: "expression", expression: node, key, type, flags });
    this.#at = end + 1;
    return null;
  }
}

const ITEM_TYPES: Readonly<Record<string, SampleType>> = { str: T_STR, sint: T_SINT, bool: T_BOOL };

/** "+Q,-E": sets and clears flags. One without a sign changes nothing, as in the manual's CLF formats. */
function changeFlags(flags: number, list: string): number | string {
  let changed = flags;
  for (const part of list.split(",")) {
    const name = part.replace(/^[+-]/, "");
    if (name === "") continue;
    if (!Object.hasOwn(FLAGS, name)) {
      return `unknown flag '${name}' in '{${list}}'${didYouMean(name, Object.keys(FLAGS))}`;
    }
    if (part.startsWith("+")) changed |= FLAGS[name];
    if (part.startsWith("-")) changed &= ~FLAGS[name];
  }
  return changed;
}

// ---- the formats of the manual ------------------------------------------------------------------------------------

/** Formats with names of their own (8.2.2 to 8.2.4), the same that the configuration's environment offers. */
export const {
  HAPROXY_TCP_LOG_FMT: TCP_LOG_FORMAT,
  HAPROXY_TCP_CLF_LOG_FMT: TCP_CLF_LOG_FORMAT,
  HAPROXY_HTTP_LOG_FMT: HTTP_LOG_FORMAT,
  HAPROXY_HTTP_CLF_LOG_FMT: HTTP_CLF_LOG_FORMAT,
  HAPROXY_HTTPS_LOG_FMT: HTTPS_LOG_FORMAT,
} = LOG_FORMAT_VARIABLES;

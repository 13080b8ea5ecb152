// Log formats: items to closures that write text. A piece is a function of the transaction; what a flag asks for is
// decided when it is built.
import { parseIp, writeLatin1 } from "../base/mod.ts";
import type { Address } from "../sys/types.ts";
import { type AliasEntry, hexBytes } from "./aliases.ts";
import { cast, sampleText } from "./casts.ts";
import { buildExpression } from "./expression.ts";
import { encodeCbor, type Encoded, encodeJson } from "./log_encoding.ts";
import { encodeControls, encodeHttpText, escapeText } from "./log_text.ts";
import {
  F_BIN,
  F_CBOR,
  F_ESCAPE,
  F_HEX,
  F_JSON,
  F_QUOTE,
  type FormatStyle,
  type LogFormatNode,
  type LogItemNode,
  T_NATURAL,
} from "./logformat.ts";
import { FOUND, Sample, type SampleEnv, T_BOOL, T_SINT, T_STR, type Txn } from "./types.ts";

export interface LogFormat {
  /** The text for a transaction, one code unit a byte. What is not known yet is absent. */
  text(txn: Txn): string;
  /** Writes it at `at`, cut at the end of the bytes; returns the position behind it. */
  into(txn: Txn, bytes: Uint8Array, at: number): number;
}

type Piece = (txn: Txn) => string;
/** What an item is worth to an encoding; null: absent. */
type ValuePiece = (txn: Txn) => Encoded;

/** Stands for a space in the list of pieces. */
const SPACE: Piece = () => " ";

export function buildLogFormat(node: LogFormatNode, env: SampleEnv): LogFormat {
  const whole = node.encoding & (F_JSON | F_CBOR);
  const text = whole !== 0 ? encodedWhole(node, env, whole) : joined(node, env);
  return {
    text,
    into(txn, bytes, at) {
      const written = text(txn);
      return writeLatin1(
        bytes,
        at,
        at + written.length <= bytes.length ? written : written.slice(0, bytes.length - at),
      );
    },
  };
}

function joined(node: LogFormatNode, env: SampleEnv): Piece {
  const pieces = node.items.map((item) => pieceOf(item, node, env));
  if (pieces.length === 1 && pieces[0] !== SPACE) return pieces[0];
  if (node.style !== "log") {
    return (txn) => {
      let out = "";
      for (let i = 0; i < pieces.length; i++) out += pieces[i](txn);
      return out;
    };
  }
  return (txn) => {
    let out = "";
    let spaced = true;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i];
      if (piece === SPACE) {
        if (!spaced) out += " ";
        spaced = true;
        continue;
      }
      const text = piece(txn);
      if (text === "") continue;
      out += text;
      spaced = false;
    }
    return out;
  };
}

function pieceOf(item: LogItemNode, node: LogFormatNode, env: SampleEnv): Piece {
  switch (item.kind) {
    case "text":
      return () => item.text;
    case "space":
      return SPACE;
    case "alias":
    case "expression": {
      const own = item.flags & (F_JSON | F_CBOR);
      if (own !== 0) {
        const value = valueOf(item, env);
        const bin = (node.encoding & F_BIN) !== 0;
        return own & F_JSON ? (txn) => encodeJson(value(txn)) : (txn) => encodeCbor(value(txn), bin);
      }
      return item.kind === "alias"
        ? aliasPiece(item.alias, item.flags, node.style, env)
        : expressionPiece(item, node, env);
    }
  }
}

// ---- aliases ------------------------------------------------------------------------------------------------------

function aliasEntry(name: string, env: SampleEnv): AliasEntry {
  const entry = env.registry.find("logformat", name) as AliasEntry | undefined;
  if (entry === undefined) throw new Error(`no entry of format alias '${name}'`);
  return entry;
}

function aliasPiece(name: string, flags: number, style: FormatStyle, env: SampleEnv): Piece {
  const entry = aliasEntry(name, env);
  const value = entry.build(env);
  const quote = (flags & F_QUOTE) !== 0 && entry.value !== "plain";
  const nothing = quote ? '""' : entry.bare || style !== "log" ? "" : "-";
  switch (entry.value) {
    case "number": {
      const hex = (flags & F_HEX) !== 0 ? entry.hexDigits : 0;
      const growing = entry.growing === true;
      return (txn) => {
        const number = value(txn) as number | null;
        if (number === null) return nothing;
        const text = hex > 0 ? number.toString(16).toUpperCase().padStart(hex, "0") : String(number);
        return growing && txn.kept.incomplete ? `+${text}` : text;
      };
    }
    case "address": {
      const hex = (flags & F_HEX) !== 0;
      return (txn) => {
        const text = addressText(value(txn) as Address | null, hex);
        return text === "" ? nothing : quote ? `"${text}"` : text;
      };
    }
    case "list":
      return (txn) => listText(value(txn) as string, quote);
    case "plain":
    case "text": {
      const hex = (flags & F_HEX) !== 0 ? entry.hexDigits : 0;
      const escape = (flags & F_ESCAPE) !== 0 && entry.value === "text";
      return (txn) => {
        let text = value(txn) as string | null;
        if (text === null || text === "") return nothing;
        if (hex > 0) text = Number(text).toString(16).toUpperCase().padStart(hex, "0");
        if (escape) text = escapeText(text);
        return quote ? `"${text}"` : text;
      };
    }
  }
}

function addressText(address: Address | null, hex: boolean): string {
  if (address === null) return "";
  if (address.family === "unix") return "unix";
  if (!hex) return address.host;
  const bytes = parseIp(address.host);
  return bytes === null ? address.host : hexBytes(bytes);
}

/** Each value a field of its own; they end with a NUL each. */
function listText(values: string, quote: boolean): string {
  let out = "";
  for (let from = 0; from < values.length;) {
    const to = values.indexOf("\0", from);
    const value = values.slice(from, to);
    out += (out === "" ? "" : " ") + (quote ? `"${value}"` : value === "" ? "-" : value);
    from = to + 1;
  }
  return out;
}

// ---- expressions --------------------------------------------------------------------------------------------------

function expressionPiece(item: LogItemNode & { kind: "expression" }, node: LogFormatNode, env: SampleEnv): Piece {
  const expression = buildExpression(item.expression, env);
  const sample = new Sample();
  const { style } = node;
  const raw = (node.encoding & F_BIN) !== 0;
  if (style === "http") {
    // Quoting is not applied to expressions here: what a header or body gets is their value.
    return (txn) => {
      if (expression(txn, sample) !== FOUND) return "";
      if (raw) return sampleText(sample, true);
      const text = sampleText(sample);
      return sample.type < T_STR ? text : encodeHttpText(text);
    };
  }
  const quote = (item.flags & F_QUOTE) !== 0;
  const escape = (item.flags & F_ESCAPE) !== 0;
  const nothing = style === "text" ? "" : quote ? '""' : "-";
  const clean = style === "log" && !raw;
  return (txn) => {
    if (expression(txn, sample) !== FOUND) return nothing;
    let text = raw ? sampleText(sample, true) : sampleText(sample);
    if (text === "") return nothing;
    if (clean) text = encodeControls(text);
    if (escape) text = escapeText(text);
    return quote ? `"${text}"` : text;
  };
}

// ---- encodings ----------------------------------------------------------------------------------------------------

/** The value of an item for an encoding, of the type the item asks for. */
function valueOf(item: LogItemNode & { kind: "alias" | "expression" }, env: SampleEnv): ValuePiece {
  const value = item.kind === "alias" ? aliasValue(item.alias, item.flags, env) : expressionValue(item, env);
  switch (item.type) {
    case T_NATURAL:
      return value;
    case T_BOOL:
      return (txn) => {
        const v = value(txn);
        return v === null ? null : typeof v === "boolean" ? v : typeof v === "string" ? leading(v) !== 0 : v !== 0;
      };
    case T_SINT:
      return (txn) => {
        const v = value(txn);
        return typeof v === "string" ? leading(v) : typeof v === "boolean" ? Number(v) : v;
      };
    default:
      return (txn) => {
        const v = value(txn);
        return v === null ? null : typeof v === "boolean" ? (v ? "1" : "0") : String(v);
      };
  }
}

function leading(text: string): number {
  return Number(/^[+-]?[0-9]{1,15}/.exec(text)?.[0] ?? 0);
}

/** Hexadecimal forms stay; quoting, escaping and the "+" of what is not final do not apply. */
function aliasValue(name: string, flags: number, env: SampleEnv): ValuePiece {
  const entry = aliasEntry(name, env);
  if (entry.value === "number" && !((flags & F_HEX) !== 0 && entry.hexDigits > 0)) {
    const value = entry.build(env);
    return (txn) => value(txn) as number | null;
  }
  const plain = aliasPiece(name, flags & F_HEX, "http", env);
  return (txn) => {
    const text = plain(txn);
    return text === "" ? null : text;
  };
}

function expressionValue(item: LogItemNode & { kind: "expression" }, env: SampleEnv): ValuePiece {
  const expression = buildExpression(item.expression, env);
  const sample = new Sample();
  return (txn) => {
    if (expression(txn, sample) !== FOUND) return null;
    if (sample.type === T_BOOL) return sample.num !== 0;
    if (sample.type === T_SINT || (item.type === T_SINT && cast(sample, T_SINT, env))) return sample.num;
    return sampleText(sample);
  };
}

/** A map of the named items and nothing else. */
function encodedWhole(node: LogFormatNode, env: SampleEnv, encoding: number): Piece {
  const named: { readonly key: string; readonly value: ValuePiece }[] = [];
  for (const item of node.items) {
    if (item.kind === "text" || item.kind === "space" || item.key === "") continue;
    named.push({ key: item.key, value: valueOf(item, env) });
  }
  const bin = (node.encoding & F_BIN) !== 0;
  return (txn) => {
    const values: [string, Encoded][] = named.map(({ key, value }) => [key, value(txn)]);
    return encoding & F_JSON ? encodeJson(values) : encodeCbor(values, bin);
  };
}

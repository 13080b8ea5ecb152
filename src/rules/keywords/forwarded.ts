// `option forwarded`: tells servers about the client in a Forwarded header (configuration.txt 4.2, RFC 7239 4 and 6).
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import { HeaderName } from "../../http/mod.ts";
import {
  buildExpression,
  checkExpressions,
  type ExprNode,
  forwardedHost,
  forwardedName,
  forwardedPort,
  FOUND,
  OFFERS,
  Sample,
  takeExpression,
  type Txn,
} from "../../sample/mod.ts";
import type { Address } from "../../sys/types.ts";
import type { RulesEnv } from "../env.ts";

const PARAMETERS = ["host", "by", "by_port", "for", "for_port"] as const;
type Parameter = (typeof PARAMETERS)[number];

/** What a parameter is made of: the connection or the request itself, or an expression. Null: it is not sent. */
type Source = "own" | ExprNode | null;

interface ForwardedNode {
  readonly proto: boolean;
  readonly sources: Readonly<Record<Parameter, Source>>;
}

function parse(cursor: Cursor): ForwardedNode {
  const sources: Record<Parameter, Source> = { host: null, by: null, by_port: null, for: null, for_port: null };
  if (cursor.done) return { proto: true, sources: { ...sources, for: "own" } };
  const words = ["proto", ...PARAMETERS.flatMap((name) => [name, `${name}-expr` as const])] as const;
  const all = `one of ${words.map((word) => `'${word}'`).join(", ")}`;
  let proto = false;
  while (!cursor.done) {
    const word = cursor.oneOf(all, words);
    if (word === "proto") proto = true;
    else if (!word.endsWith("-expr")) sources[word as Parameter] = "own";
    else sources[word.slice(0, -"-expr".length) as Parameter] = takeExpression(cursor, OFFERS["http-request"]);
  }
  return { proto, sources };
}

/** The text of a parameter, null where there is nothing to tell. */
type Part = (txn: Txn) => string | null;

const HOST = new HeaderName("host");

function hostOf({ request }: Txn): string | null {
  const row = request.findName(HOST);
  return row < 0 ? null : request.valueText(row);
}

function nameOf(address: Address): string {
  if (address.family === "unix") return "unknown";
  return address.family === "ipv6" ? `[${address.host}]` : address.host;
}

function portOf(address: Address): string | null {
  return address.family === "unix" ? null : String(address.port);
}

/** `own` without an expression; an expression's sample as `read` writes it. */
function part(source: Source, env: RulesEnv, own: Part, read: (sample: Sample) => string | null): Part | null {
  if (source === null) return null;
  if (source === "own") return own;
  const expression = buildExpression(source, env);
  const sample = new Sample();
  return (txn) => expression(txn, sample) === FOUND ? read(sample) : null;
}

/** A node: quoted as soon as it has a colon. */
function node(txn: Txn, name: Part, port: Part | null): string {
  const known = name(txn) ?? "unknown";
  const number = port === null ? null : port(txn);
  const text = number === null ? known : `${known}:${number}`;
  return text.includes(":") ? `"${text}"` : text;
}

/** Makes the value of the header; "": there is nothing to say. */
function build({ proto, sources }: ForwardedNode, env: RulesEnv): (txn: Txn) => string {
  const host = part(sources.host, env, hostOf, forwardedHost);
  const side = (name: "by" | "for", address: (txn: Txn) => Address) => ({
    name: part(sources[name], env, (txn) => nameOf(address(txn)), forwardedName),
    port: part(sources[`${name}_port`], env, (txn) => portOf(address(txn)), forwardedPort),
  });
  const by = side("by", (txn) => txn.session.dst);
  const client = side("for", (txn) => txn.session.src);
  return (txn) => {
    let text = proto ? txn.session.ssl ? "proto=https" : "proto=http" : "";
    const add = (pair: string) => text += text === "" ? pair : `;${pair}`;
    const asked = host === null ? null : host(txn);
    if (asked !== null) add(`host="${asked.replace(/["\\]/g, "\\$&")}"`);
    if (by.name !== null) add(`by=${node(txn, by.name, by.port)}`);
    if (client.name !== null) add(`for=${node(txn, client.name, client.port)}`);
    return text;
  };
}

const forwarded: KeywordEntry<ForwardedNode, RulesEnv> = {
  kind: "keyword",
  name: "option forwarded",
  manual: "4.2",
  doc: "Tells servers about the client in a Forwarded header.",
  sections: ["defaults", "listen", "backend"],
  inherit: true,
  negatable: true,
  parse,
  check: (node, section, names) => checkExpressions(node.value, names, node.at, section),
  build: (node, env) => void (env.rules.forwarded = node.negated ? null : build(node.value, env)),
};

export const forwardedKeywords = [forwarded] as const;

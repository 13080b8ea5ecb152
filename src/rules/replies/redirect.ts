// Redirects (configuration.txt 4.2 "redirect"): their arguments, which the `redirect` statement and the action share, and
// the response a thread makes of them. Texts of the statement are fixed; those of the action are log-formats.
import type { Cursor } from "../../config/mod.ts";
import { H_HOST, isFieldValueText } from "../../http/mod.ts";
import type { Message } from "../../http/mod.ts";
import type { SampleEnv } from "../../sample/mod.ts";
import { buildFormat, fixedText, takeFormat } from "../formats.ts";
import type { FormatNode, TextFn } from "../formats.ts";
import { targetPart } from "../target.ts";
import { Reply } from "../types.ts";
import type { ActionContext } from "../types.ts";
import { reasonOf } from "./reasons.ts";

const REDIRECT_TYPES = ["location", "prefix", "scheme"] as const;
const REDIRECT_CODES = [301, 302, 303, 307, 308] as const;

export interface RedirectNode {
  readonly type: (typeof REDIRECT_TYPES)[number];
  /** A text, or a format in rules. */
  readonly target: string | FormatNode;
  readonly code: (typeof REDIRECT_CODES)[number];
  readonly dropQuery: boolean;
  readonly keepQuery: boolean;
  readonly appendSlash: boolean;
  readonly ignoreEmpty: boolean;
  /** The value of a Set-Cookie field, or what `set-cookie-fmt` makes one of; null: none. */
  readonly cookie: string | FormatNode | null;
}

const WORDS = "'code', 'prefix', 'location', 'scheme', 'set-cookie', 'set-cookie-fmt', 'clear-cookie', 'drop-query', " +
  "'keep-query', 'ignore-empty' or 'append-slash'";

/** Reads the arguments up to a condition. `offers`: union of NEEDS for formats; null: the statement, without formats. */
export function parseRedirect(cursor: Cursor, offers: number | null, response: boolean): RedirectNode {
  let type: RedirectNode["type"] | null = null;
  let target: RedirectNode["target"] = "";
  let code: RedirectNode["code"] = 302;
  let cookie: RedirectNode["cookie"] = null;
  const flags = new Set<string>();
  const text = (what: string) => offers === null ? fieldText(cursor, what) : takeFormat(cursor, what, offers);
  for (let word = cursor.peek(); word !== undefined && word !== "if" && word !== "unless"; word = cursor.peek()) {
    const at = cursor.at;
    cursor.position++;
    const found = REDIRECT_TYPES.find((known) => known === word);
    if (found !== undefined) {
      needArgument(cursor, word);
      if (response && found !== "location") cursor.fail("response only supports redirect type 'location'.", at);
      type = found;
      target = text(`<${found}>`);
    } else if (word === "code") {
      needArgument(cursor, word);
      code = takeCode(cursor);
    } else if (word === "set-cookie") {
      needArgument(cursor, word);
      cookie = fieldText(cursor, "<name>[=<value>]") + "; path=/;";
    } else if (word === "clear-cookie") {
      needArgument(cursor, word);
      cookie = fieldText(cursor, "<name>[=]") + "; path=/; Max-Age=0;";
    } else if (word === "set-cookie-fmt") {
      needArgument(cursor, word);
      if (offers === null) cursor.fail("'set-cookie-fmt' needs a rule: use 'http-request redirect'.", at);
      cookie = takeFormat(cursor, "<fmt>", offers);
    } else if (["drop-query", "keep-query", "append-slash", "ignore-empty"].includes(word)) {
      flags.add(word);
    } else {
      cursor.fail(`expects ${WORDS} (was '${word}').`, at);
    }
  }
  if (type === null) cursor.fail("redirection type expected ('prefix', 'location', or 'scheme').");
  return {
    type,
    target,
    code,
    cookie,
    dropQuery: flags.has("drop-query"),
    keepQuery: flags.has("keep-query"),
    appendSlash: flags.has("append-slash"),
    ignoreEmpty: flags.has("ignore-empty"),
  };
}

function needArgument(cursor: Cursor, word: string): void {
  if (cursor.done) cursor.fail(`missing argument for '${word}'.`);
}

function takeCode(cursor: Cursor): RedirectNode["code"] {
  const at = cursor.at;
  const text = cursor.take("<code>");
  const code = REDIRECT_CODES.find((known) => String(known) === text);
  if (code === undefined) {
    cursor.fail(`'code': unsupported HTTP code '${text}' (must be one of 301, 302, 303, 307 or 308).`, at);
  }
  return code;
}

function fieldText(cursor: Cursor, what: string): string {
  const at = cursor.at;
  const text = cursor.take(what);
  if (!isFieldValueText(text)) cursor.fail(`'${text}' cannot be sent in a header.`, at);
  return text;
}

/** What makes the reply of a transaction; null when `ignore-empty` passes the rule over. */
export function buildRedirect(node: RedirectNode, env: SampleEnv): (context: ActionContext) => Reply | null {
  const target = textOf(node.target, env);
  const cookie = node.cookie === null ? null : textOf(node.cookie, env);
  const formattedCookie = cookie !== null && typeof node.cookie !== "string";
  return (context) => {
    const text = target.text(context);
    if (node.ignoreEmpty && text === "") return null;
    const reply = new Reply();
    reply.status = node.code;
    reply.reason = node.code === 302 ? "Found" : reasonOf(node.code);
    reply.headers.push("location", locationOf(node, text, context.request));
    // A 301 or 308 may be kept by caches, the others may not.
    if (node.code !== 301 && node.code !== 308) reply.headers.push("cache-control", "no-cache");
    if (cookie !== null) {
      reply.headers.push("set-cookie", cookie.text(context) + (formattedCookie ? "; path=/;" : ""));
    }
    return reply;
  };
}

function textOf(text: string | FormatNode, env: SampleEnv): TextFn {
  return typeof text === "string" ? fixedText(text) : buildFormat(text, env);
}

function locationOf(node: RedirectNode, text: string, request: Message): string {
  const target = request.targetText();
  if (node.type === "location") {
    const query = node.keepQuery ? targetPart(target, "query") : null;
    if (query === null) return text;
    return text + (text.includes("?") ? "&" : "?") + query;
  }
  const path = targetPart(target, node.dropQuery ? "path" : "pathq") ?? "/";
  const slash = node.appendSlash && !path.endsWith("/") ? "/" : "";
  if (node.type === "prefix") return (text === "/" ? "" : text) + path + slash;
  const host = request.find(H_HOST);
  return `${text}://${host < 0 ? "" : request.valueText(host)}${path}${slash}`;
}

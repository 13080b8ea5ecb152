// Statements that replace the responses Sluice makes itself: errorfile, errorfiles, errorloc, errorloc302, errorloc303,
// http-error; and the http-errors section (configuration.txt 4.2, 12.4).
import type { Cursor, KeywordEntry, Model, Node, SectionKind } from "../../config/mod.ts";
import { isFieldValueText } from "../../http/mod.ts";
import { checkExpressions, OFFERS } from "../../sample/mod.ts";
import type { RulesEnv } from "../env.ts";
import type { FixedReply } from "../replies/errorfile.ts";
import { ERROR_STATUSES, ErrorReplies } from "../replies/errors.ts";
import { buildMadeReply, checkHttpReply, fixedReply, parseHttpReply, takeErrorFile } from "../replies/http_reply.ts";
import type { HttpReplyNode } from "../replies/http_reply.ts";
import { reasonOf } from "../replies/reasons.ts";
import { PrefixedCursor } from "../rule_cursor.ts";
import { Reply } from "../types.ts";

const PROXIES: readonly SectionKind[] = ["defaults", "frontend", "listen", "backend"];

/** Takes a status that has an error reply. */
function takeStatus(cursor: Cursor): number {
  const at = cursor.at;
  const text = cursor.take("<code>");
  const status = Number(text);
  if (!ERROR_STATUSES.includes(status)) cursor.fail(`${cursor.keyword} : status code '${text}' not handled.`, at);
  return status;
}

// ---- errorfile --------------------------------------------------------------------------------------------------

interface ErrorFileNode {
  readonly status: number;
  readonly reply: FixedReply;
}

function parseErrorFileLine(cursor: Cursor): ErrorFileNode {
  if (cursor.peek(1) === undefined) cursor.fail("errorfile : expects <status_code> and <file> as arguments.");
  const status = takeStatus(cursor);
  return { status, reply: takeErrorFile(cursor) };
}

/** In proxies it replaces their own reply; in an http-errors section it only defines one. */
const errorfile: KeywordEntry<ErrorFileNode, RulesEnv> = {
  kind: "keyword",
  name: "errorfile",
  manual: "4.2",
  doc: "Answers with a file instead of the built-in response.",
  sections: [...PROXIES, "http-errors"],
  inherit: true,
  parse: parseErrorFileLine,
  build: (node, env) => env.rules.errors.set(node.value.status, fixedReply(node.value.reply, node.value.status)),
};

/** The http-errors sections of a model, by name, for one thread. */
export function buildHttpErrors(model: Model): Map<string, ErrorReplies> {
  const all = new Map<string, ErrorReplies>();
  for (const section of model.sections) {
    if (section.kind !== "http-errors") continue;
    const replies = new ErrorReplies();
    for (const node of section.nodes as readonly Node<ErrorFileNode>[]) {
      const { status, reply } = node.value;
      if (node.keyword === "errorfile") replies.set(status, fixedReply(reply, status));
    }
    all.set(section.name, replies);
  }
  return all;
}

// ---- errorfiles -------------------------------------------------------------------------------------------------

interface ErrorFilesNode {
  readonly name: string;
  /** Empty: all. */
  readonly statuses: readonly number[];
}

const errorfiles: KeywordEntry<ErrorFilesNode, RulesEnv> = {
  kind: "keyword",
  name: "errorfiles",
  manual: "4.2",
  doc: "Takes over responses of an http-errors section.",
  sections: PROXIES,
  inherit: true,
  parse(cursor: Cursor) {
    const name = cursor.take("<name>");
    const statuses: number[] = [];
    while (!cursor.done) statuses.push(takeStatus(cursor));
    return { name, statuses };
  },
  check(node, section, names) {
    if (names.section("http-errors", node.value.name) !== undefined) return;
    names.error(node.at, `proxy '${section.name}': unknown http-errors section '${node.value.name}'.`);
  },
  build(node, env) {
    const replies = env.httpErrors(node.value.name);
    const { statuses } = node.value;
    for (const status of statuses.length === 0 ? ERROR_STATUSES : statuses) {
      const reply = replies?.get(status);
      if (reply !== undefined) env.rules.errors.set(status, reply);
    }
  },
};

// ---- errorloc ---------------------------------------------------------------------------------------------------

interface ErrorLocNode {
  readonly status: number;
  readonly url: string;
}

function errorloc(name: string, code: 302 | 303): KeywordEntry<ErrorLocNode, RulesEnv> {
  return {
    kind: "keyword",
    name,
    manual: "4.2",
    doc: "Redirects to a URL instead of the built-in response.",
    sections: PROXIES,
    inherit: true,
    parse(cursor: Cursor) {
      if (cursor.peek(1) === undefined) cursor.fail(`${name} : expects <status_code> and <url> as arguments.`);
      const status = takeStatus(cursor);
      const at = cursor.at;
      const url = cursor.take("<url>");
      if (!isFieldValueText(url)) cursor.fail(`${name} : '${url}' cannot be sent in a header.`, at);
      return { status, url };
    },
    build(node, env) {
      const reply = new Reply();
      reply.status = code;
      reply.standsFor = node.value.status;
      reply.reason = code === 302 ? "Found" : reasonOf(code);
      reply.headers.push("cache-control", "no-cache", "location", node.value.url);
      reply.lengthAt = 2;
      env.rules.errors.set(node.value.status, reply);
    },
  };
}

// ---- http-error -------------------------------------------------------------------------------------------------

const httpError: KeywordEntry<HttpReplyNode, RulesEnv> = {
  kind: "keyword",
  name: "http-error",
  manual: "4.2",
  doc: "Defines the response to a kind of error.",
  sections: PROXIES,
  inherit: true,
  parse(cursor: Cursor) {
    const at = cursor.at;
    const words = new PrefixedCursor(cursor, "http-error", "http-error : ");
    const node = parseHttpReply(words, { status: 0, body: "default", offers: OFFERS.request | OFFERS.response });
    cursor.position = words.position;
    if (!ERROR_STATUSES.includes(node.status)) {
      cursor.fail(`http-error : status code '${node.status}' not handled.`, at);
    }
    return node;
  },
  check(node, section, names) {
    checkExpressions(node.value, names, node.at, section);
    checkHttpReply(node.value, node.at, names);
  },
  build(node, env) {
    const { status, body } = node.value;
    const { errors } = env.rules;
    if (body.kind === "default") {
      errors.unset(status);
    } else if (body.kind === "section") {
      const reply = env.httpErrors(body.name)?.get(status);
      if (reply !== undefined) errors.set(status, reply);
    } else {
      errors.set(status, body.kind === "fixed" ? fixedReply(body.reply, status) : buildMadeReply(node.value, env));
    }
  },
};

export const errorKeywords = [
  errorfile,
  errorfiles,
  errorloc("errorloc", 302),
  errorloc("errorloc302", 302),
  errorloc("errorloc303", 303),
  httpError,
] as const;

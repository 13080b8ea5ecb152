// The arguments that `return`, `deny`, `tarpit` and `http-error` share: a status and what to answer with
// (configuration.txt 4.4 "return", 4.2 "http-error"). Plain data, and what a thread makes of it.
import { bytesToLatin1, latin1ToBytes } from "../../base/mod.ts";
import type { Cursor, Location, Names } from "../../config/mod.ts";
import { isFieldValueText, isTokenText } from "../../http/mod.ts";
import type { SampleEnv, Txn } from "../../sample/mod.ts";
import type { RulesEnv } from "../env.ts";
import { buildFormat, parseFormat, takeFormat } from "../formats.ts";
import type { FormatNode } from "../formats.ts";
import { Reply } from "../types.ts";
import type { ActionContext } from "../types.ts";
import { parseErrorFile } from "./errorfile.ts";
import type { FixedReply } from "./errorfile.ts";
import { ERROR_STATUSES } from "./errors.ts";
import { reasonOf } from "./reasons.ts";

type ReplyBody =
  /** Nothing but the status and headers. */
  | { readonly kind: "none" }
  /** The proxy's error reply for the status. */
  | { readonly kind: "default" }
  | { readonly kind: "fixed"; readonly reply: FixedReply }
  /** The reply for the status in an http-errors section, else the proxy's. */
  | { readonly kind: "section"; readonly name: string }
  | { readonly kind: "payload"; readonly bytes: Uint8Array<ArrayBuffer>; readonly contentType: string }
  | { readonly kind: "format"; readonly format: FormatNode; readonly contentType: string };

export interface HttpReplyNode {
  readonly status: number;
  readonly body: ReplyBody;
  readonly headers: readonly { readonly name: string; readonly format: FormatNode }[];
}

/** What the first words of a body argument are, without the body. */
const BODY_WORDS = ["default-errorfiles", "errorfile", "errorfiles", "file", "lf-file", "string", "lf-string"] as const;
type BodyWord = (typeof BODY_WORDS)[number];

/** Where the arguments stand. */
export interface ReplyPlace {
  /** The status without a `status` argument; 0: there must be one. */
  readonly status: number;
  /** What is answered without a body argument. */
  readonly body: "none" | "default";
  /** Union of NEEDS, for formats. */
  readonly offers: number;
}

/** Reads the arguments up to the first word that is none of theirs. */
export function parseHttpReply(cursor: Cursor, place: ReplyPlace): HttpReplyNode {
  const state = new ReplyArguments(cursor, place);
  while (!cursor.done && state.takeOne());
  return state.finish();
}

class ReplyArguments {
  readonly #cursor: Cursor;
  readonly #place: ReplyPlace;
  readonly #at: Location;
  #status = 0;
  #contentType = "";
  /** `status` was the word: what has a status of its own (deny, tarpit) takes it for a reply without error page. */
  #plainStatus = false;
  #word: BodyWord | "" = "";
  #body: ReplyBody | null = null;
  /** A file or string, empty or not; null for other bodies. */
  #payload: Uint8Array<ArrayBuffer> | null = null;
  #format: FormatNode | null = null;
  readonly #headers: { name: string; format: FormatNode }[] = [];

  constructor(cursor: Cursor, place: ReplyPlace) {
    this.#cursor = cursor;
    this.#place = place;
    this.#at = cursor.at;
  }

  takeOne(): boolean {
    const cursor = this.#cursor;
    const word = cursor.peek()!;
    if (word === "status" || word === "deny_status") {
      this.#plainStatus = word === "status";
      cursor.position++;
      this.#takeStatus();
    } else if (word === "content-type") {
      cursor.position++;
      this.#contentType = cursor.take("<ctype>");
      if (!isFieldValueText(this.#contentType)) cursor.fail("the content type cannot be sent in a header.");
    } else if (word === "hdr") {
      cursor.position++;
      this.#takeHeader();
    } else {
      const body = BODY_WORDS.find((known) => known === word);
      if (body === undefined) return false;
      if (this.#word !== "") cursor.fail(`unexpected '${word}' argument, '${this.#word}' already defined.`);
      cursor.position++;
      this.#word = body;
      this.#takeBody(body);
    }
    return true;
  }

  #takeStatus(): void {
    const cursor = this.#cursor;
    const at = cursor.at;
    const text = cursor.take("<status_code>");
    this.#status = /^[0-9]{3}$/.test(text) ? Number(text) : 0;
    if (this.#status < 200 || this.#status > 599) cursor.fail(`Unexpected status code '${text}'.`, at);
  }

  #takeHeader(): void {
    const cursor = this.#cursor;
    const at = cursor.at;
    const name = cursor.take("<name> and <value>");
    if (!isTokenText(name)) cursor.fail(`'${name}' is not a header name.`, at);
    this.#headers.push({ name: name.toLowerCase(), format: takeFormat(cursor, "<fmt>", this.#place.offers) });
  }

  #takeBody(word: BodyWord): void {
    const cursor = this.#cursor;
    switch (word) {
      case "default-errorfiles":
        this.#body = { kind: "default" };
        return;
      case "errorfile":
        this.#body = { kind: "fixed", reply: takeErrorFile(cursor) };
        return;
      case "errorfiles":
        this.#body = { kind: "section", name: cursor.take("<name>") };
        return;
      case "file":
        this.#payload = cursor.loadFile("<file>").bytes;
        return;
      case "string":
        this.#payload = latin1ToBytes(cursor.take("<str>"));
        return;
      case "lf-file": {
        const at = cursor.at;
        this.#format = parseFormat(cursor, bytesToLatin1(cursor.loadFile("<file>").bytes), this.#place.offers, at);
        return;
      }
      case "lf-string":
        this.#format = takeFormat(cursor, "<fmt>", this.#place.offers);
        return;
    }
  }

  finish(): HttpReplyNode {
    const cursor = this.#cursor;
    if (this.#place.status === 0 && this.#status === 0) {
      cursor.fail("expects at least a <status> as arguments.", this.#at);
    }
    const status = this.#status || this.#place.status;
    const body = this.#body ?? this.#ownBody();
    const canned = body.kind === "default" || body.kind === "fixed" || body.kind === "section";
    if (canned && !ERROR_STATUSES.includes(status)) {
      const word = this.#word || "default-errorfiles";
      cursor.fail(`status code '${status}' not handled by default with '${word}' argument.`, this.#at);
    }
    if (canned && this.#headers.length > 0) {
      cursor.warn("hdr parameters ignored by the http reply when used with an errorfile.", this.#at);
    }
    if (body.kind !== "payload" && body.kind !== "format") this.#warnOfContentType(canned);
    else if (status === 204 || status === 304) cursor.fail(`No body expected for ${status} responses.`, this.#at);
    return { status, body, headers: canned ? [] : this.#headers };
  }

  #ownBody(): ReplyBody {
    const contentType = this.#contentType;
    if (this.#format !== null || (this.#payload !== null && this.#payload.length > 0)) {
      if (contentType === "") {
        this.#cursor.fail("a content type must be defined when non-empty payload is configured.", this.#at);
      }
      if (this.#format !== null) return { kind: "format", format: this.#format, contentType };
      return { kind: "payload", bytes: this.#payload!, contentType };
    }
    const bare = this.#payload === null && contentType === "" && this.#headers.length === 0;
    const page = this.#place.body === "default" && !(this.#plainStatus && this.#place.status !== 0);
    return bare && page ? { kind: "default" } : { kind: "none" };
  }

  #warnOfContentType(canned: boolean): void {
    if (this.#contentType === "") return;
    const why = canned
      ? "when used with an errorfile"
      : this.#payload !== null
      ? "when used with an empty payload"
      : "because neither errorfile nor payload defined";
    this.#cursor.warn(`content-type '${this.#contentType}' ignored by the http reply ${why}.`, this.#at);
  }
}

/** Takes the name of an error file; the reply it holds. */
export function takeErrorFile(cursor: Cursor): FixedReply {
  const at = cursor.at;
  const path = cursor.peek();
  const reply = parseErrorFile(cursor.loadFile("<file>").bytes);
  if (typeof reply === "string") cursor.fail(`'${path}': ${reply}`, at);
  return reply;
}

/** Reports a reference to an http-errors section that is not there. */
export function checkHttpReply(node: HttpReplyNode, at: Location, names: Names): void {
  if (node.body.kind !== "section" || names.section("http-errors", node.body.name) !== undefined) return;
  names.error(at, `unknown http-errors section '${node.body.name}' referenced by an http reply`);
}

/** The reply of a file. */
export function fixedReply(fixed: FixedReply, standsFor: number): Reply {
  const reply = new Reply();
  reply.status = fixed.status;
  reply.standsFor = standsFor;
  reply.reason = fixed.reason;
  reply.headers.push(...fixed.headers);
  reply.body = fixed.body;
  reply.close = fixed.close;
  if (fixed.silent) reply.raw = fixed.body;
  return reply;
}

/** What makes the reply of a transaction. A reply that is always the same is made once and shared. */
export function buildHttpReply(node: HttpReplyNode, env: RulesEnv): (context: ActionContext) => Reply {
  const { body, status } = node;
  switch (body.kind) {
    case "default":
      return (context) => context.errorReply(status);
    case "section": {
      const own = env.httpErrors(body.name)?.get(status);
      if (own === undefined) return (context) => context.errorReply(status);
      return typeof own === "function" ? own : () => own;
    }
    case "fixed": {
      const reply = fixedReply(body.reply, status);
      return () => reply;
    }
    default:
      return buildMadeReply(node, env);
  }
}

/** As buildHttpReply(), of bodies that are not canned: they need no more than the transaction. */
export function buildMadeReply(node: HttpReplyNode, env: SampleEnv): (txn: Txn) => Reply {
  const { body, status } = node;
  const headers = node.headers.map(({ name, format }) => ({ name, format: buildFormat(format, env) }));
  const format = body.kind === "format" ? buildFormat(body.format, env) : null;
  const payload = body.kind === "payload" ? body.bytes : null;
  const contentType = body.kind === "format" || body.kind === "payload" ? body.contentType : "";
  const make = (txn: Txn | null): Reply => {
    const reply = new Reply();
    reply.status = status;
    reply.reason = reasonOf(status);
    if (txn !== null) { for (const header of headers) reply.headers.push(header.name, header.format.text(txn)); }
    reply.lengthAt = reply.headers.length;
    reply.body = format === null ? payload : latin1ToBytes(format.text(txn!));
    if (contentType !== "") reply.headers.push("content-type", contentType);
    return reply;
  };
  if (headers.length > 0 || format !== null) return make;
  const fixed = make(null);
  return () => fixed;
}

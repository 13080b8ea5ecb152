// The statistics of a proxy over HTTP (configuration.txt 4.2 "stats ..."): an applet that answers the requests for the URI
// prefix of `stats uri`, once the rules on who may see it let them pass. The page is made while it is sent: what a client
// has not taken is not there yet.
import { equalSecrets, latin1Slice, latin1ToBytes } from "../../base/mod.ts";
import {
  FORM_ABSOLUTE,
  HeaderName,
  M_GET,
  M_HEAD,
  M_POST,
  type Message,
  parseTarget,
  UriParts,
} from "../../http/mod.ts";
import {
  type ActionContext,
  type ActionEntry,
  type ActionEnv,
  type ActionFn,
  type Applet,
  BODY_ARRIVED,
  BODY_BROKEN,
  BODY_LATE,
  type BodySource,
  Reply,
  RULE_ABORT,
  RULE_REPLY,
  type RuleVerdict,
} from "../../rules/mod.ts";
import { type FetchEntry, FOUND, Sample, type SampleFn } from "../../sample/mod.ts";
import { EVERYTHING, jsonSchema, type Selection, selectRows, type StatSource, StatWriter } from "../stat/mod.ts";
import { type FormStatus, orderOf, type ServerAction } from "./actions.ts";
import { CONTENT_SECURITY, pageText } from "./html.ts";
import { optionWords, type PageOptions, parseForm, parseOptions } from "./request.ts";
import { DEFAULT_REALM, type StatsRule, type StatsSettings } from "./settings.ts";

/** What the page needs of its thread. */
export interface StatsHost {
  readonly source: StatSource;
  readonly pid: number;
  readonly maxconn: number;
  /** "Sluice version 0.1.0". */
  readonly version: string;
  /** Has main do it: how many of the servers (by their places in the layout) changed. */
  act(action: ServerAction, rows: readonly number[]): Promise<number>;
}

/** Bytes of a part of the page, about: a part is made when the one before it is sent. */
const PART = 8192;

const H_HOST = new HeaderName("host");
const H_ORIGIN = new HeaderName("origin");
const H_FETCH_SITE = new HeaderName("sec-fetch-site");

export class StatsPage implements Applet {
  readonly name = "<STATS>";
  readonly #proxy: string;
  readonly #settings: StatsSettings;
  readonly #host: StatsHost;
  readonly #rules: readonly StatsRule[];
  readonly #ask: ActionFn[];
  readonly #parts = new UriParts();

  /** `proxy`: name of the section; `env`: what its rules are built with. */
  constructor(proxy: string, settings: StatsSettings, host: StatsHost, env: ActionEnv) {
    this.#proxy = proxy;
    this.#settings = settings;
    this.#host = host;
    this.#rules = settings.users.length === 0 ? settings.rules : accountRules(settings, env);
    const auth = env.registry.find("action", "auth") as ActionEntry<string>;
    this.#ask = this.#rules.map((rule) => auth.build(rule.realm || settings.realm || DEFAULT_REALM, env));
  }

  wants(context: ActionContext): boolean {
    const { method } = context.request;
    if (method !== M_GET && method !== M_HEAD && method !== M_POST) return false;
    const { uri } = this.#settings;
    const { bytes, targetTo } = context.request;
    const from = this.#pathFrom(context.request);
    if (targetTo - from < uri.length) return false;
    for (let i = 0; i < uri.length; i++) if (bytes[from + i] !== uri.charCodeAt(i)) return false;
    return true;
  }

  /** Where the path begins, of an absolute target too. */
  #pathFrom({ bytes, targetFrom, targetTo }: Message): number {
    if (bytes[targetFrom] === SLASH) return targetFrom;
    const absolute = parseTarget(bytes, targetFrom, targetTo, false, this.#parts) === FORM_ABSOLUTE;
    return absolute ? this.#parts.pathFrom : targetFrom;
  }

  answer(context: ActionContext): RuleVerdict | Promise<RuleVerdict> {
    for (let i = 0; i < this.#rules.length; i++) {
      const { action, condition } = this.#rules[i];
      if (condition !== null && condition(context) !== FOUND) continue;
      if (action === "allow") break;
      if (action === "auth") return this.#ask[i](context);
      context.finalStatus("P");
      return replyWith(context, context.errorReply(403));
    }
    const { request } = context;
    const from = this.#pathFrom(request) + this.#settings.uri.length;
    const options = parseOptions(latin1Slice(request.bytes, from, request.targetTo));
    if (request.method === M_POST) return this.#change(context, options);
    return replyWith(context, this.#page(context, options));
  }

  #isAdmin(context: ActionContext): boolean {
    return this.#settings.admin.some((condition) => condition(context) === FOUND);
  }

  // ---- what is shown ----------------------------------------------------------------------------------------------

  #page(context: ActionContext, options: PageOptions): Reply {
    const { refresh, legends } = this.#settings;
    const reply = new Reply();
    reply.status = 200;
    reply.reason = "OK";
    reply.headers.push("cache-control", "no-cache", "content-type", CONTENT_TYPES[options.format]);
    if (refresh > 0 && !options.norefresh) reply.headers.push("refresh", String(refresh));
    const { source } = this.#host;
    if (options.format === "html") {
      reply.headers.push("content-security-policy", CONTENT_SECURITY, "x-content-type-options", "nosniff");
      const settings = this.#settings;
      const admin = this.#isAdmin(context);
      const selection = this.#selection(options);
      reply.source = new TextSource(
        pageText({ settings, options, admin, host: this.#host }, selectRows(source, selection)),
      );
    } else if (options.format === "schema") {
      reply.body = latin1ToBytes(jsonSchema());
    } else {
      const writer = new StatWriter({ format: options.format, desc: options.desc, legends });
      reply.source = new TextSource(written(writer, source, this.#selection(options)));
    }
    return reply;
  }

  #selection({ up, noMaint, scope: part }: PageOptions): Selection {
    const { scope } = this.#settings;
    const names = new Set(scope.map((name) => name === "." ? this.#proxy : name));
    const shows = ({ name }: { readonly name: string }) => (names.size === 0 || names.has(name)) && name.includes(part);
    return { ...EVERYTHING, up, noMaint, shows };
  }

  // ---- what is changed --------------------------------------------------------------------------------------------

  async #change(context: ActionContext, options: PageOptions): Promise<RuleVerdict> {
    if (!this.#isAdmin(context) || isForeign(context.request)) return this.#done(context, options, "DENY");
    const arrived = await context.waitForBody(false, 0, context.timeouts.client || Infinity);
    if (arrived === BODY_LATE) return replyWith(context, context.errorReply(408));
    if (arrived === BODY_BROKEN) return replyWith(context, context.errorReply(400));
    if (arrived !== BODY_ARRIVED || context.stopped !== 0) return RULE_ABORT;
    const { block, from, to, ended } = context.clientPayload;
    if (!ended) return this.#done(context, options, "EXCD");
    const { source } = this.#host;
    const order = orderOf(parseForm(latin1Slice(block, from, to)), source.configs);
    if (typeof order === "string") return this.#done(context, options, order);
    const changed = await this.#host.act(order.action, order.rows);
    return this.#done(context, options, changed === 0 ? "NONE" : order.partial ? "PART" : "DONE");
  }

  /** The browser is sent to the page, so that loading it again changes nothing. */
  #done(context: ActionContext, options: PageOptions, status: FormStatus): RuleVerdict {
    const reply = new Reply();
    reply.status = 303;
    reply.reason = "See Other";
    const location = `${this.#settings.uri};st=${status}${optionWords(options)}`;
    reply.headers.push("cache-control", "no-cache", "content-type", "text/plain", "location", location);
    reply.lengthAt = reply.headers.length - 2;
    return replyWith(context, reply);
  }
}

const SLASH = 47;

const CONTENT_TYPES = {
  html: "text/html; charset=utf-8",
  csv: "text/plain",
  typed: "text/plain",
  json: "application/json",
  schema: "application/json",
} as const;

function replyWith(context: ActionContext, reply: Reply): RuleVerdict {
  context.reply = reply;
  return RULE_REPLY;
}

function* written(writer: StatWriter, source: StatSource, selection: Selection): Generator<string> {
  yield writer.begin();
  for (const row of selectRows(source, selection)) yield writer.row(row);
  yield writer.end();
}

/** A text in parts, each made when it is asked for. */
class TextSource implements BodySource {
  readonly #text: Iterator<string>;

  constructor(text: Iterator<string>) {
    this.#text = text;
  }

  next(): Uint8Array<ArrayBuffer> | null {
    let part = "";
    while (part.length < PART) {
      const { done, value } = this.#text.next();
      if (done === true) break;
      part += value;
    }
    return part === "" ? null : latin1ToBytes(part);
  }
}

/** The rules that the accounts of `stats auth` are: who proves to be one of them is let in, all others are asked. */
function accountRules(settings: StatsSettings, env: ActionEnv): StatsRule[] {
  const passwords = new Map(settings.users.toReversed().map(({ name, password }) => [name, password]));
  const entry = env.registry.find("fetch", "http_auth_group") as FetchEntry;
  const proof: SampleFn = entry.build(["stats auth"], {
    ...env,
    userlist: () => ({
      check(name, password) {
        const right = passwords.get(name);
        return right !== undefined && equalSecrets(latin1ToBytes(password), latin1ToBytes(right)) ? [] : null;
      },
    }),
  });
  const sample = new Sample();
  return [
    { action: "allow", realm: "", condition: (txn) => proof(txn, sample) },
    { action: "auth", realm: "", condition: null },
  ];
}

/**
 * A browser sends the form of another site. It would with the password it knows, so that site could change servers in the
 * name of the administrator (docs/security.md).
 */
function isForeign(request: Message): boolean {
  const site = valueOf(request, H_FETCH_SITE);
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = valueOf(request, H_ORIGIN);
  return origin !== null && origin.replace(/^[a-z]+:\/\//, "") !== valueOf(request, H_HOST);
}

function valueOf(request: Message, name: HeaderName): string | null {
  const row = request.findName(name);
  return row < 0 ? null : request.valueText(row).toLowerCase();
}

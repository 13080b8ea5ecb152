// Statements about the lines a proxy logs and the ids of its requests: log-format, log-format-sd,
// option httplog|httpslog|tcplog, the options of logging, unique-id-format, unique-id-header (configuration.txt 4.2, 8).
import type { Cursor, KeywordEntry, SectionKind } from "../../config/mod.ts";
import { isTokenText } from "../../http/mod.ts";
import {
  checkExpressions,
  HTTP_CLF_LOG_FORMAT,
  HTTP_LOG_FORMAT,
  HTTPS_LOG_FORMAT,
  OFFERS,
  TCP_CLF_LOG_FORMAT,
  TCP_LOG_FORMAT,
} from "../../sample/mod.ts";
import type { RulesEnv } from "../env.ts";
import { buildFormat, parseFormat, takeFormat } from "../formats.ts";
import type { FormatNode, TextFn } from "../formats.ts";
import type { ProxyRules } from "../proxy_rules.ts";

const FRONTENDS: readonly SectionKind[] = ["defaults", "frontend", "listen"];

// ---- formats ----------------------------------------------------------------------------------------------------

function formatKeyword(
  name: string,
  doc: string,
  offers: number,
  set: (rules: ProxyRules, format: TextFn) => void,
): KeywordEntry<FormatNode, RulesEnv> {
  return {
    kind: "keyword",
    name,
    manual: "4.2",
    doc,
    sections: FRONTENDS,
    inherit: true,
    parse(cursor: Cursor) {
      if (cursor.done) cursor.fail(`${name} expects an argument.`);
      return takeFormat(cursor, "<fmt>", offers, "log");
    },
    check: (node, section, names) => checkExpressions(node.value, names, node.at, section),
    build: (node, env) => set(env.rules, buildFormat(node.value, env)),
  };
}

const LOG_OPTIONS = {
  httplog: [HTTP_LOG_FORMAT, HTTP_CLF_LOG_FORMAT],
  tcplog: [TCP_LOG_FORMAT, TCP_CLF_LOG_FORMAT],
  httpslog: [HTTPS_LOG_FORMAT, null],
} as const;

/** `option httplog [clf]` and its kin are log-formats with a name. */
function formatOption(name: keyof typeof LOG_OPTIONS, doc: string): KeywordEntry<FormatNode, RulesEnv> {
  const [plain, clf] = LOG_OPTIONS[name];
  return {
    kind: "keyword",
    name: `option ${name}`,
    manual: "4.2",
    doc,
    sections: FRONTENDS,
    inherit: true,
    parse(cursor: Cursor) {
      const at = cursor.at;
      const word = cursor.peek();
      const wanted = word === undefined ? plain : word === "clf" ? clf : null;
      if (wanted === null) {
        cursor.fail(
          clf === null
            ? `'option ${name}' cannot handle unexpected argument '${word}'.`
            : `keyword '${name}' only supports option 'clf'.`,
        );
      }
      if (word !== undefined) cursor.position++;
      return parseFormat(cursor, wanted, OFFERS.log, at, "log");
    },
    build: (node, env) => void (env.rules.logFormat = buildFormat(node.value, env)),
  };
}

// ---- options ----------------------------------------------------------------------------------------------------

function flag(
  name: string,
  doc: string,
  set: (rules: ProxyRules, on: boolean) => void,
): KeywordEntry<null, RulesEnv> {
  return {
    kind: "keyword",
    name: `option ${name}`,
    manual: "4.2",
    doc,
    sections: FRONTENDS,
    inherit: true,
    negatable: true,
    parse: () => null,
    build: (node, env) => set(env.rules, !node.negated),
  };
}

// ---- unique-id-header -------------------------------------------------------------------------------------------

const uniqueIdHeader: KeywordEntry<string, RulesEnv> = {
  kind: "keyword",
  name: "unique-id-header",
  manual: "4.2",
  doc: "Tells servers the request's unique id in a header.",
  sections: FRONTENDS,
  inherit: true,
  parse(cursor: Cursor) {
    if (cursor.done) cursor.fail("unique-id-header expects an argument.");
    const at = cursor.at;
    const name = cursor.take("<name>");
    if (!isTokenText(name)) cursor.fail(`unique-id-header : '${name}' is not a header name.`, at);
    return name.toLowerCase();
  },
  build(node, env) {
    env.rules.uniqueIdHeader = node.value;
  },
};

export const loggingKeywords = [
  formatKeyword("log-format", "The format of the proxy's log lines.", OFFERS.log, (rules, format) => {
    rules.logFormat = format;
  }),
  formatKeyword(
    "log-format-sd",
    "The structured data of the proxy's RFC 5424 log lines.",
    OFFERS.log,
    (rules, format) => {
      rules.logFormatSd = format;
    },
  ),
  formatKeyword("unique-id-format", "The format of the requests' unique ids.", OFFERS.request, (rules, format) => {
    rules.uniqueIdFormat = format;
  }),
  formatOption("httplog", "Logs requests in the HTTP format."),
  formatOption("httpslog", "Logs requests in the HTTPS format."),
  formatOption("tcplog", "Logs sessions in the TCP format."),
  flag("dontlognull", "Does not log connections without a byte.", (rules, on) => {
    rules.dontLogNull = on;
  }),
  flag("dontlog-normal", "Logs only what went wrong.", (rules, on) => {
    rules.dontLogNormal = on;
  }),
  flag("logasap", "Logs before the data is transferred.", (rules, on) => {
    rules.logAsap = on;
  }),
  flag("log-separate-errors", "Logs what went wrong at level err.", (rules, on) => {
    rules.logSeparateErrors = on;
  }),
  uniqueIdHeader,
] as const;

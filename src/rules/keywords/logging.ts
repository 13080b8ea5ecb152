// Statements about the lines a proxy logs and the ids of its requests: log-format, log-format-sd, error-log-format,
// log-steps, option httplog|httpslog|tcplog, the options of logging, unique-id-format, unique-id-header (configuration.txt 4.2, 8).
import { type Cursor, didYouMean, type KeywordEntry, type SectionKind } from "../../config/mod.ts";
import { isTokenText } from "../../http/mod.ts";
import {
  type AliasEntry,
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
import { LOG_STEPS, type LogStep, stepBit } from "../log_steps.ts";
import { modeOf, upgrades } from "./modes.ts";
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
    check(node, section, names) {
      checkExpressions(node.value, names, node.at, section);
      if (modeOf(section) === "http" || upgrades(section)) return;
      const reserved = node.value.items.find((item) =>
        item.kind === "alias" &&
        (names.registry.find("logformat", item.alias) as AliasEntry | undefined)?.restriction === "http"
      );
      if (reserved?.kind !== "alias") return;
      names.error(node.at, `failed to parse ${name} : format alias '${reserved.alias}' is reserved for HTTP mode.`);
    },
    build: (node, env) => set(env.rules, buildFormat(node.value, env)),
  };
}

/** Formats with a name: the plain one, and the one of `clf` if there is. */
const LOG_OPTIONS = {
  httplog: [HTTP_LOG_FORMAT, HTTP_CLF_LOG_FORMAT],
  httpslog: [HTTPS_LOG_FORMAT, null],
  tcplog: [TCP_LOG_FORMAT, TCP_CLF_LOG_FORMAT],
} as const;

interface LogOptionNode {
  readonly format: FormatNode;
  /** What a proxy in TCP mode logs in its place. */
  readonly tcp: FormatNode;
}

/** `option httplog [clf]` and its kin are log-formats with a name; those of HTTP fall back to that of TCP. */
function formatOption(name: keyof typeof LOG_OPTIONS, doc: string): KeywordEntry<LogOptionNode, RulesEnv> {
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
      const asked = clf !== null && cursor.peek() === "clf";
      if (clf !== null && !cursor.done && !asked) cursor.fail(`keyword '${name}' only supports option 'clf'.`);
      if (asked) cursor.position++;
      const wanted = asked ? clf : plain;
      const format = (text: string) => parseFormat(cursor, text, OFFERS.log, at, "log");
      return { format: format(wanted), tcp: format(name === "tcplog" ? wanted : TCP_LOG_FORMAT) };
    },
    check(node, section, names) {
      if (name === "tcplog" || modeOf(section) === "http") return;
      const text = `'option ${name}' not usable with ${section.kind} '${section.name}' (needs 'mode http').`;
      names.warning(node.at, `${text} Falling back to 'option tcplog'.`);
    },
    build: ({ value }, env) => void (env.rules.logFormat = buildFormat(env.http ? value.format : value.tcp, env)),
  };
}

// ---- log-steps --------------------------------------------------------------------------------------------------

const logSteps: KeywordEntry<number, RulesEnv> = {
  kind: "keyword",
  name: "log-steps",
  manual: "4.2",
  doc: "The steps of a stream at which a line is logged.",
  sections: FRONTENDS,
  inherit: true,
  parse(cursor: Cursor) {
    if (cursor.done) cursor.fail("log-steps expects 'all' or a list of logging steps.");
    let steps = 0;
    while (!cursor.done) {
      const at = cursor.at;
      for (const name of cursor.take("a logging step").split(",")) {
        if (name === "all") { for (const step of LOG_STEPS) steps |= stepBit(step); }
        else if ((LOG_STEPS as readonly string[]).includes(name)) steps |= stepBit(name as LogStep);
        else {
          const known = LOG_STEPS.map((step) => `'${step}'`).join(", ");
          const hint = didYouMean(name, LOG_STEPS) || ".";
          cursor.fail(`log-steps : unknown logging step '${name}', expects 'all' or some of ${known}${hint}`, at);
        }
      }
    }
    return steps;
  },
  build: (node, env) => void (env.rules.logSteps = node.value),
};

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
  formatKeyword(
    "error-log-format",
    "The format of the proxy's log lines about errors.",
    OFFERS.log,
    (rules, format) => {
      rules.errorLogFormat = format;
    },
  ),
  logSteps,
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

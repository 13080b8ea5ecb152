// Keywords of health checks (configuration.txt 4.2).
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import { isTokenText } from "../../http/mod.ts";
import { compileRegex } from "../../sample/mod.ts";
import { parseStatusRanges } from "../checks/http.ts";
import type { HttpCheckConfig, HttpExpect, ProxyEnv } from "../config.ts";
import { BACKEND, flag, setting } from "./kinds.ts";

/** `http-check send` as written; what is left out stays as it is. */
interface SendNode {
  readonly method: string | null;
  readonly uri: string | null;
  readonly version: string | null;
  readonly headers: readonly string[];
  readonly body: string;
}

const DEFAULT: HttpCheckConfig = { method: "OPTIONS", uri: "/", version: "HTTP/1.0", host: null };

function parseHttpchk(cursor: Cursor): HttpCheckConfig {
  const words = cursor.words.length - cursor.position;
  if (words === 0) return DEFAULT;
  const method = words === 1 ? DEFAULT.method : takeMethod(cursor);
  const uri = cursor.take("a URI");
  const version = cursor.done ? DEFAULT.version : takeVersion(cursor);
  const host = cursor.done ? null : takeConstant(cursor, "a host name");
  return { method, uri, version, host };
}

function takeMethod(cursor: Cursor): string {
  const at = cursor.at;
  const method = cursor.take("a method");
  if (!isTokenText(method)) cursor.fail(`'${cursor.keyword}' : '${method}' is not a method.`, at);
  return method;
}

function takeVersion(cursor: Cursor): string {
  const at = cursor.at;
  const version = cursor.take("a version");
  if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) {
    cursor.fail(`'${cursor.keyword}' : '${version}' is not a version such as 'HTTP/1.1'.`, at);
  }
  return version;
}

/** A log-format string, of which only constants are built. */
function takeConstant(cursor: Cursor, what: string): string {
  const at = cursor.at;
  const text = cursor.take(what);
  if (text.replaceAll("%%", "").includes("%")) {
    cursor.fail(`'${cursor.keyword}' : log-format items in '${text}' are not supported yet.`, at);
  }
  return text.replaceAll("%%", "%");
}

function parseSend(cursor: Cursor): SendNode {
  let method: string | null = null;
  let uri: string | null = null;
  let version: string | null = null;
  let body = "";
  const headers: string[] = [];
  while (!cursor.done) {
    switch (cursor.oneOf("'meth', 'uri', 'ver', 'hdr', 'body' or 'comment'", SEND_WORDS)) {
      case "meth":
        method = takeMethod(cursor);
        break;
      case "uri":
        uri = cursor.take("a URI after 'uri'");
        break;
      case "ver":
        version = takeVersion(cursor);
        break;
      case "hdr": {
        const at = cursor.at;
        const name = cursor.take("a name and a value after 'hdr'");
        if (!isTokenText(name)) cursor.fail(`'http-check send' : '${name}' is not a header name.`, at);
        headers.push(name, takeConstant(cursor, "a value after the header's name"));
        break;
      }
      case "body":
        body = cursor.take("a text after 'body'");
        break;
      default:
        // Only shown in messages of rules that are not built.
        cursor.take("a text after 'comment'");
    }
  }
  return { method, uri, version, headers, body };
}

const SEND_WORDS = ["meth", "uri", "ver", "hdr", "body", "comment"] as const;

const EXPECT_KINDS = ["status", "rstatus", "string", "rstring"] as const;

function parseExpect(cursor: Cursor): HttpExpect {
  let negate = cursor.accept("!");
  const at = cursor.at;
  const word = cursor.take("'status', 'rstatus', 'string' or 'rstring'");
  let kind = word;
  if (word.startsWith("!")) {
    negate = true;
    kind = word.slice(1);
  }
  const known = EXPECT_KINDS.find((k) => k === kind);
  if (known === undefined) cursor.fail(`'http-check expect' : '${kind}' is not supported yet.`, at);
  const patternAt = cursor.at;
  const pattern = cursor.take("a pattern");
  const problem = known === "status"
    ? parseStatusRanges(pattern)
    : known === "string"
    ? null
    : compileRegex(pattern, false);
  if (typeof problem === "string") cursor.fail(`'http-check expect' : ${problem}.`, patternAt);
  return { kind: known, negate, pattern };
}

const expect: KeywordEntry<HttpExpect, ProxyEnv> = {
  kind: "keyword",
  name: "http-check expect",
  manual: "4.2",
  doc: "What the response to a health check must be like.",
  sections: BACKEND,
  inherit: true,
  parse: parseExpect,
  check(node, section, names) {
    const all = section.nodes.filter((n) => n.keyword === "http-check expect");
    if (all.length > 1 && all[1] === node) {
      names.error(node.at, "'http-check expect' : several rules of one check are not supported yet.");
    }
  },
  build: (node, env) => {
    env.proxy.httpExpect = node.value;
  },
};

export const checkKeywords: readonly KeywordEntry[] = [
  setting("option httpchk", BACKEND, "Checks servers with an HTTP request.", parseHttpchk, (proxy, check) => {
    proxy.checkType = "httpchk";
    proxy.httpCheck = check;
  }),
  setting("http-check send", BACKEND, "What the request of a health check is like.", parseSend, (proxy, node) => {
    const check = proxy.httpCheck;
    proxy.httpCheck = {
      method: node.method ?? check.method,
      uri: node.uri ?? check.uri,
      version: node.version ?? check.version,
      host: check.host,
    };
    proxy.checkHeaders = [...node.headers];
    proxy.checkBody = node.body;
  }),
  expect as KeywordEntry,
  setting(
    "http-check disable-on-404",
    BACKEND,
    "A server that answers 404 to a health check gets no new streams.",
    () => true,
    (proxy) => {
      proxy.disableOn404 = true;
    },
  ),
  setting("http-check send-state", BACKEND, "Tells servers their state in health checks.", () => true, (proxy) => {
    proxy.sendState = true;
  }),
  flag("log-health-checks", BACKEND, "Logs every change of a server's health.", (proxy, on) => {
    proxy.logHealthChecks = on;
  }),
];

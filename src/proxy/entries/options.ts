// `option` keywords of proxies (configuration.txt 4.2).
import { type Network, parseNetwork } from "../../base/mod.ts";
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import { isTokenText } from "../../http/mod.ts";
import { type ConnectionMode, type ForwardFor, type ProxyEnv } from "../config.ts";
import { ANY_PROXY, BACKEND, flag, FRONTEND, setting } from "./kinds.ts";

/** The three ways to treat connections replace each other; "no" of the one in force goes back to keep-alive. */
function connectionMode(name: string, mode: ConnectionMode, doc: string): KeywordEntry {
  return flag(name, ANY_PROXY, doc, (proxy, on) => {
    if (on) proxy.connectionMode = mode;
    else if (proxy.connectionMode === mode) proxy.connectionMode = "keep-alive";
  });
}

/** The address of the client, or the one it asked for, in a header. `if-none` is for the former only. */
function parseForwardFor(cursor: Cursor): ForwardFor {
  const original = cursor.keyword === "option originalto";
  const words = original ? ["except", "header"] as const : ["except", "header", "if-none"] as const;
  let header = original ? "x-original-to" : "x-forwarded-for";
  let except: Network | null = null;
  let ifNone = false;
  while (!cursor.done) {
    const at = cursor.at;
    switch (cursor.oneOf(original ? "'except' or 'header'" : "'except', 'header' or 'if-none'", words)) {
      case "except": {
        const network = parseNetwork(cursor.take("<network> after 'except'"));
        if (typeof network === "string") cursor.fail(`'${cursor.keyword}' : 'except' : ${network}.`, at);
        except = network;
        break;
      }
      case "header":
        header = cursor.take("<name> after 'header'").toLowerCase();
        if (!isTokenText(header)) cursor.fail(`'${cursor.keyword}' : '${header}' is not a header name.`, at);
        break;
      default:
        ifNone = true;
    }
  }
  return { header, except, ifNone };
}

/** The name an option had before; it says which one to use. */
function oldName(name: string, entry: KeywordEntry): KeywordEntry {
  return {
    ...entry,
    name: `option ${name}`,
    parse(cursor) {
      cursor.warn(`'option ${name}' is deprecated, use '${entry.name}' instead.`);
      return entry.parse(cursor);
    },
  };
}

const relaxedRequests = flag(
  "accept-unsafe-violations-in-http-request",
  FRONTEND,
  "Accepts requests that break some rules of HTTP.",
  (proxy, on) => {
    proxy.relaxedRequests = on;
  },
);

const relaxedResponses = flag(
  "accept-unsafe-violations-in-http-response",
  BACKEND,
  "Accepts responses that break some rules of HTTP.",
  (proxy, on) => {
    proxy.relaxedResponses = on;
  },
);

const redispatch: KeywordEntry<number, ProxyEnv> = {
  kind: "keyword",
  name: "option redispatch",
  manual: "4.2",
  doc: "Retries on another server, by default the last retry only.",
  sections: BACKEND,
  inherit: true,
  negatable: true,
  parse: (cursor) => cursor.done || cursor.negated ? -1 : cursor.int("<interval>", -2147483648),
  build: (node, env) => {
    env.proxy.redispatch = node.negated ? 0 : node.value;
  },
};

export const optionKeywords: readonly KeywordEntry[] = [
  connectionMode("http-keep-alive", "keep-alive", "Keeps connections open on both sides after a response."),
  connectionMode("http-server-close", "server-close", "Closes the server's connection after a response."),
  connectionMode("httpclose", "close", "Closes the connection after a response."),
  setting("option forwardfor", ANY_PROXY, "Tells servers the client's address in a header.", parseForwardFor, (
    proxy,
    value,
  ) => {
    proxy.forwardFor = value;
  }),
  setting(
    "option originalto",
    ANY_PROXY,
    "Tells servers the address the client asked for in a header.",
    parseForwardFor,
    (
      proxy,
      value,
    ) => {
      proxy.originalTo = value;
    },
  ),
  redispatch as KeywordEntry,
  relaxedRequests,
  relaxedResponses,
  oldName("accept-invalid-http-request", relaxedRequests),
  oldName("accept-invalid-http-response", relaxedResponses),
  flag("abortonclose", BACKEND, "Drops waiting requests whose client has closed.", (proxy, on) => {
    proxy.abortOnClose = on;
  }),
  flag(
    "prefer-last-server",
    BACKEND,
    "Sends a session's requests where it has a connection of its own.",
    (proxy, on) => {
      proxy.preferLastServer = on;
    },
  ),
  flag("allbackups", BACKEND, "Uses all backup servers at once, not the first one only.", (proxy, on) => {
    proxy.allBackups = on;
  }),
  flag("http-use-proxy-header", FRONTEND, "Asks clients of a proxy for credentials as proxies do.", (proxy, on) => {
    proxy.useProxyHeader = on;
  }),
  flag("idle-close-on-response", FRONTEND, "A soft stop lets clients send another request.", (proxy, on) => {
    proxy.idleCloseOnResponse = on;
  }),
  flag("contstats", FRONTEND, "Counts bytes while streams go on, not at their end.", (proxy, on) => {
    proxy.continuousStats = on;
  }),
  flag("socket-stats", FRONTEND, "Counts for each listening socket.", (proxy, on) => {
    proxy.socketStats = on;
  }),
  flag("http-ignore-probes", FRONTEND, "Says and logs nothing when a client ends before its first request.", (
    proxy,
    on,
  ) => {
    proxy.ignoreProbes = on;
  }),
  flag(
    "h1-case-adjust-bogus-client",
    FRONTEND,
    "Spells header names for clients as h1-case-adjust says.",
    (proxy, on) => {
      proxy.h1BogusClient = on;
    },
  ),
  flag(
    "h1-case-adjust-bogus-server",
    BACKEND,
    "Spells header names for servers as h1-case-adjust says.",
    (proxy, on) => {
      proxy.h1BogusServer = on;
    },
  ),
  flag("independent-streams", ANY_PROXY, "Data sent to a side does not put its read timeout off.", (proxy, on) => {
    proxy.independentStreams = on;
  }),
  flag("nolinger", ANY_PROXY, "Closes connections with RST.", (proxy, on) => {
    proxy.noLinger = on;
  }),
  flag("http-buffer-request", ANY_PROXY, "Waits for the request's body before the rules.", (proxy, on) => {
    proxy.bufferRequest = on;
  }),
  flag("http-drop-request-trailers", ["defaults", "backend"], "Sends servers no trailer fields.", (proxy, on) => {
    proxy.dropRequestTrailers = on;
  }),
  flag("http-drop-response-trailers", FRONTEND, "Sends clients no trailer fields.", (proxy, on) => {
    proxy.dropResponseTrailers = on;
  }),
  flag(
    "http-pretend-keepalive",
    BACKEND,
    "Does not tell servers that their connection will be closed.",
    (proxy, on) => {
      proxy.pretendKeepAlive = on;
    },
  ),
];

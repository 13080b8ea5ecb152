// Keywords of a proxy with one plain value each (configuration.txt 4.2).
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import { HeaderName, isTokenText } from "../../http/mod.ts";
import { HTTP_REUSE, PROXY_MODES, type ProxyEnv, type Timeouts } from "../config.ts";
import { retryOfKeyword } from "../retry_on.ts";
import { ANY_PROXY, BACKEND, FRONTEND, NAMED_PROXY, setting } from "./kinds.ts";

const id: KeywordEntry<number, ProxyEnv> = {
  kind: "keyword",
  name: "id",
  manual: "4.2",
  doc: "Sets the proxy's persistent number.",
  sections: NAMED_PROXY,
  parse: (cursor) => cursor.int("the custom id", 1),
  check(node, section, names) {
    const other = names.sections.find((s) =>
      s !== section && NAMED_PROXY.includes(s.kind) && s.nodes.some((n) => n.keyword === "id" && n.value === node.value)
    );
    if (other !== undefined && names.sections.indexOf(other) < names.sections.indexOf(section)) {
      names.error(
        node.at,
        `${section.kind} '${section.name}': 'id' : custom id ${node.value} already used by ${other.kind} '${other.name}'.`,
      );
    }
  },
  build: (node, env) => {
    env.proxy.id = node.value;
    env.proxy.forcedId = true;
  },
};

const description: KeywordEntry<string, ProxyEnv> = {
  kind: "keyword",
  name: "description",
  manual: "4.2",
  doc: "Describes the proxy on the statistics page.",
  sections: NAMED_PROXY,
  parse(cursor) {
    if (cursor.done) cursor.fail("'description' expects a string argument.");
    return cursor.rest().join(" ");
  },
  build: (node, env) => {
    env.proxy.description = node.value;
  },
};

const defaultBackend: KeywordEntry<string, ProxyEnv> = {
  kind: "keyword",
  name: "default_backend",
  manual: "4.2",
  doc: "Names the backend for what no use_backend rule has matched.",
  sections: FRONTEND,
  inherit: true,
  parse: (cursor) => cursor.take("a backend name"),
  check(node, section, names) {
    // A later statement wins, and only that one has to be right.
    if (section.nodes.findLast((n) => n.keyword === "default_backend") !== node) return;
    const target = names.backend(node.value);
    if (target === undefined) {
      names.error(
        node.at,
        `Proxy '${section.name}': unable to find required default_backend: '${node.value}'.`,
      );
      return;
    }
    const mode = modeOf(section);
    if (mode !== modeOf(target) && mode !== "tcp") {
      names.error(
        node.at,
        `${mode} ${section.kind} '${section.name}' (${section.at.file}:${section.at.line}) tries to use incompatible ` +
          `${modeOf(target)} ${target.kind} '${target.name}' (${target.at.file}:${target.at.line}) as its default ` +
          `backend (see 'mode').`,
      );
    }
  },
  build: (node, env) => {
    env.proxy.defaultBackend = node.value;
  },
};

/** The mode a section settles on. */
export function modeOf(section: { readonly nodes: readonly { keyword: string; value: unknown }[] }): string {
  const node = section.nodes.findLast((n) => n.keyword === "mode");
  return node === undefined ? "tcp" : node.value as string;
}

/** `timeout <event>`: name, field, sections. */
const TIMEOUTS: readonly (readonly [string, keyof Timeouts, readonly ("frontend" | "backend")[], string])[] = [
  ["client", "client", ["frontend"], "Longest inactivity on the client's side."],
  ["client-fin", "clientFin", ["frontend"], "Longest inactivity on the client's side of a half-closed connection."],
  ["client-hs", "clientHs", ["frontend"], "Longest handshake of a client's connection."],
  ["connect", "connect", ["backend"], "Longest connection attempt to a server."],
  ["check", "check", ["backend"], "Longest health check after it has connected."],
  ["http-keep-alive", "httpKeepAlive", ["frontend", "backend"], "Longest wait for a client's next request."],
  ["http-request", "httpRequest", ["frontend", "backend"], "Longest wait for a complete request head."],
  ["queue", "queue", ["backend"], "Longest wait in a queue for a free slot."],
  ["server", "server", ["backend"], "Longest inactivity on the server's side."],
  ["server-fin", "serverFin", ["backend"], "Longest inactivity on the server's side of a half-closed connection."],
  ["tarpit", "tarpit", ["frontend", "backend"], "How long tarpitted connections are kept."],
  ["tunnel", "tunnel", ["backend"], "Longest inactivity of a tunnel, both ways."],
];

const timeouts: readonly KeywordEntry[] = TIMEOUTS.map(([name, field, sides, doc]) =>
  setting(
    `timeout ${name}`,
    sides.length === 2 ? ANY_PROXY : sides[0] === "frontend" ? FRONTEND : BACKEND,
    doc,
    (cursor) => cursor.time("<time>"),
    (proxy, ms) => {
      proxy.timeouts[field] = ms;
    },
  )
);

function parseRetryOn(cursor: Cursor): number {
  if (cursor.done) cursor.fail("'retry-on' needs at least one keyword to specify when to retry.");
  let retryOn = 0;
  for (let first = true; !cursor.done; first = false) {
    const at = cursor.at;
    const word = cursor.take("a keyword");
    const bits = retryOfKeyword(word);
    if (bits === undefined) cursor.fail(`'retry-on': unknown keyword '${word}'.`, at);
    if (bits === 0 && !(first && cursor.done)) cursor.fail("'retry-on' 'none' keyword only usable alone.", at);
    retryOn |= bits;
  }
  return retryOn;
}

export const proxyKeywords: readonly KeywordEntry[] = [
  setting("mode", ANY_PROXY, "Sets the protocol the proxy speaks.", (cursor) => {
    const at = cursor.at;
    const mode = cursor.oneOf("'tcp' or 'http'", PROXY_MODES);
    if (mode === "log" || mode === "spop") cursor.fail(`'mode ${mode}' : not supported yet.`, at);
    return mode;
  }, (proxy, mode) => {
    proxy.mode = mode;
  }),
  setting("disabled", ANY_PROXY, "Creates the proxy stopped.", () => true, (proxy) => {
    proxy.disabled = true;
  }),
  setting("enabled", ANY_PROXY, "Starts the proxy although its defaults section disables it.", () => true, (proxy) => {
    proxy.disabled = false;
  }),
  setting("maxconn", FRONTEND, "Limits the frontend's connections.", (cursor) => cursor.int("<conns>"), (proxy, n) => {
    proxy.maxconn = n;
  }),
  setting("backlog", FRONTEND, "Length of the listen queue.", (cursor) => cursor.int("<conns>"), (proxy, n) => {
    proxy.backlog = n;
  }),
  setting(
    "rate-limit sessions",
    FRONTEND,
    "Limits the sessions the frontend accepts in a second.",
    (cursor) => cursor.int("<rate> (in sessions/second)"),
    (proxy, n) => {
      proxy.rateLimit = n;
    },
  ),
  setting("monitor-uri", FRONTEND, "Answers requests for a URI with the health of the proxy.", (cursor) => {
    const uri = cursor.take("a URI");
    return uri;
  }, (proxy, uri) => {
    proxy.monitorUri = uri;
  }),
  setting(
    "fullconn",
    BACKEND,
    "Backend load at which servers reach their maxconn.",
    (cursor) => cursor.int("<conns>"),
    (proxy, n) => {
      proxy.fullconn = n;
    },
  ),
  setting(
    "retries",
    BACKEND,
    "How often a failed attempt on a server is repeated.",
    (cursor) => cursor.int("<value>"),
    (
      proxy,
      n,
    ) => {
      proxy.retries = n;
    },
  ),
  setting(
    "max-session-srv-conns",
    FRONTEND,
    "Idle server connections a session may have of its own.",
    (cursor) => cursor.int("a number"),
    (proxy, n) => {
      proxy.maxSessionServerConns = n;
    },
  ),
  setting(
    "max-keep-alive-queue",
    BACKEND,
    "Queue of a server from which on its session's requests may go to another one.",
    (cursor) => cursor.int("an integer value (or -1 to disable)", -1),
    (proxy, n) => {
      proxy.maxKeepAliveQueue = n;
    },
  ),
  setting("http-send-name-header", BACKEND, "Tells servers their name in a header.", (cursor) => {
    const at = cursor.at;
    const name = cursor.take("a header string").toLowerCase();
    if (!isTokenText(name)) cursor.fail(`'http-send-name-header' : '${name}' is not a header name.`, at);
    return name;
  }, (proxy, name) => {
    proxy.sendNameHeader = new HeaderName(name);
  }),
  setting("retry-on", BACKEND, "After which failures an attempt is repeated.", parseRetryOn, (proxy, retryOn) => {
    proxy.retryOn = retryOn;
  }),
  setting(
    "http-reuse",
    BACKEND,
    "Which requests may use idle server connections.",
    (cursor) => cursor.oneOf("'never', 'safe', 'aggressive' or 'always'", HTTP_REUSE),
    (proxy, reuse) => {
      proxy.httpReuse = reuse;
    },
  ),
  ...timeouts,
  id as KeywordEntry,
  description as KeywordEntry,
  defaultBackend as KeywordEntry,
];

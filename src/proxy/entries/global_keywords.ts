// Keywords of the global section about connections, threads and checks (configuration.txt 3.1, 3.2).
import type { Cursor, KeywordEntry } from "../../config/mod.ts";
import type { GlobalConfig, GlobalEnv, SocketSizes, UnixBind } from "../global.ts";
import { parseMode } from "./bind_options.ts";

function setting<N>(
  name: string,
  manual: string,
  doc: string,
  parse: (cursor: Cursor) => N,
  set: (global: GlobalConfig, value: N) => void,
): KeywordEntry {
  const entry: KeywordEntry<N, GlobalEnv> = {
    kind: "keyword",
    name,
    manual,
    doc,
    sections: ["global"],
    parse,
    build: (node, env) => set(env.global, node.value),
  };
  return entry as KeywordEntry;
}

function parseNode(cursor: Cursor): string {
  const at = cursor.at;
  const name = cursor.take("<name>");
  if (!/^[-A-Za-z0-9_.]+$/.test(name)) {
    const may = "digits(0-9), letters(A-Z, a-z), dot(.), hyphen(-) or underscore(_)";
    cursor.fail(`'node' : '${name}' is not a name: it may have ${may}.`, at);
  }
  return name;
}

function parseDescription(cursor: Cursor): string {
  if (cursor.done) cursor.fail("'description' expects a string argument.");
  return cursor.rest().join(" ");
}

/** Threads a process may have: "the limit is 64 threads a group" of one group. */
const MAX_THREADS = 64;

const MAX_INT = 2147483647;

/** `tune.rcvbuf.client` and the like. */
function socketSize(name: string, side: "clientSockets" | "serverSockets", field: keyof SocketSizes, doc: string) {
  return setting(`tune.${name}`, "3.2", doc, (c) => c.size("<size>", MAX_INT), (global, n) => {
    global[side][field] = n;
  });
}

const SHARDS = ["by-process", "by-thread", "by-group"] as const;

/** Defaults of unix sockets: what is not given stays as it was. */
function parseUnixBind(cursor: Cursor): Partial<UnixBind> {
  const given: Partial<UnixBind> = {};
  if (cursor.done) cursor.fail("'unix-bind' expects 'prefix', 'mode', 'user', 'uid', 'group' or 'gid' as argument.");
  while (!cursor.done) {
    const word = cursor.oneOf("'prefix', 'mode', 'user', 'uid', 'group' or 'gid'", [
      "prefix",
      "mode",
      "user",
      "uid",
      "group",
      "gid",
    ]);
    if (word === "mode") given.mode = parseMode(cursor);
    else if (word === "uid" || word === "gid") given[word] = cursor.int(`the number after '${word}'`);
    else given[word] = cursor.take(`a name after '${word}'`);
  }
  return given;
}

const socketKeywords: readonly KeywordEntry[] = [
  socketSize("rcvbuf.client", "clientSockets", "receive", "Bytes of the kernel's receive buffer of a client."),
  socketSize("rcvbuf.server", "serverSockets", "receive", "Bytes of the kernel's receive buffer of a server."),
  socketSize("sndbuf.client", "clientSockets", "send", "Bytes of the kernel's send buffer of a client."),
  socketSize("sndbuf.server", "serverSockets", "send", "Bytes of the kernel's send buffer of a server."),
  socketSize("notsent-lowat.client", "clientSockets", "notSent", "Bytes for a client that the kernel may keep unsent."),
  socketSize("notsent-lowat.server", "serverSockets", "notSent", "Bytes for a server that the kernel may keep unsent."),
  setting(
    "tune.listener.default-shards",
    "3.2",
    "Sockets that the threads of a listener have.",
    (c) => c.oneOf("'by-process', 'by-thread' or 'by-group'", SHARDS),
    (global, shards) => {
      global.defaultShards = shards === "by-process" ? 1 : shards;
    },
  ),
  setting("noreuseport", "3.2", "Every listener has one socket.", () => null, (global) => {
    global.noReusePort = true;
  }),
  setting("pp2-never-send-local", "3.1", "Health checks send PROXY, not LOCAL.", () => null, (global) => {
    global.neverSendLocal = true;
  }),
  setting(
    "harden.reject-privileged-ports.tcp",
    "3.1",
    "Closes connections of clients that use a port below 1024.",
    (c) => c.oneOf("'on' or 'off'", ["on", "off"]),
    (global, state) => {
      global.rejectPrivilegedPorts = state === "on";
    },
  ),
  setting("unix-bind", "3.1", "Defaults of unix sockets that are listened on.", parseUnixBind, (global, given) => {
    Object.assign(global.unixBind, given);
  }),
];

export const globalKeywords: readonly KeywordEntry[] = [
  ...socketKeywords,
  setting("maxconn", "3.2", "Limits the process's connections.", (c) => c.int("<number>", 1), (global, n) => {
    global.maxconn = n;
  }),
  setting(
    "fd-hard-limit",
    "3.1",
    "Bounds the descriptors that are reckoned with.",
    (c) => c.int("<number>", 1),
    (global, n) => {
      global.fdHardLimit = n;
    },
  ),
  setting("maxconnrate", "3.2", "Limits new connections in a second.", (c) => c.int("<number>"), (global, n) => {
    global.maxconnrate = n;
  }),
  setting("maxsessrate", "3.2", "Limits new sessions in a second.", (c) => c.int("<number>"), (global, n) => {
    global.maxsessrate = n;
  }),
  setting("nbthread", "3.1", "Threads of the process.", (c) => c.int("<number>", 1, MAX_THREADS), (global, n) => {
    global.nbthread = n;
  }),
  setting(
    "tune.pool-low-fd-ratio",
    "3.2",
    "Share of descriptors in use above which connections are not kept idle.",
    (c) => c.int("<number>", 0, 100),
    (global, percent) => {
      global.poolLowRatio = percent;
    },
  ),
  setting(
    "tune.pool-high-fd-ratio",
    "3.2",
    "Share of descriptors in use above which idle connections make room for new ones.",
    (c) => c.int("<number>", 0, 100),
    (global, percent) => {
      global.poolHighRatio = percent;
    },
  ),
  setting("node", "3.1", "What statistics call this process.", parseNode, (global, name) => {
    global.node = name;
  }),
  setting("description", "3.1", "What statistics tell of this process.", parseDescription, (global, text) => {
    global.description = text;
  }),
  setting("spread-checks", "3.2", "Spreads health checks over time.", (c) => c.int("<percent>", 0, 50), (global, n) => {
    global.spreadChecks = n;
  }),
  setting(
    "max-spread-checks",
    "3.2",
    "Largest delay that spreading adds to the first checks.",
    (c) => c.time("<delay>"),
    (global, ms) => {
      global.maxSpreadChecksMs = ms;
    },
  ),
  setting(
    "anonkey",
    "3.2",
    "Sets the key that hides names in dumps.",
    (c) => c.int("<key>", 0, 0xffffffff),
    (global, key) => {
      global.anonKey = key;
    },
  ),
  setting(
    "h1-accept-payload-with-any-method",
    "3.1",
    "Accepts HTTP/1.0 GET, HEAD and DELETE requests with a body.",
    () => null,
    (global) => {
      global.h1AcceptAnyPayload = true;
    },
  ),
  setting(
    "h1-do-not-close-on-insecure-transfer-encoding",
    "3.1",
    "Keeps connections open after a message with both a coding and a length.",
    () => null,
    (global) => {
      global.h1CloseOnInsecure = false;
    },
  ),
];

// Options of `server` and `default-server` lines (configuration.txt 5.2).
import { type Network, parseIp, parseNetwork } from "../../base/mod.ts";
import type { Cursor, OptionEntry } from "../../config/mod.ts";
import { OFFERS, takeExpression } from "../../sample/mod.ts";
import { INIT_STATES, type ServerConfig } from "../config.ts";
import { parseSource } from "./sockets.ts";

/** An option of a server line. Those of other layers have no apply(): they look into ServerConfig.options. */
export interface ServerOption<N = unknown> extends OptionEntry<N> {
  apply?(server: ServerConfig, value: N): void;
}

function option<N>(
  name: string,
  doc: string,
  parse: (cursor: Cursor) => N,
  apply: (server: ServerConfig, value: N) => void,
): OptionEntry {
  const entry: ServerOption<N> = { kind: "server", name, manual: "5.2", doc, parse, apply };
  return entry as OptionEntry;
}

/** An option without argument. */
function word(name: string, doc: string, apply: (server: ServerConfig) => void): OptionEntry {
  return option(name, doc, () => true, apply);
}

function count(name: string, min: number, max: number, doc: string, apply: (server: ServerConfig, n: number) => void) {
  return option(name, doc, (cursor) => cursor.int(`the number after '${name}'`, min, max), apply);
}

const MAX = 2147483647;

/** A time that must not be 0. */
function delay(name: string, doc: string, apply: (server: ServerConfig, ms: number) => void): OptionEntry {
  return option(name, doc, (cursor) => {
    const at = cursor.at;
    const ms = cursor.time(`the time after '${name}'`);
    if (ms === 0) cursor.fail(`'${name}' expects a positive time.`, at);
    return ms;
  }, apply);
}

/** A method of `init-addr`; an object is an address. */
export type InitMethod = "last" | "libc" | "none" | { readonly family: "ipv4" | "ipv6"; readonly host: string };

function parseInitAddr(cursor: Cursor): readonly InitMethod[] {
  const at = cursor.at;
  return cursor.take("methods after 'init-addr'").split(",").map((word) => {
    if (word === "last" || word === "libc" || word === "none") return word;
    const ip = parseIp(word);
    if (ip === null) {
      cursor.fail(
        `'init-addr' : unknown init-addr method '${word}', supported methods are 'libc', 'last', 'none', and addresses.`,
        at,
      );
    }
    return { family: ip.length === 4 ? "ipv4" : "ipv6", host: word };
  });
}

function parseNets(cursor: Cursor): readonly Network[] {
  const at = cursor.at;
  return cursor.take("networks after 'resolve-net'").split(",").map((text) => {
    const network = parseNetwork(text);
    if (typeof network === "string") cursor.fail(`'resolve-net' : ${network}.`, at);
    return network;
  });
}

/** "ignore-weight" is about SRV records, which are not supported. */
function parseResolveOpts(cursor: Cursor): boolean {
  const at = cursor.at;
  let allow = false;
  for (const word of cursor.take("options after 'resolve-opts'").split(",")) {
    if (word === "allow-dup-ip") allow = true;
    else if (word === "prevent-dup-ip") allow = false;
    else if (word === "ignore-weight") cursor.fail("'resolve-opts' : 'ignore-weight' is not supported yet.", at);
    else cursor.fail(`'resolve-opts' : unknown option '${word}', expects 'allow-dup-ip' or 'prevent-dup-ip'.`, at);
  }
  return allow;
}

export const serverOptions: readonly OptionEntry[] = [
  count("id", 1, MAX, "Sets the server's persistent number.", (server, id) => {
    server.id = id;
    server.forcedId = true;
  }),
  count("weight", 0, 256, "The server's share of the load.", (server, weight) => {
    server.weight = weight;
  }),
  word("backup", "Only used when no other server is available.", (server) => {
    server.backup = true;
  }),
  word("no-backup", "Undoes 'backup'.", (server) => {
    server.backup = false;
  }),
  word("disabled", "Starts the server in maintenance.", (server) => {
    server.disabled = true;
  }),
  word("enabled", "Undoes 'disabled'.", (server) => {
    server.disabled = false;
  }),

  // ---- names ----
  option("resolvers", "The section that follows the server's name.", (cursor) => cursor.take("the name of a section"), (
    server,
    name,
  ) => {
    server.resolvers = name;
  }),
  option("init-addr", "How the server's first address is found.", parseInitAddr, () => {}),
  option(
    "resolve-prefer",
    "The family of addresses that is preferred.",
    (cursor) => cursor.oneOf("'ipv4' or 'ipv6' after 'resolve-prefer'", ["ipv4", "ipv6"] as const),
    (server, family) => {
      server.resolvePrefer = family;
    },
  ),
  option("resolve-net", "Addresses in these networks are taken first.", parseNets, (server, nets) => {
    server.resolveNets = nets;
  }),
  option("resolve-opts", "Whether servers of a name may have the same address.", parseResolveOpts, (server, allow) => {
    server.allowDuplicates = allow;
  }),

  // ---- limits ----
  count("maxconn", 0, MAX, "Streams the server gets at once.", (server, n) => {
    server.maxconn = n;
  }),
  count("minconn", 0, MAX, "Where the limit of streams begins at low load.", (server, n) => {
    server.minconn = n;
  }),
  count("maxqueue", 0, MAX, "Streams that may wait for this server.", (server, n) => {
    server.maxqueue = n;
  }),

  // ---- checks ----
  word("check", "Checks the server's health.", (server) => {
    server.check = true;
  }),
  word("no-check", "Undoes 'check'.", (server) => {
    server.check = false;
  }),
  option(
    "addr",
    "Where health checks connect to.",
    (cursor) => cursor.address({ ports: "optional", transport: "stream" }),
    (server, address) => {
      server.checkAddress = address;
    },
  ),
  count("port", 1, 65535, "The port health checks connect to.", (server, port) => {
    server.checkPort = port;
  }),
  delay("inter", "Interval of health checks.", (server, ms) => {
    server.interMs = ms;
  }),
  delay("fastinter", "Interval of health checks while the state changes.", (server, ms) => {
    server.fastinterMs = ms;
  }),
  delay("downinter", "Interval of health checks while the server is down.", (server, ms) => {
    server.downinterMs = ms;
  }),
  count("rise", 1, MAX, "Good checks that make a server operational.", (server, n) => {
    server.rise = n;
  }),
  count("fall", 1, MAX, "Bad checks that make a server dead.", (server, n) => {
    server.fall = n;
  }),
  option(
    "init-state",
    "The server's state before its first check.",
    (cursor) => cursor.oneOf("'fully-up', 'up', 'down' or 'fully-down' after 'init-state'", INIT_STATES),
    (server, state) => {
      server.initState = state;
    },
  ),
  option(
    "on-marked-down",
    "Ends the streams of a server that goes down.",
    (cursor) => cursor.oneOf("'shutdown-sessions' after 'on-marked-down'", ["shutdown-sessions"]),
    (server) => {
      server.shutdownSessionsOnDown = true;
    },
  ),
  option(
    "on-marked-up",
    "Ends the streams of backup servers when this one comes up.",
    (cursor) => cursor.oneOf("'shutdown-backup-sessions' after 'on-marked-up'", ["shutdown-backup-sessions"]),
    (server) => {
      server.shutdownBackupsOnUp = true;
    },
  ),
  option("slowstart", "How long a server that came up takes to full speed.", (cursor) => cursor.time("the time"), (
    server,
    ms,
  ) => {
    server.slowstartMs = ms;
  }),

  // ---- sockets ----
  option("source", "Where connections to the server come from.", (cursor) => parseSource(cursor, true), (
    server,
    source,
  ) => {
    server.source = source;
  }),
  delay("tcp-ut", "How long data may stay unacknowledged.", (server, userTimeoutMs) => {
    server.socket = { ...server.socket, userTimeoutMs };
  }),
  word("tfo", "TCP Fast Open.", (server) => {
    server.socket = { ...server.socket, fastOpen: 1 };
  }),
  word("no-tfo", "Undoes 'tfo'.", (server) => {
    server.socket = { ...server.socket, fastOpen: undefined };
  }),

  // ---- connections ----
  count("pool-max-conn", -1, MAX, "Idle connections that are kept.", (server, n) => {
    server.poolMaxConn = n;
  }),
  option(
    "pool-purge-delay",
    "Interval at which idle connections are closed.",
    (cursor) => cursor.time("the time after 'pool-purge-delay'"),
    (server, ms) => {
      server.poolPurgeDelayMs = ms;
    },
  ),
  count("max-reuse", -1, MAX, "How often a connection is used again.", (server, n) => {
    server.maxReuse = n;
  }),
  {
    kind: "server",
    name: "pool-conn-name",
    manual: "5.2",
    doc: "What an idle connection was opened for: only such requests use it.",
    parse: (cursor) => takeExpression(cursor, OFFERS.request),
  },
  option("cookie", "The value of the persistence cookie that names the server.", (cursor) => {
    const at = cursor.at;
    const value = cursor.take("<value> after 'cookie'");
    if (/[^\x21-\x7e]|[;,|~"]/.test(value)) cursor.fail(`'cookie' : '${value}' cannot stand in a cookie.`, at);
    return value;
  }, (server, value) => {
    server.cookie = value;
  }),
  word("strict-maxconn", "Opens no more connections than 'maxconn'.", (server) => {
    server.strictMaxconn = true;
  }),
  option(
    "hash-key",
    "What the server's places on the hash ring derive from.",
    (cursor) => cursor.oneOf("'id', 'addr' or 'addr-port' after 'hash-key'", ["id", "addr", "addr-port"] as const),
    (server, key) => {
      server.hashKey = key;
    },
  ),
];

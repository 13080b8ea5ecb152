// `stats socket`, `stats timeout`, `stats maxconn` of the global section (configuration.txt 3.1), and the options of bind
// lines that only these sockets have (5.1).
import {
  type AddressNode,
  type Cursor,
  type KeywordEntry,
  type Model,
  type OptionEntry,
  type OptionNode,
  parseOptions,
  type Registry,
} from "../../config/mod.ts";
import {
  type BindConfig,
  bindConfig,
  COMMAND_LEVELS,
  type CommandLevel,
  type CommandSession,
  globalConfigOf,
  settleBind,
} from "../../proxy/mod.ts";

const SEVERITY_OUTPUTS = ["none", "number", "string"] as const;

/** A socket of the runtime API, as the configuration has it. */
export class StatsSocket {
  readonly bind: BindConfig;
  readonly level: CommandLevel;
  readonly severityOutput: CommandSession["severityOutput"];
  /** `expose-fd listeners`: another process may have the listening sockets. */
  readonly exposesSockets: boolean;

  constructor(bind: BindConfig) {
    this.bind = bind;
    this.level = (bind.options.get("level") ?? "operator") as CommandLevel;
    this.exposesSockets = bind.options.has("expose-fd");
    this.severityOutput = (bind.options.get("severity-output") ?? "none") as CommandSession["severityOutput"];
  }

  /** As `show cli sockets` names it. */
  get name(): string {
    const { family, host, port } = this.bind.address;
    switch (family) {
      case "ipv4":
        return `ipv4@${host}:${port}`;
      case "ipv6":
        return `ipv6@[${host}]:${port}`;
      default:
        return `${family}@${host}`;
    }
  }
}

/** Filled by build(). */
export class StatsSettings {
  readonly sockets: StatsSocket[] = [];
  timeoutMs = 10_000;
  maxconn = 10;
}

/** What build() of these keywords is given. */
export interface StatsEnv {
  readonly stats: StatsSettings;
  readonly registry: Registry;
}

/** A `stats socket` line. */
interface StatsSocketNode {
  readonly address: AddressNode;
  readonly options: readonly OptionNode[];
}

/** Address families such a socket can have here. */
const FAMILIES: readonly AddressNode["family"][] = ["ipv4", "ipv6", "name", "unix", "abns", "abnsz", "fd"];

/** Options of bind lines that main, which serves these sockets, does not have; `stats maxconn` limits its connections. */
const OF_FRONTENDS: readonly string[] = ["accept-netscaler-cip", "accept-proxy", "maxconn", "shards", "thread"];

const statsSocket: KeywordEntry<StatsSocketNode, StatsEnv> = {
  kind: "keyword",
  name: "stats socket",
  manual: "3.1",
  doc: "Opens a socket for the runtime API.",
  sections: ["global"],
  parse(cursor) {
    if (cursor.done) {
      cursor.fail("'stats socket' in the global section expects an address or a path to a UNIX socket.");
    }
    const at = cursor.at;
    const text = cursor.peek()!;
    const address = cursor.address({ ports: "required", transport: "stream", fd: true });
    if (!FAMILIES.includes(address.family)) {
      cursor.fail(`'stats socket' : '${address.family}@' is not supported yet in '${text}'.`, at);
    }
    const options = parseOptions(cursor, "bind", `stats socket ${text}`);
    const other = options.find(({ name }) => OF_FRONTENDS.includes(name));
    if (other !== undefined) {
      cursor.fail(`'stats socket ${text}' : '${other.name}' is supported on 'bind' lines only.`, at);
    }
    return { address, options };
  },
  build(node, env) {
    const { address, options } = node.value;
    env.stats.sockets.push(new StatsSocket(bindConfig(address, node.at, options, env.registry)));
  },
};

function setting<N>(
  name: string,
  doc: string,
  parse: (cursor: Cursor) => N,
  set: (stats: StatsSettings, value: N) => void,
): KeywordEntry {
  const entry: KeywordEntry<N, StatsEnv> = {
    kind: "keyword",
    name,
    manual: "3.1",
    doc,
    sections: ["global"],
    parse(cursor) {
      const value = parse(cursor);
      cursor.end();
      return value;
    },
    build: (node, env) => set(env.stats, node.value),
  };
  return entry as KeywordEntry;
}

/** Keywords of the global section. */
export const statsSocketEntries: readonly KeywordEntry[] = [
  statsSocket as KeywordEntry,
  setting("stats timeout", "Longest silence on the runtime API.", (c) => {
    const at = c.at;
    const ms = c.time("<timeout>");
    if (ms === 0) c.fail("'stats timeout' expects a positive value.", at);
    return ms;
  }, (stats, ms) => {
    stats.timeoutMs = ms;
  }),
  setting(
    "stats maxconn",
    "Limits the connections to the runtime API.",
    (c) => c.int("<connections>", 1),
    (stats, n) => {
      stats.maxconn = n;
    },
  ),
];

/** An option of a `stats socket` line with one word of `words`. On other sockets it changes nothing, and says so. */
function socketOption(name: string, doc: string, expected: string, words: readonly string[]): OptionEntry {
  return {
    kind: "bind",
    name,
    manual: "5.1",
    doc,
    parse(cursor) {
      if (cursor.context.section.kind !== "global") {
        cursor.notice(`'${name}' has no effect: it is an option of 'stats socket'.`);
      }
      return cursor.oneOf(`${expected} after '${name}'`, words);
    },
  };
}

/** Options of a `stats socket` line. */
export const statsSocketOptions: readonly OptionEntry[] = [
  socketOption(
    "level",
    "Restricts what may be commanded through a stats socket.",
    "'user', 'operator' or 'admin'",
    COMMAND_LEVELS,
  ),
  socketOption(
    "severity-output",
    "Tells the severity of messages of a stats socket.",
    "'none', 'number' or 'string'",
    SEVERITY_OUTPUTS,
  ),
  socketOption(
    "expose-fd",
    "Lets another process take the listening sockets over a stats socket ('-x').",
    "'listeners'",
    ["listeners"],
  ),
];

/** What a model says of the sockets. */
export function statsSettings(model: Model, registry: Registry): StatsSettings {
  const stats = new StatsSettings();
  const global = globalConfigOf(model, registry);
  for (const section of model.sections) {
    if (section.kind !== "global") continue;
    for (const node of section.nodes) {
      const entry = registry.find("keyword", node.keyword, "global") as KeywordEntry | undefined;
      if (entry !== undefined && statsSocketEntries.includes(entry)) entry.build?.(node, { stats, registry });
    }
  }
  for (const { bind } of stats.sockets) settleBind(bind, global);
  return stats;
}

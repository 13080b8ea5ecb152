// Entries for the tests of the configuration language: statements whose value is the list of their words, so that the
// language shows and nothing else.
import {
  configEntries,
  createRegistry,
  type Cursor,
  type Entry,
  type KeywordEntry,
  type OptionEntry,
  parseOptions,
  type Registry,
  SECTION_KINDS,
  type SectionKind,
} from "../../src/config/mod.ts";

const PROXIES: readonly SectionKind[] = ["defaults", "frontend", "backend", "listen"];
const FRONTS: readonly SectionKind[] = ["defaults", "frontend", "listen"];
const BACKS: readonly SectionKind[] = ["defaults", "backend", "listen"];

/** The words left, quoted where they hold blanks or nothing. */
function words(cursor: Cursor): string {
  return cursor.rest().map((word) => /^[^\s"]+$/.test(word) ? word : JSON.stringify(word)).join(" ");
}

function keyword(name: string, sections: readonly SectionKind[], more: Partial<KeywordEntry> = {}): KeywordEntry {
  return { kind: "keyword", name, manual: "test", doc: "test", sections, parse: words, ...more };
}

function option(kind: "bind" | "server", name: string, parse: (cursor: Cursor) => unknown): OptionEntry {
  return { kind, name, manual: "test", doc: "test", parse };
}

const inherit = { inherit: true } as const;

const entries: readonly Entry[] = [
  ...configEntries,
  // A statement that every section knows.
  keyword("note", SECTION_KINDS),
  keyword("log", ["global", ...PROXIES], { ...inherit, negatable: true }),
  keyword("log-tag", ["global", ...PROXIES], inherit),
  keyword("daemon", ["global"]),
  keyword("maxconn", ["global"], { parse: (cursor) => cursor.int("a limit", 1, 1000) }),
  keyword("maxconn", FRONTS, { ...inherit, parse: (cursor) => cursor.int("a limit", 1, 1000) }),
  keyword("mode", PROXIES, { ...inherit, parse: (cursor) => cursor.oneOf("a mode", ["tcp", "http", "log"]) }),
  keyword("timeout client", FRONTS, { ...inherit, parse: (cursor) => cursor.time("a timeout") }),
  keyword("timeout server", BACKS, { ...inherit, parse: (cursor) => cursor.time("a timeout") }),
  keyword("timeout connect", BACKS, { ...inherit, parse: (cursor) => cursor.time("a timeout") }),
  keyword("tune.size", ["global"], { parse: (cursor) => cursor.size("a size") }),
  keyword("tune.seconds", ["global"], { parse: (cursor) => cursor.time("a time", "s", "s") }),
  keyword("tune.switch", ["global"], { parse: (cursor) => cursor.onOff() }),
  keyword("option httplog", FRONTS, inherit),
  keyword("option dontlognull", FRONTS, { ...inherit, negatable: true }),
  keyword("option redispatch", BACKS, { ...inherit, negatable: true }),
  keyword("capture request header", ["frontend", "listen"]),
  keyword("http-request", PROXIES, { inherit: "named" }),
  keyword("acl", PROXIES, { inherit: "named" }),
  keyword("log-format", FRONTS, inherit),
  keyword("disabled", PROXIES, inherit),
  keyword("errorfile", PROXIES, {
    ...inherit,
    parse: (cursor) => {
      const { key, bytes } = cursor.loadFile("a file");
      return `${key} (${bytes.length})`;
    },
  }),
  keyword("pattern", PROXIES, {
    parse: (cursor) => {
      const { key, bytes } = cursor.patternFile("a list");
      return `${key} (${bytes === null ? "none" : bytes.length})`;
    },
  }),
  keyword("default_backend", FRONTS, {
    ...inherit,
    check: (node, _section, names) => {
      if (names.backend(String(node.value)) === undefined) names.error(node.at, `no backend '${node.value}'.`);
    },
  }),
  keyword("use_backend", ["frontend", "listen"], {
    check: (node, _section, names) => {
      if (names.backend(String(node.value)) === undefined) names.error(node.at, `no backend '${node.value}'.`);
    },
  }),
  keyword("bind", ["frontend", "listen"], {
    parse: (cursor) => {
      const text = cursor.peek() ?? "";
      const addresses = cursor.addresses({
        ports: "required",
        range: true,
        transport: "stream",
        transports: ["stream", "quic"],
        fd: true,
        rhttp: true,
      });
      const at = addresses.map((a) => `${a.family}/${a.transport} ${a.host} ${a.port}-${a.portEnd}`).join(", ");
      return [at, ...parseOptions(cursor, "bind", `bind ${text}`).map((o) => `${o.name}=${o.value}`)].join(" ");
    },
  }),
  keyword("server", ["backend", "listen"], {
    parse: (cursor) => {
      const name = cursor.take("a name");
      const a = cursor.address({ ports: "optional", offset: true, zero: true, transport: "stream" });
      return `${name} ${a.family} ${a.host} ${a.portKind} ${a.port} ${
        parseOptions(cursor, "server", `server ${name}`).map((o) => `${o.name}=${o.value}`).join(" ")
      }`.trimEnd();
    },
  }),
  keyword("shiny", ["global", "frontend"], { gate: "experimental" }),
  keyword("dusty", ["global"], { gate: "deprecated" }),
  option("bind", "name", (cursor) => cursor.take("a name")),
  option("bind", "tcp-ut", (cursor) => cursor.time("a time")),
  option("bind", "shiny", () => true),
  { ...option("bind", "glossy", () => true), gate: "experimental" } as OptionEntry,
  option("server", "check", () => true),
  option("server", "weight", (cursor) => cursor.int("a weight", 0, 256)),
];

export const registries: Readonly<Record<string, Registry>> = {
  plain: createRegistry({
    entries,
    refused: [
      {
        kind: "keyword",
        name: "tune.chksize",
        sections: ["global"],
        reason: "not supported any more (use tune.bufsize)",
      },
      { kind: "keyword", name: "nice", sections: ["frontend"], reason: "not supported yet" },
      { kind: "keyword", name: "option fancy", sections: ["frontend"], reason: "not supported yet" },
      { kind: "keyword", name: "daemon", sections: ["global"], reason: "must lose against the entry" },
      { kind: "bind", name: "process", reason: "not supported any more, use 'thread' instead" },
    ],
    noop: [
      { kind: "keyword", name: "nosplice", sections: ["global"], reason: "this program does not splice" },
      { kind: "keyword", name: "option splice-auto", sections: ["frontend"], reason: "this program does not splice" },
      { kind: "bind", name: "defer", arguments: 1, reason: "the kernel decides" },
    ],
    checks: [{
      sections: ["frontend"],
      check(section, names) {
        if (section.nodes.some((node) => node.keyword === "timeout client")) return;
        if (section.nodes.some((node) => node.keyword === "note")) {
          names.warning(section.at, `missing timeouts for proxy '${section.name}'.`);
        }
      },
    }],
  }),
  /** Sections of which nothing is built. */
  global: createRegistry({ entries: configEntries }),
};

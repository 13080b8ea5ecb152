// `tune.*` settings of the global section that threads are made with (configuration.txt 3.2): buffers, limits of messages,
// rules and variables.
import type { Cursor, Entry, KeywordEntry, Model, Registry } from "../config/mod.ts";

/** Filled by build(). */
export class TuneSettings {
  /** Bytes of a buffer. */
  bufsize = 16384;
  /** Bytes of it that a received head may not fill. */
  maxRewrite = 1024;
  /** Headers of a message, its first line included. */
  maxHeaders = 101;
  logUriLength = 1024;
  rulesAtOnce = 50;
  /** Bytes of variables by scope, 0: no limit. */
  readonly variables = { global: 0, proc: 0, sess: 0, txn: 0, reqres: 0 };
}

/** What build() of these keywords is given. */
export interface TuneEnv {
  readonly tune: TuneSettings;
}

function tune(
  name: string,
  doc: string,
  parse: (cursor: Cursor) => number,
  set: (tune: TuneSettings, value: number) => void,
): KeywordEntry<number, TuneEnv> {
  return {
    kind: "keyword",
    name,
    manual: "3.2",
    doc,
    sections: ["global"],
    parse(cursor) {
      const value = parse(cursor);
      cursor.end();
      return value;
    },
    build: (node, env) => set(env.tune, node.value),
  };
}

function variableLimit(scope: keyof TuneSettings["variables"]): KeywordEntry<number, TuneEnv> {
  const doc = `Limits the memory of variables: ${scope}.`;
  return tune(`tune.vars.${scope}-max-size`, doc, (c) => c.size("<size>"), (t, n) => {
    t.variables[scope] = n;
  });
}

/** Smallest buffer: what HTTP needs to say anything. */
const MIN_BUFSIZE = 1024;
const MAX_BUFSIZE = 1 << 30;

export const tuneEntries: readonly Entry[] = [
  tune("tune.bufsize", "Bytes of a buffer.", (c) => {
    const at = c.at;
    const size = c.size("<size>", MAX_BUFSIZE);
    if (size < MIN_BUFSIZE) c.fail(`'tune.bufsize' expects at least ${MIN_BUFSIZE} bytes.`, at);
    return size;
  }, (t, n) => {
    t.bufsize = Math.ceil(n / 16) * 16;
  }),
  tune("tune.maxrewrite", "Room kept in a buffer for rules.", (c) => c.int("<number>", 0, MAX_BUFSIZE), (t, n) => {
    t.maxRewrite = n;
  }),
  tune("tune.http.maxhdr", "Headers a message may have.", (c) => c.int("<number>", 1, 32767), (t, n) => {
    t.maxHeaders = n;
  }),
  tune("tune.http.logurilen", "Longest URI in logs.", (c) => c.int("<number>", 0), (t, n) => {
    t.logUriLength = n;
  }),
  tune("tune.max-rules-at-once", "Rules evaluated in one go.", (c) => c.int("<number>", 0), (t, n) => {
    t.rulesAtOnce = n > 0 ? n : Infinity;
  }),
  variableLimit("global"),
  variableLimit("proc"),
  variableLimit("sess"),
  variableLimit("txn"),
  variableLimit("reqres"),
];

/** The settings of a model. */
export function tuneSettings(model: Model, registry: Registry): TuneSettings {
  const settings = new TuneSettings();
  for (const section of model.sections) {
    if (section.kind !== "global") continue;
    for (const node of section.nodes) {
      const entry = registry.find("keyword", node.keyword, "global");
      if (isTuneEntry(entry)) entry.build?.(node as never, { tune: settings });
    }
  }
  settings.maxRewrite = Math.min(settings.maxRewrite, settings.bufsize >> 1);
  return settings;
}

function isTuneEntry(entry: Entry | undefined): entry is KeywordEntry<number, TuneEnv> {
  return entry !== undefined && tuneEntries.includes(entry);
}

// What the global section says about the process itself (configuration.txt 3.1): how it starts, how long it may take to
// stop. These keywords belong to app because nothing below it acts on them.
import type { Cursor, Entry, KeywordEntry, Model, Registry } from "../config/mod.ts";

/** Filled by build(); the command line overrides it. */
export class ProcessSettings {
  daemon = false;
  pidFile = "";
  quiet = false;
  zeroWarning = false;
  /** `hard-stop-after`, ms; -1: a graceful stop may last for ever. */
  hardStopAfterMs = -1;
  /** `grace`, ms: how long listeners stay open after the signal. */
  graceMs = 0;
  /** `close-spread-time`, ms: 0 at once, Infinity never. */
  closeSpreadMs = 0;
  masterWorker = false;
  /** `master-worker no-exit-on-failure`. */
  exitOnFailure = true;
  /** `mworker-max-reloads`; Infinity: a worker may survive any number of reloads. */
  maxReloads = Infinity;
}

/** What build() of the keywords of this folder is given. */
export interface ProcessEnv {
  readonly process: ProcessSettings;
}

function keyword<N>(
  name: string,
  doc: string,
  parse: (cursor: Cursor) => N,
  apply: (settings: ProcessSettings, value: N) => void,
): KeywordEntry<N, ProcessEnv> {
  return {
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
    build: (node, env) => apply(env.process, node.value),
  };
}

/** The entries of this folder. */
export const appEntries: readonly Entry[] = [
  keyword("daemon", "Runs in the background.", () => true, (s) => {
    s.daemon = true;
  }),
  keyword("pidfile", "Writes the process id to a file.", (c) => c.take("a file name"), (s, path) => {
    s.pidFile = path;
  }),
  keyword("quiet", "No messages after the start.", () => true, (s) => {
    s.quiet = true;
  }),
  keyword("zero-warning", "Refuses to start when the configuration has warnings.", () => true, (s) => {
    s.zeroWarning = true;
  }),
  keyword("hard-stop-after", "Longest time a graceful stop may take.", (c) => c.time("a delay"), (s, ms) => {
    s.hardStopAfterMs = ms;
  }),
  keyword("grace", "Keeps listening for this time after the signal to stop.", (c) => c.time("a delay"), (s, ms) => {
    s.graceMs = ms;
  }),
  keyword(
    "close-spread-time",
    "Time over which a graceful stop spreads the closing of connections, or 'infinite'.",
    (c) => c.accept("infinite") ? Infinity : c.time("a delay or 'infinite'"),
    (s, ms) => {
      s.closeSpreadMs = ms;
    },
  ),
  keyword(
    "master-worker",
    "A master process that supervises the one that does the work.",
    (c) => c.done ? "" : c.oneOf("'no-exit-on-failure'", ["no-exit-on-failure"]),
    (s, option) => {
      s.masterWorker = true;
      if (option !== "") s.exitOnFailure = false;
    },
  ),
  keyword(
    "mworker-max-reloads",
    "Reloads that a former worker may survive before it is terminated.",
    (c) => c.int("a number of reloads", 0, 2147483647),
    (s, count) => {
      s.maxReloads = count;
    },
  ),
];

/** An entry of this folder. */
function isAppEntry(entry: Entry | undefined): entry is KeywordEntry<unknown, ProcessEnv> {
  return entry !== undefined && appEntries.includes(entry);
}

/** What the global section says about the process. */
export function processSettings(model: Model, registry: Registry): ProcessSettings {
  const process = new ProcessSettings();
  for (const section of model.sections) {
    if (section.kind !== "global") continue;
    for (const node of section.nodes) {
      const entry = registry.find("keyword", node.keyword, "global");
      if (isAppEntry(entry)) entry.build?.(node, { process });
    }
  }
  return process;
}

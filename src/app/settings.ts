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
  // ---- privileges.ts ----
  chroot = "";
  /** A name, or a number; "" and -1: not given. */
  user = "";
  uid = -1;
  group = "";
  gid = -1;
  /** `ulimit-n`, 0: not given. */
  ulimitN = 0;
  strictLimits = true;
  /** `insecure-fork-wanted`: programs may be run after the start. */
  forkWanted = false;
  /** `insecure-setuid-wanted`: and gain rights by their setuid bit. */
  setuidWanted = false;
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

/** A switch that "no" turns off again. */
function toggle(
  name: string,
  doc: string,
  apply: (settings: ProcessSettings, on: boolean) => void,
): KeywordEntry<boolean, ProcessEnv> {
  const entry = keyword(name, doc, (cursor) => !cursor.negated, apply);
  return { ...entry, negatable: true };
}

/** One of two keywords for the same thing: the first one counts. */
function either<N>(
  name: string,
  doc: string,
  same: readonly string[],
  parse: (cursor: Cursor) => N,
  apply: (settings: ProcessSettings, value: N) => void,
): KeywordEntry<N, ProcessEnv> {
  return {
    ...keyword(name, doc, parse, apply),
    check(node, section, names) {
      if (section.nodes.find((other) => same.includes(other.keyword)) === node) return;
      names.warning(node.at, `${same.join("/")} already specified. Continuing.`);
    },
  };
}

const LAST_ID = 4294967294;

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
  keyword("chroot", "The root directory once everything is open.", (c) => c.take("a directory"), (s, path) => {
    s.chroot = path;
  }),
  either(
    "user",
    "The user to become once everything is open, by name.",
    ["user", "uid"],
    (c) => c.take("a user name"),
    (s, name) => {
      if (s.uid < 0) s.user ||= name;
    },
  ),
  either(
    "uid",
    "The user to become once everything is open, by number.",
    ["user", "uid"],
    (c) => c.int("a user id", 0, LAST_ID),
    (s, id) => {
      if (s.uid < 0 && s.user === "") s.uid = id;
    },
  ),
  either(
    "group",
    "The group to become once everything is open, by name.",
    ["group", "gid"],
    (c) => c.take("a group name"),
    (s, name) => {
      if (s.gid < 0) s.group ||= name;
    },
  ),
  either(
    "gid",
    "The group to become once everything is open, by number.",
    ["group", "gid"],
    (c) => c.int("a group id", 0, LAST_ID),
    (s, id) => {
      if (s.gid < 0 && s.group === "") s.gid = id;
    },
  ),
  keyword(
    "ulimit-n",
    "Descriptors this process may have.",
    (c) => c.int("a number of descriptors", 1, 2147483647),
    (s, count) => {
      s.ulimitN = count;
    },
  ),
  toggle("strict-limits", "Does not start when a limit of the system cannot be set.", (s, on) => {
    s.strictLimits = on;
  }),
  toggle("insecure-fork-wanted", "Programs may be run after the start.", (s, on) => {
    s.forkWanted = on;
  }),
  toggle("insecure-setuid-wanted", "Programs that are run may gain rights by their setuid bit.", (s, on) => {
    s.setuidWanted = on;
  }),
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

// The logging settings of the process and of its proxies, made of the `log` lines of a model. Main and every thread make
// them alike, so that the counters of sampled lines have the same numbers everywhere.
import type { Entry, KeywordEntry, Model, Registry, Section } from "../config/mod.ts";
import {
  type LogBuildEnv,
  logEntries,
  type LogEnv,
  type LogRelay,
  LogSettings,
  sampledLines,
  SampleSlots,
} from "../log/mod.ts";
import type { Sys } from "../sys/types.ts";

export interface ModelLogs {
  readonly global: LogSettings;
  /** By section of the model. */
  readonly sections: ReadonlyMap<Section, LogSettings>;
  /** `log-tag` of a log-profile section; empty: none. */
  profileTag(name: string): string;
}

/** Settings for the global section, each proxy and each log profile, in the order of the model. */
export function modelLogs(model: Model, registry: Registry): ModelLogs {
  const slots = new SampleSlots();
  const global = new LogSettings(slots);
  const sections = new Map<Section, LogSettings>();
  for (const section of model.sections) {
    if (section.kind === "defaults") continue;
    const log = section.kind === "global" ? global : new LogSettings(slots);
    sections.set(section, log);
    for (const node of section.nodes) {
      const entry = registry.find("keyword", node.keyword, section.kind);
      if (isLogEntry(entry)) entry.build?.(node, { log });
    }
  }
  const profiles = new Map(
    [...sections].filter(([s]) => s.kind === "log-profile").map(([s, log]) => [s.name, log.tag]),
  );
  return { global, sections, profileTag: (name) => profiles.get(name) ?? "" };
}

/** An entry of src/log: built here and nowhere else. */
export function isLogEntry(entry: Entry | undefined): entry is KeywordEntry<unknown, LogBuildEnv> {
  return (logEntries as readonly unknown[]).includes(entry);
}

/** Counters of the process that all threads share. Behind them: those of sampled log lines, and of each proxy's lines. */
export const COUNTERS = { requests: 0, droppedLogs: 1 } as const;
const FIXED_COUNTERS = 2;

/** The shared counters of a process with this model. */
export function allocateCounters(model: Model): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (firstLineCounter(model) + model.sections.length));
}

function firstLineCounter(model: Model): number {
  return FIXED_COUNTERS + sampledLines(model);
}

/** Numbers the log lines of each frontend (%lc), modulo 2^32, from 0. `proxy`: its place among the proxies. */
export function lineNumbers(counters: SharedArrayBuffer, model: Model): (proxy: number) => number {
  const words = new Int32Array(counters, 4 * firstLineCounter(model));
  return (proxy) => Atomics.add(words, proxy, 1) >>> 0;
}

/** What a thread, or main, makes its log outlets with. */
export function logEnv(
  sys: Sys,
  counters: SharedArrayBuffer,
  relay: LogRelay,
  problem: (text: string) => void,
): LogEnv {
  const { pid, hostname } = sys.proc;
  return {
    sys,
    pid,
    hostname,
    tag: "haproxy",
    counters: new Int32Array(counters, 4 * FIXED_COUNTERS),
    relay,
    problem,
    dropped: lossCounter(counters),
  };
}

/** Counts lost log lines (`DroppedLogs` of "show info"). */
export function lossCounter(counters: SharedArrayBuffer): (lines: number) => void {
  const words = new Int32Array(counters);
  return (lines) => void Atomics.add(words, COUNTERS.droppedLogs, lines);
}

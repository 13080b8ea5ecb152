// The logging settings of the process and of its proxies, made of the `log` lines of a model. Main and every thread make
// them alike, so that the counters of sampled lines have the same numbers everywhere.
import type { Entry, KeywordEntry, Model, Registry, Section } from "../config/mod.ts";
import { type LogBuildEnv, logEntries, type LogEnv, LogSettings, SampleSlots } from "../log/mod.ts";
import type { Sys } from "../sys/types.ts";

export interface ModelLogs {
  readonly global: LogSettings;
  /** By section of the model. */
  readonly sections: ReadonlyMap<Section, LogSettings>;
}

/** Settings for the global section and each proxy, in the order of the model. */
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
  return { global, sections };
}

/** An entry of src/log: built here and nowhere else. */
export function isLogEntry(entry: Entry | undefined): entry is KeywordEntry<unknown, LogBuildEnv> {
  return (logEntries as readonly unknown[]).includes(entry);
}

/** What a thread, or main, makes its log outlets with. The first `skip` counters are not of sampled lines. */
export function logEnv(sys: Sys, counters: SharedArrayBuffer, skip: number, problem: (text: string) => void): LogEnv {
  const { pid, hostname } = sys.proc;
  return { sys, pid, hostname, tag: "haproxy", counters: new Int32Array(counters, 4 * skip), problem };
}

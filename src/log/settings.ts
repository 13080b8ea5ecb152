// What the configuration says about logging: the plain nodes of `log` lines, and the settings a thread gathers from
// them for the process ("global") and for each proxy.
import type { Model } from "../config/mod.ts";
import { type LogTarget, type LogTargetNode, targetOf } from "./target.ts";
import type { Sampling } from "./sampling.ts";

export const LOG_FORMATS = ["local", "rfc3164", "rfc5424", "priority", "short", "timed", "iso", "raw"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** A `log <target> ...` line. */
export interface LogLine {
  readonly kind: "line";
  readonly target: LogTargetNode;
  /** The longest line, in bytes. */
  readonly length: number;
  /** Null: "local", or "rfc3164" once `log-send-hostname` is set. */
  readonly format: LogFormat | null;
  readonly sampling: Sampling | null;
  /** Name of a log-profile section; empty: none. */
  readonly profile: string;
  readonly facility: number;
  /** Less severe (greater) levels are not sent. */
  readonly maxLevel: number;
  /** More severe (smaller) levels are sent as this one. */
  readonly minLevel: number;
}

/** `log global` and `no log`. */
export type LogNode = LogLine | { readonly kind: "global" } | { readonly kind: "none" };

/** A line with the number of its sampling counter, -1 without sampling. */
export interface NumberedLine {
  readonly line: LogLine;
  readonly target: LogTarget;
  readonly slot: number;
}

/** How many sampling counters the lines of a model need at most. */
export function sampledLines(model: Model): number {
  let count = 0;
  for (const section of model.sections) {
    for (const node of section.nodes) {
      if (node.keyword !== "log") continue;
      const value = node.value as LogNode;
      if (value.kind === "line" && value.sampling !== null) count++;
    }
  }
  return count;
}

/** Numbers the sampling counters in the order of building, which is the same in every thread. */
export class SampleSlots {
  used = 0;
}

/** The logging settings of the process, of one proxy, or (its tag) of a log-profile section. Filled by the keywords' build(), read by LogOutlets. */
export class LogSettings {
  readonly #slots: SampleSlots;
  lines: NumberedLine[] = [];
  /** `log global`. */
  useGlobal = false;
  /** `log-tag`; empty: the one of the global section, then the program's name. */
  tag = "";
  /** `log-send-hostname` (global only): null unset, empty: the system's name. */
  hostname: string | null = null;

  constructor(slots: SampleSlots) {
    this.#slots = slots;
  }

  /** Puts one `log` node into effect. */
  apply(node: LogNode): void {
    if (node.kind === "none") {
      this.lines = [];
      this.useGlobal = false;
    } else if (node.kind === "global") {
      this.useGlobal = true;
    } else {
      this.lines.push({
        line: node,
        target: targetOf(node.target),
        slot: node.sampling === null ? -1 : this.#slots.used++,
      });
    }
  }
}

/** What the keywords of this folder fill when their section is built. */
export interface LogBuildEnv {
  readonly log: LogSettings;
}

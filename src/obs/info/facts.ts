// What "show info" is made of: the shared memory, the process, and what threads tell of themselves.
import type { ControlPlane, LoadMeter, LoadSample } from "../../proxy/mod.ts";
import { C, type Column, frontendRow, PROCESS_ROW } from "../../table/mod.ts";
import { threadLoad } from "../thread_load.ts";
import type { ThreadView } from "../view.ts";

/** What a thread tells. */
export interface ThreadShare {
  /** Sessions and timers. */
  readonly tasks: number;
  /** Bytes of buffers there are, and in use. */
  readonly allocated: number;
  readonly used: number;
}

/** In a thread. */
export function threadShare(view: ThreadView): ThreadShare {
  const { sessions, timers } = threadLoad(view);
  const { allocated, used } = view.streams.sys.blocks;
  return { tasks: sessions + timers, allocated, used };
}

/** How long a measure of the load has to cover, ms. */
const SAMPLE_MS = 1000;

/** Between two looks: processor time and bytes since the last one that is at least a second old. */
export class LoadSampler implements LoadMeter {
  #last: LoadSample = { at: 0, cpuMs: 0, bytesOut: 0 };
  #next: LoadSample | null = null;

  look(now: LoadSample): LoadSample {
    if (this.#next !== null && now.at - this.#next.at >= SAMPLE_MS) {
      this.#last = this.#next;
      this.#next = null;
    }
    this.#next ??= now;
    const { at, cpuMs, bytesOut } = this.#last;
    return { at: now.at - at, cpuMs: now.cpuMs - cpuMs, bytesOut: now.bytesOut - bytesOut };
  }
}

export class InfoFacts {
  readonly control: ControlPlane;
  readonly tasks: number;
  readonly allocated: number;
  readonly used: number;
  /** Seconds since the start. */
  readonly uptime: number;
  /** When it was, seconds since the epoch. */
  readonly start: number;
  readonly bytesOut: number;
  readonly bytesOutRate: number;
  /** Percent of the time in which the threads waited. */
  readonly idle: number;
  readonly #now: number;

  constructor(control: ControlPlane, threads: readonly ThreadShare[]) {
    this.control = control;
    const { clock, proc, blocks } = control.sys;
    const sum = (of: (share: ThreadShare) => number) => threads.reduce((all, share) => all + of(share), 0);
    this.tasks = sum((t) => t.tasks) + control.wheel.count;
    this.allocated = sum((t) => t.allocated) + blocks.allocated;
    this.used = sum((t) => t.used) + blocks.used;
    this.#now = clock.now();
    this.uptime = this.#now / 1000;
    this.start = (clock.wall() - this.#now) / 1000;
    this.bytesOut = this.frontends(C.bout);
    const load = control.load.look({ at: this.#now, cpuMs: proc.cpuMs, bytesOut: this.bytesOut });
    this.bytesOutRate = load.at <= 0 ? 0 : Math.max(0, load.bytesOut) * 1000 / load.at;
    const capacity = load.at * Math.min(control.shared.layout.threads, proc.cpus);
    this.idle = capacity <= 0 ? 100 : Math.min(100, Math.max(0, 100 * (1 - load.cpuMs / capacity)));
  }

  /** A word of the process. */
  word(word: number): number {
    return this.control.shared.load(word);
  }

  /** A rate of the process. */
  rate(word: number): number {
    return this.control.shared.rate(word).read(this.#now);
  }

  /** A column of the process's own row. */
  total(column: Column): number {
    return this.control.shared.total(PROCESS_ROW, column);
  }

  /** The sum of a column over all frontends. */
  frontends(column: Column): number {
    const { configs, shared } = this.control;
    return configs.reduce((sum, c, i) => sum + (c.hasFrontend ? shared.total(frontendRow(i), column) : 0), 0);
  }
}

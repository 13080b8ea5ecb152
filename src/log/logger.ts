// Loggers and what they write to, one set a thread. A line goes to every target of its proxy that takes its level and
// its turn in the sampling. Nothing here waits: what a target has no room for is dropped and counted.
import { writeLatin1 } from "../base/mod.ts";
import type { Datagram, Sys } from "../sys/types.ts";
import { LogDates, logHeader } from "./header.ts";
import type { HeaderParts } from "./header.ts";
import { DatagramOutlet, DescriptorOutlet, lossesOf, type LossReport, type Outlet } from "./outlets.ts";
import { type LogRelay, RelayOutlet } from "./relay.ts";
import { takeSample } from "./sampling.ts";
import type { LogSettings, NumberedLine } from "./settings.ts";
import { type LogTarget, targetName } from "./target.ts";

const LF = 10;
/** Standard output and error are a thread's own; other descriptors only main may open. */
const LAST_OWN_DESCRIPTOR = 2;

/** What a thread's logging is made with. */
export interface LogEnv {
  readonly sys: Pick<Sys, "clock" | "net" | "proc" | "turn">;
  readonly pid: number;
  /** The system's name. */
  readonly hostname: string;
  /** The program's name, when no `log-tag` is set. */
  readonly tag: string;
  /** One number a sampled line, shared by all threads (see SampleSlots). */
  readonly counters: Int32Array;
  /** Takes lines for targets that main alone sends to. */
  readonly relay: LogRelay;
  /** Counts lines that are lost, of all threads. */
  readonly dropped: (lines: number) => void;
  /** Told once for each target that cannot be opened. */
  readonly problem: (text: string) => void;
}

/** The targets of a logger whose lines are made alike: by the proxy's formats, or by those of a log-profile section. */
class LogGroup {
  /** Name of the log-profile section; empty: none. */
  readonly profile: string;
  readonly #outlets: LogOutlets;
  readonly #sinks: readonly Sink[];

  constructor(outlets: LogOutlets, profile: string, sinks: readonly Sink[]) {
    this.#outlets = outlets;
    this.profile = profile;
    this.#sinks = sinks;
  }

  /** True when some target takes lines of this level: nothing need be formatted otherwise. */
  takes(level: number): boolean {
    for (const sink of this.#sinks) if (level <= sink.maxLevel) return true;
    return false;
  }

  /**
   * Sends one line, whose characters are bytes, without its line feed.
   * `structured` is the STRUCTURED-DATA for targets of format rfc5424, empty for none.
   */
  send(level: number, line: string, structured: string): void {
    for (const sink of this.#sinks) {
      if (level > sink.maxLevel) continue;
      const { numbered } = sink;
      if (numbered.slot >= 0 && !takeSample(numbered.line.sampling!, this.#outlets.counters, numbered.slot)) continue;
      this.#outlets.emit(sink, level < sink.minLevel ? sink.minLevel : level, line, structured);
    }
  }
}

/** Sends the lines of one proxy, or of the process. */
export class Logger {
  readonly groups: readonly LogGroup[];

  constructor(groups: readonly LogGroup[]) {
    this.groups = groups;
  }

  /** As LogGroup.takes(), of any group. */
  takes(level: number): boolean {
    for (const group of this.groups) if (group.takes(level)) return true;
    return false;
  }

  /** Sends a line that is the same for all targets, whatever their profile. */
  send(level: number, line: string, structured = ""): void {
    for (const group of this.groups) group.send(level, line, structured);
  }
}

/** One target of one logger. */
interface Sink {
  readonly numbered: NumberedLine;
  readonly parts: HeaderParts;
  readonly maxLevel: number;
  readonly minLevel: number;
  readonly outlet: Outlet;
  /** The longest line without its line feed. */
  readonly limit: number;
}

/** The targets of one thread, shared by its loggers. */
export class LogOutlets {
  readonly #env: LogEnv;
  readonly #dates = new LogDates();
  /** One line at a time; grows to the longest a configuration allows. */
  #line = new Uint8Array(2048);
  readonly #outlets = new Map<string, Outlet>();
  readonly #descriptors: DescriptorOutlet[] = [];
  readonly #relayed: RelayOutlet[] = [];
  readonly #sockets = new Map<string, Datagram | null>();
  readonly #report: LossReport;

  constructor(env: LogEnv) {
    this.#env = env;
    this.#report = env;
  }

  get counters(): Int32Array {
    return this.#env.counters;
  }

  /**
   * The logger of a proxy, or of the process when both settings are those of the global section. `profileTag` gives the
   * `log-tag` of a log-profile section, empty for none.
   */
  logger(settings: LogSettings, global: LogSettings, profileTag: (name: string) => string = () => ""): Logger {
    const lines = [...settings.lines];
    if (settings.useGlobal && settings !== global) lines.push(...global.lines);
    const groups = new Map<string, Sink[]>();
    for (const numbered of lines) {
      const { profile } = numbered.line;
      const tag = (profile === "" ? "" : profileTag(profile)) || settings.tag || global.tag || this.#env.tag;
      const sink = this.#sink(numbered, global, tag);
      const group = groups.get(profile);
      if (group === undefined) groups.set(profile, [sink]);
      else group.push(sink);
    }
    return new Logger([...groups].map(([profile, sinks]) => new LogGroup(this, profile, sinks)));
  }

  #sink(numbered: NumberedLine, global: LogSettings, tag: string): Sink {
    const { line, target } = numbered;
    return {
      numbered,
      parts: {
        format: line.format ?? (global.hostname === null ? "local" : "rfc3164"),
        facility: line.facility,
        hostname: global.hostname === null ? "" : global.hostname || this.#env.hostname,
        tag,
        pid: this.#env.pid,
      },
      maxLevel: line.maxLevel,
      minLevel: line.minLevel,
      outlet: this.#outlet(target),
      // Observed: the line feed counts for a descriptor and does not for a datagram.
      limit: target.kind === "datagram" || target.kind === "guarded" ? line.length : line.length - 1,
    };
  }

  #outlet(target: LogTarget): Outlet {
    const name = targetName(target);
    let outlet = this.#outlets.get(name);
    if (outlet === undefined) {
      outlet = this.#open(target, name);
      this.#outlets.set(name, outlet);
    }
    return outlet;
  }

  #open(target: LogTarget, name: string): Outlet {
    if (target.kind === "datagram") return new DatagramOutlet(this.#socket(target, name), target.address);
    if (target.kind === "descriptor" && target.number <= LAST_OWN_DESCRIPTOR) {
      const outlet = new DescriptorOutlet(this.#env.sys, target.number, this.#report);
      this.#descriptors.push(outlet);
      return outlet;
    }
    const outlet = new RelayOutlet(() => this.#env.sys.turn(), target, this.#env.relay, this.#report);
    this.#relayed.push(outlet);
    return outlet;
  }

  /** One socket a family, and one a unix path: a receiver that does not read holds up its own sender there. */
  #socket({ address }: LogTarget & { kind: "datagram" }, name: string): Datagram | null {
    const key = address.family === "unix" ? name : address.family;
    let socket = this.#sockets.get(key);
    if (socket === undefined) {
      const opened = this.#env.sys.net.datagram(address.family);
      if (typeof opened === "string") this.#report.problem(`log : cannot open a socket for ${key}: ${opened}`);
      socket = typeof opened === "string" ? null : opened;
      this.#sockets.set(key, socket);
      if (socket !== null) socket.onlost = lossesOf(key, this.#report);
    }
    return socket;
  }

  /** Writes one line to a sink. For Logger only. */
  emit(sink: Sink, level: number, line: string, structured: string): void {
    const header = logHeader(sink.parts, level, structured, this.#dates, this.#env.sys.clock.wall());
    let end = this.#put(header, line);
    if (end > sink.limit) end = sink.limit;
    this.#line[end++] = LF;
    if (!sink.outlet.write(this.#line, end, 1)) this.#report.dropped(1);
  }

  /** Makes a line, with room for its line feed behind it; returns its end. */
  #put(header: string, line: string): number {
    const wanted = header.length + line.length + 1;
    if (this.#line.length < wanted) this.#line = new Uint8Array(wanted);
    return writeLatin1(this.#line, writeLatin1(this.#line, 0, header), line);
  }

  /** Writes a line of its own to standard output or error. */
  writeTo(descriptor: 1 | 2, line: string): void {
    const outlet = this.#outlet({ kind: "descriptor", number: descriptor });
    const end = this.#put("", line);
    this.#line[end] = LF;
    if (!outlet.write(this.#line, end + 1, 1)) this.#report.dropped(1);
  }

  /** Gives main what is gathered for it. */
  flush(): void {
    for (const outlet of this.#relayed) outlet.flush();
  }

  /** Nothing of this thread waits to be written or sent. */
  get idle(): boolean {
    for (const outlet of this.#descriptors) if (!outlet.idle) return false;
    for (const socket of this.#sockets.values()) if (socket !== null && socket.pending > 0) return false;
    return true;
  }

  /** Closes the sockets, whatever waits for them. */
  close(): void {
    for (const socket of this.#sockets.values()) socket?.close();
    this.#sockets.clear();
  }
}

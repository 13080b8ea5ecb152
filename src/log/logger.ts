// Loggers and what they write to, one set a thread. A line goes to every target of its proxy that takes its level and
// its turn in the sampling. Nothing here waits: a datagram that finds its socket's queue full is dropped and counted; lines for a
// descriptor are gathered during a turn and written whole, never more than a pipe takes at once.
import { writeLatin1 } from "../base/mod.ts";
import type { Address, Datagram, Sys } from "../sys/types.ts";
import { LogDates, logHeader } from "./header.ts";
import type { HeaderParts } from "./header.ts";
import { takeSample } from "./sampling.ts";
import type { LogSettings, NumberedLine } from "./settings.ts";

/** What a pipe writes whole (PIPE_BUF of Linux): lines of several threads never mix below it. */
const BATCH_BYTES = 4096;
const LF = 10;

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
  /** Told once for each target that cannot be opened. */
  readonly problem: (text: string) => void;
}

/** Sends the lines of one proxy, or of the process. */
export class Logger {
  readonly #outlets: LogOutlets;
  readonly #sinks: readonly Sink[];

  constructor(outlets: LogOutlets, sinks: readonly Sink[]) {
    this.#outlets = outlets;
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
  send(level: number, line: string, structured = ""): void {
    for (const sink of this.#sinks) {
      if (level > sink.maxLevel) continue;
      const { numbered } = sink;
      if (numbered.slot >= 0 && !takeSample(numbered.line.sampling!, this.#outlets.counters, numbered.slot)) continue;
      this.#outlets.emit(sink, level < sink.minLevel ? sink.minLevel : level, line, structured);
    }
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

/** Takes a finished line, `bytes[0, length)` with its line feed; false when it was dropped. */
interface Outlet {
  write(bytes: Uint8Array, length: number): boolean;
}

/** The targets of one thread, shared by its loggers. */
export class LogOutlets {
  readonly #env: LogEnv;
  readonly #dates = new LogDates();
  /** One line at a time; grows to the longest a configuration allows. */
  #line = new Uint8Array(2048);
  readonly #descriptors = new Map<number, DescriptorOutlet>();
  readonly #sockets = new Map<string, Datagram | null>();
  /** Lines that a target did not take. */
  dropped = 0;

  constructor(env: LogEnv) {
    this.#env = env;
  }

  get counters(): Int32Array {
    return this.#env.counters;
  }

  /** The logger of a proxy, or of the process when both settings are those of the global section. */
  logger(settings: LogSettings, global: LogSettings): Logger {
    const lines = [...settings.lines];
    if (settings.useGlobal && settings !== global) lines.push(...global.lines);
    return new Logger(this, lines.map((numbered) => this.#sink(numbered, settings, global)));
  }

  #sink(numbered: NumberedLine, settings: LogSettings, global: LogSettings): Sink {
    const { line } = numbered;
    const stream = line.target.kind === "descriptor";
    return {
      numbered,
      parts: {
        format: line.format ?? (global.hostname === null ? "local" : "rfc3164"),
        facility: line.facility,
        hostname: global.hostname === null ? "" : global.hostname || this.#env.hostname,
        tag: settings.tag || global.tag || this.#env.tag,
        pid: this.#env.pid,
      },
      maxLevel: line.maxLevel,
      minLevel: line.minLevel,
      outlet: line.target.kind === "descriptor"
        ? this.#descriptor(line.target.number)
        : this.#datagram(line.target.address),
      // Observed: the line feed counts for a descriptor and does not for a datagram.
      limit: stream ? line.length - 1 : line.length,
    };
  }

  #descriptor(number: 1 | 2): Outlet {
    let outlet = this.#descriptors.get(number);
    if (outlet === undefined) {
      outlet = new DescriptorOutlet(this.#env.sys, number);
      this.#descriptors.set(number, outlet);
    }
    return outlet;
  }

  #datagram(address: Address): Outlet {
    let socket = this.#sockets.get(address.family);
    if (socket === undefined) {
      const opened = this.#env.sys.net.datagram(address.family);
      if (typeof opened === "string") this.#env.problem(`log : cannot open a socket for ${address.family}: ${opened}`);
      socket = typeof opened === "string" ? null : opened;
      this.#sockets.set(address.family, socket);
    }
    return new DatagramOutlet(socket, address);
  }

  /** Writes one line to a sink. For Logger only. */
  emit(sink: Sink, level: number, line: string, structured: string): void {
    const header = logHeader(sink.parts, level, structured, this.#dates, this.#env.sys.clock.wall());
    const wanted = header.length + line.length + 1;
    if (this.#line.length < wanted) this.#line = new Uint8Array(wanted);
    let end = writeLatin1(this.#line, writeLatin1(this.#line, 0, header), line);
    if (end > sink.limit) end = sink.limit;
    this.#line[end++] = LF;
    if (!sink.outlet.write(this.#line, end)) this.dropped++;
  }

  /** Writes what waits for the end of the turn. */
  flush(): void {
    for (const outlet of this.#descriptors.values()) outlet.flush();
  }

  /** Writes what waits, and closes the sockets. */
  close(): void {
    this.flush();
    for (const socket of this.#sockets.values()) socket?.close();
    this.#sockets.clear();
  }
}

class DatagramOutlet implements Outlet {
  readonly #socket: Datagram | null;
  readonly #address: Address;

  constructor(socket: Datagram | null, address: Address) {
    this.#socket = socket;
    this.#address = address;
  }

  write(bytes: Uint8Array, length: number): boolean {
    return this.#socket !== null && this.#socket.send(bytes, 0, length, this.#address);
  }
}

/** Standard output or error: lines of one turn go out in one write as far as a pipe takes them whole. */
class DescriptorOutlet implements Outlet {
  readonly #sys: LogEnv["sys"];
  readonly #write: (bytes: Uint8Array) => void;
  readonly #batch = new Uint8Array(BATCH_BYTES);
  #used = 0;
  readonly #flush = () => this.flush();

  constructor(sys: LogEnv["sys"], number: 1 | 2) {
    this.#sys = sys;
    this.#write = number === 1 ? (bytes) => sys.proc.stdout(bytes) : (bytes) => sys.proc.stderr(bytes);
  }

  write(bytes: Uint8Array, length: number): boolean {
    if (this.#used + length > BATCH_BYTES) this.flush();
    if (length > BATCH_BYTES) {
      this.#write(bytes.subarray(0, length));
      return true;
    }
    if (this.#used === 0) this.#sys.turn().then(this.#flush);
    this.#batch.set(bytes.subarray(0, length), this.#used);
    this.#used += length;
    return true;
  }

  flush(): void {
    if (this.#used === 0) return;
    this.#write(this.#batch.subarray(0, this.#used));
    this.#used = 0;
  }
}

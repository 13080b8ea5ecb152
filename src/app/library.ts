// The program as a library: parse, check and run configurations inside another program.
import { BlockPool } from "../base/mod.ts";
import {
  type Diagnostic,
  type Level,
  type Model,
  type Registry,
  renderDiagnostics,
  renderMessage,
  type SourceText,
} from "../config/mod.ts";
import type { Address, Sys } from "../sys/types.ts";
import { createDenoSys, type IoLayer } from "../sys/deno/mod.ts";
import { InPlaceBus } from "./in_place.ts";
import { load } from "./load.ts";
import { programRegistry } from "./manifest.ts";
import type { ThreadData } from "./messages.ts";
import { Process } from "./process.ts";
import { resolveNames } from "./resolve.ts";
import { startThread } from "./thread.ts";
import { tuneSettings } from "./tune.ts";

/** Where a configuration comes from. */
export interface ConfigSource {
  /** The configuration itself; messages call it by `name` ("config"). */
  readonly text?: string;
  /** What messages call `text`. */
  readonly name?: string;
  /** Paths of files and folders, read in order, before `text`. */
  readonly files?: readonly string[];
  /** The environment the configuration sees; nothing of the process's own is visible. Default: the process's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What became of a configuration. */
export interface ParseResult {
  /** Null when an ALERT is among the diagnostics. */
  readonly model: Model | null;
  /** Everything there is to say about it, in the order of the configuration. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What is wrong or remarkable about a configuration. */
export interface CheckResult {
  /** It could run: no ALERT is among the diagnostics. */
  readonly valid: boolean;
  /** Everything there is to say about it, in the order of the configuration. */
  readonly diagnostics: readonly Diagnostic[];
  /** The diagnostics as the program prints them. */
  readonly text: string;
}

/** How run() runs it. */
export interface RunOptions {
  /** Stream layer (--io). */
  readonly io?: IoLayer;
  /** Told every message of the running proxy. Default: warnings and alerts go to standard error. */
  readonly onMessage?: (level: Level, text: string) => void;
}

/** A proxy that runs. */
export interface RunningProxy extends AsyncDisposable {
  /** Addresses it listens on, in the order of the `bind` lines. */
  readonly addresses: readonly Address[];
  /** Settles when it has ended, by stop() or because it could not go on: its exit status. */
  readonly ended: Promise<number>;
  /**
   * Stops it: listeners close, what is connected finishes. With `graceMs` what is still connected after that time is
   * closed; 0 closes everything at once. Settles when nothing is left.
   */
  stop(graceMs?: number): Promise<void>;
}

/** A configuration that cannot run: `diagnostics` say why, `message` is their text. */
export class ConfigError extends Error {
  /** What is wrong with it. */
  readonly diagnostics: readonly Diagnostic[];

  /** `text`: the diagnostics as the program prints them. */
  constructor(diagnostics: readonly Diagnostic[], text: string) {
    super(text);
    this.diagnostics = diagnostics;
    this.name = "ConfigError";
  }
}

/** Parses and checks a configuration; opens nothing but the files it names. */
export function parse(source: ConfigSource): ParseResult {
  return parseWith(source, programRegistry(), newSys("auto"));
}

/** As parse(), for people: is it valid, and what is there to say about it? */
export function check(source: ConfigSource): CheckResult {
  const { model, diagnostics } = parse(source);
  return { valid: model !== null, diagnostics, text: textOf(diagnostics) };
}

/**
 * Runs a configuration in this program, its threads in this isolate. Settles when all addresses are listened on.
 * Throws ConfigError when the configuration is wrong, Error when an address cannot be had.
 */
export async function run(source: ConfigSource, options: RunOptions = {}): Promise<RunningProxy> {
  const registry = programRegistry();
  const io = options.io ?? "auto";
  const main = newSys(io);
  const parsed = parseWith(source, registry, main);
  if (parsed.model === null) throw new ConfigError(parsed.diagnostics, textOf(parsed.diagnostics));
  const { model, diagnostics } = await resolveNames(parsed.model, main.dns);
  if (diagnostics.length > 0) throw new ConfigError(diagnostics, textOf(diagnostics));
  const say = options.onMessage ?? sayOnStandardError;
  const blockSize = tuneSettings(model, registry).bufsize;
  const bus = new InPlaceBus(
    () => newSys(io, blockSize),
    (sys, thread, data, port) => startThread(sys, thread, data as ThreadData, port, registry),
  );
  const reasons: string[] = [];
  const process = new Process({
    sys: withBus(main, bus),
    registry,
    model,
    platform: { io, origin: performance.timeOrigin, blockSize },
    threads: 1,
    say(level, text) {
      if (level === "ALERT") reasons.push(text);
      say(level, text);
    },
  });
  const failure = await process.start();
  if (failure !== "") throw new Error([...reasons, failure].join("\n"));
  return new Running(process);
}

class Running implements RunningProxy {
  readonly addresses: readonly Address[];
  readonly ended: Promise<number>;
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
    this.addresses = process.addresses;
    this.ended = process.ended;
  }

  async stop(graceMs?: number): Promise<void> {
    if (graceMs === 0) this.#process.hardStop();
    else this.#process.softStop();
    if (graceMs === undefined || graceMs === 0) {
      await this.ended;
      return;
    }
    const timer = setTimeout(() => this.#process.hardStop(), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Stops at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(0);
  }
}

function parseWith(source: ConfigSource, registry: Registry, sys: Sys): ParseResult {
  const files: (string | SourceText)[] = [...source.files ?? []];
  if (source.text !== undefined) files.push({ name: source.name ?? "config", text: withLineEnd(source.text) });
  return load({ files, env: source.env ?? Deno.env.toObject() }, registry, sys);
}

/** A text in a program need not end like a file. */
function withLineEnd(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function newSys(io: IoLayer, blockSize?: number): Sys {
  const threadEntry = new URL("./thread_entry.ts", import.meta.url);
  const sys = createDenoSys({ io, blocks: new BlockPool(blockSize), origin: performance.timeOrigin, threadEntry });
  if (typeof sys === "string") throw new Error(`--io ${io}: ${sys}`);
  return sys;
}

/** The same Sys, but threads are started otherwise. */
function withBus(sys: Sys, bus: InPlaceBus): Sys {
  const { blocks, clock, net, fs, rand, dns, proc, signals } = sys;
  return { blocks, clock, net, fs, rand, dns, proc, signals, bus, turn: () => sys.turn() };
}

function textOf(diagnostics: readonly Diagnostic[]): string {
  return renderDiagnostics(diagnostics, { pid: Deno.pid, diagnosticMode: false }).trimEnd();
}

function sayOnStandardError(level: Level, text: string): void {
  if (level === "WARNING" || level === "ALERT") console.error(renderMessage(level, Deno.pid, text));
}

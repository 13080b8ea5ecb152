// A command of the runtime API (management.txt 9.3): what its entry is, and what it may ask and do. The server of the
// command line (obs/cli) runs it on main; app gives it the control plane.
//
// Text is one code unit a byte, as everywhere in the model. An answer never holds an empty line: that is what ends it.
import type { Wheel } from "../base/mod.ts";
import type { Entry, Model, Registry } from "../config/mod.ts";
import type { Sys } from "../sys/types.ts";
import type { PatternSets, PatternStore, ProcessVariables, SampleEnv } from "../sample/mod.ts";
import type { Shared } from "../table/mod.ts";
import type { ProxyConfig } from "./config.ts";
import type { ServerControl } from "./control.ts";
import type { GlobalConfig } from "./global.ts";
import type { Nudge } from "./runtime.ts";

/** Levels, lowest first: `stats socket ... level`. A command may be run at its level and above. */
export const COMMAND_LEVELS = ["user", "operator", "admin"] as const;
export type CommandLevel = (typeof COMMAND_LEVELS)[number];

/** Syslog severities of messages: `set severity-output` shows them. */
export const SEVERITY_ERR = 3;
export const SEVERITY_WARNING = 4;
export const SEVERITY_NOTICE = 5;
export const SEVERITY_INFO = 6;

/** A message to the operator: what was done, or why not. */
export interface CommandMessage {
  readonly severity: number;
  readonly text: string;
}

/**
 * What a command answers: a message; a dump as text, without severity; or a dump in chunks, each made when the client has
 * taken the one before, so that its length costs no memory. "" is a success that has nothing to say. The last line needs
 * no line end.
 */
export type CommandAnswer = CommandMessage | string | Iterable<string> | AsyncIterable<string>;

/** Why a command did not do what it was asked. */
export function commandError(text: string): CommandMessage {
  return { severity: SEVERITY_ERR, text };
}

/**
 * `Q` is what the command asks threads (plain data, it is cloned on the way), `A` what one answers, and `E` what a thread
 * gives answer(): the entry's owner and app's thread agree on it, as they do on what build() of a statement is given.
 */
export interface CommandEntry<Q = unknown, A = unknown, E = unknown> extends Entry {
  readonly kind: "command";
  /** The words that name it: "show map". The longest name that fits a line wins. `doc` is the text of its help line. */
  readonly name: string;
  /** Left part of its help line: "show map [@ver] [map]". "" keeps it out of help. */
  readonly usage: string;
  readonly level: CommandLevel;
  /** Needs `experimental-mode on` or `expert-mode on`. */
  readonly gate?: "experimental" | "expert";
  /** Main: does it, with the words after the name. */
  run(context: CommandContext<Q, A>): CommandAnswer | Promise<CommandAnswer>;
  /** In each thread that is asked. What it throws is a bug; the command hears that the thread failed. */
  answer?(question: Q, env: E): A;
}

/** What one connection to the command line may and wants; commands change it. */
export interface CommandSession {
  level: CommandLevel;
  experimental: boolean;
  expert: boolean;
  severityOutput: "none" | "number" | "string";
  /** Closes after the line, waits for the next one, or prompts for it. */
  mode: "n" | "i" | "p";
  /** The prompt tells the uptime. */
  timedPrompt: boolean;
  timeoutMs: number;
  /** `set anon on`: what hides names; 0: off. */
  anonKey: number;
  /** `quit`: nothing more is read. */
  closing: boolean;
  /** Gives the client the listening sockets (`expose-fd listeners`); "" or why not. */
  giveSockets(): string;
}

export interface CommandContext<Q = unknown, A = unknown> {
  /** The words after the name. */
  readonly words: readonly string[];
  /** The lines after `<<`, each with its line end; null without. */
  readonly payload: string | null;
  readonly session: CommandSession;
  readonly control: ControlPlane;
  /** Entries of all commands: for help. */
  readonly commands: readonly CommandEntry[];
  /** Asks all threads, or one, what `answer()` of this entry makes of the question. Always settles. */
  ask(question: Q, thread?: number): Promise<Gathered<A>>;
  /**
   * As ask() of all threads, for a change: answered once each has made it. It is kept under `key` (the last one of a key
   * counts) and made again, before anything else, by a thread that takes the place of a dead one.
   */
  change(question: Q, key: string): Promise<Gathered<A>>;
  /** Settles after `ms`, or at once when the client or the process is gone. */
  pause(ms: number): Promise<void>;
}

/** What threads answered. */
export interface Gathered<A> {
  readonly answers: readonly { readonly thread: number; readonly value: A }[];
  /** Threads that did not answer in time, died meanwhile, or failed: the answer names them. */
  readonly missing: readonly number[];
}

/** A socket of the runtime API, as `show cli sockets` names it. */
export interface CommandSocket {
  readonly name: string;
  readonly level: CommandLevel;
}

/** What a process has used and sent until a moment (ms since its start), or within a time (ms). */
export interface LoadSample {
  readonly at: number;
  readonly cpuMs: number;
  readonly bytesOut: number;
}

/** Measures the load between two looks. */
export interface LoadMeter {
  look(now: LoadSample): LoadSample;
}

/** What an operator does to frontends. `proxy` is a place in the layout; the answer is "" or why not. */
export interface FrontendControl {
  /** Its addresses are given up; connections it has go on. */
  disable(proxy: number): Promise<string>;
  /** It listens again. */
  enable(proxy: number): Promise<string>;
  /** It never listens again. */
  shutdown(proxy: number): Promise<string>;
}

/** The pattern lists of the process. */
export interface ListControl {
  readonly sets: PatternSets;
  /** Reads the same memory. */
  readonly store: PatternStore;
  /** Makes a change, in the order of asking, once there is memory for it; what it answers, or NO_MEMORY. */
  change(change: () => string | number): string | number | Promise<string | number>;
}

/** The running process, as commands see it. */
export interface ControlPlane {
  readonly sys: Sys;
  readonly wheel: Wheel;
  readonly registry: Registry;
  readonly model: Model;
  readonly global: GlobalConfig;
  readonly configs: readonly ProxyConfig[];
  readonly shared: Shared;
  readonly servers: ServerControl;
  readonly frontends: FrontendControl;
  readonly lists: ListControl;
  /** What expressions of commands are built with. */
  readonly samples: SampleEnv;
  readonly variables: ProcessVariables;
  readonly sockets: readonly CommandSocket[];
  /** What `show version` says. */
  readonly version: string;
  readonly releaseDate: string;
  /** Listening sockets that are open. */
  readonly listeners: number;
  /** What "show activity" counts from: counts by column and thread as `clear counters` found them. */
  activityBase: readonly (readonly number[])[];
  /** Descriptors the process may have, as of its start. */
  readonly descriptorLimit: number;
  /** Connections to the runtime API. */
  readonly connections: number;
  readonly load: LoadMeter;
  /** A stop has begun. */
  readonly stopping: boolean;
  /** Messages of the start, as they were printed. */
  readonly startupLogs: string;
  /** Log lines that were lost. */
  readonly droppedLogs: number;
  /** TAINTED_ bits: what was done to the process that a bug report should tell. */
  tainted: number;
  /** The key of the anonymised mode when none is given, 0: none; `anonkey` at first. */
  anonKey: number;
  /** Sends all threads a hint. */
  nudge(nudge: Nudge): void;
  /** A number nothing else in the process was given, for what a command has under way in threads. */
  newNumber(): number;
  ask(command: string, question: unknown, thread: number | undefined): Promise<Gathered<unknown>>;
  change(command: string, question: unknown, key: string): Promise<Gathered<unknown>>;
}

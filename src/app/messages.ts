// What main and its threads tell each other: plain data only, it is cloned on the way.
import type { Model } from "../config/mod.ts";
import type { Hint } from "./hints.ts";
import type { RelayedLines } from "../log/mod.ts";
import type { ServerAction } from "../obs/mod.ts";
import type { Nudge, ServerEvent } from "../proxy/mod.ts";
import type { IoLayer } from "../sys/deno/mod.ts";
import type { ListenToken } from "../sys/types.ts";
import type { ListChange, NameQuestion } from "../rules/mod.ts";
import type { PatternMemory } from "../sample/mod.ts";
import type { Layout, Segment } from "../table/mod.ts";
import type { KeptChange } from "./questions.ts";

/** What a thread is started with. */
export interface ThreadData {
  readonly model: Model;
  readonly layout: Layout;
  /** The shared segment of `layout`; the counters of requests, log lines, and sampled log lines. */
  readonly segment: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  /** The settled `maxconn` of the process. */
  readonly maxconn: number;
  readonly platform: ThreadPlatform;
  /** -d: every event is printed. */
  readonly debug?: boolean;
  readonly patterns: PatternMemory;
  /** Segment of the variables of the process. */
  readonly variables: SharedArrayBuffer;
  /** One share of each listening socket, by its row in the layout; null where the proxy is disabled. */
  readonly shares: readonly (ListenToken | null)[];
  /** What commands changed in every thread so far: made again before the thread begins. */
  readonly changes: readonly KeptChange[];
}

/** What a Worker needs to make its Sys; of no meaning to threads that are started in place. */
export interface ThreadPlatform {
  readonly io: IoLayer;
  /** Milliseconds since the epoch at the start of the process. */
  readonly origin: number;
  /** `tune.bufsize`. */
  readonly blockSize: number;
}

export type ToThread =
  /** `grace` began: what asks whether the process is stopping is told so. */
  | { readonly kind: "stopping" }
  /** Give up the shares of the listening sockets. Answered with "paused". */
  | { readonly kind: "pause"; readonly rows: readonly number[] }
  /** Go on with these: main has opened the sockets again. */
  | { readonly kind: "resume"; readonly shares: readonly (ListenToken | null)[] }
  /** Close the listeners; what is connected finishes. Answered with "stopped", then the thread ends. */
  | { readonly kind: "soft-stop" }
  /** Close everything now. Answered in the same way. */
  | { readonly kind: "hard-stop" }
  | { readonly kind: "nudge"; readonly nudge: Nudge }
  /** The thread's hints were passed on. */
  | { readonly kind: "hints-taken" }
  /** What became of an "act": how many servers changed. */
  | { readonly kind: "acted"; readonly number: number; readonly changed: number }
  /** Main took so many bytes of log lines. */
  | { readonly kind: "log-taken"; readonly bytes: number }
  /** A command asks what answer() of its entry makes of the question. Answered with "answer" of the same number. */
  | { readonly kind: "ask"; readonly number: number; readonly command: string; readonly question: unknown }
  /** Segments to read pattern lists in. Answered with "patterns": nothing that was read before is in use any more. */
  | { readonly kind: "patterns"; readonly round: number; readonly segments: readonly Segment[] }
  /** The address of a name, null without. */
  | { readonly kind: "resolved"; readonly number: number; readonly address: string | null }
  /** A change of a list was made, or could not be. */
  | { readonly kind: "changed"; readonly id: number };

export type FromThread =
  /** It accepts connections. */
  | { readonly kind: "ready" }
  /** It cannot start: why not. */
  | { readonly kind: "failed"; readonly text: string }
  /** It has given up what it was told to. */
  | { readonly kind: "paused" }
  /** Something the operator should know that ends nothing. */
  | { readonly kind: "problem"; readonly text: string }
  /** An exception that ended one stream. */
  | { readonly kind: "bug"; readonly text: string }
  /** Hints for other threads. Answered with "hints-taken". */
  | { readonly kind: "hints"; readonly hints: readonly Hint[] }
  | { readonly kind: "event"; readonly event: ServerEvent }
  /** An administrator asks for an action on servers, by their places in the layout. Answered with "acted". */
  | { readonly kind: "act"; readonly number: number; readonly action: ServerAction; readonly rows: readonly number[] }
  /** Log lines for a target that main sends to. Answered with "log-taken". */
  | { readonly kind: "log"; readonly lines: RelayedLines }
  | { readonly kind: "answer"; readonly number: number; readonly value: unknown }
  /** The exception that was the answer: a bug. */
  | { readonly kind: "answer-failed"; readonly number: number; readonly text: string }
  | { readonly kind: "patterns"; readonly round: number }
  /** A rule changes a list. Answered with "changed". */
  | { readonly kind: "change"; readonly id: number; readonly change: ListChange }
  /** A rule asks for the address of a name. Answered with "resolved". */
  | { readonly kind: "resolve"; readonly number: number; readonly question: NameQuestion }
  /** Nothing is left; `blocks` is the number of buffers not given back (0, or a bug). */
  | { readonly kind: "stopped"; readonly blocks: number };

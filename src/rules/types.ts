// Contracts of rules: what an action may do to its stream, and what running a rule set answers.
import type { Entry, Location, Names, Section } from "../config/mod.ts";
import type { Txn } from "../sample/mod.ts";
import type { Address, SocketOptions } from "../sys/types.ts";
import type { ActionEnv } from "./env.ts";
import type { LogOrigin } from "./log_steps.ts";
import type { RuleCursor } from "./rule_cursor.ts";

export const RULESETS = [
  "tcp-request connection",
  "tcp-request session",
  "tcp-request content",
  "tcp-response content",
  "http-request",
  "http-response",
  "http-after-response",
] as const;
export type RulesetName = (typeof RULESETS)[number];

// ---- verdicts of an action or a rule set ----------------------------------------------------------------------
/** Go on with the next rule. */
export const RULE_CONTINUE = 0;
/** Stop evaluating this rule set, the stream goes on (accept, allow). */
export const RULE_STOP = 1;
/** `context.reply` holds a response made here: send it to the client; the stream ends (deny, return, redirect, auth). */
export const RULE_REPLY = 2;
/** Close without a response (reject). */
export const RULE_ABORT = 3;
/** Close without a response and with nothing on the wire (silent-drop), or RST. */
export const RULE_DROP = 4;
/** A condition is not decided yet: more data, end, or delay. The runner resumes at this rule. */
export const RULE_NOT_YET = 5;
/** The rule could not do its work for an internal reason (no room in the message): 500 / 502, flag 'I'. */
export const RULE_ERROR = 6;
/** The connection speaks HTTP from here on (switch-mode). */
export const RULE_HTTP = 7;
export type RuleVerdict = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A body that is made while it is sent, so that nobody holds all of it. */
export interface BodySource {
  /** The next bytes, which nobody else changes before the next call; null at the end. */
  next(): Uint8Array<ArrayBuffer> | null;
}

/**
 * A response made by Sluice itself. Filled by an action, sent by the stream; plain values, no I/O. One that is always the
 * same is shared by all streams: nobody changes a reply that it did not make.
 */
export class Reply {
  status = 0;
  /** The status it stands for, where a file may say another one: what logs tell of it (observed); 0: its own. */
  standsFor = 0;
  reason = "";
  /** Names and values in order; framing and connection headers are the mux's. */
  readonly headers: string[] = [];
  /** Where among `headers` Content-Length goes. */
  lengthAt = 0;
  body: Uint8Array<ArrayBuffer> | null = null;
  /** In place of `body`, with a length nobody knows before its end. */
  source: BodySource | null = null;
  /** A whole raw HTTP/1 response from an errorfile: sent as it is (and its connection closed). */
  raw: Uint8Array<ArrayBuffer> | null = null;
  /** The connection ends with this reply (400, 408). */
  close = false;
  /** Answer only after `timeout tarpit`. */
  tarpit = false;
}

/** A part of the program that answers some requests of a proxy in place of a server: the statistics page. */
export interface Applet {
  /** What logs tell in place of a server's name: "<STATS>". */
  readonly name: string;
  /** The request is for it. */
  wants(context: ActionContext): boolean;
  /** Answers such a request: RULE_REPLY, or what ends the stream. */
  answer(context: ActionContext): RuleVerdict | Promise<RuleVerdict>;
}

/** Timeouts that rules may change for one stream (`set-timeout`). */
export type TimeoutKind = "client" | "server" | "tunnel";

/** What an action sees and changes: the transaction of its stream. Streams and explain implement it. */
/** Results of ActionContext.waitForBody(): the time is over; the peer is gone; what it sent is not valid. */
export const BODY_ARRIVED = 1;
export const BODY_LATE = 0;
export const BODY_GONE = -1;
export const BODY_BROKEN = -2;

export interface ActionContext extends Txn {
  /** The rule where a run goes on: 0, or the one that RULE_NOT_YET stopped at. Kept by Ruleset. */
  ruleIndex: number;
  /** The place of the last rule that ended a rule set; null before. */
  lastRule: Location | null;
  /** The place of the rule that waits for something; it stays when the stream ends meanwhile. Kept by Ruleset. */
  waitingRule: Location | null;
  /** A code once nothing of the stream goes on, 0 before. */
  readonly stopped: number;
  /** False after `strict-mode off`: failed rewrites are ignored. Ruleset sets it back when a run begins. */
  strictRewriting: boolean;
  /** Rewrites that failed so far. */
  failedRewrites: number;
  /** The client speaks to a proxy (absolute target and `option http-use-proxy-header`): 407 instead of 401. */
  readonly proxyRequest: boolean;
  /** The reply for a status, from the error files of the backend, else the frontend, else the built-in one. */
  errorReply(status: number): Reply;
  /** The reply of a RULE_REPLY verdict. */
  reply: Reply | null;
  /** Chosen by use_backend or `switch`; null until then. */
  chosenBackend: string | null;
  chosenServer: string | null;
  /** 0 emerg .. 7 debug, -1 as configured, -2 silent (`set-log-level`). */
  logLevel: number;
  setTimeout(kind: TimeoutKind, ms: number): void;
  /** Marks the termination cause (first letter of 8.5) when nothing marked it before. */
  finalStatus(letter: string): void;
  /** Ends a wait of an action (pause) early when the stream dies; resolves after `ms` or at once then. */
  sleep(ms: number): Promise<void>;
  /** Waits until `done`, which `start` is given, is called, or the stream dies. */
  waitFor(start: (done: () => void) => void): Promise<void>;
  setUniqueId(id: string): void;
  /**
   * Waits until `atLeast` body bytes of the message are at hand (0: all of them), the body or the room ends: a BODY_
   * result. A client that waits to be told so (`Expect: 100-continue`) is asked for its body.
   */
  waitForBody(response: boolean, atLeast: number, ms: number): number | Promise<number>;
  /** Sends an interim response (1xx) to the client now, when its protocol version has them. */
  interim(status: number, headers: readonly string[]): number | Promise<number>;
  /** Replaces the client's address, or the one it connected to, for rules, logs and transparent servers. */
  setAddress(which: "src" | "dst", address: Address): void;
  /** The client's connection begins with this header, which has not been read yet. */
  expectHeader(which: "proxy" | "netscaler-cip"): void;
  /** Sets options of the client's socket, or of the connection to the server, made or not. */
  setSocket(server: boolean, options: SocketOptions): void;
  /** Overrides `retries`, 0 to 100. */
  setRetries(count: number): void;
  /** No retry after the request was sent (`retry-on`). */
  disableL7Retry(): void;
  /** Place in the queue: class -2047..2047, offset -524287..524287 ms; null leaves one as it is. */
  setPriority(priorityClass: number | null, offsetMs: number | null): void;
  /** Sends a log line now (`do-log`). */
  log(origin: LogOrigin): void;
  /** Closes the connection to the server once the rules are done (`close`). */
  closeServer(): void;
}

export type ActionFn = (context: ActionContext) => RuleVerdict | Promise<RuleVerdict>;

export interface ActionEntry<N = unknown> extends Entry {
  readonly kind: "action";
  readonly rulesets: readonly RulesetName[];
  /** Ends evaluation when its condition holds: the rules after it are unreachable when it has none (4.3 "final"). */
  readonly final: boolean;
  /** Of a final one: its arguments let it pass the evaluation on to the next rule. */
  passes?(node: N): boolean;
  /** The name is followed by a parameter in parentheses: "set-var(txn.a)". parse() gets it from parameterOf(). */
  readonly parameter?: true;
  readonly gate?: "experimental" | "deprecated";
  /** Reads the action's arguments up to, not including, "if"/"unless". */
  parse(cursor: RuleCursor): N;
  build(node: N, env: ActionEnv): ActionFn;
  /** After everything is parsed: what the node needs of its proxy and of the rest. */
  check?(node: N, at: Location, section: Section, names: Names): void;
}

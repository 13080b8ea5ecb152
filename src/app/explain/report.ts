// What `sluice explain` finds out, as plain data: render.ts makes text of it, json.ts JSON. Texts are byte strings (one
// character a byte).
import type { Location } from "../../config/mod.ts";

/** What became of a rule, a term of its condition, or a test of an ACL. */
const VERDICTS = ["matched", "not-matched", "not-decided"] as const;
export type VerdictName = (typeof VERDICTS)[number];

/** A sample as it was looked at: type name of the manual, and its text ("true", "4", an address, hexadecimal of "bin"). */
export interface SampleValue {
  readonly type: string;
  readonly text: string;
}

/** One test of an ACL: an `acl` line, or what stands in braces. */
export interface TestReport {
  /** The expression as it is written, and with the fetch's own name: "path_beg" and "path". */
  readonly written: string;
  readonly expression: string;
  /** Values it was given, the last one decided; none: the sample is absent. */
  readonly values: readonly SampleValue[];
  readonly verdict: VerdictName;
  /** The `acl` line; null for one in braces and for predefined ACLs. */
  readonly at: Location | null;
}

/** A word of a condition: an ACL, perhaps negated; `verdict` counts the negation in. */
export interface TermReport {
  /** "" for one in braces. */
  readonly acl: string;
  readonly negated: boolean;
  readonly verdict: VerdictName;
  readonly tests: readonly TestReport[];
  /** The condition has no other term. */
  readonly alone: boolean;
}

/** An expression that an action or a name looked at; `value` is null when it was absent. */
export interface ExpressionReport {
  readonly expression: string;
  readonly value: SampleValue | null;
}

/** What a rule did to the course of things. "none": it did not match, or only names something. */
const OUTCOMES = ["none", "continue", "stop", "reply", "close", "drop", "wait", "error"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type Depends = "time" | "randomness";

export interface RuleReport {
  readonly proxy: string;
  /** "http-request", "redirect", "use_backend" and the like. */
  readonly keyword: string;
  readonly at: Location;
  verdict: VerdictName;
  readonly terms: TermReport[];
  readonly expressions: ExpressionReport[];
  outcome: Outcome;
  /** What its action changed and decided, one line each. */
  effects: string[];
  /** What use_backend or use-server names; null for other rules. */
  target: string | null;
  /** How long the action waited, ms. */
  waitedMs: number;
  /** Another time, or other random numbers, gave something else. */
  depends: Depends[];
}

/** Rules behind one that ended the evaluation of its set. */
export interface NotEvaluated {
  readonly proxy: string;
  readonly keyword: string;
  readonly count: number;
}

export interface BackendReport {
  readonly name: string;
  readonly at: Location;
  /** The statement that chose it; null: the proxy is its own backend, or a rule changed its mind. */
  readonly chosenAt: Location | null;
}

/** How the server came about: "use-server", "only" (there is no other), "balance". */
export type Choice = "use-server" | "only" | "balance";

export interface ServerReport {
  readonly name: string;
  /** As the configuration writes it. */
  readonly address: string;
  readonly at: Location;
  /** The address is a name: nothing was asked for its addresses. */
  readonly unresolved: boolean;
  readonly choice: Choice;
  readonly algorithm: string;
  /** The `balance` line (the `use-server` line); null: by default. */
  readonly chosenAt: Location | null;
  /** What the algorithm looked at. */
  readonly expressions: readonly ExpressionReport[];
  /** Servers that the same request gets when it comes again and again. */
  readonly next: readonly string[];
  readonly depends: Depends[];
}

/** How the client's connection stood in the end. */
export type ClientEnd = "open" | "closed" | "reset";

export interface Explanation {
  readonly method: string;
  readonly target: string;
  /** Value of the Host header, "" without one. */
  readonly host: string;
  /** Client's address, and the one it connected to. */
  readonly src: string;
  readonly dst: string;
  readonly frontend: { readonly name: string; readonly kind: string; readonly at: Location };
  readonly notices: string[];
  /** Why no rule was evaluated; null when they were. `at`: the `monitor-uri` line that answered. */
  readonly unevaluated: { readonly reason: "invalid request" | "monitor-uri"; readonly at: Location | null } | null;
  readonly rules: readonly RuleReport[];
  readonly notEvaluated: readonly NotEvaluated[];
  readonly backend: BackendReport | null;
  readonly server: ServerReport | null;
  /** The request as the server got it; null when none did. */
  readonly toServer: string | null;
  /** First line of the scripted server's answer. */
  readonly answer: string | null;
  readonly toClient: string;
  readonly clientEnd: ClientEnd;
  /** Milliseconds from the request to the first byte of the response, when rules let it wait; else 0. */
  readonly afterMs: number;
  /** The four letters of configuration.txt 8.5. */
  readonly termination: string;
}

// When log lines are made, and what log-profile sections say about each moment (configuration.txt 4.2 "log-steps", 4.4
// "do-log", 8.2.6 "%OG", 8.3.5).
import type { TextFn } from "./formats.ts";
import type { RulesetName } from "./types.ts";

/** A moment of a stream at which a line is made. */
export interface LogOrigin {
  /** Its name in `log-steps`, and behind "on" in a log profile. */
  readonly step: string;
  /** As %OG shows it. */
  readonly name: string;
}

/** The steps of `log-steps`, in the order of a stream's life. */
export const LOG_STEPS = ["accept", "request", "connect", "response", "close"] as const;
export type LogStep = (typeof LOG_STEPS)[number];

function origin(step: LogStep): LogOrigin {
  return { step, name: `txn_${step}` };
}

export const LOG_ORIGINS: Readonly<Record<LogStep, LogOrigin>> = {
  accept: origin("accept"),
  request: origin("request"),
  connect: origin("connect"),
  response: origin("response"),
  close: origin("close"),
};

/** A set of steps. */
export function stepBit(step: LogStep): number {
  return 1 << LOG_STEPS.indexOf(step);
}

/** Where `do-log` makes a line, by its rule set. */
const RULESET_STEPS: Readonly<Record<RulesetName, string>> = {
  "tcp-request connection": "tcp-req-conn",
  "tcp-request session": "tcp-req-sess",
  "tcp-request content": "tcp-req-cont",
  "tcp-response content": "tcp-res-cont",
  "http-request": "http-req",
  "http-response": "http-res",
  "http-after-response": "http-after-res",
};

export function rulesetOrigin(ruleset: RulesetName): LogOrigin {
  const step = RULESET_STEPS[ruleset];
  return { step, name: step };
}

/** Every step that a log profile may describe; "quic-init" never comes. */
export const PROFILE_STEPS: readonly string[] = [
  ...LOG_STEPS,
  "error",
  "any",
  "quic-init",
  ...Object.values(RULESET_STEPS),
];

/** What a log profile says about a step. Null: as the proxy says. */
interface ProfileStep {
  readonly drop: boolean;
  readonly format: TextFn | null;
  readonly structured: TextFn | null;
}

/** One log-profile section in one thread. */
export class LogProfile {
  readonly #steps = new Map<string, ProfileStep>();

  set(step: string, says: ProfileStep): void {
    this.#steps.set(step, says);
  }

  /**
   * What counts for a line. One about an error is first of all an error; the step it was made at counts for it as long as
   * the proxy has no format of its own for errors (`ownErrors`).
   */
  find(step: string, failed: boolean, ownErrors: boolean): ProfileStep | null {
    const steps = this.#steps;
    const precise = failed ? steps.get("error") ?? (ownErrors ? undefined : steps.get(step)) : steps.get(step);
    return precise ?? steps.get("any") ?? null;
  }
}

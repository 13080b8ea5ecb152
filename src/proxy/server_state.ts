// The state of a server: one table of transitions, asserted at every change, over the words that all threads share
// (configuration.txt 5.2 "check", "rise", "fall", "inter", "disabled"; management.txt 9.3 "set server ... state").
//
// Two things make the state: what the administrator wants (the `admin` word, written by main) and what the checks found
// (the `health` word, written by the check's owner: below `rise` is down, `rise + fall - 1` is fully up).
import { assert } from "../base/mod.ts";

// ---- administrative state: bits -------------------------------------------------------------------------------
/** Maintenance, by command or agent. */
export const ADMIN_MAINT = 1;
/** Maintenance because the tracked server is in it. */
export const ADMIN_MAINT_TRACKED = 2;
/** Maintenance from the configuration ("disabled"). */
export const ADMIN_MAINT_CONFIG = 4;
/** Drain, by command or agent. */
export const ADMIN_DRAIN = 8;
export const ADMIN_DRAIN_TRACKED = 16;
/** Maintenance because the name resolves to no address. */
export const ADMIN_MAINT_RESOLUTION = 32;

const ANY_MAINT = ADMIN_MAINT | ADMIN_MAINT_TRACKED | ADMIN_MAINT_CONFIG | ADMIN_MAINT_RESOLUTION;
const ANY_DRAIN = ADMIN_DRAIN | ADMIN_DRAIN_TRACKED;

// ---- states ---------------------------------------------------------------------------------------------------
export const S_MAINT = 0;
export const S_DOWN = 1;
/** Down, with at least one good check. */
export const S_GOING_UP = 2;
/** Up, with at least one bad check. */
export const S_GOING_DOWN = 3;
export const S_UP = 4;
export const S_NAMES = ["MAINT", "DOWN", "GOING_UP", "GOING_DOWN", "UP"] as const;
export type ServerState = 0 | 1 | 2 | 3 | 4;

export const E_CHECK_PASSED = 0;
export const E_CHECK_FAILED = 1;
/** The health is set, not counted: by a command, an agent, an observed error. */
export const E_FORCED = 2;
export const E_MAINT = 3;
export const E_READY = 4;
export type StateEvent = 0 | 1 | 2 | 3 | 4;

/** "event: from -> to" as a set of bits of the states it may lead to. */
const TO: readonly (readonly number[])[] = table({
  [E_CHECK_PASSED]: [
    [S_DOWN, S_GOING_UP, S_GOING_DOWN, S_UP],
    [S_GOING_UP, S_GOING_UP, S_GOING_DOWN, S_UP],
    [S_GOING_DOWN, S_GOING_DOWN, S_UP],
    [S_UP, S_UP],
  ],
  [E_CHECK_FAILED]: [
    [S_DOWN, S_DOWN],
    [S_GOING_UP, S_DOWN],
    [S_GOING_DOWN, S_GOING_DOWN, S_DOWN],
    [S_UP, S_GOING_DOWN, S_DOWN],
  ],
  [E_FORCED]: [
    [S_DOWN, S_DOWN, S_GOING_UP, S_GOING_DOWN, S_UP],
    [S_GOING_UP, S_DOWN, S_GOING_UP, S_GOING_DOWN, S_UP],
    [S_GOING_DOWN, S_DOWN, S_GOING_UP, S_GOING_DOWN, S_UP],
    [S_UP, S_DOWN, S_GOING_UP, S_GOING_DOWN, S_UP],
  ],
  [E_MAINT]: [[S_DOWN, S_MAINT], [S_GOING_UP, S_MAINT], [S_GOING_DOWN, S_MAINT], [S_UP, S_MAINT], [S_MAINT, S_MAINT]],
  [E_READY]: [[S_MAINT, S_DOWN, S_GOING_UP, S_GOING_DOWN, S_UP, S_MAINT]],
});

function table(rows: Record<number, readonly (readonly number[])[]>): number[][] {
  return Object.values(rows).map((lines) => {
    const out = new Array<number>(S_NAMES.length).fill(0);
    for (const [from, ...to] of lines) for (const state of to) out[from] |= 1 << state;
    return out;
  });
}

/** Asserts that an event may lead from one state to another. */
export function assertTransition(event: StateEvent, from: ServerState, to: ServerState): void {
  assert((TO[event][from] & (1 << to)) !== 0, `server: ${S_NAMES[from]} -> ${S_NAMES[to]} at event ${event}`);
}

/** The state that the two words say; `checked`: the server's health is checked at all. */
export function serverState(admin: number, health: number, rise: number, fall: number, checked: boolean): ServerState {
  if ((admin & ANY_MAINT) !== 0) return S_MAINT;
  if (!checked) return health >= rise ? S_UP : S_DOWN;
  if (health === 0) return S_DOWN;
  if (health < rise) return S_GOING_UP;
  return health < rise + fall - 1 ? S_GOING_DOWN : S_UP;
}

export function inMaintenance(admin: number): boolean {
  return (admin & ANY_MAINT) !== 0;
}

export function draining(admin: number): boolean {
  return (admin & ANY_DRAIN) !== 0;
}

/** What main logs and tells of a server's state. */
export interface ServerEvent {
  /** Indexes as in the layout. */
  readonly proxy: number;
  readonly server: number;
  /** "up" and "down" are transitions; "health" is a check that changed the health; "empty": no server is left. */
  readonly kind: "up" | "down" | "health" | "empty" | "maint" | "ready" | "drain";
  /** Syslog level, 0 to 7. */
  readonly level: number;
  /** The line, as HAProxy logs it. */
  readonly text: string;
  /** The same for the operator's terminal. */
  readonly console: { readonly level: "WARNING" | "ALERT"; readonly text: string };
}

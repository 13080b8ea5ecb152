// Time of one thread.
//
// `now` is read once a turn of the event loop: every entry from the event loop into this backend calls `turned()`, the
// next `now()` reads the clock. All threads count from the same origin, the start of the process.
import type { Clock } from "../types.ts";

/** The longest wait handed to the runtime's timers, which hold 31 bits. A longer one is armed again when it fires. */
const LONGEST_WAIT_MS = 1_000_000_000;

export class DenoClock implements Clock {
  /** What `performance.now()` of this isolate was at the origin, negated. */
  readonly #offset: number;
  #cached = 0;
  #fresh = false;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  /** When the runtime's timer fires; Infinity when none is set. */
  #timerAt = Infinity;
  /** When `#fire` is due; Infinity when nothing is armed. */
  #due = Infinity;
  #fire: () => void = nothing;
  readonly #onTimer: () => void = () => this.#timerFired();

  /** `origin`: milliseconds since the epoch at the start of the process, equal in every thread of it. */
  constructor(origin: number) {
    this.#offset = performance.timeOrigin - origin;
  }

  now(): number {
    if (!this.#fresh) {
      this.#cached = this.precise();
      this.#fresh = true;
    }
    return this.#cached;
  }

  precise(): number {
    return performance.now() + this.#offset;
  }

  wall(): number {
    return Date.now();
  }

  /** The event loop has entered this thread's code: what `now()` remembers is old. */
  turned(): void {
    this.#fresh = false;
  }

  // A timer that is set and fires too early costs less than clearing it and setting another: it is kept.
  arm(at: number, fire: () => void): void {
    this.#due = at;
    this.#fire = fire;
    if (this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#setTimer();
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
    this.#due = Infinity;
    this.#fire = nothing;
  }

  #setTimer(): void {
    const now = this.precise();
    const wait = Math.min(Math.max(Math.ceil(this.#due - now), 0), LONGEST_WAIT_MS);
    this.#timerAt = now + wait;
    this.#timer = setTimeout(this.#onTimer, wait);
  }

  #timerFired(): void {
    this.#fresh = false;
    this.#timerAt = Infinity;
    if (this.#due === Infinity) return;
    if (this.precise() < this.#due) return this.#setTimer();
    const fire = this.#fire;
    this.#due = Infinity;
    this.#fire = nothing;
    fire();
  }
}

function nothing(): void {}

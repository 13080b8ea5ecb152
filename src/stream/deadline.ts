// Inactivity deadline of one side of a stream. The timer runs only while something waits on that side, any activity on
// the side restarts it (configuration.txt 4.2, "option independent-streams"), and it wakes the side's endpoint.
//
// Every wait of a stream on I/O passes begin(), so that a stream that is to end finds out here, also when nothing waited
// at the moment it was told.
import { Timer, type Wheel } from "../base/mod.ts";
import { WAKE_TIMEOUT } from "../sys/types.ts";

/** Settles what waits on the side with a WAKE_ code. */
export type Wake = (code: number) => void;

export class Deadline {
  /** Milliseconds of inactivity allowed; 0: no limit. */
  timeoutMs = 0;
  /** Set together with a wake: whatever waits from now on is woken with this code at once. 0: none. */
  stopped = 0;
  /** `option independent-streams`: what is sent to the side keeps no wait for what it sends alive. */
  independent = false;
  readonly #wheel: Wheel;
  readonly #wake: Wake;
  readonly #timer: Timer<Deadline>;
  #waits = 0;
  #paused = false;

  constructor(wheel: Wheel, wake: Wake) {
    this.#wheel = wheel;
    this.#wake = wake;
    this.#timer = new Timer<Deadline>(this, fire);
  }

  /** A wait has begun: the timer runs from now. */
  begin(): void {
    this.#waits++;
    this.#restart();
    if (this.stopped !== 0) this.#wake(this.stopped);
  }

  /** Something happened on the side that nothing waited for. */
  activity(): void {
    if (this.#waits > 0) this.#restart();
  }

  /** As begin(), done() and activity(), for what is sent to the side. */
  beginSend(): void {
    if (!this.independent || this.#waits === 0) return this.begin();
    this.#waits++;
    if (this.stopped !== 0) this.#wake(this.stopped);
  }
  doneSend(): void {
    if (this.independent) this.#waits--;
    else this.done();
  }
  sent(): void {
    if (!this.independent) this.activity();
  }

  /**
   * A wait is over; with others left, what was just done counts as activity. With none left the timer stays armed and does
   * nothing when it fires: moving it on for the next wait is cheaper than taking it out and in again.
   */
  done(): void {
    this.#waits--;
    if (this.#waits > 0) this.#restart();
  }

  /** When the side times out, as of Clock.now(); Infinity: nothing waits there, or without a limit. */
  get due(): number {
    return this.#waits > 0 ? this.#timer.at : Infinity;
  }

  /** Whatever waits does so without a limit, until resume(). */
  pause(): void {
    this.#paused = true;
    this.#wheel.cancel(this.#timer);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#waits > 0) this.#restart();
  }

  /** Nothing waits any more, whatever did. */
  clear(): void {
    this.#waits = 0;
    this.#paused = false;
    this.#wheel.cancel(this.#timer);
  }

  /** The time is over. */
  expired(): void {
    if (this.#waits > 0) this.#wake(WAKE_TIMEOUT);
  }

  #restart(): void {
    if (this.timeoutMs > 0 && !this.#paused) this.#wheel.armIn(this.#timer, this.timeoutMs);
    else this.#wheel.cancel(this.#timer);
  }
}

function fire(timer: Timer<Deadline>): void {
  timer.owner.expired();
}

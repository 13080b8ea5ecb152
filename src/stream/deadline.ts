// Inactivity deadline of one side of a stream. The timer runs only while something waits on that side, any activity on
// the side restarts it (configuration.txt 4.2, "option independent-streams"), and it wakes the side's endpoint.
import { Timer, type Wheel } from "../base/mod.ts";

/** Who is told when the time is over. */
export type Expired = () => void;

export class Deadline {
  /** Milliseconds of inactivity allowed; 0: no limit. */
  timeoutMs = 0;
  readonly #wheel: Wheel;
  readonly #timer: Timer<Expired>;
  #waits = 0;

  constructor(wheel: Wheel, expired: Expired) {
    this.#wheel = wheel;
    this.#timer = new Timer<Expired>(expired, fire);
  }

  /** A wait begins: the timer runs from now. */
  begin(): void {
    this.#waits++;
    this.#restart();
  }

  /** A wait is over: with none left the timer stops, else what was just done counts as activity. */
  done(): void {
    this.#waits--;
    if (this.#waits === 0) this.#wheel.cancel(this.#timer);
    else this.#restart();
  }

  /** Nothing waits any more, whatever did. */
  clear(): void {
    this.#waits = 0;
    this.#wheel.cancel(this.#timer);
  }

  #restart(): void {
    if (this.timeoutMs > 0) this.#wheel.armIn(this.#timer, this.timeoutMs);
    else this.#wheel.cancel(this.#timer);
  }
}

function fire(timer: Timer<Expired>): void {
  timer.owner();
}

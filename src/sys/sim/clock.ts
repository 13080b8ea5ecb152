// Virtual time as a thread sees it: it stands still between two events.
import type { Clock } from "../types.ts";
import type { SimEvent } from "./queue.ts";
import type { SimThread } from "./thread.ts";

export class SimClock implements Clock {
  readonly #thread: SimThread;
  #event: SimEvent | null = null;

  constructor(thread: SimThread) {
    this.#thread = thread;
  }

  now(): number {
    return this.#thread.core.time;
  }

  precise(): number {
    return this.#thread.core.time;
  }

  wall(): number {
    return this.#thread.core.wall();
  }

  arm(at: number, fire: () => void): void {
    this.disarm();
    const { core } = this.#thread;
    this.#thread.timerAt = at;
    this.#event = core.at(this.#thread, at + core.draw(core.faults.timerLateMs), () => {
      this.#event = null;
      this.#thread.timerAt = Infinity;
      fire();
    });
  }

  disarm(): void {
    if (this.#event === null) return;
    this.#event.run = null;
    this.#event = null;
    this.#thread.timerAt = Infinity;
  }
}

// Hints from one thread to others, on their way through main: one message at a time is under way, and what must be said
// meanwhile waits, hints that say the same only once. So a main that is busy is not flooded, however many streams there are.
import type { Nudge } from "../proxy/mod.ts";

/** A hint for a thread. */
export interface Hint {
  readonly thread: number;
  readonly nudge: Nudge;
}

export class Hints {
  readonly #post: (hints: readonly Hint[]) => void;
  #waiting: Hint[] = [];
  /** Those of `#waiting` that need not be said twice. */
  readonly #said = new Set<string>();
  #underWay = false;

  constructor(post: (hints: readonly Hint[]) => void) {
    this.#post = post;
  }

  add(thread: number, nudge: Nudge): void {
    const key = keyOf(thread, nudge);
    if (key !== "") {
      if (this.#said.has(key)) return;
      this.#said.add(key);
    }
    this.#waiting.push({ thread, nudge });
    if (!this.#underWay) this.#send();
  }

  /** Main has passed on what was under way. */
  taken(): void {
    this.#underWay = false;
    if (this.#waiting.length > 0) this.#send();
  }

  #send(): void {
    const hints = this.#waiting;
    this.#waiting = [];
    this.#said.clear();
    this.#underWay = true;
    this.#post(hints);
  }
}

/** Empty: each one counts. */
function keyOf(thread: number, nudge: Nudge): string {
  switch (nudge.kind) {
    case "slot":
      return `slot ${thread} ${nudge.server}`;
    case "accept":
    case "state":
      return `${nudge.kind} ${thread} ${nudge.proxy}`;
    default:
      return "";
  }
}

// A soft stop as connections see it (management.txt 4, configuration.txt 3.1 "close-spread-time"): from its beginning on,
// responses close their connections and idle connections are closed, all at once or spread over a time.
import type { Clock, Rand } from "../sys/types.ts";

/** Rounds in which idle connections are closed over the time, and the shortest time between two of them, ms. */
const ROUNDS = 64;
const SHORTEST_ROUND_MS = 10;

export class Stopping {
  readonly #clock: Clock;
  readonly #rand: Rand;
  /** `close-spread-time`, ms: 0 at once, Infinity never. */
  readonly #spreadMs: number;
  /** From one round to the next, ms. */
  readonly roundMs: number;
  /** When it began; negative before. */
  #since = -1;

  constructor(spreadMs: number, clock: Clock, rand: Rand) {
    this.#spreadMs = spreadMs;
    this.roundMs = Math.max(SHORTEST_ROUND_MS, spreadMs / ROUNDS);
    this.#clock = clock;
    this.#rand = rand;
  }

  begin(): void {
    if (this.#since < 0) this.#since = this.#clock.now();
  }

  /** Whether a connection is to end behind the response it is at: the later, the more of them. */
  closes(): boolean {
    if (this.#since < 0) return false;
    return this.#spreadMs === 0 || this.#rand.float() * this.#spreadMs < this.#clock.now() - this.#since;
  }

  /** Whether the idle connections are given up in rounds, of which there are more. */
  get spreads(): boolean {
    return this.#spreadMs !== Infinity && this.#clock.now() - this.#since < this.#spreadMs;
  }

  /** Whether an idle connection is to end in this round: each round takes its part of those that are left. */
  closesIdle(): boolean {
    if (this.#spreadMs === Infinity) return false;
    const leftMs = this.#spreadMs - (this.#clock.now() - this.#since);
    return leftMs <= this.roundMs || this.#rand.float() * leftMs < this.roundMs;
  }
}

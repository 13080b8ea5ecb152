// Frequency counters in shared words: events of the last second, as HAProxy's statistics count them. The count of the
// period under way is completed by the part of the period before that the last second still covers.
//
// Three words: start of the period (ms since process start, low 32 bits), events in it, events in the one before. Any
// thread may count; threads' cached clocks differ by a turn, so a time a little before the period's start is its start.

const PERIOD_MS = 1000;

export class Rate {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #at: number;

  constructor(words: Int32Array<SharedArrayBuffer>, at: number) {
    this.#words = words;
    this.#at = at;
  }

  /** Counts `n` events at `now` (ms); returns the rate with them. */
  add(now: number, n = 1): number {
    const age = this.#rotate(now);
    const current = Atomics.add(this.#words, this.#at + 1, n) + n;
    return current + this.#rest(age);
  }

  /** Events of the last second, at `now`. */
  read(now: number): number {
    const age = this.#age(now);
    if (age >= 2 * PERIOD_MS) return 0;
    const current = Atomics.load(this.#words, this.#at + 1);
    if (age >= PERIOD_MS) return share(current, age - PERIOD_MS);
    return current + this.#rest(age);
  }

  /** Milliseconds until one more event keeps the rate within `limit` a second; 0: it may happen now. */
  delay(now: number, limit: number): number {
    if (limit <= 0 || this.read(now) < limit) return 0;
    const age = this.#age(now);
    let current = Atomics.load(this.#words, this.#at + 1);
    let previous = Atomics.load(this.#words, this.#at + 2);
    let wait = 0;
    let at = age;
    if (at >= PERIOD_MS) {
      previous = current;
      current = 0;
      at -= PERIOD_MS;
    }
    if (current >= limit) {
      // Nothing more in this period; the next one begins with what this one leaves over.
      wait = PERIOD_MS - at;
      previous = current;
      current = 0;
      at = 0;
    }
    // The first age with current + floor(previous * (PERIOD - age) / PERIOD) < limit.
    const allowed = limit - current;
    const needed = PERIOD_MS - Math.ceil(allowed * PERIOD_MS / previous) + 1;
    return wait + Math.max(needed - at, wait === 0 ? 1 : 0);
  }

  #rest(age: number): number {
    return share(Atomics.load(this.#words, this.#at + 2), age);
  }

  #age(now: number): number {
    const age = (Math.floor(now) - Atomics.load(this.#words, this.#at)) | 0;
    if (age >= 0) return age;
    return age > -PERIOD_MS ? 0 : 2 * PERIOD_MS;
  }

  /** Begins a new period when this one is over; returns the age of the current one. */
  #rotate(now: number): number {
    const age = this.#age(now);
    if (age < PERIOD_MS) return age;
    const w = this.#words;
    const start = Atomics.load(w, this.#at);
    const late = age >= 2 * PERIOD_MS;
    const next = late ? Math.floor(now) | 0 : (start + PERIOD_MS) | 0;
    // Who moves the start moves the counts.
    if (Atomics.compareExchange(w, this.#at, start, next) === start) {
      const ended = Atomics.exchange(w, this.#at + 1, 0);
      Atomics.store(w, this.#at + 2, late ? 0 : ended);
    }
    return late ? 0 : age - PERIOD_MS;
  }
}

/** The part of an ended period's events that the last second covers at `age` of the next one. */
function share(events: number, age: number): number {
  return age >= PERIOD_MS ? 0 : Math.floor(events * (PERIOD_MS - age) / PERIOD_MS);
}

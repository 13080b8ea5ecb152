// A thread's view of the shared segment: its own lane of counters, gauges, and readers over all lanes.
//
// Invariants:
// - A counter cell is written by its lane's owner only, with plain stores; readers add the lanes. (`clear` resets maxima
//   of all lanes: a race leaves an old maximum for a while, nothing else.)
// - A gauge is a shared word changed by Atomics; what a lane holds of it stands in its held words. The sum of the held
//   words of all lanes is the gauge, but for the instant between the two writes.
import { C, type Column, COLUMNS, FIRST_LEVEL, FIRST_MAX, FIRST_MEAN, MEAN_WINDOW } from "./columns.ts";
import { countersStride, heldStride, type Layout } from "./layout.ts";
import { Rate } from "./rate.ts";
import { readText, writeText } from "./text.ts";

const WIDTH = COLUMNS.length;

/** One counter row as its thread writes it. */
export class Counters {
  readonly #shared: Shared;
  readonly #cells: Float64Array<SharedArrayBuffer>;
  readonly #row: number;
  readonly #at: number;

  constructor(shared: Shared, cells: Float64Array<SharedArrayBuffer>, row: number) {
    this.#shared = shared;
    this.#cells = cells;
    this.#row = row;
    this.#at = row * WIDTH;
  }

  /** Adds to a sum. */
  add(column: Column, n = 1): void {
    this.#cells[this.#at + column] += n;
  }

  /** Raises a maximum. */
  raise(column: Column, value: number): void {
    if (value > this.#cells[this.#at + column]) this.#cells[this.#at + column] = value;
  }

  /** Stores an own value. */
  set(column: Column, value: number): void {
    this.#cells[this.#at + column] = value;
  }

  /**
   * Times of one finished stream, ms: queue, connect, response, total. Negative ones (the event did not happen) count as 0.
   * Feeds the means and maxima.
   */
  times(queue: number, connect: number, response: number, total: number): void {
    this.#cells[this.#at + C.timed]++;
    this.#time(C.qtime, C.qtime_max, queue);
    this.#time(C.ctime, C.ctime_max, connect);
    this.#time(C.rtime, C.rtime_max, response);
    this.#time(C.ttime, C.ttime_max, total);
  }

  #time(mean: Column, max: Column, ms: number): void {
    const value = ms > 0 ? ms : 0;
    const cell = this.#at + mean;
    // A sliding sum: once full, each event takes the mean of the window out.
    const full = this.#cells[this.#at + C.timed] > MEAN_WINDOW;
    this.#cells[cell] += full ? value - this.#cells[cell] / MEAN_WINDOW : value;
    this.raise(max, value);
  }

  /** The value over all threads: sum, maximum or mean. */
  total(column: Column): number {
    return this.#shared.total(this.#row, column);
  }

  /** The cell of one lane. */
  cell(lane: number, column: Column): number {
    return this.#shared.cell(lane, this.#row, column);
  }
}

/** A gauge: how many of something there are now, over all threads. */
export class Gauge {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #held: Int32Array<SharedArrayBuffer>;
  readonly #at: number;

  constructor(words: Int32Array<SharedArrayBuffer>, held: Int32Array<SharedArrayBuffer>, at: number) {
    this.#words = words;
    this.#held = held;
    this.#at = at;
  }

  get value(): number {
    return Atomics.load(this.#words, this.#at);
  }

  /** What this thread holds of it. */
  get held(): number {
    return this.#held[this.#at];
  }

  /** Takes `n` (gives back when negative); returns the value with them. */
  add(n: number): number {
    const value = Atomics.add(this.#words, this.#at, n) + n;
    this.#held[this.#at] += n;
    return value;
  }

  /** Takes one unless the gauge has reached `limit` (0: no limit). The new value, or 0 when it has. */
  take(limit: number): number {
    if (limit <= 0) return this.add(1);
    for (;;) {
      const value = Atomics.load(this.#words, this.#at);
      if (value >= limit) return 0;
      if (Atomics.compareExchange(this.#words, this.#at, value, value + 1) === value) {
        this.#held[this.#at]++;
        return value + 1;
      }
    }
  }
}

export class Shared {
  readonly layout: Layout;
  /** 0: main; else the thread's number. */
  readonly lane: number;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly #held: Int32Array<SharedArrayBuffer>[] = [];
  readonly #counters: Float64Array<SharedArrayBuffer>[] = [];
  readonly #base: Float64Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer, layout: Layout, lane: number) {
    if (buffer.byteLength !== layout.bytes) throw new Error("the segment is not of this layout");
    this.layout = layout;
    this.lane = lane;
    this.words = new Int32Array(buffer, 0, layout.words);
    const cells = layout.rows * WIDTH;
    const counters = (i: number) =>
      new Float64Array(buffer, layout.countersAt + i * countersStride(layout.rows), cells);
    for (let i = 0; i <= layout.threads; i++) {
      this.#held.push(new Int32Array(buffer, layout.heldAt + i * heldStride(layout.words), layout.words));
      this.#counters.push(counters(i));
    }
    this.#base = counters(layout.threads + 1);
  }

  /** A new segment, all zero. */
  static allocate(layout: Layout): SharedArrayBuffer {
    return new SharedArrayBuffer(layout.bytes);
  }

  /** This thread's cells of a counter row. */
  counters(row: number): Counters {
    return new Counters(this, this.#counters[this.lane], row);
  }

  gauge(word: number): Gauge {
    return new Gauge(this.words, this.#held[this.lane], word);
  }

  rate(word: number): Rate {
    return new Rate(this.words, word);
  }

  load(word: number): number {
    return Atomics.load(this.words, word);
  }

  store(word: number, value: number): void {
    Atomics.store(this.words, word, value);
  }

  /** The text at a word, "" when none was written. */
  text(word: number): string {
    return readText(this.words, word);
  }

  /** Writes the text at a word; one thread at a time may. */
  setText(word: number, text: string): void {
    writeText(this.words, word, text);
  }

  cell(lane: number, row: number, column: Column): number {
    return this.#counters[lane][row * WIDTH + column];
  }

  /** What a lane holds of a gauge. */
  heldBy(lane: number, word: number): number {
    return Atomics.load(this.#held[lane], word);
  }

  total(row: number, column: Column): number {
    const at = row * WIDTH + column;
    if (column >= FIRST_MEAN && column < FIRST_LEVEL) return this.#mean(row, at);
    let value = 0;
    if (column >= FIRST_LEVEL) {
      for (const lane of this.#counters) value += lane[at];
      return value;
    }
    for (const lane of this.#counters) {
      if (column >= FIRST_MAX) value = Math.max(value, lane[at]);
      else value += lane[at];
    }
    return column >= FIRST_MAX ? value : value - this.#base[at];
  }

  /** The mean of all lanes, each with the weight of the events its window covers. */
  #mean(row: number, at: number): number {
    let sum = 0;
    let events = 0;
    for (const lane of this.#counters) {
      sum += lane[at];
      events += Math.min(lane[row * WIDTH + C.timed], MEAN_WINDOW);
    }
    return events === 0 ? 0 : sum / events;
  }

  /** `clear counters` resets the maxima; with `all`, what sums are now becomes their zero. */
  clear(all: boolean): void {
    for (let row = 0; row < this.layout.rows; row++) {
      for (let column = 0; column < FIRST_MEAN; column++) {
        const at = row * WIDTH + column;
        if (column >= FIRST_MAX) {
          if (column !== C.lastsess) { for (const lane of this.#counters) lane[at] = 0; }
        } else if (all && column !== C.timed) {
          this.#base[at] += this.total(row, column as Column);
        }
      }
    }
  }

  /**
   * Main, after a thread has died: what it held of every gauge is taken back, its waiters are forgotten. Its counters stay.
   */
  giveBack(lane: number): void {
    const held = this.#held[lane];
    for (let word = 0; word < held.length; word++) {
      if (held[word] !== 0) Atomics.sub(this.words, word, held[word]);
      held[word] = 0;
    }
    const counters = this.#counters[lane];
    for (let row = 0; row < this.layout.rows; row++) counters.fill(0, row * WIDTH + C.queue_head, (row + 1) * WIDTH);
  }
}

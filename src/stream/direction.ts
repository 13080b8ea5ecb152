// What the forwarding of one direction tells its stream: bytes for the counters, waits for the inactivity timers.
import { countOnTheWay } from "./account.ts";
import type { Deadline } from "./deadline.ts";
import type { ForwardObserver } from "./forward.ts";
import type { Stream } from "./stream.ts";

export class Direction implements ForwardObserver {
  readonly #stream: Stream;
  readonly #source: Deadline;
  readonly #sink: Deadline;
  readonly #down: boolean;

  constructor(stream: Stream, source: Deadline, sink: Deadline, down: boolean) {
    this.#stream = stream;
    this.#source = source;
    this.#sink = sink;
    this.#down = down;
  }

  forwarded(n: number): void {
    if (this.#down) this.#stream.bytesOut += n;
    else this.#stream.bytesIn += n;
    if (this.#stream.frontend.config.continuousStats) countOnTheWay(this.#stream);
    // The other direction may wait on the same sides: bytes going this way keep both alive, unless they are independent.
    this.#source.activity();
    this.#sink.sent();
  }
  sourceWaits(): void {
    this.#source.begin();
  }
  sourceReady(): void {
    this.#source.done();
  }
  sinkWaits(): void {
    this.#sink.beginSend();
  }
  sinkReady(): void {
    this.#sink.doneSend();
  }
}

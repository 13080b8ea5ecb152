// Forwarding of one direction: from one endpoint to the other until the message ends or either side fails. Back-pressure
// is the whole design: nothing is pulled before what was pulled last is sent.
import { spawn } from "../base/mod.ts";
import type { Endpoint } from "../mux/mod.ts";
import type { Sys } from "../sys/types.ts";
import type { KeptBody } from "./kept_body.ts";

/** What forward() tells its stream. All calls are synchronous. */
export interface ForwardObserver {
  /** Bytes went through. */
  forwarded(n: number): void;
  /** A wait on the source (the sink) begins and ends: the side's inactivity timer runs meanwhile. */
  sourceWaits(): void;
  sourceReady(): void;
  sinkWaits(): void;
  sinkReady(): void;
}

/** Which side ended a forwarding that failed. */
export const FORWARD_DONE = 0;
export const FORWARD_SOURCE_FAILED = 1;
export const FORWARD_SINK_FAILED = 2;

/** Bytes one direction may move without yielding to others (architecture.md section 6, fairness). */
const BUDGET = 65536;

/** All that is left of the message is at hand; trailer fields are finish()'s. */
function isWhole(source: Endpoint): boolean {
  return source.complete && (source.trailers === null || source.trailers.count === 0);
}

/** The message of this endpoint ends with its head. */
export function isBodiless(source: Endpoint): boolean {
  return source.tail === source.head && isWhole(source);
}

/** One direction of one stream; reusable once run() has settled. */
export class Forwarder {
  /** The code of the endpoint that failed, 0 while none did. */
  code = 0;
  /** Set together with a wake: a forwarding that does not wait just then ends at its next step. */
  stop = 0;
  /** What goes through is kept there, and what is kept there goes before it; null: nothing is kept. */
  kept: KeptBody | null = null;
  readonly #sys: Sys;
  readonly #observer: ForwardObserver;

  readonly #bug: (error: unknown) => void;

  constructor(sys: Sys, observer: ForwardObserver, bug: (error: unknown) => void) {
    this.#sys = sys;
    this.#observer = observer;
    this.#bug = bug;
  }

  /** Forwards the message's body: FORWARD_DONE after the sink's finish(), or the side that failed (`code` says how). */
  run(source: Endpoint, sink: Endpoint): number | Promise<number> {
    this.code = 0;
    if (this.kept !== null && this.kept.used > 0) return this.#runAgain(source, sink, this.kept);
    const n = source.tail - source.head;
    // A short body is all there when its head is: nothing to wait for, unless the sink makes it.
    if (n > 0 && n <= BUDGET && this.stop === 0 && isWhole(source)) {
      const sent = sink.push(source.block, source.head, source.tail, true);
      if (typeof sent !== "number") return this.#finishWhole(source, sink, n, sent);
      return this.#settleWhole(source, n, sent);
    }
    return this.#run(source, sink);
  }

  async #finishWhole(source: Endpoint, sink: Endpoint, n: number, pending: Promise<number>): Promise<number> {
    source.hold();
    this.#sinkWaits(sink);
    const sent = await pending;
    this.#observer.sinkReady();
    this.#releaseWhenIdle(source, sink);
    return this.#settleWhole(source, n, sent);
  }

  #settleWhole(source: Endpoint, n: number, sent: number): number {
    if (sent < 0) {
      this.code = sent;
      return FORWARD_SINK_FAILED;
    }
    this.#sent(source, n);
    return FORWARD_DONE;
  }

  /** Bytes at hand are sent. */
  #sent(source: Endpoint, n: number): void {
    if (this.kept !== null) this.kept.add(source.block, source.head, source.head + n);
    source.take(n);
    this.#observer.forwarded(n);
  }

  /** As run(), of a body whose first part was sent to another sink before. */
  async #runAgain(source: Endpoint, sink: Endpoint, kept: KeptBody): Promise<number> {
    const last = source.tail === source.head && isWhole(source);
    let sent = kept.send(sink, last);
    if (typeof sent !== "number") {
      this.#sinkWaits(sink);
      sent = await sent;
      this.#observer.sinkReady();
    }
    if (sent < 0) {
      this.code = sent;
      return FORWARD_SINK_FAILED;
    }
    return last ? FORWARD_DONE : await this.#run(source, sink);
  }

  async #run(source: Endpoint, sink: Endpoint): Promise<number> {
    const o = this.#observer;
    let budget = BUDGET;
    for (;;) {
      if (this.stop !== 0) {
        this.code = this.stop;
        return FORWARD_SOURCE_FAILED;
      }
      if (source.tail === source.head) {
        let got = source.complete ? 0 : source.pull();
        if (typeof got !== "number") {
          // What is held back for the body to join it does not wait with it.
          let flushed = sink.flush();
          if (typeof flushed !== "number") {
            this.#sinkWaits(sink);
            flushed = await flushed;
            o.sinkReady();
          }
          if (flushed < 0) {
            source.wakeRead(flushed);
            await got;
            this.code = flushed;
            return FORWARD_SINK_FAILED;
          }
          this.#sourceWaits(source);
          got = await got;
          o.sourceReady();
          budget = BUDGET;
        }
        if (got < 0) {
          this.code = got;
          return FORWARD_SOURCE_FAILED;
        }
        if (got === 0) {
          let end = sink.finish(source.trailers);
          if (typeof end !== "number") {
            this.#sinkWaits(sink);
            end = await end;
            o.sinkReady();
          }
          if (end >= 0) return FORWARD_DONE;
          this.code = end;
          return FORWARD_SINK_FAILED;
        }
      }
      const n = source.tail - source.head;
      const last = isWhole(source);
      let sent = sink.push(source.block, source.head, source.tail, last);
      if (typeof sent !== "number") {
        source.hold();
        this.#sinkWaits(sink);
        sent = await sent;
        o.sinkReady();
        this.#releaseWhenIdle(source, sink);
        budget = BUDGET;
      }
      if (sent < 0) {
        this.code = sent;
        return FORWARD_SINK_FAILED;
      }
      this.#sent(source, n);
      if (last) return FORWARD_DONE;
      budget -= n;
      if (budget <= 0) {
        await this.#sys.turn();
        budget = BUDGET;
      }
    }
  }

  // Who sets `stop` wakes what waits at that moment; a wait that begins after it is woken here.

  #sourceWaits(source: Endpoint): void {
    this.#observer.sourceWaits();
    if (this.stop !== 0) source.wakeRead(this.stop);
  }

  #sinkWaits(sink: Endpoint): void {
    this.#observer.sinkWaits();
    if (this.stop !== 0) sink.wake(this.stop);
  }

  /** A woken push may still be reading the source's block: its settlement releases it, whatever became of the stream. */
  #releaseWhenIdle(source: Endpoint, sink: Endpoint): void {
    const idle = sink.sendIdle();
    if (typeof idle === "number") source.release();
    else spawn(idle.then(() => source.release()), this.#bug);
  }
}

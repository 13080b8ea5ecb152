// Main's hand on the pattern lists: changes one after the other, and the memory of what was changed away.
//
// A round asks every thread for a sign that it has been through its event loop: what was unlinked before is read by nobody
// then, and segments sent along are known to all. One round is under way at a time. A change for which there is no memory
// waits, with those behind it, for a round or for a version being taken apart; it fails when neither can bring any.
import { spawn } from "../base/mod.ts";
import type { ListControl } from "../proxy/mod.ts";
import { type LoadedPatterns, NO_MEMORY, type PatternSets, PatternStore, type Retired } from "../sample/mod.ts";
import { SEGMENT_BYTES } from "../table/mod.ts";
import type { Segment } from "../table/mod.ts";
import type { ToThread } from "./messages.ts";

/** Unlinked bytes that are worth a round. */
const WORTH_A_ROUND = 64 * 1024;
/** Another segment is sent when fewer bytes than this were never used. */
const AHEAD = SEGMENT_BYTES / 4;
/** Steps of taking a version apart between two turns. */
const STEPS = 4096;
/** Changes that may wait for memory. */
const MOST_WAITING = 65536;

/** What main gives: its threads, and its event loop. */
export interface PatternOwner {
  /** Numbers of the threads that run. */
  running(): number[];
  post(thread: number, message: ToThread): void;
  turn(): Promise<void>;
  bug(error: unknown): void;
}

/** What a change answers: a text or a number; NO_MEMORY when it changed nothing for that reason. */
type Outcome = string | number;

interface Waiting {
  readonly change: () => Outcome;
  readonly done: (outcome: Outcome) => void;
}

interface Round {
  readonly number: number;
  readonly threads: Set<number>;
  readonly retired: Retired;
  readonly segments: number;
}

export class PatternControl implements ListControl {
  readonly sets: PatternSets;
  readonly store: PatternStore;
  readonly #owner: PatternOwner;
  #round: Round | null = null;
  #rounds = 0;
  #reclaiming = false;
  readonly #waiting: Waiting[] = [];

  constructor(lists: Pick<LoadedPatterns, "sets" | "uses" | "memory">, owner: PatternOwner) {
    const { sets } = lists;
    this.sets = sets;
    this.store = PatternStore.of(lists.memory(), lists.uses, sets);
    this.#owner = owner;
  }

  /** Makes a change, at once when there is memory for it. Changes are made in the order in which they are asked for. */
  change(change: () => Outcome): Outcome | Promise<Outcome> {
    if (this.#waiting.length === 0) {
      const outcome = change();
      this.#changed();
      if (outcome !== NO_MEMORY) return outcome;
    }
    if (this.#waiting.length >= MOST_WAITING) return NO_MEMORY;
    return new Promise((done) => {
      this.#waiting.push({ change, done });
      if (this.#waiting.length === 1) this.#pump();
    });
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      const { change, done } = this.#waiting[0];
      const outcome = change();
      if (outcome === NO_MEMORY && this.#gaining()) return;
      this.#waiting.shift();
      done(outcome);
    }
    this.#changed();
  }

  /** Whether memory is on its way. */
  #gaining(): boolean {
    if (this.#round !== null || this.#reclaiming) return true;
    const segment = this.sets.arena.grow();
    if (segment === null && !this.sets.retired) return false;
    this.#begin(segment);
    return true;
  }

  #changed(): void {
    if (this.#round !== null) return;
    const { sets } = this;
    const { arena } = sets;
    const segment = arena.untouched < AHEAD ? arena.grow() : null;
    if (segment !== null || sets.worthReleasing(WORTH_A_ROUND)) this.#begin(segment);
  }

  // ---- rounds -------------------------------------------------------------------------------------------------------

  #begin(segment: Segment | null): void {
    const { sets } = this;
    const threads = new Set(this.#owner.running());
    const number = ++this.#rounds;
    this.#round = { number, threads, retired: sets.seal(), segments: sets.arena.segmentCount };
    const message: ToThread = { kind: "patterns", round: number, segments: segment === null ? [] : [segment] };
    for (const thread of threads) this.#owner.post(thread, message);
    if (threads.size === 0) spawn(Promise.resolve().then(() => this.#finish(number)), this.#owner.bug);
  }

  /** A thread has been through its event loop. */
  acknowledged(thread: number, round: number): void {
    if (this.#round?.number !== round) return;
    this.#round.threads.delete(thread);
    if (this.#round.threads.size === 0) this.#finish(round);
  }

  /** A thread has ended: it reads nothing any more. */
  gone(thread: number): void {
    if (this.#round !== null) this.acknowledged(thread, this.#round.number);
  }

  #finish(number: number): void {
    const round = this.#round;
    if (round?.number !== number) return;
    this.#round = null;
    this.sets.release(round.retired);
    this.sets.arena.usable = round.segments;
    if (!this.#reclaiming && this.sets.reclaim(0)) spawn(this.#reclaim(), this.#owner.bug);
    this.#pump();
  }

  async #reclaim(): Promise<void> {
    this.#reclaiming = true;
    while (this.sets.reclaim(STEPS)) await this.#owner.turn();
    this.#reclaiming = false;
    this.#pump();
  }
}

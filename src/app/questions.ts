// What main asks its threads for a command, and their answers: numbered, with a deadline. A thread that does not answer in
// time, or dies, is named to who asked; nobody waits for it.
import { Timer, type Wheel } from "../base/mod.ts";
import type { Gathered } from "../proxy/mod.ts";
import type { ToThread } from "./messages.ts";

/** How long a thread may take to answer, ms. */
const ANSWER_MS = 1000;

/** A change every thread has made, for those that start later. */
export interface KeptChange {
  readonly command: string;
  readonly question: unknown;
}

/** The threads that can be asked. */
interface Askable {
  readonly count: number;
  alive(thread: number): boolean;
  post(thread: number, message: ToThread): void;
}

class Asked {
  readonly answers: { thread: number; value: unknown }[] = [];
  readonly missing: number[] = [];
  readonly waitFor: Set<number>;
  readonly timer: Timer<Asked>;
  readonly settle: (result: Gathered<unknown>) => void;

  constructor(waitFor: Set<number>, timeUp: (asked: Asked) => void, settle: Asked["settle"]) {
    this.waitFor = waitFor;
    this.timer = new Timer<Asked>(this, (timer) => timeUp(timer.owner));
    this.settle = settle;
  }
}

export class Questions {
  readonly #threads: Askable;
  readonly #wheel: Wheel;
  /** Questions without all answers, by number. */
  readonly #asked = new Map<number, Asked>();
  #next = 1;
  readonly #kept = new Map<string, KeptChange>();

  constructor(threads: Askable, wheel: Wheel) {
    this.#threads = threads;
    this.#wheel = wheel;
  }

  /** Changes in the order they were first made. */
  get kept(): readonly KeptChange[] {
    return [...this.#kept.values()];
  }

  /** Asks a thread, or all. */
  ask(command: string, question: unknown, thread?: number): Promise<Gathered<unknown>> {
    const number = this.#next++;
    const all = thread === undefined ? Array.from({ length: this.#threads.count }, (_, i) => i + 1) : [thread];
    return new Promise((settle) => {
      const asked = new Asked(new Set(all), (late) => this.#end(number, late), settle);
      this.#asked.set(number, asked);
      for (const one of all) {
        if (this.#threads.alive(one)) this.#threads.post(one, { kind: "ask", number, command, question });
        else this.#misses(asked, one);
      }
      if (asked.waitFor.size === 0) this.#end(number, asked);
      else this.#wheel.armIn(asked.timer, ANSWER_MS);
    });
  }

  change(command: string, question: unknown, key: string): Promise<Gathered<unknown>> {
    this.#kept.set(key, { command, question });
    return this.ask(command, question);
  }

  answered(thread: number, number: number, value: unknown): void {
    const asked = this.#asked.get(number);
    if (asked === undefined || !asked.waitFor.delete(thread)) return;
    asked.answers.push({ thread, value });
    if (asked.waitFor.size === 0) this.#end(number, asked);
  }

  /** An exception was the answer. */
  failed(thread: number, number: number): void {
    const asked = this.#asked.get(number);
    if (asked === undefined) return;
    this.#misses(asked, thread);
    if (asked.waitFor.size === 0) this.#end(number, asked);
  }

  /** The thread has ended: it answers nothing any more. */
  ended(thread: number): void {
    for (const number of [...this.#asked.keys()]) this.failed(thread, number);
  }

  #misses(asked: Asked, thread: number): void {
    if (asked.waitFor.delete(thread)) asked.missing.push(thread);
  }

  #end(number: number, asked: Asked): void {
    this.#asked.delete(number);
    this.#wheel.cancel(asked.timer);
    const missing = [...asked.missing, ...asked.waitFor].sort((a, b) => a - b);
    asked.settle({ answers: asked.answers.sort((a, b) => a.thread - b.thread), missing });
  }
}

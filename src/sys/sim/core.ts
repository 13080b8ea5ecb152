// Time, events and draws of a simulated world: what all its parts share.
//
// Invariants: time only moves from one event to the next, after the promises that the last one settled had their turn;
// every draw comes from one seeded generator in the order of events, so a seed gives one history.
import { Prng } from "../../base/mod.ts";
import type { SocketOptions } from "../types.ts";
import type { DelayMs, Faults } from "./faults.ts";
import { EventQueue, RANK_EVENT, RANK_TURN, type SimEvent, type SimOwner } from "./queue.ts";

/** Rounds of the promise queue between two events. A chain of more awaits goes on beside the next event. */
const PROMISE_ROUNDS = 120;
/** How far turn() moves the time, so that one who only takes turns still lets time pass. */
const TURN_MS = 0.005;
/** 2024-01-01T00:00:00Z, when a world begins unless it is told otherwise. */
const WALL_START_MS = 1704067200000;

/** What ends the code that called Proc.exit(). */
export class SimExit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

export class SimCore {
  readonly prng: Prng;
  readonly seed: number;
  faults: Faults;
  /** Milliseconds since the world began. */
  time = 0;
  /** The same instant in milliseconds since the epoch. */
  wallStartMs = WALL_START_MS;
  /** Events that happened. */
  happened = 0;
  /** Broken rules of buffers and the like: a bug of the code under test, whatever became of the exception. */
  readonly violations: string[] = [];
  /** Set by Proc.exit(): nothing happens any more. */
  exitCode: number | undefined = undefined;
  /** Options that were set on open sockets, in order. */
  readonly optionsSet: SocketOptions[] = [];
  /** Owner of what belongs to the network and not to a thread. */
  readonly nobody: SimOwner = { alive: true, failed: () => false };
  readonly #queue = new EventQueue();

  constructor(seed: number, faults: Faults) {
    this.seed = seed;
    this.prng = new Prng(seed);
    this.faults = faults;
  }

  /** Milliseconds since the epoch. */
  wall(): number {
    return this.wallStartMs + Math.floor(this.time);
  }

  chance(probability: number): boolean {
    return probability > 0 && this.prng.chance(probability);
  }

  draw(range: DelayMs): number {
    return range[0] === range[1] ? range[0] : range[0] + this.prng.float() * (range[1] - range[0]);
  }

  /** One way through the network. */
  latency(): number {
    return this.draw(this.faults.latencyMs);
  }

  /** Lets `run` happen at a time, unless the owner dies before. */
  at(owner: SimOwner, at: number, run: () => void): SimEvent {
    const salt = this.faults.shuffle ? this.prng.u32() : 0;
    return this.#queue.add(owner, Math.max(at, this.time), RANK_EVENT, salt, run);
  }

  after(owner: SimOwner, delayMs: number, run: () => void): SimEvent {
    return this.at(owner, this.time + delayMs, run);
  }

  /** Lets `run` happen soon, after all else that is due until then. */
  turn(owner: SimOwner, run: () => void): void {
    this.#queue.add(owner, this.time + TURN_MS, RANK_TURN, 0, run);
  }

  /** Notes a broken rule and throws; the run ends with it even when the exception is caught. */
  violation(message: string): never {
    this.violations.push(message);
    throw new Error(`${message} (seed ${this.seed}, at ${this.time.toFixed(3)} ms)`);
  }

  /** Time of the next event; Infinity when nothing is going to happen. */
  nextAt(): number {
    for (let event = this.#queue.first(); event !== undefined; event = this.#queue.first()) {
      if (event.run !== null && event.owner.alive) return event.at;
      this.#queue.shift();
    }
    return Infinity;
  }

  /** Lets the next event happen, and then the promises that it settled. */
  async step(): Promise<void> {
    if (this.nextAt() === Infinity) return;
    const event = this.#queue.shift()!;
    this.time = event.at;
    this.happened++;
    try {
      event.run!();
    } catch (error) {
      if (!(error instanceof SimExit) && !event.owner.failed(error)) throw error;
    }
    await this.promises();
    this.check();
  }

  /** Throws when a rule was broken. */
  check(): void {
    if (this.violations.length === 0) return;
    throw new Error(`${this.violations.join("; ")} (seed ${this.seed}, at ${this.time.toFixed(3)} ms)`);
  }

  /** Lets the promises that are ready have their turn. */
  async promises(): Promise<void> {
    for (let i = 0; i < PROMISE_ROUNDS; i++) await undefined;
  }
}

// The environment a configuration sees: that of the process, and what its own statements set and unset in it. It remembers
// which variables of the process were looked at, and where first: those are what the program needs the right to read.
import type { Location } from "./model.ts";
import { fromByteString, toByteString } from "./text.ts";

/** Variables by name, all known at once, or asked for one by one where not all may be read. */
export type GivenEnvironment = Readonly<Record<string, string>> | ((name: string) => string | undefined);

/** Names and values are byte strings. */
export class Environment extends Map<string, string> {
  /** Variables of the process that were looked at, by name, with the place that did so first. */
  readonly asked = new Map<string, Location | null>();
  /** The line being read. */
  place: Location | null = null;
  readonly #ask: ((name: string) => string | undefined) | null;
  /** What statements set or unset: the process's own value is of no matter any more. */
  readonly #settled = new Set<string>();
  #cleared = false;

  constructor(given: GivenEnvironment, predefined: readonly (readonly [name: string, value: string])[]) {
    super();
    this.#ask = typeof given === "function" ? given : null;
    if (typeof given !== "function") {
      for (const [name, value] of Object.entries(given)) super.set(toByteString(name), toByteString(value));
    }
    for (const [name, value] of predefined) this.set(toByteString(name), toByteString(value));
  }

  override get(name: string): string | undefined {
    if (this.#cleared || this.#settled.has(name)) return super.get(name);
    if (!this.asked.has(name)) {
      this.asked.set(name, this.place);
      const value = this.#ask?.(fromByteString(name));
      if (value !== undefined) super.set(name, toByteString(value));
    }
    return super.get(name);
  }

  override has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  override set(name: string, value: string): this {
    this.#settled?.add(name);
    return super.set(name, value);
  }

  override delete(name: string): boolean {
    this.#settled.add(name);
    return super.delete(name);
  }

  /** Forgets everything but these. */
  reset(kept: readonly string[]): void {
    for (const name of kept) this.get(name);
    for (const name of [...this.keys()]) if (!kept.includes(name)) super.delete(name);
    this.#cleared = true;
  }
}

// The lists of a model, made and filled before any thread reads them.
import type { HashKey } from "../../base/mod.ts";
import type { Model, Registry } from "../../config/mod.ts";
import { patternLines } from "./files.ts";
import { NO_MEMORY, type PatternSet, PatternSets } from "./sets.ts";
import type { PatternMemory } from "./store.ts";
import { type PatternUses, patternUses } from "./uses.ts";

/** Shared memory for lists at most, bytes. */
const PATTERN_MEMORY: number = 4 * 2 ** 30;

export class LoadedPatterns {
  readonly sets: PatternSets;
  readonly uses: PatternUses;
  /** The model without the files that are in the lists now. */
  readonly model: Model;
  /** Why the lists are not whole; "" when they are. */
  readonly problem: string;

  /** `key`: two random numbers. */
  constructor(model: Model, registry: Registry, key: HashKey, limitBytes: number = PATTERN_MEMORY) {
    this.uses = patternUses(model, registry);
    this.sets = new PatternSets(key, limitBytes);
    this.problem = this.#fill(model);
    const files = Object.fromEntries(Object.entries(model.files).filter(([name]) => !this.uses.files.has(name)));
    this.model = { ...model, files };
  }

  #fill(model: Model): string {
    const written = new Map([...this.uses.tests].map(([test, i]) => [i, test.patterns]));
    for (const [i, spec] of this.uses.lists.entries()) {
      let set: PatternSet | string;
      while (typeof (set = this.sets.create(spec)) === "string") if (!this.#more()) return `${spec.name}: ${set}`;
      for (const pattern of written.get(i) ?? []) {
        const problem = this.#add(set, pattern, null);
        if (problem !== "") return problem;
      }
      const file = model.files[spec.name];
      if (spec.name === "" || file === undefined) continue;
      for (const { pattern, value, line } of patternLines(file, spec.map)) {
        const problem = this.#add(set, pattern, value);
        if (problem !== "") return `${problem} in file '${spec.name}' at line ${line}`;
      }
    }
    return "";
  }

  #add(set: PatternSet, pattern: string, value: string | null): string {
    for (;;) {
      const problem = this.sets.add(set, 0, pattern, value);
      if (problem !== NO_MEMORY || !this.#more()) return problem;
    }
  }

  /** No thread reads yet: another segment can be used at once. */
  #more(): boolean {
    const { arena } = this.sets;
    if (arena.grow() === null) return false;
    arena.usable++;
    return true;
  }

  /** What a thread that starts now is given. */
  memory(): PatternMemory {
    const { arena, key, all } = this.sets;
    return { segments: arena.segments, key, addresses: all.slice(0, this.uses.lists.length).map((set) => set.address) };
  }
}

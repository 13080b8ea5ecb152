// The lists of a model, made and filled before any thread reads them.
import type { HashKey } from "../../base/mod.ts";
import { eachObject, type Location, type Model, type Registry } from "../../config/mod.ts";
import type { AclTest } from "../types.ts";
import { looseAddress } from "./addresses.ts";
import { patternLines } from "./files.ts";
import { NO_MEMORY, type PatternSet, PatternSets } from "./sets.ts";
import type { PatternMemory } from "./store.ts";
import { type PatternUses, patternUses } from "./uses.ts";

/** Shared memory for lists at most, bytes. */
const PATTERN_MEMORY: number = 4 * 2 ** 30;

/** Where a host is named: the statement, and " in file '<name>' at line <n>" or "". */
interface NamingPlace {
  readonly at: Location;
  readonly where: string;
}

/** Hosts that address patterns name: their addresses go into `Model.names` before the lists are made. */
export function hostsOfPatterns(model: Model): Map<string, NamingPlace> {
  const hosts = new Map<string, NamingPlace>();
  const look = (text: string, at: Location, where: string) => {
    const address = looseAddress(text);
    if (address !== null && typeof address !== "string" && !hosts.has(address.host)) {
      hosts.set(address.host, { at, where });
    }
  };
  for (const { nodes } of model.sections) {
    for (const { value, at } of nodes) {
      eachObject(value, (object) => {
        const { lists, patterns, resolve } = object as Partial<AclTest>;
        if (resolve !== true || lists === undefined || patterns === undefined) return;
        for (const text of patterns) look(text, at, "");
        for (const { name, map } of lists) {
          const file = model.files[name];
          if (file === undefined) continue;
          for (const { pattern, line } of patternLines(file, map)) {
            look(pattern, at, ` in file '${name}' at line ${line}`);
          }
        }
      });
    }
  }
  return hosts;
}

/** A pattern in the form that the address index takes; as it is when it has none, which the index then tells. */
function resolved(text: string, names: Readonly<Record<string, string>>): string {
  const address = looseAddress(text);
  if (address === null || typeof address === "string") return address ?? text;
  const known = Object.hasOwn(names, address.host) ? names[address.host] : undefined;
  return known === undefined ? text : known + address.mask;
}

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
      const given = (text: string) => spec.resolve === true ? resolved(text, model.names ?? {}) : text;
      for (const pattern of written.get(i) ?? []) {
        const problem = this.#add(set, given(pattern), null);
        if (problem !== "") return problem;
      }
      const file = model.files[spec.name];
      if (spec.name === "" || file === undefined) continue;
      for (const { pattern, value, line } of patternLines(file, spec.map)) {
        const problem = this.#add(set, given(pattern), value);
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

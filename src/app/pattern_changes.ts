// Changes of maps and ACL lists that rules ask for (set-map and the like): a thread's requests to main, which makes them.
import type { PatternSets, PatternStore } from "../sample/mod.ts";
import type { ListChange, ListChanges } from "../rules/mod.ts";

/** Requests of a thread that may be under way; more are not made. */
const MOST_REQUESTS = 4096;

/** The requests of one thread. */
export class ChangeRequests implements ListChanges {
  readonly #lists: PatternStore;
  readonly #send: (id: number, change: ListChange) => void;
  readonly #waiting = new Map<number, () => void>();
  #nextId = 1;

  constructor(lists: PatternStore, send: (id: number, change: ListChange) => void) {
    this.#lists = lists;
    this.#send = send;
  }

  made({ name, action, key, value }: ListChange): boolean {
    const values = this.#lists.find(name)?.valuesOf(key);
    // Main has no list of that name either.
    if (values === undefined) return true;
    switch (action) {
      case "set-map":
        return values.length > 0 && values.every((known) => known === value);
      case "add-acl":
        return values.length > 0;
      case "del-map":
      case "del-acl":
        return values.length === 0;
    }
  }

  change(change: ListChange, done: () => void): boolean {
    if (this.#waiting.size >= MOST_REQUESTS) return false;
    const id = this.#nextId++;
    this.#waiting.set(id, done);
    this.#send(id, change);
    return true;
  }

  /** Main has made it, or could not. */
  answered(id: number): void {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    done?.();
  }
}

/** Makes a change that a rule asked for, in the version that is matched; "" or why it cannot be made. */
export function makeChange(sets: PatternSets, { name, action, key, value }: ListChange): string {
  const set = sets.find(name);
  if (set === undefined) return "Unknown map or ACL identifier.";
  switch (action) {
    case "set-map": {
      const changed = sets.set(set, key, value, set.current);
      if (typeof changed === "string") return changed;
      return changed > 0 ? "" : sets.add(set, set.current, key, value);
    }
    case "add-acl":
      return sets.has(set, key) ? "" : sets.add(set, set.current, key, null);
    case "del-map":
    case "del-acl":
      sets.remove(set, key, set.current);
      return "";
  }
}

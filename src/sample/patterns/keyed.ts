// Entries by a key. Several entries may have the same key: the first in order is the one that is found.
import type { PatternEntry } from "./store.ts";

export class Keyed<K> {
  readonly #map = new Map<K, PatternEntry | PatternEntry[]>();

  get size(): number {
    return this.#map.size;
  }

  get(key: K): PatternEntry | null {
    const found = this.#map.get(key);
    return found === undefined ? null : Array.isArray(found) ? found[0] : found;
  }

  add(key: K, entry: PatternEntry): void {
    const found = this.#map.get(key);
    if (found === undefined) this.#map.set(key, entry);
    else if (Array.isArray(found)) found.push(entry);
    else this.#map.set(key, [found, entry]);
  }

  remove(key: K, entry: PatternEntry): void {
    const found = this.#map.get(key);
    if (found === entry) {
      this.#map.delete(key);
    } else if (Array.isArray(found)) {
      const rest = found.filter((other) => other !== entry);
      if (rest.length === 0) this.#map.delete(key);
      else this.#map.set(key, rest);
    }
  }

  clear(): void {
    this.#map.clear();
  }
}

// Spellings of header names for peers that mind them (`h1-case-adjust`, configuration.txt 3.1): a name is looked up in
// lower case and written over by the same letters in other case.
import { bytesEqual, latin1ToBytes } from "../../base/mod.ts";

interface Spelling {
  readonly lower: Uint8Array<ArrayBuffer>;
  readonly spelt: Uint8Array<ArrayBuffer>;
}

/** Made with the configuration, then only read. */
export class H1CaseMap {
  readonly #spellings: readonly (readonly Spelling[])[];

  /** Pairs of a lower-case name and its spelling, which differ in case only. */
  constructor(pairs: Iterable<readonly [string, string]>) {
    // By length, first and last byte the lists stay short.
    const lists: Spelling[][] = Array.from({ length: 64 }, () => []);
    for (const [lower, spelt] of pairs) {
      const bytes = latin1ToBytes(lower);
      lists[slotOf(bytes, 0, bytes.length)].push({ lower: bytes, spelt: latin1ToBytes(spelt) });
    }
    this.#spellings = lists;
  }

  /** Respells the lower-case name in `bytes[from, to)`, if the map has it. */
  adjust(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): void {
    for (const s of this.#spellings[slotOf(bytes, from, to)]) {
      if (bytesEqual(bytes, from, to, s.lower, 0, s.lower.length)) {
        bytes.set(s.spelt, from);
        return;
      }
    }
  }
}

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  return (to - from + bytes[from] * 3 + bytes[to - 1] * 5) & 63;
}

// Names that rules of a thread want the address of: asked of main, which owns the resolvers. Bounded: who asks when too many
// wait gets no address.
import type { NameQuestion } from "../rules/mod.ts";

/** Names that may be asked for at once. */
const MAX_ASKED = 4096;

export class Lookups {
  readonly #post: (number: number, question: NameQuestion) => void;
  readonly #asked = new Map<number, (address: string | null) => void>();
  #last = 0;

  constructor(post: (number: number, question: NameQuestion) => void) {
    this.#post = post;
  }

  ask(question: NameQuestion, done: (address: string | null) => void): void {
    if (this.#asked.size >= MAX_ASKED) return done(null);
    const number = ++this.#last;
    this.#asked.set(number, done);
    this.#post(number, question);
  }

  answered(number: number, address: string | null): void {
    const done = this.#asked.get(number);
    this.#asked.delete(number);
    if (done !== undefined) done(address);
  }
}

// Runs a program over a text by backtracking that never tries a choice twice at one place: a choice that failed at a
// position fails there again, whatever led to it, so a bit for each (choice, position) makes the time linear in their
// product. References to groups break that argument; such programs run without the bits, and what looks around or is
// atomic forgets its bits when it succeeded. For these a budget of steps is the bound: beyond it there is no match, as
// with PCRE's match limit.
import { ASSERTIONS } from "./ast.ts";
import {
  OP_ASSERT,
  OP_ATOMIC,
  OP_BACK,
  OP_CLOSE,
  OP_DONE,
  OP_JUMP,
  OP_LOOK,
  OP_PROGRESS,
  OP_SAVE,
  OP_SET,
  OP_SPLIT,
  OP_STEP_BACK,
  type Program,
} from "./program.ts";
import { isWord } from "./sets.ts";

/** Steps one search may take: some tens of milliseconds. */
const MOST_STEPS = 4_000_000;
/** Entries of the stack of one search. */
const MOST_STACKED = 3_000_000;

export class Machine {
  readonly #program: Program;
  /** Positions of groups after a match; -1 where a group took no part. */
  readonly registers: Int32Array;
  /** Pairs to undo or resume: (pc, position), or (-1 - register, old value). */
  #stack = new Int32Array(256);
  #top = 0;
  #failed = new Uint32Array(0);
  /** Bits set since the search began, so that they can be taken back. */
  readonly #marks: number[] = [];
  #enclosed = 0;
  #steps = 0;
  #text = "";

  constructor(program: Program) {
    this.#program = program;
    this.registers = new Int32Array(program.registers);
  }

  /** Steps of the last search, with what forgetting the failures before it took. */
  get steps(): number {
    return this.#steps;
  }

  /** Finds the leftmost match that begins at `from` or later. */
  search(text: string, from: number, firstBytes: Uint8Array | null, anchored: boolean): boolean {
    this.#text = text;
    const words = this.#program.references ? 0 : (this.#program.choices * (text.length + 1) >>> 5) + 1;
    this.#steps = words >>> 5;
    if (this.#failed.length < words) this.#failed = new Uint32Array(words);
    else this.#failed.fill(0, 0, words);
    const last = anchored ? Math.min(from, text.length) : text.length;
    for (let at = from; at <= last; at++) {
      if (firstBytes !== null && (at === text.length || firstBytes[text.charCodeAt(at)] === 0)) continue;
      this.registers.fill(-1);
      this.#top = 0;
      this.#enclosed = 0;
      this.#marks.length = 0;
      if (this.#run(0, at) >= 0) return true;
      if (this.#steps > MOST_STEPS) return false;
    }
    return false;
  }

  /** Runs from `pc` to OP_DONE; the position reached, or -1. Leaves choices on the stack when it succeeded. */
  #run(startPc: number, startAt: number): number {
    const { ops, a, b, sets } = this.#program;
    const text = this.#text;
    const base = this.#top;
    let pc = startPc;
    let at = startAt;
    for (;;) {
      if (++this.#steps > MOST_STEPS) return -1;
      let ok = true;
      switch (ops[pc]) {
        case OP_SET:
          if (at < text.length && sets[a[pc]][text.charCodeAt(at)] === 1) {
            at++;
            pc++;
          } else {
            ok = false;
          }
          break;
        case OP_SPLIT:
          if (this.#mark(pc, at)) {
            this.#push(b[pc], at);
            pc = a[pc];
          } else {
            ok = false;
          }
          break;
        case OP_JUMP:
          pc = a[pc];
          break;
        case OP_SAVE:
          this.#save(a[pc], at);
          pc++;
          break;
        case OP_CLOSE:
          this.#save(a[pc] * 2, this.registers[b[pc]]);
          this.#save(a[pc] * 2 + 1, at);
          pc++;
          break;
        case OP_ASSERT:
          ok = this.#holds(a[pc], at);
          pc++;
          break;
        case OP_BACK: {
          const length = this.#sameAsGroup(a[pc], at, b[pc] === 1);
          ok = length >= 0;
          at += length;
          pc++;
          break;
        }
        case OP_STEP_BACK:
          at -= a[pc];
          ok = at >= 0;
          pc++;
          break;
        case OP_PROGRESS:
          pc = this.registers[a[pc]] === at ? b[pc] : pc + 1;
          break;
        case OP_LOOK:
        case OP_ATOMIC: {
          const end = this.#inside(pc, at);
          if (ops[pc] === OP_ATOMIC) {
            ok = end >= 0;
            at = end;
          } else {
            ok = (end >= 0) !== (b[pc] === 1);
          }
          pc = a[pc];
          break;
        }
        case OP_DONE:
          return at;
      }
      if (ok) continue;
      // Back to the last choice, undoing what was saved since.
      for (;;) {
        if (this.#top === base) return -1;
        at = this.#stack[--this.#top];
        pc = this.#stack[--this.#top];
        if (pc >= 0) break;
        this.registers[-1 - pc] = at;
      }
    }
  }

  /** Runs a body of its own: its choices are dropped, the groups it set stay unless the body only looks for absence. */
  #inside(pc: number, at: number): number {
    const { ops, b } = this.#program;
    const base = this.#top;
    const marks = this.#marks.length;
    this.#enclosed++;
    const end = this.#run(pc + 1, at);
    this.#enclosed--;
    if (end < 0) return -1;
    for (let i = marks; i < this.#marks.length; i++) {
      this.#failed[this.#marks[i] >>> 5] &= ~(1 << (this.#marks[i] & 31));
    }
    this.#marks.length = marks;
    const negative = ops[pc] === OP_LOOK && b[pc] === 1;
    this.#dropChoices(base, negative);
    return end;
  }

  /** Keeps only the entries that undo; `undo` applies them at once. */
  #dropChoices(base: number, undo: boolean): void {
    const stack = this.#stack;
    if (undo) {
      while (this.#top > base) {
        const value = stack[--this.#top];
        const key = stack[--this.#top];
        if (key < 0) this.registers[-1 - key] = value;
      }
      return;
    }
    let to = base;
    for (let from = base; from < this.#top; from += 2) {
      if (stack[from] >= 0) continue;
      stack[to++] = stack[from];
      stack[to++] = stack[from + 1];
    }
    this.#top = to;
  }

  /** False when this choice was tried at this place before. */
  #mark(pc: number, at: number): boolean {
    if (this.#program.references) return true;
    const bit = this.#program.choice[pc] * (this.#text.length + 1) + at;
    const mask = 1 << (bit & 31);
    if ((this.#failed[bit >>> 5] & mask) !== 0) return false;
    this.#failed[bit >>> 5] |= mask;
    if (this.#enclosed > 0) this.#marks.push(bit);
    return true;
  }

  #save(register: number, at: number): void {
    this.#push(-1 - register, this.registers[register]);
    this.registers[register] = at;
  }

  #push(key: number, value: number): void {
    if (this.#top + 2 > this.#stack.length) {
      if (this.#stack.length >= MOST_STACKED) {
        this.#steps = MOST_STEPS;
        return;
      }
      const larger = new Int32Array(this.#stack.length * 2);
      larger.set(this.#stack);
      this.#stack = larger;
    }
    this.#stack[this.#top++] = key;
    this.#stack[this.#top++] = value;
  }

  #holds(what: number, at: number): boolean {
    const text = this.#text;
    switch (ASSERTIONS[what]) {
      case "start":
        return at === 0;
      case "lineStart":
        return at === 0 || text.charCodeAt(at - 1) === 10;
      case "end":
        return at === text.length || (at === text.length - 1 && text.charCodeAt(at) === 10);
      case "lineEnd":
        return at === text.length || text.charCodeAt(at) === 10;
      case "veryEnd":
        return at === text.length;
      case "word":
        return this.#atWordEdge(at);
      case "notWord":
        return !this.#atWordEdge(at);
    }
  }

  #atWordEdge(at: number): boolean {
    const text = this.#text;
    const before = at > 0 && isWord(text.charCodeAt(at - 1));
    return before !== (at < text.length && isWord(text.charCodeAt(at)));
  }

  /** The length of what the group matched when the text goes on the same; -1 when not, or the group took no part. */
  #sameAsGroup(group: number, at: number, ignoreCase: boolean): number {
    const from = this.registers[group * 2];
    const to = this.registers[group * 2 + 1];
    if (from < 0 || to < from) return -1;
    const text = this.#text;
    this.#steps += to - from;
    const wanted = text.slice(from, to);
    const found = text.slice(at, at + wanted.length);
    if (found === wanted) return wanted.length;
    return ignoreCase && asciiLower(found) === asciiLower(wanted) ? wanted.length : -1;
  }
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}

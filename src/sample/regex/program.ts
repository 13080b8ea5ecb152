// Compiles a tree into the program that machine.ts runs: a flat list of instructions of three integers each.
import { type Assertion, ASSERTIONS, type ByteSet, type RegexNode, type RegexTree, widths } from "./ast.ts";
import { RegexError } from "./parser.ts";

/** Operations; `a` and `b` are the operands. */
export const OP_SET = 0; // a: set
export const OP_SPLIT = 1; // a: tried first, b: tried next
export const OP_JUMP = 2; // a
export const OP_SAVE = 3; // a: register of a position
export const OP_ASSERT = 4; // a: index in ASSERTIONS
export const OP_BACK = 5; // a: group, b: 1 ignores case
export const OP_LOOK = 6; // a: behind the body, b: 0 positive, 1 negative; the body follows
export const OP_ATOMIC = 7; // a: behind the body; the body follows
export const OP_STEP_BACK = 8; // a: bytes
export const OP_PROGRESS = 9; // a: register, b: where to go when nothing was matched since it was saved
export const OP_CLOSE = 10; // a: group, b: register where its beginning was saved
export const OP_DONE = 11;

/** Largest program: bounds what {n,m} may multiply. */
const LARGEST = 20000;

export interface Program {
  readonly ops: Uint8Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly sets: readonly ByteSet[];
  /** Capturing groups. */
  readonly groups: number;
  /** Registers: two for the match and each group, then those of loops. */
  readonly registers: number;
  /** Instructions that choose, numbered: `choice[pc]` is the number of an OP_SPLIT. */
  readonly choice: Int32Array;
  readonly choices: number;
  /** It refers back to what a group matched: what failed once may then succeed later. */
  readonly references: boolean;
}

export function compile(tree: RegexTree): Program {
  return new Compiler(tree).compile();
}

class Compiler {
  readonly #tree: RegexTree;
  readonly #ops: number[] = [];
  readonly #a: number[] = [];
  readonly #b: number[] = [];
  readonly #sets: ByteSet[] = [];
  #registers: number;
  #references = false;

  constructor(tree: RegexTree) {
    this.#tree = tree;
    this.#registers = (tree.groups + 1) * 2;
  }

  compile(): Program {
    this.#emit(OP_SAVE, 0);
    this.#node(this.#tree.root);
    this.#emit(OP_SAVE, 1);
    this.#emit(OP_DONE);
    const choice = new Int32Array(this.#ops.length);
    let choices = 0;
    for (let pc = 0; pc < this.#ops.length; pc++) if (this.#ops[pc] === OP_SPLIT) choice[pc] = choices++;
    return {
      ops: Uint8Array.from(this.#ops),
      a: Int32Array.from(this.#a),
      b: Int32Array.from(this.#b),
      sets: this.#sets,
      groups: this.#tree.groups,
      registers: this.#registers,
      choice,
      choices,
      references: this.#references,
    };
  }

  #emit(op: number, a = 0, b = 0): number {
    if (this.#ops.length === LARGEST) throw new RegexError("regular expression is too large", 0);
    this.#ops.push(op);
    this.#a.push(a);
    this.#b.push(b);
    return this.#ops.length - 1;
  }

  get #here(): number {
    return this.#ops.length;
  }

  #node(node: RegexNode): void {
    switch (node.kind) {
      case "set":
        this.#emit(OP_SET, this.#setIndex(node.set));
        return;
      case "sequence":
        for (const item of node.items) this.#node(item);
        return;
      case "choice":
        this.#choice(node.items, (item) => this.#node(item));
        return;
      case "repeat":
        this.#repeat(node.body, node.min, node.max, node.lazy);
        return;
      case "group":
        this.#group(node.index, node.body);
        return;
      case "atomic":
        this.#enclosed(OP_ATOMIC, 0, () => this.#node(node.body));
        return;
      case "look":
        this.#enclosed(
          OP_LOOK,
          node.negative ? 1 : 0,
          () => node.ahead ? this.#node(node.body) : this.#behind(node.body),
        );
        return;
      case "assert":
        this.#emit(OP_ASSERT, ASSERTIONS.indexOf(node.what as Assertion));
        return;
      case "back":
        this.#references = true;
        this.#emit(OP_BACK, node.group, node.ignoreCase ? 1 : 0);
        return;
      case "keep":
        this.#emit(OP_SAVE, 0);
        return;
    }
  }

  /** A group keeps its old value until it is closed: a reference within it is to that. */
  #group(index: number, body: RegexNode): void {
    const start = this.#registers++;
    this.#emit(OP_SAVE, start);
    this.#node(body);
    this.#emit(OP_CLOSE, index, start);
  }

  #setIndex(set: ByteSet): number {
    const known = this.#sets.indexOf(set);
    return known >= 0 ? known : this.#sets.push(set) - 1;
  }

  #choice(items: readonly RegexNode[], emit: (item: RegexNode) => void): void {
    const jumps: number[] = [];
    for (let i = 0; i < items.length; i++) {
      if (i === items.length - 1) {
        emit(items[i]);
        break;
      }
      const split = this.#emit(OP_SPLIT, this.#here + 1);
      emit(items[i]);
      jumps.push(this.#emit(OP_JUMP));
      this.#b[split] = this.#here;
    }
    for (const jump of jumps) this.#a[jump] = this.#here;
  }

  #behind(body: RegexNode): void {
    this.#choice(body.kind === "choice" ? body.items : [body], (branch) => {
      this.#emit(OP_STEP_BACK, widths(branch)[0]);
      this.#node(branch);
    });
  }

  #enclosed(op: number, b: number, body: () => void): void {
    const start = this.#emit(op, 0, b);
    body();
    this.#emit(OP_DONE);
    this.#a[start] = this.#here;
  }

  #repeat(body: RegexNode, min: number, max: number, lazy: boolean): void {
    for (let i = 0; i < min; i++) this.#node(body);
    if (max === Infinity) {
      this.#loop(body, lazy);
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) {
      splits.push(this.#emit(OP_SPLIT));
      this.#node(body);
    }
    for (const split of splits) this.#branch(split, split + 1, this.#here, lazy);
  }

  /** A loop that leaves when an iteration matched nothing. */
  #loop(body: RegexNode, lazy: boolean): void {
    const split = this.#emit(OP_SPLIT);
    const nullable = widths(body)[0] === 0;
    const register = nullable ? this.#registers++ : -1;
    if (nullable) this.#emit(OP_SAVE, register);
    this.#node(body);
    const check = nullable ? this.#emit(OP_PROGRESS, register) : -1;
    this.#emit(OP_JUMP, split);
    if (nullable) this.#b[check] = this.#here;
    this.#branch(split, split + 1, this.#here, lazy);
  }

  #branch(split: number, body: number, end: number, lazy: boolean): void {
    this.#a[split] = lazy ? end : body;
    this.#b[split] = lazy ? body : end;
  }
}

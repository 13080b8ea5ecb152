// Variables of the process in shared memory: all threads, limits, locks of the dead.
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../base/mod.ts";
import { MOST_VARIABLES, SharedVariables, type VariableValue } from "./process_variables.ts";

const STR = 4;
const SINT = 1;

function text(value: string): VariableValue {
  const bytes = Uint8Array.from(value, (c) => c.charCodeAt(0));
  return { type: STR, num: 0, bytes, from: 0, to: bytes.length };
}

function integer(num: number | bigint): VariableValue {
  return { type: SINT, num, bytes: new Uint8Array(0), from: 0, to: 0 };
}

function read(variables: SharedVariables, row: number): string | number | bigint | null {
  const into = integer(0);
  if (!variables.get(row, into)) return null;
  return into.type === STR ? String.fromCharCode(...into.bytes.subarray(into.from, into.to)) : into.num;
}

function threads(limit = 0): { segment: SharedArrayBuffer; one: SharedVariables; two: SharedVariables } {
  const segment = SharedVariables.allocate();
  return { segment, one: new SharedVariables(segment, 1, limit), two: new SharedVariables(segment, 2, limit) };
}

Deno.test("VAR-01 proc variables: what one thread sets the other reads, by one number for each name", () => {
  const { one, two } = threads();
  const a = one.row("a");
  const b = two.row("b.c");
  assertEquals([two.row("a"), one.row("b.c"), one.find("b.c"), one.find("b")], [a, b, b, -1]);
  assertEquals(read(two, a), null);
  for (const value of ["green", "", "x".repeat(5000), "short", "\0\xff"]) {
    assert(one.set(a, text(value), value.length));
    assertEquals([read(two, a), read(one, a), read(two, b)], [value, value, null]);
  }
  for (const value of [0, -1, 2 ** 40, -(2 ** 52), 2n ** 63n - 1n, -(2n ** 63n), 2 ** 31, -5_000_000_000]) {
    assert(two.set(a, integer(value), 0));
    assertEquals(read(one, a), value);
  }
  two.unset(a);
  assertEquals([read(one, a), read(two, a)], [null, null]);
  for (let i = 2; i < MOST_VARIABLES; i++) assertEquals(one.row(`v${i}`), i);
  assertEquals(two.row("one too many"), -1);
  assertEquals([two.set(-1, text("x"), 1), read(two, -1)], [false, null]);
});

Deno.test("VAR-01 proc variables: random values of many sizes; blocks come back", () => {
  const { one, two } = threads();
  const random = new Prng(5);
  const model: (string | null)[] = new Array(20).fill(null);
  for (let step = 0; step < 4000; step++) {
    const row = random.below(20);
    const [writer, reader] = random.chance(0.5) ? [one, two] : [two, one];
    if (random.chance(0.1)) {
      writer.unset(row);
      model[row] = null;
    } else {
      const value = String(step % 10).repeat(random.below(random.chance(0.1) ? 5000 : 300));
      assert(writer.set(row, text(value), value.length), `step ${step}`);
      model[row] = value;
    }
    const other = random.below(20);
    assertEquals(read(reader, other)?.toString(), model[other] ?? undefined, `step ${step}`);
  }
});

Deno.test("VAR-01 tune.vars.proc-max-size counts all threads, and what a dead one held comes back", () => {
  const { segment, one, two } = threads(100);
  const main = new SharedVariables(segment, 0, 100);
  assert(one.set(0, text("x".repeat(60)), 60));
  assertEquals(two.set(1, text("x".repeat(41)), 41), false);
  assertEquals(read(two, 1), null);
  assert(two.set(1, text("x".repeat(40)), 40));
  assertEquals(two.account(1), false);
  one.unset(0);
  assertEquals([two.account(50), one.account(10), one.account(1)], [true, true, false]);
  assertEquals(main.used, 100);
  main.giveBack(2);
  assertEquals(main.used, 50);
  assertEquals(one.account(-10), true);
  assert(one.set(0, text("x".repeat(60)), 60));
  assert(one.set(0, integer(5), 0));
  assertEquals(main.used, 48);
});

Deno.test("VAR-01 a thread that dies while it writes: main frees its locks, the value is not set, the others go on", () => {
  const { segment, one, two } = threads(1000);
  const main = new SharedVariables(segment, 0, 1000);
  const row = one.row("a");
  assert(one.set(row, text("before"), 6));
  // A thread ends anywhere: its value's bytes cannot be read.
  const dying = text("after!");
  const broken = {
    ...dying,
    get bytes(): never {
      throw new Error("terminated");
    },
  } as unknown as VariableValue;
  try {
    two.set(row, broken, 6);
  } catch { /* terminated */ }
  main.giveBack(2);
  assertEquals(read(one, row), null);
  assertEquals(main.used, 0);
  assert(one.set(row, text("again"), 5));
  assertEquals([read(main, row), main.used], ["again", 5]);
});

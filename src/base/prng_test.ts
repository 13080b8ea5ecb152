import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Prng } from "./prng.ts";

function draws(seed: number, count: number): number[] {
  const prng = new Prng(seed);
  return Array.from({ length: count }, () => prng.u32());
}

Deno.test("prng: a seed gives one sequence, another seed another", () => {
  assertEquals(draws(7, 20), draws(7, 20));
  assertNotEquals(draws(7, 20), draws(8, 20));
  assertEquals(draws(1, 3), [393288148, 2174103013, 3814759091]);
});

Deno.test("prng: values are uniform enough and in range", () => {
  const prng = new Prng(42);
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const value = prng.below(10);
    assert(Number.isInteger(value) && value >= 0 && value < 10);
    counts[value]++;
  }
  for (const count of counts) assert(count > 9_500 && count < 10_500, `bucket of ${count}`);
  for (let i = 0; i < 1000; i++) {
    const value = prng.between(3, 5);
    assert(value >= 3 && value <= 5);
    const float = prng.float();
    assert(float >= 0 && float < 1);
  }
});

Deno.test("prng: chance, pick, fill", () => {
  const prng = new Prng(3);
  let hits = 0;
  for (let i = 0; i < 10_000; i++) if (prng.chance(0.25)) hits++;
  assert(hits > 2300 && hits < 2700, `${hits}`);
  assertEquals(prng.chance(0), false);
  assertEquals(prng.chance(1), true);
  assert(["a", "b"].includes(prng.pick(["a", "b"])));
  const bytes = new Uint8Array(256);
  prng.fill(bytes);
  assert(new Set(bytes).size > 100);
});

Deno.test("prng: a fork is independent of later draws of its parent", () => {
  const one = new Prng(5);
  const two = new Prng(5);
  const forkOne = one.fork();
  const forkTwo = two.fork();
  one.u32();
  assertEquals(forkOne.u32(), forkTwo.u32());
});

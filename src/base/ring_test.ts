import { assertEquals } from "@std/assert";
import { Prng } from "./prng.ts";
import { Ring } from "./ring.ts";

Deno.test("ring: agrees with an array under random pushes and shifts", () => {
  const prng = new Prng(1);
  const ring = new Ring<number>(50);
  const model: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const filling = Math.floor(i / 500) % 2 === 0 ? 0.7 : 0.3;
    if (prng.chance(filling)) {
      assertEquals(ring.push(i), model.length < 50);
      if (model.length < 50) model.push(i);
    } else {
      assertEquals(ring.shift(), model.shift());
    }
    assertEquals(ring.length, model.length);
    const place = prng.below(60);
    assertEquals(ring.at(place), model[place]);
  }
  assertEquals(ring.at(-1), undefined);
  ring.clear();
  assertEquals([ring.length, ring.shift(), ring.at(0)], [0, undefined, undefined]);
  ring.push(7);
  assertEquals(ring.shift(), 7);
});

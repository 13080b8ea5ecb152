import { assertEquals, assertThrows } from "@std/assert";
import { Prng } from "./prng.ts";
import { Slab, SLAB_MAX } from "./slab.ts";

Deno.test("slab: a handle finds its value until it is removed, and nothing afterwards", () => {
  const prng = new Prng(1);
  const slab = new Slab<string>(30);
  const live = new Map<number, string>();
  const dead = new Set<number>();
  for (let i = 0; i < 3000; i++) {
    if (prng.chance(0.55)) {
      const handle = slab.add(`v${i}`);
      assertEquals(handle === -1, live.size === 30);
      assertEquals(dead.has(handle) || live.has(handle), false);
      if (handle >= 0) live.set(handle, `v${i}`);
    } else if (live.size > 0) {
      const handle = prng.pick([...live.keys()]);
      assertEquals(slab.remove(handle), live.get(handle));
      live.delete(handle);
      dead.add(handle);
    }
    assertEquals(slab.size, live.size);
  }
  for (const [handle, value] of live) assertEquals(slab.get(handle), value);
  for (const handle of dead) assertEquals([slab.get(handle), slab.remove(handle)], [undefined, undefined]);
  assertEquals(new Set(slab.values()), new Set(live.values()));
  assertEquals(slab.get(12345), undefined);
});

Deno.test("slab: refuses a limit its handles cannot hold", () => {
  assertThrows(() => new Slab(SLAB_MAX + 1), Error, "limit");
});

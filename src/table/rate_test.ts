// Frequency counters: the last second, whatever thread asks.
import { assert, assertEquals } from "@std/assert";
import { Rate } from "./rate.ts";

function rate(): Rate {
  return new Rate(new Int32Array(new SharedArrayBuffer(16)), 0);
}

Deno.test("rate: events of a period, then what the last second still covers of it", () => {
  const r = rate();
  for (let i = 0; i < 10; i++) assertEquals(r.add(100 + i), i + 1);
  assertEquals(r.read(900), 10);
  // The period began at 0: half of it lies in the last second at 1500.
  assertEquals(r.read(1500), 5);
  assertEquals(r.add(1500), 6);
  assertEquals(r.read(1900), 2);
  assertEquals(r.read(2000), 1);
  assertEquals(r.read(4000), 0);
});

Deno.test("rate: a long silence starts a new period", () => {
  const r = rate();
  r.add(100, 50);
  assertEquals(r.add(60_000), 1);
  assertEquals(r.read(60_900), 1);
});

Deno.test("rate: clocks that differ a little, and the wrap of 32 bits", () => {
  const r = rate();
  const wrap = 2 ** 31 - 100;
  r.add(wrap);
  assertEquals(r.add(wrap - 40), 2, "a thread whose clock is behind");
  assertEquals(r.add(wrap + 500), 3, "beyond the largest signed integer");
  assertEquals(r.read(wrap + 600), 3);
  assertEquals(r.read(wrap + 5000), 0);
});

Deno.test("rate: after the delay one more event keeps within the limit, and not sooner", () => {
  for (const limit of [1, 3, 10, 1000]) {
    const r = rate();
    let now = 5000;
    const times: number[] = [];
    while (now < 12_000) {
      const delay = r.delay(now, limit);
      if (delay > 0) {
        assert(r.read(now + delay) < limit, `limit ${limit}: too many at ${now + delay}`);
        assert(r.read(now + delay - 1) >= limit, `limit ${limit}: waits too long at ${now}`);
        now += delay;
      } else {
        r.add(now);
        times.push(now);
      }
    }
    const perSecond = times.filter((t) => t >= 7000 && t < 12_000).length / 5;
    assert(Math.abs(perSecond - limit) <= Math.max(1, limit * 0.02), `limit ${limit}: ${perSecond} a second`);
  }
  assertEquals(rate().delay(1, 0), 0, "no limit");
});

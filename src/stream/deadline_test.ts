import { assertEquals } from "@std/assert";
import { Wheel } from "../base/mod.ts";
import { createSimWorld } from "../sys/sim/mod.ts";
import { WAKE_KILL, WAKE_TIMEOUT } from "../sys/types.ts";
import { Deadline } from "./deadline.ts";

function bench() {
  const world = createSimWorld();
  const wheel = new Wheel(world.main.clock);
  const woken: string[] = [];
  const deadline = new Deadline(wheel, (code) => woken.push(`${code} at ${Math.floor(world.core.time)}`));
  deadline.timeoutMs = 100;
  return { world, wheel, deadline, woken };
}

Deno.test("deadline: runs while something waits, from the last activity", async () => {
  const { world, deadline, woken } = bench();
  await world.advance(500);
  deadline.begin();
  await world.advance(60);
  deadline.activity();
  await world.advance(60);
  deadline.done();
  await world.advance(500);
  assertEquals(woken, []);
  deadline.begin();
  await world.advance(500);
  assertEquals(woken, [`${WAKE_TIMEOUT} at 1220`]);
  deadline.done();
});

Deno.test("deadline: with two waits the end of one is activity, and the other goes on waiting", async () => {
  const { world, deadline, woken } = bench();
  deadline.begin();
  deadline.begin();
  await world.advance(80);
  deadline.done();
  await world.advance(80);
  assertEquals(woken, []);
  await world.advance(80);
  assertEquals(woken, [`${WAKE_TIMEOUT} at 180`]);
});

Deno.test("deadline: a timeout of 0 is none, also when it is set in the middle", async () => {
  const { world, deadline, woken } = bench();
  deadline.begin();
  deadline.timeoutMs = 0;
  deadline.activity();
  await world.advance(1000);
  assertEquals(woken, []);
});

Deno.test("deadline: activity does not arm it while nothing waits", async () => {
  const { world, wheel, deadline, woken } = bench();
  deadline.activity();
  await world.advance(1000);
  assertEquals([woken.length, wheel.count], [0, 0]);
});

Deno.test("deadline: paused it waits without a limit, resumed it counts from then", async () => {
  const { world, deadline, woken } = bench();
  deadline.pause();
  deadline.begin();
  await world.advance(1000);
  assertEquals(woken, []);
  deadline.resume();
  await world.advance(1000);
  assertEquals(woken, [`${WAKE_TIMEOUT} at 1100`]);
});

Deno.test("deadline: who begins to wait after the stop is woken at once", () => {
  const { deadline, woken } = bench();
  deadline.stopped = WAKE_KILL;
  deadline.begin();
  assertEquals(woken, [`${WAKE_KILL} at 0`]);
});

Deno.test("deadline: cleared it forgets its waits and leaves no timer", async () => {
  const { world, wheel, deadline, woken } = bench();
  deadline.begin();
  deadline.clear();
  assertEquals(wheel.count, 0);
  await world.advance(1000);
  assertEquals(woken, []);
});

Deno.test("deadline: what is sent keeps a wait alive, but not that of an independent side", async () => {
  for (const independent of [false, true]) {
    const { world, deadline, woken } = bench();
    deadline.independent = independent;
    deadline.begin();
    await world.advance(60);
    deadline.sent();
    await world.advance(20);
    deadline.beginSend();
    await world.advance(10);
    deadline.doneSend();
    await world.advance(50);
    assertEquals(woken, independent ? [`${WAKE_TIMEOUT} at 100`] : []);
    await world.advance(50);
    deadline.done();
    assertEquals(woken.length, 1);
    // A send that waits alone has the time for itself.
    deadline.beginSend();
    await world.advance(150);
    assertEquals(woken.length, 2);
    deadline.doneSend();
  }
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Prng } from "./prng.ts";
import { Timer, Wheel } from "./wheel.ts";

/** A clock moved by the test; it fires like the runtime's: once, at or after the time asked for. */
class FakeClock {
  time = 0.25;
  armedAt = Infinity;
  arms = 0;
  #fire: () => void = () => {};

  now(): number {
    return this.time;
  }
  arm(at: number, fire: () => void): void {
    this.arms++;
    this.armedAt = at;
    this.#fire = fire;
  }
  disarm(): void {
    this.armedAt = Infinity;
  }
  /** Fires what was armed, moving the time to it. */
  next(lateMs = 0): void {
    this.time = Math.max(this.time, this.armedAt) + lateMs;
    this.armedAt = Infinity;
    this.#fire();
  }
  /** Moves the time, firing on the way. */
  advance(to: number): void {
    while (this.armedAt <= to) this.next();
    this.time = Math.max(this.time, to);
  }
}

function setUp(start = 0.25) {
  const clock = new FakeClock();
  clock.time = start;
  const wheel = new Wheel(clock);
  const fired: string[] = [];
  const timer = (name: string) => new Timer(name, (t) => fired.push(`${t.owner}@${clock.time}`));
  return { clock, wheel, fired, timer };
}

Deno.test("wheel: fires once, never early, within a tick", () => {
  const { clock, wheel, fired, timer } = setUp();
  const a = timer("a");
  wheel.arm(a, 10.5);
  assertEquals(a.armed, true);
  clock.advance(10.9);
  assertEquals(fired, []);
  clock.advance(5000);
  assertEquals(fired, ["a@11"]);
  assertEquals(a.armed, false);
  assertEquals(wheel.count, 0);
});

Deno.test("wheel: every distance, from a tick to beyond the last level", () => {
  for (const start of [0.25, 31, 1023.9, 32768, 2 ** 31 + 5, 2 ** 40 + 0.5]) {
    const { clock, wheel, fired, timer } = setUp(start);
    const want: string[] = [];
    for (
      const delay of [
        0,
        0.1,
        1,
        31,
        32,
        33,
        1023,
        1024,
        1025,
        32767,
        32768,
        2 ** 20,
        2 ** 25,
        2147483647,
        2 ** 35,
        2 ** 36 + 3,
      ]
    ) {
      wheel.arm(timer(String(delay)), start + delay);
      want.push(`${delay}@${Math.max(Math.ceil(start + delay), Math.floor(start) + 1)}`);
    }
    clock.advance(start + 2 ** 37);
    assertEquals(fired, want);
  }
});

Deno.test("wheel: a cancelled timer never fires and can be armed again", () => {
  const { clock, wheel, fired, timer } = setUp();
  const a = timer("a");
  wheel.cancel(a);
  wheel.arm(a, 50);
  clock.advance(49);
  wheel.cancel(a);
  wheel.cancel(a);
  assertEquals(wheel.count, 0);
  clock.advance(100);
  assertEquals(fired, []);
  wheel.arm(a, 120);
  clock.advance(200);
  assertEquals(fired, ["a@120"]);
});

Deno.test("wheel: extending a deadline does not touch the clock", () => {
  const { clock, wheel, fired, timer } = setUp();
  const a = timer("a");
  wheel.arm(a, 30_000);
  const arms = clock.arms;
  for (let at = 30_001; at < 60_000; at += 7) wheel.arm(a, at);
  assertEquals(clock.arms, arms);
  assertEquals(wheel.count, 1);
  wheel.arm(a, 60_000);
  clock.advance(59_999);
  assertEquals(fired, []);
  clock.advance(60_000);
  assertEquals(fired, ["a@60000"]);
});

Deno.test("wheel: a nearer deadline moves the clock", () => {
  const { clock, wheel, fired, timer } = setUp();
  const a = timer("a");
  wheel.arm(a, 30_000);
  wheel.arm(a, 5);
  clock.advance(20);
  assertEquals(fired, ["a@5"]);
});

Deno.test("wheel: a deadline in the past fires in a later turn", () => {
  const { clock, wheel, fired, timer } = setUp(100);
  wheel.arm(timer("a"), 3);
  assertEquals(fired, []);
  clock.next();
  assertEquals(fired, ["a@101"]);
});

Deno.test("wheel: arming and cancelling from within fire()", () => {
  const { clock, wheel, fired, timer } = setUp();
  const victim = timer("victim");
  const moved = timer("moved");
  let rounds = 0;
  const again = new Timer("again", (t) => {
    fired.push(`again@${clock.time}`);
    wheel.cancel(victim);
    wheel.arm(moved, 77);
    if (++rounds < 3) wheel.arm(t, clock.now());
  });
  wheel.arm(again, 10);
  wheel.arm(victim, 10);
  wheel.arm(moved, 10);
  clock.advance(200);
  assertEquals(fired, ["again@10", "again@11", "again@12", "moved@77"]);
  assertEquals(wheel.count, 0);
});

Deno.test("wheel: one that always arms itself for now does not hold the turn", () => {
  const { clock, wheel } = setUp();
  let fires = 0;
  wheel.arm(
    new Timer(null, (t) => {
      fires++;
      wheel.arm(t, clock.now());
    }),
    5,
  );
  clock.next();
  assertEquals(fires, 1);
});

Deno.test("wheel: a callback that throws does not lose the others", () => {
  const { clock, wheel, fired, timer } = setUp();
  wheel.arm(
    new Timer(null, () => {
      throw new Error("bug");
    }),
    10,
  );
  wheel.arm(timer("same tick"), 10);
  wheel.arm(timer("later"), 20);
  assertThrows(() => clock.advance(50), Error, "bug");
  clock.advance(50);
  assertEquals(fired, ["same tick@10", "later@20"]);
});

Deno.test("wheel: a late clock fires all that is due, in order of ticks", () => {
  const { clock, wheel, fired, timer } = setUp();
  for (const at of [400, 3, 90, 5000, 70]) wheel.arm(timer(String(at)), at);
  clock.next(997);
  assertEquals(fired, ["3@1000", "70@1000", "90@1000", "400@1000"]);
  clock.advance(6000);
  assertEquals(fired.at(-1), "5000@5000");
});

Deno.test("wheel: closed, it never arms the clock again", () => {
  const { clock, wheel, fired, timer } = setUp();
  wheel.arm(timer("a"), 10);
  wheel.close();
  wheel.arm(timer("b"), 5);
  assertEquals(clock.armedAt, Infinity);
  assertEquals(fired, []);
});

Deno.test("wheel: refuses a time that is not finite", () => {
  const { wheel, timer } = setUp();
  assertThrows(() => wheel.arm(timer("a"), Infinity), Error, "finite");
  assertThrows(() => wheel.arm(timer("a"), NaN), Error, "finite");
});

/** Random arming, moving, cancelling and jumps of time, compared with a map from timer to deadline. */
function compareWithModel(seed: number): void {
  const prng = new Prng(seed);
  const clock = new FakeClock();
  clock.time = prng.chance(0.3) ? 2 ** 31 - 500 + prng.float() * 1000 : prng.float() * 1e6;
  const wheel = new Wheel(clock);
  const model = new Map<number, number>();
  const latest = [1, 40, 1100, 40_000, 2e6][prng.below(5)];
  const act = (id: number) => {
    if (prng.chance(0.25)) {
      wheel.cancel(timers[id]);
      model.delete(id);
    } else {
      const at = clock.time + prng.float() * prng.float() * latest - (prng.chance(0.05) ? 5 : 0);
      wheel.arm(timers[id], at);
      model.set(id, at);
    }
  };
  const timers = Array.from({ length: 20 }, (_, id) =>
    new Timer(id, () => {
      const at = model.get(id);
      assert(at !== undefined, `seed ${seed}: timer ${id} fired though not armed`);
      assert(at <= clock.time, `seed ${seed}: timer ${id} fired early`);
      model.delete(id);
      if (prng.chance(0.3)) act(prng.below(timers.length));
    }));
  for (let step = 0; step < 300; step++) {
    act(prng.below(timers.length));
    if (prng.chance(0.4) && clock.armedAt < Infinity) clock.next(prng.chance(0.2) ? prng.float() * latest : 0);
    if (prng.chance(0.1)) clock.advance(clock.time + prng.float() * latest);
    assertEquals(wheel.count, model.size, `seed ${seed}`);
    for (const [id, at] of model) {
      assertEquals(timers[id].at, at);
      assert(
        clock.armedAt <= Math.max(Math.ceil(at), Math.floor(clock.time) + 1),
        `seed ${seed}: timer ${id} forgotten`,
      );
    }
  }
  clock.advance(clock.time + 3 * latest + 10);
  assertEquals(model.size > 0 && clock.armedAt === Infinity, false);
}

Deno.test("wheel: agrees with a naive model under 300 seeds", () => {
  for (let seed = 1; seed <= 300; seed++) compareWithModel(seed);
});

// Idle connections: which request may use which, how many are kept, and for how long.
import { assert, assertEquals } from "@std/assert";
import { Wheel } from "../base/mod.ts";
import { createSimWorld } from "../sys/sim/mod.ts";
import { layoutOf, SERVER, serverWord, Shared } from "../table/mod.ts";
import { GlobalConfig } from "./global.ts";
import { IdleConnections } from "./idle_connections.ts";
import { type Idle, Pool, type PoolLimits } from "./pool.ts";

class FakeIdle implements Idle {
  place: object | null = null;
  isPrivate = false;
  closed = false;
  usableNow = true;

  constructor(readonly requests = 1, readonly connName = "") {}

  usable(): boolean {
    return this.usableNow;
  }

  close(): void {
    this.closed = true;
  }

  wasReset = false;
  reset(): void {
    this.wasReset = true;
  }
}

const LIMITS: PoolLimits = { reuse: "always", maxConn: -1, purgeDelayMs: 5000, maxReuse: -1 };

function setUp(limits: Partial<PoolLimits> = {}, lanes = 1) {
  const world = createSimWorld();
  const layout = layoutOf({ threads: lanes, proxies: ["b"], servers: ["b/s"], listeners: [] });
  const buffer = Shared.allocate(layout);
  const word = serverWord(layout, 0) + SERVER.idle;
  const global = new GlobalConfig();
  global.maxconn = 1000;
  const pools = Array.from({ length: lanes }, (_, i) => {
    const { clock } = world.thread(i + 1);
    const shared = new Shared(buffer, layout, i + 1);
    const idle = new IdleConnections(shared, global);
    return new Pool(new Wheel(clock), { ...LIMITS, ...limits }, shared.gauge(word), idle);
  });
  return { world, pools, pool: pools[0], idle: () => new Shared(buffer, layout, 0).load(word) };
}

const session = { ownIdle: 0, maxOwnIdle: 5 };
const other = { ownIdle: 0, maxOwnIdle: 5 };

Deno.test("REUSE-01 never: a session keeps its own connections, nobody else gets them", () => {
  const { pool, idle } = setUp({ reuse: "never" });
  const a = new FakeIdle(3);
  assert(pool.put(a, session));
  assertEquals(pool.take(other, false, true, ""), null);
  assertEquals(pool.take(session, false, false, ""), a);
  assert(pool.put(a, session));
  pool.endSession(session);
  assertEquals([a.closed, pool.size, idle()], [true, 0, 0]);
});

Deno.test("REUSE-01 safe: not for the first request of a session, unless it can be retried", () => {
  const { pool } = setUp({ reuse: "safe" });
  const a = new FakeIdle(5);
  pool.put(a, session);
  assertEquals(pool.take(other, true, false, ""), null);
  assertEquals(pool.take(other, false, false, ""), a);
  pool.put(a, session);
  assertEquals(pool.take(other, true, true, ""), a, "REUSE-02: retry-on covers it");
});

Deno.test("REUSE-01 aggressive: first requests only over connections that were reused before", () => {
  const { pool } = setUp({ reuse: "aggressive" });
  const fresh = new FakeIdle(1);
  const proven = new FakeIdle(2);
  pool.put(proven, session);
  pool.put(fresh, session);
  assertEquals(pool.take(other, true, false, ""), proven);
  assertEquals(pool.take(other, true, false, ""), null);
  assertEquals(pool.take(other, false, false, ""), fresh);
});

Deno.test("REUSE-01 always: any connection, the one used last first; a dead one is closed on the way", () => {
  const { pool, idle } = setUp();
  const [a, b, c] = [new FakeIdle(), new FakeIdle(), new FakeIdle()];
  for (const i of [a, b, c]) pool.put(i, session);
  c.usableNow = false;
  assertEquals(idle(), 3);
  assertEquals(pool.take(other, true, false, ""), b);
  assertEquals([c.closed, pool.size, idle()], [true, 1, 1]);
  pool.closed(a);
  assertEquals([a.closed, pool.size, idle()], [true, 0, 0]);
  pool.closed(a);
  assertEquals(idle(), 0, "told twice");
});

Deno.test("REUSE-03 a connection is only used under the name it was made for", () => {
  const { pool } = setUp();
  const a = new FakeIdle(1, "a.example");
  pool.put(a, session);
  assertEquals(pool.take(other, false, false, "b.example"), null);
  assertEquals(pool.take(other, false, false, ""), null);
  assertEquals(pool.take(other, false, false, "a.example"), a);
});

Deno.test("REUSE-03 among connections of many names each is found, and none is left when it is taken out", () => {
  const { pool, idle } = setUp();
  const all = Array.from({ length: 30 }, (_, i) => new FakeIdle(1 + i % 2, `n${i % 7}`));
  for (const i of all) pool.put(i, session);
  for (const i of all.filter((_, n) => n % 3 === 0)) pool.closed(i);
  assertEquals([pool.size, idle()], [20, 20]);
  const left = all.filter((i) => !i.closed);
  for (const i of left.toReversed()) {
    const taken = pool.take(other, false, false, i.connName);
    assertEquals(taken?.connName, i.connName);
  }
  assertEquals([pool.size, idle()], [0, 0]);
  assertEquals(pool.take(other, false, false, "n1"), null);
});

Deno.test("REUSE-01 a private connection is its session's, is no part of the limits, and bounded for each session", () => {
  const { pool, idle } = setUp({ maxConn: 1 });
  const mine = { ownIdle: 0, maxOwnIdle: 2 };
  const privates = Array.from({ length: 3 }, () => new FakeIdle());
  for (const p of privates) p.isPrivate = true;
  assertEquals(privates.map((p) => pool.put(p, mine)), [true, true, false]);
  assert(pool.put(new FakeIdle(), mine));
  assertEquals([pool.size, idle(), mine.ownIdle, pool.owns(mine), pool.owns(other)], [3, 1, 2, true, false]);
  assertEquals(pool.drop(5), 1, "they are not given up for others");
  assertEquals(pool.take(other, false, true, ""), null);
  assertEquals(pool.take(mine, true, false, ""), privates[1], "also for a first request");
  pool.closed(privates[0]);
  assertEquals([mine.ownIdle, pool.owns(mine), pool.size], [0, false, 0]);
});

Deno.test("REUSE-04 pool-max-conn counts the idle connections of all threads", () => {
  const { pools, idle } = setUp({ maxConn: 3 }, 2);
  assert(pools[0].put(new FakeIdle(), session));
  assert(pools[0].put(new FakeIdle(), session));
  assert(pools[1].put(new FakeIdle(), session));
  assert(!pools[1].put(new FakeIdle(), session));
  assertEquals(idle(), 3);
  pools[0].take(session, false, false, "");
  assert(pools[1].put(new FakeIdle(), session));
  const none = setUp({ maxConn: 0 });
  assert(!none.pool.put(new FakeIdle(), session));
});

Deno.test("REUSE-04 max-reuse: a connection that served often enough is not kept", () => {
  const { pool } = setUp({ maxReuse: 2 });
  assert(pool.put(new FakeIdle(1), session));
  assert(pool.put(new FakeIdle(2), session));
  assert(!pool.put(new FakeIdle(3), session), "the first request and two reuses");
  assert(!setUp({ maxReuse: 0 }).pool.put(new FakeIdle(1), session));
});

Deno.test("REUSE-04 pool-purge-delay: each interval half of what nobody needed is closed", async () => {
  const { pool, world, idle } = setUp({ purgeDelayMs: 1000 });
  const all = Array.from({ length: 8 }, () => new FakeIdle());
  for (const i of all) pool.put(i, session);
  await world.advance(1990);
  assertEquals(idle(), 8, "they have to be idle for a whole interval");
  await world.advance(20);
  assertEquals(idle(), 4);
  assert(all.slice(0, 4).every((i) => i.closed) && !all[4].closed, "those used longest ago");
  await world.advance(1000);
  assertEquals(idle(), 2);
  await world.advance(3000);
  assertEquals(idle(), 0);
  assertEquals(setUp({ purgeDelayMs: 0 }).pool.put(new FakeIdle(), session), false, "0 keeps none");
});

Deno.test("REUSE-04 connections that were needed meanwhile are not purged", async () => {
  const { pool, world } = setUp({ purgeDelayMs: 1000 });
  for (let i = 0; i < 4; i++) pool.put(new FakeIdle(), session);
  // All four are in use at once in every interval.
  for (let second = 0; second < 5; second++) {
    await world.advance(500);
    const used = Array.from({ length: 4 }, () => pool.take(session, false, false, "")!);
    for (const i of used) pool.put(i, session);
    await world.advance(500);
  }
  assertEquals(pool.size, 4);
  pool.clear();
  assertEquals(pool.size, 0);
});

Deno.test("PROC-09 at the end of the process idle connections are reset, shared and private ones", () => {
  const { pool } = setUp();
  const shared = [new FakeIdle(), new FakeIdle(1, "a")];
  const own = new FakeIdle();
  own.isPrivate = true;
  for (const idle of [...shared, own]) assert(pool.put(idle, session));
  pool.end();
  assertEquals([...shared, own].map((idle) => [idle.wasReset, idle.closed]), Array(3).fill([true, false]));
  assertEquals(pool.size, 0);
});

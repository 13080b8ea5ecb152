// Slots and queues of servers and backends, in one thread and across threads.
import { assert, assertEquals } from "@std/assert";
import { ProxyFixture, txn } from "../../tests/conformance/proxy_fixture.ts";
import { C, SERVER } from "../table/mod.ts";
import { WAKE_PEER } from "../sys/types.ts";
import type { Proxy } from "./proxy.ts";
import { Server } from "./server.ts";
import { ASSIGN_NO_SERVER, ASSIGN_QUEUE_FULL, ASSIGN_QUEUE_TIMEOUT, type Waiter } from "./waiter.ts";

const BACKEND = (lines: string) => `backend be\n timeout queue 1s\n timeout connect 5s\n${lines}`;

/** A stream: its waiter and what it was given. */
interface Asked {
  readonly waiter: Waiter;
  result: Server | number | null;
}

/** Asks for a server; the result appears when it is known. */
function ask(fixture: ProxyFixture, thread = 1, more: (w: Waiter) => void = () => {}): Asked {
  const proxy: Proxy = fixture.backend("be", thread);
  const waiter = fixture.waiter(thread);
  more(waiter);
  const asked: Asked = { waiter, result: null };
  const result = proxy.assign(txn(), waiter);
  if (result instanceof Promise) result.then((r) => asked.result = r);
  else asked.result = result;
  return asked;
}

function nameOf(asked: Asked): string {
  return asked.result instanceof Server ? asked.result.name : String(asked.result);
}

async function settle(fixture: ProxyFixture): Promise<void> {
  await fixture.world.advance(0);
}

Deno.test("QUE-01 maxconn: at most so many streams at once, the others wait and go in order", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 2\n"));
  const asked = Array.from({ length: 5 }, () => ask(f));
  assertEquals(asked.map(nameOf), ["s1", "s1", "null", "null", "null"]);
  const server = f.server("be/s1");
  assertEquals([server.served, f.backend().queued, f.backend().queue.length], [2, 3, 3]);
  for (let next = 2; next < 5; next++) {
    server.release(asked[next - 2].waiter);
    await settle(f);
    assertEquals(asked.map(nameOf).filter((n) => n === "s1").length, next + 1);
    assertEquals(nameOf(asked[next]), "s1");
    assertEquals(server.served, 2);
  }
  server.release(asked[3].waiter);
  server.release(asked[4].waiter);
  assertEquals([server.served, f.backend().queued, server.streams.length], [0, 0, 0]);
  assertEquals(server.counters.total(C.smax), 2);
  assertEquals(server.counters.total(C.stot), 5);
  assertEquals(f.backend().back.total(C.qmax), 3);
});

Deno.test("QUE-01 a newcomer does not overtake who waits, and gets a free slot when nobody does", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n server s2 127.0.0.1:80 maxconn 1\n"));
  const [a, b, c, d] = Array.from({ length: 4 }, () => ask(f));
  f.server(`be/${nameOf(a)}`).release(a.waiter);
  await settle(f);
  assertEquals(nameOf(c), nameOf(a));
  assertEquals(d.result, null);
  d.waiter.wake(WAKE_PEER);
  f.server(`be/${nameOf(b)}`).release(b.waiter);
  await settle(f);
  assertEquals(d.result, WAKE_PEER);
  const e = ask(f);
  assertEquals(nameOf(e), nameOf(b));
});

Deno.test("QUE-01 minconn and fullconn: the limit follows the load of the backend", () => {
  const f = new ProxyFixture(BACKEND(" fullconn 100\n server s1 127.0.0.1:80 minconn 10 maxconn 50\n"));
  const backend = f.backend();
  const server = f.server("be/s1");
  const slots = (streams: number) => {
    backend.beConns.add(streams - backend.beConns.value);
    return server.slots;
  };
  assertEquals([1, 20, 21, 50, 99, 100, 500].map(slots), [10, 10, 10, 25, 49, 50, 50]);
});

Deno.test("QUE-03 timeout queue: who waited too long gets no server, and holds nothing", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n"));
  const a = ask(f);
  const b = ask(f);
  await f.world.advance(990);
  assertEquals(b.result, null);
  await f.world.advance(20);
  assertEquals(b.result, ASSIGN_QUEUE_TIMEOUT);
  assertEquals([f.backend().queued, f.server("be/s1").served], [0, 1]);
  assert(!b.waiter.wake(WAKE_PEER), "it does not wait any more");
  f.server("be/s1").release(a.waiter);
  assertEquals(f.server("be/s1").served, 0);
});

Deno.test("QUE-03 timeout queue also ends the wait for one server", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n server s2 127.0.0.1:80\n"));
  const wants = (w: Waiter) => w.wanted = f.server("be/s1");
  ask(f, 1, wants);
  const b = ask(f, 1, wants);
  await f.world.advance(1010);
  assertEquals([b.result, f.server("be/s1").queued], [ASSIGN_QUEUE_TIMEOUT, 0]);
});

Deno.test("QUE-03 timeout connect stands in for timeout queue", async () => {
  const f = new ProxyFixture("backend be\n timeout connect 300\n server s1 127.0.0.1:80 maxconn 1\n");
  ask(f);
  const b = ask(f);
  await f.world.advance(310);
  assertEquals(b.result, ASSIGN_QUEUE_TIMEOUT);
});

Deno.test("QUE-03 maxqueue: persistent streams go elsewhere when the queue is full, hashed ones are refused", async () => {
  const f = new ProxyFixture(
    BACKEND(" server s1 127.0.0.1:80 maxconn 1 maxqueue 1\n server s2 127.0.0.1:80 maxconn 1\n"),
  );
  const wants = (w: Waiter) => w.wanted = f.server("be/s1");
  const [a, b, c] = Array.from({ length: 3 }, () => ask(f, 1, wants));
  assertEquals([nameOf(a), nameOf(b), nameOf(c)], ["s1", "null", "s2"]);
  const d = ask(f, 1, wants);
  assertEquals(d.result, null, "both are full: it waits for any");
  f.server("be/s2").release(c.waiter);
  await settle(f);
  assertEquals(nameOf(d), "s2");
  f.server("be/s1").release(a.waiter);
  await settle(f);
  assertEquals(nameOf(b), "s1");

  const hashed = new ProxyFixture(
    BACKEND(
      " balance source\n server s1 127.0.0.1:80 maxconn 1 maxqueue 1\n server s2 127.0.0.1:80 maxconn 1 maxqueue 1\n",
    ),
  );
  const [x, y, z] = Array.from({ length: 3 }, () => ask(hashed));
  assert(x.result instanceof Server);
  assertEquals([y.result, z.result], [null, ASSIGN_QUEUE_FULL]);
});

Deno.test("QUE-03 a stream waits for the server its hash says, not for any", async () => {
  const f = new ProxyFixture(
    BACKEND(" balance source\n server s1 127.0.0.1:80 maxconn 1\n server s2 127.0.0.1:80 maxconn 9\n"),
  );
  const [a, b] = [ask(f), ask(f)];
  const home = a.result as Server;
  if (home.maxconn === 1) {
    assertEquals([b.result, home.queue.length], [null, 1]);
    home.release(a.waiter);
    await settle(f);
  }
  assertEquals(b.result, home);
});

Deno.test("QUE-03 the positions that logs tell", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n"));
  const asked = Array.from({ length: 4 }, () => ask(f));
  for (let i = 0; i < 3; i++) {
    f.server("be/s1").release(asked[i].waiter);
    await settle(f);
  }
  assertEquals(asked.map((a) => a.waiter.backendQueue), [0, 1, 2, 3]);
  const f2 = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n"));
  const wants = (w: Waiter) => w.wanted = f2.server("be/s1");
  const two = Array.from({ length: 3 }, () => ask(f2, 1, wants));
  for (let i = 0; i < 2; i++) {
    f2.server("be/s1").release(two[i].waiter);
    await settle(f2);
  }
  assertEquals(two.map((a) => a.waiter.serverQueue), [0, 1, 2]);
});

Deno.test("QUE-03 priorities: the lower class goes first, then the earlier time with its offset", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n"));
  const first = ask(f);
  const late = ask(f, 1, (w) => w.priorityClass = 10);
  await f.world.advance(5);
  const normal = ask(f);
  await f.world.advance(5);
  const early = ask(f, 1, (w) => w.priorityOffsetMs = -100);
  const urgent = ask(f, 1, (w) => w.priorityClass = -1);
  let holder = first;
  for (const next of [urgent, early, normal, late]) {
    f.server("be/s1").release(holder.waiter);
    await settle(f);
    assertEquals(nameOf(next), "s1");
    holder = next;
  }
});

Deno.test("QUE-04 threads: a slot goes to the oldest waiter, its own thread's first when they came together", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n"), { threads: 3 });
  const holder = ask(f, 1);
  const mine = ask(f, 1);
  const other = ask(f, 2);
  await f.world.advance(5);
  f.server("be/s1", 1).release(holder.waiter);
  await settle(f);
  assertEquals([nameOf(mine), nameOf(other)], ["s1", "null"], "both came at once");
  assertEquals(f.deliver(), 0);
  await f.world.advance(100);
  const younger = ask(f, 1);
  f.server("be/s1", 1).release(mine.waiter);
  await settle(f);
  assertEquals([nameOf(younger), nameOf(other)], ["null", "null"], "the slot is kept for the older one");
  assertEquals(ask(f, 3).result, null, "and nobody steals it");
  assert(f.deliver() > 0);
  await settle(f);
  assertEquals([nameOf(younger), nameOf(other)], ["null", "s1"]);
  assertEquals(f.server("be/s1", 3).served, 1);
});

Deno.test("QUE-04 threads: when the one that was told has no waiter any more, the next one gets the slot", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n"), { threads: 3 });
  const holder = ask(f, 1);
  const gone = ask(f, 2);
  await f.world.advance(30);
  const next = ask(f, 3);
  f.server("be/s1", 1).release(holder.waiter);
  gone.waiter.wake(WAKE_PEER);
  await settle(f);
  while (f.deliver() > 0) await settle(f);
  assertEquals([gone.result, nameOf(next)], [WAKE_PEER, "s1"]);
});

Deno.test("QUE-04 threads: who gives up waiting passes a free slot on, should the hint be lost", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 1\n"), { threads: 3 });
  const holder = ask(f, 1);
  const gone = ask(f, 2);
  await f.world.advance(30);
  const next = ask(f, 3);
  f.server("be/s1", 1).release(holder.waiter);
  f.nudges.length = 0;
  gone.waiter.wake(WAKE_PEER);
  while (f.deliver() > 0) await settle(f);
  await settle(f);
  assertEquals(nameOf(next), "s1");
});

Deno.test("QUE-04 threads: the slots and waiters of a dead thread are given back", async () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80 maxconn 2\n"), { threads: 2 });
  ask(f, 2);
  ask(f, 2);
  ask(f, 2);
  await f.world.advance(50);
  const mine = ask(f, 1);
  f.shared.giveBack(2);
  assertEquals([f.server("be/s1").served, f.backend().queued], [0, 1]);
  f.threads[0].proxies.nudged({ kind: "slot", server: 0 });
  await settle(f);
  assertEquals(nameOf(mine), "s1");
});

Deno.test("QUE-01 under every interleaving no slot is lost and no limit broken", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const f = new ProxyFixture(
      BACKEND(" server s1 127.0.0.1:80 maxconn 2\n server s2 127.0.0.1:80 maxconn 1\n"),
      { threads: 3, seed },
    );
    const { rand } = f.threads[0].sys;
    const live: { thread: number; asked: Asked }[] = [];
    let served = 0;
    for (let step = 0; step < 400; step++) {
      const roll = rand.u32() % 10;
      if (roll < 4) {
        const thread = 1 + rand.u32() % 3;
        live.push({ thread, asked: ask(f, thread) });
      } else if (roll < 8 && live.length > 0) {
        const [{ thread, asked }] = live.splice(rand.u32() % live.length, 1);
        if (asked.result instanceof Server) {
          f.server(`be/${asked.result.name}`, thread).release(asked.waiter);
          served++;
        } else if (asked.result === null) {
          asked.waiter.wake(WAKE_PEER);
        }
      } else if (roll === 8) {
        await f.world.advance(rand.u32() % 30);
      } else {
        f.deliver();
      }
      await settle(f);
      assert(f.server("be/s1").served <= 2 && f.server("be/s2").served <= 1, `seed ${seed}`);
    }
    // Liveness: once everybody who has a slot gives it back, everybody who waits gets one.
    for (let round = 0; live.length > 0 && round < 2000; round++) {
      const i = live.findIndex(({ asked }) => asked.result !== null);
      if (i >= 0) {
        const [{ thread, asked }] = live.splice(i, 1);
        if (asked.result instanceof Server) f.server(`be/${asked.result.name}`, thread).release(asked.waiter);
      }
      f.deliver();
      await settle(f);
    }
    assertEquals(live.length, 0, `seed ${seed}: somebody waits for ever`);
    assertEquals([f.server("be/s1").served, f.server("be/s2").served, f.backend().queued], [0, 0, 0], `seed ${seed}`);
    assert(served > 20, `${served}`);
  }
});

Deno.test("SRV-08 a server that goes down: its streams may be killed, its waiters go elsewhere", async () => {
  const f = new ProxyFixture(
    BACKEND(
      " option redispatch\n server s1 127.0.0.1:80 maxconn 1 check on-marked-down shutdown-sessions\n server s2 127.0.0.1:80 maxconn 1\n",
    ),
    { threads: 2 },
  );
  const killed: string[] = [];
  const holder = f.waiter(2, killed);
  holder.wanted = f.server("be/s1", 2);
  const result = f.backend("be", 2).assign(txn(), holder);
  assert(result instanceof Server && result.name === "s1");
  const waiting = ask(f, 2, (w) => w.wanted = f.server("be/s1", 2));
  assertEquals(waiting.result, null);
  f.change("be/s1", SERVER.health, 0);
  await settle(f);
  assertEquals(killed, ["D"]);
  assertEquals(nameOf(waiting), "s2");
  result.release(holder);
  f.change("be/s2", SERVER.admin, 1);
  assertEquals(ask(f, 1).result, ASSIGN_NO_SERVER);
});

Deno.test("SRV-08 backups: the first one when no other server is left, all of them with option allbackups", () => {
  const servers = " server s1 127.0.0.1:80 check\n server s2 127.0.0.1:80 backup\n server s3 127.0.0.1:80 backup\n";
  for (const [option, expected] of [["", ["s2"]], [" option allbackups\n", ["s2", "s3"]]] as const) {
    const f = new ProxyFixture(BACKEND(option + servers));
    assertEquals(nameOf(ask(f)), "s1");
    assertEquals(f.backend().usableServers, 1);
    f.change("be/s1", SERVER.health, 0);
    const got = new Set(Array.from({ length: 6 }, () => nameOf(ask(f))));
    assertEquals([...got].toSorted(), expected.slice());
    f.change("be/s1", SERVER.health, 4);
    assertEquals(nameOf(ask(f)), "s1");
  }
});

Deno.test("SRV-08 on-marked-up: streams of backups end when the server comes up", () => {
  const f = new ProxyFixture(
    BACKEND(" server s1 127.0.0.1:80 check on-marked-up shutdown-backup-sessions\n server s2 127.0.0.1:80 backup\n"),
  );
  f.change("be/s1", SERVER.health, 0);
  const killed: string[] = [];
  const waiter = f.waiter(1, killed);
  const got = f.backend().assign(txn(), waiter);
  assert(got instanceof Server && got.name === "s2");
  f.change("be/s1", SERVER.health, 4);
  assertEquals(killed, ["U"]);
});

Deno.test("SRV-08 drain and weight 0: no new streams, but those that insist", () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80\n server s2 127.0.0.1:80\n"));
  for (const [word, value, back] of [[SERVER.admin, 8, 0], [SERVER.weight, 0, 1]] as const) {
    f.change("be/s1", word, value);
    assertEquals(new Set(Array.from({ length: 6 }, () => nameOf(ask(f)))), new Set(["s2"]));
    assertEquals(nameOf(ask(f, 1, (w) => w.wanted = f.server("be/s1"))), "s1");
    f.change("be/s1", word, back);
    assertEquals(new Set(Array.from({ length: 6 }, () => nameOf(ask(f)))), new Set(["s1", "s2"]));
  }
});

Deno.test("REUSE-05 redispatch: another server than the one to avoid, when there is one", () => {
  const f = new ProxyFixture(BACKEND(" server s1 127.0.0.1:80\n server s2 127.0.0.1:80\n"));
  for (let i = 0; i < 8; i++) assertEquals(nameOf(ask(f, 1, (w) => w.avoid = f.server("be/s1"))), "s2");
  f.change("be/s2", SERVER.admin, 1);
  assertEquals(nameOf(ask(f, 1, (w) => w.avoid = f.server("be/s1"))), "s1");
});

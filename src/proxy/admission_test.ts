// Limits of client connections: of the process, of frontends, of listeners; and rates.
import { assert, assertEquals } from "@std/assert";
import { ProxyFixture } from "../../tests/conformance/proxy_fixture.ts";
import { C, PROCESS } from "../table/mod.ts";

const CONFIG = (global: string, frontend: string) =>
  `global\n${global}\nfrontend fe\n bind 127.0.0.1:80 name a\n bind 127.0.0.1:81 name b maxconn 2\n${frontend}\n` +
  `frontend f2\n bind 127.0.0.1:82\n`;

function parts(f: ProxyFixture, thread = 1, name = "fe") {
  const proxy = f.frontend(name, thread);
  return { proxy, admission: proxy.admission, a: proxy.listeners[0], b: proxy.listeners[1] };
}

/** Whether an accept loop would accept now; `woken` tells when it is to look again. */
function look(room: 0 | Promise<void>): { woken: boolean; free: boolean } {
  const state = { woken: false, free: room === 0 };
  if (room !== 0) room.then(() => state.woken = true);
  return state;
}

Deno.test("BIND-10 maxconn of a frontend: the excess waits, and is let in when a connection closes", async () => {
  const f = new ProxyFixture(CONFIG("", " maxconn 3"));
  const { admission, a, proxy } = parts(f);
  for (let i = 0; i < 3; i++) {
    assertEquals(admission.room(a), 0);
    assert(admission.enter(a));
  }
  const waiting = look(admission.room(a));
  assert(!waiting.free);
  assert(!admission.enter(a));
  assertEquals(proxy.feConns.value, 3);
  await f.world.advance(10);
  assert(!waiting.woken);
  admission.leave(a);
  await f.world.advance(0);
  assert(waiting.woken);
  assertEquals(admission.room(a), 0);
  assertEquals(proxy.front.total(C.smax), 3);
  assertEquals(proxy.front.total(C.conn_tot), 3);
  assertEquals(a.counters.total(C.stot), 3);
});

Deno.test("BIND-10 maxconn of a listener stops that one only", () => {
  const f = new ProxyFixture(CONFIG("", ""));
  const { admission, a, b, proxy } = parts(f);
  assert(admission.enter(b) && admission.enter(b));
  assert(admission.room(b) !== 0);
  assert(!admission.enter(b));
  assertEquals(admission.room(a), 0);
  assertEquals([b.conns.value, proxy.feConns.value, f.shared.load(PROCESS.conns)], [2, 2, 2], "refused is not counted");
});

Deno.test("GLOB-01 maxconn of the process counts all frontends", async () => {
  const f = new ProxyFixture(CONFIG(" maxconn 2", ""));
  const one = parts(f);
  const two = parts(f, 1, "f2");
  assert(one.admission.enter(one.a) && two.admission.enter(two.a));
  const waiting = look(one.admission.room(one.a));
  assert(!one.admission.enter(one.a) && !waiting.free);
  two.admission.leave(two.a);
  while (f.deliver() > 0 || !waiting.woken) await f.world.advance(100);
  assertEquals(one.admission.room(one.a), 0);
});

Deno.test("GLOB-01 a connection that closes in one thread lets another thread accept", async () => {
  const f = new ProxyFixture(CONFIG("", " maxconn 1"), { threads: 2 });
  const one = parts(f, 1);
  const two = parts(f, 2);
  assert(one.admission.enter(one.a));
  const waiting = look(two.admission.room(two.a));
  assert(!waiting.free && !two.admission.enter(two.a));
  one.admission.leave(one.a);
  await f.world.advance(0);
  assert(!waiting.woken);
  assert(f.deliver() > 0, "the other thread was told");
  await f.world.advance(0);
  assert(waiting.woken && two.admission.room(two.a) === 0 && two.admission.enter(two.a));
  assertEquals(one.proxy.feConns.value, 1);
});

Deno.test("GLOB-01 a hint that gets lost only delays", async () => {
  const f = new ProxyFixture(CONFIG("", " maxconn 1"), { threads: 2 });
  const one = parts(f, 1);
  const two = parts(f, 2);
  one.admission.enter(one.a);
  const waiting = look(two.admission.room(two.a));
  one.admission.leave(one.a);
  f.nudges.length = 0;
  await f.world.advance(1100);
  assert(waiting.woken);
});

Deno.test("BIND-10 rate-limit sessions: no more in a second, exactly when the rate allows again", async () => {
  const f = new ProxyFixture(CONFIG("", " rate-limit sessions 5"));
  const { admission, a, proxy } = parts(f);
  let accepted = 0;
  const end = f.world.core.time + 4000;
  while (f.world.core.time < end) {
    const room = admission.room(a);
    if (room !== 0) {
      await f.world.wait(room);
      continue;
    }
    assert(admission.enter(a));
    admission.leave(a);
    accepted++;
    await f.world.advance(1);
  }
  assert(accepted >= 20 && accepted <= 26, `${accepted}`);
  assertEquals(proxy.front.total(C.rate_max), 5);
});

Deno.test("GLOB-01 maxconnrate and maxsessrate stop all frontends", () => {
  for (const keyword of ["maxconnrate", "maxsessrate"]) {
    const f = new ProxyFixture(CONFIG(` ${keyword} 3`, ""));
    const one = parts(f);
    const two = parts(f, 1, "f2");
    for (let i = 0; i < 3; i++) {
      assertEquals(one.admission.room(one.a), 0, keyword);
      one.admission.enter(one.a);
    }
    assert(two.admission.room(two.a) !== 0, keyword);
  }
});

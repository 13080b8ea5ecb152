// What commands ask threads, on virtual time: a thread that stalls is named, one that dies is replaced and goes on.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { CLI, cli } from "./cli.ts";
import { get, play, type Scene, WEB } from "./scenario.ts";
import { startProxy } from "./proxy_world.ts";

const CONFIG = `
global
${CLI}
frontend web
    mode http
    timeout client 10s
    bind 10.0.0.1:80
    http-request return status 200
`;

const ALL = /^ {2}Thread 1 : id=0x1 act=0 .*\n.*stuck=0.*\n {2}Thread 2 : id=0x2 act=0 .*\n.*stuck=0.*\n\n$/;
const DEAD = /^ {2}Thread 1 : .*\n.*stuck=0.*\n> Thread 2 : .*\n.*stuck=1.*\n\n$/;

Deno.test("API-06 show threads: a thread that dies while it is asked is named at once; the next one answers", async () => {
  let named = 0;
  for (let after = 0; after < 0.5; after += 0.02) {
    const proxy = await startProxy({ config: CONFIG, threads: 2 });
    const { world } = proxy;
    const asked = cli(world, "show threads");
    world.core.after(world.core.nobody, after, () => world.kill(2));
    const started = world.core.time;
    const answer = await world.wait(asked);
    assert(world.core.time - started < 100, "a dead thread is not waited for");
    if (DEAD.test(answer)) named++;
    else assertMatch(answer, ALL);
    await world.advance(100);
    assertMatch(await world.wait(cli(world, "show threads")), ALL);
    proxy.process.softStop();
    assertEquals(await world.wait(proxy.process.ended), 0);
  }
  assert(named > 0, "no kill came between question and answer");
});

Deno.test("API-06 show activity: totals, a column a thread, or one of them", async () => {
  await play({ config: CONFIG.replace("global", ""), threads: 2 }, async (scene: Scene) => {
    const peers = await Promise.all(Array.from({ length: 6 }, () => scene.connect(WEB)));
    for (const peer of peers) {
      await peer.send(get("/"));
      await peer.until("\r\n\r\n");
    }
    const all = await cli(scene.world, "show activity");
    assertMatch(all, /^thread_id: 0 \(1\.\.2\)\ndate_now: \d+\.\d{6}\nsessions: 6 \[ \d \d \]\n/);
    const [, total, one, two] = /\naccepted: (\d+) \[ (\d+) (\d+) \]\n/.exec(all)!.map(Number);
    assertEquals([total, one + two], [6, 6]);
    assertMatch(all, /\nrequests: 6 \[ \d \d \]\n/);
    assertMatch(await cli(scene.world, "show activity 0"), /\naccepted: 6\n/);
    assertMatch(await cli(scene.world, "show activity 2"), new RegExp(`\\naccepted: ${two}\\n`));
    assertEquals(await cli(scene.world, "show activity 3"), "Thread number must be between -1 and 2.\n\n");
    assertEquals(await cli(scene.world, "clear counters"), "\n");
    assertMatch(await cli(scene.world, "show activity"), /\nsessions: 6 \[ \d \d \]\n(?:.*\n)*accepted: 0 \[ 0 0 \]\n/);
    for (const peer of peers) peer.close();
  });
});

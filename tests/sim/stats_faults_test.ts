// The statistics page in two threads, under faults of the network: whatever a client does, what it took is given back; what
// administrators change is the same in every thread.
import { assertEquals, assertMatch } from "@std/assert";
import { FAULTS_ALL } from "../../src/sys/sim/mod.ts";
import { startProxy } from "./proxy_world.ts";
import { defaults, get, Scene, web } from "./scenario.ts";
import { ask, STATS, stats, STATS_PROXY } from "./stats.ts";

const SEEDS = 20;
const CLIENTS = 6;

const FARM = Array.from({ length: 150 }, (_, i) => `    server s${i} 10.0.1.1:80`).join("\n");
const CONFIG = `global\n    log stdout format raw local0\n${defaults()}${web()}${STATS_PROXY}    stats admin if TRUE
backend farm\n${FARM}\n`;

/** One client: a page, a CSV, or a form; some leave in the middle. */
async function client(scene: Scene, kind: number): Promise<void> {
  const peer = await scene.world.connect(STATS);
  if (typeof peer === "number") return;
  const form = `s=s${kind}&s=s${kind + 10}&action=${kind % 2 === 0 ? "maint" : "drain"}&b=farm`;
  if (kind % 3 === 0) await peer.send(get("/", "1.1", "Connection: close\r\n"));
  else if (kind % 3 === 1) await peer.send(get("/;csv", "1.0"));
  else await peer.send(`POST / HTTP/1.0\r\nContent-Length: ${form.length}\r\n\r\n${form}`);
  if (kind % 4 === 1) {
    await peer.exactly(500);
    peer.reset();
    return;
  }
  await peer.rest();
  peer.close();
}

Deno.test("STATS-01 the page under faults, in two threads: nothing is left of it", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const proxy = await startProxy({ config: CONFIG, seed, threads: 2, faults: FAULTS_ALL });
    const scene = new Scene(proxy);
    // A connection that the network cut off without a word never ends for its client: nobody waits for them.
    for (let i = 0; i < CLIENTS; i++) void client(scene, i + seed);
    await proxy.world.advance(20_000);
    assertEquals(proxy.gauges(), [], `seed ${seed}`);
    await proxy.stop();
  }
});

Deno.test("STATS-01 two administrators at once, in two threads: both are obeyed, and every thread sees it", async () => {
  const proxy = await startProxy({ config: CONFIG, threads: 2 });
  const scene = new Scene(proxy);
  await proxy.world.wait((async () => {
    const act = (body: string) => ask(scene, "", `POST / HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const some = (from: number) => Array.from({ length: 75 }, (_, i) => `s=s${from + i}`).join("&");
    const answers = await Promise.all([act(`${some(0)}&action=maint&b=farm`), act(`${some(75)}&action=drain&b=farm`)]);
    for (const answer of answers) assertMatch(answer, /;st=DONE/);
    for (let i = 0; i < 4; i++) {
      const table = await stats(scene);
      const states = Array.from({ length: 150 }, (_, s) => table.get(`farm/s${s}`)!.status);
      assertEquals(states.filter((state) => state === "MAINT").length, 75);
      assertEquals(states.filter((state) => state === "DRAIN").length, 75);
    }
  })());
  await proxy.world.advance(5000);
  await proxy.stop().catch((error) => assertMatch(String(error), /no server available/));
});

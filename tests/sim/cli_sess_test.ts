// "show sess" and "shutdown session" on virtual time: two threads, filters, many streams, a client that does not read.
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { ADMIN, CLI, cli, open, USER } from "./cli.ts";
import { get, play, RAW, type Scene, WEB } from "./scenario.ts";

const CONFIG = `
${CLI}
defaults
    log global
    mode http
    option httplog
    timeout connect 3s
    timeout client 60s
    timeout server 50s
frontend web
    bind 10.0.0.1:80
    default_backend app
frontend raw
    mode tcp
    bind 10.0.0.1:81
    timeout client 0
    default_backend rawapp
backend app
    server s1 10.0.1.1:80
backend rawapp
    mode tcp
    timeout server 0
    server r 10.0.1.1:80
`;

/** A server that answers nothing. */
const silent = () => (peer: Peer) => peer.rest().then(() => {});

async function setUp(scene: Scene): Promise<{ web: Peer; raw: Peer }> {
  const web = await scene.connect(WEB);
  await web.send(get("/some/path?x=1"));
  await scene.sleep(2000);
  const raw = await scene.connect(RAW);
  await raw.send("hello");
  await scene.sleep(1000);
  return { web, raw };
}

/** The names of the frontends of the streams that a command shows. */
async function shown(scene: Scene, command: string): Promise<string[]> {
  const lines = (await cli(scene.world, command)).trimEnd().split("\n").filter((line) => line !== "");
  return lines.map((line) => / fe=(\w+) /.exec(line)?.[1] ?? line).sort();
}

Deno.test("API-21 show sess: a line a stream, as scripts know it", async () => {
  await play({ config: CONFIG, server: silent, threads: 2 }, async (scene) => {
    const idle = await scene.connect(WEB);
    const { web, raw } = await setUp(scene);
    const lines = (await cli(scene.world, "show sess show-uri")).split("\n").sort().filter((line) => line !== "");
    assertEquals(lines.length, 2, "a connection without a request is no stream");
    const common = "ts=00 epoch=0";
    const [first, second] = lines.map((line) => line.replace(/^0x[0-9a-f]+: /, "")).sort((a, b) => a < b ? -1 : 1);
    const byName = [first, second].sort((a, b) => (/fe=(\w+)/.exec(a)![1] < /fe=(\w+)/.exec(b)![1] ? -1 : 1));
    assertMatch(
      byName[0],
      new RegExp(`^proto=tcpv4 src=[\\d.]+:\\d+ fe=raw be=rawapp srv=r ${common} age=1s .* exp= rc=0 c_exp=$`),
    );
    assertMatch(
      byName[1],
      new RegExp(
        `^proto=tcpv4 src=[\\d.]+:\\d+ fe=web be=app srv=s1 ${common} age=3s .* rp\\[f=0h,i=0,an=00h,rx=4\\ds,wx=,ax=\\] .* uri="GET /some/path\\?x=1 HTTP/1.1"$`,
      ),
    );
    for (const peer of [idle, web, raw]) peer.close();
  });
});

Deno.test("API-21 show sess: filters by frontend, backend, server, age, and what seems to have no end", async () => {
  await play({ config: CONFIG, server: silent, threads: 2 }, async (scene) => {
    const { web, raw } = await setUp(scene);
    assertEquals(await shown(scene, "show sess"), ["raw", "web"]);
    assertEquals(await shown(scene, "show sess frontend web"), ["web"]);
    assertEquals(await shown(scene, "show sess backend rawapp"), ["raw"]);
    assertEquals(await shown(scene, "show sess server app/s1"), ["web"]);
    assertEquals(await shown(scene, "show sess older 2"), ["web"]);
    assertEquals(await shown(scene, "show sess older 500ms"), ["raw", "web"]);
    assertEquals(await shown(scene, "show sess older 1m"), []);
    assertEquals(await shown(scene, "show sess susp"), ["raw"]);
    assertEquals(await shown(scene, "show sess frontend web backend rawapp"), []);
    assertEquals(await shown(scene, "show sess frontend nobody"), ["No such frontend."]);
    assertEquals(await shown(scene, "show sess backend nobody"), ["No such backend."]);
    assertEquals(await shown(scene, "show sess server app/nobody"), ["No such server."]);
    assertEquals(await shown(scene, "show sess older x"), ["Invalid age 'x'."]);
    assertEquals(await shown(scene, "show sess older"), ["Missing argument of 'older'."]);
    assertEquals(await shown(scene, "show sess moon"), ["Unsupported option 'moon', try 'help' for more info."]);
    assertMatch(await cli(scene.world, "show sess help"), /^Usage: show sess .*\n/);
    assertEquals(await cli(scene.world, "show sess", USER), "Permission denied\n\n");
    web.close();
    raw.close();
  });
});

Deno.test("API-21 show sess <id> and all: several lines; shutdown session ends the stream, with the letter K", async () => {
  const { log } = await play({ config: CONFIG, server: silent, threads: 2 }, async (scene) => {
    const { web, raw } = await setUp(scene);
    const [line] = (await cli(scene.world, "show sess frontend web")).split("\n");
    const id = line.slice(0, line.indexOf(":"));
    assertMatch(id, /^0x[12]0000000\d$/);
    const long = await cli(scene.world, `show sess ${id}`);
    assertMatch(long, new RegExp(`^${id}: \\[\\d\\d/\\w{3}/\\d{4}:[\\d:.]+\\] id=\\d+ proto=tcpv4 source=`));
    assertMatch(long, /\n {2}frontend=web \(id=1 mode=http\), listener=\? \(id=1\) addr=10\.0\.0\.1:80\n/);
    assertMatch(long, /\n {2}backend=app \(id=3 mode=http\)\n {2}server=s1 \(id=1\) addr=10\.0\.1\.1:80\n/);
    assert(long.trimEnd().split("\n").slice(1).every((l) => l.startsWith("  ")), "one stream is indented");
    assertEquals((await cli(scene.world, "show sess all")).match(/^0x/gm)?.length, 2);
    assertEquals(await cli(scene.world, "show sess 0x1234"), "Session not found.\n\n");
    assertEquals(await cli(scene.world, "shutdown session"), "Session pointer expected (use 'show sess').\n\n");
    assertEquals(await cli(scene.world, "shutdown session x"), "Session pointer expected (use 'show sess').\n\n");
    assertEquals(await cli(scene.world, "shutdown session 0x1"), "No such session (use 'show sess').\n\n");
    assertEquals(await cli(scene.world, `shutdown session ${id}`), "\n");
    await web.rest();
    assertEquals(await shown(scene, "show sess"), ["raw"]);
    assertEquals(await cli(scene.world, `shutdown session ${id}`), "No such session (use 'show sess').\n\n");
    web.close();
    raw.close();
  });
  assertEquals(log.filter((l) => / web /.test(l) && / K\w-- /.test(l)).length, 1, log.join("\n"));
});

Deno.test("API-21 show sess of many streams: whole, while some end, and not made faster than it is read", async () => {
  await play({ config: CONFIG, server: silent, threads: 2 }, async (scene) => {
    const peers: Peer[] = [];
    for (let i = 0; i < 1500; i++) {
      const peer = await scene.connect(RAW);
      peers.push(peer);
      await peer.send("x");
    }
    await scene.sleep(100);
    assertEquals((await shown(scene, "show sess")).length, 1500);
    // A client that takes nothing: the threads go on, and are not asked for all of it.
    const slow = await open(scene.world, ADMIN);
    await slow.send("show sess\n");
    await scene.sleep(1000);
    for (let i = 0; i < 1500; i += 2) peers[i].close();
    for (let i = 0; i < 50; i++) {
      const peer = await scene.connect(RAW);
      peers.push(peer);
      await peer.send("x");
    }
    await scene.sleep(100);
    const seen = (await slow.rest()).split("\n").filter((line) => line.startsWith("0x"));
    assert(seen.length >= 750 && seen.length < 1500, `${seen.length}`);
    const last = Math.max(...seen.map((line) => Number(line.split(":")[0]) % 2 ** 32));
    assert(last <= 1501, `${last}: streams that began later are not shown`);
    assertEquals(new Set(seen.map((line) => line.split(":")[0])).size, seen.length, "none twice");
    slow.close();
    for (const peer of peers) peer.close();
  });
});

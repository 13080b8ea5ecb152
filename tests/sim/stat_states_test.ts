// Columns of the statistics that are states, times and levels (management.txt 9.1).
import { assert, assertEquals } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { answers, defaults, get, play, type Scene, type SceneOptions, web } from "./scenario.ts";
import { ask, stats, STATS_PROXY } from "./stats.ts";

/** Values of a row, "a b c". */
async function row(scene: Scene, name: string, columns: string): Promise<string> {
  const values = (await stats(scene)).get(name)!;
  return columns.split(" ").map((column) => values[column] === "" ? "-" : values[column]).join(" ");
}

const EMPTY = / has no server available!$/;

/** A server for health checks that answers with what `health` says. */
function checked(health: { answer: string; delay: number }): SceneOptions["server"] {
  return (scene) => async (peer: Peer) => {
    await peer.until("\r\n\r\n");
    await scene.sleep(health.delay);
    await peer.send(`HTTP/1.0 ${health.answer}\r\nContent-Length: 0\r\n\r\n`);
    await peer.rest();
  };
}

Deno.test("CHK-01 STATS-01 check columns: what the last check said, how long it took, what it did", async () => {
  const health = { answer: "200 Fine", delay: 10 };
  const config = `${defaults()}${STATS_PROXY}
backend farm
    option httpchk
    server s 10.0.1.1:80 check inter 1s rise 2 fall 2
`;
  await play({ config, server: checked(health), alerts: EMPTY }, async (scene) => {
    const checks = () =>
      row(scene, "farm/s", "status check_status check_code check_duration check_health chkfail chkdown");
    await scene.sleep(500);
    assertEquals(await checks(), "UP L7OK 200 10 3 0 0");
    assertEquals(await row(scene, "farm/s", "check_desc check_rise check_fall"), "Layer7 check passed 2 2");
    health.answer = "503 Busy";
    await scene.sleep(1000);
    assertEquals(await checks(), "UP 1/2 L7STS 503 10 2 1 0");
    assertEquals(await row(scene, "farm/s", "last_chk check_desc"), "Busy Layer7 wrong status");
    assertEquals(await row(scene, "farm/BACKEND", "status chkdown lastchg downtime act"), "UP 0 1 0 1");
    await scene.sleep(2000);
    assertEquals(await checks(), "DOWN L7STS 503 10 0 2 1");
    assertEquals(await row(scene, "farm/s", "lastchg downtime"), "1 1");
    assertEquals(await row(scene, "farm/BACKEND", "status chkdown lastchg downtime act"), "DOWN 1 1 1 0");
    health.answer = "200 Fine";
    health.delay = 300;
    await scene.sleep(600);
    assertEquals(await row(scene, "farm/s", "check_status"), "* L7STS", "one is under way");
    await scene.sleep(400);
    assertEquals(await checks(), "DOWN 1/2 L7OK 200 300 1 2 1");
    await scene.sleep(1000);
    assertEquals(await checks(), "UP L7OK 200 300 3 2 1");
    assertEquals(await row(scene, "farm/s", "lastchg downtime"), "0 3");
    assertEquals(await row(scene, "farm/BACKEND", "status chkdown lastchg downtime act"), "UP 1 0 3 1");
  });
});

Deno.test("SRV-08 STATS-01 slow start: throttle and weight", async () => {
  const health = { answer: "503 No", delay: 0 };
  const config = `${defaults()}${STATS_PROXY}
backend farm
    option httpchk
    server s 10.0.1.1:80 check inter 100ms rise 1 fall 1 weight 100 slowstart 10s
`;
  await play({ config, server: checked(health), alerts: EMPTY }, async (scene) => {
    assertEquals(await row(scene, "farm/s", "throttle weight uweight"), "- 100 100");
    await scene.sleep(1000);
    health.answer = "200 Fine";
    await scene.sleep(2550);
    assertEquals(await row(scene, "farm/s", "throttle weight uweight"), "25 25 100");
    assertEquals(await row(scene, "farm/BACKEND", "weight uweight"), "25 100");
    await scene.sleep(8000);
    assertEquals(await row(scene, "farm/s", "throttle weight"), "- 100");
  });
});

Deno.test("SRV-08 a server that a command stops gets streams again after its next good check", async () => {
  const health = { answer: "200 Fine", delay: 0 };
  const config = `${defaults()}${STATS_PROXY}
    stats admin if TRUE
backend farm
    option httpchk
    server s 10.0.1.1:80 check inter 2s
`;
  await play({ config, server: checked(health), alerts: EMPTY }, async (scene) => {
    await scene.sleep(100);
    const body = "s=s&action=hnolb&b=farm";
    await ask(scene, "", `POST / HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    assertEquals(await row(scene, "farm/s", "status lastchg"), "NOLB 0");
    assertEquals(await row(scene, "farm/BACKEND", "status act chkdown"), "DOWN 0 1");
    await scene.sleep(2100);
    assertEquals(await row(scene, "farm/s", "status chkdown"), "UP 0");
    assertEquals(await row(scene, "farm/BACKEND", "status act chkdown"), "UP 1 1");
    assert(scene.proxy.messages.some((m) => m.text.startsWith("Server farm/s is UP, reason: Layer7 check passed")));
  });
});

Deno.test("QUE-01 QUE-03 STATS-01 queues: who waits now, the most that waited, and for how long", async () => {
  const config = defaults("    timeout queue 3s") + web("", "    balance source", "maxconn 1 maxqueue 5") + STATS_PROXY;
  const server = answers({
    "/slow": async (peer, scene) => {
      await scene.sleep(500);
      await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    },
  });
  await play({ config, server }, async (scene) => {
    const one = async () => {
      const peer = await scene.connect();
      await peer.send(get("/slow", "1.0"));
      await scene.drain(peer);
      peer.close();
    };
    const all = Promise.all([one(), one(), one()]);
    await scene.sleep(250);
    assertEquals(await row(scene, "app/s", "qcur qmax scur smax slim qlimit"), "2 2 1 1 1 5");
    assertEquals(await row(scene, "app/BACKEND", "qcur scur"), "0 3", "without a server assigned");
    await all;
    await scene.sleep(10);
    assertEquals(await row(scene, "app/s", "qcur qmax scur smax"), "0 2 0 1");
    const { qtime, qtime_max, rtime, rtime_max, ttime_max } = (await stats(scene)).get("app/s")!;
    const near = (text: string, ms: number) => assert(Math.abs(Number(text) - ms) < 20, `${text}, not ${ms}`);
    near(qtime, 500);
    near(qtime_max, 1000);
    near(rtime, 500);
    near(rtime_max, 500);
    near(ttime_max, 1500);
  });
});

Deno.test("STATS-01 sessions now and in the last second, requests in the last second, the last session", async () => {
  const config = defaults() + web("    option socket-stats") + STATS_PROXY;
  await play({ config, server: answers({}) }, async (scene) => {
    assertEquals(await row(scene, "app/s", "lastsess"), "-1");
    const peers = [];
    for (let i = 0; i < 4; i++) {
      const peer = await scene.connect();
      for (let j = 0; j < 2; j++) {
        await peer.send(get("/ok"));
        await peer.until("ok");
      }
      peers.push(peer);
    }
    assertEquals(
      await row(
        scene,
        "web/FRONTEND",
        "scur smax rate rate_max conn_rate conn_rate_max req_rate req_rate_max conn_tot",
      ),
      "4 4 4 4 4 4 8 8 4",
    );
    assertEquals(await row(scene, "web/sock-1", "scur smax stot"), "4 4 4");
    assertEquals(await row(scene, "app/s", "scur rate rate_max lastsess reuse connect"), "0 8 8 0 4 4");
    assertEquals(await row(scene, "app/BACKEND", "rate rate_max lastsess"), "8 8 0");
    const bytes = await row(scene, "web/sock-1", "bin bout");
    assertEquals(await row(scene, "web/FRONTEND", "bin bout"), bytes);
    assert(bytes.split(" ").every((n) => Number(n) > 100));
    assertEquals(await row(scene, "web/FRONTEND", "h1_open_connections h1_open_streams h1_total_streams"), "4 0 8");
    const got = 2 * 4 * get("/ok").length;
    assertEquals(await row(scene, "web/FRONTEND", "h1_bytes_in"), `${got}`);
    assertEquals(
      await row(scene, "app/BACKEND", "h1_bytes_in"),
      `${8 * "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".length}`,
    );
    for (const peer of peers) peer.close();
    await scene.sleep(3000);
    assertEquals(await row(scene, "web/FRONTEND", "scur rate rate_max req_rate h1_open_connections"), "0 0 4 0 0");
    assertEquals(await row(scene, "app/s", "lastsess"), "3");
  });
});

Deno.test("REUSE-04 STATS-01 connections of a server: in use, idle, needed of late", async () => {
  const config = defaults() + web("", "    http-reuse always", "pool-max-conn 7 pool-purge-delay 500ms") + STATS_PROXY;
  const server = answers({
    "/slow": async (peer, scene) => {
      await scene.sleep(300);
      await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    },
  });
  await play({ config, server }, async (scene) => {
    const columns = "used_conn_cur srv_icur idle_conn_cur src_ilim need_conn_est";
    const peers = [await scene.connect(), await scene.connect(), await scene.connect()];
    for (const peer of peers) await peer.send(get("/slow"));
    await scene.sleep(100);
    assertEquals(await row(scene, "app/s", columns), "3 0 0 7 3");
    for (const peer of peers) await peer.until("ok");
    await scene.sleep(10);
    assertEquals(await row(scene, "app/s", columns), "0 3 3 7 3");
    for (const peer of peers) peer.close();
    await scene.sleep(3000);
    assertEquals(await row(scene, "app/s", columns), "0 0 0 7 0");
  });
});

Deno.test("STATS-01 status of frontends and listeners: open, full, waiting, paused, stopped", async () => {
  const config = `    stats socket /run/admin.sock level admin
${defaults()}
frontend web
    bind 10.0.0.1:80 name a maxconn 1
    bind 10.0.0.1:81 name b
    maxconn 2
    option socket-stats
    http-request return status 200
${STATS_PROXY}`;
  await play({ config }, async (scene) => {
    const states = async () => {
      const table = await stats(scene);
      return ["web/FRONTEND", "web/a", "web/b"].map((name) => table.get(name)!.status).join(" ");
    };
    const command = async (line: string) => {
      const peer = await scene.connect({ family: "unix", path: "/run/admin.sock" });
      await peer.send(`${line}\n`);
      peer.shutdown();
      await scene.drain(peer);
      peer.close();
    };
    assertEquals(await states(), "OPEN OPEN OPEN");
    const first = await scene.connect();
    await scene.sleep(10);
    assertEquals(await states(), "OPEN FULL OPEN");
    const second = await scene.connect({ family: "ipv4", host: "10.0.0.1", port: 81 });
    await scene.sleep(10);
    assertEquals(await states(), "OPEN FULL WAITING");
    first.close();
    second.close();
    await scene.sleep(10);
    await command("disable frontend web");
    assertEquals((await states()).split(" ")[0], "PAUSED");
    await command("enable frontend web");
    assertEquals(await states(), "OPEN OPEN OPEN");
    await command("shutdown frontend web");
    assertEquals((await states()).split(" ")[0], "STOP");
  });
});

// Changes that commands make to servers and frontends, seen in the traffic of two threads on virtual time.
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { CLI, cli } from "./cli.ts";
import { get, play as playScene, RAW, type Scene, type SceneOptions, SERVER, WEB } from "./scenario.ts";

const CONFIG = `
${CLI}
defaults
    log global
    mode http
    option httplog
    timeout connect 300ms
    timeout client 60s
    timeout server 60s
    timeout queue 60s
frontend web
    bind 10.0.0.1:80
    default_backend app
frontend raw
    mode tcp
    option tcplog
    bind 10.0.0.1:81
    default_backend rawapp
backend app
    server s1 10.0.1.1:80
    server s2 10.0.1.2:80
backend rawapp
    mode tcp
    server s 10.0.1.1:80
`;

/** Servers that say who they are: s1 at SERVER, s2 and another beside it. */
const S2 = { ...SERVER, host: "10.0.1.2" };
const S3 = { ...SERVER, host: "10.0.1.3", port: 8080 };

async function serve(peer: Peer, name: string): Promise<void> {
  for (;;) {
    const head = await peer.until("\r\n\r\n");
    if (!head.endsWith("\r\n\r\n")) return;
    await peer.send(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${name}`);
  }
}

function play(script: (scene: Scene) => Promise<void>, more: Partial<SceneOptions> = {}): Promise<Scene> {
  return playScene({
    config: CONFIG,
    threads: 2,
    before: (world) => {
      world.serve(SERVER, (peer) => serve(peer, "s1"));
      world.serve(S2, (peer) => serve(peer, "s2"));
      world.serve(S3, (peer) => serve(peer, "s3"));
    },
    ...more,
  }, script);
}

/** The servers that answer `count` requests, each on a connection of its own. */
async function answering(scene: Scene, count = 8): Promise<string> {
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const peer = await scene.connect(WEB);
    await peer.send(get("/", "1.1", "Connection: close\r\n"));
    const answer = await peer.rest();
    peer.close();
    seen.add(answer.startsWith("HTTP/1.1 200 ") ? answer.slice(-2) : answer.slice(9, 12));
  }
  return [...seen].sort().join(" ");
}

Deno.test("API-10 set server state and weight, disable and enable server: the next requests of both threads see it", async () => {
  await play(async (scene) => {
    const { world } = scene;
    assertEquals(await answering(scene), "s1 s2");
    assertEquals(await cli(world, "set server app/s1 state maint"), "\n");
    assertEquals(await answering(scene), "s2");
    assertEquals(await cli(world, "set server app/s1 state ready;set server app/s2 state drain"), "\n\n");
    assertEquals(await answering(scene), "s1");
    assertEquals(await cli(world, "enable server app/s2;set weight app/s1 0%"), "\n\n");
    assertEquals(await answering(scene), "s2");
    assertEquals(
      await cli(world, "set server app/s1 weight 10;disable server app/s2;get weight app/s1"),
      "\n\n10 (initial 1)\n\n",
    );
    assertEquals(await answering(scene), "s1");
    assertEquals(await cli(world, "disable server app/s1"), "\n");
    assertEquals(await answering(scene, 2), "503");
    assertEquals(
      await cli(world, "set server app/s1 health down;set server app/s1 state ready;set server app/s1 health up"),
      "\n\n\n",
    );
    assertEquals(await answering(scene, 2), "s1");
  }, { alerts: /^backend 'app' has no server available!$/ });
});

Deno.test("API-10 set server addr: new connections go there, idle ones are given up; a thread that is replaced knows it", async () => {
  await play(async (scene) => {
    const { world } = scene;
    assertEquals(await cli(world, "disable server app/s2"), "\n");
    assertEquals(await answering(scene), "s1");
    const kept = await scene.connect(WEB);
    const again = async () => {
      await kept.send(get("/"));
      await kept.until("\r\n\r\n");
      return await kept.exactly(2);
    };
    assertEquals([await again(), await again()], ["s1", "s1"]);
    assertEquals(
      await cli(world, "set server app/s1 addr 10.0.1.3 port 8080"),
      "IP changed from '10.0.1.1' to '10.0.1.3', port changed from '80' to '8080' by 'stats socket command'\n\n",
    );
    assertEquals(await again(), "s3", "not over the idle connection to the old address");
    kept.close();
    assertEquals(await answering(scene), "s3");
    world.kill(1);
    await scene.sleep(100);
    assertEquals(await answering(scene), "s3");
    assertEquals(
      await cli(world, "set server app/s1 addr 10.0.1.1 port 80"),
      "IP changed from '10.0.1.3' to '10.0.1.1', port changed from '8080' to '80' by 'stats socket command'\n\n",
    );
    assertEquals(await answering(scene), "s1");
  }, { alerts: /^thread 1 ended: killed; another takes its place\.$/ });
});

Deno.test("API-10 QUE-03 set maxconn server: a raised limit serves those who wait, at once", async () => {
  await play(async (scene) => {
    const { world } = scene;
    assertEquals(await cli(world, "disable server app/s2;set maxconn server app/s1 1"), "\n\n");
    const waiting: Promise<string>[] = [];
    const hold = async () => {
      const peer = await scene.connect(WEB);
      await peer.send(get("/slow", "1.1", "Connection: close\r\n"));
      const answer = await peer.rest();
      peer.close();
      return answer.slice(9, 12);
    };
    for (let i = 0; i < 4; i++) waiting.push(hold());
    await scene.sleep(100);
    const started = scene.now;
    assertEquals(await cli(world, "set maxconn server app/s1 4"), "\n");
    assertEquals(await Promise.all(waiting), ["200", "200", "200", "200"]);
    // Each takes a second; one after the other they would take four.
    assert(scene.now - started < 1500, `${scene.now - started}`);
  }, {
    before: (world) =>
      void world.serve(SERVER, async (peer) => {
        await peer.until("\r\n\r\n");
        await new Promise<void>((wake) => void world.core.after(world.core.nobody, 1000, wake));
        await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\ns1");
      }),
  });
});

Deno.test("API-10 shutdown sessions server: streams of both threads end, with the letter K", async () => {
  const { log } = await play(async (scene) => {
    const { world } = scene;
    const peers = await Promise.all(Array.from({ length: 6 }, () => scene.connect(RAW)));
    for (const peer of peers) await peer.send("hello");
    await scene.sleep(50);
    assertEquals(await cli(world, "shutdown sessions server app/s1"), "\n");
    await scene.sleep(50);
    assert(peers.every((peer) => peer.ended === 0), "another server's streams go on");
    assertEquals(await cli(world, "shutdown sessions server rawapp/s"), "\n");
    for (const peer of peers) await peer.rest();
    for (const peer of peers) peer.close();
  });
  assertEquals(log.filter((line) => / KD /.test(line)).length, 6, log.join("\n"));
});

Deno.test("API-10 disable, enable, shutdown frontend: the address is given up and taken again; what is connected goes on", async () => {
  await play(async (scene) => {
    const { world } = scene;
    const kept = await scene.connect(WEB);
    const exchange = async () => {
      await kept.send(get("/"));
      return (await kept.until("\r\n\r\n")).slice(9, 12) + await kept.exactly(2);
    };
    assertMatch(await exchange(), /^200s[12]$/);
    assertEquals(await cli(world, "disable frontend web"), "\n");
    assertEquals(await world.connect(WEB), -5, "refused");
    assertMatch(await exchange(), /^200s[12]$/);
    assertEquals(await cli(world, "disable frontend web"), "All sockets are already disabled.\n\n");
    // Another process may have the address meanwhile.
    const other = world.serve(WEB, (peer) => serve(peer, "xx"));
    assertEquals(
      await cli(world, "enable frontend web"),
      "Failed to resume frontend, check logs for precise cause (port conflict?).\n\n",
    );
    other.close();
    assertEquals(await cli(world, "enable frontend web"), "\n");
    assertEquals(await answering(scene), "s1 s2");
    assertEquals(await cli(world, "enable frontend web"), "All sockets are already enabled.\n\n");
    assertEquals(
      await cli(world, "shutdown frontend web;shutdown frontend web"),
      "\nFrontend was already shut down.\n\n",
    );
    assertEquals(await cli(world, "enable frontend web"), "Frontend was previously shut down, cannot enable.\n\n");
    assertEquals(await cli(world, "disable frontend web"), "Frontend was previously shut down, cannot disable.\n\n");
    assertMatch(await exchange(), /^200s[12]$/);
    kept.close();
  }, { alerts: /cannot bind socket \(Address already in use\) for \[10\.0\.0\.1:80\]$/ });
});

Deno.test("API-10 GLOB-01 set maxconn frontend and global, set rate-limit: who waits is let in when the limit is raised", async () => {
  await play(async (scene) => {
    const { world } = scene;
    const served = async (limit: string, raise: string) => {
      assertEquals(await cli(world, limit), "\n");
      const peers: Peer[] = [];
      let answered = 0;
      for (let i = 0; i < 3; i++) {
        const peer = await scene.connect(WEB);
        peers.push(peer);
        await peer.send(get("/"));
        void peer.until("\r\n\r\n").then((head) => head !== "" && answered++);
      }
      await scene.sleep(300);
      const before = answered;
      assertEquals(await cli(world, raise), "\n");
      await scene.sleep(100);
      for (const peer of peers) peer.close();
      await scene.sleep(2000);
      return [before, answered];
    };
    assertEquals(await served("set maxconn frontend web 1", "set maxconn frontend web 100"), [1, 3]);
    assertEquals(await served("set maxconn global 1", "set maxconn global 0"), [1, 3]);
    assertEquals(await served("set rate-limit connections global 1", "set rate-limit connections global 0"), [1, 3]);
    assertEquals(await served("set rate-limit sessions global 2", "set rate-limit sessions global 0"), [2, 3]);
  }, { threads: 1, config: CONFIG.replace(CLI, CLI + "    maxconn 100\n") });
});

Deno.test("API-10 CHK-01 disable health: no checks are sent and the server is up; enable health goes on", async () => {
  let checks = 0;
  await play(async (scene) => {
    const { world } = scene;
    await scene.sleep(2500);
    assertEquals(checks, 3);
    assertEquals(await cli(world, "disable health app/s1"), "\n");
    await scene.sleep(3000);
    assertEquals(checks, 3);
    assertEquals(await cli(world, "enable health app/s1"), "\n");
    await scene.sleep(2500);
    assert(checks >= 5, `${checks}`);
    assertEquals(
      await cli(world, "enable health app/s2"),
      "Health check was not configured on this server, cannot enable.\n\n",
    );
  }, {
    config: CONFIG.replace("server s1 10.0.1.1:80\n", "server s1 10.0.1.1:80 check inter 1s\n"),
    before: (world) => void world.serve(SERVER, () => Promise.resolve(void checks++)),
  });
});

Deno.test("API-07 clear counters: maxima, or with all everything", async () => {
  const { proxy } = await play(async (scene) => {
    const { world } = scene;
    await answering(scene, 4);
    assertEquals(await cli(world, "clear counters"), "\n");
    assertEquals(await cli(world, "clear counters all"), "\n");
  });
  assertEquals(proxy.process.shared.total(1, 0), 0);
});

Deno.test("API-09 wait srv-removable: until the server in maintenance has no connection left, or the delay ends", async () => {
  await play(async (scene) => {
    const { world } = scene;
    const peer = await scene.connect(RAW);
    await peer.send("hello");
    await scene.sleep(50);
    const refused = "Only servers in maintenance mode can be deleted.\n\n";
    assertEquals(await cli(world, "wait 1s srv-removable rawapp/s"), refused);
    assertEquals(await cli(world, "wait 1s srv-removable rawapp/x"), "No such server.\n\n");
    const started = scene.now;
    assertEquals(
      await cli(world, "disable server rawapp/s;wait 1s srv-removable rawapp/s"),
      "\nServer still has connections attached to it, cannot remove it.\n\n",
    );
    assert(scene.now - started >= 1000);
    assertEquals(
      await cli(world, "shutdown sessions server rawapp/s;wait 10s srv-removable rawapp/s"),
      "\nDone.\n\n",
    );
    assert(scene.now - started < 2000, "it does not wait for the whole delay");
    peer.close();
  }, { alerts: /has no server available!$/ });
});

Deno.test("API-10 enable frontend: all of its addresses or none", async () => {
  await play(async (scene) => {
    const { world } = scene;
    assertEquals(await cli(world, "disable frontend web"), "\n");
    const second = { ...WEB, port: 8080 };
    const other = world.serve(second, (peer) => serve(peer, "xx"));
    assertMatch(await cli(world, "enable frontend web"), /^Failed to resume frontend/);
    assertEquals(await world.connect(WEB), -5, "the address that could be had was given up again");
    other.close();
    assertEquals(await cli(world, "enable frontend web"), "\n");
    assertEquals(await answering(scene), "s1 s2");
  }, {
    config: CONFIG.replace("bind 10.0.0.1:80\n", "bind 10.0.0.1:80,10.0.0.1:8080\n"),
    alerts: /cannot bind socket \(Address already in use\) for \[10\.0\.0\.1:8080\]$/,
  });
});

Deno.test("API-10 a thread that dies before it acknowledges is named, and the change stands", async () => {
  let named = 0;
  for (let after = 0; after < 0.5; after += 0.02) {
    await play(async (scene) => {
      const { world } = scene;
      const asked = cli(world, "set server app/s1 weight 9");
      world.core.after(world.core.nobody, after, () => world.kill(2));
      const answer = await asked;
      if (answer !== "\n") {
        assertEquals(answer, "Done, but thread 2 has not acknowledged yet.\n\n");
        named++;
      }
      assertEquals(await cli(world, "get weight app/s1"), "9 (initial 1)\n\n");
    }, { alerts: /^thread 2 ended: killed; another takes its place\.$/ });
  }
  assert(named > 0, "no kill came between question and answer");
});

Deno.test("API-10 set server check-addr and check-port: the next health check goes there", async () => {
  const seen: string[] = [];
  const elsewhere = { ...SERVER, host: "10.0.1.9", port: 99 };
  await play(async (scene) => {
    const { world } = scene;
    await scene.sleep(500);
    assertEquals(seen, ["s1"]);
    assertEquals(await cli(world, "set server app/s1 check-addr 10.0.1.9 port 99"), "\n");
    await scene.sleep(1000);
    assertEquals(seen, ["s1", "elsewhere"]);
    assertMatch(await cli(world, "show servers state app"), / s1 10\.0\.1\.1 .* - 80 - 0 99 10\.0\.1\.9 - 0\n/);
    assertEquals(await cli(world, "set server app/s1 check-addr 10.0.1.1;set server app/s1 check-port 80"), "\n\n");
    await scene.sleep(1000);
    assertEquals(seen, ["s1", "elsewhere", "s1"]);
    assertEquals(await answering(scene, 1), "s1", "it serves where it always did");
    const wrong = async (words: string) => (await cli(world, `set server ${words}`)).trimEnd();
    assertEquals(
      await wrong("app/s1 check-addr"),
      "set server <b>/<s> check-addr requires an address and optionally a port.",
    );
    assertEquals(await wrong("app/s1 check-port"), "set server <b>/<s> check-port requires a port.");
    assertEquals(await wrong("app/s1 check-addr x"), "invalid addr 'x'");
    assertEquals(await wrong("app/s1 check-port x"), "provided port is not an integer");
    assertEquals(await wrong("app/s1 check-port 70000"), "provided port is invalid");
    assertEquals(await wrong("app/s2 check-port 80"), "health checks are not enabled on this server");
  }, {
    config: CONFIG.replace("server s1 10.0.1.1:80\n", "server s1 10.0.1.1:80 check inter 1s\n")
      .replace("server s2 10.0.1.2:80", "server s2 10.0.1.2:80 disabled"),
    before: (world) => {
      world.serve(SERVER, async (peer) => {
        if (!await peer.more()) seen.push("s1");
        else await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\ns1");
      });
      world.serve(elsewhere, () => Promise.resolve(void seen.push("elsewhere")));
    },
  });
});

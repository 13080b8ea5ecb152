// Log targets that are slow, stuck, missing or restarted: traffic never waits for them, and what is lost is counted.
import { assert, assertEquals } from "@std/assert";
import type { Peer, SimWorld } from "../../src/sys/sim/mod.ts";
import type { Address } from "../../src/sys/types.ts";
import { answers, defaults, get, play, type Scene, web } from "./scenario.ts";

const LOGS: Address = { family: "ipv4", host: "10.0.9.9", port: 514 };
const OPTIONS = { config: "", server: answers({}) };

/** A proxy that logs request paths to `target` only, and asks for each of `paths` on a connection of its own. */
function config(target: string): string {
  return `    ${target}\n${defaults("    log-format %HP")}${web()}`;
}

async function ask(scene: Scene, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    const peer = await scene.connect();
    await peer.send(get(path, "1.0"));
    assertEquals((await scene.drain(peer)).text.includes("200 OK"), true, path);
    peer.close();
  }
}

/** A log server that keeps what it gets, by connection. */
function logServer(world: SimWorld, connections: string[], until: (peer: Peer) => Promise<unknown>): void {
  world.serve(LOGS, async (peer) => {
    const index = connections.push("") - 1;
    for (let line = await peer.until("\n"); line !== ""; line = await peer.until("\n")) {
      connections[index] += line;
      if (await until(peer) === true) return peer.reset();
    }
  });
}

Deno.test("LOG-10 LOG-01 a TCP target gets whole lines of every thread over one connection that is kept", async () => {
  const connections: string[] = [];
  const scene = await play({
    ...OPTIONS,
    config: config("log tcp@10.0.9.9:514 format raw local0"),
    threads: 2,
    before: (world) => logServer(world, connections, () => Promise.resolve()),
  }, (scene) => ask(scene, "/1", "/2", "/3", "/4", "/5", "/6"));
  assertEquals(connections.length, 1);
  assertEquals(connections[0].split("\n").toSorted(), ["", "/1", "/2", "/3", "/4", "/5", "/6"]);
  assertEquals(scene.proxy.process.droppedLogs, 0);
});

Deno.test("LOG-10 a log server that comes late gets what waited for it, in order", async () => {
  const connections: string[] = [];
  const scene = await play({ ...OPTIONS, config: config("log tcp@10.0.9.9:514 format raw local0") }, async (scene) => {
    await ask(scene, "/1", "/2");
    await scene.sleep(2500);
    logServer(scene.world, connections, () => Promise.resolve());
    await scene.sleep(2500);
    await ask(scene, "/3");
    await scene.sleep(10);
  });
  assertEquals(connections, ["/1\n/2\n/3\n"]);
  const told = scene.proxy.messages.filter(({ text }) => text.startsWith("log :")).map(({ text }) => text);
  assertEquals(told, [
    "log : cannot connect to tcp@10.0.9.9:514: its lines wait, and are dropped when there are too many.",
  ]);
});

Deno.test("LOG-10 a log server that restarts gets the next lines on a new connection", async () => {
  const connections: string[] = [];
  await play({
    ...OPTIONS,
    config: config("log tcp@10.0.9.9:514 format raw local0"),
    before: (world) => logServer(world, connections, () => Promise.resolve(connections.length === 1)),
  }, async (scene) => {
    await ask(scene, "/1");
    await scene.sleep(100);
    await ask(scene, "/2", "/3");
    await scene.sleep(100);
  });
  assertEquals(connections, ["/1\n", "/2\n/3\n"]);
});

Deno.test("LOG-10 a log server that takes nothing holds up no request; lines beyond the bound are counted", async () => {
  const long = "x".repeat(900);
  const scene = await play({
    ...OPTIONS,
    config: config("log tcp@10.0.9.9:514 format raw local0").replace("%HP", `%HP:${long}`),
    before: (world) => world.serve(LOGS, () => new Promise(() => {})),
  }, async (scene) => {
    const peer = await scene.connect();
    for (let i = 0; i < 2500; i++) {
      await peer.send(get("/"));
      assertEquals((await peer.until("ok")).startsWith("HTTP/1.1 200"), true);
    }
    peer.close();
    assert(scene.now < 3000, `served in ${scene.now} ms`);
  });
  const { droppedLogs } = scene.proxy.process;
  assert(droppedLogs > 500 && droppedLogs < 2500, `${droppedLogs} lines dropped`);
});

Deno.test("LOG-01 a unix socket that appears later: what was sent before is counted, then lines arrive", async () => {
  const path: Address = { family: "unix", path: "/run/log" };
  const lines: string[] = [];
  const scene = await play({ ...OPTIONS, config: config("log /run/log format raw local0") }, async (scene) => {
    await ask(scene, "/1", "/2");
    const socket = scene.world.peers.net.datagram("unix", path);
    if (typeof socket === "string") throw new Error(socket);
    await ask(scene, "/3");
    const into = new Uint8Array(100);
    const got = await socket.recv(into);
    if (typeof got === "object") lines.push(new TextDecoder().decode(into.subarray(0, got.length)));
    socket.close();
  });
  assertEquals([lines, scene.proxy.process.droppedLogs], [["/3\n"], 2]);
  assertEquals(scene.proxy.messages.filter(({ text }) => text.startsWith("log :")).map(({ text }) => text), [
    "log : cannot send to /run/log: No such file or directory",
  ]);
});

Deno.test("LOG-01 standard output that nobody reads holds up no request; what is read again is in order", async () => {
  const scene = await play({ ...OPTIONS, config: config("log stdout format raw local1") }, async (scene) => {
    scene.world.process.blocked = true;
    await ask(scene, "/1", "/2", "/3");
    assertEquals(scene.log, []);
    scene.world.process.unblock();
    await scene.sleep(10);
    assertEquals(scene.log, ["/1", "/1", "/2", "/2", "/3", "/3"]);
  });
  assertEquals(scene.proxy.process.droppedLogs, 0);
});

Deno.test("LOG-01 fd@ targets are written by main, for every thread", async () => {
  const scene = await play({
    ...OPTIONS,
    config: config("log fd@5 format raw local1"),
    threads: 2,
  }, (scene) => ask(scene, "/1", "/2", "/3"));
  assertEquals(scene.world.process.descriptors.get(5)!.split("\n").toSorted(), ["", "/1", "/2", "/3"]);
});

Deno.test("CONV-17 debug writes to standard error, whole lines, without waiting", async () => {
  const scene = await play({
    ...OPTIONS,
    config: config("log stdout format raw local1").replace(
      "default_backend",
      "http-request set-var(txn.x) path,debug(p,stderr)\n    default_backend",
    ),
  }, (scene) => ask(scene, "/1", "/2"));
  assertEquals(scene.world.process.stderr, "[debug] p: type=str </1>\n[debug] p: type=str </2>\n");
});

Deno.test("LOG-01 a socket below /dev is used by main only: the lines of every thread, one a datagram", async () => {
  const lines: string[] = [];
  const scene = await play({
    ...OPTIONS,
    config: config("log /dev/log format raw local0"),
    threads: 2,
  }, async (scene) => {
    const socket = scene.world.peers.net.datagram("unix", { family: "unix", path: "/dev/log" });
    if (typeof socket === "string") throw new Error(socket);
    await ask(scene, "/1", "/2", "/3", "/4");
    const into = new Uint8Array(100);
    for (let i = 0; i < 4; i++) {
      const got = await socket.recv(into);
      if (typeof got === "object") lines.push(new TextDecoder().decode(into.subarray(0, got.length)));
    }
    socket.close();
  });
  assertEquals([lines.toSorted(), scene.proxy.process.droppedLogs], [["/1\n", "/2\n", "/3\n", "/4\n"], 0]);
});

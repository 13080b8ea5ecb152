import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startProxy } from "../../tests/sim/proxy_world.ts";
import type { Peer } from "../sys/sim/mod.ts";
import type { Address } from "../sys/types.ts";

const CONFIG = `
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s

frontend in
    bind 127.0.0.1:80
    default_backend out

backend out
    balance roundrobin
    server s1 127.0.0.1:8001
    server s2 127.0.0.1:8002
`;

/** A server that answers each request with its name, after `delay` for requests to /slow. */
function serveAs(name: string, port: number, wait: () => Promise<void> = () => Promise.resolve()) {
  const address: Address = { family: "ipv4", host: "127.0.0.1", port };
  return {
    address,
    script: async (peer: Peer) => {
      for (;;) {
        const head = await peer.until("\r\n\r\n");
        if (head === "") return;
        if (head.startsWith("GET /slow")) await wait();
        await peer.send(`HTTP/1.1 200 OK\r\ncontent-length: ${name.length}\r\n\r\n${name}`);
      }
    },
  };
}

const SERVERS = [serveAs("s1", 8001), serveAs("s2", 8002)];

async function get(client: Peer, path: string): Promise<string> {
  await client.send(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  const head = await client.until("\r\n\r\n");
  const length = /content-length: (\d+)/i.exec(head);
  return length === null ? head : await client.exactly(Number(length[1]));
}

Deno.test("a process with two threads serves requests in turn and leaves nothing behind", async () => {
  const proxy = await startProxy({
    config: CONFIG,
    threads: 2,
    before: (world) => SERVERS.forEach((s) => world.serve(s.address, s.script)),
  });
  const answers: string[] = [];
  for (let i = 0; i < 4; i++) {
    await proxy.world.wait(proxy.world.client(proxy.addresses[0], async (client) => {
      answers.push(await get(client, "/"), await get(client, "/"));
    }));
  }
  assertEquals(answers, ["s1", "s2", "s1", "s2", "s1", "s2", "s1", "s2"]);
  await proxy.stop();
  assertEquals(proxy.messages.filter((m) => m.text.startsWith("Proxy in stopped")).length, 1);
  assertStringIncludes(proxy.messages.map((m) => m.text).join(), "cumulated conns: FE: 4, BE: 0");
});

Deno.test("PROC-07 a graceful stop closes listeners and lets a request in progress finish", async () => {
  let release = () => {};
  const released = new Promise<void>((done) => release = done);
  const slow = serveAs("slow", 8001, () => released);
  const proxy = await startProxy({
    config: CONFIG.replace("    server s2 127.0.0.1:8002\n", ""),
    before: (world) => void world.serve(slow.address, slow.script),
  });
  const { world } = proxy;
  let answer = "";
  const client = world.client(proxy.addresses[0], async (peer) => {
    answer = await get(peer, "/slow");
    assertEquals(await peer.rest(), "");
    assert(peer.finished);
  });
  await world.advance(50);
  proxy.process.softStop();
  await world.advance(50);
  const refused = await world.wait(world.connect(proxy.addresses[0]));
  assert(typeof refused === "number", "still listening");
  assertEquals(answer, "");
  release();
  await world.wait(client);
  assertEquals(answer, "slow");
  await proxy.stop();
});

Deno.test("PROC-08 a graceful stop closes idle keep-alive connections at once", async () => {
  const proxy = await startProxy({
    config: CONFIG,
    before: (world) => SERVERS.forEach((s) => world.serve(s.address, s.script)),
  });
  const { world } = proxy;
  let closedAt = Infinity;
  const client = world.client(proxy.addresses[0], async (peer) => {
    await get(peer, "/");
    await peer.rest();
    closedAt = world.core.time;
  });
  await world.advance(500);
  await proxy.stop();
  await world.wait(client);
  assert(closedAt < 600, `closed after ${closedAt} ms`);
});

Deno.test("PROC-21 hard-stop-after ends connections that do not finish", async () => {
  const never = serveAs("never", 8001, () => new Promise(() => {}));
  const proxy = await startProxy({
    config: `global\n    hard-stop-after 2s\n${CONFIG.replace("    server s2 127.0.0.1:8002\n", "")}`,
    before: (world) => void world.serve(never.address, never.script),
  });
  const { world } = proxy;
  world.client(proxy.addresses[0], async (peer) => {
    await get(peer, "/slow");
  });
  await world.advance(100);
  const began = world.core.time;
  await proxy.stop();
  const took = world.core.time - began;
  assert(took >= 2000 && took < 3500, `${took} ms`);
  assertStringIncludes(
    proxy.messages.map((m) => m.text).join("\n"),
    "Proxy in hard-stopped (1 remaining conns will be closed).",
  );
});

Deno.test("PROC-21 grace keeps listening for a while after the signal", async () => {
  const proxy = await startProxy({
    config: `global\n    grace 1s\n${CONFIG}`,
    before: (world) => SERVERS.forEach((s) => world.serve(s.address, s.script)),
  });
  const { world } = proxy;
  proxy.process.softStop();
  await world.advance(500);
  let answer = "";
  await world.wait(world.client(proxy.addresses[0], async (peer) => {
    answer = await get(peer, "/");
  }));
  assertEquals(answer, "s1");
  await proxy.stop();
  assert(world.core.time >= 1000);
});

Deno.test("a thread that dies is replaced, and what it held is given back", async () => {
  const never = serveAs("never", 8001, () => new Promise(() => {}));
  const proxy = await startProxy({
    config: CONFIG.replace("    server s2 127.0.0.1:8002\n", ""),
    before: (world) => void world.serve(never.address, never.script),
  });
  const { world } = proxy;
  world.client(proxy.addresses[0], async (peer) => {
    await get(peer, "/slow");
    assert(!peer.finished);
  });
  await world.advance(100);
  const held = () => proxy.left().filter((line) => line.startsWith("thread 1 holds")).length;
  assert(held() > 0, "nothing was held");
  world.kill(1);
  await world.advance(100);
  assertEquals(held(), 0);
  let answer = "";
  await world.wait(world.client(proxy.addresses[0], async (peer) => {
    answer = await get(peer, "/");
  }));
  assertEquals(answer, "never");
  const told = proxy.messages.filter((m) => m.level === "ALERT").map((m) => m.text);
  assertEquals(told, ["thread 1 ended: killed; another takes its place."]);
  proxy.process.softStop();
  assertEquals(await world.wait(proxy.process.ended), 0);
});

Deno.test("a thread that dies again and again ends the process", async () => {
  const proxy = await startProxy({ config: CONFIG });
  const { world } = proxy;
  let status = -1;
  proxy.process.ended.then((s) => status = s);
  for (let deaths = 1; deaths <= 10; deaths++) {
    world.kill(1);
    await world.advance(50);
    assertEquals(status, -1, `ended after ${deaths} deaths`);
  }
  world.kill(1);
  await world.advance(50);
  assertEquals(status, 1);
  const told = proxy.messages.map((m) => m.text);
  assertEquals(told[told.length - 1], "thread 1 is not replaced: it dies again and again. Exiting.");
});

for (const limit of [{ maxconn: 1 }, { proxyMaxconn: 1 }]) {
  Deno.test(`PROC-22 ${Object.keys(limit)[0]} of the command line limits connections`, async () => {
    const proxy = await startProxy({
      ...limit,
      config: CONFIG,
      before: (world) => SERVERS.forEach((s) => world.serve(s.address, s.script)),
    });
    const { world } = proxy;
    const first = await world.wait(world.connect(proxy.addresses[0]));
    assert(typeof first !== "number");
    assertEquals(await world.wait(get(first, "/")), "s1");
    let second = "";
    const waiting = world.client(proxy.addresses[0], async (peer) => {
      second = await get(peer, "/");
    });
    await world.advance(3000);
    assertEquals(second, "");
    first.close();
    await world.wait(waiting);
    assertEquals(second, "s2");
    await proxy.stop();
  });
}

Deno.test("PROC-19 an address that cannot be had is told with file, line and proxy", async () => {
  let failure = "";
  try {
    await startProxy({ config: CONFIG.replace("bind 127.0.0.1:80", "bind 127.0.0.1:80\n    bind 127.0.0.1:80") });
  } catch (error) {
    failure = (error as Error).message;
  }
  assertStringIncludes(failure, "Binding [test.cfg:10] for frontend in: cannot bind socket (");
  assertStringIncludes(failure, ") for [127.0.0.1:80]");
});

Deno.test("PROC-22 GLOB-01 a limit of connections that needs more descriptors than there are is refused at the start", async () => {
  const start = async (global: string) => {
    try {
      const proxy = await startProxy({ config: `global\n    ${global}\n${CONFIG}` });
      await proxy.stop();
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  assertMatch(await start("maxconn 600000"), /Cannot raise FD limit to 12001\d\d, limit is 1000000\./);
  assertEquals(await start("maxconn 400000"), "");
  assertEquals(await start("maxconn 600000\n    no strict-limits"), "");
  assertEquals(await start("maxconn 600000\n    ulimit-n 500000"), "");
});

Deno.test("PROC-22 fd-hard-limit bounds the connections when nothing else does", async () => {
  const config = `global\n    fd-hard-limit 102\n${CONFIG}`;
  const proxy = await startProxy({
    config,
    before: (world) => SERVERS.forEach((s) => world.serve(s.address, s.script)),
  });
  const { world } = proxy;
  const first = await world.wait(world.connect(proxy.addresses[0]));
  assert(typeof first !== "number");
  assertEquals(await world.wait(get(first, "/")), "s1");
  let second = "";
  const waiting = world.client(proxy.addresses[0], async (peer) => {
    second = await get(peer, "/");
  });
  await world.advance(3000);
  assertEquals(second, "");
  first.close();
  await world.wait(waiting);
  assertEquals(second, "s2");
  await proxy.stop();
});

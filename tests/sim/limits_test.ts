// Limits of a whole proxy on virtual time: connections, rates, buffers, headers, variables, the time to stop
// (configuration.txt 3.1, 3.2, 4.2, 5.1).
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { startProxy } from "./proxy_world.ts";
import { answers, defaults, get, play, Scene, web } from "./scenario.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/** Opens `count` connections at once and asks on each; when each was answered, ms from the start. */
async function answerTimes(scene: Scene, count: number, holdMs: number): Promise<number[]> {
  const started = scene.now;
  const one = async (peer: Peer) => {
    await peer.send(get("/"));
    await peer.until("\r\n\r\n");
    const at = scene.now - started;
    await scene.sleep(holdMs);
    peer.close();
    return at;
  };
  const peers = [];
  for (let i = 0; i < count; i++) peers.push(await scene.connect());
  return (await Promise.all(peers.map(one))).sort((a, b) => a - b);
}

const RETURN = "    backlog 20\n    http-request return status 200\n";

Deno.test("GLOB-01 BIND-10 maxconn of the frontend, of a listener, of the process: who is too many waits in the kernel", async () => {
  const cases: readonly (readonly [string, string])[] = [
    [defaults() + web(`    maxconn 2\n${RETURN}`), "frontend"],
    [defaults() + web(RETURN).replace("bind 10.0.0.1:80", "bind 10.0.0.1:80 maxconn 2"), "listener"],
    [`global\n    maxconn 2\n${defaults()}${web(RETURN)}`, "process"],
  ];
  for (const [config, what] of cases) {
    await play({ config }, async (scene) => {
      const times = await answerTimes(scene, 5, 300);
      const steps = times.map((t) => Math.floor((t + 20) / 300));
      assertEquals(steps, [0, 0, 1, 1, 2], `${what}: ${times}`);
    });
  }
});

Deno.test("GLOB-01 rate-limit sessions, maxconnrate, maxsessrate: no more in a second, and none is lost", async () => {
  const cases: readonly (readonly [string, string])[] = [
    [defaults() + web(`    rate-limit sessions 5\n${RETURN}`), "rate-limit sessions"],
    [`global\n    maxconnrate 5\n${defaults()}${web(RETURN)}`, "maxconnrate"],
    [`global\n    maxsessrate 5\n${defaults()}${web(RETURN)}`, "maxsessrate"],
  ];
  for (const [config, what] of cases) {
    await play({ config: config.replace("http-request 1s", "http-request 9s") }, async (scene) => {
      const times = await answerTimes(scene, 16, 10);
      assert(times[4] < 100 && times[5] > 100, `${what}: ${times}`);
      const last = times[15];
      assert(last > 1500 && last < 4000, `${what}: ${times}`);
    });
  }
});

Deno.test("GLOB-04 tune.bufsize, tune.maxrewrite, tune.http.maxhdr: heads that are too large are refused", async () => {
  const config = `global\n    tune.bufsize 4096\n    tune.maxrewrite 1024\n    tune.http.maxhdr 10\n${defaults()}${
    web(RETURN)
  }`;
  const status = async (scene: Scene, fields: string) => {
    const peer = await scene.connect();
    await peer.send(get("/", "1.0", fields));
    const { text } = await scene.drain(peer);
    peer.close();
    return text.split(" ")[1];
  };
  await play({ config }, async (scene) => {
    assertEquals(await status(scene, `x: ${"y".repeat(2900)}\r\n`), "200");
    assertEquals(await status(scene, `x: ${"y".repeat(3200)}\r\n`), "400");
    assertEquals(await status(scene, "x: y\r\n".repeat(8)), "200");
    assertEquals(await status(scene, "x: y\r\n".repeat(10)), "400");
  });
});

Deno.test("LOG-06 tune.http.logurilen cuts the request line in logs", async () => {
  const config = `global\n    tune.http.logurilen 20\n${defaults()}${web(RETURN)}`;
  const scene = await play({ config }, async (scene) => {
    const peer = await scene.connect();
    await peer.send(get("/0123456789012345678901234567890"));
    await peer.until("\r\n\r\n");
    peer.close();
  });
  assertMatch(scene.log[0], / "GET \/\d+"$/);
  assertEquals(/"(.*)"$/.exec(scene.log[0])![1].length < 21, true, scene.log[0]);
});

Deno.test("VAR-01 tune.vars limits: a variable that does not fit is not set", async () => {
  const set = (scope: string) => `
    http-request set-var(${scope}.small) str(abc)
    http-request set-var(${scope}.large) str(${"x".repeat(400)})
    http-request return status 200 content-type text/plain lf-string "%[var(${scope}.small)],%[var(${scope}.large),length]"`;
  const cases = [["txn", "txn"], ["sess", "sess"], ["req", "reqres"], ["proc", "proc"], ["txn", "global"]] as const;
  for (const [scope, limit] of cases) {
    const config = `global\n    tune.vars.${limit}-max-size 300\n${defaults()}${web(set(scope))}`;
    await play({ config }, async (scene) => {
      const peer = await scene.connect();
      await peer.send(get("/", "1.0"));
      assertMatch((await scene.drain(peer)).text, /\r\n\r\nabc,$/, `${scope} ${limit}`);
      peer.close();
    });
  }
});

Deno.test("PROC-07 grace keeps listeners open for a time, hard-stop-after ends what is left", async () => {
  const proxy = await startProxy({
    config: `global\n    grace 500ms\n    hard-stop-after 1s\n${defaults()}${web()}`,
    before: (world) =>
      void world.serve({ family: "ipv4", host: "10.0.1.1", port: 80 }, async (peer) => void await server(peer)),
  });
  const scene = new Scene(proxy);
  const server = answers({})(scene);
  const { world } = proxy;
  await world.wait((async () => {
    const stays = await scene.connect();
    await stays.send("GET / HT");
    proxy.process.softStop();
    const stopped = scene.now;
    await scene.sleep(300);
    const late = await scene.connect();
    await late.send(get("/"));
    const undisturbed = await late.until("\r\n\r\n");
    assertMatch(undisturbed, /^HTTP\/1.1 200 /, "listening still");
    assert(!undisturbed.includes("connection: close"), undisturbed);
    await scene.sleep(300);
    assert(
      typeof await world.connect(proxy.addresses[0] ?? { family: "ipv4", host: "10.0.0.1", port: 80 }) === "number",
    );
    await scene.drain(stays);
    assert(scene.now - stopped < 1600, `${scene.now - stopped}`);
    stays.close();
    late.close();
  })());
  await world.wait(proxy.process.ended);
});

Deno.test("LB-07 hash-key: the places of servers on the ring come from id, address, or address and port", async () => {
  const counts = async (key: string, addresses: readonly string[]) => {
    const config = `${defaults()}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
    balance uri
    hash-type consistent
    default-server hash-key ${key}
${addresses.map((address, i) => `    server s${i} ${address}`).join("\n")}
`;
    const hosts: string[] = [];
    const before = (world: Parameters<NonNullable<Parameters<typeof startProxy>[0]["before"]>>[0]) => {
      for (const address of addresses) {
        const [host, port] = address.split(":");
        world.serve({ family: "ipv4", host, port: Number(port) }, async (peer) => {
          await peer.until("\r\n\r\n");
          hosts.push(address);
          await peer.send(OK);
        });
      }
    };
    await play({ config, before }, async (scene) => {
      for (let i = 0; i < 20; i++) {
        const peer = await scene.connect();
        await peer.send(get(`/${i}`, "1.0"));
        await scene.drain(peer);
        peer.close();
      }
    });
    return hosts.join(" ");
  };
  const both = ["10.0.1.1:81", "10.0.1.2:82"];
  const turned = ["10.0.1.2:82", "10.0.1.1:81"];
  assertEquals(await counts("addr-port", both), await counts("addr-port", turned), "order does not matter");
  assertEquals(await counts("addr", both), await counts("addr", turned));
  assert(await counts("id", both) !== await counts("id", turned), "ids follow the order");
  assert(await counts("addr", both) !== await counts("addr-port", both));
});

Deno.test("harden.reject-privileged-ports.tcp: clients on ports below 1024 are closed without a session", async () => {
  const from = (port: number) => ({ family: "ipv4" as const, host: "10.0.0.77", port });
  for (const [state, served] of Object.entries({ on: [false, true], off: [true, true] })) {
    const config = `global\n    harden.reject-privileged-ports.tcp ${state}\n${defaults()}${web(RETURN)}`;
    const scene = await play({ config }, async (scene) => {
      const got = [];
      for (const port of [1023, 1024]) {
        const peer = await scene.world.connect(scene.proxy.addresses[0], from(port));
        assert(typeof peer !== "number");
        await peer.send(get("/", "1.0"));
        got.push((await scene.drain(peer)).text.includes(" 200 "));
        peer.close();
      }
      assertEquals(got, served, state);
    });
    assertEquals(scene.log.length, served.filter((s) => s).length, state);
  }
});

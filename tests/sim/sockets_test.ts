// What the configuration asks of sockets, as the simulated system is asked: options, threads and shards of listeners,
// where connections to servers come from.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Address } from "../../src/sys/types.ts";
import { startProxy } from "./proxy_world.ts";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { defaults, get, play, SERVER, WEB, web } from "./scenario.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Answers every request on a connection. */
async function serve(peer: Peer): Promise<void> {
  while ((await peer.until("\r\n\r\n")).endsWith("\r\n\r\n")) await peer.send(OK);
}

const ANSWERS = () => serve;

function told(config: string, threads = 1): Promise<string> {
  return startProxy({ config, threads }).then(
    async (proxy) => {
      await proxy.stop();
      return proxy.messages.map((m) => m.text).join("\n");
    },
    (error) => error.message,
  );
}

/** What the listening socket at WEB was asked to be, and the first connection to the server. */
async function asked(front: string, back = "", server = "", global = "") {
  const { world, specs } = await withSpecs(front, back, server, global);
  const connects = world.network.connects.filter((spec) =>
    spec.remote.family === "ipv4" && spec.remote.host === "10.0.1.1"
  );
  return { listen: specs[0].options, connect: connects[0].options, local: connects[0].local, connects };
}

async function withSpecs(front: string, back: string, server: string, global: string) {
  let specs: readonly { options?: unknown }[] = [];
  const config = `global\n    nbthread 1\n    ${global}\n${defaults()}${web(front, back, server)}`;
  const scene = await play({ config, server: ANSWERS }, async (s) => {
    specs = s.world.network.specsOf(WEB);
    const peer = await s.connect();
    await peer.send(get("/"));
    assertMatch(await peer.until("ok"), / 200 /);
    peer.close();
  });
  return { world: scene.world, specs };
}

Deno.test("TCP-01 keep-alive of TCP, of each side, with its figures", async () => {
  assertEquals(await asked("").then((a) => [a.listen, a.connect]), [undefined, undefined]);
  const plain = await asked("    option tcpka", "    option tcpka");
  assertEquals([plain.listen, plain.connect], [{ keepAlive: true }, { keepAlive: true }]);
  const front = await asked("    option clitcpka\n    clitcpka-cnt 3\n    clitcpka-idle 2m\n    clitcpka-intvl 7");
  assertEquals(front.listen, { keepAlive: true, keepAliveCount: 3, keepAliveIdleS: 120, keepAliveIntervalS: 7 });
  assertEquals(front.connect, undefined);
  const back = await asked(
    "    clitcpka-cnt 3",
    "    option srvtcpka\n    srvtcpka-cnt 4\n    srvtcpka-idle 30\n    srvtcpka-intvl 500ms",
  );
  // Figures alone switch nothing on; half a second is one, as the kernel counts in seconds.
  assertEquals(back.listen, undefined);
  assertEquals(back.connect, { keepAlive: true, keepAliveCount: 4, keepAliveIdleS: 30, keepAliveIntervalS: 1 });
});

Deno.test("TCP-01 no option tcpka undoes what defaults say", async () => {
  const config = (more: string) => `${defaults("    option tcpka")}${web(more)}`;
  for (const [more, expected] of [["", { keepAlive: true }], ["    no option tcpka", undefined]] as const) {
    await play({ config: config(more), server: ANSWERS }, async (s) => {
      assertEquals(s.world.network.specsOf(WEB)[0].options, expected);
      await s.sleep(1);
    });
  }
});

Deno.test("GLOB-06 tune.notsent-lowat, tune.rcvbuf and tune.sndbuf of clients and servers", async () => {
  const global = [
    "tune.notsent-lowat.client 16k",
    "tune.notsent-lowat.server 8192",
    "tune.rcvbuf.client 50000",
    "tune.rcvbuf.server 51000",
    "tune.sndbuf.client 52000",
    "tune.sndbuf.server 53000",
  ].join("\n    ");
  const { listen, connect } = await asked("", "", "", global);
  assertEquals(listen, { receiveBuffer: 50000, sendBuffer: 52000, notSentLowWater: 16384 });
  assertEquals(connect, { receiveBuffer: 51000, sendBuffer: 53000, notSentLowWater: 8192 });
});

Deno.test("BIND-02 BIND-03 BIND-10 options of bind lines, and of server lines", async () => {
  const line = "10.0.0.1:80 defer-accept tfo mss 1200 tcp-ut 3s interface eth7 transparent v6only backlog 77";
  const config = defaults() + web("", "", "tcp-ut 4s tfo").replace("10.0.0.1:80", line);
  await play({ config, server: ANSWERS }, async (s) => {
    assertEquals(s.world.network.specsOf(WEB)[0].options, {
      deferAcceptS: 1,
      fastOpen: 77,
      maxSegment: 1200,
      userTimeoutMs: 3000,
      interface: "eth7",
      transparent: true,
    });
    const peer = await s.connect();
    await peer.send(get("/"));
    await peer.until("ok");
    peer.close();
    assertEquals(s.world.network.connects.at(-1)!.options, { userTimeoutMs: 4000, fastOpen: 1 });
  });
  assertEquals((await asked("", "    source 10.0.0.9 interface eth3", "tfo no-tfo")).connect, { interface: "eth3" });
});

Deno.test("BIND-01 BIND-10 v6only leaves IPv4 to another socket; v4v6 takes both", async () => {
  const any: Address = { family: "ipv6", host: "::", port: 80 };
  const config = (options: string) => defaults() + web().replace("10.0.0.1:80", `:::80 ${options}`);
  for (
    const [options, v6only] of [["", undefined], ["v4v6", false], ["v6only", true], ["v4v6 v6only", true]] as const
  ) {
    await play({ config: config(options), server: ANSWERS }, async (s) => {
      assertEquals(s.world.network.specsOf(any)[0].options?.v6only, v6only);
      const peer = await s.world.connect({ family: "ipv4", host: "10.9.9.9", port: 80 });
      assertEquals(typeof peer === "number", v6only === true);
      if (typeof peer !== "number") peer.close();
    });
  }
});

Deno.test("options that this process may not set are told when it starts, with what to do", async () => {
  const refusal = "missing permission: run with --allow-ffi";
  const start = (config: string) =>
    startProxy({ config, before: (world) => void (world.network.optionsUsable = refusal) });
  const error = await assertRejects(() => start(defaults() + web("", "", "tcp-ut 4s")), Error);
  assertEquals(error.message, `'server app/s' : 'tcp-ut' : ${refusal}.`);
  const figures = await assertRejects(
    () => start(defaults() + web("", "    option srvtcpka\n    srvtcpka-cnt 3")),
    Error,
  );
  assertEquals(figures.message, `'server app/s' : 'clitcpka-cnt, srvtcpka-cnt' : ${refusal}.`);
  // Keep-alive itself needs no right.
  const proxy = await start(defaults() + web("    option tcpka", "    option tcpka"));
  await proxy.stop();
});

// ---- threads ------------------------------------------------------------------------------------------------------

/** Which threads serve WEB, of `clients` connections. */
async function servedBy(line: string, threads: number, clients: number, global = ""): Promise<Set<string>> {
  const served = new Set<string>();
  const config = `global\n    ${global}\n${defaults()}
frontend web
    bind 10.0.0.1:80 ${line}
    http-request return status 200 content-type text/plain lf-string %[thread]
`;
  const proxy = await startProxy({ config, threads, seed: 11 });
  const sockets = proxy.world.network.specsOf(WEB);
  for (let i = 0; i < clients; i++) {
    await proxy.world.wait(proxy.world.client(WEB, async (peer) => {
      await peer.send("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
      // The fetch counts from 0.
      served.add(String(1 + Number((await peer.rest()).split("\r\n\r\n")[1])));
    }));
  }
  await proxy.stop();
  served.add(`${sockets.length} ${sockets.some((spec) => spec.reusePort) ? "shards" : "socket"}`);
  return served;
}

Deno.test("BIND-06 only the threads of its set serve a listener", async () => {
  assertEquals(await servedBy("thread 2", 3, 10), new Set(["2", "1 socket"]));
  assertEquals(await servedBy("thread odd", 4, 30), new Set(["1", "3", "1 socket"]));
  assertMatch(await told(defaults() + web().replace(":80\n", ":80 thread 7\n"), 2), /no thread of this process/);
});

Deno.test("BIND-07 shards: sockets of one address, each with its part of the threads", async () => {
  assertEquals(await servedBy("shards by-thread", 3, 30), new Set(["1", "2", "3", "3 shards"]));
  assertEquals(await servedBy("shards 2 thread 2-4", 4, 30), new Set(["2", "3", "4", "2 shards"]));
  assertEquals(await servedBy("shards 9", 2, 20), new Set(["1", "2", "2 shards"]));
  assertEquals(await servedBy("shards by-group", 2, 20), new Set(["1", "2", "1 socket"]));
  const byThread = "tune.listener.default-shards by-thread";
  assertEquals(await servedBy("", 2, 20, byThread), new Set(["1", "2", "2 shards"]));
  assertEquals(await servedBy("shards 1", 2, 20, byThread), new Set(["1", "2", "1 socket"]));
  assertEquals(await servedBy("shards 2", 2, 20, "noreuseport"), new Set(["1", "2", "1 socket"]));
});

// ---- where connections to servers come from -----------------------------------------------------------------------

/** The sources of the connections to the server, for requests with these headers. */
async function sources(back: string, server: string, headers: readonly string[] = [""]): Promise<string[]> {
  const seen: string[] = [];
  const config = defaults() + web("", back, server);
  const scene = await play({
    config,
    server: () => async (peer) => {
      const { remote } = peer.conn;
      seen.push(remote.family === "unix" ? "unix" : `${remote.host}:${remote.port}`);
      await serve(peer);
    },
  }, async (s) => {
    for (const header of headers) {
      const peer = await s.world.connect(WEB, { family: "ipv4", host: "192.0.2.7", port: 4242 });
      assert(typeof peer !== "number");
      await peer.send(`GET / HTTP/1.1\r\nhost: h\r\n${header}\r\n`);
      await peer.until("ok");
      peer.close();
    }
  });
  const transparent = scene.world.network.connects.some((spec) => spec.options?.transparent === true);
  return transparent ? [...seen, "transparent"] : seen;
}

Deno.test("source: the address connections come from, of the backend or of the server, with ports in turn", async () => {
  assertMatch((await sources("    source 10.0.0.9", ""))[0], /^10\.0\.0\.9:/);
  assertMatch((await sources("    source 10.0.0.9", "source 10.0.0.8"))[0], /^10\.0\.0\.8:/);
  assertMatch((await sources("    source 0.0.0.0", ""))[0], /^127\.0\.0\.1:/);
  const closed = ["connection: close\r\n", "connection: close\r\n", "connection: close\r\n"];
  assertEquals(await sources("    option httpclose", "source 10.0.0.8:7000-7001", closed), [
    "10.0.0.8:7000",
    "10.0.0.8:7001",
    "10.0.0.8:7000",
  ]);
});

Deno.test("source usesrc: the client's address, with or without its port, another's, or one of a header", async () => {
  assertEquals(await sources("    source 10.0.0.9 usesrc client", ""), ["192.0.2.7:4242", "transparent"]);
  assertMatch(
    (await sources("    source 0.0.0.0 usesrc clientip", "")).join(" "),
    /^192\.0\.2\.7:(?!4242)\d+ transparent$/,
  );
  assertEquals(await sources("    source 10.0.0.9 usesrc 192.0.2.99:99", ""), ["192.0.2.99:99", "transparent"]);
  const forwarded = ["x-forwarded-for: 1.1.1.1, 2.2.2.2\r\n", "x-forwarded-for: nobody\r\n"];
  const [last, none] = await sources(
    "    option httpclose\n    source 10.0.0.9 usesrc hdr_ip(X-Forwarded-For)",
    "",
    forwarded,
  );
  assertMatch(last, /^2\.2\.2\.2:/);
  assertMatch(none, /^10\.0\.0\.9:/);
  const [first] = await sources("    source 10.0.0.9 usesrc hdr_ip(x-forwarded-for,1)", "", forwarded);
  assertMatch(first, /^1\.1\.1\.1:/);
});

Deno.test("source: health checks come from the address itself", async () => {
  const config = defaults() + web("", "    source 10.0.0.9 usesrc client", "check inter 100ms");
  const seen: string[] = [];
  await play({
    config,
    server: () => async (peer) => {
      if (peer.conn.remote.family !== "unix") seen.push(peer.conn.remote.host);
      await peer.rest();
    },
  }, async (s) => {
    await s.sleep(500);
    assertEquals(s.world.network.connects.filter((spec) => spec.remote === SERVER).length, 0);
  });
  assert(seen.length > 2 && seen.every((host) => host === "10.0.0.9"), `${seen}`);
});

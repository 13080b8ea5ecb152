// Which connection a request goes over (configuration.txt 4.2 "http-reuse", "option prefer-last-server", 5.2 "strict-maxconn"):
// seen by servers that say in each response which of their connections it came over.
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { PROCESS, SERVER } from "../../src/table/mod.ts";
import { ProxyFixture } from "../conformance/proxy_fixture.ts";
import { defaults, get, play, type Scene } from "./scenario.ts";

/** What servers saw. */
class Servers {
  connections = 0;
  open = 0;
  most = 0;
  ended = 0;

  /** Answers "<server><connection>", with fields and a status by the path. */
  script(name: string): (peer: Peer) => Promise<void> {
    let count = 0;
    return async (peer) => {
      const own = `${name}${++count}`;
      this.connections++;
      this.most = Math.max(this.most, ++this.open);
      for (;;) {
        const head = await peer.until("\r\n\r\n");
        if (!head.endsWith("\r\n\r\n")) break;
        const path = head.split(" ")[1];
        const challenge = path === "/ntlm" ? "www-authenticate: NTLM\r\n" : "www-authenticate: Basic realm=x\r\n";
        const refused = path === "/ntlm" || path === "/basic";
        await peer.send(
          `HTTP/1.1 ${refused ? "401 No" : "200 OK"}\r\n${
            refused ? challenge : ""
          }content-length: ${own.length}\r\n\r\n${own}`,
        );
      }
      this.open--;
      this.ended++;
    };
  }
}

interface Setting {
  readonly back?: string;
  readonly front?: string;
  readonly server?: string;
  readonly global?: string;
  readonly threads?: number;
  readonly two?: boolean;
  readonly defaults?: string;
}

async function scene(setting: Setting, script: (scene: Scene, servers: Servers) => Promise<void>): Promise<Servers> {
  const servers = new Servers();
  const config = `${setting.global ?? ""}
${defaults(setting.defaults)}
frontend web
    bind 10.0.0.1:80
${setting.front ?? ""}
    default_backend app
backend app
${setting.back ?? ""}
    server s 10.0.1.1:80 ${setting.server ?? ""}
${setting.two ? `    server t 10.0.1.2:80 ${setting.server ?? ""}` : ""}
`;
  await play({
    config,
    threads: setting.threads,
    before: (world) => {
      for (const [i, name] of ["s", "t"].entries()) {
        world.serve({ family: "ipv4", host: `10.0.1.${i + 1}`, port: 80 }, servers.script(name));
      }
    },
  }, (s) => script(s, servers));
  return servers;
}

/** Asks for paths on one client connection: the bodies. */
async function asks(peer: Peer, ...paths: string[]): Promise<string> {
  const bodies: string[] = [];
  for (const path of paths) {
    await peer.send(get(path));
    const head = await peer.until("\r\n\r\n");
    bodies.push(await peer.exactly(Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0)));
  }
  return bodies.join(" ");
}

Deno.test("REUSE-01 never: a session's own connections, which end with it", async () => {
  const servers = await scene({ back: "    http-reuse never", two: true }, async (s, servers) => {
    const one = await s.connect();
    assertEquals(await asks(one, "/", "/", "/", "/"), "s1 t1 s1 t1");
    const two = await s.connect();
    assertEquals(await asks(two, "/", "/", "/"), "s2 t2 s2");
    assertEquals(servers.open, 4);
    one.close();
    await s.sleep(20);
    assertEquals(servers.open, 2);
    two.close();
  });
  assertEquals(servers.open, 0);
});

Deno.test("REUSE-01 safe: the first request of a session opens a connection, others take any", async () => {
  await scene({}, async (s) => {
    const one = await s.connect();
    assertEquals(await asks(one, "/", "/"), "s1 s1");
    const two = await s.connect();
    assertEquals(await asks(two, "/", "/"), "s2 s2");
    assertEquals(await asks(one, "/", "/"), "s2 s2", "the one used last");
    one.close();
    two.close();
  });
});

Deno.test("REUSE-01 a connection on which a server authenticates (NTLM) is its session's only", async () => {
  const servers = await scene({ back: "    http-reuse always", two: true }, async (s, servers) => {
    const one = await s.connect();
    assertEquals(await asks(one, "/ntlm", "/", "/"), "s1 s1 t1", "the next request goes there again");
    const two = await s.connect();
    assertEquals(await asks(two, "/", "/", "/"), "s2 t1 s2", "nobody else gets it");
    assertEquals(await asks(two, "/basic"), "t1");
    const three = await s.connect();
    assertEquals(await asks(three, "/", "/"), "s2 t1", "other schemes leave it to all");
    assertEquals(servers.open, 3);
    one.close();
    await s.sleep(20);
    assertEquals(servers.open, 2);
    two.close();
    three.close();
  });
  assertEquals(servers.connections, 3);
});

Deno.test("REUSE-01 option prefer-last-server: to the server where the session has a connection", async () => {
  const back = "    http-reuse never\n    option prefer-last-server";
  await scene({ back, two: true }, async (s) => {
    const peer = await s.connect();
    assertEquals(await asks(peer, "/", "/", "/"), "s1 s1 s1");
    peer.close();
  });
  await scene({ back: `${back}\n    no option prefer-last-server`, two: true }, async (s) => {
    const peer = await s.connect();
    assertEquals(await asks(peer, "/", "/", "/"), "s1 t1 s1");
    peer.close();
  });
  await scene({ back: `${back}\n    balance hash path`, two: true }, async (s) => {
    const peer = await s.connect();
    assertEquals(new Set((await asks(peer, "/a", "/b", "/c", "/d", "/e", "/f")).split(" ")).size, 2, "not with hashes");
    peer.close();
  });
});

Deno.test("QUE-03 max-keep-alive-queue: from that queue on another server is as good", async () => {
  const where = async (max: string) => {
    let body = "";
    await scene({
      back: `    http-reuse never\n    option prefer-last-server\n${max}`,
      two: true,
      server: "maxconn 1",
      defaults: "    timeout queue 2s",
    }, async (s) => {
      const one = await s.connect();
      assertEquals(await asks(one, "/"), "s1");
      // Takes the only slot of s, by the turn of roundrobin: t and then s.
      const others = [await s.connect(), await s.connect()];
      const sent = others.map((peer) => peer.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n"));
      await Promise.all(sent);
      await s.sleep(10);
      await others[0].send("x");
      await others[0].until("t1");
      const asked = asks(one, "/");
      await s.sleep(100);
      await others[1].send("x");
      body = await asked;
      for (const peer of [one, ...others]) peer.close();
    });
    return body;
  };
  assertEquals(await where(""), "s1", "waits for it");
  assertEquals(await where("    max-keep-alive-queue 1"), "s1", "nobody else waits there");
  assertEquals(await where("    max-keep-alive-queue 0"), "t2", "never waits");
});

Deno.test("REUSE-03 pool-conn-name: a connection serves requests of its name only", async () => {
  const setting = { back: "    http-reuse always", server: "pool-conn-name hdr(x-name)" };
  const servers = await scene(setting, async (s) => {
    const peer = await s.connect();
    const named = async (name: string) => {
      await peer.send(get("/", "1.1", name === "" ? "" : `X-Name: ${name}\r\n`));
      const head = await peer.until("\r\n\r\n");
      return await peer.exactly(Number(/content-length: (\d+)/.exec(head)?.[1]));
    };
    const bodies: string[] = [];
    for (const name of ["a", "b", "a", "", "b", "", "a"]) bodies.push(await named(name));
    assertEquals(bodies.join(" "), "s1 s2 s1 s3 s2 s3 s1");
    peer.close();
  });
  assertEquals(servers.connections, 3);
});

Deno.test("REUSE-01 a connection whose destination its client decided serves requests for that destination only", async () => {
  const seen: string[] = [];
  const config = `${defaults()}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
    http-reuse always
    http-request set-dst hdr(x-to)
    http-request set-dst-port int(80)
    server any 0.0.0.0
`;
  const serve = (name: string) => async (peer: Peer) => {
    while ((await peer.until("\r\n\r\n")).endsWith("\r\n\r\n")) {
      await peer.send(`HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${name}`);
    }
  };
  await play({
    config,
    before: (world) => {
      for (const i of [1, 2]) world.serve({ family: "ipv4", host: `10.0.1.${i}`, port: 80 }, serve(String(i)));
    },
  }, async (s) => {
    const peer = await s.connect();
    for (const to of [1, 2, 1, 2]) {
      await peer.send(get("/", "1.1", `X-To: 10.0.1.${to}\r\n`));
      await peer.until("\r\n\r\n");
      seen.push(await peer.exactly(1));
    }
    peer.close();
  });
  assertEquals(seen, ["1", "2", "1", "2"]);
});

Deno.test("REUSE-01 a connection to where a server was is not used once it has moved, also when it was in use then", async () => {
  const seen: string[] = [];
  const serve = (name: string) => async (peer: Peer) => {
    for (;;) {
      const head = await peer.until("\r\n\r\n");
      if (!head.endsWith("\r\n\r\n")) return;
      if (head.startsWith("POST")) await peer.exactly(1);
      await peer.send(`HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${name}`);
    }
  };
  const config = `    stats socket /run/admin.sock level admin
${defaults()}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
    http-reuse always
    server s 10.0.1.1:80
`;
  await play({
    config,
    before: (world) => {
      for (const i of [1, 2]) world.serve({ family: "ipv4", host: `10.0.1.${i}`, port: 80 }, serve(String(i)));
    },
  }, async (s) => {
    const peer = await s.connect();
    const answer = async () => {
      await peer.until("\r\n\r\n");
      seen.push(await peer.exactly(1));
    };
    await peer.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n");
    await s.sleep(20);
    const cli = await s.connect({ family: "unix", path: "/run/admin.sock" });
    await cli.send("set server app/s addr 10.0.1.2 port 80\n");
    await s.drain(cli);
    cli.close();
    await peer.send("x");
    await answer();
    await peer.send(get("/"));
    await answer();
    peer.close();
  });
  assertEquals(seen, ["1", "2"]);
});

Deno.test("REUSE-04 max-session-srv-conns: idle connections a session may have of its own", async () => {
  const setting = (n: string) => ({ back: "    http-reuse never", two: true, front: n });
  await scene(setting("    max-session-srv-conns 1"), async (s, servers) => {
    const peer = await s.connect();
    assertEquals(await asks(peer, "/", "/", "/", "/"), "s1 t1 s1 t2");
    await s.sleep(5);
    assertEquals(servers.open, 1);
    peer.close();
  });
  await scene(setting("    max-session-srv-conns 0"), async (s) => {
    const peer = await s.connect();
    assertEquals(await asks(peer, "/", "/", "/"), "s1 t1 s2");
    peer.close();
  });
});

Deno.test("REUSE-04 max-reuse: a connection serves that many requests more", async () => {
  await scene({ server: "max-reuse 1" }, async (s) => {
    const peer = await s.connect();
    assertEquals(await asks(peer, "/", "/", "/", "/"), "s1 s1 s2 s2");
    peer.close();
  });
});

Deno.test("REUSE-04 tune.pool-low-fd-ratio: above it no connection is kept", async () => {
  const global = (low: number) => `global\n    maxconn 50\n    tune.pool-low-fd-ratio ${low}`;
  const bodies = async (low: number) => {
    let text = "";
    await scene({ global: global(low) }, async (s) => {
      const peers = [await s.connect(), await s.connect(), await s.connect()];
      await s.sleep(5);
      text = await asks(peers[0], "/", "/");
      for (const peer of peers) peer.close();
    });
    return text;
  };
  // Three clients and one server of a hundred descriptors.
  assertEquals([await bodies(4), await bodies(3), await bodies(0)], ["s1 s1", "s1 s2", "s1 s2"]);
});

Deno.test("REUSE-04 tune.pool-high-fd-ratio: above it an idle connection makes room for a new one", async () => {
  const most = async (high: number) => {
    let open = 0;
    const global = `global\n    maxconn 50\n    tune.pool-low-fd-ratio 50\n    tune.pool-high-fd-ratio ${high}`;
    await scene({ global, two: true, back: "    http-reuse safe" }, async (s, servers) => {
      const peers: Peer[] = [];
      for (let i = 0; i < 5; i++) {
        peers.push(await s.connect());
        await asks(peers[i], "/");
      }
      await s.sleep(20);
      open = servers.open;
      assertEquals(s.proxy.process.shared.load(PROCESS.serverConns), open);
      for (const peer of peers) peer.close();
    });
    return open;
  };
  assertEquals([await most(25), await most(6)], [5, 3]);
});

Deno.test("QUE-02 strict-maxconn: an idle connection makes room for another", async () => {
  const servers = await scene({ server: "maxconn 1 strict-maxconn" }, async (s) => {
    const [one, two] = [await s.connect(), await s.connect()];
    assertEquals(await asks(one, "/", "/"), "s1 s1");
    assertEquals(await asks(two, "/"), "s2", "a first request takes no idle one");
    assertEquals(await asks(one, "/"), "s2");
    one.close();
    two.close();
  });
  assertEquals([servers.most, servers.connections], [1, 2]);
  const loose = await scene({ server: "maxconn 1" }, async (s) => {
    const [one, two] = [await s.connect(), await s.connect()];
    await asks(one, "/");
    await asks(two, "/");
    one.close();
    two.close();
  });
  assertEquals(loose.most, 2, "without it maxconn is of requests only");
});

Deno.test("QUE-02 strict-maxconn without maxconn, and a maxconn that is lowered under a stream that has its slot", async () => {
  const servers = await scene({ server: "strict-maxconn" }, async (s) => {
    const peers = [await s.connect(), await s.connect()];
    for (const peer of peers) await asks(peer, "/");
    for (const peer of peers) peer.close();
  });
  assertEquals(servers.most, 2);
  const fixture = new ProxyFixture("backend be\n mode http\n server s 10.0.0.1:80 maxconn 2 strict-maxconn\n");
  const server = fixture.server("be/s");
  for (let i = 0; i < 2; i++) assert(server.reserve());
  assert(server.openConnection());
  fixture.change("be/s", SERVER.maxconn, 1);
  assert(server.openConnection(), "the second one has a slot");
  assert(!server.openConnection());
});

Deno.test("QUE-02 strict-maxconn: a connection of another session alone makes no room", async () => {
  let text = "";
  const setting = { back: "    http-reuse never", server: "maxconn 1 strict-maxconn" };
  const servers = await scene(setting, async (s) => {
    const one = await s.connect();
    assertEquals(await asks(one, "/"), "s1");
    const two = await s.connect();
    await two.send(get("/", "1.0"));
    text = (await s.drain(two)).text;
    one.close();
    two.close();
  });
  assertMatch(text, /^HTTP\/1.1 503 /);
  assertEquals(servers.most, 1);
});

Deno.test("QUE-02 strict-maxconn: threads give each other their idle connections up", async () => {
  const servers = await scene(
    { server: "maxconn 2 strict-maxconn", threads: 2, defaults: "    timeout queue 5s" },
    async (s) => {
      const clients = Array.from({ length: 12 }, async (_, i) => {
        await s.sleep(i * 3);
        const peer = await s.connect();
        assert(await asks(peer, "/", "/", "/") !== "");
        peer.close();
      });
      await Promise.all(clients);
    },
  );
  assertEquals(servers.most, 2);
  assert(servers.connections > 2);
});

Deno.test("SRV-01 http-send-name-header: the server is told its name, in the place of what was there", async () => {
  const heads: string[] = [];
  const config = `${defaults("    retries 1")}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
    option redispatch 1
    http-send-name-header X-Server
    server dead 10.0.1.9:80
    server s 10.0.1.1:80
`;
  await play({
    config,
    server: () => async (peer) => {
      heads.push(await peer.until("\r\n\r\n"));
      await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    },
  }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/", "1.0", "X-Server: mine\r\n"));
    await s.drain(peer);
    peer.close();
  });
  assertEquals(heads.map((h) => h.match(/x-server: .*/g)), [["x-server: s"]]);
});

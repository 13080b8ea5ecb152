// Options of proxies that change what crosses them, as frontend and backend combine them (configuration.txt 4.2).
import { assertEquals, assertMatch } from "@std/assert";
import { answers, defaults, get, play, RAW, raw, type Scene, web } from "./scenario.ts";

/** The heads of requests as the server got them, one for each of `requests`. */
async function seenByServer(front: string, back: string, requests: readonly string[]): Promise<string[]> {
  const heads: string[] = [];
  const server = (scene: Scene) => {
    const answer = answers({})(scene);
    return (peer: Parameters<typeof answer>[0]) => {
      const { until } = peer;
      peer.until = async (mark) => {
        const head = await until.call(peer, mark);
        if (head !== "") heads.push(head);
        return head;
      };
      return answer(peer);
    };
  };
  await play({ config: defaults() + web(front, back), server }, async (scene) => {
    for (const request of requests) {
      const peer = await scene.connect();
      await peer.send(request);
      await scene.drain(peer);
      peer.close();
    }
  });
  return heads;
}

/** The fields of a head whose names begin with "x-". */
function extras(head: string): string {
  return head.split("\r\n").filter((line) => line.startsWith("x-")).join(", ");
}

Deno.test("H1-13 option forwardfor: header of the backend, exceptions of either side, if-none when both say so", async () => {
  const cases: readonly (readonly [front: string, back: string, plain: string, withOwn: string])[] = [
    ["", "", "", "x-forwarded-for: 9"],
    ["option forwardfor", "", "x-forwarded-for: 127.0.0.1", "x-forwarded-for: 9, x-forwarded-for: 127.0.0.1"],
    ["", "option forwardfor", "x-forwarded-for: 127.0.0.1", "x-forwarded-for: 9, x-forwarded-for: 127.0.0.1"],
    [
      "option forwardfor header X-F",
      "option forwardfor header X-B",
      "x-b: 127.0.0.1",
      "x-forwarded-for: 9, x-b: 127.0.0.1",
    ],
    ["option forwardfor except 127.0.0.0/8", "option forwardfor", "", "x-forwarded-for: 9"],
    ["option forwardfor", "option forwardfor except 127.0.0.1", "", "x-forwarded-for: 9"],
    [
      "option forwardfor except 10.0.0.0/8",
      "",
      "x-forwarded-for: 127.0.0.1",
      "x-forwarded-for: 9, x-forwarded-for: 127.0.0.1",
    ],
    ["option forwardfor if-none", "option forwardfor if-none", "x-forwarded-for: 127.0.0.1", "x-forwarded-for: 9"],
    [
      "option forwardfor",
      "option forwardfor if-none",
      "x-forwarded-for: 127.0.0.1",
      "x-forwarded-for: 9, x-forwarded-for: 127.0.0.1",
    ],
    [
      "option forwardfor if-none",
      "option forwardfor",
      "x-forwarded-for: 127.0.0.1",
      "x-forwarded-for: 9, x-forwarded-for: 127.0.0.1",
    ],
  ];
  for (const [front, back, plain, withOwn] of cases) {
    const heads = await seenByServer(front, back, [get("/", "1.0"), get("/", "1.0", "X-Forwarded-For: 9\r\n")]);
    assertEquals(heads.map(extras), [plain, withOwn], `${front} / ${back}`);
  }
});

Deno.test("LOG-03 option httplog of a proxy in TCP mode falls back to tcplog, its own and an inherited one", async () => {
  for (
    const [name, own, inherited] of [["own", "    option httplog clf", ""], ["inherited", "", "    option httplog"]]
  ) {
    const config = defaults(inherited) + raw(own).replace("    option tcplog\n", "");
    const scene = await play({ config, server: () => (peer) => peer.send("served") }, async (scene) => {
      const peer = await scene.connect(RAW);
      await scene.drain(peer);
      peer.close();
    });
    assertMatch(scene.log[0], /^127\.0\.0\.1:\d+ \[\S+\] raw rawapp\/s \d+\/\d+\/\d+ 6 -- /, name);
  }
});

Deno.test("HTTP-01 after-response rules of the backend, then of the frontend, see responses made here too", async () => {
  const front = `
    http-after-response set-header x-after "%[res.hdr(x-after)]f"
    http-request deny if { path /front }`;
  const back = `
    http-after-response set-header x-after "%[res.hdr(x-after)]b"
    http-request return status 200 if { path /back }`;
  await play({ config: defaults() + web(front, back), server: answers({}) }, async (scene) => {
    for (const [path, after] of [["/front", "f"], ["/back", "bf"], ["/server", "bf"]]) {
      const peer = await scene.connect();
      await peer.send(get(path, "1.0"));
      assertMatch((await scene.drain(peer)).text, new RegExp(`\r\nx-after: ${after}\r\n`), path);
      peer.close();
    }
  });
});

Deno.test("CFG-25 a disabled backend serves nobody", async () => {
  const scene = await play({ config: defaults() + web("", "    disabled"), server: answers({}) }, async (scene) => {
    const peer = await scene.connect();
    await peer.send(get("/", "1.0"));
    assertMatch((await scene.drain(peer)).text, /^HTTP\/1.1 503 /);
    peer.close();
  });
  assertMatch(scene.log[0], / web app\/<NOSRV> .* SC-- /);
});

/** A server that serves its first connection for a second. */
const SLOW = (scene: Scene) => async (peer: Awaited<ReturnType<Scene["connect"]>>) => {
  await scene.sleep(1000);
  await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nserved");
};

Deno.test("QUE-03 option abortonclose: a TCP client that closes in the queue leaves it, one that goes on sending does not", async () => {
  const config = defaults("    timeout queue 3s") + raw("", "    option abortonclose", "maxconn 1");
  const scene = await play({ config, server: SLOW }, async (scene) => {
    const first = await scene.connect(RAW);
    await first.send("a");
    await scene.sleep(10);
    const gone = await scene.connect(RAW);
    await gone.send("b");
    await scene.sleep(10);
    gone.shutdown();
    const since = scene.now;
    assertEquals((await scene.drain(gone)).text, "");
    assertEquals(scene.now - since < 100, true, "at once");
    gone.close();
    const patient = await scene.connect(RAW);
    for (let i = 0; i < 5; i++) {
      await patient.send("c");
      await scene.sleep(10);
    }
    assertMatch((await scene.drain(patient)).text, /served$/);
    patient.close();
    first.close();
  });
  const gone = scene.log.filter((line) => / rawapp\/<NOSRV> .* CQ /.test(line));
  assertEquals([gone.length, scene.log.length], [1, 3]);
});

Deno.test("QUE-03 option abortonclose: a client that fills the buffer with further requests is still there", async () => {
  const config = defaults() + web("", "    option abortonclose");
  const scene = await play({ config, server: SLOW }, async (scene) => {
    const peer = await scene.connect();
    await peer.send(get("/") + get("/", "1.1", `x: ${"y".repeat(4000)}\r\n`).repeat(9));
    assertMatch(await peer.until("served"), /^HTTP\/1.1 200 /);
    peer.close();
  });
  assertMatch(scene.log[0], / web app\/s .* 200 .* ---- /);
});

Deno.test("SRV-01 where a server is: its port, port 0, an offset, no port, or all of it from the client's connection", async () => {
  const cases: readonly (readonly [bind: string, rule: string, address: string])[] = [
    ["10.0.0.1:90", "", "10.0.1.1:80"],
    ["10.0.0.1:80", "", "10.0.1.1:0"],
    ["10.0.0.1:80", "", "10.0.1.1"],
    ["10.0.0.1:80", "", "10.0.1.1:+0"],
    ["10.0.0.1:1080", "", "10.0.1.1:-1000"],
    ["10.0.0.1:70", "", "10.0.1.1:+10"],
    ["10.0.0.1:80", "http-request set-dst str(10.0.1.1)", "0.0.0.0:0"],
    ["10.0.0.1:90", "http-request set-dst str(10.0.1.1)\n    http-request set-dst-port int(80)", "0.0.0.0:0"],
    ["10.0.0.1:80", "http-request set-dst str(10.0.1.1)", "*"],
    ["10.0.0.1:90", "http-request set-dst str(10.0.1.1)", "0.0.0.0:80"],
  ];
  for (const [bind, rule, address] of cases) {
    const config = `${defaults()}
frontend web
    bind ${bind}
    ${rule}
    default_backend app
backend app
    server s ${address}
`;
    await play({ config, server: answers({}) }, async (scene) => {
      const [host, port] = bind.split(":");
      const peer = await scene.connect({ family: "ipv4", host, port: Number(port) });
      await peer.send(get("/", "1.0"));
      assertMatch((await scene.drain(peer)).text, /^HTTP\/1.1 200 /, `${bind} ${address}`);
      peer.close();
    });
  }
});

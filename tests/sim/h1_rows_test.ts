// Rows of HTTP/1 that are about time, interim responses and connections, on virtual time.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { IO_END } from "../../src/sys/types.ts";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { answers, defaults, get, play, post, type Scene, termination, web } from "./scenario.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

const SERVER = answers({
  "/hole": async (_, scene) => {
    await scene.sleep(9000);
    return false;
  },
  "/slow": async (peer, scene) => {
    await scene.sleep(1900);
    await peer.send(OK);
  },
  "/drip": async (peer, scene) => {
    await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n");
    for (const c of "drip") {
      await scene.sleep(1900);
      await peer.send(c);
    }
  },
});

/** Within the way of a message, the tick of the wheel and no more. */
function assertAt(actual: number, expected: number): void {
  assert(actual >= expected && actual <= expected + 3, `at ${actual} ms, expected ${expected}`);
}

/** Plays a script against SERVER with the usual timeouts. */
function scene(script: (scene: Scene) => Promise<void>, front = "", back = "", more = "") {
  return play({ config: defaults(more) + web(front, back), server: SERVER }, script);
}

Deno.test("H1-05 a connection that says nothing gets 408 at `timeout http-request` and is closed", async () => {
  const { log } = await scene(async (s) => {
    const peer = await s.connect();
    const { text, at, code } = await s.drain(peer);
    assert(text.startsWith("HTTP/1.1 408 Request Time-out\r\n"), text);
    assertStringIncludes(text, "connection: close\r\n");
    assertAt(at, 1000);
    assertEquals(code, IO_END);
    peer.close();
  });
  assertEquals(log.length, 1);
  assertStringIncludes(log[0], "web web/<NOSRV> -1/-1/-1/-1/1000 408 ");
  assertStringIncludes(log[0], ' cR-- 1/1/0/0/0 0/0 "<BADREQ>"');
});

Deno.test("H1-05 `timeout http-request` counts from the first byte, and bytes that trickle do not move it", async () => {
  await scene(async (s) => {
    const peer = await s.connect();
    await s.sleep(600);
    await peer.send("GET ");
    await s.sleep(700);
    await peer.send("/ HTT");
    const { text, at } = await s.drain(peer);
    assert(text.startsWith("HTTP/1.1 408 "), text);
    assertAt(at, 1600);
    peer.close();
  });
});

Deno.test("H1-05 an idle connection is closed without a word at `timeout http-keep-alive`", async () => {
  const { log } = await scene(async (s) => {
    const peer = await s.connect();
    await peer.send(get("/"));
    assertEquals(await peer.until("ok"), OK);
    const from = s.now;
    const { text, at, code } = await s.drain(peer);
    assertEquals([text, code], ["", IO_END]);
    assertAt(at, from + 700);
    peer.close();
  });
  assertEquals(log.length, 1);
});

Deno.test("H1-05 a request begun on a kept connection has `timeout http-request` from its first byte", async () => {
  await scene(async (s) => {
    const peer = await s.connect();
    await peer.send(get("/"));
    await peer.until("ok");
    await s.sleep(500);
    const from = s.now;
    await peer.send("GET ");
    const { text, at } = await s.drain(peer);
    assert(text.startsWith("HTTP/1.1 408 "), text);
    assertAt(at, from + 1000);
    peer.close();
  });
});

Deno.test("H1-05 without `timeout http-request` and `http-keep-alive`, `timeout client` stands in for both", async () => {
  await play({
    config: "defaults\n  mode http\n  timeout connect 1s\n  timeout server 2s\n  timeout client 1500ms\n" + web(),
    server: SERVER,
  }, async (s) => {
    const silent = await s.connect();
    assertAt((await s.drain(silent)).at, 1500);
    silent.close();
    const kept = await s.connect();
    await kept.send(get("/"));
    await kept.until("ok");
    const from = s.now;
    assertAt((await s.drain(kept)).at, from + 1500);
    kept.close();
  });
});

Deno.test("H1-05 a server that does not answer gives 504 at `timeout server`; the client's connection goes on", async () => {
  const { log } = await scene(async (s) => {
    const peer = await s.connect();
    await peer.send(get("/hole"));
    const head = await peer.until("\r\n\r\n");
    assert(head.startsWith("HTTP/1.1 504 Gateway Time-out\r\n"), head);
    assertAt(s.now, 2000);
    await peer.until("</html>\n");
    await peer.send(get("/"));
    assertEquals(await peer.until("ok"), OK);
    peer.close();
  });
  assertStringIncludes(log[0], " 0/0/0/-1/2000 504 ");
});

Deno.test("H1-05 `timeout server` is one of inactivity: slow answers and drops of a body do not reach it", async () => {
  await scene(async (s) => {
    const peer = await s.connect();
    await peer.send(get("/slow"));
    assertEquals(await peer.until("ok"), OK);
    await peer.send(get("/drip"));
    assertEquals((await peer.until("drip")).slice(-4), "drip");
    assert(s.now > 9500, "the body took longer than the timeout");
    peer.close();
  });
});

Deno.test("H1-05 a client that stalls in its body is the server's timeout, until the server answers", async () => {
  const { log } = await scene(async (s) => {
    const peer = await s.connect();
    await peer.send(post("/hole", 9, "abc"));
    const { text, at } = await s.drain(peer);
    assert(text.startsWith("HTTP/1.1 504 "), text);
    assertAt(at, 2000);
    peer.close();
  }, "    timeout client 1s");
  assertStringIncludes(log[0], " sH-- ");
});

Deno.test("H1-05 a connect that is not answered ends at `timeout connect`, once for each retry", async () => {
  const { log } = await play({
    config: defaults("    retries 2") + web().replace("10.0.1.1:80", "10.0.9.8:80"),
    before: (world) => world.blackhole({ family: "ipv4", host: "10.0.9.8", port: 80 }),
  }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/", "1.0"));
    const { text, at } = await s.drain(peer);
    assert(text.startsWith("HTTP/1.1 503 "), text);
    assertAt(at, 900);
    peer.close();
  });
  assertStringIncludes(log[0], " sC-- 1/1/0/0/2 ");
});

Deno.test("REUSE-05 a refused connect is tried again after a second, and the log counts it", async () => {
  const { log } = await play({ config: defaults("    timeout connect 5s\n    retries 2") + web() }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/", "1.0"));
    assertAt((await s.drain(peer)).at, 2000);
    peer.close();
  });
  assertStringIncludes(log[0], " SC-- 1/1/0/0/2 ");
});

Deno.test("H1-05 a tarpitted client waits for `timeout tarpit`", async () => {
  await scene(async (s) => {
    const peer = await s.connect();
    await peer.send(get("/", "1.0"));
    const { text, at } = await s.drain(peer);
    assert(text.startsWith("HTTP/1.1 500 "), text);
    assertAt(at, 250);
    peer.close();
  }, "    http-request tarpit");
});

// ---- upgrades -----------------------------------------------------------------------------------------------------

const UPGRADE = "Connection: Upgrade\r\nUpgrade: echo\r\n";
const echo = answers({
  "/ws": async (peer) => {
    await peer.send(`HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}\r\nwelcome`);
    while (await peer.more()) await peer.send(peer.take(peer.received.length).toUpperCase());
    return false;
  },
});

Deno.test("H1-04 after 101 bytes go both ways under `timeout tunnel`, and a FIN crosses", async () => {
  const { log } = await play({ config: defaults("    timeout tunnel 6s") + web(), server: echo }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/ws", "1.1", UPGRADE) + "early ");
    const head = await peer.until("\r\n\r\n");
    assert(head.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), head);
    assertStringIncludes(head.toLowerCase(), "upgrade: echo\r\n");
    assertEquals(await peer.exactly(13), "welcomeEARLY ");
    // Longer than the timeouts of client and server, shorter than that of the tunnel.
    await s.sleep(5000);
    await peer.send("late");
    assertEquals(await peer.exactly(4), "LATE");
    peer.shutdown();
    assertEquals((await s.drain(peer)).code, IO_END);
    peer.close();
  });
  assertStringIncludes(log[0], " 101 ");
  assertStringIncludes(log[0], " ---- ");
});

Deno.test("H1-04 H1-05 a silent tunnel is closed at `timeout tunnel`", async () => {
  await play({ config: defaults("    timeout tunnel 6s") + web(), server: echo }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/ws", "1.1", UPGRADE));
    await peer.until("welcome");
    const from = s.now;
    assertAt((await s.drain(peer)).at, from + 6000);
    peer.close();
  });
});

Deno.test("H1-04 a server that switches unasked gives 502", async () => {
  await play({ config: defaults() + web(), server: echo }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/ws", "1.0"));
    assert((await s.drain(peer)).text.startsWith("HTTP/1.1 502 "));
    peer.close();
  });
});

// ---- bodies and interim responses ---------------------------------------------------------------------------------

Deno.test("H1-14 interim responses reach the client at once, before the final one", async () => {
  const server = answers({
    "/": async (peer, scene) => {
      await peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
      await scene.sleep(500);
      await peer.send(OK);
    },
  });
  await play({ config: defaults() + web(), server }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/"));
    assertEquals(await peer.until("\r\n\r\n"), "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
    assert(s.now < 10);
    assertEquals(await peer.until("ok"), OK);
    assertAt(s.now, 500);
    peer.close();
  });
});

Deno.test("H1-14 a head goes to the server before its body, whose client waits for 100", async () => {
  const server = (scene: Scene) => async (peer: Peer) => {
    const head = await peer.until("\r\n\r\n");
    assertStringIncludes(head, "expect: 100-continue\r\n");
    await scene.sleep(100);
    await peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    assertEquals(await peer.exactly(5), "hello");
    await peer.send(OK);
    await peer.rest();
  };
  await play({ config: defaults() + web(), server }, async (s) => {
    const peer = await s.connect();
    await peer.send(post("/", 5, "").replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
    assertEquals(await peer.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    assertAt(s.now, 100);
    await peer.send("hello");
    assertEquals(await peer.until("ok"), OK);
    peer.close();
  });
});

Deno.test("H1-03 a response head reaches the client although its body does not come yet", async () => {
  await scene(async (s) => {
    const peer = await s.connect();
    await peer.send(get("/drip"));
    await peer.until("\r\n\r\n");
    assert(s.now < 10);
    peer.close();
  });
});

Deno.test("H1-03 chunks and trailers cross in both directions", async () => {
  let got = "";
  const server = (_: Scene) => async (peer: Peer) => {
    await peer.until("\r\n\r\n");
    got = await peer.until("\r\n\r\n");
    await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 9\r\n\r\n");
    await peer.rest();
  };
  await play({ config: defaults() + web(), server }, async (s) => {
    const peer = await s.connect();
    await peer.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-End: 1\r\n\r\n");
    await peer.until("\r\n\r\n");
    assertEquals(await peer.until("\r\n\r\n"), "3\r\nabc\r\n0\r\nx-sum: 9\r\n\r\n");
    peer.close();
  });
  assertEquals(got, "2\r\nhi\r\n0\r\nx-end: 1\r\n\r\n");
});

// ---- connections --------------------------------------------------------------------------------------------------

/** Sends two requests on a connection; what both answers say about it, and what the server was told. */
async function twoRequests(front: string, version: string, fields = "") {
  const heads: string[] = [];
  const server = () => async (peer: Peer) => {
    for (let head = await peer.until("\r\n\r\n"); head !== ""; head = await peer.until("\r\n\r\n")) {
      heads.push(head);
      await peer.send(OK);
    }
  };
  const seen: string[] = [];
  await play({ config: defaults() + web(front), server }, async (s) => {
    const peer = await s.connect();
    for (let i = 0; i < 2 && peer.ended === 0; i++) {
      await peer.send(get(`/${i}`, version, fields));
      const head = await peer.until("\r\n\r\n");
      if (head === "") break;
      seen.push(/connection: (\S+)/.exec(head)?.[1] ?? "");
      await peer.until("ok");
      await s.sleep(5);
    }
    peer.close();
  });
  return { seen, told: heads.map((head) => /connection: (\S+)/.exec(head)?.[1] ?? "") };
}

Deno.test("H1-02 connection modes: what the client and the server are told", async () => {
  const cases: readonly (readonly [string, string, string, string[], string[]])[] = [
    ["", "1.1", "", ["", ""], ["", ""]],
    ["    option http-server-close", "1.1", "", ["", ""], ["close", "close"]],
    ["    option httpclose", "1.1", "", ["close"], ["close"]],
    ["", "1.1", "Connection: close\r\n", ["close"], [""]],
    ["", "1.0", "", ["close"], ["keep-alive"]],
    ["", "1.0", "Connection: keep-alive\r\n", ["keep-alive", "keep-alive"], ["keep-alive", "keep-alive"]],
  ];
  for (const [front, version, fields, seen, told] of cases) {
    assertEquals(await twoRequests(front, version, fields), { seen, told }, `${front} ${version} ${fields}`);
  }
});

Deno.test("H1-02 a response that came whole before the request goes on being one exchange of its connection", async () => {
  const server = () => async (peer: Peer) => {
    await peer.until("\r\n\r\n");
    await peer.send(OK);
    assertEquals(await peer.exactly(6), "abcdef");
    assert((await peer.until("\r\n\r\n")).startsWith("GET /2 "));
    await peer.send(OK);
    await peer.rest();
  };
  const { log } = await play({ config: defaults() + web(), server }, async (s) => {
    const peer = await s.connect();
    await peer.send(post("/1", 6, "abc"));
    assertEquals(await peer.until("ok"), OK);
    await s.sleep(500);
    await peer.send("def" + get("/2"));
    assertEquals(await peer.until("ok"), OK);
    peer.close();
  });
  assertEquals(log.map(termination), ["--", "--"]);
});

Deno.test("H1-02 what a client still sends does not cost it the response that closes its connection", async () => {
  await scene(async (s) => {
    const peer = await s.connect();
    await peer.send(post("/", 100_000, "x".repeat(50_000)) + "y".repeat(50_000) + get("/behind"));
    await s.sleep(50);
    const { text, code } = await s.drain(peer);
    assert(text.startsWith("HTTP/1.1 403 "), text);
    assertEquals(code, IO_END);
    peer.close();
  }, "    http-request deny");
});

Deno.test("H1-02 a connection closed by the server just when it was used again ends the client's in silence", async () => {
  let requests = 0;
  const server = () => async (peer: Peer) => {
    await peer.until("\r\n\r\n");
    requests++;
    await peer.send(OK);
    await peer.until("\r\n\r\n");
    requests++;
  };
  const { log } = await play({ config: defaults() + web(), server }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/1"));
    await peer.until("ok");
    await peer.send(get("/2"));
    assertEquals(await s.drain(peer).then(({ text, code }) => [text, code]), ["", IO_END]);
    peer.close();
  });
  assertEquals(requests, 2);
  assertStringIncludes(log[1], " -1 0 - - SH-- ");
});

Deno.test("H1-14 who waits for a body asks a client for it that waits to be asked", async () => {
  let told = "";
  const server = () => async (peer: Peer) => {
    told = await peer.until("\r\n\r\n") + await peer.exactly(3);
    await peer.send(OK);
    await peer.rest();
  };
  const config = defaults() + web("    http-request wait-for-body time 500ms");
  await play({ config, server }, async (s) => {
    const peer = await s.connect();
    await peer.send(post("/", 3, "").replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
    assertEquals(await peer.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    await peer.send("abc");
    assertEquals(await peer.until("ok"), OK);
    peer.close();
  });
  assert(told.endsWith("\r\n\r\nabc") && !told.includes("expect"), told);
});

Deno.test("H1-14 a body that is waited for and does not come: late, cut, broken", async () => {
  const broken = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n";
  const cases = [
    [post("/", 3, "a"), "nothing", "408", " 408 ", "cR", 500],
    [post("/", 3, "a"), "fin", "", " -1 ", "CR", 100],
    [broken, "zz\r\n", "400", " 400 ", "PR", 100],
  ] as const;
  for (const [first, then, answer, status, state, ms] of cases) {
    const { log } = await scene(async (s) => {
      const peer = await s.connect();
      await peer.send(first);
      await s.sleep(100);
      if (then === "fin") peer.shutdown();
      else if (then !== "nothing") await peer.send(then);
      const { text, at } = await s.drain(peer);
      assertEquals(text.slice(9, 12), answer);
      assertAt(at, ms);
      peer.close();
    }, "    http-request wait-for-body time 500ms");
    assertStringIncludes(log[0], status);
    assertEquals(termination(log[0]), state);
  }
});

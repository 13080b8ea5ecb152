// Rows of TCP mode, queues, reuse and stops, on virtual time.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { IO_END, IO_RESET } from "../../src/sys/types.ts";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { answers, defaults, get, play, RAW, raw, type Scene, termination, web } from "./scenario.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

function assertAt(actual: number, expected: number): void {
  assert(actual >= expected && actual <= expected + 3, `at ${actual} ms, expected ${expected}`);
}

// ---- TCP ----------------------------------------------------------------------------------------------------------

Deno.test("TCP-01 a FIN of the client crosses, and the server still answers", async () => {
  const server = (scene: Scene) => async (peer: Peer) => {
    assertEquals(await peer.rest(), "question");
    assert(peer.finished);
    await scene.sleep(1000);
    await peer.send("answer");
  };
  const { log } = await play({ config: defaults() + raw(), server }, async (s) => {
    const peer = await s.connect(RAW);
    await peer.send("question");
    peer.shutdown();
    const { text, code } = await s.drain(peer);
    assertEquals([text, code], ["answer", IO_END]);
    peer.close();
  });
  assertEquals(log.map(termination), ["--"]);
});

Deno.test("TCP-01 a FIN of the server crosses, and the client still sends", async () => {
  let got = "";
  const server = (_: Scene) => async (peer: Peer) => {
    await peer.send("hello");
    peer.shutdown();
    got = await peer.rest();
  };
  const { log } = await play({ config: defaults() + raw(), server }, async (s) => {
    const peer = await s.connect(RAW);
    assertEquals(await peer.rest(), "hello");
    await s.sleep(500);
    await peer.send("late");
    peer.close();
  });
  assertEquals(got, "late");
  assertEquals(log.map(termination), ["--"]);
});

Deno.test("TCP-01 half-closed sides are under `timeout client-fin` and `timeout server-fin`", async () => {
  const config = defaults() + raw("    timeout client-fin 600ms", "    timeout server-fin 300ms");
  const holds = (scene: Scene) => async (peer: Peer) => {
    if ((await peer.exactly(3)) === "fin") peer.shutdown();
    await scene.sleep(9000);
  };
  const { log } = await play({ config, server: holds }, async (s) => {
    const first = await s.connect(RAW);
    await first.send("one");
    await s.sleep(100);
    first.shutdown();
    assertAt((await s.drain(first)).at, 400);
    first.close();
    const second = await s.connect(RAW);
    await second.send("fin");
    const from = s.now;
    assertEquals(await second.rest(), "");
    await second.send("x");
    await s.sleep(500);
    assertEquals(s.log.length, 1);
    await s.sleep(200);
    assertAt(s.now, from + 700);
    second.close();
  });
  assertEquals(log.map(termination), ["sD", "cD"]);
});

Deno.test("TCP-01 bytes of one direction keep both sides alive", async () => {
  const server = (scene: Scene) => async (peer: Peer) => {
    await peer.exactly(1);
    for (let i = 0; i < 10; i++) {
      await scene.sleep(1000);
      await peer.send("drip");
    }
  };
  const { log } = await play({ config: defaults("    timeout client 1500ms") + raw(), server }, async (s) => {
    const peer = await s.connect(RAW);
    await peer.send("x");
    const { text, at } = await s.drain(peer);
    assertEquals(text.length, 40);
    assertAt(at, 10_000);
    peer.close();
  });
  assertEquals(log.map(termination), ["--"]);
});

Deno.test("TCP-01 a reset of one side ends the other at once", async () => {
  const ends: number[] = [];
  const server = (scene: Scene) => async (peer: Peer) => {
    const text = await peer.exactly(3);
    if (text === "you") {
      await scene.sleep(100);
      peer.reset();
    } else {
      await peer.rest();
      ends.push(scene.now);
    }
  };
  const { log } = await play({ config: defaults() + raw(), server }, async (s) => {
    const first = await s.connect(RAW);
    await first.send("you");
    assertAt((await s.drain(first)).at, 100);
    first.close();
    const second = await s.connect(RAW);
    await second.send("me ");
    await s.sleep(100);
    second.reset();
    const at = s.now;
    await s.sleep(100);
    assertEquals(ends.length, 1);
    assertAt(ends[0], at);
  });
  assertEquals(log.map(termination), ["SD", "CD"]);
});

Deno.test("TCP-01 a sender is stopped by a receiver that does not read, and nothing piles up", async () => {
  const all = 3_000_000;
  let sent = 0;
  const server = (_: Scene) => async (peer: Peer) => {
    await peer.exactly(1);
    for (; sent < all; sent += 10_000) await peer.send("z".repeat(10_000));
  };
  await play({ config: defaults() + raw(), server }, async (s) => {
    const peer = await s.connect(RAW);
    await peer.send("x");
    await s.sleep(1000);
    assert(sent < 1_000_000, `${sent} bytes were taken with nobody reading`);
    assertEquals((await s.drain(peer)).text.length, all);
    peer.close();
  });
});

Deno.test("TCP-03 content rules decide at the latest after the inspection delay", async () => {
  const config = defaults() + raw(
    "    tcp-request inspect-delay 400ms\n    tcp-request content accept if { req.len ge 5 }\n    tcp-request content reject",
  );
  const server = (_: Scene) => async (peer: Peer) => void await peer.send(await peer.exactly(5));
  await play({ config, server }, async (s) => {
    const slow = await s.connect(RAW);
    await slow.send("abc");
    assertAt((await s.drain(slow)).at, 400);
    slow.close();
    const quick = await s.connect(RAW);
    await quick.send("abc");
    await s.sleep(200);
    await quick.send("de");
    assertEquals(await quick.exactly(5), "abcde");
    quick.close();
  });
});

// ---- queues -------------------------------------------------------------------------------------------------------

/** A server that answers after a second and tells how many it served at once. */
function busy(most: { value: number }): (scene: Scene) => (peer: Peer) => Promise<unknown> {
  let inside = 0;
  return answers({
    "/": async (peer, scene) => {
      most.value = Math.max(most.value, ++inside);
      await scene.sleep(1000);
      inside--;
      await peer.send(OK);
    },
  });
}

async function askAt(scene: Scene, ms: number): Promise<{ status: string; at: number }> {
  await scene.sleep(ms);
  const peer = await scene.connect();
  await peer.send(get("/", "1.0"));
  const { text, at } = await scene.drain(peer);
  peer.close();
  return { status: text.slice(9, 12), at };
}

Deno.test("QUE-01 no more than maxconn requests are at a server at once, the others wait in order", async () => {
  const most = { value: 0 };
  const config = defaults("    timeout queue 20s") + web("", "", "maxconn 2");
  const { log } = await play({ config, server: busy(most), threads: 2 }, async (s) => {
    const results = await Promise.all([0, 10, 20, 30, 40].map((ms) => askAt(s, ms)));
    assertEquals(results.map((r) => r.status), ["200", "200", "200", "200", "200"]);
    results.forEach(({ at }, i) => {
      const expected = [1000, 1010, 2000, 2010, 3000][i];
      assert(Math.abs(at - expected) <= 5, `answer ${i} at ${at}, expected ${expected}`);
    });
  });
  assertEquals(most.value, 2);
  assertEquals(log.map(termination), ["--", "--", "--", "--", "--"]);
});

Deno.test("QUE-03 who waits longer than `timeout queue` gets 503 and leaves the queue", async () => {
  const most = { value: 0 };
  const { log } = await play({ config: defaults() + web("", "", "maxconn 1"), server: busy(most) }, async (s) => {
    const [first, second, third] = await Promise.all([0, 10, 700].map((ms) => askAt(s, ms)));
    assertEquals([first.status, second.status, third.status], ["200", "503", "200"]);
    assertAt(second.at, 410);
    assert(third.at < 2010, "the slot went to who still waited");
    assertEquals(s.proxy.gauges().filter((g) => g.name.toLowerCase().includes("queued")), []);
  });
  assertEquals(log.map(termination), ["sQ", "--", "--"]);
  assertStringIncludes(log[0], " 0/400/-1/-1/400 503 ");
  assertEquals(log.map((line) => / (\d+\/\d+) "/.exec(line)![1]), ["0/1", "0/0", "0/1"]);
});

// ---- reuse --------------------------------------------------------------------------------------------------------

/** Three clients with two requests each, one after the other: how many connections the server saw. */
async function connectionsUnder(mode: string): Promise<number> {
  let connections = 0;
  const server = (_: Scene) => async (peer: Peer) => {
    connections++;
    while (await peer.until("\r\n\r\n") !== "") await peer.send(OK);
  };
  await play({ config: defaults() + web("", `    http-reuse ${mode}`), server }, async (s) => {
    for (let client = 0; client < 3; client++) {
      const peer = await s.connect();
      for (let request = 0; request < 2; request++) {
        await peer.send(get("/"));
        await peer.until("ok");
        await s.sleep(1);
      }
      peer.close();
      await s.sleep(1);
    }
  });
  return connections;
}

Deno.test("REUSE-01 the number of server connections follows http-reuse", async () => {
  // never: a connection for each client. safe: the first request of a client opens one. aggressive: it takes one that
  // was reused before. always: one for all.
  assertEquals(await connectionsUnder("never"), 3);
  assertEquals(await connectionsUnder("safe"), 3);
  assertEquals(await connectionsUnder("aggressive"), 1);
  assertEquals(await connectionsUnder("always"), 1);
});

Deno.test("REUSE-01 a connection that the server closed is not used again", async () => {
  let connections = 0;
  const server = (scene: Scene) => async (peer: Peer) => {
    connections++;
    await peer.until("\r\n\r\n");
    await peer.send(OK);
    await scene.sleep(50);
  };
  const { log } = await play({ config: defaults() + web("", "    http-reuse always"), server }, async (s) => {
    const peer = await s.connect();
    for (let i = 0; i < 3; i++) {
      await peer.send(get("/"));
      assertEquals(await peer.until("ok"), OK);
      await s.sleep(100);
    }
    peer.close();
  });
  assertEquals(connections, 3);
  assertEquals(log.map(termination), ["--", "--", "--"]);
});

// ---- stops --------------------------------------------------------------------------------------------------------

Deno.test("PROC-07 PROC-08 a soft stop: idle connections end at once, active ones behind their response", async () => {
  const server = answers({
    "/slow": async (peer, scene) => {
      await scene.sleep(1000);
      await peer.send(OK);
    },
  });
  const { log } = await play(
    { config: defaults("    timeout http-keep-alive 5s") + web(), server, threads: 2 },
    async (s) => {
      const idle = await s.connect();
      await idle.send(get("/"));
      await idle.until("ok");
      const active = await s.connect();
      await active.send(get("/slow"));
      await s.sleep(100);
      const stopped = s.now;
      s.proxy.process.softStop();
      const end = await s.drain(idle);
      assertEquals([end.text, end.code], ["", IO_END]);
      assertAt(end.at, stopped);
      const { text } = await s.drain(active);
      assertStringIncludes(text, "connection: close\r\n");
      assert(text.endsWith("ok"));
      assertAt(s.now, 1000);
      assertEquals(typeof await s.world.connect({ family: "ipv4", host: "10.0.0.1", port: 80 }), "number");
      idle.close();
      active.close();
      assertEquals(await s.proxy.process.ended, 0);
    },
  );
  assertEquals(log.filter((line) => line.includes(" web ")).map(termination), ["--", "--"]);
});

Deno.test("PROC-21 close-spread-time closes connections one by one over the time, infinite leaves them to their timeouts", async () => {
  const closedAt = async (spread: string): Promise<number[]> => {
    const times: number[] = [];
    const server = answers({
      "/slow": async (peer, scene) => {
        await scene.sleep(50);
        await peer.send(OK);
      },
    });
    const config = `global\n    close-spread-time ${spread}\n${defaults("    timeout http-keep-alive 60s")}${web()}`;
    await play({ config, server }, async (s) => {
      const idle = [];
      for (let i = 0; i < 20; i++) {
        const peer = await s.connect();
        await peer.send(get("/"));
        await peer.until("ok");
        idle.push(peer);
      }
      const active = await s.connect();
      await active.send(get("/slow"));
      await s.sleep(10);
      const stopped = s.now;
      s.proxy.process.softStop();
      // Few of the connections are to end behind the first responses of a long time.
      const response = await active.until("ok");
      if (spread === "infinite") assert(!response.includes("connection: close"), response);
      await Promise.all([...idle, active].map(async (peer) => {
        times.push((await s.drain(peer)).at - stopped);
        peer.close();
      }));
      assertEquals(await s.proxy.process.ended, 0);
    });
    return times.sort((a, b) => a - b);
  };
  const spread = await closedAt("10s");
  assert(spread[0] < 5000 && spread[4] < 8000, `${spread}`);
  assert(spread[20] > 5000 && spread[20] < 10_500, `${spread}`);
  const never = await closedAt("infinite");
  assert(never[0] > 50_000, `${never}`);
});

Deno.test("PROC-20 SIGTTOU gives the addresses up, SIGTTIN takes them again, what is accepted goes on", async () => {
  const config = defaults() + web();
  await play({ config, server: answers({}), threads: 2 }, async (s) => {
    const { process } = s.proxy;
    const kept = await s.connect();
    process.pause();
    await s.sleep(50);
    assertEquals(typeof await s.world.connect({ family: "ipv4", host: "10.0.0.1", port: 80 }), "number");
    await kept.send(get("/"));
    assertStringIncludes(await kept.until("ok"), "200");
    process.resume();
    await s.sleep(50);
    // One behind the other: the address is free only when the last thread has given it up.
    process.pause();
    process.resume();
    await s.sleep(50);
    const late = await s.connect();
    await late.send(get("/"));
    assertStringIncludes(await late.until("ok"), "200");
    assertEquals(s.proxy.messages.map((m) => m.text), [
      "Paused frontend web.",
      "Resumed frontend web.",
      "Paused frontend web.",
      "Resumed frontend web.",
    ]);
    kept.close();
    late.close();
  });
});

Deno.test("PROC-09 idle server connections are reset when the process ends: none is left in TIME_WAIT", async () => {
  const ends: number[] = [];
  const server = (_: Scene) => async (peer: Peer) => {
    while (await peer.more()) {
      peer.take(peer.received.length);
      await peer.send(OK);
    }
    ends.push(peer.ended);
  };
  await play({ config: defaults() + web("", "    http-reuse always"), server }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/"));
    assertEquals(await peer.until("ok"), OK);
    peer.close();
    await s.sleep(100);
    assertEquals(ends, []);
    s.proxy.process.softStop();
    assertEquals(await s.proxy.process.ended, 0);
    await s.sleep(100);
    assertEquals(ends, [IO_RESET]);
  });
});

Deno.test("PROC-07 a soft stop lets a tunnel go on to its end", async () => {
  const server = (_: Scene) => async (peer: Peer) => {
    while (await peer.more()) await peer.send(peer.take(peer.received.length));
  };
  await play({ config: defaults() + raw(), server }, async (s) => {
    const peer = await s.connect(RAW);
    await peer.send("one");
    assertEquals(await peer.exactly(3), "one");
    s.proxy.process.softStop();
    await s.sleep(1000);
    await peer.send("two");
    assertEquals(await peer.exactly(3), "two");
    peer.shutdown();
    await s.drain(peer);
    peer.close();
    assertEquals(await s.proxy.process.ended, 0);
  });
});

Deno.test("PROC-21 a hard stop ends what goes on, with the letter of a kill", async () => {
  const server = answers({
    "/hole": async (_, scene) => {
      await scene.sleep(9000);
      return false;
    },
  });
  const { log } = await play({ config: defaults() + web() + raw(), server }, async (s) => {
    const http = await s.connect();
    await http.send(get("/hole"));
    const tcp = await s.connect(RAW);
    await tcp.send("x");
    await s.sleep(50);
    const stopped = s.now;
    s.proxy.process.hardStop();
    await s.drain(http);
    assert((await s.drain(tcp)).at < stopped + 100);
    http.close();
    tcp.close();
    assertEquals(await s.proxy.process.ended, 0);
  });
  assertEquals(log.filter((line) => / (web|raw) /.test(line)).map(termination).sort(), ["KD", "KH"]);
});

// Attempts that are repeated after their request was sent (configuration.txt 4.2 "retry-on"): after what, how often, where,
// with which bytes. The client sees the last one only.
import { assert, assertEquals } from "@std/assert";
import { FAULTS_NONE, type Peer } from "../../src/sys/sim/mod.ts";
import { backendRow, C } from "../../src/table/mod.ts";
import { defaults, get, play, post, type Scene } from "./scenario.ts";

/** What the server does with its first requests; those behind get 200 with what was asked. */
type Failure = (peer: Peer, scene: Scene) => Promise<unknown>;

const reset: Failure = (peer) => Promise.resolve(peer.reset());
const end: Failure = () => Promise.resolve();
const says = (text: string): Failure => async (peer) => {
  await peer.send(text);
  return text.endsWith("\r\n\r\n");
};
const status = (code: number): Failure => says(`HTTP/1.1 ${code} Bad\r\ncontent-length: 0\r\n\r\n`);
const silent: Failure = (_, scene) => scene.sleep(9000);
const resetAfter = (text: string): Failure => async (peer, scene) => {
  await peer.send(text);
  await scene.sleep(5);
  peer.reset();
};

interface Outcome {
  /** Status, server, retries. */
  readonly line: string;
  /** Requests that servers saw, whole. */
  readonly seen: readonly string[];
  readonly text: string;
  readonly wretr: number;
  readonly wredis: number;
}

interface Case {
  readonly retryOn: string;
  readonly failures: readonly Failure[];
  readonly more?: string;
  readonly request?: string;
  readonly front?: string;
  /** A second server, which never fails. */
  readonly second?: boolean;
  readonly client?: (scene: Scene, request: string) => Promise<string>;
  readonly defaults?: string;
}

/** Serves requests one after the other; a request is its head and as many bytes as that says. */
function server(seen: string[], failures: Failure[], name: string): (scene: Scene) => (peer: Peer) => Promise<void> {
  return (scene) => async (peer) => {
    for (;;) {
      let request = await peer.until("\r\n\r\n");
      if (!request.endsWith("\r\n\r\n")) return;
      const length = Number(/content-length: (\d+)/.exec(request)?.[1] ?? 0);
      if (length > 0) request += await peer.exactly(length);
      else if (/transfer-encoding: chunked/.test(request)) {
        request += await peer.until("0\r\n");
        request += await peer.until("\r\n\r\n").then((t) => t, () => "");
      }
      seen.push(`${name} ${request}`);
      const failure = failures.shift();
      if (failure === undefined) await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      else if (await failure(peer, scene) !== true) return;
    }
  };
}

async function outcome(c: Case): Promise<Outcome> {
  const seen: string[] = [];
  const failures = [...c.failures];
  let text = "";
  const config = `${defaults(`    retries 3\n${c.defaults ?? ""}`)}
frontend web
    bind 10.0.0.1:80
${c.front ?? ""}
    default_backend app
backend app
    ${c.retryOn}
${c.more ?? ""}
    server s 10.0.1.1:80
${c.second ? "    server s2 10.0.1.2:80\n" : ""}
`;
  let scene!: Scene;
  let wretr = 0;
  let wredis = 0;
  const played = await play({
    config,
    server: (s) => {
      scene = s;
      return server(seen, failures, "s")(s);
    },
    before: (world) => {
      if (!c.second) return;
      world.serve({ family: "ipv4", host: "10.0.1.2", port: 80 }, (peer) => server(seen, [], "s2")(scene)(peer));
    },
  }, async (s) => {
    scene = s;
    const request = c.request ?? get("/x", "1.0");
    if (c.client !== undefined) text = await c.client(s, request);
    else {
      const peer = await s.connect();
      await peer.send(request);
      text = (await s.drain(peer)).text;
      peer.close();
    }
    const { shared, layout } = s.proxy.process;
    const row = backendRow(layout, 1);
    wretr = shared.total(row, C.wretr);
    wredis = shared.total(row, C.wredis);
  });
  const last = played.log.at(-1)!;
  const found = / app\/(\S+) \S+ (\S+) \d+ - - \S+ \d+\/\d+\/\d+\/\d+\/(\+?\d+) /.exec(last);
  if (found === null) throw new Error(last);
  return { line: `${found[2]} ${found[1]} ${found[3]}`, seen, text, wretr, wredis };
}

const KEYWORDS: readonly (readonly [what: string, retryOn: string, failures: Failure[], line: string])[] = [
  ["empty-response: the server ends", "empty-response", [end], "200 s 1"],
  ["empty-response: the server resets", "empty-response", [reset], "200 s 1"],
  ["empty-response is not the default", "conn-failure", [end], "502 s 0"],
  ["empty-response is not part of a head", "empty-response", [says("HTTP/1.1 20")], "502 s 0"],
  ["empty-response is not part of a head and a reset", "empty-response", [resetAfter("HTTP/1.1 20")], "502 s 0"],
  ["junk-response: part of a head", "junk-response", [says("HTTP/1.1 20")], "200 s 1"],
  ["junk-response: part of a head and a reset", "junk-response", [resetAfter("HTTP/1.1 20")], "200 s 1"],
  ["junk-response: no HTTP", "junk-response", [says("SSH-2.0-x\r\n\r\n")], "200 s 1"],
  ["junk-response is not nothing", "junk-response", [end], "502 s 0"],
  ["response-timeout", "response-timeout", [silent], "200 s 1"],
  ["response-timeout is not an end", "response-timeout", [end], "502 s 0"],
  ["0rtt-rejected is no other failure", "0rtt-rejected", [end], "502 s 0"],
  ["none", "none", [end], "502 s 0"],
  ["all-retryable-errors: an end", "all-retryable-errors", [end], "200 s 1"],
  ["all-retryable-errors: no HTTP", "all-retryable-errors", [says("x\r\n\r\n")], "200 s 1"],
  ["all-retryable-errors: silence", "all-retryable-errors", [silent], "200 s 1"],
  ["all-retryable-errors: 500, 502 and 504", "all-retryable-errors", [500, 502, 504].map(status), "200 s 3"],
  ["all-retryable-errors: 503", "all-retryable-errors", [status(503)], "200 s 1"],
  ["all-retryable-errors: not 404", "all-retryable-errors", [status(404)], "404 s 0"],
  ["all-retryable-errors and 404", "all-retryable-errors 404", [status(404)], "200 s 1"],
  ["retries bound it", "503", Array(5).fill(status(503)), "503 s 3"],
];

for (const [what, retryOn, failures, line] of KEYWORDS) {
  Deno.test(`REUSE-06 retry-on ${what}`, async () => {
    assertEquals((await outcome({ retryOn: `retry-on ${retryOn}`, failures })).line, line);
  });
}

for (const code of [401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504]) {
  const row = [401, 403, 421].includes(code) ? "REUSE-07" : "REUSE-06";
  Deno.test(`${row} retry-on ${code}`, async () => {
    const failures = [status(code)];
    assertEquals((await outcome({ retryOn: `retry-on ${code}`, failures })).line, "200 s 1");
    assertEquals((await outcome({ retryOn: "retry-on conn-failure", failures })).line, `${code} s 0`);
  });
}

Deno.test("REUSE-06 retry-on: a line replaces the one before; nothing but conn-failure without one", async () => {
  const replaced = await outcome({ retryOn: "retry-on 503\n    retry-on 500", failures: [status(503)] });
  assertEquals(replaced.line, "503 s 0");
  assertEquals((await outcome({ retryOn: "", failures: [end] })).line, "502 s 0");
});

Deno.test("REUSE-06 retry-on without conn-failure: a failed connect is final", async () => {
  const line = async (retryOn: string) => {
    const config = `${defaults("    retries 2")}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
    ${retryOn}
    server s 10.0.1.1:80
`;
    const scene = await play({ config }, async (s) => {
      const peer = await s.connect();
      await peer.send(get("/", "1.0"));
      await s.drain(peer);
      peer.close();
    });
    return / (\S+) \d+\/\d+\/\d+\/\d+\/(\d+) /.exec(scene.log[0])!.slice(1).join(" ");
  };
  assertEquals(await line("retry-on none"), "SC-- 0");
  assertEquals(await line("retry-on 503"), "SC-- 0");
  assertEquals(await line("retry-on conn-failure"), "SC-- 2");
  assertEquals(await line("retry-on all-retryable-errors"), "SC-- 2");
});

Deno.test("REUSE-06 the same request goes out again, its body too", async () => {
  const { line, seen, text } = await outcome({
    retryOn: "retry-on 503",
    failures: [status(503), status(503)],
    request: post("/p", 5, "hello").replace("1.1", "1.0"),
    front: "    http-request set-header x-rule 1",
  });
  assertEquals(line, "200 s 2");
  assertEquals(seen.length, 3);
  assert(seen[0].includes("x-rule: 1") && seen[0].endsWith("\r\n\r\nhello"), seen[0]);
  assertEquals(new Set(seen).size, 1, seen.join("\n"));
  assert(/^HTTP\/1.1 200 .*ok$/s.test(text), text);
});

Deno.test("REUSE-06 a body in pieces goes out again from its beginning", async () => {
  const body = "abcdefghijklmnopqrstuvwxyz".repeat(100);
  const { line, seen } = await outcome({
    retryOn: "retry-on empty-response",
    failures: [
      async (peer, scene) => {
        await scene.sleep(1);
        peer.reset();
      },
    ],
    client: async (scene) => {
      const peer = await scene.connect();
      await peer.send(post("/p", body.length, "").replace("1.1", "1.0"));
      for (let at = 0; at < body.length; at += 700) {
        await scene.sleep(10);
        await peer.send(body.slice(at, at + 700));
      }
      const { text } = await scene.drain(peer);
      peer.close();
      return text;
    },
  });
  assertEquals(line, "200 s 1");
  assertEquals(seen.map((request) => request.endsWith(`\r\n\r\n${body}`)), [true, true]);
});

Deno.test("REUSE-06 chunks and trailers go out again", async () => {
  const request = "POST /c HTTP/1.1\r\nhost: sim\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n" +
    "3\r\nabc\r\n2\r\nde\r\n0\r\nx-end: 1\r\n\r\n";
  const { line, seen } = await outcome({ retryOn: "retry-on 500", failures: [status(500)], request });
  assertEquals(line, "200 s 1");
  assertEquals(seen.map((r) => r.slice(r.indexOf("\r\n\r\n") + 4)), [
    "5\r\nabcde\r\n0\r\nx-end: 1\r\n\r\n",
    "5\r\nabcde\r\n0\r\nx-end: 1\r\n\r\n",
  ]);
});

Deno.test("REUSE-06 a request that does not fit in a buffer is not sent again", async () => {
  const body = "x".repeat(17_000);
  const request = post("/p", body.length, body).replace("1.1", "1.0");
  const c: Case = { retryOn: "retry-on 503", failures: [status(503)], request };
  assertEquals((await outcome(c)).line, "503 s 0");
  const fits = body.slice(0, 16_000);
  assertEquals((await outcome({ ...c, request: post("/p", fits.length, fits).replace("1.1", "1.0") })).line, "200 s 1");
});

Deno.test("REUSE-06 disable-l7-retry leaves retries of failed connects", async () => {
  const front = "    http-request disable-l7-retry if METH_POST";
  const c: Case = { retryOn: "retry-on conn-failure 503", failures: [status(503)], front };
  assertEquals((await outcome({ ...c, request: post("/", 1, "x").replace("1.1", "1.0") })).line, "503 s 0");
  assertEquals((await outcome(c)).line, "200 s 1");
});

Deno.test("REUSE-06 set-retries bounds these attempts too", async () => {
  const c: Case = { retryOn: "retry-on 503", failures: [status(503), status(503)] };
  assertEquals((await outcome({ ...c, more: "    http-request set-retries 1" })).line, "503 s 1");
  assertEquals((await outcome({ ...c, more: "    http-request set-retries 0" })).line, "503 s 0");
});

Deno.test("REUSE-06 nothing is repeated once a 1xx head was passed on", async () => {
  const early = says("HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n");
  const fails: Failure = async (peer, scene) => {
    await early(peer, scene);
    await scene.sleep(5);
  };
  const c: Case = { retryOn: "retry-on all-retryable-errors", failures: [fails] };
  const { line, text } = await outcome({ ...c, request: get("/x", "1.1", "connection: close\r\n") });
  assertEquals(line, "502 s 0");
  assert(text.startsWith("HTTP/1.1 103 ") && text.includes("HTTP/1.1 502 "), text);
});

Deno.test("REUSE-05 attempts and redispatches are counted", async () => {
  const c: Case = { retryOn: "retry-on 503", failures: [status(503), status(503)], second: true };
  const stays = await outcome(c);
  assertEquals([stays.line, stays.wretr, stays.wredis], ["200 s 2", 2, 0]);
  const goes = await outcome({ ...c, more: "    option redispatch" });
  assertEquals([goes.line, goes.wretr, goes.wredis], ["200 s2 +1", 1, 1]);
});

Deno.test("REUSE-06 a client that goes away is not served again", async () => {
  const { line, seen } = await outcome({
    retryOn: "retry-on response-timeout",
    failures: [silent, silent, silent],
    more: "    option abortonclose",
    client: async (scene, request) => {
      const peer = await scene.connect();
      await peer.send(request);
      await scene.sleep(2500);
      peer.close();
      await scene.sleep(100);
      return "";
    },
  });
  assertEquals([line.split(" ")[2], seen.length], ["1", 2]);
});

Deno.test("REUSE-06 a body that a server does not take goes to the next one, whoever watches the client", async () => {
  let seen = "";
  let count = 0;
  const body = "x".repeat(12_000);
  const config = `${defaults("    retries 3\n    option abortonclose")}
frontend web
    bind 10.0.0.1:80
    option http-buffer-request
    default_backend app
backend app
    retry-on response-timeout
    server s 10.0.1.1:80
`;
  const scene = await play({
    config,
    faults: { ...FAULTS_NONE, bufferBytes: [1024, 1024] },
    server: (scene) => async (peer) => {
      if (count++ === 0) return await scene.sleep(9000);
      seen = (await peer.until("\r\n\r\n")) && await peer.exactly(body.length);
      await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    },
  }, async (scene) => {
    const peer = await scene.connect();
    await peer.send(post("/p", body.length, body));
    await peer.until("ok");
    await scene.sleep(10);
    peer.close();
  });
  assertEquals(seen, body);
  assert(/ 200 \d+ - - ---- \d+\/\d+\/\d+\/\d+\/1 /.test(scene.log[0]), scene.log[0]);
});

/** One client leaves a connection to rest, which the server ends `ms` later; another client asks. */
async function firstOverResting(retryOn: string, ended: boolean): Promise<{ line: string; connections: number }> {
  let connections = 0;
  const config = `${defaults("    retries 3")}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
    http-reuse safe
    ${retryOn}
    server s 10.0.1.1:80
`;
  const scene = await play({
    config,
    server: (scene) => async (peer) => {
      connections++;
      const one = connections === 1;
      for (let n = 0;; n++) {
        const head = await peer.until("\r\n\r\n");
        if (!head.endsWith("\r\n\r\n")) return;
        // The connection breaks when it is used again.
        if (one && n > 0 && ended) return;
        await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await scene.sleep(0);
      }
    },
  }, async (scene) => {
    for (const path of ["/one", "/two"]) {
      const peer = await scene.connect();
      await peer.send(get(path));
      await peer.until("ok");
      peer.close();
      await scene.sleep(20);
    }
  });
  const line = scene.log.find((l) => l.includes("/two"))!;
  return { line: / (\d+) \d+ - - (\S+) \d+\/\d+\/\d+\/\d+\/(\+?\d+) /.exec(line)!.slice(1).join(" "), connections };
}

Deno.test("REUSE-02 a client's first request goes over an idle connection when retry-on covers it", async () => {
  const covered = "retry-on conn-failure empty-response response-timeout";
  assertEquals(await firstOverResting(covered, false), { line: "200 ---- 0", connections: 1 });
  assertEquals(await firstOverResting("", false), { line: "200 ---- 0", connections: 2 });
  assertEquals(await firstOverResting("retry-on empty-response response-timeout", false), {
    line: "200 ---- 0",
    connections: 2,
  }, "not with a part of them");
});

Deno.test("REUSE-02 an idle connection that turns out to be dead is replaced, and nobody sees it", async () => {
  const covered = "retry-on conn-failure empty-response response-timeout";
  assertEquals(await firstOverResting(covered, true), { line: "200 ---- 1", connections: 2 });
});

// Health checks against scripted servers on virtual time: results, states, lines, intervals, owners. The lines are those the
// packaged haproxy prints.
import { assert, assertEquals } from "@std/assert";
import { ProxyFixture } from "../../../tests/conformance/proxy_fixture.ts";
import type { Peer, SimWorld } from "../../sys/sim/mod.ts";
import type { Address } from "../../sys/types.ts";
import { C, SERVER } from "../../table/mod.ts";
import { CHECK_STATUSES } from "./result.ts";

function address(port: number, host = "127.0.0.1"): Address {
  return { family: "ipv4", host, port };
}

/** A server whose answer a test changes: null accepts and says nothing. */
class Target {
  answer: string | null;
  /** When connections came, and what they sent. */
  readonly times: number[] = [];
  readonly requests: string[] = [];
  readonly #world: SimWorld;
  readonly #at: Address;
  #listening: { close: () => void } | null = null;

  constructor(world: SimWorld, at: Address, answer: string | null = null) {
    this.#world = world;
    this.#at = at;
    this.answer = answer;
    this.open();
  }

  open(): void {
    this.#listening = this.#world.serve(this.#at, (peer) => this.#serve(peer));
  }

  close(): void {
    this.#listening?.close();
    this.#listening = null;
  }

  async #serve(peer: Peer): Promise<void> {
    this.times.push(Math.round(this.#world.core.time));
    if (this.answer === null) {
      await peer.rest();
      return;
    }
    this.requests.push(await peer.until("\r\n\r\n"));
    await peer.send(this.answer);
  }
}

function start(f: ProxyFixture): void {
  for (const thread of f.threads) thread.checks.start();
}

function statusOf(f: ProxyFixture, path: string): string {
  return CHECK_STATUSES[f.shared.load(f.server(path).word + SERVER.checkStatus)][0];
}

const health = (f: ProxyFixture, path: string) => f.shared.load(f.server(path).word + SERVER.health);
const texts = (f: ProxyFixture) => f.events.map((e) => e.text.replace(/duration: \d+ms/, "duration: 0ms"));

Deno.test("CHK-01 connecting decides: up until fall checks failed, down until rise checks passed", async () => {
  const f = new ProxyFixture(
    "backend be\n timeout connect 3s\n server s1 127.0.0.1:81 check inter 200 fall 2 rise 2\n server s2 127.0.0.1:82 backup\n",
  );
  const target = new Target(f.world, address(81));
  start(f);
  await f.world.advance(100);
  assertEquals([statusOf(f, "be/s1"), health(f, "be/s1")], ["L4OK", 3]);
  assertEquals(f.events, [], "nothing changed but the health");
  target.close();
  await f.world.advance(200);
  assertEquals([statusOf(f, "be/s1"), health(f, "be/s1"), f.server("be/s1").usable], ["L4CON", 2, true]);
  await f.world.advance(200);
  assertEquals([health(f, "be/s1"), f.server("be/s1").usable], [0, false]);
  target.open();
  await f.world.advance(200);
  assertEquals([health(f, "be/s1"), f.server("be/s1").usable], [1, false]);
  await f.world.advance(200);
  assertEquals([health(f, "be/s1"), f.server("be/s1").usable], [3, true]);
  assertEquals(texts(f), [
    'Server be/s1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. ' +
    "0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.",
    "Server be/s1 is UP, reason: Layer4 check passed, check duration: 0ms. 1 active and 1 backup servers online. " +
    "0 sessions requeued, 0 total in queue.",
  ]);
  assertEquals(f.events.map((e) => [e.kind, e.level]), [["down", 1], ["up", 5]]);
  assertEquals([f.server("be/s1").counters.total(C.chkfail), f.server("be/s1").counters.total(C.chkdown)], [2, 1]);
});

Deno.test("CHK-15 option log-health-checks: every change of the health has its line", async () => {
  const f = new ProxyFixture(
    "backend be\n option log-health-checks\n server s1 127.0.0.1:81 check inter 200 backup\n",
  );
  const target = new Target(f.world, address(81));
  start(f);
  await f.world.advance(500);
  target.close();
  await f.world.advance(900);
  assertEquals(texts(f), [
    "Health check for backup server be/s1 succeeded, reason: Layer4 check passed, check duration: 0ms, status: 3/3 UP.",
    ...["2/3 UP", "1/3 UP", "0/2 DOWN"].map((status) =>
      'Health check for backup server be/s1 failed, reason: Layer4 connection problem, info: "Connection refused", ' +
      `check duration: 0ms, status: ${status}.`
    ),
    "Backup Server be/s1 is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
    "backend be has no server available!",
  ]);
  const last = f.events[f.events.length - 1];
  assertEquals([last.level, last.console], [0, { level: "ALERT", text: "backend 'be' has no server available!" }]);
});

Deno.test("CHK-01 option httpchk: statuses 2xx and 3xx are good, what else happens is told apart", async () => {
  const f = new ProxyFixture(
    "backend be\n option httpchk GET /health HTTP/1.1\n http-check send hdr Host h.example\n default-server check inter 1s fall 1\n" +
      [1, 2, 3, 4, 5, 6].map((i) => ` server s${i} 127.0.0.1:8${i}\n`).join(""),
  );
  const good = new Target(f.world, address(81), "HTTP/1.1 204 No Content\r\n\r\n");
  new Target(f.world, address(82), "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n");
  new Target(f.world, address(83), "HTTP/1.1 500 Oh No\r\ncontent-length: 0\r\n\r\n");
  new Target(f.world, address(84), "what?\r\n\r\n");
  new Target(f.world, address(85));
  start(f);
  await f.world.advance(2500);
  assertEquals(
    [1, 2, 3, 4, 5, 6].map((i) => statusOf(f, `be/s${i}`)),
    ["L7OK", "L7OK", "L7STS", "L7RSP", "L7TOUT", "L4CON"],
  );
  assertEquals(good.requests[0], "GET /health HTTP/1.1\r\nhost: h.example\r\nconnection: close\r\n\r\n");
  assertEquals(f.shared.load(f.server("be/s3").word + SERVER.checkCode), 500);
  assert(
    texts(f).some((t) => t.includes('reason: Layer7 wrong status, code: 500, info: "Oh No", check duration: 0ms.')),
  );
});

Deno.test("CHK-02 CHK-03 http-check send, expect, send-state, disable-on-404", async () => {
  const f = new ProxyFixture(`backend be
 option httpchk
 http-check send meth POST uri /a ver HTTP/1.1 hdr X-Y z hdr Connection keep-alive body hello
 http-check send-state
 http-check expect ! string broken
 http-check disable-on-404
 server s1 127.0.0.1:81 check inter 100
`);
  const target = new Target(f.world, address(81), "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine");
  start(f);
  await f.world.advance(50);
  assertEquals(
    target.requests[0].replace(/node=[^;]*/, "node=n"),
    "POST /a HTTP/1.1\r\nx-y: z\r\nconnection: keep-alive\r\ncontent-length: 5\r\n" +
      "x-haproxy-server-state: UP 1/3; address=127.0.0.1; port=81; name=be/s1; node=n; weight=1/1; scur=0/0; qcur=0\r\n\r\n",
  );
  assertEquals(statusOf(f, "be/s1"), "L7OK");
  target.answer = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nis broken";
  await f.world.advance(100);
  assertEquals(statusOf(f, "be/s1"), "L7RSP");
  target.answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
  await f.world.advance(100);
  assertEquals(statusOf(f, "be/s1"), "L7OKC");
  assertEquals([f.server("be/s1").usable, f.backend().usableServers], [true, 0], "persistent streams only");
  target.answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine";
  await f.world.advance(100);
  assertEquals(f.backend().usableServers, 1);
});

Deno.test("CHK-02 http-check expect: statuses, ranges, expressions", async () => {
  const cases: [string, string, string][] = [
    ["status 200,404-410", "404", "L7OK"],
    ["status 200,404-410", "411", "L7STS"],
    ["! status 200", "200", "L7STS"],
    ["!status 200", "500", "L7OK"],
    ["rstatus ^5", "503", "L7OK"],
    ["! rstatus ^5", "503", "L7STS"],
    ["rstring b[0-9]+y", "200", "L7OK"],
    ["string xyz", "200", "L7RSP"],
  ];
  for (const [expect, code, status] of cases) {
    const f = new ProxyFixture(
      `backend be\n option httpchk\n http-check expect ${expect}\n server s1 127.0.0.1:81 check\n`,
    );
    new Target(f.world, address(81), `HTTP/1.1 ${code} Hm\r\ncontent-length: 4\r\n\r\nb12y`);
    start(f);
    await f.world.advance(100);
    assertEquals(statusOf(f, "be/s1"), status, `${expect}: ${code}`);
  }
});

Deno.test("CHK-01 timeouts: inter for the whole check, timeout check for what comes after the connect", async () => {
  const dark = new ProxyFixture("backend be\n server s1 10.9.9.9:81 check inter 300\n");
  dark.world.blackhole(address(81, "10.9.9.9"));
  start(dark);
  await dark.world.advance(310);
  assertEquals(statusOf(dark, "be/s1"), "L4TOUT");
  const slow = new ProxyFixture(
    "backend be\n option httpchk\n timeout connect 5s\n timeout check 700\n server s1 127.0.0.1:81 check inter 300\n",
  );
  new Target(slow.world, address(81));
  start(slow);
  await slow.world.advance(600);
  assertEquals(statusOf(slow, "be/s1"), "INI");
  await slow.world.advance(150);
  assertEquals(statusOf(slow, "be/s1"), "L7TOUT");
});

Deno.test("CHK-01 intervals: inter when up, fastinter in between, downinter when down", async () => {
  const f = new ProxyFixture(
    "backend be\n server s1 127.0.0.1:81 check inter 1000 fastinter 100 downinter 400 fall 3 rise 2\n",
  );
  const target = new Target(f.world, address(81), null);
  start(f);
  await f.world.advance(3500);
  const gaps = (times: readonly number[]) => times.slice(1).map((t, i) => Math.round((t - times[i]) / 50) * 50);
  assertEquals(gaps(target.times), [1000, 1000, 1000]);
  target.close();
  // Down takes the next check and two fast ones.
  await f.world.advance(800);
  assert(!f.server("be/s1").usable);
  target.times.length = 0;
  target.open();
  await f.world.advance(1700);
  assert(f.server("be/s1").usable);
  assertEquals(gaps(target.times)[0], 100, "going up");
  assertEquals(gaps(target.times)[1], 1000, "up");
});

Deno.test("CHK-01 addr and port: the check may go elsewhere", () => {
  const f = new ProxyFixture(`backend be
 server s1 10.0.0.1:80 check
 server s2 10.0.0.1:80 check port 99
 server s3 10.0.0.1:80 check addr 10.0.0.2
 server s4 10.0.0.1:80 check addr 10.0.0.2:70
 server s5 10.0.0.1:80 check addr 10.0.0.2:70 port 99
 server s6 10.0.0.1 check port 99
`);
  const got: string[] = [];
  for (const server of f.backend().servers) {
    const { checkAddress, checkPort } = server.config;
    got.push(`${checkAddress?.host ?? "-"} ${checkAddress?.port ?? 0} ${checkPort}`);
  }
  assertEquals(got, ["- 0 0", "- 0 99", "10.0.0.2 0 0", "10.0.0.2 70 0", "10.0.0.2 70 99", "- 0 99"]);
});

Deno.test("CHK-01 addr and port: where connections arrive", async () => {
  const f = new ProxyFixture(`backend be
 server s1 10.0.0.1:80 check port 99
 server s2 10.0.0.1:80 check addr 10.0.0.2
 server s3 10.0.0.1:80 check addr 10.0.0.3:70
 server s4 10.0.0.4 check port 98
`);
  const targets = [[99, "10.0.0.1"], [80, "10.0.0.2"], [70, "10.0.0.3"], [98, "10.0.0.4"]] as const;
  const seen = targets.map(([port, host]) => new Target(f.world, address(port, host)));
  start(f);
  await f.world.advance(2000);
  assertEquals(seen.map((t) => t.times.length > 0), [true, true, true, true]);
});

Deno.test("CHK-06 each server is checked by one thread, always the same", async () => {
  const f = new ProxyFixture(
    "backend be\n default-server check inter 100\n" +
      [1, 2, 3, 4].map((i) => ` server s${i} 127.0.0.1:8${i}\n`).join(""),
    { threads: 2 },
  );
  const targets = [1, 2, 3, 4].map((i) => new Target(f.world, address(80 + i)));
  f.threads[1].checks.start();
  await f.world.advance(350);
  assertEquals(targets.map((t) => t.times.length > 0), [false, true, false, true]);
  f.threads[0].checks.start();
  await f.world.advance(350);
  assert(targets.every((t) => t.times.length >= 3 && t.times.length <= 8));
});

Deno.test("CHK-06 a change that one thread finds is seen by all", async () => {
  const f = new ProxyFixture("backend be\n server s1 127.0.0.1:81 check inter 100 fall 1\n", { threads: 3 });
  start(f);
  f.backend("be", 3).refresh();
  assert(f.server("be/s1", 3).usable);
  await f.world.advance(150);
  assert(f.events.length > 0);
  f.deliver();
  assertEquals([1, 2, 3].map((thread) => f.server("be/s1", thread).usable), [false, false, false]);
});

Deno.test("CHK-08 the first checks are spread over the interval, bounded by max-spread-checks; spread-checks varies it", async () => {
  const servers = Array.from({ length: 10 }, (_, i) => ` server s${i} 127.0.0.1:${800 + i} check inter 1000\n`).join(
    "",
  );
  const first = async (global: string) => {
    const f = new ProxyFixture(`global\n${global}\nbackend be\n${servers}`);
    const targets = Array.from({ length: 10 }, (_, i) => new Target(f.world, address(800 + i)));
    start(f);
    await f.world.advance(10_500);
    return targets.map((t) => t.times);
  };
  const spread = (await first("")).map((times) => times[0]);
  assertEquals(spread.map((t) => Math.round((t - spread[0]) / 100)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const bounded = (await first(" max-spread-checks 200")).map((times) => times[0]);
  assert(Math.max(...bounded) - Math.min(...bounded) < 250, `${bounded}`);
  const varied = (await first(" spread-checks 50"))[0];
  const gaps = varied.slice(1).map((t, i) => t - varied[i]);
  assert(
    gaps.every((gap) => gap > 480 && gap < 1520) && new Set(gaps.map((g) => Math.round(g / 50))).size > 3,
    `${gaps}`,
  );
});

Deno.test("SRV-08 init-state: how many checks decide at start", async () => {
  const run = async (state: string, up: boolean) => {
    const f = new ProxyFixture(
      `backend be\n server s1 127.0.0.1:81 check inter 100 rise 3 fall 3 init-state ${state}\n`,
    );
    const before = (f.backend().refresh(), f.server("be/s1").usable);
    if (up) new Target(f.world, address(81));
    start(f);
    let checks = 0;
    while (f.server("be/s1").usable === before && checks < 9) {
      checks++;
      await f.world.advance(100);
    }
    return [before, checks];
  };
  assertEquals(await run("up", false), [true, 1]);
  assertEquals(await run("fully-up", false), [true, 3]);
  assertEquals(await run("down", true), [false, 1]);
  assertEquals(await run("fully-down", true), [false, 3]);
});

Deno.test("SRV-08 maintenance stops the checks; a server that leaves it starts anew and is checked at once", async () => {
  const f = new ProxyFixture("backend be\n server s1 127.0.0.1:81 check inter 1000 disabled\n");
  const target = new Target(f.world, address(81));
  start(f);
  await f.world.advance(3000);
  assertEquals([target.times.length, f.server("be/s1").usable], [0, false]);
  f.change("be/s1", SERVER.admin, 0);
  await f.world.advance(20);
  assertEquals([target.times.length, f.server("be/s1").usable], [1, true]);
});

Deno.test("SRV-08 slowstart: the weight of a server that came up grows with each check", async () => {
  const f = new ProxyFixture(
    "backend be\n server s1 127.0.0.1:81 weight 100 check inter 100 rise 1 fall 1 slowstart 2s\n",
  );
  const target = new Target(f.world, address(81));
  start(f);
  await f.world.advance(250);
  const full = f.server("be/s1").effectiveWeight;
  assertEquals(full, 1600, "never at start");
  target.close();
  await f.world.advance(150);
  target.open();
  await f.world.advance(150);
  const weights = [];
  for (let i = 0; i < 5; i++) {
    weights.push(f.server("be/s1").effectiveWeight);
    await f.world.advance(500);
  }
  assert(
    weights[0] < 300 && weights[1] > weights[0] && weights[2] > weights[1] && weights[3] > weights[2],
    `${weights}`,
  );
  assertEquals(weights[4], full);
});

Deno.test("CHK-01 checks end with their thread: nothing is left open", async () => {
  const f = new ProxyFixture("backend be\n option httpchk\n server s1 127.0.0.1:81 check inter 500\n");
  new Target(f.world, address(81));
  start(f);
  await f.world.advance(100);
  for (const thread of f.threads) thread.checks.stop();
  await f.world.run();
  assertEquals(f.threads[0].sys.blocks.outstanding, 0);
});

/** Steps; what the server sends at once (null: closes, "refuse", a trailing "$": sends and closes); what haproxy says. */
const SEQUENCES: readonly (readonly [steps: readonly string[], server: string | null, line: string])[] = [
  [["expect string +OK"], "+OK hi\r\n", 'Layer7 check passed, code: 0, info: "(tcp-check)"'],
  [
    ["expect string +OK comment banner"],
    "-ERR\r\n",
    "Layer7 timeout, info: \" at step 1 of tcp-check (expect string '+OK') comment: 'banner'\"",
  ],
  [
    ["connect", "comment greeting", "expect string +OK"],
    "+NO",
    "Layer7 timeout, info: \" at step 3 of tcp-check (expect string '+OK') comment: 'greeting'\"",
  ],
  [["expect string +OK"], "", "Layer7 timeout, info: \" at step 1 of tcp-check (expect string '+OK')\""],
  [["expect rstring ^OK"], "NO", 'Layer7 timeout, info: " at step 1 of tcp-check (expect regex)"'],
  [
    ["expect ! string ERR"],
    "-ERR\r\n",
    "Layer7 invalid response, info: \"TCPCHK matched unwanted content 'ERR' at step 1\"",
  ],
  [
    ["expect ! rstring ERR comment hi"],
    "-ERR",
    'Layer7 invalid response, info: "TCPCHK matched unwanted content (regex) at step 1 comment: hi"',
  ],
  [["expect rstring ^\\+(OK|YES)"], "+YES\r\n", 'Layer7 check passed, code: 0, info: "(tcp-check)"'],
  [["expect binary 2b4f4b"], "+OK\r\n", 'Layer7 check passed, code: 0, info: "(tcp-check)"'],
  [["expect rbinary ^2B4F"], "+OK\r\n", 'Layer7 check passed, code: 0, info: "(tcp-check)"'],
  [["expect string +OK"], null, 'Layer7 invalid response, info: "TCPCHK got an empty response at step 1"'],
  [
    ["expect string +OK"],
    "-ERR$",
    "Layer7 invalid response, info: \"TCPCHK did not match content '+OK' at step 1\"",
  ],
  [
    ["expect min-recv 0 string +OK"],
    "-ERR",
    "Layer7 invalid response, info: \"TCPCHK did not match content '+OK' at step 1\"",
  ],
  [
    ["expect binary 2b4f4b"],
    "-ERR$",
    'Layer7 invalid response, info: "TCPCHK did not match content (binary) at step 1"',
  ],
  [
    ["comment start", "connect", "comment banner", "expect string +OK"],
    "no$",
    "Layer7 invalid response, info: \"TCPCHK did not match content '+OK' at step 4 comment: banner\"",
  ],
  [["expect string a", "expect string b"], "ab", 'Layer7 check passed, code: 0, info: "(tcp-check)"'],
  [
    ["connect", "send PING", "expect string +PONG", "send QUIT", "expect string +BYE comment bye"],
    "+PONG +NO",
    "Layer7 timeout, info: \" at step 5 of tcp-check (expect string '+BYE') comment: 'bye'\"",
  ],
  [["connect"], "ab", 'Layer4 check passed, info: "(tcp-check)"'],
  [["connect", "send HELO"], "", 'Layer7 check passed, code: 0, info: "(tcp-check)"'],
  [
    ["connect", "expect string +OK"],
    "refuse",
    'Layer4 connection problem, info: "Connection refused at step 1 of tcp-check (connect)"',
  ],
  [
    ["expect string +OK"],
    "refuse",
    'Layer4 connection problem, info: "Connection refused at initial connection step of tcp-check"',
  ],
  [
    ["connect", "connect port 1 comment other"],
    "x",
    "Layer4 connection problem, info: \"Connection refused at step 2 of tcp-check (connect port 1) comment: 'other'\"",
  ],
];

Deno.test("CHK-04 sequences of tcp-check connect, tcp-check expect, tcp-check comment: what each says, as haproxy", async () => {
  for (const [steps, answer, line] of SEQUENCES) {
    const f = new ProxyFixture(
      `backend be\n option tcp-check\n option log-health-checks\n${steps.map((s) => ` tcp-check ${s}\n`).join("")}` +
        " server s1 127.0.0.1:81 check inter 500 fall 1\n",
    );
    if (answer !== "refuse") {
      f.world.serve(address(81), async (peer) => {
        if (answer === null) return;
        await peer.send(answer.replace(/\$$/, ""));
        if (!answer.endsWith("$")) await peer.rest();
      });
    }
    start(f);
    await f.world.advance(560);
    const first = texts(f)[0] ?? "";
    const reason = /reason: (.*), check duration/.exec(first)?.[1];
    assertEquals(reason, line, `${steps}`);
    for (const thread of f.threads) thread.checks.stop();
    await f.world.run();
    assertEquals(f.threads[0].sys.blocks.outstanding, 0);
  }
});

Deno.test("CHK-04 tcp-check send and send-binary: what the server gets", async () => {
  const f = new ProxyFixture(
    "backend be\n option tcp-check\n tcp-check connect linger\n tcp-check send PING\\r\\n\n tcp-check send-binary 00ff0a\n" +
      " server s1 127.0.0.1:81 check inter 500\n",
  );
  let got = "";
  f.world.serve(address(81), async (peer) => {
    got = await peer.rest();
  });
  start(f);
  await f.world.advance(100);
  assertEquals(got, "PING\r\n\x00\xff\n");
});

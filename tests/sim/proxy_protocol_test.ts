// PROXY protocol and NetScaler headers through a whole proxy: what is taken from them, what is refused and how that is told,
// what is sent to servers and by health checks.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { proxyHeader, type ProxyHeaderParts, proxyLine } from "../../src/codec/mod.ts";
import { FAULTS_ALL, FAULTS_TIMING, type Peer } from "../../src/sys/sim/mod.ts";
import type { Address } from "../../src/sys/types.ts";
import { startProxy } from "./proxy_world.ts";
import { defaults, get, play, RAW, raw, type Scene, WEB, web } from "./scenario.ts";

const CLIENT: Address = { family: "ipv4", host: "192.0.2.7", port: 4242 };
const SOURCE: Address = { family: "ipv4", host: "203.0.113.9", port: 1111 };
const TARGET: Address = { family: "ipv4", host: "198.51.100.1", port: 2222 };

function header(more: Partial<ProxyHeaderParts> = {}): string {
  const bytes = proxyHeader({ source: SOURCE, destination: TARGET, local: false, values: [], crc32c: false, ...more });
  return String.fromCharCode(...bytes);
}

const text = (bytes: string) => ({ bytes: Uint8Array.from(bytes, (c) => c.charCodeAt(0)) });

/** Answers with an expression. */
function telling(format: string, options = "accept-proxy", more = ""): string {
  return `${defaults()}
frontend web
    bind 10.0.0.1:80 name L1 ${options}
${more}
    http-request return status 200 content-type text/plain lf-string "${format}"
`;
}

async function sendBytes(peer: Peer, wire: string): Promise<void> {
  const bytes = Uint8Array.from(wire, (c) => c.charCodeAt(0));
  await peer.conn.send(bytes, 0, bytes.length);
}

async function connect(s: Scene, to = WEB): Promise<Peer> {
  const peer = await s.world.connect(to, CLIENT);
  assert(typeof peer !== "number");
  return peer;
}

/** What a client is answered that sends `wire`, cut into pieces of `piece` bytes. */
async function told(config: string, wire: string, piece = Infinity): Promise<{ body: string; log: readonly string[] }> {
  let body = "";
  const { log } = await play({ config }, async (s) => {
    const peer = await connect(s);
    for (let at = 0; at < wire.length; at += piece) {
      await sendBytes(peer, wire.slice(at, at + piece));
      if (piece < Infinity) await s.sleep(1);
    }
    body = (await peer.rest()).split("\r\n\r\n")[1] ?? "";
    peer.close();
  });
  return { body, log };
}

const ADDRESSES = "%[src]:%[src_port] %[dst]:%[dst_port] %[fc_src]:%[fc_src_port] %[fc_dst] %[fc_rcvd_proxy]";
const ASK = get("/", "1.1", "connection: close\r\n");

Deno.test("PP-01 both versions set src and dst, and leave fc_src and fc_dst, in every chunk size", async () => {
  const line = String.fromCharCode(...proxyLine(SOURCE, TARGET));
  const want = "203.0.113.9:1111 198.51.100.1:2222 192.0.2.7:4242 10.0.0.1 1";
  for (const wire of [line, header(), header({ crc32c: true })]) {
    for (const piece of [1, 7, Infinity]) {
      assertEquals((await told(telling(ADDRESSES), wire + ASK, piece)).body, want);
    }
  }
});

Deno.test("PP-01 UNKNOWN and LOCAL leave the real addresses", async () => {
  const want = "192.0.2.7:4242 10.0.0.1:80 192.0.2.7:4242 10.0.0.1 1";
  for (const wire of ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN some thing\r\n", header({ local: true })]) {
    assertEquals((await told(telling(ADDRESSES), wire + ASK)).body, want);
  }
  const without = await told(telling(ADDRESSES, ""), ASK);
  assertEquals(without.body, "192.0.2.7:4242 10.0.0.1:80 192.0.2.7:4242 10.0.0.1 0");
});

Deno.test("PP-01 connection rules see the real address, session rules what the header says; expect-proxy is one of them", async () => {
  const rules = `    tcp-request connection set-var(sess.before) src
    tcp-request session set-var(sess.behind) src`;
  const format = "%[var(sess.before)] %[var(sess.behind)] %[src]";
  assertEquals(
    (await told(telling(format, "accept-proxy", rules), header() + ASK)).body,
    "192.0.2.7 203.0.113.9 203.0.113.9",
  );
  const expects = (from: string) => `    tcp-request connection expect-proxy layer4 if { src ${from} }\n${rules}`;
  assertEquals(
    (await told(telling(format, "", expects("192.0.2.0/24")), header() + ASK)).body,
    "192.0.2.7 203.0.113.9 203.0.113.9",
  );
  assertEquals((await told(telling(format, "", expects("10.0.0.0/8")), ASK)).body, "192.0.2.7 192.0.2.7 192.0.2.7");
  const refusing = `    tcp-request session reject if { src 203.0.113.9 }`;
  assertEquals((await told(telling(format, "accept-proxy", refusing), header() + ASK)).body, "");
});

Deno.test("PP-01 a header that is wrong ends the connection, and is logged as such with the real address", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["GET / HTTP/1.1\r\n\r\n", "Received something which does not look like a PROXY protocol header"],
    ["PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", "Received an invalid PROXY protocol header"],
    ["PROXY TCP9 1.2.3.4 5.6.7.8 1 2\r\n", "Received an unhandled protocol in the PROXY protocol header"],
    [`PROXY TCP4 ${"1".repeat(200)}`, "Truncated PROXY protocol header received"],
    [header().slice(0, 12) + "\x21\x11\xff\xff", "Truncated PROXY protocol header received"],
  ];
  for (const [wire, message] of cases) {
    const { body, log } = await told(telling("never"), wire);
    assertEquals(body, "");
    assertMatch(log[0], /^192\.0\.2\.7:4242 \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] web\/L1: /);
    assertEquals(log.map((line) => line.split("web/L1: ")[1]), [message]);
  }
});

Deno.test("PP-01 a connection that ends before its header, and error-log-format", async () => {
  const config = (more: string) => telling("never", "accept-proxy", more);
  const ends = async (more: string, wire: string) => {
    const scene = await play({ config: config(more) }, async (s) => {
      const peer = await connect(s);
      if (wire !== "") await sendBytes(peer, wire);
      peer.shutdown();
      assertEquals(await peer.rest(), "");
      peer.close();
    });
    return scene.log.map((line) => line.split("L1: ").at(-1));
  };
  assertEquals(await ends("", ""), ["Connection closed while waiting for PROXY protocol header"]);
  assertEquals(await ends("", "PROXY TCP4 1"), ["Truncated PROXY protocol header received"]);
  assertEquals(await ends("    option dontlognull", ""), []);
  assertEquals(await ends("    option dontlognull", "PROXY TCP4 1"), ["Truncated PROXY protocol header received"]);
  const format = `    error-log-format "%ci %ft %[fc_err] %[fc_err_name]"`;
  assertEquals(await ends(format, "PROXY TCP4 1"), ["192.0.2.7 web 14 PRX_TRUNCATED"]);
});

Deno.test("BIND-05 an unfinished header is cut at `timeout client-hs`, else at `timeout client`", async () => {
  for (
    const [more, at] of [["    timeout client-hs 250ms", 250], ["    timeout client 600ms", 600]] as const
  ) {
    const { log } = await play({ config: telling("never", "accept-proxy", more) }, async (s) => {
      const peer = await connect(s);
      const from = s.now;
      // Bytes that come one by one buy no time.
      for (const byte of "PROXY TCP4 1.2.3.4 ") {
        await sendBytes(peer, byte);
        await s.sleep(10);
      }
      await peer.rest();
      assert(s.now >= from + at && s.now <= from + at + 5, `${s.now - from}`);
      peer.close();
    });
    assertEquals(log.map((line) => line.split("L1: ")[1]), ["Timeout while waiting for PROXY protocol header"]);
  }
});

Deno.test("PP-01 failed handshakes are connections and no sessions; the handshake has its timer", async () => {
  const config = `${telling("%[fe_sess_rate]", "accept-proxy")}
frontend tcp
    mode tcp
    bind 10.0.0.1:81 accept-proxy
    log-format "%Th %ci"
    default_backend none
backend none
    mode tcp
`;
  const { log } = await play({ config }, async (s) => {
    const wrong = await connect(s);
    await sendBytes(wrong, "nonsense");
    await wrong.rest();
    wrong.close();
    const peer = await connect(s, RAW);
    await s.sleep(120);
    await sendBytes(peer, header() + "x");
    await peer.rest();
    peer.close();
    const { shared, layout } = s.proxy.process;
    const { C, frontendRow } = await import("../../src/table/mod.ts");
    assert(layout.threads === 1);
    assertEquals([shared.total(frontendRow(0), C.conn_tot), shared.total(frontendRow(0), C.stot)], [1, 0]);
    assertEquals([shared.total(frontendRow(1), C.conn_tot), shared.total(frontendRow(1), C.stot)], [1, 1]);
  });
  assertMatch(log[1], /^12\d 203\.0\.113\.9$/);
});

Deno.test("PP-04 FETCH-14 values of the header: authority, id, any type by number or name, the first or each", async () => {
  const values = [
    { type: 2, ...text("host.example") },
    { type: 5, ...text("id-1") },
    { type: 0xe0, ...text("first") },
    { type: 0xe0, ...text("second") },
    { type: 0x20, ...text("\x01\0\0\0\0\x22\0\x02cn") },
  ];
  const format =
    "%[fc_pp_authority] %[fc_pp_unique_id] %[fc_pp_tlv(0xE0)] %[fc_pp_tlv(AUTHORITY)] %[fc_pp_tlv(SSL_CN)] " +
    "%[fc_pp_tlv(7)] %[var(txn.each)]";
  const rule = "    http-request set-var(txn.each) str(matched) if { fc_pp_tlv(224) second }";
  const { body } = await told(telling(format, "accept-proxy", rule), header({ values, crc32c: true }) + ASK);
  assertEquals(body, "host.example id-1 first host.example cn  matched");
});

// ---- NetScaler ----------------------------------------------------------------------------------------------------

const IP = [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 203, 0, 113, 9, 198, 51, 100, 1];
const TCP = [1111 >> 8, 1111 & 255, 2222 >> 8, 2222 & 255, ...new Array(16).fill(0)];
const CIP = String.fromCharCode(0x12, 0x34, 0x56, 0x78, 0, 0, 0, 40, ...IP, ...TCP);

Deno.test("PP-01 accept-netscaler-cip and expect-netscaler-cip, alone and before a PROXY header", async () => {
  const magic = `accept-netscaler-cip ${0x12345678}`;
  const want = "203.0.113.9:1111 198.51.100.1:2222 192.0.2.7:4242 10.0.0.1 0";
  assertEquals((await told(telling(ADDRESSES, magic), CIP + ASK, 3)).body, want);
  const both = CIP + "PROXY TCP4 9.9.9.9 8.8.8.8 1 2\r\n" + ASK;
  const wantBoth = "9.9.9.9:1 8.8.8.8:2 192.0.2.7:4242 10.0.0.1 1";
  assertEquals((await told(telling(ADDRESSES, `accept-proxy ${magic}`), both)).body, wantBoth);
  const rule = "    tcp-request connection expect-netscaler-cip layer4 if { src 192.0.2.7 }";
  const zero = "\0\0\0\0" + CIP.slice(4);
  assertEquals((await told(telling(ADDRESSES, "", rule), zero + ASK)).body, want);
  const wrong = await told(telling(ADDRESSES, magic), "XXXX" + CIP.slice(4) + ASK);
  assertEquals(wrong.log.map((line) => line.split("L1: ")[1]), [
    "Received an invalid NetScaler Client IP magic number",
  ]);
});

// ---- sending ------------------------------------------------------------------------------------------------------

/** Takes a header of either version off a connection. */
async function takeHeader(peer: Peer): Promise<string> {
  const { parseProxyHeader, ProxyHeader } = await import("../../src/codec/mod.ts");
  const into = new ProxyHeader();
  const { conn } = peer;
  for (;;) {
    const length = parseProxyHeader(conn.block, conn.head, conn.tail, 16384, into);
    if (length > 0) {
      const bytes = conn.block.slice(conn.head, conn.head + length);
      conn.consume(length);
      return String.fromCharCode(...bytes);
    }
    if (length < 0 || await conn.recv(conn.tail - conn.head) < 0) return "";
  }
}

async function headers(options: {
  readonly server: string;
  readonly front?: string;
  readonly back?: string;
  readonly global?: string;
  /** Requests of one client after the other, each of which may send several. */
  readonly clients?: readonly (readonly string[])[];
  readonly forMs?: number;
}): Promise<string[]> {
  const { server, front = "", back = "", global = "", clients = [[get("/")]], forMs = 0 } = options;
  const got: string[] = [];
  await play({
    config: `global\n    ${global}\n${defaults()}${web(front, back, server)}`,
    server: () => async (peer) => {
      got.push(await takeHeader(peer));
      while ((await peer.until("\r\n\r\n")).endsWith("\r\n\r\n")) {
        await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      }
    },
  }, async (s) => {
    for (const requests of clients) {
      const peer = await connect(s);
      for (const request of requests) {
        await sendBytes(peer, request);
        await peer.until("ok");
      }
      peer.close();
    }
    await s.sleep(forMs);
  });
  return got;
}

Deno.test("PP-02 send-proxy and send-proxy-v2 tell the server who the client is, as rules and headers say", async () => {
  const line = "PROXY TCP4 192.0.2.7 10.0.0.1 4242 80\r\n";
  assertEquals(await headers({ server: "send-proxy" }), [line]);
  const set = "    http-request set-src str(2001:db8::9)";
  assertEquals(await headers({ server: "send-proxy", front: set }), [
    "PROXY TCP6 2001:db8::9 ::ffff:10.0.0.1 4242 80\r\n",
  ]);
  assertEquals(await headers({ server: "send-proxy-v2" }), [
    header({ source: CLIENT, destination: WEB }),
  ]);
  assertEquals(await headers({ server: "send-proxy-v2 no-send-proxy-v2 send-proxy" }), [line]);
  const none = await headers({ server: "send-proxy no-send-proxy", clients: [] });
  assertEquals(none, []);
});

Deno.test("PP-02 proxy-v2-options: crc32c and unique-id", async () => {
  const front = "    unique-id-format id-%ci";
  const values = [{ type: 5, ...text("id-192.0.2.7") }];
  const want = header({ source: CLIENT, destination: WEB, values, crc32c: true });
  assertEquals(await headers({ server: "send-proxy-v2 proxy-v2-options crc32c,unique-id", front }), [want]);
  assertEquals(await headers({ server: "send-proxy-v2 proxy-v2-options unique-id" }), [
    header({ source: CLIENT, destination: WEB }),
  ]);
});

Deno.test("PP-03 PP-04 set-proxy-v2-tlv-fmt adds values, relays those received; the last of a type counts", async () => {
  const server = "send-proxy-v2 set-proxy-v2-tlv-fmt(0x20) %[req.hdr(x)] set-proxy-v2-tlv-fmt(225) a-%[path] " +
    "set-proxy-v2-tlv-fmt(0x20) b-%[req.hdr(x)]";
  const values = [{ type: 225, ...text("a-/p") }, { type: 32, ...text("b-v") }];
  assertEquals(await headers({ server, clients: [[get("/p", "1.1", "x: v\r\n")]] }), [
    header({ source: CLIENT, destination: WEB, values }),
  ]);
  const relay = "send-proxy-v2 set-proxy-v2-tlv-fmt(0xea) %[fc_pp_tlv(0xea)]";
  const received = header({ values: [{ type: 0xea, ...text("vpce-1") }] });
  const config = defaults() + web("", "", relay).replace("10.0.0.1:80", "10.0.0.1:80 accept-proxy");
  const got: string[] = [];
  await play({
    config,
    server: () => async (peer) => {
      got.push(await takeHeader(peer));
      await peer.until("\r\n\r\n");
      await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    },
  }, async (s) => {
    const peer = await connect(s);
    await sendBytes(peer, received + get("/"));
    await peer.until("ok");
    peer.close();
  });
  assertEquals(got, [received]);
});

Deno.test("PP-02 a connection that told a client's address serves nobody else", async () => {
  const twice = [[get("/"), get("/")], [get("/")]];
  assertEquals((await headers({ server: "send-proxy", clients: twice, back: "    http-reuse always" })).length, 2);
  assertEquals((await headers({ server: "send-proxy", clients: [[get("/"), get("/")]] })).length, 1);
});

Deno.test("PP-02 in TCP mode the header comes before what the client sends", async () => {
  const got: string[] = [];
  await play({
    config: defaults() + raw("", "", "send-proxy"),
    server: () => async (peer) => {
      got.push(await peer.rest());
    },
  }, async (s) => {
    const peer = await connect(s, RAW);
    await sendBytes(peer, "hello");
    peer.shutdown();
    await peer.rest();
    peer.close();
  });
  assertEquals(got, ["PROXY TCP4 192.0.2.7 10.0.0.1 4242 81\r\nhello"]);
});

Deno.test("PP-02 health checks: LOCAL in version 2, their own addresses in version 1, none elsewhere but by check-send-proxy", async () => {
  const checks = async (server: string, global = "") => {
    const got = await headers({ server: `check inter 1s ${server}`, clients: [], forMs: 300, global });
    assert(got.length > 1);
    return [...new Set(got.map((one) => one.replace(/ \d{5} 80\r\n$/, " PORT 80\r\n")))];
  };
  assertEquals(await checks("send-proxy-v2"), [header({ local: true })]);
  const never = await checks("send-proxy-v2", "pp2-never-send-local");
  assertEquals(new Set(never.map((one) => one.charCodeAt(12))), new Set([0x21]));
  const line = "PROXY TCP4 127.0.0.1 10.0.1.1 PORT 80\r\n";
  assertEquals(await checks("send-proxy"), [line]);
  assertEquals(await checks("send-proxy port 80"), [""]);
  assertEquals(await checks("send-proxy port 80 check-send-proxy"), [line]);
  assertEquals(await checks("check-send-proxy"), [line]);
});

// ---- marks, TOS, TCP_INFO -----------------------------------------------------------------------------------------

Deno.test("set-bc-mark and set-bc-tos are of the connection to the server, and tell connections apart", async () => {
  const front = `    http-request set-bc-mark 0x10 if { path /a }
    http-request set-bc-tos int(3),mul(4) if { path /a }`;
  const seen: unknown[] = [];
  await play({
    config: defaults() + web(front, "    http-reuse always"),
    server: () => async (peer) => {
      while ((await peer.until("\r\n\r\n")).endsWith("\r\n\r\n")) {
        await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      }
    },
  }, async (s) => {
    const peer = await connect(s);
    for (const path of ["/a", "/b", "/a", "/b"]) {
      await sendBytes(peer, get(path));
      await peer.until("ok");
    }
    peer.close();
    for (const spec of s.world.network.connects) {
      if (spec.remote.family === "ipv4" && spec.remote.host === "10.0.1.1") seen.push(spec.options ?? null);
    }
  });
  assertEquals(seen, [{ mark: 16, tos: 12 }, null]);
});

Deno.test("set-fc-mark, set-fc-tos and their old names set-mark and set-tos are of the client's socket", async () => {
  const rules = (mark: string, tos: string) =>
    `    tcp-request connection ${mark} 0x10
    http-request ${tos} int(300)`;
  for (const [mark, tos] of [["set-fc-mark", "set-fc-tos"], ["set-mark", "set-tos"]]) {
    const { world } = await play({ config: telling("x", "", rules(mark, tos)) }, async (s) => {
      const peer = await connect(s);
      await sendBytes(peer, ASK);
      await peer.rest();
      peer.close();
    });
    // Eight bits of a number count.
    assertEquals(world.core.optionsSet, [{ mark: 16 }, { tos: 44 }]);
  }
});

Deno.test("FETCH-21 figures of the kernel about connections; times in ms or us", async () => {
  const format = "%[fc_rtt] %[fc_rtt(us)] %[fc_rttvar(us)] %[fc_unacked] %[fc_sacked] %[fc_lost] %[fc_retrans] " +
    "%[fc_fackets] %[fc_reordering]";
  const config = telling(format, "", "    http-request set-fc-mark 7\n    http-request set-fc-tos 0x20");
  assertEquals((await told(config, ASK)).body, "0 100 50 0 0 0 0 0 3");
  let answer = "";
  const back = "    http-response set-header x-rtt %[bc_rtt(us)]/%[bc_rttvar(us)]/%[bc_rtt]";
  await play({
    config: defaults() + web("", back),
    server: () => async (peer) => {
      await peer.until("\r\n\r\n");
      await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    },
  }, async (s) => {
    const peer = await connect(s);
    await sendBytes(peer, ASK);
    answer = await peer.rest();
    peer.close();
  });
  assertMatch(answer, /x-rtt: 100\/50\/0\r\n/);
});

// ---- under faults -------------------------------------------------------------------------------------------------

Deno.test("PP-01 PP-02 a chain of two proxies under any timing: every client is itself", async () => {
  const config = `${defaults("    timeout client-hs 20s\n    timeout http-request 20s\n    timeout connect 20s")}
frontend outer
    bind 10.0.0.1:80
    default_backend inner
backend inner
    timeout server 20s
    server one 10.0.0.1:82 send-proxy-v2 proxy-v2-options crc32c set-proxy-v2-tlv-fmt(0xe0) %[src_port]
    server two 10.0.0.1:83 send-proxy
frontend inner
    bind 10.0.0.1:82 accept-proxy
    bind 10.0.0.1:83 accept-proxy
    http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port] %[fc_pp_tlv(0xe0)]"
`;
  for (let seed = 1; seed <= 20; seed++) {
    const proxy = await startProxy({ config, seed, threads: 2, faults: FAULTS_TIMING });
    const { world } = proxy;
    const answers: string[] = [];
    for (let i = 0; i < 6; i++) {
      const client: Address = { family: "ipv4", host: `192.0.2.${i + 1}`, port: 4000 + i };
      const run = world.client(WEB, async (peer) => {
        await peer.send(ASK);
        answers[i] = (await peer.rest()).split("\r\n\r\n")[1];
      }, client);
      await world.wait(run);
    }
    answers.forEach((answer, i) => {
      const who = `192.0.2.${i + 1}:${4000 + i}`;
      assert(answer === `${who} ${4000 + i}` || answer === `${who} `, `seed ${seed}: ${answer}`);
    });
    await proxy.stop();
  }
});

Deno.test("PP-01 PP-02 a chain of two proxies under faults leaves nothing behind", async () => {
  const config = `${defaults()}
frontend outer
    bind 10.0.0.1:80
    default_backend inner
backend inner
    server one 10.0.0.1:82 send-proxy-v2 proxy-v2-options crc32c
frontend inner
    bind 10.0.0.1:82 accept-proxy
    http-request return status 200 content-type text/plain lf-string "%[src]"
`;
  for (let seed = 1; seed <= 20; seed++) {
    const proxy = await startProxy({ config, seed, threads: 2, faults: { ...FAULTS_ALL, reset: 0.05, blackhole: 0 } });
    const { world } = proxy;
    for (let i = 0; i < 8; i++) {
      const peer = await world.wait(world.connect(WEB, { family: "ipv4", host: "192.0.2.5", port: 5000 + i }));
      if (typeof peer === "number") continue;
      await world.wait(peer.send(ASK));
      const body = (await world.wait(peer.rest())).split("\r\n\r\n")[1] ?? "";
      // A reset may cut it anywhere.
      assert("192.0.2.5".startsWith(body) || body.startsWith("<html>".slice(0, body.length)), `seed ${seed}: ${body}`);
      peer.close();
    }
    await world.advance(20_000);
    await proxy.stop();
  }
});

// What streams tell to fetches: facts of their course, on virtual time.
import { assertEquals } from "@std/assert";
import { answers, defaults, get, play, post, RAW, raw, SERVER, web } from "./scenario.ts";

/** A log line of these expressions, each between brackets. */
function logs(...expressions: readonly string[]): string {
  return `    log-format "${expressions.map((e) => `[%[${e}]]`).join("")}"`;
}

const SERVES = answers({
  "/cut": async (peer) => {
    await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc");
    return false;
  },
  "/hole": async (_, scene) => {
    await scene.sleep(9000);
    return false;
  },
  "/old": (peer) => peer.send("HTTP/1.0 404 Not Found\r\ncontent-length: 0\r\n\r\n").then(() => false),
});

Deno.test("FETCH-15 FETCH-19 FETCH-20 FETCH-21 the second request of a connection knows that it is", async () => {
  const expressions = [
    "http_first_req",
    "bc_reused",
    "fs.id",
    "bs.id",
    "server_status",
    "txn.status",
    "capture.res.ver",
    "dst_conn",
    "fc_nb_streams",
  ];
  const config = defaults() + web(logs(...expressions), "    http-response set-status 418 if { status 200 }");
  const { log } = await play({ config, server: SERVES }, async (s) => {
    const peer = await s.connect();
    for (const path of ["/a", "/b", "/old"]) {
      await peer.send(get(path));
      await peer.until("\r\n\r\n");
      if (path !== "/old") await peer.exactly(2);
    }
    const other = await s.connect();
    await s.sleep(1);
    await other.send(get("/c"));
    await other.until("ok");
    peer.close();
    other.close();
  });
  assertEquals(log, [
    "[1][0][1][1][200][418][HTTP/1.1][1][1]",
    "[0][1][2][1][200][418][HTTP/1.1][1][1]",
    "[0][1][3][1][404][404][HTTP/1.0][1][1]",
    "[1][0][1][1][200][418][HTTP/1.1][2][1]",
  ]);
});

Deno.test("FETCH-05 timeouts in force are those that rules set, for one request", async () => {
  const expressions = ["cur_client_timeout", "cur_server_timeout", "cur_tunnel_timeout"];
  const rules = ["client 1234", "server 2345", "tunnel 3456"];
  const set = (kind: string) =>
    rules.filter((rule) => rule.startsWith("client") === (kind === "client"))
      .map((rule) => `    http-request set-timeout ${rule} if { path /set }\n`).join("");
  const config = defaults("    timeout tunnel 9s") + web(set("client") + logs(...expressions), set("server"));
  const { log } = await play({ config, server: SERVES }, async (s) => {
    const peer = await s.connect();
    for (const path of ["/a", "/set", "/b"]) {
      await peer.send(get(path));
      await peer.until("ok");
    }
    peer.close();
  });
  assertEquals(log, ["[4000][2000][9000]", "[1234][2345][3456]", "[4000][2000][9000]"]);
});

Deno.test("FETCH-21 addresses that rules set are for one request, and the connection keeps its own", async () => {
  const rules = "    http-request set-src hdr(x-src) if { hdr(x-src) -m found }\n" +
    "    http-request set-dst-port int(99) if { hdr(x-src) -m found }\n";
  const config = defaults() + web(rules + logs("src", "fc_src", "dst_port", "fc_dst_port", "src_is_local"));
  const before = (world: { process: { addresses: Set<string> } }) => void world.process.addresses.add("192.0.2.1");
  const { log } = await play({ config, server: SERVES, before }, async (s) => {
    const peer = await s.connect();
    for (const fields of ["X-Src: 192.0.2.1\r\n", "", "X-Src: 2001:db8::1\r\n"]) {
      await peer.send(get("/", "1.1", fields));
      await peer.until("ok");
    }
    peer.close();
  });
  const own = /\[([0-9.]+)\]\[80\]\[80\]/.exec(log[1])![1];
  assertEquals(log, [
    `[192.0.2.1][${own}][99][80][1]`,
    `[${own}][${own}][80][80][1]`,
    `[2001:db8::1][${own}][99][80][0]`,
  ]);
});

Deno.test("FETCH-21 what rules of the connection make of addresses is the connection's; of the session, every stream's", async () => {
  const rules =
    "    tcp-request connection set-src ipv4(192.0.2.7)\n    tcp-request session set-dst ipv4(192.0.2.8)\n" +
    "    http-request set-src ipv4(192.0.2.9) if { path /a }\n";
  const config = defaults() + web(rules + logs("src", "fc_src", "dst", "fc_dst"));
  const { log } = await play({ config, server: SERVES }, async (s) => {
    const peer = await s.connect();
    for (const path of ["/a", "/b"]) {
      await peer.send(get(path));
      await peer.until("ok");
    }
    peer.close();
  });
  assertEquals(log, [
    "[192.0.2.9][192.0.2.7][192.0.2.8][10.0.0.1]",
    "[192.0.2.7][192.0.2.7][192.0.2.8][10.0.0.1]",
  ]);
});

Deno.test("FETCH-21 a server that refuses connections has an error with a number", async () => {
  const config = defaults() + web(logs("bc_err", "bc_err_name", "bc_err_str", "bc_src", "server_status", "bs.id"));
  const { log } = await play({ config }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/"));
    await peer.rest();
    peer.close();
  });
  assertEquals(log, ["[46][EREFUSED][ECONNREFUSED returned by OS][-][-][-]"]);
});

/** Number of the line of a scene's configuration with this text. */
function lineOf(config: string, text: string): number {
  return `global\n    log stdout format raw local0\n${config}`.split("\n").findIndex((l) => l.includes(text)) + 1;
}

Deno.test("FETCH-24 the rule that ended a rule set; `redirect` statements are none", async () => {
  const rules = "    http-request deny if { path /deny }\n    http-request pause 50 if { path /wait }\n" +
    "    http-request allow if { path /allow }\n    redirect location /x if { path /moved }\n";
  const config = defaults() + web(rules + logs("last_rule_file", "last_rule_line", "last_entity", "waiting_entity"));
  const { log } = await play({ config, server: SERVES }, async (s) => {
    for (const path of ["/deny", "/wait", "/allow", "/moved", "/none"]) {
      const peer = await s.connect();
      await peer.send(get(path, "1.0"));
      await peer.rest();
      peer.close();
    }
  });
  const deny = lineOf(config, "deny if");
  const allow = lineOf(config, "allow if");
  assertEquals(log, [
    `[test.cfg][${deny}][test.cfg:${deny}][-]`,
    "[-][-][-][-]",
    `[test.cfg][${allow}][test.cfg:${allow}][-]`,
    "[-][-][-][-]",
    "[-][-][-][-]",
  ]);
});

Deno.test("FETCH-21 sides that were aborted", async () => {
  const config = defaults("    option abortonclose") + web(logs("fs.aborted", "bs.aborted", "txn.sess_term_state"));
  const { log } = await play({ config, server: SERVES }, async (s) => {
    const good = await s.connect();
    await good.send(get("/", "1.0"));
    await good.rest();
    good.close();
    const cut = await s.connect();
    await cut.send(get("/cut"));
    await cut.rest();
    cut.close();
    const gone = await s.connect();
    await gone.send(get("/hole"));
    await s.sleep(50);
    gone.reset();
    await s.sleep(100);
  });
  assertEquals(log, ["[0][0][--]", "[0][1][SD]", "[1][0][CH]"]);
});

Deno.test("FETCH-18 LOG-08 what ended the layers of streams, at the end of log lines", async () => {
  const rules = "    http-request deny if { path /deny }\n    use_backend dead if { path /dead }\n";
  const config = defaults("    option abortonclose") + web(rules + logs("term_events")) +
    "\nbackend dead\n    server s 10.0.9.9:80\n";
  const { log } = await play({ config, server: SERVES }, async (s) => {
    for (const path of ["/", "/deny", "/dead", "/cut", "/hole"]) {
      const peer = await s.connect();
      await peer.send(get(path, "1.0"));
      await peer.rest();
      peer.close();
    }
    const gone = await s.connect();
    await gone.send(get("/hole"));
    await s.sleep(50);
    gone.reset();
    await s.sleep(100);
  });
  assertEquals(log, [
    "[{,,e1,S1s1,E1,,}]",
    "[{,,e1,s8s1,,,}]",
    "[{,,e1,S1s1,,,F7}]",
    "[{,,e1,S6S1s1,E1,,F6}]",
    "[{,,e1,S5S1s1,E1,,}]",
    "[{f6,,,s6S1s1,E1,,}]",
  ]);
});

Deno.test("FETCH-22 FETCH-16 a TCP proxy chooses by what arrives in pieces", async () => {
  const record = (name: string) => {
    const list = (text: string) => String.fromCharCode(text.length >> 8, text.length & 255) + text;
    const extension = "\x00\x00" + list(list("\x00" + list(name)));
    const body = "\x03\x03" + "r".repeat(32) + "\x00" + list("\x13\x01") + "\x01\x00" + list(extension);
    return "\x16\x03\x01" + list("\x01\x00" + list(body));
  };
  const rules = "    tcp-request inspect-delay 2s\n    tcp-request content reject if { req.ssl_sni bad.example }\n" +
    "    tcp-request content set-var(sess.name) req.ssl_sni if { req.ssl_hello_type 1 }\n" +
    "    tcp-request content accept if { req.ssl_hello_type 1 }\n    tcp-request content reject\n";
  const config = defaults() + raw(rules + logs("var(sess.name)", "txn.sess_term_state"));
  const echo = () => async (peer: { rest(): Promise<string>; shutdown(): void }) => {
    await peer.rest();
    peer.shutdown();
  };
  const { log } = await play({ config, server: echo }, async (s) => {
    for (const bytes of [record("good.example"), record("bad.example"), "GET / HTTP/1.1\r\n\r\n"]) {
      const peer = await s.connect(RAW);
      for (let at = 0; at < bytes.length; at += 7) {
        await peer.send(bytes.slice(at, at + 7));
        await s.sleep(1);
      }
      peer.shutdown();
      await peer.rest();
      peer.close();
    }
  });
  assertEquals(log, ["[good.example][--]", "[-][PR]", "[-][PR]"]);
  assertEquals(SERVER.family, "ipv4");
});

Deno.test("FETCH-19 a body that is whole or not, as blocks", async () => {
  const rule = '    http-request return status 200 content-type text/plain lf-string "%[internal.htx.has_eom] ' +
    '%[internal.htx_blk.type(tail)]"\n';
  const config = defaults() + web(rule);
  const got: string[] = [];
  await play({ config, server: SERVES }, async (s) => {
    for (const body of ["whole", "who"]) {
      const peer = await s.connect();
      await peer.send(post("/", 5, body));
      got.push((await peer.rest()).split("\r\n\r\n")[1]);
      peer.close();
    }
  });
  assertEquals(got, ["1 HTX_BLK_DATA", "0 HTX_BLK_DATA"]);
});

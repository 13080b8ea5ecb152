// Rules of the transport layer in a whole proxy (configuration.txt 4.2 "tcp-request", "tcp-response"): what each rule set
// sees, when it decides, and what becomes of the connection.
import { assert, assertEquals } from "@std/assert";
import { C, frontendRow } from "../../src/table/mod.ts";
import { answers, defaults, get, play, post, RAW, raw, type Scene, termination, web } from "./scenario.ts";

/** What a client receives that sends `text`, and when the end came. */
async function ask(scene: Scene, text: string, to?: typeof RAW) {
  const peer = await scene.connect(to);
  await peer.send(text);
  const { text: got, at } = await scene.drain(peer);
  peer.close();
  return { got, at };
}

const SERVER = answers({});

function frontTotal(scene: Scene, column: typeof C.dcon | typeof C.dses | typeof C.dreq): number {
  return scene.proxy.process.shared.total(frontendRow(0), column);
}

Deno.test("TCP-09 tcp-request connection and session rules refuse before anything is read, unlogged and counted", async () => {
  for (const [rule, column] of [["connection", C.dcon], ["session", C.dses]] as const) {
    for (const [mode, front] of [["http", web], ["tcp", raw]] as const) {
      const config = defaults() + front(`    tcp-request ${rule} reject if { src 127.0.0.0/8 }`);
      const scene = await play({ config, server: SERVER }, async (scene) => {
        const { got } = await ask(scene, get("/", "1.0"), mode === "tcp" ? RAW : undefined);
        assertEquals(got, "");
      });
      assertEquals(scene.log, []);
      assertEquals(frontTotal(scene, column), 1, `${rule} ${mode}`);
    }
  }
});

Deno.test("TCP-09 connection rules: accept ends them, variables of the session stay, addresses are replaced", async () => {
  const config = defaults() + web(`
    tcp-request connection set-var(sess.a) src
    tcp-request connection set-src str(192.0.2.7)
    tcp-request connection accept
    tcp-request connection reject
    tcp-request session set-var(sess.b) src
    http-request return status 200 content-type text/plain lf-string "%[var(sess.a)] %[var(sess.b)]"`);
  await play({ config }, async (scene) => {
    const { got } = await ask(scene, get("/", "1.0"));
    assert(got.endsWith("\r\n\r\n127.0.0.1 192.0.2.7"), got);
  });
});

Deno.test("TCP-02 TCP-03 a rule that is undecided to the end leaves the rules behind it their turn", async () => {
  const config = defaults() + raw(`
    tcp-request inspect-delay 200ms
    tcp-request content accept if { req.payload(0,4) -m str WAIT }
    tcp-request content reject`);
  await play({ config, server: () => (peer) => peer.send("served") }, async (scene) => {
    const started = scene.now;
    const refused = await ask(scene, "WA", RAW);
    assertEquals(refused.got, "");
    assert(refused.at - started >= 200 && refused.at - started < 260, `${refused.at - started}`);
    assertEquals((await ask(scene, "WAIT", RAW)).got, "served");
    assertEquals(frontTotal(scene, C.dreq), 1);
  });
});

Deno.test("TCP-02 rules of the backend see what the client sent, from their first rule on", async () => {
  const config = defaults() + raw(
    "    tcp-request inspect-delay 100ms\n    tcp-request content accept if { req.len gt 100 }",
    "    tcp-request content reject if { req.payload(0,2) -m str NO }",
  );
  await play({ config, server: () => (peer) => peer.send("served") }, async (scene) => {
    assertEquals((await ask(scene, "NO", RAW)).got, "");
    assertEquals((await ask(scene, "OK", RAW)).got, "served");
  });
});

/** A server that repeats what it is sent, and then says more. */
const ECHO = (scene: Scene) => async (peer: Awaited<ReturnType<Scene["connect"]>>) => {
  await peer.send(await peer.until("\n"));
  await scene.sleep(50);
  await peer.send("more");
};

Deno.test("TCP-03 TCP-09 tcp-response content rules judge what a server sends before the client gets it", async () => {
  const config = defaults() + raw(
    "",
    `    tcp-response inspect-delay 300ms
    tcp-response content reject if { res.payload(0,2) -m str NO }
    tcp-response content silent-drop if { res.payload(0,2) -m str SD }
    tcp-response content close if { res.payload(0,2) -m str CL }`,
  );
  const scene = await play({ config, server: ECHO }, async (scene) => {
    assertEquals((await ask(scene, "OK\n", RAW)).got, "OK\nmore");
    assertEquals((await ask(scene, "NO\n", RAW)).got, "");
    assertEquals((await ask(scene, "SD\n", RAW)).got, "");
    assertEquals((await ask(scene, "CL\n", RAW)).got, "CL\n");
  });
  assertEquals(scene.log.map(termination), ["--", "PD", "PD", "--"]);
});

Deno.test("TCP-03 tcp-response inspect-delay ends the wait for a silent server's bytes", async () => {
  const config = defaults() + raw(
    "",
    "    tcp-response inspect-delay 300ms\n    tcp-response content reject if WAIT_END",
  );
  await play({ config, server: (scene) => () => scene.sleep(1500) }, async (scene) => {
    const started = scene.now;
    const { at } = await ask(scene, "x", RAW);
    assert(at - started >= 300 && at - started < 400, `${at - started}`);
  });
});

Deno.test("TCP-02 TCP-03 in HTTP mode content rules look at each request, and wait for its body", async () => {
  const config = defaults() + web(
    `    tcp-request inspect-delay 200ms
    tcp-request content reject if { path /no }
    tcp-request content set-var(txn.body) req.body if WAIT_END
    http-request return status 200 content-type text/plain lf-string "%[var(txn.body)]" if { path /body }`,
    "    tcp-request content reject if { path /beno }",
  );
  const scene = await play({ config, server: SERVER }, async (scene) => {
    const kept = await scene.connect();
    await kept.send(get("/"));
    assert((await kept.until("ok")).startsWith("HTTP/1.1 200 "));
    await kept.send(get("/no"));
    assertEquals((await scene.drain(kept)).text, "");
    kept.close();
    assertEquals((await ask(scene, get("/beno"))).got, "");
    const slow = await scene.connect();
    await slow.send(post("/body", 5, "he"));
    await scene.sleep(50);
    await slow.send("llo");
    const answer = await slow.until("hello");
    assert(answer.endsWith("\r\n\r\nhello"), answer);
    slow.close();
  });
  assertEquals(scene.log.map(termination), ["--", "PR", "PR", "LR"]);
});

Deno.test("TCP-09 in HTTP mode tcp-response content rules look at the response before http-response rules", async () => {
  const config = defaults() + web(
    "",
    `    http-reuse never
    tcp-response inspect-delay 300ms
    tcp-response content reject if { res.hdr(x-no) -m found }
    tcp-response content set-var(res.y) res.hdr(x-y)
    tcp-response content close if { res.hdr(x-close) -m found }
    http-response set-header y %[var(res.y)]`,
  );
  let connections = 0;
  const say = (header: string) => async (peer: Awaited<ReturnType<Scene["connect"]>>) => {
    await peer.send(`HTTP/1.1 200 OK\r\n${header}\r\ncontent-length: 2\r\n\r\nok`);
  };
  const server = answers({ "/no": say("x-no: 1"), "/y": say("x-y: 7"), "/close": say("x-close: 1") });
  const counting = (scene: Scene) => (peer: Awaited<ReturnType<Scene["connect"]>>) => {
    connections++;
    return server(scene)(peer);
  };
  const scene = await play({ config, server: counting }, async (scene) => {
    assertEquals((await ask(scene, get("/no", "1.0"))).got, "");
    assert((await ask(scene, get("/y", "1.0"))).got.includes("\r\ny: 7\r\n"));
    const kept = await scene.connect();
    await kept.send(get("/close"));
    await kept.until("ok");
    const before = connections;
    await kept.send(get("/"));
    await kept.until("ok");
    assertEquals(connections, before + 1, "the server's connection was closed");
    kept.close();
  });
  assertEquals(scene.log.map(termination), ["PD", "--", "--", "--"]);
});

Deno.test("TCP-07 an HTTP backend makes a TCP frontend's connection HTTP, for all its requests", async () => {
  const config = `${defaults()}
frontend raw
    mode tcp
    option tcplog
    bind 10.0.0.1:81
    tcp-request inspect-delay 500ms
    tcp-request content accept if { req.len gt 3 }
    use_backend app if HTTP
    default_backend rawapp
backend app
    timeout http-keep-alive 200ms
    http-request set-header x-seen yes
    server s 10.0.1.1:80
backend rawapp
    mode tcp
    server s 10.0.1.1:80
`;
  const heads: string[] = [];
  const server = () => async (peer: Awaited<ReturnType<Scene["connect"]>>) => {
    for (;;) {
      const head = await peer.until("\n\r\n");
      if (head === "") return;
      heads.push(head);
      await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    }
  };
  const scene = await play({ config, server }, async (scene) => {
    const peer = await scene.connect(RAW);
    await peer.send(get("/1") + get("/2"));
    await peer.until("ok");
    await peer.until("ok");
    const since = scene.now;
    const { at } = await scene.drain(peer);
    assert(at - since >= 200 && at - since < 260, `the backend's keep-alive timeout: ${at - since}`);
    peer.close();
    const other = await scene.connect(RAW);
    await other.send("something /3 else\n\r\n");
    assertEquals((await other.until("ok")).includes("\r\nconnection:"), false);
    other.close();
  });
  assertEquals(heads.map((h) => [h.split(" ")[1], h.includes("x-seen: yes")]), [["/1", true], ["/2", true], [
    "/3",
    false,
  ]]);
  assertEquals(scene.log.map((line) => line.split(" ")[3]), ["app/s", "app/s", "rawapp/s"]);
});

Deno.test("TCP-07 switch-mode http: the rules behind it do not run, the frontend's HTTP rules do, what was judged stays", async () => {
  const config = `${defaults()}
frontend raw
    mode tcp
    log-format "%b %ST %[var(txn.early)] %[var(txn.late)] %[var(sess.runs)] %lc %rt"
    bind 10.0.0.1:81
    tcp-request inspect-delay 500ms
    tcp-request content set-var(sess.runs) int(0) if !{ var(sess.runs) -m found }
    tcp-request content set-var(sess.runs) var(sess.runs),add(1)
    tcp-request content set-var(txn.early) str(yes)
    tcp-request content switch-mode http proto h1 if HTTP
    tcp-request content set-var(txn.late) str(yes)
    http-request set-header x-early %[var(txn.early)]
    use_backend none if { path /raw }
    use_backend app if HTTP
    default_backend rawapp
backend app
    server s 10.0.1.1:80
backend none
    mode tcp
    server s 10.0.1.1:80
backend rawapp
    mode tcp
    server s 10.0.1.1:80
`;
  const heads: string[] = [];
  const server = () => async (peer: Awaited<ReturnType<Scene["connect"]>>) => {
    for (let head = await peer.until("\n\r\n"); head !== ""; head = await peer.until("\n\r\n")) {
      heads.push(/x-early: .*(?=\r)/.exec(head)?.[0] ?? head);
      await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    }
  };
  const scene = await play({ config, server }, async (scene) => {
    const peer = await scene.connect(RAW);
    await peer.send(get("/1") + get("/2"));
    for (let i = 0; i < 2; i++) await peer.until("ok");
    peer.close();
    const other = await scene.connect(RAW);
    await other.send("raw\n\r\n");
    await other.until("ok");
    other.close();
    await scene.sleep(10);
    assert((await ask(scene, get("/raw", "1.0"), RAW)).got.startsWith("HTTP/1.1 500 "), "no way to a TCP backend");
  });
  assertEquals(heads, ["x-early: yes", "x-early: yes", "raw\n\r\n"]);
  assertEquals(scene.log.map((line) => line.replace(/ \d+$/, "")), [
    "app 200 yes - 1 0",
    "app 200 yes - 2 1",
    "rawapp -1 yes yes 1 2",
    "none 500 yes - 1 3",
  ]);
  assertEquals(scene.log.map((line) => line.split(" ").at(-1)), ["0", "1", "2", "3"], "one number a stream");
});

Deno.test("TCP-07 an HTTP request cannot go to a TCP backend", async () => {
  const config = `${defaults()}
frontend web
    bind 10.0.0.1:80
    use_backend %[str(rawapp)]
backend rawapp
    mode tcp
    server s 10.0.1.1:80
`;
  const scene = await play({ config, server: ECHO }, async (scene) => {
    assert((await ask(scene, get("/", "1.0"))).got.startsWith("HTTP/1.1 500 "));
  });
  assertEquals(scene.log.map(termination), ["IR"]);
});

const MQTT = "\x10\x13\0\x04MQTT\x04\x02\0\x3c\0\x07client1";

Deno.test("TCP-04 a broken MQTT CONNECT, or one of another client, closes the connection", async () => {
  const config = defaults() + raw(`
    tcp-request inspect-delay 500ms
    tcp-request content reject unless { req.payload(0,0),mqtt_is_valid }
    tcp-request content reject unless { req.payload(0,0),mqtt_field_value(connect,client_identifier) client1 }`);
  await play({ config, server: () => (peer) => peer.send("broker") }, async (scene) => {
    assertEquals((await ask(scene, MQTT, RAW)).got, "broker");
    assertEquals((await ask(scene, MQTT.replace("client1", "client2"), RAW)).got, "");
    assertEquals((await ask(scene, MQTT.replace("MQTT", "MQXX"), RAW)).got, "");
    assertEquals((await ask(scene, "GET / HTTP/1.1\r\n\r\n", RAW)).got, "");
  });
});

Deno.test("TCP-06 a field of a FIX logon chooses the backend, a malformed logon is rejected", async () => {
  const logon = "8=FIX.4.2\x019=5\x0135=A\x0110=178\x01";
  const config = defaults() + raw(
    `
    tcp-request inspect-delay 500ms
    tcp-request content reject unless { req.payload(0,0),fix_is_valid }
    use_backend none if { req.payload(0,0),fix_tag_value(MsgType) -m str 5 }`,
  ) + "\nbackend none\n    mode tcp\n";
  await play({ config, server: () => (peer) => peer.send("exchange") }, async (scene) => {
    assertEquals((await ask(scene, logon, RAW)).got, "exchange");
    assertEquals((await ask(scene, "8=FIX.4.2\x019=5\x0135=5\x0110=166\x01", RAW)).got, "");
    assertEquals((await ask(scene, logon.replace("178", "179"), RAW)).got, "");
  });
});

import { assertEquals } from "@std/assert";
import { FakeStream, headText, load, registry, replyText, show, Thread } from "../../tests/spec/rules_fixture.ts";
import { builtInReply, ERROR_STATUSES, errorReply } from "./replies/errors.ts";
import { RULE_ABORT, RULE_CONTINUE, RULE_NOT_YET, RULE_REPLY } from "./types.ts";

/** A thread of a configuration that has no errors. */
function build(text: string): Thread {
  const { model, diagnostics } = load(text);
  if (model === null) throw new Error(diagnostics.map(show).join("\n"));
  return new Thread(model);
}

/** A stream of proxy "f" with a request. */
function stream(thread: Thread, head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n", name = "f"): FakeStream {
  const made = new FakeStream(thread, thread.proxies.get(name)!);
  made.receive(head);
  return made;
}

const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h\r\nX-B: b2\r\n\r\n`;

Deno.test("BIND-08 use_backend chooses the first that matches; an unknown name made by an expression ends the search", () => {
  const thread = build(`backend b1
 mode http
backend b2
 mode http
frontend f
 mode http
 use_backend b1 if { path /one }
 use_backend %[req.hdr(x-b)] if { path /two }
 use_backend nowhere-%[path] if { path /three }
 use_backend b2
`);
  const rules = thread.proxies.get("f")!;
  const choose = (path: string) => rules.useBackend(stream(thread, request(path)), (name) => thread.proxies.has(name));
  assertEquals([choose("/one"), choose("/two"), choose("/three"), choose("/other")], ["b1", "b2", null, "b2"]);
});

Deno.test("LB-13 use-server passes over servers that cannot be used", () => {
  const thread = build(`backend f
 mode http
 server s1 127.0.0.1:1
 server s2 127.0.0.1:2
 use-server s1 if { path -m beg / }
 use-server %[req.hdr(x-b)] if { path /made }
 use-server s2 unless { path /none }
`);
  const rules = thread.proxies.get("f")!;
  const choose = (path: string, ...usable: string[]) =>
    rules.useServer(
      stream(thread, request(path)),
      (name) => name === "s1" || name === "s2",
      (name) => usable.includes(name),
    );
  assertEquals(choose("/", "s1", "s2"), "s1");
  assertEquals(choose("/", "s2"), "s2");
  assertEquals(choose("/none", "s2"), null);
  assertEquals(choose("/made", "s2"), null, "a name that no server has ends the search");
});

Deno.test("BIND-08 LB-13 what use_backend and use-server name is checked", () => {
  const { diagnostics } = load(`backend b
 mode tcp
 use-server nosuch if { always_true }
 use-server
 use-server s1
frontend f
 mode http
 use_backend
 use_backend nosuch
 use_backend nosuch foo
 use_backend b
 use_backend any-%[path]
listen l
 mode tcp
 use_backend h if { src 127.0.0.1 }
backend h
 mode http
`);
  assertEquals(diagnostics.map(show), [
    "ALERT 4:12 'use-server' expects a server name.",
    "ALERT 5:15 'use-server' expects either 'if' or 'unless' followed by a condition but found ''.",
    "ALERT 8:13 'use_backend' expects a backend name.",
    "ALERT 10:21 unexpected keyword 'foo' after switching rule, only 'if' and 'unless' are allowed.",
    "ALERT 3:2 backend 'b' : unable to find server 'nosuch' referenced in a 'use-server' rule.",
    "ALERT 9:2 Proxy 'f': unable to find required use_backend: 'nosuch'.",
    "ALERT 11:2 http frontend 'f' (t.cfg:6) tries to use incompatible tcp backend 'b' (t.cfg:1) in a 'use_backend' rule (see 'mode').",
  ]);
});

Deno.test("HTTP-29 monitor fail conditions", () => {
  const thread = build(`frontend f
 mode http
 monitor fail if { path /down }
 monitor fail unless { req.hdr(x-b) b2 }
`);
  const fails = (path: string) => thread.proxies.get("f")!.monitorFails(stream(thread, request(path)));
  assertEquals([fails("/down"), fails("/up")], [true, false]);
  const { diagnostics } = load("frontend f\n mode http\n monitor fail\n monitor fail foo\n");
  assertEquals(diagnostics.map(show), [
    "ALERT 3:14 'monitor fail' requires either 'if' or 'unless' followed by a condition.",
    "ALERT 4:15 'monitor fail' requires either 'if' or 'unless' followed by a condition.",
  ]);
});

Deno.test("TCP-02 TCP-03 content rules wait for data, and decide without it when the delay has passed", () => {
  const thread = build(`frontend f
 mode tcp
 tcp-request inspect-delay 5s
 tcp-request content reject if { req.len gt 0 }
 tcp-request content set-var(txn.seen) req.len
 tcp-request content accept
`);
  const rules = thread.proxies.get("f")!;
  assertEquals([rules.inspectDelayMs, rules.responseInspectDelayMs], [5000, -1]);
  const bytes = new Uint8Array([1, 2, 3]);
  const waiting = new FakeStream(thread, rules);
  waiting.clientPayload = { block: bytes, from: 0, to: 0, complete: false, ended: false };
  assertEquals(rules.tcpContent.run(waiting), RULE_NOT_YET);
  waiting.clientPayload = { block: bytes, from: 0, to: 3, complete: false, ended: false };
  assertEquals(rules.tcpContent.run(waiting), RULE_ABORT);
  const late = new FakeStream(thread, rules);
  late.clientPayload = { block: bytes, from: 0, to: 0, complete: false, ended: false };
  assertEquals(rules.tcpContent.run(late), RULE_NOT_YET);
  late.clientPayload = { block: bytes, from: 0, to: 0, complete: true, ended: true };
  assertEquals(rules.tcpContent.run(late), 1);
});

Deno.test("TCP-03 TCP-09 inspect delays and the other tcp rule sets", () => {
  const thread = build(`listen f
 mode tcp
 tcp-response inspect-delay 250
 tcp-request connection reject if { src 192.0.2.7 }
 tcp-request session accept if { always_true }
 tcp-response content close if { always_true }
 tcp-response content reject
`);
  const rules = thread.proxies.get("f")!;
  const one = new FakeStream(thread, rules);
  assertEquals(rules.tcpConnection.run(one), RULE_ABORT);
  assertEquals(rules.tcpSession.run(one), 1);
  assertEquals(rules.tcpResponse.run(one), 1);
  assertEquals(one.done, ["close server"]);
  assertEquals(rules.responseInspectDelayMs, 250);
  const { diagnostics } = load(`frontend f
 mode tcp
 tcp-request inspect-delay
 tcp-request inspect-delay 5x
 tcp-request foo
 tcp-response content accept
 tcp-request connection return
`);
  assertEquals(diagnostics.map(show).map((line) => line.split(",")[0]), [
    "ALERT 3:27 'tcp-request inspect-delay' expects a positive delay in milliseconds as argument.",
    "ALERT 4:28 'tcp-request inspect-delay' : unexpected character 'x': '5x' is not a time: the units are us=microseconds",
    "ALERT 5:14 'tcp-request' expects one of 'connection'",
    "WARNING 6:2 'tcp-response content' ignored because frontend 'f' has no backend capability.",
    "ALERT 7:25 the action 'return' is not usable in 'tcp-request connection' rules",
  ]);
});

Deno.test("HTTP-25 headers and cookies are captured, the last value of a header and the first cookie", () => {
  const thread = build(`frontend f
 mode http
 capture request header X-A len 4
 declare capture request len 5
 capture response header Server len 3
 capture cookie SESS len 8
`);
  const { captures } = thread.proxies.get("f")!;
  const one = stream(
    thread,
    "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-A: 23456\r\nCookie: a=SESS; SESSID=12345\r\n\r\n",
  );
  one.answer(
    "HTTP/1.1 200 OK\r\nSet-Cookie: A=0; SESS=attribute\r\nSet-Cookie: SESSX=1; SESSY=2\r\nSet-Cookie: SESS=2\r\n\r\n",
  );
  captures.headers(one.request, false, one.requestCaptures);
  captures.headers(one.response, true, one.responseCaptures);
  assertEquals([one.requestCaptures, one.responseCaptures], [["2345", null], [null]]);
  assertEquals(captures.cookieOf(one.request, false), "SESSID=1");
  assertEquals(captures.cookieOf(one.response, true), "SESSX=1");
  captures.put(1, "123456", false, one.requestCaptures);
  captures.put(7, "nowhere", false, one.requestCaptures);
  assertEquals(one.requestCaptures, ["2345", "12345"]);
  const exact = build("frontend f\n mode http\n capture cookie SESS= len 8\n").proxies.get("f")!.captures;
  assertEquals(exact.cookieOf(one.request, false), null);
  assertEquals(exact.cookieOf(one.response, true), "SESS=2");
});

Deno.test("HTTP-28 the error reply is the backend's, else the frontend's, else the one built in", () => {
  const thread = build(`frontend f
 mode http
 errorloc 503 /front
 errorloc 404 /front
backend b
 mode http
 errorloc 503 /back
`);
  const [front, back] = [thread.proxies.get("f")!.errors, thread.proxies.get("b")!.errors];
  const one = stream(thread);
  const location = (status: number) => errorReply(status, one, back, front).headers.at(-1);
  assertEquals([location(503), location(404), location(500)], ["/back", "/front", "text/html"]);
});

Deno.test("HTTP-28 HTTP-02 the built-in replies are HAProxy's", () => {
  assertEquals(
    replyText(builtInReply(503)),
    `503 Service Unavailable
cache-control: no-cache
content-type: text/html

<html><body><h1>503 Service Unavailable</h1>
No server is available to handle this request.
</body></html>`,
  );
  // Lengths as the packaged HAProxy announces them; 414 and 431 it has none for.
  const lengths: Readonly<Record<number, number>> = {
    200: 58,
    400: 90,
    401: 112,
    403: 93,
    404: 83,
    405: 146,
    407: 112,
    408: 110,
    410: 114,
    413: 106,
    421: 104,
    422: 116,
    425: 80,
    429: 117,
    500: 97,
    501: 136,
    502: 107,
    503: 107,
    504: 92,
  };
  for (const status of ERROR_STATUSES) {
    const reply = builtInReply(status);
    assertEquals(reply.status, status);
    if (lengths[status] !== undefined) assertEquals(reply.body!.length, lengths[status], String(status));
    assertEquals(reply.close, status === 400 || status === 408);
  }
  assertEquals(builtInReply(418).status, 500);
});

Deno.test("HTTP-05 the client of a proxy is asked with 407", () => {
  const thread = build("frontend f\n mode http\n http-request auth realm r\n");
  const one = stream(thread);
  one.proxyRequest = true;
  assertEquals(thread.proxies.get("f")!.httpRequest.run(one), RULE_REPLY);
  assertEquals([one.reply!.status, ...one.reply!.headers.slice(-2)], [407, "proxy-authenticate", 'Basic realm="r"']);
});

Deno.test("HTTP-09 a body that does not come in time is answered with 408, a server's with 504", async () => {
  const thread = build(
    "frontend f\n mode http\n http-request wait-for-body time 1s\n http-response wait-for-body time 1s\n",
  );
  const rules = thread.proxies.get("f")!;
  const one = stream(thread);
  one.bodyArrives = Promise.resolve(0);
  assertEquals(await rules.httpRequest.run(one), RULE_REPLY);
  assertEquals([one.reply!.status, one.done[1]], [408, "ends c"]);
  one.bodyArrives = 0;
  assertEquals(rules.httpResponse.run(one), RULE_REPLY);
  assertEquals([one.reply!.status, one.done[3]], [504, "ends s"]);
});

Deno.test("HTTP-06 HTTP-30 a head without room: an error in strict mode, else the fields stay as they were", () => {
  const thread = build(`frontend f
 mode http
 http-request strict-mode off if { path /lax }
 http-request set-header X-A "%[req.hdr(x-a)]%[req.hdr(x-a)]"
`);
  const rules = thread.proxies.get("f")!;
  for (const [path, verdict] of [["/lax", RULE_CONTINUE], ["/", 6]] as const) {
    const one = new FakeStream(thread, rules, 600);
    one.receive(`GET ${path} HTTP/1.1\r\nhost: h\r\nx-a: ${"a".repeat(200)}\r\n\r\n`);
    assertEquals(rules.httpRequest.run(one), verdict);
    assertEquals(one.failedRewrites, 1);
    assertEquals(headText(one.request), `GET ${path}\nhost: h\nx-a: ${"a".repeat(200)}`);
  }
});

Deno.test("HTTP-01 rules are built from entries that say what they are", () => {
  for (const name of registry.names("action")) {
    const entry = registry.find("action", name);
    if (entry === undefined) continue;
    assertEquals([entry.manual, entry.doc.endsWith("."), entry.name], ["4.4", true, name]);
  }
});

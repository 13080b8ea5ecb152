// The keywords of proxies, listeners and servers: what they set, what they inherit, and what is refused how.
import { assert, assertEquals } from "@std/assert";
import { configsOf, messagesOf } from "../../../tests/conformance/proxy_fixture.ts";
import type { BindConfig, ProxyConfig, ServerConfig } from "../config.ts";
import type { ListenSpec } from "../../sys/types.ts";
import { listenSpec } from "../listener.ts";
import { RETRY_CONN_FAILURE, retryOfStatus } from "../retry_on.ts";

const NO_FILES = { readFile: () => "No such file or directory" };

const QUIET = "defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n";

function proxy(text: string): ProxyConfig {
  const all = configsOf(QUIET + text);
  return all[all.length - 1];
}

function backend(lines: string): ProxyConfig {
  return proxy(`backend be\n${lines}\n`);
}

function server(options: string, before = ""): ServerConfig {
  return backend(`${before} server s1 10.0.0.1:80 ${options}`).servers[0];
}

function bind(line: string): readonly BindConfig[] {
  return proxy(`frontend fe\n bind ${line}\n`).binds;
}

/** Messages of one line in a section, without level and line. */
function complaints(section: string, line: string): string[] {
  const side = section === "global" ? "global" : `${section} x`;
  const more = section === "frontend" ? " bind :99\n" : "";
  return messagesOf(`${QUIET}${side}\n${more} ${line}\n`).map((m) => m.replace(/^(\w+) (\d+: )?/, ""));
}

Deno.test("SRV-01 server: name, address, ids in order", () => {
  const be = backend(` id 7
 server s1 10.0.0.1:80
 server s2 [2001:db8::1]:443 id 1
 server s3 10.0.0.3
 server s4 10.0.0.4:+1000
 server s5 unix@/run/s.sock
 server s6 abns@name`);
  assertEquals(be.id, 7);
  assertEquals(
    be.servers.map((s) => [s.name, s.id, s.address.family, s.address.host, s.address.port, s.address.portKind]),
    [
      ["s1", 2, "ipv4", "10.0.0.1", 80, "fixed"],
      ["s2", 1, "ipv6", "2001:db8::1", 443, "fixed"],
      ["s3", 3, "ipv4", "10.0.0.3", 0, "none"],
      ["s4", 4, "ipv4", "10.0.0.4", 1000, "offset"],
      ["s5", 5, "unix", "/run/s.sock", 0, "none"],
      ["s6", 6, "abns", "name", 0, "none"],
    ],
  );
});

Deno.test("SRV-01 server options: what each sets", () => {
  const s = server(
    "weight 50 backup disabled maxconn 100 minconn 10 maxqueue 5 check addr 10.0.0.2 port 99 inter 1s fastinter 200 " +
      "downinter 2m rise 4 fall 5 init-state down on-marked-down shutdown-sessions on-marked-up shutdown-backup-sessions " +
      "slowstart 10s pool-max-conn 3 pool-purge-delay 1m max-reuse 9 hash-key addr-port id 12",
  );
  assertEquals(
    [s.weight, s.backup, s.disabled, s.maxconn, s.minconn, s.maxqueue, s.check, s.checkAddress?.host, s.checkPort],
    [50, true, true, 100, 10, 5, true, "10.0.0.2", 99],
  );
  assertEquals([s.interMs, s.fastinterMs, s.downinterMs, s.rise, s.fall], [1000, 200, 120000, 4, 5]);
  assertEquals([s.initState, s.shutdownSessionsOnDown, s.shutdownBackupsOnUp, s.slowstartMs], [
    "down",
    true,
    true,
    10000,
  ]);
  assertEquals([s.poolMaxConn, s.poolPurgeDelayMs, s.maxReuse, s.hashKey, s.id], [3, 60000, 9, "addr-port", 12]);
  const plain = server("");
  assertEquals(
    [plain.weight, plain.interMs, plain.rise, plain.fall, plain.poolMaxConn, plain.poolPurgeDelayMs, plain.maxReuse],
    [1, 2000, 2, 3, -1, 5000, -1],
  );
});

Deno.test("SRV-01 default-server: for the servers that follow, and the no- forms undo", () => {
  const be = backend(` server s0 10.0.0.1:80
 default-server weight 5 check backup disabled
 server s1 10.0.0.1:80
 server s2 10.0.0.1:80 weight 7 no-check no-backup enabled
 default-server weight 6
 server s3 10.0.0.1:80`);
  assertEquals(be.servers.map((s) => [s.weight, s.check, s.backup, s.disabled]), [
    [1, false, false, false],
    [5, true, true, true],
    [7, false, false, false],
    [6, true, true, true],
  ]);
  const inherited = configsOf("defaults\n default-server inter 3s\nbackend be\n server s1 10.0.0.1:80\n");
  assertEquals(inherited[0].servers[0].interMs, 3000);
});

Deno.test("BIND-04 the backlog is the frontend's maxconn unless it is given, for all sockets or one", () => {
  const listen = (more: string, bind = "") => {
    const config = configsOf(`frontend f\n maxconn 300\n bind 127.0.0.1:1 ${bind}\n${more}`)[0];
    return (listenSpec(config.binds[0], config.backlog, NO_FILES) as ListenSpec).backlog;
  };
  assertEquals([listen(""), listen(" backlog 70\n"), listen(" backlog 70\n", "backlog 7")], [300, 70, 7]);
});

Deno.test("QUE-01 minconn alone is the maximum, too; fullconn is a tenth of what may come", () => {
  assertEquals([server("minconn 5").maxconn, server("minconn 9 maxconn 3").minconn], [5, 3]);
  const text = (use: string) =>
    `frontend f1\n bind :1\n maxconn 500\n${use}frontend f2\n bind :2\n maxconn 300\n default_backend be\nbackend be\n`;
  assertEquals(configsOf(text(""))[2].fullconn, 30);
  assertEquals(configsOf(text(" use_backend be if TRUE\n"))[2].fullconn, 80);
  assertEquals(configsOf(text(" use_backend %[src]\n"))[2].fullconn, 30);
  assertEquals(configsOf("backend be\n fullconn 7\n")[0].fullconn, 7);
});

Deno.test("BIND-01 bind: addresses, lists, ranges, unix sockets", () => {
  assertEquals(bind(":80,[::1]:443").map((b) => [b.address.family, b.address.host, b.address.port]), [
    ["ipv4", "0.0.0.0", 80],
    ["ipv6", "::1", 443],
  ]);
  assertEquals(bind("127.0.0.1:8000-8003").map((b) => [b.address.port, b.id]), [[8000, 1], [8001, 2], [8002, 3], [
    8003,
    4,
  ]]);
  assertEquals(bind(":::80").map((b) => [b.address.family, b.address.host, b.address.port]), [["ipv6", "::", 80]]);
  const unix = bind("/run/h.sock mode 660")[0];
  assertEquals([unix.address.family, unix.address.host, unix.mode], ["unix", "/run/h.sock", 0o660]);
  assertEquals(bind("unix@h.sock")[0].address.host, "h.sock");
  assertEquals(bind("abns@hap")[0].address.family, "abns");
});

Deno.test("BIND-10 BIND-04 bind options: name, id, maxconn, backlog", () => {
  const [a, b] = bind("127.0.0.1:1,127.0.0.1:2 name web id 5 maxconn 10 backlog 20");
  assertEquals([a.name, a.id, a.maxconn, a.backlog], ["web", 5, 10, 20]);
  assertEquals([b.name, b.id, b.maxconn, b.backlog], ["web", 1, 10, 20], "a number is of one listener only");
});

Deno.test("BIND-10 frontend limits: maxconn, backlog, rate-limit sessions; the process's limit stands in", () => {
  const fe = proxy("frontend fe\n bind :1\n maxconn 50\n backlog 60\n rate-limit sessions 70\n");
  assertEquals([fe.maxconn, fe.backlog, fe.rateLimit], [50, 60, 70]);
  assertEquals(configsOf("frontend fe\n bind :1\n", 1234)[0].maxconn, 1234);
  assertEquals(configsOf("global\n maxconn 99\nfrontend fe\n bind :1\n")[0].maxconn, 99);
});

Deno.test("BIND-08 default_backend, mode, description, disabled and enabled: the last one counts, defaults are inherited", () => {
  const text = `defaults
 mode http
 disabled
 default_backend b1
 monitor-uri /alive
frontend fe
 bind :1
 enabled
 default_backend b2
 description  two words
backend b1
backend b2
 mode tcp
 mode http
`;
  const [fe, b1, b2] = configsOf(text);
  assertEquals([fe.mode, fe.disabled, fe.defaultBackend, fe.monitorUri, fe.description], [
    "http",
    false,
    "b2",
    "/alive",
    "two words",
  ]);
  assertEquals([b1.disabled, b2.mode], [true, "http"]);
  assertEquals(configsOf("backend b\n")[0].mode, "tcp");
});

Deno.test("REUSE-05 retries, option redispatch and http-reuse", () => {
  assertEquals(backend("").retries, 3);
  const be = backend(" retries 7\n option redispatch\n http-reuse always");
  assertEquals([be.retries, be.redispatch, be.httpReuse], [7, -1, "always"]);
  assertEquals(backend(" option redispatch 3").redispatch, 3);
  assertEquals(backend(" option redispatch -2").redispatch, -2);
  assertEquals(backend(" option redispatch\n no option redispatch").redispatch, 0);
  assertEquals(backend("").httpReuse, "safe");
});

Deno.test("REUSE-06 retry-on: keywords and statuses, what is wrong is told", () => {
  assertEquals(backend("").retryOn, RETRY_CONN_FAILURE);
  assertEquals(backend(" retry-on none").retryOn, 0);
  assertEquals(backend(" retry-on 503 503").retryOn, retryOfStatus(503));
  for (const line of ["retry-on", "retry-on 200", "retry-on x", "retry-on none 503", "retry-on 503 none"]) {
    assert(complaints("backend", line)[0].includes("'retry-on'"), line);
  }
  assert(complaints("backend", "http-send-name-header a:b")[0].includes("'a:b' is not a header name"));
  assert(complaints("backend", "http-send-name-header")[0].includes("a header string"));
});

Deno.test("HTTP options of connections replace each other", () => {
  const mode = (lines: string) => backend(lines).connectionMode;
  assertEquals(mode(""), "keep-alive");
  assertEquals(mode(" option httpclose"), "close");
  assertEquals(mode(" option httpclose\n option http-server-close"), "server-close");
  assertEquals(mode(" option http-server-close\n option http-keep-alive"), "keep-alive");
  assertEquals(mode(" option httpclose\n no option http-server-close"), "close");
  assertEquals(mode(" option httpclose\n no option httpclose"), "keep-alive");
  const be = backend(
    " option forwardfor except 10.0.0.0/8 header X-Client if-none\n option abortonclose\n option allbackups\n option http-pretend-keepalive",
  );
  assertEquals([be.forwardFor?.header, be.forwardFor?.except?.prefix, be.forwardFor?.ifNone], ["x-client", 8, true]);
  assertEquals([be.abortOnClose, be.allBackups, be.pretendKeepAlive], [true, true, true]);
  assertEquals(proxy("frontend fe\n bind :1\n option http-ignore-probes\n").ignoreProbes, true);
});

Deno.test('H1-08 the names of 2.9 are accepted, and the new ones named; "no" takes them back', () => {
  assertEquals(complaints("frontend", "option accept-invalid-http-request"), [
    "'option accept-invalid-http-request' is deprecated, use 'option accept-unsafe-violations-in-http-request' instead.",
  ]);
  const back = (lines: string) => backend(lines).relaxedResponses;
  assertEquals(back(" option accept-invalid-http-response"), true);
  assertEquals(
    back(" option accept-invalid-http-response\n no option accept-unsafe-violations-in-http-response"),
    false,
  );
});

Deno.test("h1-case-adjust: what cannot be a spelling, or is one twice, is told", () => {
  const cases: [string, RegExp][] = [
    ["h1-case-adjust host", /expects <to>|<to>/],
    ["h1-case-adjust host Hosts", /'host' and 'Hosts' differ in more than the case/],
    ["h1-case-adjust host Host x", /'x'/],
    ["h1-case-adjust Host HOST", /'Host' is not in lower case: it matches no name/],
    ["h1-case-adjust host Host\n h1-case-adjust host HOST", /'host' is there twice/],
    ["h1-case-adjust-file", /<hdrs-file>/],
    ["h1-case-adjust-file /none", /unable to load '\/none'/],
  ];
  for (const [line, text] of cases) {
    const got = complaints("global", line);
    assert(got.length === 1 && text.test(got[0]), `${line}: ${got}`);
  }
  assertEquals(complaints("global", "h1-case-adjust host Host\n h1-case-adjust via VIA"), []);
});

Deno.test("timeouts of proxies: each in its field, with its unit", () => {
  const be = proxy(`listen l
 bind :1
 timeout client 1s
 timeout client-fin 2s
 timeout client-hs 700ms
 timeout connect 3
 timeout http-keep-alive 4s
 timeout http-request 5s
 timeout queue 6s
 timeout server 1m
 timeout server-fin 8s
 timeout tarpit 9s
 timeout tunnel 1h
 timeout check 11s
`);
  assertEquals({ ...be.timeouts }, {
    client: 1000,
    clientFin: 2000,
    clientHs: 700,
    connect: 3,
    httpKeepAlive: 4000,
    httpRequest: 5000,
    queue: 6000,
    server: 60000,
    serverFin: 8000,
    tarpit: 9000,
    tunnel: 3600000,
    check: 11000,
  });
});

Deno.test("LB-07 LB-10 hash-type, hash-balance-factor, hash-preserve-affinity: what they set", () => {
  assertEquals(backend(" hash-type consistent").hashType, { method: "consistent", function: "sdbm", avalanche: true });
  assertEquals(backend(" hash-type map-based djb2").hashType, {
    method: "map-based",
    function: "djb2",
    avalanche: false,
  });
  assertEquals(backend(" hash-type consistent crc32 avalanche").hashType.avalanche, true);
  const be = backend(" hash-balance-factor 150\n hash-preserve-affinity maxconn");
  assertEquals([be.hashBalanceFactor, be.hashPreserveAffinity], [150, "maxconn"]);
  assertEquals(proxy("backend be\n mode tcp\n balance uri\n").balance.algorithm, "roundrobin", "nothing to look at");
});

Deno.test("GLOB-01 the global section: limits, threads, spreading of checks", () => {
  assertEquals(complaints("global", "maxconn 5"), []);
  for (const line of ["maxconnrate 5", "maxsessrate 6", "nbthread 2", "spread-checks 20", "max-spread-checks 1s"]) {
    assertEquals(complaints("global", line), [], line);
  }
  for (const line of ["maxconn 0", "maxconn x", "nbthread 0", "nbthread 65", "spread-checks 51", "maxconnrate"]) {
    assertEquals(complaints("global", line).length, 1, line);
  }
});

Deno.test("SRV-01 what is wrong with a server is told", () => {
  const cases: [string, RegExp][] = [
    ["server", /expects <name> and <addr>/],
    ["server s1", /expects <name> and <addr>/],
    ["server a/b 1.2.3.4:5", /character '\/' is not permitted in server name 'a\/b'/],
    ["server s 1.2.3.4:5 weight 300", /between 0 and 256, but got '300'/],
    ["server s 1.2.3.4:5 id 0", /between 1 and/],
    ["server s 1.2.3.4:5 rise 0", /between 1 and/],
    ["server s 1.2.3.4:5 inter 0", /'inter' expects a positive time/],
    ["server s 1.2.3.4:5 port 0", /between 1 and 65535/],
    ["server s 1.2.3.4:5 on-marked-down foo", /'shutdown-sessions' after 'on-marked-down', but got 'foo'/],
    ["server s 1.2.3.4:5 pool-max-conn -2", /between -1 and/],
    ["server s 1.2.3.4:5 wieght 3", /unknown keyword 'wieght'.*weight/],
    ["server s 1.2.3.4:5 init-state ok", /'fully-up', 'up', 'down' or 'fully-down'/],
    ["server s 1.2.3.4 check", /server 's' has neither service port nor check port/],
    ["default-server", /expects options/],
    ["default-server id 4", /'id' option is not accepted in default-server/],
    ["default-server 1.2.3.4", /unknown keyword '1.2.3.4'/],
  ];
  for (const [line, text] of cases) {
    const got = complaints("backend", line);
    assert(got.length === 1 && text.test(got[0]), `${line}: ${got}`);
  }
  const twins = messagesOf(
    `${QUIET}backend be\n server s1 1.2.3.4:5 id 4\n server s1 1.2.3.4:5\n server s2 1.2.3.4:5 id 4\n`,
  );
  assertEquals(twins, [
    "ALERT 7: backend 'be', another server named 's1' was already defined at line 6, please use distinct names.",
    "ALERT 8: 'server be/s2' : 'id' : custom id 4 already used at t.cfg:6 ('server s1').",
  ]);
});

Deno.test("LB-01 what is wrong with balancing is told", () => {
  const cases: [string, RegExp][] = [
    ["balance", /expects an algorithm/],
    ["balance foo", /'balance' only supports .*'roundrobin'.*but got 'foo'/],
    ["balance random(0)", /number of draws must be at least 1/],
    ["balance random(2", /missing closing parenthesis/],
    ["balance hdr", /requires an http header field name/],
    ["balance hdr()", /requires an http header field name/],
    ["balance url_param", /requires an URL parameter name/],
    ["balance url_param x check_post", /check_post/],
    ["balance uri len x", /'len'/],
    ["balance hash nothing", /unknown fetch method 'nothing'|nothing/],
    ["hash-type foo", /'map-based' or 'consistent', but got 'foo'/],
    ["hash-type consistent bar", /but got 'bar'/],
    ["hash-type consistent sdbm foo", /unexpected argument 'foo'/],
    ["hash-type map-based wt6", /'wt6' is not supported/],
    ["hash-balance-factor 50", /must be 0 or greater than 100/],
  ];
  for (const [line, text] of cases) {
    const got = complaints("backend", line);
    assert(got.length === 1 && text.test(got[0]), `${line}: ${got}`);
  }
  assertEquals(complaints("backend", "balance uri"), [
    "Layer 7 hash not possible for backend 'x' (needs 'mode http'). Falling back to round robin.",
  ]);
});

Deno.test("BIND-01 what is wrong with proxies is told", () => {
  const cases: [string, string, RegExp][] = [
    ["frontend", "bind", /'bind' expects/],
    ["frontend", "bind :1-9000", /more than 4096 ports/],
    ["frontend", "bind :80 mode 999", /octal/],
    ["frontend", "bind :80 nmae x", /unknown keyword 'nmae'/],
    ["frontend", "bind :1 mss 0", /absolute value between 1 and 65535/],
    ["frontend", "bind :1 shards 0", /'shards' : invalid value '0', allowed range is 1..64/],
    ["frontend", "bind :1 thread 1-x", /'thread' : '1-x' is not a valid number\/range/],
    ["frontend", "bind :1 accept-netscaler-cip 0", /between 1 and/],
    ["frontend", "bind :1 namespace blue", /'namespace' : a thread of the runtime cannot enter/],
    ["global", "unix-bind", /expects 'prefix', 'mode'/],
    ["global", "unix-bind mode 9", /octal/],
    ["global", "tune.listener.default-shards 3", /'by-process', 'by-thread' or 'by-group'/],
    ["backend", "source /path", /not an IP address/],
    ["backend", "source 1.2.3.4:1-2", /port range not permitted/],
    ["backend", "source 1.2.3.4 usesrc", /expects an address/],
    ["backend", "source 1.2.3.4 usesrc hdr_ip(a:b)", /'a:b' is not a header name/],
    ["backend", "server x 1.2.3.4 proxy-v2-options crc32c,ssl", /'ssl' is not supported yet/],
    ["backend", "server x 1.2.3.4 proxy-v2-options foo", /unknown option 'foo'/],
    ["backend", "server x 1.2.3.4 set-proxy-v2-tlv-fmt(256) x", /0 to 255, but got '256'/],
    ["backend", "server x 1.2.3.4 set-proxy-v2-tlv-fmt x", /unknown keyword 'set-proxy-v2-tlv-fmt'/],
    ["backend", "server x 1.2.3.4 send-proxy(1)", /unknown keyword 'send-proxy\(1\)'/],
    ["backend", "server x 1.2.3.4 set-proxy-v2-tlv-fmt(1) %[foo]", /failed to parse the format '%\[foo\]'/],
    ["backend", "server x 1.2.3.4 tcp-ut 0", /positive time/],
    ["frontend", "bind sockpair@3", /'sockpair@' is not supported yet in 'sockpair@3'/],
    ["frontend", "default_backend nope", /^Proxy 'x': unable to find required default_backend: 'nope'/],
    ["frontend", "mode foo", /'tcp' or 'http', but got 'foo'/],
    ["frontend", "mode log", /not supported yet/],
    ["frontend", "id 0", /between 1 and/],
    ["backend", "retries -1", /between 0 and/],
    ["backend", "http-reuse foo", /'never', 'safe', 'aggressive' or 'always', but got 'foo'/],
    ["backend", "timeout connect", /expects <time>/],
    ["backend", "timeout connect -1", /unexpected character '-'/],
    ["backend", "option redispatch x", /integer/],
    ["backend", "option forwardfor except 1.2.3.4.5", /not an IP address/],
    ["backend", "option forwardfor header a:b", /not a header name/],
    ["backend", "option originalto except 1.2.3.4.5", /'option originalto' : 'except' : .*not an IP address/],
    ["backend", "option originalto header a:b", /'option originalto' : 'a:b' is not a header name/],
    ["backend", "option originalto if-none", /'except' or 'header', but got 'if-none'/],
    ["backend", "option forwardfor foo", /'except', 'header' or 'if-none', but got 'foo'/],
    ["backend", "option httpchk GET", /^$/],
    ["backend", "option httpchk GET / HTTP/x", /not a version/],
    ["backend", "http-check expect status 99", /invalid status code or range '99'/],
    ["backend", "http-check expect hdr x", /'hdr' is not supported yet/],
    ["backend", "http-check expect rstring a(b", /expect/],
    ["backend", "http-check send hdr X %[src]", /log-format items .* not supported yet/],
  ];
  for (const [section, line, text] of cases) {
    const got = complaints(section, line);
    if (text.source === "^$") assertEquals(got, [], line);
    else assert(got.length === 1 && text.test(got[0]), `${line}: ${got}`);
  }
  assertEquals(messagesOf(`${QUIET}frontend f\n`), [
    "WARNING 5: frontend 'f' has no 'bind' directive. Please declare it as a backend if this was intended.",
  ]);
  const text = `${QUIET}frontend f\n mode http\n bind :1\n default_backend b\nbackend b\n`;
  assertEquals(messagesOf(text), [
    "ALERT 8: http frontend 'f' (t.cfg:5) tries to use incompatible tcp backend 'b' (t.cfg:9) as its default backend (see 'mode').",
  ]);
  assertEquals(messagesOf(`${QUIET}backend a\n id 3\nbackend b\n id 3\n`), [
    "ALERT 8: backend 'b': 'id' : custom id 3 already used by backend 'a'.",
  ]);
});

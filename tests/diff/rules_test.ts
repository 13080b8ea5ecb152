// What http-request, http-response and http-after-response rules do to requests and responses: the bytes on both sides.
import type { Case } from "./cases.ts";
import { compare } from "./harness.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: s\r\nX-A: 1\r\nX-B: 2\r\nSet-Cookie: a=1; path=/\r\n\r\nok";
const GET = "GET /path/to/file.html?a=1&b=2 HTTP/1.1\r\nHost: www.Example.com:8080\r\nUser-Agent: t/1\r\n" +
  "X-Multi: a, b\r\nX-Multi: c\r\nCookie: sid=abc; theme=dark\r\nX-Num: 42\r\n\r\n";

/** Rules on a fixed exchange. */
const rule = (config: string, more: Partial<Case> = {}): Case => ({
  waits: waits(config),
  name: config.replaceAll(/\n\s*/g, " ; "),
  config,
  server: { replies: [OK] },
  clients: [GET, "quiet"],
  ...more,
});
/** Configurations that wait for a feature, by a word in them. */
const WAITING: readonly string[] = [
  "http_auth",
  "set-map",
  "option originalto",
  "option accept-invalid-http-",
  "option nolinger",
  "option persist",
  "option http-no-delay",
  "option contstats",
  "option h1-case-adjust-bogus-server",
  "retry-on",
  "source 127.0.0.1",
  "max-keep-alive-queue",
  "X z", // consecutive early hints in one response
  "set-uri http:", // a Host of the new authority
];
const waits = (config: string): string | undefined => WAITING.find((word) => config.includes(word));
const rules = (...configs: readonly string[]): Case[] => configs.map((config) => rule(config));

compare("HTTP-06 HTTP-07 header rules of requests", {
  cases: rules(
    "http-request set-header X-New value",
    "http-request set-header X-Multi one",
    "http-request set-header x-multi %[req.hdr(X-Multi)]",
    "http-request add-header X-Multi d",
    "http-request add-header X-New %[src]:%[path]",
    "http-request set-header Host other",
    "http-request del-header X-Multi",
    "http-request del-header x-MULTI",
    "http-request del-header X- -m beg",
    "http-request del-header i -m end",
    "http-request del-header -ul -m sub",
    "http-request del-header ^x-[mn] -m reg",
    "http-request del-header X-Multi -m str",
    "http-request del-header Host",
    "http-request replace-header X-Multi (.*) <\\1>",
    "http-request replace-header X-Multi [ab] z",
    "http-request replace-header User-Agent ^t/([0-9])$ agent-\\1",
    "http-request replace-value X-Multi (.*) <\\1>",
    "http-request replace-value X-Multi [ac] z",
    "http-request replace-value Cookie sid=([^;]*) sid=X\\1X",
    "http-request replace-header Cookie foo=([^;]*);(.*) foo=\\1;ip=%bi;\\2",
    "http-request set-header X-Empty %[str()]",
    'http-request set-header X-Quoted "a \\"b\\" c"',
    "http-request set-header X-Spaces a\\ b\\ \\ c",
    "http-request set-header X-Long %[str(abc),bytes(0,2)]%[path]%[query]",
    "http-request set-header X-Pct 100%%",
    "http-request set-header Connection close",
    "http-request set-header Content-Length 5",
    "http-request set-header Transfer-Encoding chunked",
    "http-request del-header Content-Length",
    "http-request del-header Transfer-Encoding",
    "http-request set-header Connection upgrade",
    "http-request set-header X-Log %H-%ci-%HM-%HP-%HQ-%HV-%HU",
    "http-request add-header X-C 1\n  http-request add-header X-C 2\n  http-request set-header X-D %[req.fhdr(X-C)]",
    "http-request add-header X-C 1\n  http-request del-header X-C\n  http-request add-header X-C 3",
  ),
});

compare("HTTP-06 header rules of responses", {
  cases: rules(
    "http-response set-header X-New value",
    "http-response set-header X-A %[res.hdr(X-B)]",
    "http-response add-header X-A 2",
    "http-response del-header Server",
    "http-response del-header x- -m beg",
    "http-response replace-header Set-Cookie (.*) \\1;\\ secure",
    "http-response replace-value X-A 1 one",
    "http-response set-status 201",
    'http-response set-status 503 reason "Slow Down"',
    "http-response set-header X-Status %[status]",
    "http-response set-header X-Req %[capture.req.uri]",
    "http-response set-header X-Path %[var(txn.p)]\n  http-request set-var(txn.p) path",
    "http-response set-header X-From %s/%b/%si",
    "http-after-response set-header X-After 1",
    "http-after-response del-header Server",
    "http-after-response set-header X-After 1\n  http-request deny if { path_beg /path }",
    "http-after-response set-status 202",
    "http-response del-header Content-Length",
    "http-response set-header Transfer-Encoding chunked",
    "http-response set-header Connection keep-alive",
    "http-response set-header Connection upgrade",
    "http-response set-header Content-Length 2",
    "http-response set-header Content-Length 1",
    "http-response set-header Connection close",
    "http-response return status 200 content-type text/plain string replaced",
    "http-response return status 404",
    "http-response redirect location /elsewhere",
    "rspadd-gone",
  ).filter((c) => c.config !== "rspadd-gone"),
});

compare("HTTP-08 rules for the request line", {
  cases: rules(
    "http-request set-method POST",
    "http-request set-method %[str(put),upper]",
    "http-request set-path /new",
    "http-request set-path /%[hdr(host)]%[path]",
    "http-request set-pathq /new?x=y",
    "http-request set-query x=%[query]",
    "http-request set-query %[str()]",
    "http-request set-query %[query,regsub(a=,c=)]",
    "http-request set-uri /u?v",
    "http-request set-uri http://h/u?v",
    "http-request replace-path (.*) /p\\1",
    "http-request replace-path /path/(.*) /\\1",
    "http-request replace-path /(to) /-\\1-",
    "http-request replace-pathq ^/path/([^?]*)\\?(.*) /\\1?q&\\2",
    "http-request replace-uri ^([^/:]*://[^/]*)?(.*) \\1/x\\2",
    "http-request set-path /a\n  http-request set-header X-Path %[path]\n  http-request set-header X-Url %[url]",
    "http-request set-path /a\n  http-request set-header X-Base %[base]\n  http-request set-header X-Query %[query]",
    "http-request set-path %[str()]",
    "http-request set-path rel",
    "http-request set-path /sp\\ ace",
  ),
});

const POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
const CHUNKS = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
const framing = (config: string, more: Partial<Case> = {}): Case[] => [
  rule(config, { name: `${config} # length`, clients: [POST, "quiet", GET], ...more }),
  rule(config, { name: `${config} # chunks`, clients: [CHUNKS, "quiet", GET], ...more }),
];
const CHUNKED_REPLY = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
const reply = (config: string, name: string, send: string): Case =>
  rule(config, { name: `${config} # ${name}`, server: { replies: [send] }, clients: [GET, "quiet", GET] });

compare("H1-03 H1-06 rules that touch the framing", {
  cases: [
    ...framing("http-request del-header Content-Length"),
    ...framing("http-request set-header Content-Length 5"),
    ...framing("http-request set-header Content-Length 3"),
    ...framing("http-request del-header Transfer-Encoding"),
    ...framing("http-request set-header Transfer-Encoding chunked"),
    ...framing("http-request set-header Transfer-Encoding gzip"),
    ...framing("http-request set-header Connection close"),
    ...framing("http-request set-method GET"),
    reply("http-response del-header Content-Length", "until close", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    reply("http-response del-header Transfer-Encoding", "chunks", CHUNKED_REPLY),
    reply("http-response set-header Content-Length 7", "chunks", CHUNKED_REPLY),
    reply("http-response set-header Content-Length 0", "204", "HTTP/1.1 204 No Content\r\n\r\n"),
    reply("http-response set-header Content-Length 5", "204", "HTTP/1.1 204 No Content\r\n\r\n"),
    reply("http-response set-header Content-Length 5", "304", "HTTP/1.1 304 Not Modified\r\n\r\n"),
    reply("http-response set-header Connection close", "chunks", CHUNKED_REPLY),
    reply("http-after-response set-header Connection close", "length", OK),
    reply("http-response set-status 204", "length", OK),
    reply("http-response set-status 304", "length", OK),
    reply("http-response set-status 200", "204", "HTTP/1.1 204 No Content\r\n\r\n"),
  ],
});

const uri = (config: string, target: string): Case =>
  rule(config, {
    name: `${config} of ${target}`,
    clients: [`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`, "quiet"],
  });

compare("HTTP-12 HTTP-13 HTTP-14 HTTP-15 HTTP-16 HTTP-17 normalize-uri", {
  global: "expose-experimental-directives",
  cases: [
    ...["/foo//bar", "//", "/a///b?c//d", "/a/", "http://h//a//b"].map((u) =>
      uri("http-request normalize-uri path-merge-slashes", u)
    ),
    ...["/a/./a", "/./", "/a/.", "/.well-known/", "/.", "/a/./././b?x=./", "/a./b", "/..", "/./a"].map((u) =>
      uri("http-request normalize-uri path-strip-dot", u)
    ),
    ...[
      "/foo/../bar/",
      "/foo/../bar",
      "/../bar",
      "/foo/..",
      "/foo//../",
      "/a/b/../../c?d=/../",
      "/..",
      "/a/..b",
      "/../../x",
    ]
      .flatMap((u) => [
        uri("http-request normalize-uri path-strip-dotdot", u),
        uri("http-request normalize-uri path-strip-dotdot full", u),
      ]),
    ...["/%61dmin", "/foo%3Fbar=baz", "/%%36%36", "/%zz", "/%4", "/%7e?%41=%2f", "/%41%2d%2E%5f%7E%2B"].flatMap((u) => [
      uri("http-request normalize-uri percent-decode-unreserved", u),
      uri("http-request normalize-uri percent-decode-unreserved strict", u),
    ]),
    ...["/%6f", "/%6F%aB?%ff", "/%zz", "/%"].flatMap((u) => [
      uri("http-request normalize-uri percent-to-uppercase", u),
      uri("http-request normalize-uri percent-to-uppercase strict", u),
    ]),
    ...["/?c=3&a=1&b=2", "/?aaa=3&a=1&aa=2", "/?b=2&b=1&a", "/?", "/?&&a&", "/x", "/?a=2&a=1&a"].map((u) =>
      uri("http-request normalize-uri query-sort-by-name", u)
    ),
  ],
});

compare("HTTP-03 return", {
  cases: [
    ...rules(
      "http-request return",
      "http-request return status 200",
      "http-request return status 404",
      "http-request return status 299",
      "http-request return status 204",
      "http-request return status 304",
      "http-request return content-type text/plain string hello",
      'http-request return content-type text/plain string "a b\\nc"',
      "http-request return content-type text/plain lf-string %[path]\\ %[src]\\ %HM",
      'http-request return status 201 content-type application/json lf-string \'{"p":"%[path]"}\' hdr X-A %[query] hdr X-B 2',
      "http-request return hdr X-Only 1",
      "http-request return status 503 content-type text/plain string busy hdr Retry-After 5",
      "http-request return status 200 content-type text/plain string late if { path /never }",
      "http-request return content-type text/plain lf-string %[req.hdr(nothing)]|%[int(5)]|%[bool(true)]",
      "http-request set-header X-A 1\n  http-request return content-type text/plain lf-string %[req.hdr(X-A)]",
    ),
    rule("http-request return content-type text/plain string hello # HEAD", {
      config: "http-request return content-type text/plain string hello",
      clients: ["HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "quiet", GET],
    }),
    rule("http-request return content-type text/plain string hello # 1.0", {
      config: "http-request return content-type text/plain string hello",
      clients: ["GET / HTTP/1.0\r\n\r\n", "quiet"],
    }),
    rule("http-request return content-type text/plain string hello # POST", {
      config: "http-request return content-type text/plain string hello",
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "quiet", GET],
    }),
    rule("http-request return content-type text/plain file {file:f}", { files: { f: "content\nof file" } }),
    rule("http-request return content-type text/plain lf-file {file:f}", { files: { f: "path %[path]\n%[src]" } }),
    rule("http-request return status 200 content-type text/x file {file:f} hdr X-Y z", { files: { f: "" } }),
  ],
});

compare("HTTP-04 redirects", {
  cases: [
    ...rules(
      "redirect location /new",
      "redirect location http://h/new code 301",
      "redirect location /new code 303",
      "redirect location /new code 307",
      "redirect location /new code 308",
      "redirect prefix https://h",
      "redirect prefix https://h drop-query",
      "redirect prefix / drop-query",
      "redirect prefix https://h append-slash drop-query",
      "redirect prefix https://h append-slash",
      "redirect scheme https",
      "redirect scheme https code 301",
      "redirect scheme https drop-query",
      "redirect location /new set-cookie SEEN=1",
      "redirect location /new set-cookie A=1;path=/x",
      "redirect location /new clear-cookie SEEN",
      "redirect location /new clear-cookie SEEN=",
      "http-request redirect location /n%[path] code 302",
      "http-request redirect location http://%[hdr(host)]%[capture.req.uri]",
      "http-request redirect prefix https://%[hdr(host),lower]",
      "http-request redirect scheme https if { hdr(host) -i www.example.com:8080 }",
      "redirect scheme https if { path /no }\n  redirect location /second if { path_beg /path }",
      "http-request redirect location /b\n  redirect location /a",
      "http-request redirect location /x code 301 set-cookie A=1",
    ),
    rule("redirect prefix https://h append-slash # directory", {
      config: "redirect prefix https://h append-slash drop-query",
      clients: ["GET /dir HTTP/1.1\r\nHost: a\r\n\r\n", "quiet", "GET /dir/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    }),
    rule("redirect location /new # POST", {
      config: "redirect location /new",
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "quiet", GET],
    }),
    rule("redirect location /new # HEAD", {
      config: "redirect location /new",
      clients: ["HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "quiet", GET],
    }),
    rule("redirect location /new # 1.0", { config: "redirect location /new", clients: ["GET / HTTP/1.0\r\n\r\n"] }),
    rule("redirect scheme https # no host", {
      config: "redirect scheme https",
      clients: ["GET /x HTTP/1.0\r\n\r\n"],
    }),
    rule("redirect prefix https://h # absolute", {
      config: "redirect prefix https://h",
      clients: ["GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n"],
    }),
  ],
});

const AUTH = "userlist u{n}\n  group g users tiger\n  group h\n  user tiger insecure-password secret\n" +
  "  user lion password $6$k6y3o.eP$JlKBx9za9667qe4xHSwRv6J.C0/D7cV91\n";
const withUser = (name: string, config: string, header: string): Case =>
  rule(config, {
    name: `auth: ${name}`,
    config: `${AUTH}listen c{n}\n  bind {bind}\n  ${config}\n  server s1 {server}`,
    clients: [`GET / HTTP/1.1\r\nHost: a\r\n${header}\r\n`, "quiet"],
  });
const BASIC = (user: string) => `Authorization: Basic ${btoa(user)}\r\n`;

compare("HTTP-05 basic authentication", {
  cases: [
    withUser("asked", "http-request auth unless { http_auth(u{n}) }", ""),
    withUser("asked with realm", "http-request auth realm Zoo\\ 1 unless { http_auth(u{n}) }", ""),
    withUser("good", "http-request auth unless { http_auth(u{n}) }", BASIC("tiger:secret")),
    withUser("bad password", "http-request auth unless { http_auth(u{n}) }", BASIC("tiger:wrong")),
    withUser("unknown user", "http-request auth unless { http_auth(u{n}) }", BASIC("x:secret")),
    withUser("group", "http-request auth unless { http_auth_group(u{n}) g }", BASIC("tiger:secret")),
    withUser("other group", "http-request auth unless { http_auth_group(u{n}) h }", BASIC("tiger:secret")),
    withUser("broken base64", "http-request auth unless { http_auth(u{n}) }", "Authorization: Basic !!!\r\n"),
    withUser("another scheme", "http-request auth unless { http_auth(u{n}) }", "Authorization: Bearer x\r\n"),
    withUser("of a proxy", "http-request auth unless { http_auth(u{n}) }", "Proxy-Authorization: Basic x\r\n"),
    withUser(
      "names",
      "http-request set-header X-U %[http_auth_user]:%[http_auth_pass]:%[http_auth_type]",
      BASIC("a:b:c"),
    ),
  ],
});

compare("HTTP-01 HTTP-21 HTTP-22 HTTP-30 order, conditions, variables", {
  cases: rules(
    "http-request allow if { path_beg /path }\n  http-request deny",
    "http-request allow if { path_beg /other }\n  http-request deny",
    "http-request deny unless { method GET }",
    "http-request set-var(txn.a) str(x)\n  http-request set-header X-A %[var(txn.a)]",
    "http-request set-var(req.a) int(3)\n  http-request set-var(req.b) var(req.a),add(4)\n  http-request set-header X-B %[var(req.b)]",
    "http-request set-var(sess.a) src\n  http-request set-header X-A %[var(sess.a)]",
    "http-request set-var(txn.a) str(x)\n  http-request unset-var(txn.a)\n  http-request set-header X-A [%[var(txn.a)]]",
    "http-request set-var-fmt(txn.a) %[path]-%[method]\n  http-request set-header X-A %[var(txn.a)]",
    "http-request set-var(txn.a,ifnotexists) str(x)\n  http-request set-var(txn.a,ifnotexists) str(y)\n  http-request set-header X-A %[var(txn.a)]",
    "http-request set-var(txn.a,ifempty) str(x)\n  http-request set-header X-A %[var(txn.a)]",
    "http-request set-header X-A %[var(txn.none)]",
    "http-request set-header X-A %[var(txn.none,default)]",
    "http-response set-header X-Q %[var(req.a)]\n  http-request set-var(req.a) str(gone)",
    "unique-id-format %{+X}o\\ %ci:%HM\n  unique-id-header X-Id",
    "unique-id-format id-%[path]\n  http-request set-header X-Id %[unique-id]",
    "http-request strict-mode off\n  http-request set-header X-A 1",
    "http-request capture req.hdr(User-Agent) len 10\n  http-response set-header X-Cap %[capture.req.hdr(0)]",
    "capture request header Host len 30\n  http-response set-header X-Cap %[capture.req.hdr(0)]",
    "capture response header Server len 30\n  http-response set-header X-Cap %[capture.res.hdr(0)]",
    "declare capture request len 20\n  http-request capture path id 0\n  http-response set-header X-Cap %[capture.req.hdr(0)]",
    "http-request early-hint Link </x>;rel=preload",
    "http-request early-hint Link </x>\n  http-request early-hint Link </y>\n  http-request early-hint X z",
    "http-request wait-for-handshake",
    "http-request set-src hdr(X-Num)\n  http-request set-header X-Src %[src]",
    "http-request set-src str(10.1.2.3)\n  http-request set-header X-Src %[src]",
    "http-request set-dst str(10.1.2.3)\n  http-request set-dst-port int(99)\n  http-request set-header X-Dst %[dst]:%[dst_port]",
    "http-request set-src-port int(99)\n  http-request set-header X-Src %[src_port]",
    "http-request set-log-level silent\n  http-request set-nice 5",
    "http-request set-timeout server 5s",
    "http-request disable-l7-retry",
    "http-request set-map({file:m}) %[path] v\n  http-request set-header X-A %[path,map({file:m})]",
  ).map((c) => c.config.includes("{file:m}") ? { ...c, files: { m: "/a b\n" } } : c),
});

compare("H1-13 options that add fields", {
  cases: rules(
    "option forwardfor",
    "option forwardfor except 127.0.0.0/8",
    "option forwardfor except 10.0.0.0/8",
    "option forwardfor header X-Client",
    "option forwardfor if-none",
    "option forwardfor if-none header User-Agent",
    "option originalto",
    "option originalto header X-To",
    "option originalto except 127.0.0.1",
    "option forwardfor\n  http-request set-header X-Forwarded-For 1.2.3.4",
    "option forwardfor\n  http-request set-src str(9.9.9.9)",
    "option http-pretend-keepalive\n  option http-server-close",
    "option http_proxy-gone",
    "option accept-invalid-http-request",
    "option http-use-htx-gone",
    "option nolinger",
    "option abortonclose",
    "option persist",
    "option redispatch",
    "option http-no-delay",
    "option tcp-smart-accept",
    "option contstats",
    "option dontlog-normal",
    "option h1-case-adjust-bogus-server",
    "option http-restrict-req-hdr-names reject",
    "option http-restrict-req-hdr-names delete",
    "option http-restrict-req-hdr-names preserve",
    "retry-on all-retryable-errors",
    "retry-on none",
    "source 127.0.0.1",
    "max-keep-alive-queue 5",
    "option splice-auto",
  ).filter((c) => !c.config.endsWith("-gone")),
});

compare("H1-13 H1-08 requests seen by options", {
  cases: [
    rule("option http-restrict-req-hdr-names reject", {
      name: "restrict names: reject",
      clients: ["GET / HTTP/1.1\r\nHost: a\r\nX_Under: 1\r\n\r\n"],
    }),
    rule("option http-restrict-req-hdr-names delete", {
      name: "restrict names: delete",
      clients: ["GET / HTTP/1.1\r\nHost: a\r\nX_Under: 1\r\nX-Good: 2\r\nX.Dot: 3\r\n\r\n"],
    }),
    rule("option forwardfor if-none", {
      name: "forwardfor if-none, there is one",
      clients: ["GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 5.5.5.5\r\n\r\n"],
    }),
    rule("option forwardfor", {
      name: "forwardfor, there is one",
      clients: ["GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 5.5.5.5\r\nX-After: 1\r\n\r\n"],
    }),
    rule("option accept-invalid-http-request", {
      name: "relaxed: bad name",
      clients: ["GET / HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n"],
    }),
    rule("option accept-invalid-http-request", {
      name: "relaxed: fragment",
      clients: ["GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"],
    }),
    rule("option accept-invalid-http-request", {
      name: "relaxed: bytes in the target",
      clients: ['GET /\xe9"<> HTTP/1.1\r\nHost: a\r\n\r\n'],
    }),
    rule("option accept-invalid-http-request", {
      name: "relaxed: no version",
      clients: ["GET /\r\n\r\n"],
    }),
    rule("option accept-invalid-http-request", {
      name: "relaxed: other protocol",
      clients: ["GET / RTSP/1.0\r\nHost: a\r\n\r\n"],
    }),
    rule("option accept-invalid-http-request", {
      name: "relaxed: other host",
      clients: ["GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    }),
    rule("option accept-invalid-http-response", {
      name: "relaxed: bad name of a response",
      server: { replies: ["HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 2\r\n\r\nok"] },
    }),
    rule("option accept-invalid-http-response", {
      name: "relaxed: protocol of a response",
      server: { replies: ["RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"] },
    }),
  ],
});

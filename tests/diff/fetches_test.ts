// Fetches on live connections: what both programs find in the same requests, buffers, connections and backends.
import type { Case } from "./cases.ts";
import { compare } from "./harness.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** The value of each expression between brackets. */
const shown = (expressions: readonly string[]): string => expressions.map((e) => `[%[${e}]]`).join("");

// ---- credentials ------------------------------------------------------------------------------------------------

const basic = (pair: string) => `Authorization: Basic ${btoa(pair)}`;

/** What a request with these header lines proves. */
const credentials = (...headers: readonly string[]): Case => ({
  name: headers.join(" & ") || "no credentials",
  config: `
    userlist l{n}
      group g1
      group g2
      group g3 users c
      user a insecure-password b groups g1,g2
      user c password $1$abcDEF12$UydtowR5qDFc0EgEvK4nz0
      user e insecure-password f
    listen c{n}
      bind {bind}
      http-request set-header X-Groups "%[req.fhdr(x-groups)] g1" if { http_auth_group(l{n}) g1 }
      http-request set-header X-Groups "%[req.fhdr(x-groups)] g3" if { http_auth_group(l{n}) g3 }
      http-request set-header X-Groups "%[req.fhdr(x-groups)] g2g3" if { http_auth_group(l{n}) g2 g3 }
      http-request set-header X-Groups "%[req.fhdr(x-groups)] in" if { http_auth(l{n}) }
      http-request return status 200 content-type text/plain lf-string "${
    shown([
      "http_auth(l{n})",
      "http_auth_group(l{n})",
      "http_auth_user",
      "http_auth_pass",
      "http_auth_type",
      "http_auth_bearer",
      "http_auth_bearer(x-t)",
      "req.fhdr(x-groups)",
    ])
  }"`,
  clients: [["GET / HTTP/1.1", "Host: h", ...headers, "", ""].join("\r\n"), "quiet"],
});

compare("HTTP-05 FETCH-19 credentials and what userlists say of them", {
  cases: [
    credentials(),
    credentials(basic("a:b")),
    credentials(basic("a:wrong")),
    credentials(basic("c:a")),
    credentials(basic("e:f")),
    credentials(basic("nobody:b")),
    credentials(basic("a:b:c")),
    credentials(basic(":")),
    credentials(basic("nocolon")),
    credentials("authorization: BASIC   " + btoa("a:b")),
    credentials(`Authorization: Basic\t${btoa("a:b")}`),
    credentials("Authorization: Basic"),
    credentials("Authorization: Basic !!!!"),
    credentials(`${basic("a:b")} x`),
    credentials(`${basic("a:b")}, Basic ${btoa("c:a")}`),
    credentials(basic("c:a"), basic("a:b")),
    credentials("Authorization: Bearer tok.en"),
    credentials("Authorization: bearer   tok en"),
    credentials("Authorization: Bearer a,b"),
    credentials("Authorization: Bearer"),
    credentials("Authorization: Digest x=y"),
    credentials("X-T: Bearer other"),
    credentials("X-T: other"),
  ],
});

// ---- raw buffers ------------------------------------------------------------------------------------------------

const u16 = (n: number) => String.fromCharCode(n >> 8, n & 255);
const list16 = (content: string) => u16(content.length) + content;

/** A ClientHello in one record; null: without the block of extensions. */
function hello(extensions: readonly (readonly [type: number, content: string])[] | null, more = ""): string {
  const list = extensions?.map(([type, content]) => u16(type) + list16(content)).join("");
  const body = "\x03\x03" + "r".repeat(32) + "\x00" + list16("\x13\x01\xc0\x2f") + "\x01\x00" +
    (list === undefined ? "" : list16(list));
  return "\x16\x03\x01" + list16("\x01\x00" + u16(body.length) + body) + more;
}

const NAME = [0, list16("\x00" + list16("www.Example.com"))] as const;
const PROTOCOLS = [16, list16("\x02h2\x08http/1.1")] as const;
const GROUPS = [10, list16("\x00\x1d\x00\x17")] as const;

/** What a TCP proxy finds in these bytes when no more come within its delay, in hexadecimal in its log. */
const buffer = (name: string, expressions: readonly string[], bytes: string): Case => ({
  name,
  config: `
    listen c{n}
      mode tcp
      bind {bind}
      log {log} local0
      tcp-request inspect-delay 300ms
      tcp-request content set-var(sess.end) int(1) if WAIT_END
      ${expressions.map((e, i) => `tcp-request content set-var(sess.v${i}) ${e}`).join("\n      ")}
      tcp-request content reject
      log-format "${expressions.map((_, i) => `[%[var(sess.v${i}),hex]]`).join("")}"`,
  clients: [bytes, "quiet", { ms: 400 }],
});

const HELLO_FETCHES = [
  "req.ssl_hello_type",
  "req.ssl_ver",
  "req_ssl_sni",
  "req.ssl_alpn",
  "req.ssl_ec_ext",
  "req.ssl_st_ext",
];
const inHello = (name: string, bytes: string) => buffer(name, HELLO_FETCHES, bytes);

compare("FETCH-16 FETCH-22 the ClientHello in a buffer", {
  cases: [
    inHello("name, protocols, groups", hello([NAME, PROTOCOLS, GROUPS, [35, ""]])),
    inHello("a session ticket", hello([[35, "ticket"]])),
    inHello("no extensions at all", hello([])),
    inHello("a name of another type", hello([[0, list16("\x01" + list16("x.y"))]])),
    inHello("a list of names that is too long", hello([[0, "\x00\x20\x00\x00\x03abc"]])),
    inHello("more behind it", hello([NAME], "\x14\x03\x03\x00\x01\x01")),
    inHello("an alert", "\x15\x03\x01\x00\x02\x02\x28"),
    inHello("data", "\x17\x03\x01\x00\x02ab"),
    inHello("HTTP", "GET / HTTP/1.1\r\n\r\n"),
    inHello("SSL 2.0 by its record", "\x16\x02\x00" + hello([NAME]).slice(3)),
    inHello("five bytes of it", hello([NAME]).slice(0, 5)),
  ],
});

const rdp = (text: string) =>
  "\x03\x00" + u16(text.length + 11) + String.fromCharCode(text.length + 6) + "\xe0\0\0\0\0\0" + text;
const RDP_FETCHES = ["req.rdp_cookie", "req.rdp_cookie(mstshash)", "rdp_cookie_cnt", "req.rdp_cookie_cnt(MSTS)"];
const inRdp = (text: string) => buffer(JSON.stringify(text), RDP_FETCHES, rdp(text));

compare("FETCH-22 cookies of the Remote Desktop Protocol", {
  cases: [
    inRdp("Cookie: mstshash=administrator\r\n"),
    inRdp("Cookie: msts=3640205228.15629.0000\r\n\x01\x00\x08\x00\x00\x00\x00\x00"),
    inRdp("cookie:a=b=c;d\r\n"),
    inRdp("Cookie: abcdef\r\n"),
    inRdp("Cookie: a=b\rx"),
    buffer("no RDP", RDP_FETCHES, "GET / HTTP/1.1\r\n\r\n"),
  ],
});

const packet = (token: string, number: number, body = "") => token + number.toString(16).padStart(8, "0") + body;
const DISTCC = packet("DIST", 2) + packet("ARGC", 2) + packet("ARGV", 3, "gcc") + packet("ARGV", 2, "-c") +
  packet("DOTI", 5, "abcde");
const DISTCC_FETCHES = [
  "distcc_param(DIST)",
  "distcc_param(ARGC)",
  "distcc_param(ARGV,2)",
  "distcc_body(ARGV)",
  "distcc_body(ARGV,2)",
  "distcc_param(DOTI)",
  "distcc_body(DOTI)",
  "distcc_param(NONE)",
];

compare("FETCH-22 messages of distcc, raw payload", {
  cases: [
    buffer("a whole message", DISTCC_FETCHES, DISTCC),
    buffer("a part of one", DISTCC_FETCHES, DISTCC.slice(0, 39)),
    buffer("an unknown token has a body", DISTCC_FETCHES, packet("XXXX", 4, "DIST") + DISTCC),
    buffer("a number that is none", DISTCC_FETCHES, DISTCC.replace("00000002", "0000000g")),
    buffer("payload", ["payload(1,3)", "req.payload_lv(0,1)", "payload_lv(0,1,+1)", "req.len"], "\x03abcdefg"),
  ],
});

// ---- streams and backends ---------------------------------------------------------------------------------------

/** A log line of these expressions. */
const logged = (name: string, config: string, expressions: readonly string[], more: Partial<Case> = {}): Case => ({
  name,
  config: `
    frontend f{n}
      bind {bind}
      log {log} local0
      log-format "${shown(expressions)}"
      default_backend b{n}
${config}`,
  server: { replies: [OK] },
  clients: ["GET /deny HTTP/1.1\r\nHost: h\r\n\r\n", "quiet", "close"],
  ...more,
});

const TIMEOUTS = [
  "be_server_timeout",
  "be_tunnel_timeout",
  "fe_client_timeout",
  "cur_server_timeout",
  "cur_tunnel_timeout",
];
const FIGURES = [
  "be_conn_free(b{n})",
  "connslots(b{n})",
  "avg_queue(b{n})",
  "nbsrv(b{n})",
  "srv_conn_free(b{n}/s1)",
  "srv_iweight(b{n}/s1)",
  "srv_uweight(b{n}/s1)",
  "srv_weight(b{n}/s1)",
];
/** Figures of a backend, in a response made here: none of its servers is at work. */
const figures = (...servers: readonly string[]): Case => ({
  name: servers.join(" + "),
  config: `
    frontend f{n}
      bind {bind}
      http-request return status 200 content-type text/plain lf-string "${shown(FIGURES)}"
    backend b{n}
${servers.map((line) => (/^option /.test(line) ? `      ${line}` : `      server ${line}`)).join("\n")}`,
  clients: ["GET / HTTP/1.1\r\nHost: h\r\n\r\n", "quiet"],
});

compare("FETCH-04 FETCH-05 FETCH-24 timeouts, rules, figures of backends", {
  defaults: "timeout tunnel 9s",
  cases: [
    logged("timeouts as configured", "    backend b{n}\n      server s1 {server}", TIMEOUTS),
    logged(
      "timeouts as rules set them",
      "    backend b{n}\n      http-request set-timeout server 3s\n      http-request set-timeout tunnel 7s\n      server s1 {server}",
      TIMEOUTS,
    ),
    logged(
      "the rule that denied",
      "      http-request deny if { path /deny }\n    backend b{n}\n      server s1 {server}",
      ["fc_err", "fc_err_str", "http_first_req", "capture.req.ver", "capture.res.ver", "prio_class"],
    ),
    logged(
      "the connection to the server",
      "      http-request set-priority-class int(-7)\n      http-request set-priority-offset int(50)\n" +
        "    backend b{n}\n      server s1 {server}",
      [
        "bc_err",
        "bc_err_str",
        "capture.res.ver",
        "prio_class",
        "prio_offset",
        "bc_http_major",
        "dst_conn",
        "fe_defbe",
      ],
    ),
    figures("s1 {dead} maxconn 10 weight 7 maxqueue 5", "s2 {dead} maxconn 20 weight 5 backup maxqueue 3"),
    figures("s1 {dead} maxconn 10"),
    figures("s1 {dead} maxqueue 10"),
    figures(
      "s1 {dead} maxqueue 10 maxconn 4 disabled",
      "s2 {dead} maxqueue 10 maxconn 5 backup",
      "s3 {dead} maxqueue 10 maxconn 6 backup",
    ),
    figures(
      "option allbackups",
      "s1 {dead} maxconn 10 disabled",
      "s2 {dead} backup maxconn 3",
      "s3 {dead} backup maxconn 4",
    ),
    figures("s1 {dead} weight 0 maxconn 10 maxqueue 1", "s2 {dead} maxconn 3 maxqueue 1"),
    figures("s1 {dead} maxconn 10 maxqueue 1", "s2 {dead}"),
    figures("s1 {dead} maxconn 10 maxqueue 1 disabled weight 9"),
    figures("s1 {dead} minconn 2 maxconn 50"),
  ],
});

// ---- the rest of HTTP -------------------------------------------------------------------------------------------

/** Expressions on one request, in a response. */
const values = (name: string, request: string, ...expressions: readonly string[]): Case => ({
  name,
  config: `http-request return status 200 content-type text/plain lf-string "${shown(expressions)}"`,
  clients: [request, "quiet"],
});

const HTX = ["data", "nbblks", "used", "size", "free", "free_data", "has_eom"].map((name) => `internal.htx.${name}`);
const BLOCK = ["type", "size", "start_line", "hdrname", "hdrval", "data"];
const block = (position: string) => BLOCK.map((name) => `internal.htx_blk.${name}(${position})`);

compare("FETCH-19 FETCH-21 FETCH-24 messages as blocks, headers in binary, addresses, constants", {
  cases: [
    values("the blocks of a request", "GET /p?q HTTP/1.1\r\nHost: h\r\nX-A: b\r\n\r\n", ...HTX, "internal.strm.is_htx"),
    values("each block", "GET /p?q HTTP/1.1\r\nHost: h\r\n\r\n", ...["head", "first", "tail", "1", "9"].flatMap(block)),
    values(
      "headers in binary",
      `GET / HTTP/1.1\r\nHost: h\r\nLong: ${"a".repeat(300)}\r\nEmpty:\r\n\r\n`,
      "req.hdrs_bin,hex",
    ),
    values(
      "addresses",
      "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
      "fc_src",
      "fc_dst",
      "src_is_local",
      "dst_is_local",
      "fc_src_is_local",
    ),
    values(
      "constants",
      "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
      "proc",
      "env(NO_SUCH_VARIABLE)",
      "env(HOME)",
      "fc_err",
      "so_id",
    ),
  ],
});

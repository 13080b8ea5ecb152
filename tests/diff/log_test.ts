// Log lines as a syslog receiver sees them: predefined and own formats, every alias, headers, options, termination states.
// Dates, process ids, bytes and times are masked; -1 is not.
import type { Case } from "./cases.ts";
import { compare } from "./harness.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: s/1\r\nSet-Cookie: sid=new; path=/\r\n\r\nok";
const GET = "GET /p/a?x=1 HTTP/1.1\r\nHost: www.h\r\nUser-Agent: ua/1\r\nCookie: sid=abc; b=2\r\n\r\n";

const log = (name: string, config: string, more: Partial<Case> = {}): Case => ({
  name: `log: ${name.replaceAll(/\n\s*/g, " ; ")}`,
  config: `log {log} local0\n  ${config}`,
  server: { replies: [OK] },
  clients: [GET, "quiet"],
  ...more,
});
/** Masks times between slashes: "1/0/0/2/3" but not "-1". */
const timers = (count: number) => [new RegExp(`(?<= )(-?\\d+/){${count - 1}}\\+?\\d+(?= )`)];
const HTTPLOG = { mask: timers(5) };
/** The bytes at the end keep 2.6 from sending lines that could be made before the response twice. */
const own = (format: string, more: Partial<Case> = {}): Case => {
  const [line, ...rest] = format.split("\n");
  const config = [line.endsWith('"') ? `log-format ${line.slice(0, -1)} %B"` : `log-format ${line}\\ %B`, ...rest];
  return log(`format ${format}`, config.join("\n"), { ...more, mask: [/ \d+\n?$/, ...more.mask ?? []] });
};

const ALIASES: readonly string[] = [
  ..."%CC %CS %H %HM %HP %HPO %HQ %HU %HV %ID %ST %b %bc %bi %bq %ci %f %fc %fi %ft %hr %hrl %hs %hsl"
    .split(" "),
  ..."%r %rc %s %sc %si %sq %ts %tsc".split(" "),
];
const QUOTES = [..."%HM %HU %r %ts %CC %s".split(" ")];

compare("LOG-03 LOG-04 formats of log lines", {
  cases: [
    log("httplog", "option httplog", HTTPLOG),
    log("httplog clf", "option httplog clf", {
      mask: [/(?<= 200 )\d+/, /(?<= )\d+(?= "c\d+" "c\d+")/, /(?<="s1" )\d+ \d+ \d+ \d+ \d+/, /(?<=---- )\d+/],
    }),
    log("tcplog in http", "option tcplog", { mask: [...timers(3), /(?<=<masked> )\d+/] }),
    log("default", ""),
    log(
      "httplog, captures",
      "option httplog\n  capture request header Host len 10\n  capture request header None len 5\n" +
        "  capture response header Server len 2\n  capture cookie sid len 12",
      HTTPLOG,
    ),
    log("httplog, unique id", "option httplog\n  unique-id-format id-%ci", HTTPLOG),
    log("httplog variable", 'log-format "${HAPROXY_HTTP_LOG_FMT} more"', {
      ...HTTPLOG,
      waits: "a haproxy with HAPROXY_HTTP_LOG_FMT",
    }),
    ...ALIASES.map((alias) => own(`<${alias}>`)),
    ...QUOTES.map((alias) => own(`<%{+Q}${alias.slice(1)}>`)),
    own("%{+Q}o\\ %HM\\ %HU\\ %s\\ %{-Q}ST"),
    own("<%{+X}ci>\\ <%{+X}ST>"),
    own("<%{+E}HU>"),
    own('"a b %HM"'),
    own("%HM\\ %%\\ literal"),
    own("%[src]:%[dst]\\ %[capture.res.hdr(0)]\\ <%[capture.res.hdr(1)]>\n  capture response header Server len 9"),
    own(
      "%ST\\ <%[var(txn.x)]>\\ %{+Q}[src]\\ %{+X}[dst]\\ %[capture.req.hdr(0)]\n  capture request header Host len 20",
    ),
    own(
      "%{+Q}[var(txn.x)]\\ %[var(txn.y)]\n  http-request set-var(txn.x) path\n  http-request set-var(txn.y) req.hdr(user-agent)",
    ),
    own("%[capture.req.method]\\ %[capture.req.uri]\\ %[capture.req.ver]"),
    own("%[txn.sess_term_state]", { waits: "a haproxy with txn.sess_term_state" }),
    own("%{+Q,+E}r\\ end", {
      clients: ['GET /"quoted]\\%20 HTTP/1.1\r\nHost: h\r\n\r\n', "quiet"],
    }),
    own("%{+E}[var(txn.x)]\\ end\n  http-request set-var(txn.x) req.hdr(x)", {
      clients: ['GET / HTTP/1.1\r\nHost: h\r\nX: a"]\\b\r\n\r\n', "quiet"],
    }),
    own("<%HU>\\ <%[var(txn.x)]>\n  http-request set-var(txn.x) req.hdr(x)", {
      clients: ["GET /%01 HTTP/1.1\r\nHost: h\r\nX: \xe9\t#\r\n\r\n", "quiet"],
    }),
    own("%trg", { mask: [/\d\d\/[A-Z][a-z]+\/\d{4}:\d\d:\d\d:\d\d \+0000/] }),
    own("%Tl", { mask: [/\d\d\/[A-Z][a-z]+\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}/] }),
    own("%T", { mask: [/\d\d\/[A-Z][a-z]+\/\d{4}:\d\d:\d\d:\d\d \+0000/] }),
    own("%t", { mask: [/\d\d\/[A-Z][a-z]+\/\d{4}:\d\d:\d\d:\d\d\.\d{3}/] }),
    own("%Ts.%ms", { mask: [/\d{10}\.\d{1,3}/] }),
    own("%TR/%Tw/%Tc/%Tr/%Ta/%Th/%Ti/%Tq/%Td/%Tt", { mask: [/(\d+\/){9}\d+/] }),
    own("%cp\\ %bp\\ %sp\\ %fp", { mask: [/\d+ \d+(?= )/] }),
    own("%pid\\ %H", { mask: [/\d+(?= )/] }),
    own("%sslc\\ %sslv"),
  ].map((c) => c.name.endsWith("%sslv") ? { ...c, waits: "TLS" } : c),
});

compare("LOG-01 LOG-02 LOG-09 targets and options", {
  cases: [
    log("level", "option httplog\n  http-request set-log-level warning", HTTPLOG),
    log("silent", "option httplog\n  http-request set-log-level silent"),
    log("level on condition", "option httplog\n  http-request set-log-level err if { path_beg /p }", HTTPLOG),
    log("tag", "option httplog\n  log-tag hello", HTTPLOG),
    { ...log("facility and level", "", HTTPLOG), config: "log {log} daemon warning\n  option httplog" },
    { ...log("minimum level", "", HTTPLOG), config: "log {log} daemon debug notice\n  option httplog" },
    { ...log("length", "", {}), config: "log {log} len 80 local0\n  log-format 0123456789%HM%HU%[str(x)]" },
    { ...log("rfc5424", "", HTTPLOG), config: "log {log} format rfc5424 local1\n  option httplog" },
    { ...log("short", "", HTTPLOG), config: "log {log} format short local1\n  option httplog" },
    { ...log("raw", "", HTTPLOG), config: "log {log} format raw local1\n  option httplog" },
    { ...log("priority", "", HTTPLOG), config: "log {log} format priority local1\n  option httplog" },
    { ...log("local", "", HTTPLOG), config: "log {log} format local local1\n  option httplog" },
    {
      ...log("timed", "", { mask: [/^\S+/, ...HTTPLOG.mask] }),
      config: "log {log} format timed local1\n  option httplog",
    },
    {
      ...log("iso", "", { mask: [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d/, ...HTTPLOG.mask] }),
      config: "log {log} format iso local1\n  option httplog",
    },
    {
      ...log("rfc5424 structured data", ""),
      config: 'log {log} format rfc5424 local1\n  log-format %HM\n  log-format-sd [x@1\\ a=\\"%HU\\"]',
    },
    { ...log("two targets", "", HTTPLOG), config: "log {log} local0\n  log {log:two} local3 notice\n  option httplog" },
    {
      ...log("sampled", "", { ...HTTPLOG, clients: [GET + GET + GET + GET, "quiet"] }),
      config: "log {log} sample 2:4 local0\n  option httplog",
    },
    log("no log", "no log\n  option httplog"),
    log("dontlog-normal", "option httplog\n  option dontlog-normal"),
    log("dontlog-normal and an error", "option httplog\n  option dontlog-normal\n  http-request deny", HTTPLOG),
    log("dontlognull", "option httplog\n  option dontlognull", { clients: ["shut"] }),
    log("null", "option httplog", { ...HTTPLOG, clients: ["shut"] }),
    log("log-separate-errors", "option httplog\n  option log-separate-errors\n  http-request deny", HTTPLOG),
    log("log-separate-errors of a good one", "option httplog\n  option log-separate-errors", HTTPLOG),
    log("logasap", "option httplog\n  option logasap", {
      mask: [/(?<= )(\d+\/){4}\+\d+(?= )/],
      server: { steps: [[{ until: "\r\n\r\n" }, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", { ms: 100 }, "cd"]] },
      clients: [GET, { ms: 200 }],
    }),
    log("monitor is not logged", "option httplog\n  monitor-uri /p/a?x=1"),
    log("three exchanges", "option httplog", { ...HTTPLOG, clients: [GET + GET + GET, "quiet"] }),
    log("clf of a denied one", "option httplog clf\n  http-request deny", {
      mask: [/(?<= )\d+(?= "c\d+" "c\d+")/, /(?<= 403 )\d+/, /(?<=PR-- )\d+ \d+/],
    }),
    log("error-log-format", "option httplog\n  error-log-format err\\ %[fc_err]\\ %ci", {
      ...HTTPLOG,
      clients: ["BAD\r\n\r\n", "quiet"],
    }),
  ].map((c) => c.name.includes("error-log-format") ? { ...c, waits: "error-log-format" } : c),
});

/** Exchanges that end for every reason; times but -1 are masked one by one. */
const state = (name: string, config: string, more: Partial<Case>): Case => ({
  name: `state: ${name}`,
  config: `log {log} local0\n  option httplog\n  ${config}`,
  clients: [GET, "quiet"],
  mask: [/(?<=[ /])\d+(?=[-\d/]* (-1|\d{3}) <bytes>)/g],
  ...more,
});
const HALF = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc";

compare("LOG-07 LOG-06 termination states", {
  cases: [
    state("good", "", { server: { replies: [OK] } }),
    state("denied", "http-request deny", {}),
    state("denied by the response", "http-response deny", { server: { replies: [OK] } }),
    state("returned by the response", "http-response return status 200", { server: { replies: [OK] } }),
    state("redirected by the response", "http-response redirect location /", { server: { replies: [OK] } }),
    state("returned", "http-request return status 204", {}),
    state("redirected", "redirect location /", {}),
    state("rejected", "http-request reject", {}),
    state("tarpitted", "timeout tarpit 50\n  http-request tarpit", { clients: [GET, { ms: 150 }] }),
    state("no server", "", {}),
    state("dead server", "retries 0\n  server s1 {dead}", {}),
    state("dead server, retried", "timeout connect 100\n  retries 1\n  server s1 {dead}", {
      clients: [GET, { ms: 350 }],
    }),
    state("bad request", "", { clients: ["BAD\r\n\r\n", "quiet"] }),
    state("bad host", "", { clients: ["GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "quiet"] }),
    state("client gone before its request", "", { clients: ["GET / HT", "quiet", "shut"] }),
    state("client reset before its request", "", { clients: ["GET / HT", "quiet", "reset"] }),
    state("request timeout", "timeout http-request 50", { clients: ["GET / HT", { ms: 150 }] }),
    state("no request at all", "timeout http-request 50", { clients: [{ ms: 150 }] }),
    state("bad response", "", { server: { replies: [{ send: "junk\r\n\r\n", then: "close" }] } }),
    state("empty response", "", { server: { replies: [{ send: "", then: "close" }] } }),
    state("reset response", "", { server: { replies: [{ send: "", then: "reset" }] } }),
    state("server timeout", "timeout server 50", {
      server: { steps: [[{ until: "\r\n\r\n" }]] },
      clients: [GET, { ms: 150 }],
    }),
    state("cut response", "", {
      server: { replies: [{ send: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", then: "close" }] },
    }),
    state("bad chunk", "", {
      server: {
        steps: [[
          { until: "\r\n\r\n" },
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
          { ms: 30 },
          "zz\r\n",
        ]],
      },
      clients: [GET, { ms: 150 }],
    }),
    state("response stalls", "timeout server 50", {
      server: { steps: [[{ until: "\r\n\r\n" }, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"]] },
      clients: [GET, { ms: 150 }],
    }),
    state("client gone in its body", "", {
      server: { steps: [[{ until: "abc" }]] },
      clients: [HALF, "quiet", "shut", "quiet"],
    }),
    state("client stalls in its body", "timeout client 50", {
      server: { steps: [[{ until: "abc" }]] },
      clients: [HALF, { ms: 150 }],
    }),
    state("server answers early and closes", "", {
      server: { steps: [[{ until: "abc" }, OK, "close"]] },
      clients: [HALF, "quiet", "defghi", "quiet"],
    }),
    state("client resets in the response", "", {
      server: {
        steps: [[{ until: "\r\n\r\n" }, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nab", { ms: 450 }, "cd"]],
      },
      // haproxy holds back what is not whole for 200 ms.
      clients: [GET, { until: "ab" }, "reset", { ms: 350 }],
    }),
    state("queue timeout", "timeout queue 50\n  server s1 {server} maxconn 1", {
      server: { steps: [[{ until: "\r\n\r\n" }]] },
      clients: [GET, { ms: 1 }],
    }),
    state("second request", "", { server: { replies: [OK] }, clients: [GET + GET, "quiet"] }),
    state("second request, server gone", "", {
      server: { replies: [OK, { send: "", then: "close" }] },
      clients: [GET, { until: "ok" }, GET, "quiet"],
    }),
    state("monitor", "monitor-uri /m", { clients: ["GET /m HTTP/1.1\r\nHost: h\r\n\r\n"] }),
    state("tunnel", "", {
      server: {
        steps: [[{ until: "\r\n\r\n" }, "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nabc", {
          until: "de",
        }, "close"]],
      },
      clients: [
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        { until: "abc" },
        "de",
        "quiet",
        "shut",
      ],
    }),
    state("abort while connecting is late", "option abortonclose", {
      server: { steps: [[{ until: "\r\n\r\n" }]] },
      clients: [GET, "quiet", "shut", { ms: 100 }],
    }),
  ].map((c) => c.name === "state: queue timeout" ? { ...c, waits: "never: needs two connections at once" } : c),
});

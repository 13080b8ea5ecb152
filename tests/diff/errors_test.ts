// Errors the proxy makes itself: their bytes, who closes, error files in every form, timeouts.
import type { Case } from "./cases.ts";
import { compare } from "./harness.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const PAGE = (status: string) =>
  `HTTP/1.0 ${status}\r\nContent-Type: text/plain\r\nX-Page: own\r\n\r\npage of ${status}\n`;

/** One request, then another on the same connection. */
const twice = (name: string, config: string, more: Partial<Case> = {}): Case => ({
  name,
  config,
  clients: [GET, "quiet", GET],
  ...more,
});

const DENIED = [200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 425, 429, 500, 501, 502, 503, 504];

compare("HTTP-02 HTTP-28 H1-05 errors as they come", {
  cases: [
    ...DENIED.map((status) => twice(`deny with status ${status}`, `http-request deny deny_status ${status}`)),
    twice("deny", "http-request deny"),
    twice("deny, form of 2.2", "http-request deny status 404"),
    twice("deny with content", "http-request deny status 403 content-type text/plain string no hdr X-Why because"),
    twice("deny of a response", "http-response deny", { server: { replies: [OK] } }),
    twice("deny of a response with status", "http-response deny status 404", { server: { replies: [OK] } }),
    twice("deny HEAD", "http-request deny", { clients: ["HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "quiet", GET] }),
    twice("deny HTTP/1.0", "http-request deny", { clients: ["GET / HTTP/1.0\r\n\r\n"] }),
    twice("deny HTTP/1.0 keep-alive", "http-request deny", {
      clients: ["GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "quiet", GET],
    }),
    twice("deny with Connection: close", "http-request deny", {
      clients: ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    }),
    twice("deny of a request with a body", "http-request deny", {
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "quiet", GET],
    }),
    twice("deny of a request whose body has not come", "http-request deny", {
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", "quiet", "abc" + GET],
    }),
    twice("deny under httpclose", "option httpclose\n  http-request deny"),
    twice("tarpit", "timeout tarpit 100\n  http-request tarpit", { clients: [GET, { ms: 250 }, GET] }),
    twice("tarpit with status", "timeout tarpit 100\n  http-request tarpit deny_status 429", {
      clients: [GET, { ms: 250 }, GET],
    }),
    twice("no server", "http-request set-header a b"),
    twice("no backend", "frontend f{n}\n  bind {bind}"),
    twice("backend without servers", "frontend f{n}\n  bind {bind}\n  default_backend b{n}\nbackend b{n}"),
    twice("dead server", "retries 0\n  server s1 {dead}"),
    twice("disabled server", "server s1 {dead} disabled"),
    twice("silent server", "timeout server 100\n  server s1 {server}", {
      server: { steps: [[{ until: "\r\n\r\n" }]] },
      clients: [GET, { ms: 250 }, GET],
    }),
    twice("server silent within its head", "timeout server 100\n  server s1 {server}", {
      server: { steps: [[{ until: "\r\n\r\n" }, "HTTP/1.1 200 OK\r\n"]] },
      clients: [GET, { ms: 250 }],
    }),
    twice("server silent within its body", "timeout server 100\n  server s1 {server}", {
      server: { steps: [[{ until: "\r\n\r\n" }, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"]] },
      clients: [GET, { ms: 250 }],
    }),
    twice("no request", "timeout http-request 100", { clients: [{ ms: 250 }] }),
    twice("no request, timeout client", "timeout client 100", { clients: [{ ms: 250 }] }),
    twice("no request, ignore probes", "timeout http-request 100\n  option http-ignore-probes", {
      clients: [{ ms: 250 }],
    }),
    twice("half a request", "timeout http-request 100", { clients: ["GET / HTTP/1.1\r\nHo", { ms: 250 }] }),
    twice("half a request, ignore probes", "timeout http-request 100\n  option http-ignore-probes", {
      clients: ["GET / HTTP/1.1\r\nHo", { ms: 250 }],
    }),
    twice("half a body", "timeout client 150", {
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", { ms: 400 }],
    }),
    twice("half a body, server timeout shorter", "timeout server 150", {
      server: { steps: [[{ until: "\r\n\r\n" }]] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", { ms: 400 }],
    }),
    twice("queue timeout", "timeout queue 100\n  server s1 {server} maxconn 1", {
      server: { steps: [[{ until: "\r\n\r\n" }]] },
      clients: [GET, { ms: 1 }],
    }),
    twice("silently dropped", "http-request silent-drop", { clients: [GET] }),
    twice("rejected", "http-request reject", { clients: [GET], resets: true }),
    twice("strict rewriting fails", "http-request set-header X %[str(),padding]", { waits: "never" }),
  ].filter((c) => c.waits !== "never"),
});

const own = (status: string, config: string, more: Partial<Case> = {}): Case => ({
  name: `error file: ${status}, ${more.name ?? config.trim().split("\n")[0]}`,
  config,
  clients: [GET, "quiet", GET],
  files: { page: PAGE(status) },
  ...more,
});

compare("HTTP-28 error files", {
  cases: [
    { ...own("403", "errorfile 403 {file:page}\n  http-request deny"), name: "errorfile of a denied request" },
    { ...own("503", "errorfile 503 {file:page}"), name: "errorfile of no server" },
    {
      ...own("400", "errorfile 400 {file:page}", { clients: ["BAD\r\n\r\n"] }),
      name: "errorfile of a bad request",
    },
    {
      ...own("408", "timeout http-request 100\n  errorfile 408 {file:page}", { clients: ["GET", { ms: 250 }] }),
      name: "errorfile of a request that does not come",
    },
    {
      ...own("403", "errorfile 403 {file:page}\n  http-request deny", {
        files: {
          page: "HTTP/1.1 403 No\r\nContent-Length: 4\r\nConnection: close\r\nCache-Control: x\r\n\r\nfour",
        },
      }),
      name: "errorfile with a length and Connection",
    },
    {
      ...own("403", "errorfile 403 {file:page}\n  http-request deny", { files: { page: "" } }),
      name: "empty errorfile",
    },
    {
      ...own("408", "timeout http-request 100\n  errorfile 408 /dev/null", { clients: ["GET", { ms: 250 }] }),
      name: "errorfile /dev/null for 408",
    },
    {
      ...own("403", "errorfile 403 {file:page}\n  http-request deny", {
        files: { page: "HTTP/1.0 403 No\nA: b\n\nlines of line feeds\n" },
      }),
      name: "errorfile with line feeds alone",
    },
    {
      ...own("403", "errorfile 403 {file:page}\n  http-request deny", {
        files: { page: "HTTP/1.0 200 Fine\r\n\r\nanother status\n" },
      }),
      name: "errorfile with another status",
    },
    { ...own("403", "errorloc 403 http://x/403\n  http-request deny"), name: "errorloc" },
    { ...own("403", "errorloc302 403 /e?x=1\n  http-request deny"), name: "errorloc302" },
    { ...own("403", "errorloc303 403 /e\n  http-request deny"), name: "errorloc303" },
    {
      ...own(
        "404",
        "http-errors e{n}\n  errorfile 404 {file:page}\nlisten c{n}\n  bind {bind}\n  errorfiles e{n}\n" +
          "  http-request deny deny_status 404",
      ),
      name: "errorfiles of a section",
    },
    {
      ...own(
        "404",
        "http-errors e{n}\n  errorfile 404 {file:page}\nlisten c{n}\n  bind {bind}\n" +
          "  http-request deny status 404 errorfiles e{n}",
      ),
      name: "deny with errorfiles",
    },
    {
      ...own(
        "404",
        "http-errors e{n}\n  errorfile 404 {file:page}\nlisten c{n}\n  bind {bind}\n" +
          "  http-request return status 404 errorfiles e{n}",
      ),
      name: "return with errorfiles",
    },
    {
      ...own("404", "http-request return status 404 errorfile {file:page}"),
      name: "return with errorfile",
    },
    {
      ...own("404", "http-request return status 404 default-errorfiles"),
      name: "return with default errorfiles",
    },
    {
      ...own("404", "http-request deny deny_status 404 default-errorfiles"),
      name: "deny with default errorfiles",
    },
    {
      ...own(
        "404",
        'http-error status 404 content-type text/plain string "not\\ here" hdr X-A 1\n  http-request deny deny_status 404',
      ),
      name: "http-error with a string",
    },
    {
      ...own(
        "503",
        'http-error status 503 content-type text/plain lf-string "id %[path] %[src]" hdr X-Path %[path]',
      ),
      name: "http-error with a format",
    },
    {
      ...own("503", "http-error status 503 errorfile {file:page}"),
      name: "http-error with a file",
    },
    {
      ...own("404", "http-error status 404 content-type text/x file {file:page}\n  http-request deny deny_status 404"),
      name: "http-error with a body file",
    },
    {
      ...own(
        "403",
        "frontend f{n}\n  bind {bind}\n  errorfile 403 {file:page}\n  default_backend b{n}\n" +
          "backend b{n}\n  http-request deny",
      ),
      name: "errorfile of the frontend, denied by the backend",
    },
    {
      ...own(
        "503",
        "frontend f{n}\n  bind {bind}\n  errorfile 503 {file:page}\n  default_backend b{n}\n" +
          "backend b{n}\n  errorfile 503 {file:other}",
        { files: { page: PAGE("503 front"), other: PAGE("503 back") } },
      ),
      name: "errorfile of both",
    },
    {
      ...own("502", "errorfile 502 {file:page}", { server: { replies: [{ send: "junk\r\n\r\n", then: "close" }] } }),
      name: "errorfile of a bad response",
    },
    {
      ...own("200", "monitor-uri /x\n  errorfile 200 {file:page}"),
      name: "errorfile of the monitor",
    },
    {
      ...own("403", "errorfile 403 {file:page}\n  http-request deny", {
        clients: ["HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "quiet", GET],
      }),
      name: "errorfile to HEAD",
    },
    {
      ...own("403", "errorfile 403 {file:page}\n  http-request deny\n  http-after-response set-header X-After 1"),
      name: "errorfile and after-response rules",
    },
  ],
});

compare("HTTP-29 monitor-uri", {
  cases: [
    twice("monitor-uri", "monitor-uri /x"),
    twice("monitor-uri with a query", "monitor-uri /x", { clients: ["GET /x?a=1 HTTP/1.1\r\nHost: a\r\n\r\n"] }),
    twice("monitor-uri, POST", "monitor-uri /x", {
      clients: ["POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", "quiet", GET],
    }),
    twice("monitor-uri, HEAD", "monitor-uri /x", { clients: ["HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", "quiet", GET] }),
    twice("monitor-uri, absolute target", "monitor-uri /x", {
      clients: ["GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", "quiet", GET],
    }),
    twice("monitor-uri before rules", "monitor-uri /x\n  http-request deny"),
    twice("monitor fail", "monitor-uri /x\n  monitor fail if { src 127.0.0.0/8 }"),
    twice("monitor does not fail", "monitor-uri /x\n  monitor fail if { src 128.0.0.0/8 }"),
    twice(
      "monitor fails without servers",
      "frontend f{n}\n  bind {bind}\n  acl dead nbsrv(b{n}) lt 1\n" +
        "  monitor-uri /x\n  monitor fail if dead\n  default_backend b{n}\nbackend b{n}\n  server s {dead} disabled",
    ),
    twice("monitor-uri, HTTP/1.0", "monitor-uri /x", { clients: ["GET /x HTTP/1.0\r\n\r\n"] }),
  ],
});

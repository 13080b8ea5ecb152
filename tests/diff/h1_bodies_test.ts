// Messages without body, interim responses, Expect, chunks and trailers of responses, methods, bodies of many blocks.
import type { Case, Reply } from "./cases.ts";
import { compare } from "./harness.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const SECOND = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";

const exchange = (name: string, request: string, reply: Reply, config = ""): Case => ({
  name,
  config,
  server: { replies: [reply, OK] },
  clients: [request, "quiet", SECOND],
});
const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
const get10 = "GET / HTTP/1.0\r\n\r\n";
const chunked = (body: string) => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body;

compare("H1-01 H1-14 messages without a body", {
  cases: [
    exchange("HEAD with a length", head, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    exchange("HEAD with chunks", head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    exchange("HEAD with neither", head, "HTTP/1.1 200 OK\r\n\r\n"),
    exchange("HEAD with length zero", head, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    exchange("HEAD with a body all the same", head, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    exchange("HEAD of HTTP/1.0", "HEAD / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
    exchange("204", get, "HTTP/1.1 204 No Content\r\n\r\n"),
    exchange("204 with length zero", get, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
    exchange("204 with a length", get, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
    exchange("204 with chunks", get, "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
    exchange("304", get, "HTTP/1.1 304 Not Modified\r\n\r\n"),
    exchange("304 with a length", get, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "x"\r\n\r\n'),
    exchange("205", get, "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
    exchange("200 with length zero", get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    exchange("DELETE", "DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"),
    exchange("TRACE", "TRACE /x HTTP/1.1\r\nHost: a\r\n\r\n", OK),
    exchange("PATCH with a body", "PATCH /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nz", OK),
    exchange("DELETE with a body", "DELETE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nz", OK),
    exchange("PUT empty", "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", OK),
    exchange("redirect of the server", get, "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"),
  ],
});

compare("H1-14 interim responses and Expect", {
  cases: [
    exchange("103 before 200", get, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK),
    exchange("100 unasked", get, "HTTP/1.1 100 Continue\r\n\r\n" + OK),
    exchange("102 twice", get, "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + OK),
    exchange("100 with a length", get, "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + OK),
    exchange("100 to HTTP/1.0", get10, "HTTP/1.1 100 Continue\r\n\r\n" + OK),
    exchange("103 to HTTP/1.0", get10, "HTTP/1.1 103 Early Hints\r\n\r\n" + OK),
    exchange("100 and nothing more", get, { send: "HTTP/1.1 100 Continue\r\n\r\n", then: "close" }),
    {
      name: "Expect, answered by the server",
      config: "",
      server: {
        steps: [[{ until: "\r\n\r\n" }, "HTTP/1.1 100 Continue\r\n\r\n", { until: "abc" }, OK]],
      },
      clients: [
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
        { until: "100 Continue" },
        "abc",
      ],
    },
    {
      name: "Expect, refused by the server",
      waits: "response before the whole request",
      config: "",
      server: { steps: [[{ until: "\r\n\r\n" }, "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"]] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", "quiet"],
    },
    {
      name: "Expect and a body that is waited for",
      waits: "option http-buffer-request",
      config: "option http-buffer-request",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", "quiet", "abc"],
    },
    {
      name: "Expect of something else",
      config: "",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nExpect: gold\r\nContent-Length: 3\r\n\r\nabc"],
    },
    {
      name: "buffered request",
      waits: "option http-buffer-request",
      config: "option http-buffer-request",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc", "quiet", "def"],
    },
    {
      name: "wait for a body",
      config: "http-request wait-for-body time 2s\n  http-request set-header X-Body %[req.body]",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc", "quiet", "def"],
    },
    {
      name: "wait for a body that does not come",
      config: "http-request wait-for-body time 100",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc", { ms: 300 }],
    },
    {
      name: "wait for part of a body",
      config: "http-request wait-for-body time 2s at-least 3\n  http-request set-header X-Body %[req.body]",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab", "quiet", "cd", "quiet", "ef"],
    },
  ],
});

compare("H1-03 bodies of responses", {
  cases: [
    exchange("chunks", get, chunked("2\r\nok\r\n5\r\nagain\r\n0\r\n\r\n")),
    exchange("chunks with extensions", get, chunked("2;a=b\r\nok\r\n0;c\r\n\r\n")),
    exchange("trailers", get, chunked("2\r\nok\r\n0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n")),
    exchange("trailers to HTTP/1.0", get10, chunked("2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n")),
    exchange("forbidden trailer: content-length", get, chunked("2\r\nok\r\n0\r\nContent-Length: 7\r\n\r\n")),
    exchange("forbidden trailer: host", get, chunked("2\r\nok\r\n0\r\nHost: x\r\n\r\n")),
    exchange("forbidden trailer: transfer-encoding", get, chunked("2\r\nok\r\n0\r\nTransfer-Encoding: x\r\n\r\n")),
    exchange("forbidden trailer: connection", get, chunked("2\r\nok\r\n0\r\nConnection: close\r\n\r\n")),
    exchange("only the last chunk", get, chunked("0\r\n\r\n")),
    exchange("no chunks to HTTP/1.0", get10, chunked("2\r\nok\r\n0\r\n\r\n")),
    exchange("until close", get, { send: "HTTP/1.1 200 OK\r\n\r\nall of it", then: "close" }),
    exchange("until close, empty", get, { send: "HTTP/1.1 200 OK\r\n\r\n", then: "close" }),
    exchange("a long body", get, `HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${"0123456789".repeat(20000)}`),
    {
      ...exchange("a long chunk", get, chunked(`186a0\r\n${"0123456789".repeat(10000)}\r\n0\r\n\r\n`)),
      oneChunk: true,
    },
    exchange(
      "chunked gzip content",
      get,
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
    ),
    {
      name: "a long request body",
      config: "",
      server: { replies: [OK] },
      clients: [`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n${"0123456789".repeat(20000)}`],
    },
    {
      name: "a response in pieces",
      config: "",
      server: {
        steps: [[
          { until: "\r\n\r\n" },
          "HTTP/1.1 200 OK\r\nCont",
          { ms: 5 },
          "ent-Length: 4\r\n\r",
          { ms: 5 },
          "\nab",
          {
            ms: 5,
          },
          "cd",
        ]],
      },
      clients: [get],
    },
    {
      name: "a request with an announced trailer",
      config: "",
      server: { replies: [OK] },
      clients: [
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n3\r\nabc\r\n0\r\nX: 1\r\n\r\n",
      ],
    },
  ],
});

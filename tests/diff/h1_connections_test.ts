// What becomes of connections: every version and Connection field of both sides under every connection mode; pipelining,
// reuse of server connections, retries on dead kept ones.
import type { Case } from "./cases.ts";
import { compare } from "./harness.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const OPTIONS: Record<string, string> = {
  "keep-alive": "",
  "server-close": "option http-server-close",
  "httpclose": "option httpclose",
};

const CLIENTS: Record<string, string> = {
  "1.1": "HTTP/1.1\r\nHost: a\r\n\r\n",
  "1.1 close": "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  "1.0": "HTTP/1.0\r\n\r\n",
  "1.0 keep-alive": "HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
};

const SERVERS: Record<string, { send: string; then: "close" } | string> = {
  "1.1 length": OK,
  "1.1 length, close": { send: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", then: "close" },
  "1.0 length": { send: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", then: "close" },
  "1.0 length, keep-alive": "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
  "1.1 until close": { send: "HTTP/1.1 200 OK\r\n\r\nok", then: "close" },
  "1.0 until close": { send: "HTTP/1.0 200 OK\r\n\r\nok", then: "close" },
  "1.1 chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  "1.1 no body": "HTTP/1.1 204 No Content\r\n\r\n",
};

function matrix(): Case[] {
  const cases: Case[] = [];
  for (const [option, config] of Object.entries(OPTIONS)) {
    for (const [client, head] of Object.entries(CLIENTS)) {
      for (const [server, reply] of Object.entries(SERVERS)) {
        cases.push({
          name: `${option}: client ${client}, server ${server}`,
          config,
          server: { replies: [reply] },
          clients: [`GET /1 ${head}`, "quiet", `GET /2 ${head}`],
          serverEnds: true,
        });
      }
    }
  }
  return cases;
}

compare("H1-02 versions, Connection fields and connection modes", { cases: matrix() });

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const POST = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

compare("H1-02 connections in use", {
  cases: [
    { name: "three pipelined", config: "", server: { replies: [OK] }, clients: [GET("/1") + GET("/2") + GET("/3")] },
    {
      name: "pipelined with bodies",
      config: "",
      server: { replies: [OK] },
      clients: [POST("/1", "abc") + POST("/2", "") + POST("/3", "x".repeat(500)) + GET("/4")],
    },
    {
      name: "pipelined, then end of stream",
      config: "",
      server: { replies: [OK] },
      clients: [GET("/1") + GET("/2"), "shut"],
    },
    {
      name: "pipelined behind a close",
      config: "",
      server: { replies: [OK] },
      clients: ["GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET("/2")],
    },
    {
      name: "pipelined, a bad one last",
      config: "",
      server: { replies: [OK] },
      clients: [GET("/1") + "BAD\r\n\r\n"],
    },
    { name: "request, end of stream", config: "", server: { replies: [OK] }, clients: [GET("/1"), "shut"] },
    { name: "end of stream at once", config: "", server: { replies: [OK] }, clients: ["shut"] },
    { name: "half a head, end of stream", config: "", server: { replies: [OK] }, clients: ["GET / HT", "shut"] },
    {
      name: "half a body, end of stream",
      config: "",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "quiet", "shut"],
    },
    {
      name: "half a body in chunks, end of stream",
      config: "",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "quiet", "shut"],
    },
    {
      name: "reset within the body",
      config: "",
      server: { replies: [OK] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "quiet", "reset"],
    },
    {
      name: "two clients, one server connection",
      config: "",
      server: { replies: [OK] },
      clients: [{ steps: [GET("/1")] }, { steps: [GET("/2")] }],
    },
    {
      name: "reuse never",
      config: "http-reuse never",
      server: { replies: [OK] },
      clients: [{ steps: [GET("/1"), { until: "ok" }, GET("/1b")] }, { steps: [GET("/2")] }],
    },
    {
      name: "reuse always",
      config: "http-reuse always",
      server: { replies: [OK] },
      clients: [{ steps: [GET("/1")] }, { steps: [GET("/2")] }],
    },
    {
      name: "reuse aggressive",
      config: "http-reuse aggressive",
      server: { replies: [OK] },
      clients: [{ steps: [GET("/1"), { until: "ok" }, GET("/1b")] }, { steps: [GET("/2")] }],
    },
    {
      name: "server closes a kept connection, GET",
      config: "",
      server: {
        steps: [
          [{ until: "\r\n\r\n" }, OK, { until: "\r\n\r\n", times: 2 }, "close"],
          [{ until: "\r\n\r\n" }, OK],
        ],
      },
      clients: [GET("/1"), { until: "ok" }, GET("/2")],
    },
    {
      name: "server closes a kept connection, POST",
      config: "",
      server: {
        steps: [
          [{ until: "\r\n\r\n" }, OK, { until: "\r\n\r\n", times: 2 }, "close"],
          [{ until: "\r\n\r\n" }, OK],
        ],
      },
      clients: [GET("/1"), { until: "ok" }, POST("/2", "abc")],
    },
    {
      name: "server closes a kept connection between two requests",
      config: "",
      server: {
        steps: [
          [{ until: "\r\n\r\n" }, OK, "close"],
          [{ until: "\r\n\r\n" }, OK],
        ],
      },
      clients: [GET("/1"), "quiet", GET("/2")],
    },
    {
      name: "server closes a new connection without a word",
      config: "",
      server: { steps: [[{ until: "\r\n\r\n" }, "close"]] },
      clients: [GET("/1"), "quiet", GET("/2")],
    },
    {
      name: "server closes at once",
      config: "",
      server: { steps: [["close"]] },
      clients: [GET("/1"), "quiet", GET("/2")],
    },
    {
      name: "server says something unasked on a kept connection",
      config: "",
      server: { steps: [[{ until: "\r\n\r\n" }, OK, "quiet", "HTTP/1.1 200 X\r\n\r\n"], [{ until: "\r\n\r\n" }, OK]] },
      clients: [GET("/1"), "quiet", { ms: 150 }, GET("/2")],
    },
    {
      name: "response before the request is complete",
      waits: "response before the whole request",
      config: "",
      server: { steps: [[{ until: "\r\n\r\n" }, OK]] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "quiet", "defghi", "quiet", GET("/2")],
    },
    {
      name: "response and close before the request is complete",
      waits: "response before the whole request",
      config: "",
      server: { steps: [[{ until: "\r\n\r\n" }, OK, "close"]] },
      clients: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "quiet", "defghi", "quiet", GET("/2")],
    },
    {
      name: "request head byte by byte",
      config: "",
      server: { replies: [OK] },
      clients: GET("/split").split("").flatMap((c) => [c, { ms: 1 }]),
    },
    {
      name: "prefer-last-server and two servers",
      waits: "option prefer-last-server",
      config: "balance roundrobin\n  option prefer-last-server\n  server s1 {server:a}\n  server s2 {server:b}",
      servers: { a: { replies: [OK] }, b: { replies: [OK] } },
      clients: [GET("/1"), { until: "ok" }, GET("/2"), { until: "ok", times: 2 }, GET("/3")],
    },
    {
      name: "http-keep-alive timeout",
      config: "timeout http-keep-alive 150",
      server: { replies: [OK] },
      clients: [GET("/1"), { until: "ok" }, { ms: 450 }],
    },
    {
      name: "http-request timeout on a kept connection",
      config: "timeout http-request 150\n  timeout http-keep-alive 3s",
      server: { replies: [OK] },
      clients: [GET("/1"), { until: "ok" }, "GET /2", { ms: 450 }],
    },
    {
      name: "tunnel after 101",
      config: "",
      server: {
        steps: [[
          { until: "\r\n\r\n" },
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello",
          { until: "ping" },
          "pong",
          "shut",
        ]],
      },
      clients: [
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
        { until: "hello" },
        "ping",
        { until: "pong" },
      ],
    },
    {
      name: "upgrade refused by the server",
      config: "",
      server: { replies: [OK] },
      clients: [
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
        { until: "ok" },
        GET("/2"),
      ],
    },
    {
      name: "101 unasked",
      config: "",
      server: { replies: ["HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"] },
      clients: [GET("/1")],
    },
    {
      name: "websocket",
      config: "",
      server: {
        replies: [
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        ],
      },
      clients: [
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      ],
    },
  ],
});

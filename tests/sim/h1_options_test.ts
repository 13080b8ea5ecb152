// Options of HTTP/1 that change what is let through and what is written: each case sends one request and one response and
// looks at what either peer got.
import { assert, assertEquals } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { defaults, play, web } from "./scenario.ts";

interface Case {
  /** Lines of the sections. */
  readonly global?: string;
  readonly front?: string;
  readonly back?: string;
  readonly request: string;
  readonly response?: string;
  readonly files?: Readonly<Record<string, string>>;
}

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Sends the request, answers with the response, and ends both connections: all that the server and the client got. */
async function cross(c: Case): Promise<{ server: string; client: string }> {
  let server = "";
  let client = "";
  const serve = () => async (peer: Peer) => {
    server += await peer.until("END");
    await peer.send(c.response ?? OK);
    server += await peer.rest();
    peer.close();
  };
  const config = `${c.global ?? ""}\n${defaults()}${web(c.front, c.back)}`;
  await play({ config, server: serve, files: c.files }, async (s) => {
    const peer = await s.connect();
    await peer.send(c.request);
    client = await peer.rest();
    peer.close();
  });
  return { server, client };
}

const CHUNKS = "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Last: END\r\n\r\n";

Deno.test("H1-12 trailers are dropped on the way to whom the option is about, and cross without it", async () => {
  const request = `POST / HTTP/1.1\r\nHost: h\r\nX-Mark: END${CHUNKS}`;
  const response = `HTTP/1.1 200 OK${CHUNKS}`;
  for (const drops of ["", "request", "response"]) {
    const { server, client } = await cross({
      front: drops === "response" ? "option http-drop-response-trailers" : "",
      back: drops === "request" ? "option http-drop-request-trailers" : "",
      request,
      response,
    });
    const [bare, full] = ["2\r\nhi\r\n0\r\n\r\n", "2\r\nhi\r\n0\r\nx-last: END\r\n\r\n"];
    assert(server.endsWith(drops === "request" ? bare : full), server);
    assert(client.endsWith(drops === "response" ? bare : full), client);
  }
});

const REQUEST_OPTIONS = ["accept-unsafe-violations-in-http-request", "accept-invalid-http-request"];
const RESPONSE_OPTIONS = ["accept-unsafe-violations-in-http-response", "accept-invalid-http-response"];

/** The start line, and fields beside a Host. */
function asked(line: string, fields = ""): string {
  return `${line}\r\nHost: h\r\n${fields}X-Mark: END\r\n\r\n`;
}

const UPGRADE = "Connection: upgrade\r\nUpgrade: websocket\r\n";

Deno.test("H1-08 H1-09 H1-10 requests that break rules reach the server only with the frontend's option", async () => {
  const cases: readonly [string, string][] = [
    ["H1-08 a name", asked("GET / HTTP/1.1", "X(1): a\r\n")],
    ["H1-08 a NUL in a value", asked("GET / HTTP/1.1", "X: a\0b\r\n")],
    ["H1-08 a character of the URI", asked('GET /a\\b"\xe9 HTTP/1.1')],
    ["H1-08 the protocol", asked("GET / RTSP/1.0")],
    ["H1-08 digits of the version", asked("GET / HTTP/1.10")],
    ["H1-08 the authority is not the Host", asked("GET http://other/ HTTP/1.1")],
    ["H1-09 a fragment", asked("GET /a#b HTTP/1.1")],
    ["H1-10 no key", asked("GET / HTTP/1.1", UPGRADE)],
  ];
  for (const [what, request] of cases) {
    const { server, client } = await cross({ request });
    assertEquals(server, "", what);
    assert(client.startsWith("HTTP/1.1 400 "), `${what}: ${client}`);
    for (const option of REQUEST_OPTIONS) {
      const { server, client } = await cross({ request, front: `option ${option}` });
      assert(server.startsWith(request.split("\r\n")[0]), `${what}: ${server}`);
      assert(client.startsWith("HTTP/1.1 200 "), `${what}: ${client}`);
    }
  }
  // What the option does not lift.
  for (const line of ["GET /a\x01 HTTP/1.1", "GET /a\x7f HTTP/1.1"]) {
    const { server } = await cross({ request: asked(line), front: `option ${REQUEST_OPTIONS[0]}` });
    assertEquals(server, "");
  }
});

Deno.test("H1-08 H1-10 responses that break rules reach the client only with the backend's option", async () => {
  const plain = asked("GET / HTTP/1.1");
  const cases: readonly [string, string, string][] = [
    ["H1-08 a name", plain, "HTTP/1.1 200 OK\r\nX(1): a\r\nContent-Length: 0\r\n\r\n"],
    ["H1-08 a NUL in a value", plain, "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n"],
    ["H1-08 chunked twice", plain, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"],
    ["H1-08 no coding", plain, "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 0\r\n\r\n"],
    ["H1-08 the protocol", plain, "RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
    [
      "H1-10 no accept",
      asked("GET / HTTP/1.1", `${UPGRADE}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`),
      `HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}\r\n`,
    ],
  ];
  for (const [what, request, response] of cases) {
    const { client } = await cross({ request, response });
    assert(client.startsWith("HTTP/1.1 502 "), `${what}: ${client}`);
    for (const option of RESPONSE_OPTIONS) {
      const { client } = await cross({ request, response, back: `option ${option}` });
      const status = what.startsWith("H1-10") ? 101 : 200;
      assert(client.split("\r\n")[0].includes(` ${status} `), `${what}: ${client}`);
    }
  }
});

Deno.test("h1-case-adjust, h1-case-adjust-file: names are spelt for those whom the options call bogus", async () => {
  const request = `POST / HTTP/1.1\r\nHost: h\r\nX-Only: END\r\nX-One: 1${CHUNKS}`;
  const response = `HTTP/1.1 200 OK\r\nX-Only: 2\r\nX-One: 2${CHUNKS}`;
  const global = "    h1-case-adjust x-only X-Only\n    h1-case-adjust-file /other\n    h1-case-adjust-file /names";
  const files = {
    "/other": "x-one X-ONE",
    "/names": "# some\n\n \thost \t HOST\t\nx-last X-LAST\ntransfer-encoding Transfer-Encoding\n",
  };
  for (const bogus of ["client", "server"]) {
    const { server, client } = await cross({
      global,
      files,
      front: bogus === "client" ? "option h1-case-adjust-bogus-client" : "",
      back: bogus === "server" ? "option h1-case-adjust-bogus-server" : "",
      request,
      response,
    });
    const names = (text: string) => [...text.matchAll(/^([\w-]+):/gm)].map((m) => m[1]).filter((n) => !/^via/.test(n));
    assertEquals(
      names(server),
      bogus === "server"
        ? ["HOST", "X-Only", "x-one", "Transfer-Encoding", "X-LAST"]
        : ["host", "x-only", "x-one", "transfer-encoding", "x-last"],
    );
    assertEquals(
      names(client),
      bogus === "client"
        ? ["X-Only", "x-one", "Transfer-Encoding", "X-LAST"]
        : ["x-only", "x-one", "transfer-encoding", "x-last"],
    );
  }
});

Deno.test("h1-case-adjust-file: a file that is wrong, or says what a line said, is refused", async () => {
  const cases: [string, RegExp][] = [
    ["# names\nhost", /two names expected at line 2 of '\/names'/],
    ["host Hos\n", /'host' and 'Hos' differ in more than the case of letters at line 1/],
    ["host HOST x\n", /'host' and 'HOST x' differ/],
    ["host HOST\nvia Via\nhost Host\n", /'host' is there twice/],
    ["via VIA", /'via' is there twice/],
  ];
  for (const [names, text] of cases) {
    const global = "    h1-case-adjust via Via\n    h1-case-adjust-file /names";
    const error = await cross({ request: "", global, files: { "/names": names } }).then(() => null, (e: Error) => e);
    assert(error !== null && text.test(error.message), `${names}: ${error}`);
  }
});

Deno.test("H1-06 h1-accept-payload-with-any-method: a body with GET, HEAD or DELETE of HTTP/1.0", async () => {
  for (const method of ["GET", "HEAD", "DELETE"]) {
    const request = `${method} / HTTP/1.0\r\nContent-Length: 3\r\n\r\nEND`;
    const refused = await cross({ request });
    assertEquals([refused.server, refused.client.slice(0, 13)], ["", "HTTP/1.1 413 "]);
    const { server, client } = await cross({ global: "    h1-accept-payload-with-any-method", request });
    assert(server.startsWith(`${method} / HTTP/1.0\r\n`) && server.endsWith("\r\n\r\nEND"), server);
    assertEquals(client.slice(0, 13), "HTTP/1.1 200 ");
  }
});

Deno.test("H1-06 h1-do-not-close-on-insecure-transfer-encoding: a coding and a length do not end the connection", async () => {
  const request = `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5${CHUNKS}`;
  for (const keeps of [false, true]) {
    const global = keeps ? "    h1-do-not-close-on-insecure-transfer-encoding" : "";
    const { server, client } = await cross({ global, request });
    assertEquals(client.includes("connection: close"), !keeps, client);
    assert(!server.includes("content-length") && server.includes("transfer-encoding: chunked"), server);
  }
});

Deno.test("H1-13 option originalto: the address asked for, unless either side excepts it", async () => {
  const request = "GET / HTTP/1.1\r\nHost: h\r\nX-Original-To: END\r\n\r\n";
  const cases: [string, string, string][] = [
    ["", "", ""],
    ["option originalto", "", "x-original-to: 10.0.0.1"],
    ["", "option originalto header X-Dst", "x-dst: 10.0.0.1"],
    ["option originalto header X-Front", "option originalto header X-Back", "x-back: 10.0.0.1"],
    ["option originalto except 10.0.0.0/24", "", ""],
    ["option originalto except 10.0.0.1", "option originalto", ""],
    ["option originalto", "option originalto except 10.0.1.1", "x-original-to: 10.0.0.1"],
  ];
  for (const [front, back, added] of cases) {
    const { server } = await cross({ front, back, request });
    const lines = server.split("\r\n").filter((l) => l !== "").slice(1);
    assertEquals(lines, ["host: h", "x-original-to: END", ...(added === "" ? [] : [added])], `${front}; ${back}`);
  }
});

Deno.test("H1-13 option forwarded: the client and the proxy as RFC 7239 writes them", async () => {
  const request = "GET / HTTP/1.1\r\nHost: h\r\nForwarded: for=END\r\n\r\n";
  const source = (address: string) =>
    `    http-request set-src str(${address})\n    http-request set-src-port int(4711)`;
  const v4 = source("192.0.2.7");
  const cases: [string, string, string[]][] = [
    [v4, "", []],
    [v4, "option forwarded", ["proto=http;for=192.0.2.7"]],
    [v4, "option forwarded for by", ["by=10.0.0.1;for=192.0.2.7"]],
    [v4, "option forwarded for for_port by by_port", ['by="10.0.0.1:80";for="192.0.2.7:4711"']],
    [v4, "option forwarded proto by_port", ["proto=http"]],
    [v4, "option forwarded for_port", []],
    [source("2001:db8::7"), "option forwarded for", ['for="[2001:db8::7]"']],
    [source("2001:db8::7"), "option forwarded for for_port", ['for="[2001:db8::7]:4711"']],
    [v4, "option forwarded\n    no option forwarded", []],
    // The manual's examples, and what is no host, name or port.
    [
      source("127.0.0.1"),
      "option forwarded host for-expr src,xxh32,hex for_port",
      ['host="h";for="_00000000013FB3EE:4711"'],
    ],
    [
      source("::1"),
      "option forwarded host-expr str(host.com) by-expr str(_haproxy) for for_port-expr int(10)",
      ['host="host.com";by=_haproxy;for="[::1]:10"'],
    ],
    [v4, "option forwarded for-expr str(a-1),upper", ["for=_A-1"]],
    [v4, "option forwarded proto by-expr src for-expr str(2001:db8::1),field(9,:)", [
      "proto=http;by=192.0.2.7;for=unknown",
    ]],
    [v4, "option forwarded for-expr str(2001:db8::1) for_port-expr str(web)", ['for="unknown:_web"']],
    [v4, "option forwarded for for_port-expr int(70000)", ["for=192.0.2.7"]],
    [v4, "option forwarded host-expr str(a\\ b) for_port", []],
    [v4, "option forwarded host-expr hdr(nothing)", []],
  ];
  for (const [front, back, values] of cases) {
    const { server } = await cross({ front, back, request });
    const lines = server.split("\r\n").filter((l) => l.startsWith("forwarded: ")).map((l) => l.slice(11));
    assertEquals(lines, ["for=END", ...values], back);
  }
});

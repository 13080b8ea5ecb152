// How exchanges end that do not end as they should (RFC 9112 8, 9.3.2; RFC 9110 9.3.6, 15.2): what each side has seen by then,
// and that no connection of theirs carries another one.
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { IO_END } from "../../src/sys/types.ts";
import { answers, defaults, get, play, post, type Scene, termination, web } from "./scenario.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

Deno.test("H1-14 a server that sends nothing but 1xx heads is given up, and others are served meanwhile", async () => {
  const endless = answers({
    "/": async (peer, scene) => {
      while (await peer.send("HTTP/1.1 102 Processing\r\n\r\n".repeat(50)) > 0) await scene.sleep(0);
      return false;
    },
  });
  const scene = await play({ config: defaults() + web(), server: endless }, async (s) => {
    const peer = await s.connect();
    await peer.send(get("/"));
    const other = await s.connect();
    await other.send(get("/other"));
    assert((await other.until("ok")).endsWith("ok"));
    const { text } = await s.drain(peer);
    assertEquals(text.match(/^HTTP\/1.1 102 /gm)!.length, 1000);
    assertMatch(text.slice(text.lastIndexOf("HTTP/")), /^HTTP\/1.1 502 /);
    peer.close();
    other.close();
  });
  assertEquals(scene.log.map(termination).sort(), ["--", "PH"]);
});

/** A proxy in front of a proxy: what follows a 200 to CONNECT is a tunnel. */
Deno.test("H1-04 CONNECT: a 2xx opens a tunnel both ways, another status leaves the connection as it was", async () => {
  const heads: string[] = [];
  const server = () => async (peer: Peer) => {
    for (;;) {
      const head = await peer.until("\r\n\r\n");
      if (head === "") return;
      heads.push(head.split("\r\n")[0]);
      if (head.startsWith("CONNECT refused")) {
        await peer.send("HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno");
        continue;
      }
      if (!head.startsWith("CONNECT")) {
        await peer.send(OK);
        continue;
      }
      await peer.send("HTTP/1.1 200 Established\r\ncontent-length: 5\r\n\r\nhello");
      while (await peer.more()) await peer.send(peer.take(peer.received.length).toUpperCase());
      return;
    }
  };
  await play({ config: defaults() + web(), server }, async (s) => {
    const peer = await s.connect();
    await peer.send("CONNECT refused:443 HTTP/1.1\r\nHost: refused:443\r\n\r\n" + get("/next"));
    assertMatch(await peer.until("no"), /^HTTP\/1.1 403 /);
    assertMatch(await peer.until("ok"), /^HTTP\/1.1 200 OK/);
    await peer.send("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nearly GET / HTTP/1.1\r\n\r\n");
    const head = await peer.until("\r\n\r\n");
    assertEquals(head, "HTTP/1.1 200 Established\r\n\r\n", "no length in front of a tunnel");
    assertEquals(await peer.exactly(29), "helloEARLY GET / HTTP/1.1\r\n\r\n");
    await s.sleep(1000);
    await peer.send("late");
    assertEquals(await peer.exactly(4), "LATE");
    peer.shutdown();
    assertEquals((await s.drain(peer)).code, IO_END);
    peer.close();
  });
  assertEquals(heads, ["CONNECT refused:443 HTTP/1.1", "GET /next HTTP/1.1", "CONNECT a:443 HTTP/1.1"]);
});

/** What a server saw of a request whose chunks go wrong behind those that were passed on, and whether it was told an end. */
async function brokenUpload(bad: string): Promise<{ text: string; seen: string; ended: number }> {
  let seen = "";
  let ended = 0;
  let text = "";
  const server = () => async (peer: Peer) => {
    while (await peer.more()) seen += peer.take(peer.received.length);
    ended = peer.ended;
  };
  await play({ config: defaults() + web(), server }, async (s) => {
    const peer = await s.connect();
    await peer.send("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await s.sleep(10);
    await peer.send(bad);
    text = (await s.drain(peer)).text;
    peer.close();
  });
  return { text, seen, ended };
}

for (
  const bad of [
    "+2\r\nde\r\n0\r\n\r\n",
    "-2\r\nde\r\n0\r\n\r\n",
    "0x2\r\nde\r\n0\r\n\r\n",
    "00000000000000002\r\nde\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nde",
    "20000000000001\r\nde",
    "2\nde\r\n0\r\n\r\n",
    "2\r\nde\n0\r\n\r\n",
    "2\r\nde\r\n0\n\n",
    "2;a\0b\r\nde\r\n0\r\n\r\n",
    "2;a\rb\r\nde\r\n0\r\n\r\n",
    "2\r\ndef\r\n0\r\n\r\n",
    "0\r\nX : y\r\n\r\n",
    "0\r\nX: a\0b\r\n\r\n",
    "0\r\n Folded: y\r\n\r\n",
  ]
) {
  Deno.test(`H1-06 chunks that go wrong in the middle: ${JSON.stringify(bad)}`, async () => {
    const { text, seen, ended } = await brokenUpload(bad);
    assertMatch(text, /^HTTP\/1.1 400 Bad request\r\n[^]*connection: close\r\n/);
    assert(!seen.includes("\r\n0\r\n"), `the server was told an end: ${JSON.stringify(seen)}`);
    assert(ended < 0, "its connection is closed");
  });
}

/** Two requests on one client connection; the connections that the server saw. */
async function twoRequests(
  first: (peer: Peer, scene: Scene) => Promise<unknown>,
  client: (peer: Peer, scene: Scene) => Promise<void>,
): Promise<{ connections: number; requests: string[] }> {
  let connections = 0;
  const requests: string[] = [];
  await play({
    config: defaults() + web("", "    http-reuse always"),
    server: (scene) => async (peer) => {
      connections++;
      for (;;) {
        const head = await peer.until("\r\n\r\n");
        if (!head.endsWith("\r\n\r\n")) return;
        requests.push(head.split(" ")[1]);
        if (requests.length > 1) await peer.send(OK);
        else if (await first(peer, scene) === false) return;
      }
    },
  }, async (s) => {
    const peer = await s.connect();
    await client(peer, s);
    await s.drain(peer);
    peer.close();
    const other = await s.connect();
    await other.send(get("/other"));
    assert((await other.until("ok")).endsWith("ok"));
    other.close();
  });
  return { connections, requests };
}

Deno.test("H1-02 an answer to a body that does not come: neither connection is used again", async () => {
  const seen = await twoRequests(async (peer) => {
    await peer.send("HTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n");
  }, async (peer, s) => {
    await peer.send(post("/big", 1000, "x".repeat(100)));
    assertMatch(await peer.until("\r\n\r\n"), /^HTTP\/1.1 413 /);
    await s.sleep(10);
    peer.shutdown();
  });
  assertEquals(seen, { connections: 2, requests: ["/big", "/other"] });
});

for (
  const [what, bytes] of [
    ["in its head", "HTTP/1.1 200 OK\r\ncontent-le"],
    ["in its body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"],
    ["in its chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc"],
    ["before its last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"],
    ["in its trailers", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n"],
  ] as const
) {
  Deno.test(`H1-06 a response that is cut ${what} ends both connections, and is told as cut`, async () => {
    let text = "";
    const seen = await twoRequests(async (peer) => {
      await peer.send(bytes);
      return false;
    }, async (peer, s) => {
      await peer.send(get("/cut"));
      text = (await s.drain(peer)).text;
    });
    assertEquals(seen, { connections: 2, requests: ["/cut", "/other"] });
    if (what === "in its head") assertMatch(text, /^HTTP\/1.1 502 /);
    else assert(/^HTTP\/1.1 200 /.test(text) && !text.endsWith("0\r\n\r\n") && !text.includes("\r\n0\r\n"), text);
  });
}

Deno.test("H1-06 a response that is longer than it says ends its connection behind what it said", async () => {
  let text = "";
  const seen = await twoRequests((peer) => peer.send(OK + "more of it"), async (peer) => {
    await peer.send(get("/long"));
    text = await peer.until("ok");
    peer.shutdown();
  });
  assertEquals(seen, { connections: 2, requests: ["/long", "/other"] });
  assertEquals(text, OK);
});

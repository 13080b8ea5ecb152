// option http-buffer-request: rules see the body, and the server sees nothing of a request whose body does not come.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { defaults, play, post, type Scene, web } from "./scenario.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const OPTION = "    option http-buffer-request\n    http-request set-header x-body %[req.body]";

interface Seen {
  /** What the server got, and when it got its first byte; "" and -1: nothing. */
  server: string;
  at: number;
  client: string;
  log: string;
}

/** Plays a client; the option stands in the frontend, or in the backend. */
async function buffered(side: "front" | "back", script: (peer: Peer, scene: Scene) => Promise<string>): Promise<Seen> {
  const seen: Seen = { server: "", at: -1, client: "", log: "" };
  const server = (scene: Scene) => async (peer: Peer) => {
    const head = await peer.until("\r\n\r\n");
    if (head === "") return;
    seen.at = scene.now;
    const body = await peer.exactly(Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0));
    seen.server = head + body;
    await peer.send(OK);
  };
  const config = defaults() + web(side === "front" ? OPTION : "", side === "back" ? OPTION : "");
  const { log } = await play({ config, server }, async (s) => {
    const peer = await s.connect();
    seen.client = await script(peer, s);
    peer.close();
  });
  seen.log = log.join("\n");
  return seen;
}

for (const side of ["front", "back"] as const) {
  Deno.test(`H1-14 option http-buffer-request (${side}): the rules and the server come after the body`, async () => {
    const seen = await buffered(side, async (peer, s) => {
      await peer.send(post("/", 6, "abc"));
      await s.sleep(500);
      await peer.send("def");
      return await peer.until("ok");
    });
    assert(seen.at >= 500, `the server got it at ${seen.at}`);
    assertStringIncludes(seen.server, "x-body: abcdef\r\n\r\nabcdef");
    assertEquals(seen.client, OK);
    // The time of the request (%TR) is that of its body too.
    assert(/ app\/s 50\d\/0\//.test(seen.log), seen.log);
  });

  Deno.test(`H1-14 option http-buffer-request (${side}): a body that is late, cut or wrong never reaches the server`, async () => {
    const late = await buffered(side, async (peer, s) => {
      await peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-");
      await s.sleep(400);
      await peer.send("Length: 3\r\n\r\na");
      const { text, at } = await s.drain(peer);
      // `timeout http-request` counts from the first byte of the head.
      assert(at >= 1000 && at <= 1005, `answered at ${at}`);
      return text;
    });
    assertEquals([late.server, late.client.slice(0, 13)], ["", "HTTP/1.1 408 "]);
    assertStringIncludes(late.log, " cR-- ");

    const cut = await buffered(side, async (peer) => {
      await peer.send(post("/", 6, "abc"));
      peer.shutdown();
      return await peer.rest();
    });
    assertEquals([cut.server, cut.client], ["", ""]);
    assertStringIncludes(cut.log, " CR-- ");

    const wrong = await buffered(side, async (peer, s) => {
      await peer.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
      await s.sleep(50);
      await peer.send("zz\r\n");
      return await peer.rest();
    });
    assertEquals([wrong.server, wrong.client.slice(0, 13)], ["", "HTTP/1.1 400 "]);
    assertStringIncludes(wrong.log, " PR-- ");
  });
}

Deno.test("H1-14 option http-buffer-request: 100 is answered here, and not asked of the server again", async () => {
  const seen = await buffered("front", async (peer) => {
    await peer.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    const interim = await peer.until("\r\n\r\n");
    await peer.send("abc");
    return interim + await peer.until("ok");
  });
  assertEquals(seen.client, "HTTP/1.1 100 Continue\r\n\r\n" + OK);
  assertStringIncludes(seen.server, "x-body: abc\r\n\r\nabc");
  assert(!seen.server.includes("expect"), seen.server);
});

Deno.test("H1-14 option http-buffer-request: a body larger than the buffer goes on once that is full", async () => {
  const body = "x".repeat(40000);
  const config = defaults() + web("    option http-buffer-request\n    http-request set-header x-len %[req.body_len]");
  let got = "";
  const server = () => async (peer: Peer) => {
    got = await peer.until("\r\n\r\n") + await peer.exactly(40000);
    await peer.send(OK);
  };
  await play({ config, server }, async (s) => {
    const peer = await s.connect();
    const sending = peer.send(post("/", 40000, body));
    assertEquals(await peer.until("ok"), OK);
    await sending;
    peer.close();
  });
  const length = Number(/x-len: (\d+)/.exec(got)![1]);
  assert(length > 8000 && length <= 16384, `${length} bytes waited for`);
  assert(got.endsWith("\r\n\r\n" + body));
});

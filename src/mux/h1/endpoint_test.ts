import { assert, assertEquals } from "@std/assert";
import { Prng } from "../../base/mod.ts";
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  HeaderName,
  Message,
  MessagePool,
} from "../../http/mod.ts";
import {
  createSimWorld,
  type Faults,
  FAULTS_NONE,
  FAULTS_TIMING,
  type Peer,
  type SimWorld,
} from "../../sys/sim/mod.ts";
import { type Address, type Conn, IO_END, type Sys, WAKE_TIMEOUT } from "../../sys/types.ts";
import { EP_INVALID, EP_NOTHING, EP_TOO_LARGE, EP_TRUNCATED } from "../endpoint.ts";
import { BACK, FRONT, H1Endpoint } from "./endpoint.ts";
import { H1Parsers } from "./parsers.ts";

const AT: Address = { family: "ipv4", host: "127.0.0.1", port: 80 };

/** A world with one endpoint over a connection to a scripted peer. */
interface Bench {
  readonly world: SimWorld;
  readonly sys: Sys;
  readonly endpoint: H1Endpoint;
  readonly peer: Peer;
  readonly message: Message;
  /** Closes all, and checks that nothing is left. */
  end(): Promise<void>;
}

async function bench(side: number, seed = 1, faults: Faults = FAULTS_NONE, blockSize?: number): Promise<Bench> {
  const world = createSimWorld({ seed, faults, blockSize });
  const sys = world.thread(1);
  const opened = world.main.net.open({ address: AT, backlog: 1 });
  assert(typeof opened !== "string");
  const token = opened.share();
  assert(typeof token !== "string");
  const listener = sys.net.adopt(token);
  assert(typeof listener !== "string");
  const connecting = world.connect(AT);
  const conn = await world.wait(Promise.resolve(listener.accept())) as Conn;
  const peer = await world.wait(connecting);
  assert(typeof peer !== "number");
  listener.close();
  opened.close();
  const bugs: unknown[] = [];
  const messages = new MessagePool();
  const options = {
    blocks: sys.blocks,
    messages,
    parsers: new H1Parsers(),
    maxRewrite: 1024,
    maxHeaders: 101,
    dropTrailers: false,
    relaxed: false,
    caseMap: null,
    acceptAnyPayload: false,
    closeOnInsecure: true,
    noLinger: false,
    bug: (e: unknown) => bugs.push(e),
  };
  const endpoint = new H1Endpoint(conn, side, options);
  const message = new Message();
  message.attach(sys.blocks.take(), 1024);
  return {
    world,
    sys,
    endpoint,
    peer,
    message,
    async end() {
      sys.blocks.give(message.detach());
      endpoint.close();
      peer.close();
      await world.run();
      assertEquals(bugs, []);
      assertEquals(world.leaks(), []);
      assertEquals(world.peerLeaks(), []);
    },
  };
}

/** All of the body, taken in pieces as it comes; a code when it fails. */
async function readBody(e: H1Endpoint, prng: Prng | null = null): Promise<string | number> {
  let text = "";
  for (;;) {
    const got = e.complete && e.tail === e.head ? 0 : e.tail > e.head ? e.tail - e.head : await e.pull();
    if (got < 0) return got;
    if (got === 0) return text;
    assertEquals(got, e.tail - e.head);
    // Bytes may stay at hand while more are pulled.
    if (prng !== null && !e.complete && prng.chance(0.3)) {
      const more = await e.pull();
      if (more < 0 && more !== -3) return more;
    }
    const n = prng === null ? e.tail - e.head : prng.between(1, e.tail - e.head);
    text += String.fromCharCode(...e.block.subarray(e.head, e.head + n));
    e.take(n);
  }
}

function chunked(body: string, prng: Prng, trailers = ""): string {
  let text = "";
  for (let at = 0; at < body.length;) {
    const n = Math.min(body.length - at, prng.between(1, 900));
    text += n.toString(16) + (prng.chance(0.2) ? ";x=y" : "") + "\r\n" + body.slice(at, at + n) + "\r\n";
    at += n;
  }
  return `${text}0\r\n${trailers}\r\n`;
}

function someText(prng: Prng, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(prng.between(32, 126))).join("");
}

async function head(b: Bench): Promise<number> {
  return await b.world.wait(Promise.resolve(b.endpoint.readHead(b.message)));
}

Deno.test("H1-03 endpoint: pipelined requests with bodies of every kind, cut anywhere", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const b = await bench(FRONT, seed, FAULTS_TIMING);
    const prng = new Prng(seed * 7);
    const bodies = Array.from({ length: 5 }, () => someText(prng, prng.chance(0.2) ? 0 : prng.between(1, 5000)));
    const wire = bodies.map((body, i) => {
      const kind = prng.below(2);
      if (body === "") return `GET /${i} HTTP/1.1\r\nHost: h\r\n\r\n`;
      if (kind === 0) return `POST /${i} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const trailers = prng.chance(0.5) ? `X-Sum: ${i}\r\nX-Two: 2\r\n` : "";
      return `POST /${i} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(body, prng, trailers)}`;
    });
    const sending = b.peer.send(wire.join("")).then(() => b.peer.shutdown());
    const run = async () => {
      for (let i = 0; i < bodies.length; i++) {
        assertEquals(await b.endpoint.readHead(b.message), 1);
        assertEquals(b.message.targetText(), `/${i}`);
        assertEquals(await readBody(b.endpoint, prng), bodies[i], `seed ${seed}, body ${i}`);
        const { trailers } = b.endpoint;
        const sum = trailers === null ? -1 : trailers.findName(new HeaderName("x-sum"));
        assertEquals(sum >= 0, wire[i].includes("X-Sum"), `seed ${seed}`);
        if (sum >= 0) assertEquals(trailers!.valueText(sum), String(i));
        assert(b.endpoint.reusable, "the request is read whole and nothing is being answered");
      }
      return await b.endpoint.readHead(b.message);
    };
    assertEquals(await b.world.wait(run()), EP_NOTHING);
    await b.world.wait(sending);
    await b.end();
  }
});

Deno.test("H1-03 endpoint: a response body that ends with the connection, and one that is cut", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    for (const [fields, cut] of [["", false], ["Content-Length: 4000\r\n", true], ["T", true]] as const) {
      const b = await bench(BACK, seed, FAULTS_TIMING);
      const body = someText(new Prng(seed), 3000);
      const te = fields === "T" ? "Transfer-Encoding: chunked\r\n" : fields;
      const content = fields === "T" ? `f00\r\n${body}` : body;
      const sending = b.peer.send(`HTTP/1.1 200 OK\r\n${te}\r\n${content}`).then(() => b.peer.shutdown());
      assertEquals(await head(b), 1);
      const kinds = [BODY_UNTIL_CLOSE, BODY_LENGTH, BODY_CHUNKED];
      assertEquals(b.message.bodyKind, kinds[fields === "" ? 0 : fields === "T" ? 2 : 1]);
      assertEquals(await b.world.wait(readBody(b.endpoint)), cut ? EP_TRUNCATED : body, `seed ${seed} ${fields}`);
      assert(!b.endpoint.reusable);
      await b.world.wait(sending);
      await b.end();
    }
  }
});

Deno.test("H1-06 endpoint: what cannot be a head, a chunk or a trailer is refused", async () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ["GET / HTTP/1.1\r\nHost: a b\r\n\r\n", EP_INVALID, 0],
    [`GET /${"x".repeat(20000)} HTTP/1.1\r\n\r\n`, EP_TOO_LARGE, 0],
    [`GET / HTTP/1.1\r\n${"A: b\r\n".repeat(200)}\r\n`, EP_TOO_LARGE, 0],
    ["POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", EP_INVALID, 0],
    ["POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nazz\r\n", EP_INVALID, 0],
    ["POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad name: x\r\n\r\n", EP_INVALID, 0],
    [
      `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx: ${"y".repeat(40000)}\r\n\r\n`,
      1,
      EP_TOO_LARGE,
    ],
  ];
  for (const [wire, wanted, wantedBody] of cases) {
    const b = await bench(FRONT, 1, FAULTS_NONE);
    const sending = b.peer.send(wire);
    assertEquals(await head(b), wanted, wire.slice(0, 40));
    if (wanted === 1) assertEquals(await b.world.wait(readBody(b.endpoint)), wantedBody, wire.slice(0, 120));
    b.endpoint.close();
    await b.world.wait(sending);
    await b.end();
  }
});

Deno.test("H1-01 endpoint: the ends of a connection before and in a head", async () => {
  for (const [wire, wanted] of [["", EP_NOTHING], ["GET / HT", EP_TRUNCATED]] as const) {
    const b = await bench(FRONT);
    await b.world.wait(b.peer.send(wire));
    b.peer.shutdown();
    assertEquals(await head(b), wanted);
    await b.end();
  }
});

/** A request head in `b.message`, parsed from text. */
async function requestOf(text: string): Promise<{ front: Bench }> {
  const front = await bench(FRONT);
  await front.world.wait(front.peer.send(text));
  assertEquals(await head(front), 1);
  return { front };
}

Deno.test("H1-01 endpoint: a head waits for its body, and leaves alone when told so", async () => {
  const b = await bench(FRONT);
  const bytes = b.sys.blocks.take();
  bytes.fill(97, 0, 9000);
  b.message.setStatus(200, "OK");
  b.message.add(new HeaderName("content-length"), "9003");
  b.message.bodyKind = BODY_LENGTH;
  assertEquals(b.endpoint.writeHead(b.message, false), 1);
  let came = false;
  const coming = b.peer.more().then(() => came = true);
  await b.world.advance(10);
  assert(!came, "nothing is sent before the body");
  assert(b.endpoint.push(bytes, 0, 3, false) as number > 0);
  await b.world.wait(coming);
  assert(b.peer.received.endsWith("\r\n\r\naaa"), "head and body come in one piece");
  b.peer.take(b.peer.received.length);
  assert(await b.world.wait(Promise.resolve(b.endpoint.push(bytes, 0, 9000, true))) > 0);
  assertEquals((await b.world.wait(b.peer.exactly(9000))).length, 9000);
  assertEquals(b.endpoint.finish(null), 0);

  b.message.reset();
  b.message.setStatus(200, "OK");
  b.message.bodyKind = BODY_CHUNKED;
  b.message.add(new HeaderName("transfer-encoding"), "chunked");
  b.endpoint.writeHead(b.message, false);
  assert(await b.world.wait(Promise.resolve(b.endpoint.flush())) > 0);
  assertEquals(b.endpoint.flush(), 0);
  assert((await b.world.wait(b.peer.until("\r\n\r\n"))).startsWith("HTTP/1.1 200 OK\r\n"));
  b.sys.blocks.give(bytes);
  await b.end();
});

Deno.test("H1-03 endpoint: chunked output of pieces of every size, with trailers", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const b = await bench(FRONT, seed, FAULTS_TIMING);
    const prng = new Prng(seed);
    const block = b.sys.blocks.take();
    b.message.setStatus(200, "OK");
    b.message.bodyKind = BODY_CHUNKED;
    b.message.add(new HeaderName("transfer-encoding"), "chunked");
    let body = "";
    const trailers = new Message();
    trailers.attach(b.sys.blocks.take(), 0);
    const withTrailers = prng.chance(0.5);
    if (withTrailers) trailers.add(new HeaderName("x-sum"), "7");
    const write = async () => {
      assert(await b.endpoint.writeHead(b.message, false) > 0);
      for (let i = prng.between(1, 6); i > 0; i--) {
        const n = prng.chance(0.3) ? block.length : prng.between(1, 300);
        for (let k = 0; k < n; k++) block[k] = prng.between(97, 122);
        body += String.fromCharCode(...block.subarray(0, n));
        const last = i === 1 && !withTrailers;
        assert(await b.endpoint.push(block, 0, n, last) > 0);
      }
      assert(await b.endpoint.finish(withTrailers ? trailers : null) >= 0);
    };
    const writing = write();
    const text = b.peer.until(withTrailers ? "x-sum: 7\r\n\r\n" : "\r\n0\r\n\r\n");
    await b.world.wait(writing);
    const wire = await b.world.wait(text);
    assertEquals(dechunk(wire.slice(wire.indexOf("\r\n\r\n") + 4)), body, `seed ${seed}`);
    b.sys.blocks.give(block);
    b.sys.blocks.give(trailers.detach());
    await b.end();
  }
});

function dechunk(wire: string): string {
  let out = "";
  for (let at = 0;;) {
    const line = wire.indexOf("\r\n", at);
    const size = parseInt(wire.slice(at, line), 16);
    if (size === 0) return out;
    out += wire.slice(line + 2, line + 2 + size);
    at = line + 2 + size;
    assertEquals(wire.slice(at, at + 2), "\r\n");
    at += 2;
  }
}

Deno.test("H1-02 endpoint: what the peer and this side say decides whether the connection goes on", async () => {
  const cases: readonly (readonly [string, boolean, string])[] = [
    ["GET / HTTP/1.1\r\nHost: h\r\n\r\n", true, ""],
    ["GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false, "connection: close\r\n"],
    ["GET / HTTP/1.0\r\n\r\n", false, "connection: close\r\n"],
    ["GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, "connection: keep-alive\r\n"],
  ];
  for (const [request, keeps, field] of cases) {
    const { front: b } = await requestOf(request);
    b.message.reset();
    b.message.setStatus(204, "No Content");
    await b.world.wait(Promise.resolve(b.endpoint.writeHead(b.message, true)));
    assertEquals(await b.world.wait(b.peer.until("\r\n\r\n")), `HTTP/1.1 204 No Content\r\n${field}\r\n`);
    assertEquals(b.endpoint.reusable, keeps, request);
    await b.end();
  }
});

Deno.test("H1-02 endpoint: an older client gets no chunks but the end of the connection", async () => {
  const { front: b } = await requestOf("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  b.message.reset();
  b.message.setStatus(200, "OK");
  b.message.bodyKind = BODY_CHUNKED;
  b.message.add(new HeaderName("transfer-encoding"), "chunked");
  const block = b.sys.blocks.take();
  block.fill(97);
  b.endpoint.writeHead(b.message, false);
  await b.world.wait(Promise.resolve(b.endpoint.push(block, 0, 5, false)));
  assertEquals(b.endpoint.finish(null), 0);
  assert(!b.endpoint.reusable);
  b.sys.blocks.give(block);
  b.endpoint.close();
  assertEquals(await b.world.wait(b.peer.rest()), "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\naaaaa");
  await b.end();
});

Deno.test("H1-14 endpoint: an interim head goes before the final one", async () => {
  const { front: b } = await requestOf("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  b.message.reset();
  b.message.setStatus(103, "Early Hints");
  assert(await b.world.wait(Promise.resolve(b.endpoint.writeHead(b.message, true))) > 0);
  assert(!b.endpoint.reusable, "the response is still to come");
  b.message.reset();
  b.message.setStatus(204, "No Content");
  await b.world.wait(Promise.resolve(b.endpoint.writeHead(b.message, true)));
  assert(b.endpoint.reusable);
  assertEquals(
    await b.world.wait(b.peer.until("204 No Content\r\n\r\n")),
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
  );
  await b.end();
});

Deno.test("H1-04 endpoint: a server side accepts the switch it was asked for, and then passes bytes", async () => {
  const upgrade = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
  for (const asked of [true, false]) {
    const { front } = await requestOf(asked ? upgrade : "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    const b = await bench(BACK);
    await b.world.wait(Promise.resolve(b.endpoint.writeHead(front.message, true)));
    await front.end();
    await b.world.wait(b.peer.until("\r\n\r\n"));
    await b.world.wait(
      b.peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello"),
    );
    assertEquals(await head(b), asked ? 1 : EP_INVALID);
    if (asked) {
      b.endpoint.tunnel();
      assertEquals(b.endpoint.tail - b.endpoint.head, 5);
      b.endpoint.take(5);
      b.peer.shutdown();
      assertEquals(await b.world.wait(Promise.resolve(b.endpoint.pull())), 0);
      assertEquals(b.endpoint.finish(null), 0);
      assertEquals(await b.world.wait(b.peer.rest()), "");
      assert(b.peer.finished);
      assert(!b.endpoint.reusable);
    }
    await b.end();
  }
});

Deno.test("REUSE-01 endpoint: rests without a block, notices the server's end, and is used again", async () => {
  for (const how of ["reused", "closed", "unasked bytes", "reused just when closed"]) {
    const { front } = await requestOf("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    const b = await bench(BACK);
    let gone = 0;
    const round = async (first: boolean) => {
      if (!first) b.endpoint.resume();
      await b.world.wait(Promise.resolve(b.endpoint.writeHead(front.message, true)));
      await b.world.wait(b.peer.until("\r\n\r\n"));
      await b.world.wait(b.peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
      assertEquals(await head(b), 1);
      assertEquals(await b.world.wait(readBody(b.endpoint)), "ok");
      assert(b.endpoint.reusable);
      assert(b.endpoint.rest(() => gone++));
    };
    await round(true);
    await b.world.advance(1);
    if (how === "reused") {
      await round(false);
      assertEquals(b.endpoint.requests, 2);
      assert(b.endpoint.usable());
    } else if (how === "reused just when closed") {
      b.peer.shutdown();
      b.endpoint.resume();
      await b.world.wait(Promise.resolve(b.endpoint.writeHead(front.message, true)));
      assertEquals(await head(b), EP_NOTHING);
      assertEquals(gone, 0);
    } else {
      if (how === "closed") b.peer.shutdown();
      else await b.world.wait(b.peer.send("HTTP/1.1 408 Too late\r\n\r\n"));
      await b.world.advance(10);
      assertEquals(gone, 1);
      assert(!b.endpoint.usable());
    }
    await front.end();
    await b.end();
  }
});

Deno.test("endpoint: a wake settles what waits, and no byte is lost", async () => {
  const b = await bench(FRONT);
  const reading = Promise.resolve(b.endpoint.readHead(b.message));
  await b.world.wait(b.peer.send("GET /a HT"));
  await b.world.advance(5);
  b.endpoint.wake(WAKE_TIMEOUT);
  assertEquals(await b.world.wait(reading), WAKE_TIMEOUT);
  await b.world.wait(b.peer.send("TP/1.1\r\nHost: h\r\n\r\n"));
  assertEquals(await head(b), 1);
  assertEquals(b.message.targetText(), "/a");
  assertEquals(b.message.bodyKind, BODY_NONE);
  assertEquals(b.endpoint.conn.head, b.endpoint.conn.tail);
  await b.end();
});

Deno.test("endpoint: closed while a send borrows its block, which then comes back late", async () => {
  const b = await bench(FRONT, 3, { ...FAULTS_NONE, bufferBytes: [100, 100], lateMs: [40, 40] });
  b.message.setStatus(200, "OK");
  b.message.add(new HeaderName("x-long"), "y".repeat(4000));
  const writing = Promise.resolve(b.endpoint.writeHead(b.message, true));
  await b.world.advance(5);
  const before = b.sys.blocks.outstanding;
  b.endpoint.close();
  assert(await b.world.wait(writing) < 0);
  assertEquals(b.sys.blocks.outstanding, before, "the send below still reads it");
  await b.end();
});

Deno.test("endpoint: onClosed is told once, and IO_END stays", async () => {
  const b = await bench(FRONT);
  let closed = 0;
  b.endpoint.onClosed = () => closed++;
  b.peer.shutdown();
  assertEquals(await b.world.wait(Promise.resolve(b.endpoint.waitRequest())), IO_END);
  assertEquals(b.endpoint.waitRequest(), IO_END);
  b.endpoint.close();
  b.endpoint.reset();
  assertEquals(closed, 1);
  await b.end();
});

// The client, and the server, of scenarios that wrk knows nothing of, in a process of its own that can be pinned.
//
//   peer.ts serve PORT                          an echo server: answers an upgrade with 101, then sends back what comes
//   peer.ts websocket PORT CONNECTIONS SECONDS  one message at a time on each connection; prints a Run
//   peer.ts idle PORT CONNECTIONS               a request on each, then a line, then silence until its input ends
import type { Run } from "./wrk.ts";

const MESSAGE = 64;
const HANDSHAKE = "GET / HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

const bytes = (text: string) => new TextEncoder().encode(text);

async function sendAll(conn: Deno.Conn, all: Uint8Array): Promise<void> {
  for (let at = 0; at < all.length;) at += await conn.write(all.subarray(at));
}

/** Reads until the end of a head; answers it. */
async function readHead(conn: Deno.Conn): Promise<string> {
  const block = new Uint8Array(4096);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const n = await conn.read(block);
    if (n === null) throw new Error("the connection ended");
    text += new TextDecoder().decode(block.subarray(0, n));
  }
  return text;
}

async function serve(port: number): Promise<void> {
  const echo = async (conn: Deno.TcpConn) => {
    conn.setNoDelay(true);
    await readHead(conn);
    await sendAll(conn, bytes(ACCEPTED));
    const block = new Uint8Array(4096);
    for (let n = await conn.read(block); n !== null; n = await conn.read(block)) {
      await sendAll(conn, block.subarray(0, n));
    }
    conn.close();
  };
  for await (const conn of Deno.listen({ hostname: "127.0.0.1", port })) echo(conn).catch(() => conn.close());
}

async function websocket(port: number, connections: number, seconds: number): Promise<Run> {
  const conns = await Promise.all(Array.from({ length: connections }, async () => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay(true);
    await sendAll(conn, bytes(HANDSHAKE));
    const head = await readHead(conn);
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head);
    return conn;
  }));
  // A masked text frame: what is in it is of no concern to a proxy.
  const message = new Uint8Array(MESSAGE);
  message.set([0x81, 0x80 | (MESSAGE - 6)]);
  const times: number[] = [];
  let errors = 0;
  const begin = performance.now();
  const end = begin + seconds * 1000;
  await Promise.all(conns.map(async (conn) => {
    const block = new Uint8Array(4096);
    for (let sent = performance.now(); sent < end;) {
      await sendAll(conn, message);
      for (let got = 0; got < MESSAGE;) {
        const n = await conn.read(block);
        if (n === null) {
          errors++;
          return;
        }
        got += n;
      }
      const now = performance.now();
      times.push(now - sent);
      sent = now;
    }
  }));
  const took = (performance.now() - begin) / 1000;
  for (const conn of conns) conn.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? NaN;
  return { requests: times.length, perSecond: times.length / took, p50Ms: at(0.5), p99Ms: at(0.99), errors };
}

async function idle(port: number, connections: number): Promise<void> {
  const held: Deno.Conn[] = [];
  for (let i = 0; i < connections; i++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await sendAll(conn, bytes("GET /small HTTP/1.1\r\nHost: bench\r\n\r\n"));
    await readHead(conn);
    held.push(conn);
  }
  console.log(held.length);
  for await (const _ of Deno.stdin.readable);
}

const [what, port, connections, seconds] = [Deno.args[0], ...Deno.args.slice(1).map(Number)] as const;
if (what === "serve") await serve(port as number);
else if (what === "idle") await idle(port as number, connections as number);
else console.log(JSON.stringify(await websocket(port as number, connections as number, seconds as number)));
Deno.exit();

// A thread that echoes on its share of a listening socket: { io, origin, token } in, { ready, now } and { accepted } out.
import { BlockPool } from "../../src/base/mod.ts";
import { createDenoSys, type IoLayer, type ThreadStart, workerPort } from "../../src/sys/deno/mod.ts";
import type { Conn, ListenToken } from "../../src/sys/types.ts";

interface Start {
  readonly io: IoLayer;
  readonly origin: number;
  readonly token: ListenToken;
}

async function echo(conn: Conn): Promise<void> {
  for (;;) {
    const n = await conn.recv(0);
    if (n < 0) break;
    await conn.send(conn.block, conn.head, conn.tail);
    conn.consume(n);
  }
  conn.close();
}

const port = workerPort();
port.onmessage = async (message) => {
  const { io, origin, token } = (message as ThreadStart).data as Start;
  const sys = createDenoSys({ io, blocks: new BlockPool(), origin, threadEntry: new URL(import.meta.url), port });
  if (typeof sys === "string") throw new Error(sys);
  const listener = sys.net.adopt(token);
  if (typeof listener === "string") throw new Error(listener);
  port.post({ ready: true, now: sys.clock.now() });
  for (;;) {
    const conn = await listener.accept();
    if (typeof conn === "number") throw new Error(`accept: ${conn}`);
    port.post({ accepted: true });
    echo(conn);
  }
};

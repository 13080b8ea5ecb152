// Closing a client connection that still sends: closing it with unread bytes would reset it, and the client could lose
// the response that is on its way (RFC 9112 9.6). So the sending side ends first and what comes is read for a while.
import { Timer } from "../base/mod.ts";
import { type Conn, WAKE_TIMEOUT } from "../sys/types.ts";
import type { StreamEnv } from "./env.ts";

/** How long, and how many bytes, at the most. */
const LINGER_MS = 1000;
const LINGER_BYTES = 1 << 20;

/** Sends FIN and reads until the peer's; the caller closes then. Nothing else uses the connection meanwhile. */
export async function linger(env: StreamEnv, conn: Conn): Promise<void> {
  conn.shutdown();
  const timer = new Timer<Conn>(conn, expired);
  env.wheel.armIn(timer, LINGER_MS);
  for (let left = LINGER_BYTES; left > 0;) {
    const got = await conn.recv(0);
    if (got <= 0) break;
    conn.consume(got);
    left -= got;
  }
  env.wheel.cancel(timer);
}

function expired(timer: Timer<Conn>): void {
  timer.owner.wakeRecv(WAKE_TIMEOUT);
}

// Waiting for a body before it is forwarded (configuration.txt 4.4 "wait-for-body", 4.2 "option http-buffer-request").
// The block that holds it bounds what is waited for.
import { Timer } from "../base/mod.ts";
import { type Endpoint, EP_INVALID, EP_TOO_LARGE } from "../mux/mod.ts";
import { BODY_ARRIVED, BODY_BROKEN, BODY_GONE, BODY_LATE } from "../rules/mod.ts";
import { IO_FULL, WAKE_TIMEOUT } from "../sys/types.ts";
import type { StreamEnv } from "./env.ts";

/** As ActionContext.waitForBody(), on one side. */
export async function waitForBody(env: StreamEnv, from: Endpoint, atLeast: number, ms: number): Promise<number> {
  const timer = new Timer<Endpoint>(from, expired);
  env.wheel.armIn(timer, ms);
  try {
    while (!from.complete && (atLeast === 0 || from.tail - from.head < atLeast)) {
      const got = await from.pull();
      if (got === WAKE_TIMEOUT) return BODY_LATE;
      if (got === IO_FULL || got === 0) break;
      if (got < 0) return got === EP_INVALID || got === EP_TOO_LARGE ? BODY_BROKEN : BODY_GONE;
    }
    return BODY_ARRIVED;
  } finally {
    env.wheel.cancel(timer);
  }
}

function expired(timer: Timer<Endpoint>): void {
  timer.owner.wakeRead(WAKE_TIMEOUT);
}

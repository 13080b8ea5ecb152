// Waiting for a body before it is forwarded (configuration.txt 4.4 "wait-for-body", 4.2 "option http-buffer-request").
// The block that holds it bounds what is waited for.
import { Timer } from "../base/mod.ts";
import { type Endpoint, EP_INVALID, EP_TOO_LARGE } from "../mux/mod.ts";
import { BODY_ARRIVED, BODY_BROKEN, BODY_GONE, BODY_LATE } from "../rules/mod.ts";
import { IO_FULL, WAKE_TIMEOUT } from "../sys/types.ts";
import type { StreamEnv } from "./env.ts";
import type { Stream } from "./stream.ts";

/** As ActionContext.waitForBody(), on one side. */
export async function waitForBody(env: StreamEnv, from: Endpoint, atLeast: number, ms: number): Promise<number> {
  const timer = new Timer<Endpoint>(from, expired);
  if (ms < Infinity) env.wheel.armIn(timer, ms);
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

/** `option http-buffer-request`: waits for the whole body or a full block, as long as the request may take. */
export async function bufferRequest(s: Stream): Promise<number> {
  const t = s.frontend.config.timeouts;
  const now = () => s.env.sys.clock.now();
  const ms = t.httpRequest > 0 ? Math.max(0, s.times.requestStart + t.httpRequest - now()) : t.client || Infinity;
  s.times.request = -1;
  const arrived = await s.waitForBody(false, 0, ms);
  // The client may have been given up while nothing was waited for.
  if (s.stopped !== 0) return BODY_GONE;
  if (arrived === BODY_ARRIVED) s.times.request = now();
  return arrived;
}

function expired(timer: Timer<Endpoint>): void {
  timer.owner.wakeRead(WAKE_TIMEOUT);
}

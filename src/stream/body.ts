// Waiting for a body before it is forwarded (configuration.txt 4.4 "wait-for-body", 4.2 "option http-buffer-request").
// The block that holds it bounds what is waited for.
import { Timer } from "../base/mod.ts";
import type { Endpoint } from "../mux/mod.ts";
import { IO_FULL, WAKE_TIMEOUT } from "../sys/types.ts";
import type { StreamEnv } from "./env.ts";

/**
 * Waits until `atLeast` body bytes are at hand (0: all), the body ends or its block is full: 1. 0 after `ms` without. A code
 * of the endpoint when it fails.
 */
export async function waitForBody(env: StreamEnv, from: Endpoint, atLeast: number, ms: number): Promise<number> {
  const timer = new Timer<Endpoint>(from, expired);
  env.wheel.armIn(timer, ms);
  try {
    while (!from.complete && (atLeast === 0 || from.tail - from.head < atLeast)) {
      const got = await from.pull();
      if (got === WAKE_TIMEOUT) return 0;
      if (got <= 0) return got === IO_FULL || got === 0 ? 1 : got;
    }
    return 1;
  } finally {
    env.wheel.cancel(timer);
  }
}

function expired(timer: Timer<Endpoint>): void {
  timer.owner.wakeRead(WAKE_TIMEOUT);
}

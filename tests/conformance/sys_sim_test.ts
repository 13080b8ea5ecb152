// The simulated backend keeps the contract: when all goes well, and under any order, delay and cut of bytes.
import { type Faults, FAULTS_NONE, FAULTS_TIMING } from "../../src/sys/sim/mod.ts";
import { createSimWorld } from "../../src/sys/sim/mod.ts";
import type { Port, Sys } from "../../src/sys/types.ts";
import { sysContract, type SysFixture } from "./sys_contract.ts";

/** Longer than any delay of the profiles. */
const SETTLE_MS = 200;

function threadMain(_sys: Sys, thread: number, data: unknown, port: Port): void {
  port.post({ thread, data });
  port.onmessage = (message) => {
    if (message === "throw") throw new Error("asked to throw");
    else if (message === "end") port.close();
    else port.post({ echo: message });
  };
}

function fixture(seed: number, faults: Faults): SysFixture {
  const world = createSimWorld({ seed, faults, start: threadMain });
  world.fs.mkdir("/test");
  return {
    sys: world.main,
    resets: true,
    dir: "/test",
    run: (value) => world.wait(value),
    settle: () => world.advance(SETTLE_MS),
    advance: (ms) => world.advance(ms),
    close: () => {},
  };
}

sysContract("sim", () => fixture(1, FAULTS_NONE));
for (const seed of [1, 2, 3]) {
  // The suite's short texts count on arriving whole, its datagrams in order; sim_test.ts has those faults.
  const whole = { split: 0, shortRead: 0, shortWrite: 0, datagramReorder: 0 };
  sysContract(`sim seed ${seed}`, () => fixture(seed, { ...FAULTS_TIMING, ...whole, bufferBytes: [65536, 262144] }));
}

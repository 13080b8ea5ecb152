// The real backend under the contract suite, in both layers.
import { BlockPool } from "../../src/base/mod.ts";
import { createDenoSys, type IoLayer } from "../../src/sys/deno/mod.ts";
import { sysContract, type SysFixture } from "./sys_contract.ts";

/** Turns of the event loop after which loopback traffic and messages have arrived. */
const SETTLE_TURNS = 20;

function make(io: IoLayer): SysFixture {
  const blocks = new BlockPool(16384, 16);
  blocks.poison = true;
  const threadEntry = new URL("./bus_thread.ts", import.meta.url);
  const sys = createDenoSys({ io, blocks, origin: performance.timeOrigin, threadEntry });
  if (typeof sys === "string") throw new Error(sys);
  const dir = Deno.makeTempDirSync();
  return {
    sys,
    dir,
    resets: io === "handles",
    run: async (value) => await value,
    async settle() {
      for (let i = 0; i < SETTLE_TURNS; i++) await sys.turn();
    },
    async advance(ms) {
      const end = sys.clock.precise() + ms;
      while (sys.clock.precise() < end) await new Promise((done) => setTimeout(done, end - sys.clock.precise()));
      await sys.turn();
    },
    close() {
      sys.close();
      Deno.removeSync(dir, { recursive: true });
    },
  };
}

sysContract("deno public", () => make("public"));
sysContract("deno handles", () => make("handles"));

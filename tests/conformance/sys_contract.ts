// The contract every Sys backend keeps, as one suite: `sysContract(name, make)` registers its tests against a backend.
// No test sleeps: it waits for what it asks about (`run`), or lets everything that is ready happen (`settle`) and looks.
import { connTests, endTests } from "./sys_contract_conn.ts";
import { busTests, clockTests, hostTests } from "./sys_contract_host.ts";
import { datagramTests, listenTests } from "./sys_contract_net.ts";
import { optionTests } from "./sys_contract_options.ts";
import type { MakeSys, SysFixture } from "./sys_fixture.ts";

export type { SysFixture } from "./sys_fixture.ts";

/** Registers the suite against one backend. */
export function sysContract(name: string, make: MakeSys): void {
  const test = (what: string, body: (f: SysFixture) => Promise<void>) =>
    Deno.test(`sys ${name}: ${what}`, async () => {
      const f = await make();
      try {
        await body(f);
      } finally {
        await f.close();
      }
    });
  connTests(test);
  endTests(test);
  listenTests(test);
  optionTests(test);
  datagramTests(test);
  clockTests(test);
  hostTests(test);
  busTests(test);
}

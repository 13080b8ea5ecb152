// The whole proxy, two threads of it, under 500 seeds: see proxy_seed.ts for what each is and what is asked of it.
//
// A seed that fails tells its number. To see it again, with all that its clients and servers did:
//   SEED=123 deno test -A tests/sim/proxy_test.ts
// More seeds than the usual ones: FROM=1000 SEEDS=5000 deno test -A tests/sim/proxy_test.ts
import { assert, assertEquals } from "@std/assert";
import { BufferedConn } from "../../src/sys/buffered_conn.ts";
import { drawSeed, runSeed } from "./proxy_seed.ts";

const FIRST = Number(Deno.env.get("FROM") ?? 1);
const COUNT = Number(Deno.env.get("SEEDS") ?? 500);
/** Failures after which the rest is not worth waiting for. */
const MAX_FAILURES = 10;

/** Ways to end that the seeds must meet; else they have lost their teeth. */
const MUST_MEET = "-- CR cR PR PT LR SC sC sQ CC CH SH sH PH CD SD sD cD K. D.".split(" ");

Deno.test({
  name: "sim: the whole proxy under seeds of faults, aborts, stops and killed threads",
  ignore: Deno.env.has("SEED"),
  async fn() {
    const failures: string[] = [];
    const met = new Map<string, number>();
    let exchanges = 0;
    let answered = 0;
    for (let seed = FIRST; seed < FIRST + COUNT && failures.length < MAX_FAILURES; seed++) {
      try {
        const report = await runSeed(drawSeed(seed));
        exchanges += report.exchanges;
        answered += report.answered;
        for (const state of report.terminations) met.set(state, (met.get(state) ?? 0) + 1);
      } catch (error) {
        failures.push(`SEED=${seed}: ${(error as Error).message}`);
      }
    }
    assertEquals(failures, []);
    if (COUNT < 500) return;
    assertEquals(
      MUST_MEET.filter((state) => ![...met.keys()].some((m) => new RegExp(`^${state}$`).test(m))),
      [],
      "ways to end that no seed met",
    );
    assert(answered > exchanges / 2, `${answered} answers to ${exchanges} requests`);
  },
});

Deno.test({
  name: "sim: replay of one seed",
  ignore: !Deno.env.has("SEED"),
  async fn() {
    const plan = drawSeed(Number(Deno.env.get("SEED")));
    console.log(plan.config);
    await runSeed(plan, console.log);
  },
});

Deno.test("sim: a lent block that is given back early is caught by a seed", async () => {
  const { hold, release } = BufferedConn.prototype;
  BufferedConn.prototype.hold = () => {};
  BufferedConn.prototype.release = () => {};
  let caught = "";
  try {
    for (let seed = 1; seed <= 100 && caught === ""; seed++) {
      await runSeed(drawSeed(seed)).catch((error: Error) => caught = error.message);
    }
  } finally {
    BufferedConn.prototype.hold = hold;
    BufferedConn.prototype.release = release;
  }
  assert(caught.includes("block was given back while an operation uses it"), caught);
});

// The whole proxy, two threads of it, under 500 seeds: see proxy_seed.ts for what each is and what is asked of it.
//
// A seed that fails tells its number. To see it again, with all that its clients and servers did:
//   SEED=123 deno test -A tests/sim/proxy_test.ts
// More seeds than the usual ones: FROM=1000 SEEDS=5000 deno test -A tests/sim/proxy_test.ts
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Timer, Wheel } from "../../src/base/mod.ts";
import { type Endpoint, H1Endpoint } from "../../src/mux/mod.ts";
import { Server } from "../../src/proxy/mod.ts";
import { Deadline } from "../../src/stream/deadline.ts";
import { Forwarder } from "../../src/stream/forward.ts";
import { KeptBody } from "../../src/stream/kept_body.ts";
import { BufferedConn } from "../../src/sys/buffered_conn.ts";
import { SimBlockPool } from "../../src/sys/sim/pool.ts";
import { Gauge } from "../../src/table/mod.ts";
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
    let retried = 0;
    let tunnels = 0;
    for (let seed = FIRST; seed < FIRST + COUNT && failures.length < MAX_FAILURES; seed++) {
      try {
        const report = await runSeed(drawSeed(seed));
        exchanges += report.exchanges;
        answered += report.answered;
        retried += report.retried;
        tunnels += report.tunnels;
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
    assert(retried > 100 && tunnels > 50, `${retried} attempts repeated, ${tunnels} tunnels`);
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

/** What is asked of the seeds, each with code that breaks it: a member of a class, what it does then, what is told. */
const CANARIES: readonly (readonly [what: string, of: object, member: string, broken: unknown, told: RegExp])[] = [
  ["a lent block that is given back early", BufferedConn.prototype, "hold", () => {}, /given back while an operation/],
  [
    "a connection that is used again whatever is on it",
    H1Endpoint.prototype,
    "reusable",
    true,
    /got the response of|is wrong|more came|bytes|begins with|expected one/,
  ],
  ["a byte that is lost on the way", Forwarder.prototype, "run", runWithout, /is wrong|stuck|bytes|complete/],
  ["a body that is sent again without its beginning", KeptBody.prototype, "add", addWithout, /is wrong|bytes|stuck/],
  ["a timeout that is forgotten", Deadline.prototype, "expired", () => {}, /stuck/],
  ["a timer that is late", Wheel.prototype, "armIn", armLate, /took \d+ ms/],
  [
    "a connection that stays in the count",
    Server.prototype,
    "connectionClosed",
    () => {},
    /serverConns is|connections to/,
  ],
  ["blocks that pile up", SimBlockPool.prototype, "give", () => {}, /blocks in use/],
  [
    "a limit that does not hold",
    Gauge.prototype,
    "take",
    takeAlways,
    /(?:requests at|connections to|idle at) .* allowed/,
  ],
];

function runWithout(this: Forwarder, source: Endpoint, sink: Endpoint): number | Promise<number> {
  if (source.tail - source.head > 100) source.take(1);
  return run.call(this, source, sink);
}
const { run } = Forwarder.prototype;

function addWithout(this: KeptBody, bytes: Uint8Array<ArrayBuffer>, from: number, to: number): void {
  add.call(this, bytes, this.used === 0 ? from + 1 : from, to);
}
const { add } = KeptBody.prototype;

function armLate<T>(this: Wheel, timer: Timer<T>, ms: number): void {
  armIn.call(this, timer, ms * 1.2);
}
const { armIn } = Wheel.prototype;

function takeAlways(this: Gauge): number {
  return this.add(1);
}

for (const [what, of, member, broken, told] of CANARIES) {
  Deno.test(`sim: ${what} is caught by a seed`, async () => {
    const good = Object.getOwnPropertyDescriptor(of, member)!;
    Object.defineProperty(
      of,
      member,
      typeof broken === "function" ? { ...good, value: broken } : { configurable: true, get: () => broken },
    );
    let caught = "";
    try {
      for (let seed = 1; seed <= 200 && !told.test(caught); seed++) {
        await runSeed(drawSeed(seed)).catch((error: Error) => caught = error.message);
      }
    } finally {
      Object.defineProperty(of, member, good);
    }
    assertMatch(caught, told);
  });
}

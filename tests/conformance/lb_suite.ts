// The contract every load balancing algorithm keeps: `lbSuite(row, line)` registers its tests for one `balance` statement.
import { assert, assertEquals } from "@std/assert";
import { type Balancer, type Candidate, createBalancer, WEIGHT_SCALE } from "../../src/proxy/mod.ts";
import { programRegistry } from "../../src/app/manifest.ts";
import { Prng } from "../../src/base/mod.ts";
import { testEnv, TestTxn } from "../../src/sample/mod.ts";
import { configsOf } from "./proxy_fixture.ts";

/** A server as balancers see it, with everything a test may change. */
export class FakeServer implements Candidate {
  readonly index: number;
  readonly id: number;
  effectiveWeight: number;
  initialWeight: number;
  served = 0;
  queued = 0;
  slots = 0;
  maxqueue = 0;
  hashKey: string | number;

  constructor(index: number, weight = 1, id = index + 1) {
    this.index = index;
    this.id = id;
    this.effectiveWeight = weight * WEIGHT_SCALE;
    this.initialWeight = weight;
    this.hashKey = id;
  }

  get hasRoom(): boolean {
    return this.slots === 0 || (this.served < this.slots && this.queued === 0);
  }
}

/** The balancer that some lines of a backend make. */
export function balancerOf(lines: readonly string[], seed = 1): Balancer {
  const config =
    configsOf(`backend be\n mode http\n${lines.map((line) => ` ${line}\n`).join("")} server s 127.0.0.1:80`)[0];
  const registry = programRegistry();
  const prng = new Prng(seed);
  let turn = 0;
  return createBalancer(config.balance, registry, {
    hashType: config.hashType,
    hashBalanceFactor: config.hashBalanceFactor,
    hashPreserveAffinity: config.hashPreserveAffinity,
    turn: () => turn++,
    random: () => prng.u32(),
    samples: testEnv({ registry }),
  });
}

/** A request whose every part that can be a key is `key`. */
export function request(key: string | number): TestTxn {
  const txn = new TestTxn(`GET /${key}?p=${key} HTTP/1.1\r\nHost: a.${key}.b\r\nx-key: ${key}\r\n\r\n`);
  const n = typeof key === "number" ? key : key.length;
  txn.session.src = { family: "ipv4", host: `10.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`, port: 1 };
  return txn;
}

/** Registers the contract for a `balance` line (and more lines that go with it). */
export function lbSuite(rows: string, ...lines: readonly string[]): void {
  const name = lines.join(", ");
  const test = (what: string, body: () => void) => Deno.test(`${rows} ${name}: ${what}`, body);
  const servers = (...weights: number[]) => weights.map((weight, i) => new FakeServer(i, weight));

  test("one server gets everything", () => {
    const balancer = balancerOf(lines);
    balancer.rebuild(servers(5));
    for (let key = 0; key < 20; key++) assertEquals(balancer.pick(request(key), null), 0);
  });

  test("every pick is of the list, also after the list changed", () => {
    const balancer = balancerOf(lines);
    const prng = new Prng(3);
    for (let round = 0; round < 20; round++) {
      const list = Array.from({ length: prng.between(1, 9) }, (_, i) => new FakeServer(i, prng.between(1, 20)));
      balancer.rebuild(list);
      for (let key = 0; key < 30; key++) {
        const i = balancer.pick(request(prng.below(100_000)), null);
        assert(Number.isInteger(i) && i >= 0 && i < list.length, `${i} of ${list.length}`);
        list[i].served += prng.below(2);
      }
    }
  });

  test("a server is avoided as long as there is another", () => {
    const balancer = balancerOf(lines);
    const list = servers(1, 4, 2);
    balancer.rebuild(list);
    for (let key = 0; key < 60; key++) {
      const avoid = list[key % 3];
      assert(list[balancer.pick(request(key), avoid)] !== avoid);
    }
  });

  test("a full server is passed over, or waited for by the keys that belong to it", () => {
    const balancer = balancerOf(lines);
    const list = servers(1, 1, 1);
    list[1].slots = 2;
    list[1].served = 2;
    balancer.rebuild(list);
    const picks = Array.from({ length: 60 }, (_, key) => balancer.pick(request(key), null));
    assertEquals(picks.includes(1), balancer.affine);
    for (const server of list) {
      server.slots = 1;
      server.served = 1;
    }
    assertEquals(balancer.pick(request(1), null) >= 0, balancer.affine);
  });

  test("the same state and key give the same server to equal balancers", () => {
    const [a, b] = [balancerOf(lines), balancerOf(lines)];
    const weights = [3, 1, 2];
    a.rebuild(servers(...weights));
    b.rebuild(servers(...weights));
    for (let key = 0; key < 50; key++) assertEquals(a.pick(request(key), null), b.pick(request(key), null));
  });
}

/** Share of each server over many picks, streams being over at once. */
export function shares(balancer: Balancer, list: readonly Candidate[], picks: number): number[] {
  const counts = list.map(() => 0);
  for (let key = 0; key < picks; key++) counts[balancer.pick(request(key), null)]++;
  return counts.map((n) => n / picks);
}

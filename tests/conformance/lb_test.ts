// Every algorithm under the contract, and what distinguishes each: orders, shares, affinity. Orders and mappings written out
// here are what the packaged haproxy (2.6, nbthread 1) was seen to do with the same weights, ids and keys.
import { assert, assertEquals } from "@std/assert";
import { WEIGHT_SCALE } from "../../src/proxy/mod.ts";
import { mapOrder, type Order, roundRobinOrder, serverOf } from "../../src/proxy/lb/order.ts";
import { balancerOf, FakeServer, lbSuite, request, shares } from "./lb_suite.ts";
import { TestTxn } from "../../src/sample/mod.ts";

lbSuite("LB-01", "balance roundrobin");
lbSuite("LB-02", "balance static-rr");
lbSuite("LB-02", "balance first");
lbSuite("LB-03", "balance leastconn");
lbSuite("LB-04", "balance random");
lbSuite("LB-04", "balance random(5)");
lbSuite("LB-05", "balance hash req.hdr(x-key)");
lbSuite("LB-06", "balance source");
lbSuite("LB-06", "balance uri");
lbSuite("LB-06", "balance hdr(x-key)");
lbSuite("LB-06", "balance url_param p");
lbSuite("LB-07", "balance uri", "hash-type consistent");
lbSuite("LB-07", "balance source", "hash-type consistent djb2 avalanche");

const servers = (...weights: number[]) => weights.map((weight, i) => new FakeServer(i, weight));
const turns = (order: Order, n = order.cycle) => line(Array.from({ length: n }, (_, turn) => serverOf(order, turn)));
const line = (order: Iterable<number>) => [...order].map((i) => i + 1).join("");

// ---- turns ------------------------------------------------------------------------------------------------------

/** Weights, order of roundrobin, order of static-rr. */
const ORDERS: readonly (readonly [readonly number[], string, string])[] = [
  [[1, 1], "12", "12"],
  [[3, 1], "1112", "1112"],
  [[1, 3], "2221", "1222"],
  [[2, 3], "22121", "12122"],
  [[3, 2], "11212", "11212"],
  [[1, 1, 1], "123", "123"],
  [[5, 1, 1], "1112113", "1112113"],
  [[1, 2, 3], "323132", "132323"],
  [[3, 2, 1], "121312", "112123"],
  [[4, 2], "112", "112"],
  [[7, 3], "1112112112", "1112112112"],
  [[1, 5, 2, 4], "242342142324", "124223424234"],
  [[10, 1], "11111111112", "11111111112"],
  [[7, 3, 3, 5], "141241314214311241341241314214311241", ""],
];

Deno.test("LB-01 roundrobin: the order of haproxy for its weights", () => {
  for (const [weights, order] of ORDERS) {
    assertEquals(turns(roundRobinOrder(weights), order.length), order, `${weights}`);
  }
  assertEquals(turns(roundRobinOrder([3, 9, 8])), "23232132323212323231");
  assertEquals(turns(roundRobinOrder([9, 8, 8, 9, 10])), "51425143251435214532145321543125435124531425");
});

Deno.test("LB-02 static-rr: the order of haproxy for its weights", () => {
  for (const [weights, , order] of ORDERS.slice(0, -1)) assertEquals(turns(mapOrder(weights)), order, `${weights}`);
});

Deno.test("LB-01 orders: each server comes as often as its weight says", () => {
  for (const make of [roundRobinOrder, mapOrder]) {
    for (const [weights] of ORDERS) {
      const { servers, cycle } = make(weights);
      const unit = cycle / weights.reduce((a, b) => a + b);
      weights.forEach((weight, i) => {
        assertEquals(servers.subarray(-cycle).filter((s) => s === i).length, weight * unit, `${weights}`);
      });
    }
    // Big farms get shorter cycles, in which everybody still has a turn.
    const many = Array.from({ length: 4000 }, (_, i) => 1 + (i * 37) % 256);
    const { servers, cycle } = make(many);
    assert(cycle <= 65536);
    assertEquals(new Set(servers.subarray(-cycle)).size, many.length);
  }
});

Deno.test("LB-01 roundrobin: a changed weight counts at once, static-rr keeps the configured one", () => {
  for (const [name, expected] of [["roundrobin", [0.9, 0.1]], ["static-rr", [0.5, 0.5]]] as const) {
    const balancer = balancerOf([`balance ${name}`]);
    const list = servers(1, 1);
    balancer.rebuild(list);
    assertEquals(shares(balancer, list, 100), [0.5, 0.5]);
    list[0].effectiveWeight = 9 * WEIGHT_SCALE;
    balancer.rebuild(list);
    assertEquals(shares(balancer, list, 100), expected.slice(), name);
  }
});

Deno.test("LB-02 first: the lowest id with a free slot", () => {
  const balancer = balancerOf(["balance first"]);
  const list = [new FakeServer(0, 1, 9), new FakeServer(1, 1, 3), new FakeServer(2, 1, 5)];
  for (const server of list) server.slots = 2;
  balancer.rebuild(list);
  const picks = [];
  for (let i = 0; i < 7; i++) {
    const at = balancer.pick(request(i), null);
    picks.push(at);
    if (at >= 0) list[at].served++;
  }
  assertEquals(picks, [1, 1, 2, 2, 0, 0, -1]);
  list[1].served--;
  assertEquals(balancer.pick(request(0), null), 1);
});

// ---- load -------------------------------------------------------------------------------------------------------

/** What haproxy does with streams that stay. */
const GROWING: readonly (readonly [readonly number[], string])[] = [
  [[3, 1], "1211112111211121"],
  [[1, 3], "1222221222122212"],
  [[2, 3], "1221221212212122"],
  [[1, 1, 1], "1231231231231231"],
  [[1, 2, 3], "1233233231233231"],
];

Deno.test("LB-03 leastconn: the order of haproxy while streams stay", () => {
  for (const [weights, order] of GROWING) {
    const balancer = balancerOf(["balance leastconn"]);
    const list = servers(...weights);
    balancer.rebuild(list);
    let picks = "";
    for (let i = 0; i < order.length; i++) {
      const at = balancer.pick(request(i), null);
      list[at].served++;
      picks += at + 1;
    }
    assertEquals(picks, order, `${weights}`);
  }
});

Deno.test("LB-03 leastconn: idle servers take turns, queued streams count, maxqueue lets streams wait", () => {
  const balancer = balancerOf(["balance leastconn"]);
  const list = servers(2, 3, 1);
  balancer.rebuild(list);
  assertEquals(line(Array.from({ length: 6 }, (_, i) => balancer.pick(request(i), null))), "123123");
  list[0].queued = 3;
  list[2].served = 1;
  assertEquals(balancer.pick(request(0), null), 1);
  for (const server of list) {
    server.served = server.slots = 1;
    server.queued = 0;
  }
  assertEquals(balancer.pick(request(0), null), -1, "all are full");
  list[2].maxqueue = 2;
  assertEquals(balancer.pick(request(0), null), 2, "a limited queue with room");
  list[2].queued = 2;
  assertEquals(balancer.pick(request(0), null), -1, "and that is full, too");
});

Deno.test("LB-04 random: shares follow weights, draws avoid the loaded ones", () => {
  const one = balancerOf(["balance random(1)"]);
  const list = servers(1, 2, 5);
  one.rebuild(list);
  const got = shares(one, list, 8000);
  [1 / 8, 2 / 8, 5 / 8].forEach((share, i) => assert(Math.abs(got[i] - share) < 0.02, `${got}`));
  // With the load kept: the spread of the most and the least loaded is far smaller with two draws than with one.
  const spread = (draws: number) => {
    const balancer = balancerOf([`balance random(${draws})`], 7);
    const farm = servers(...new Array(20).fill(1));
    balancer.rebuild(farm);
    for (let i = 0; i < 4000; i++) farm[balancer.pick(request(i), null)].served++;
    const loads = farm.map((s) => s.served);
    return Math.max(...loads) - Math.min(...loads);
  };
  assert(spread(2) * 4 < spread(1), `${spread(1)} with one draw, ${spread(2)} with two`);
});

// ---- hashing ----------------------------------------------------------------------------------------------------

/** Which of three servers haproxy gives the paths /p0/x, /p1/x and so on: weights 2, 3, 1 and 1, 2, 1. */
const MAPPED: readonly (readonly [lines: readonly string[], order: string])[] = [
  [["hash-type map-based sdbm"], "1212121212222222222222222222222121212121"],
  [["hash-type map-based sdbm avalanche"], "2322212112231223322222322322221221211122"],
  [["hash-type map-based djb2"], "3131313131313131313131313131313131313131"],
  [["hash-type map-based djb2 avalanche"], "2113331111221223221121221312122121112111"],
  [["hash-type map-based crc32"], "2121322122222322121312121213222121213121"],
  [["hash-type map-based crc32 avalanche"], "1221213212232232221332131323122321221221"],
  [["hash-type consistent"], "2222212113122231222223121231223131122232"],
  [["hash-type consistent djb2"], "3333333333222222222222222222222222222222"],
];

function mapping(lines: readonly string[], list: readonly FakeServer[]): string {
  const balancer = balancerOf(lines);
  balancer.rebuild(list);
  return line(
    Array.from({ length: 40 }, (_, i) => balancer.pick(new TestTxn(`GET /p${i}/x HTTP/1.1\r\nHost: a\r\n\r\n`), null)),
  );
}

Deno.test("LB-07 LB-08 hash-type: a key gets the server it has with haproxy", () => {
  for (const [lines, order] of MAPPED) {
    if (lines[0].includes("map-based djb2") && !lines[0].includes("avalanche")) continue;
    const list = lines[0].includes("consistent") ? servers(1, 2, 1) : servers(2, 3, 1);
    assertEquals(mapping(["balance uri", ...lines], list), order, lines[0]);
  }
  assertEquals(
    mapping(["balance uri", "hash-type consistent"], [7, 3, 100].map((id, i) => new FakeServer(i, 1, id))),
    "2231112233221331332322233122331333223212",
    "the ring depends on the ids",
  );
});

Deno.test("LB-07 consistent: few keys move when a server leaves, map-based moves most", () => {
  const moved = (type: string) => {
    const list = servers(...new Array(10).fill(4));
    const balancer = balancerOf(["balance uri", `hash-type ${type}`]);
    balancer.rebuild(list);
    const before = Array.from({ length: 1000 }, (_, key) => list[balancer.pick(request(key), null)]);
    const left = list.filter((s) => s !== list[4]);
    balancer.rebuild(left);
    const after = Array.from({ length: 1000 }, (_, key) => left[balancer.pick(request(key), null)]);
    return before.filter((server, key) => server !== list[4] && server !== after[key]).length;
  };
  assertEquals(moved("consistent"), 0);
  assert(moved("map-based") > 500);
});

Deno.test("LB-06 source: IPv4 as a number, the words of IPv6 combined, unix sockets take turns", () => {
  const balancer = balancerOf(["balance source"]);
  balancer.rebuild(servers(2, 3, 1));
  const order = mapOrder([2, 3, 1]).servers;
  const from = (host: string) => {
    const txn = request(0);
    txn.session.src = { family: host.includes(":") ? "ipv6" : "ipv4", host, port: 5 };
    return balancer.pick(txn, null);
  };
  assertEquals(from("127.0.0.1"), order[0x7f000001 % 6]);
  assertEquals(from("10.200.3.255"), order[0x0ac803ff % 6]);
  assertEquals(from("2001:db8::7"), order[(0x20010db8 ^ 7) % 6]);
  const unix = request(0);
  unix.session.src = { family: "unix", path: "" };
  const turns = Array.from({ length: 6 }, () => balancer.pick(unix, null));
  assertEquals(new Set(turns).size, 3);
});

/** The server of a request and that of another must be (un)equal in enough of many tries for the key to be the part. */
function sameKey(lines: readonly string[], a: (i: number) => string, b: (i: number) => string): boolean {
  const balancer = balancerOf([...lines, "hash-type consistent crc32 avalanche"]);
  balancer.rebuild(servers(...new Array(16).fill(1)));
  let equal = 0;
  for (let i = 0; i < 64; i++) {
    const pick = (target: string) => balancer.pick(new TestTxn(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`), null);
    if (pick(a(i)) === pick(b(i))) equal++;
  }
  assert(equal === 64 || equal < 32, `${equal} of 64`);
  return equal === 64;
}

Deno.test("LB-06 uri: what of the URI counts", () => {
  const uri = ["balance uri"];
  assert(sameKey(uri, (i) => `/a/${i}?q=1`, (i) => `/a/${i}?q=2`), "up to the question mark");
  assert(!sameKey(uri, (i) => `/a/${i}`, (i) => `/b/${i}`));
  assert(!sameKey(["balance uri whole"], (i) => `/a/${i}?q=1`, (i) => `/a/${i}?q=2`));
  assert(sameKey(["balance uri len 8"], (i) => `/${i + 100}/abcdef`, (i) => `/${i + 100}/abcxyz`));
  assert(!sameKey(["balance uri len 9"], (i) => `/${i + 100}/abcdef`, (i) => `/${i + 100}/abcxyz`));
  assert(sameKey(["balance uri depth 1"], (i) => `/${i}/abcdef`, (i) => `/${i}/x/y`));
  assert(!sameKey(["balance uri depth 2"], (i) => `/${i}/abcdef`, (i) => `/${i}/x/y`));
  assert(sameKey(["balance uri path-only"], (i) => `http://a/${i}`, (i) => `/${i}`));
  assert(!sameKey(uri, (i) => `http://a/${i}`, (i) => `/${i}`));
});

Deno.test("LB-06 url_param: the value of the parameter counts, without one servers take turns", () => {
  const param = ["balance url_param id"];
  assert(sameKey(param, (i) => `/?a=1&id=${i}`, (i) => `/x?id=${i};b=2`));
  assert(!sameKey(param, (i) => `/?id=${i}`, (i) => `/?id=${i}x`));
  const balancer = balancerOf(param);
  balancer.rebuild(servers(1, 1));
  for (const target of ["/", "/?idx=1", "/?id=", "/?ID=1"]) {
    const picks = [0, 1].map(() => balancer.pick(new TestTxn(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`), null));
    assertEquals(picks.toSorted(), [0, 1], target);
  }
});

Deno.test("LB-06 hdr: the value counts, of a host name the main part on demand, without one servers take turns", () => {
  const balancer = balancerOf(["balance hdr(Host) use_domain_only", "hash-type consistent"]);
  balancer.rebuild(servers(...new Array(16).fill(1)));
  const pick = (host: string) => balancer.pick(new TestTxn(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`), null);
  for (const domain of ["haproxy", "example", "v7"]) {
    const server = pick(`www.${domain}.eu`);
    assertEquals(pick(`${domain}.com:8080`), server);
    assertEquals(pick(`a.b.${domain}.org`), server);
  }
  const absent = balancerOf(["balance hdr(x-k)"]);
  absent.rebuild(servers(2, 3, 1));
  assertEquals(
    line(Array.from({ length: 12 }, () => absent.pick(new TestTxn("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), null))),
    "121223121223",
  );
});

Deno.test("LB-05 hash: the bytes of an expression, as haproxy takes them", () => {
  const byAddress = balancerOf(["balance hash req.hdr_ip(x-k)"]);
  byAddress.rebuild(servers(2, 3, 1));
  assertEquals(
    line(
      Array.from(
        { length: 20 },
        (_, i) => byAddress.pick(new TestTxn(`GET / HTTP/1.1\r\nHost: a\r\nx-k: 10.${i * 7}.3.${i}\r\n\r\n`), null),
      ),
    ),
    "32232232232232223223",
  );
});

Deno.test("LB-09 hash-type none: the value itself is the hash", () => {
  const balancer = balancerOf(["balance hash req.hdr_ip(x-k)", "hash-type map-based none"]);
  balancer.rebuild(servers(2, 3, 1));
  const order = mapOrder([2, 3, 1]).servers;
  for (let n = 0; n < 12; n++) {
    const txn = new TestTxn(`GET / HTTP/1.1\r\nHost: a\r\nx-k: 0.0.1.${n}\r\n\r\n`);
    assertEquals(balancer.pick(txn, null), order[(256 + n) % 6]);
  }
});

Deno.test("LB-02 hash-balance-factor: no server is above its share of the load by more than the factor", () => {
  const run = (factor: number) => {
    const balancer = balancerOf(["balance uri", "hash-type consistent", `hash-balance-factor ${factor}`]);
    const list = servers(1, 1, 1, 1);
    balancer.rebuild(list);
    // All requests for one thing: without a bound all for one server.
    for (let i = 0; i < 400; i++) list[balancer.pick(request(1), null)].served++;
    return list.map((s) => s.served).toSorted((a, b) => b - a);
  };
  assertEquals(run(0)[0], 400);
  const bounded = run(125);
  assert(bounded[0] <= Math.ceil(100 * 1.25), `${bounded}`);
  assert(bounded[3] > 0);
});

Deno.test("LB-10 hash-preserve-affinity: saturated servers are passed over along the ring", () => {
  const make = (value: string) => {
    const balancer = balancerOf(["balance uri", "hash-type consistent", `hash-preserve-affinity ${value}`]);
    const list = servers(1, 1, 1, 1);
    for (const server of list) server.slots = 1;
    balancer.rebuild(list);
    return { balancer, list, key: request(5), home: balancer.pick(request(5), null) };
  };
  const always = make("always");
  always.list[always.home].served = 1;
  assertEquals(always.balancer.pick(always.key, null), always.home);

  const maxconn = make("maxconn");
  assertEquals(maxconn.home, always.home);
  maxconn.list[maxconn.home].served = 1;
  const second = maxconn.balancer.pick(maxconn.key, null);
  assert(second !== maxconn.home);
  for (const server of maxconn.list) server.served = 1;
  const last = maxconn.balancer.pick(maxconn.key, null);
  assert(last >= 0 && last !== maxconn.home, "all are saturated: the one before the first on the ring");

  const maxqueue = make("maxqueue");
  const home = maxqueue.list[maxqueue.home];
  home.served = 1;
  home.maxqueue = 2;
  home.queued = 1;
  assertEquals(maxqueue.balancer.pick(maxqueue.key, null), maxqueue.home, "its queue has room");
  home.queued = 2;
  assert(maxqueue.balancer.pick(maxqueue.key, null) !== maxqueue.home);
});

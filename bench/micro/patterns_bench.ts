// Lookups in pattern lists: what an ACL or a map converter costs once its sample is there.
//   deno bench -A bench/micro/patterns_bench.ts
import { latin1ToBytes } from "../../src/base/mod.ts";
import {
  type MatchMethod,
  NO_MEMORY,
  PatternMaker,
  PatternSets,
  Sample,
  setAddress,
  setBytes,
  setInteger,
  T_STR,
} from "../../src/sample/mod.ts";

function text(value: string): Sample {
  const sample = new Sample();
  setBytes(sample, T_STR, latin1ToBytes(value), 0, value.length);
  return sample;
}

function address(value: string): Sample {
  const sample = new Sample();
  setAddress(sample, value);
  return sample;
}

function integer(value: number): Sample {
  const sample = new Sample();
  setInteger(sample, value);
  return sample;
}

/** The lookup in a list of these patterns. */
function index(method: MatchMethod, patterns: Iterable<string>, ignoreCase = false) {
  const lists = new PatternMaker(new PatternSets({ k0: 1, k1: 2 }, 2 ** 30), {});
  const made = lists.store().named("x", true, "").index(method, ignoreCase);
  const { sets } = lists;
  const set = sets.find("x")!;
  for (const pattern of patterns) {
    while (sets.add(set, 0, pattern, "v") === NO_MEMORY) {
      if (sets.arena.grow() === null) throw new Error(NO_MEMORY);
      sets.arena.usable++;
    }
  }
  return made;
}

function* keys(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield `www.host-${i}.example.com`;
}

function* networks(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield `${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`;
}

const CASES: readonly (readonly [string, ReturnType<typeof index>, Sample])[] = [
  ["an empty list", index("str", []), text("www.host-7.example.com")],
  ["str, 1 pattern", index("str", keys(1)), text("www.host-0.example.com")],
  ["str, 8 patterns", index("str", keys(8)), text("www.host-7.example.com")],
  ["str, 8 patterns, none", index("str", keys(8)), text("www.other.example.com")],
  ["str, 1000 patterns", index("str", keys(1000)), text("www.host-777.example.com")],
  ["str -i, 1000 patterns", index("str", keys(1000), true), text("www.HOST-777.example.com")],
  ["str, 1000000 patterns", index("str", keys(1_000_000)), text("www.host-777777.example.com")],
  ["beg, 3 patterns", index("beg", ["/api/", "/static/", "/images/"]), text("/static/style.css")],
  ["beg, 1000 patterns", index("beg", keys(1000)), text("www.host-777.example.com")],
  ["ip, 1 network", index("ip", ["10.0.0.0/8"]), address("10.1.2.3")],
  ["ip, 1 network, none", index("ip", ["10.0.0.0/8"]), address("11.1.2.3")],
  ["ip, 100000 networks", index("ip", networks(100_000)), address("10.200.17.3")],
  ["ip, IPv6 network", index("ip", ["2001:db8::/32"]), address("2001:db8::1")],
  ["int, 1 value", index("int", ["443"]), integer(443)],
  ["int, a range", index("int", ["1024:"]), integer(8080)],
  ["sub, 3 patterns", index("sub", ["bot", "crawl", "spider"]), text("Mozilla/5.0 (compatible; spider/1.0)")],
  ["reg, 1 pattern", index("reg", ["^/(api|static)/[a-z]+"]), text("/static/style.css")],
  ["reg, 20 patterns, none", index("reg", Array.from({ length: 20 }, (_, i) => `^/p${i}/`)), text("/static/style.css")],
];

for (const [name, found, sample] of CASES) {
  Deno.bench(name, () => {
    found.match(sample);
  });
}

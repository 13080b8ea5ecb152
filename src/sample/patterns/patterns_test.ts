import { assertEquals } from "@std/assert";
import { setAddress, setBytes, setInteger } from "../casts.ts";
import { latin1ToBytes } from "../../base/mod.ts";
import { testPatterns } from "../testing.ts";
import { type MatchMethod, Sample, T_STR } from "../types.ts";
import { patternLines } from "./files.ts";
import { textOf } from "./layout.ts";
import { applyOperator } from "./numbers.ts";

function text(value: string): Sample {
  const sample = new Sample();
  setBytes(sample, T_STR, latin1ToBytes(`[${value}]`), 1, value.length + 1);
  return sample;
}

function integer(value: number | bigint): Sample {
  const sample = new Sample();
  setInteger(sample, value);
  return sample;
}

function address(value: string): Sample {
  const sample = new Sample();
  if (!setAddress(sample, value)) throw new Error(value);
  return sample;
}

/** A list, its writer, and what reads it. */
function listOf(method: MatchMethod, ignoreCase = false) {
  const lists = testPatterns();
  const store = lists.store();
  const index = store.named("x", true, "test").index(method, ignoreCase);
  const { sets } = lists;
  const set = sets.find("x")!;
  const match = (sample: Sample) => {
    const entry = index.match(sample);
    return entry === 0 ? null : textOf(store.view, entry);
  };
  return { sets, set, store, match };
}

/** The pattern that matches, "" for none, of a list in this order. */
function found(method: MatchMethod, patterns: string[], sample: Sample, ignoreCase = false): string {
  const { sets, set, match } = listOf(method, ignoreCase);
  for (const pattern of patterns) {
    const problem = sets.add(set, 0, pattern, null);
    if (problem !== "") return `! ${problem}`;
  }
  return match(sample) ?? "";
}

Deno.test("ACL-02 strings: exact, the longest prefix, the first suffix and substring, subdir, domain", () => {
  assertEquals(found("str", ["a", "ab", "abc"], text("ab")), "ab");
  assertEquals(found("str", ["A"], text("a")), "");
  assertEquals(found("str", ["A\xc9"], text("a\xc9"), true), "A\xc9");
  assertEquals(found("str", ["\xc9"], text("\xe9"), true), "");
  assertEquals(found("beg", ["/", "/ab", "/a"], text("/abc")), "/ab");
  assertEquals(found("beg", [""], text("x")), "");
  assertEquals(found("end", [".b", "c.b"], text("a.c.b")), ".b");
  assertEquals(found("sub", ["x", "b", "abc"], text("abc")), "b");
  assertEquals(found("dir", ["/b/c/"], text("/a/b/c")), "/b/c/");
  assertEquals(found("dir", ["b/d", "c"], text("/a/bc/d")), "");
  assertEquals(found("dom", ["WWW"], text("http://www.a:80/"), true), "WWW");
  assertEquals(found("dom", ["", "."], text("a.b")), "");
  assertEquals(found("len", ["2", "3:5"], text("abcd")), "3:5");
  assertEquals(found("bin", ["ab", "616263"], text("abc")), "616263");
});

Deno.test("ACL-02 integers: values, ranges, operators, versions", () => {
  assertEquals(found("int", ["1", "3:5", "5"], integer(5)), "3:5");
  assertEquals(found("int", ["1", "5", "3:5"], integer(5)), "5");
  assertEquals(found("int", ["3:5"], integer(4)), "3:5");
  assertEquals(found("int", [":-1"], integer(-7)), ":-1");
  assertEquals(found("int", ["9223372036854775807"], integer(2n ** 63n - 1n)), "9223372036854775807");
  assertEquals(["eq", "ge", "gt", "le", "lt"].map((op) => applyOperator(op as "eq", "5", false)), [
    "5",
    "5:",
    "6:",
    ":5",
    ":4",
  ]);
  assertEquals(["ge", "gt", "le", "lt"].map((op) => applyOperator(op as "ge", "4:8", false)), ["4:", "5:", ":8", ":7"]);
  assertEquals(applyOperator("ge", "3.1", true), "3.1:");
  assertEquals(applyOperator("ge", "x", false), { reason: "'x' is neither a number nor a supported operator" });
  assertEquals(found("dotted", ["3:3.1"], integer(3 * 65536 + 1)), "3:3.1");
  assertEquals(found("dotted", ["3:3.1"], integer(3 * 65536 + 2)), "");
  assertEquals(found("dotted", ["3.a"], integer(1)), "! '3.a' is not a dotted number");
});

Deno.test("ACL-02 addresses: the longest network, both families, masks with holes", () => {
  const networks = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3"];
  assertEquals(found("ip", networks, address("10.1.2.3")), "10.1.2.3");
  assertEquals(found("ip", networks, address("10.1.9.9")), "10.1.0.0/16");
  assertEquals(found("ip", networks, address("11.0.0.1")), "0.0.0.0/0");
  assertEquals(found("ip", networks, address("2001:db8::1")), "");
  assertEquals(found("ip", ["2001:db8::/32", "2001:db8:1::/48"], address("2001:db8:1::5")), "2001:db8:1::/48");
  assertEquals(found("ip", ["1.2.3.0/255.0.255.0"], address("1.9.3.9")), "1.2.3.0/255.0.255.0");
  assertEquals(found("ip", ["1.2.3.4/33"], address("1.2.3.4")), "! '1.2.3.4/33' is not a valid IPv4 or IPv6 address");
  assertEquals(
    found("ip", ["host.example"], address("1.2.3.4")),
    "! 'host.example' is not a valid IPv4 or IPv6 address",
  );
});

Deno.test("ACL-04 ACL-08 a list that changes: order, duplicates, removal, all methods", () => {
  const samples: Partial<Record<MatchMethod, [string[], Sample]>> = {
    str: [["a", "a"], text("a")],
    beg: [["a", "ab"], text("abc")],
    end: [["c", "bc"], text("abc")],
    sub: [["b", "c"], text("abc")],
    dir: [["b", "c"], text("a/b/c")],
    dom: [["b", "c"], text("a.b.c")],
    reg: [["^a", "c$"], text("abc")],
    bin: [["61", "61"], text("a")],
    int: [["1:5", "3"], integer(3)],
    len: [["3", "1:9"], text("abc")],
    ip: [["10.0.0.0/8", "10.1.0.0/255.0.255.0"], address("10.0.0.1")],
  };
  for (const [method, [patterns, sample]] of Object.entries(samples) as [MatchMethod, [string[], Sample]][]) {
    const { sets, set, match } = listOf(method);
    assertEquals(match(sample), null, `${method} of nothing`);
    for (const pattern of [...patterns, ...patterns]) assertEquals(sets.add(set, 0, pattern, null), "");
    assertEquals(set.size, 4);
    const entries: number[] = [];
    const cursor = sets.list(set, 0);
    for (let entry = cursor.next(); entry !== null; entry = cursor.next()) entries.push(entry.address);
    cursor.close();
    for (const entry of entries) {
      assertEquals(match(sample) !== null, true, method);
      assertEquals(sets.removeEntry(set, entry), true);
      assertEquals(sets.removeEntry(set, entry), false);
    }
    assertEquals(match(sample), null, `${method} after removal`);
    sets.add(set, 0, patterns[0], null);
    assertEquals(match(sample), patterns[0], method);
    assertEquals(sets.clear(set, 0), "");
    assertEquals([match(sample), set.size], [null, 0], method);
  }
});

Deno.test("ACL-04 a pattern refused by one index of a list is in none", () => {
  const { sets, set, store, match } = listOf("str");
  store.named("x", true, "").index("int", false);
  assertEquals(sets.add(set, 0, "abc", null), "'abc' is not a number");
  assertEquals([set.size, match(text("abc"))], [0, null]);
  assertEquals(sets.add(set, 0, "5", null), "");
  const late = store.named("x", true, "").index("str", true);
  assertEquals(textOf(store.view, late.match(text("5"))), "5");
});

Deno.test("ACL-04 files: comments, blanks, maps", () => {
  const file = latin1ToBytes("# c\n\n  abc  \n\t def\t\r\n #hash\nghi x y");
  assertEquals([...patternLines(file, false)].map((l) => `${l.line}:${l.pattern}`), [
    "3:abc  ",
    "4:def\t",
    "5:#hash",
    "6:ghi x y",
  ]);
  const map = latin1ToBytes("abc  v1  \n\t def\tv2 x\t\n k\n");
  assertEquals([...patternLines(map, true)].map((l) => [l.pattern, l.value]), [["abc", "v1"], ["def", "v2 x"], [
    "k",
    "",
  ]]);
  const lists = testPatterns({ "m": latin1ToBytes("a 1\nb 2\n") });
  const store = lists.store();
  const list = store.named("m", true, "test");
  assertEquals(store.named("m", true, "other") === list && lists.sets.find("m")?.size === 2, true);
  assertEquals(store.value(list.index("str", false).match(text("b"))), "2");
});

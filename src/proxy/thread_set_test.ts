import { assertEquals } from "@std/assert";
import { parseThreadSet, shardCount, threadsOf } from "./thread_set.ts";

function threads(text: string, count: number): number[] | string {
  const set = parseThreadSet(text);
  return typeof set === "string" ? set : threadsOf(set, count);
}

Deno.test("BIND-06 sets of threads: all, odd, even, ranges open on either side, groups, lists", () => {
  assertEquals(threads("all", 3), [1, 2, 3]);
  assertEquals(threads("odd", 5), [1, 3, 5]);
  assertEquals(threads("even", 5), [2, 4]);
  assertEquals(threads("2", 4), [2]);
  assertEquals(threads("2-", 4), [2, 3, 4]);
  assertEquals(threads("-2", 4), [1, 2]);
  assertEquals(threads("3-2", 4), [2, 3]);
  assertEquals(threads("1,3-4", 8), [1, 3, 4]);
  assertEquals(threads("1/odd,1/2", 4), [1, 2, 3]);
  assertEquals(threads("5-8", 4), []);
  assertEquals(threadsOf(null, 2), [1, 2]);
});

Deno.test("BIND-06 sets of threads that are none", () => {
  assertEquals(threads("foo", 4), "'foo' is not a valid number/range");
  assertEquals(threads("", 4), "'' is not a valid number/range");
  assertEquals(threads("-", 4), "'-' is not a valid number/range");
  assertEquals(threads("0", 4), "'0' is not a valid number/range. It supports numbers from 1 to 64");
  assertEquals(threads("1-65", 4), "'1-65' is not a valid number/range. It supports numbers from 1 to 64");
  assertEquals(threads("2/1", 4), "'2/1' thread-group number must be between 1 and 1 (was 2)");
  assertEquals(threads("1/1,2", 4), "'1/1,2' mixes thread numbers of a group with numbers of the process");
});

Deno.test("BIND-07 sockets of a listener: never more than its threads", () => {
  assertEquals(shardCount("by-thread", 5), 5);
  assertEquals(shardCount("by-group", 5), 1);
  assertEquals(shardCount(2, 5), 2);
  assertEquals(shardCount(9, 5), 5);
});

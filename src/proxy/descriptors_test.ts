import { assertEquals } from "@std/assert";
import { configsOf } from "../../tests/conformance/proxy_fixture.ts";
import { defaultMaxconn, descriptorsFor, fixedDescriptors } from "./descriptors.ts";

const QUIET = "defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n";

function fixed(text: string, threads: number): number {
  return fixedDescriptors(configsOf(QUIET + text), threads) - fixedDescriptors(configsOf(QUIET), threads);
}

Deno.test("GLOB-01 descriptors: a socket for each address or shard, a share for each of its threads, checks", () => {
  assertEquals(fixed("frontend f\n bind :80\n", 1), 2);
  assertEquals(fixed("frontend f\n bind :80-89\n", 4), 50);
  assertEquals(fixed("frontend f\n bind :80 thread 2\n", 4), 2);
  assertEquals(fixed("frontend f\n bind :80 shards by-thread\n", 4), 8);
  assertEquals(fixed("frontend f\n disabled\n bind :80\n", 4), 0);
  assertEquals(fixed("backend b\n server a 1.1.1.1:1 check\n server b 1.1.1.1:2\n", 4), 1);
});

Deno.test("GLOB-01 descriptors: connections that a limit allows need no more than it", () => {
  for (const limit of [300, 1023, 1024, 65536]) {
    const maxconn = defaultMaxconn(limit, 178);
    assertEquals(descriptorsFor(maxconn, 178) <= limit && descriptorsFor(maxconn + 1, 178) > limit, true);
  }
  assertEquals(defaultMaxconn(20, 178), 1);
});

// Requests of HTTP/1 on the wire: every case whole, cut at every place, and byte by byte.
import { assertEquals } from "@std/assert";
import { REQUESTS } from "./h1_cases.ts";
import { H1Driver, judge } from "./h1_driver.ts";

const driver = new H1Driver(false);

for (const c of REQUESTS) {
  Deno.test(`${c.name} (request)`, () => {
    assertEquals(judge(c, driver.run(c, [])), null, "whole");
    for (let cut = 1; cut < c.input.length; cut++) assertEquals(judge(c, driver.run(c, [cut])), null, `cut at ${cut}`);
    const bytes = Array.from({ length: c.input.length }, (_, i) => i);
    assertEquals(judge(c, driver.run(c, bytes)), null, "byte by byte");
  });
}

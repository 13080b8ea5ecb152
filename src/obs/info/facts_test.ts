// The load between two looks.
import { assertEquals } from "@std/assert";
import { LoadSampler } from "./facts.ts";

Deno.test("API-06 show info: the load covers at least a second, and what came since the last look before it", () => {
  const sampler = new LoadSampler();
  const look = (at: number, cpuMs: number, bytesOut: number) => sampler.look({ at, cpuMs, bytesOut });
  assertEquals(look(500, 100, 1000), { at: 500, cpuMs: 100, bytesOut: 1000 }, "since the start");
  assertEquals(look(600, 110, 1100), { at: 600, cpuMs: 110, bytesOut: 1100 });
  assertEquals(look(1500, 300, 5000), { at: 1000, cpuMs: 200, bytesOut: 4000 }, "since the first look");
  assertEquals(look(1600, 300, 5000), { at: 1100, cpuMs: 200, bytesOut: 4000 });
  assertEquals(look(9500, 300, 5000), { at: 8000, cpuMs: 0, bytesOut: 0 });
});

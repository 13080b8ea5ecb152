import { assertEquals } from "@std/assert";
import { spawn } from "./spawn.ts";

Deno.test("spawn: hands a rejection over, and only a rejection", async () => {
  const errors: unknown[] = [];
  spawn(Promise.reject(new Error("bug")), (error) => errors.push(error));
  spawn(Promise.resolve(1), (error) => errors.push(error));
  spawn(-3, (error) => errors.push(error));
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(errors.map(String), ["Error: bug"]);
});

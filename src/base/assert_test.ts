import { assertThrows } from "@std/assert";
import { assert } from "./assert.ts";

Deno.test("assert: throws with what is broken, and only then", () => {
  assert(1, "fine");
  assertThrows(() => assert(0, "head <= tail"), Error, "head <= tail");
});

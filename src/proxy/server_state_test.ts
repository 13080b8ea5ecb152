// The table of a server's states.
import { assertEquals, assertThrows } from "@std/assert";
import {
  ADMIN_DRAIN,
  ADMIN_MAINT,
  ADMIN_MAINT_CONFIG,
  assertTransition,
  draining,
  E_CHECK_FAILED,
  E_CHECK_PASSED,
  E_MAINT,
  E_READY,
  inMaintenance,
  S_DOWN,
  S_GOING_DOWN,
  S_GOING_UP,
  S_MAINT,
  S_NAMES,
  S_UP,
  serverState,
} from "./server_state.ts";

Deno.test("SRV-08 state: health counts from down over going up to up, and back over going down", () => {
  const states = [0, 1, 2, 3, 4].map((health) => S_NAMES[serverState(0, health, 2, 3, true)]);
  assertEquals(states, ["DOWN", "GOING_UP", "GOING_DOWN", "GOING_DOWN", "UP"]);
  assertEquals(serverState(0, 2, 2, 3, false), S_UP, "a server that is not checked has no shades");
  assertEquals(serverState(0, 0, 2, 3, false), S_DOWN);
  assertEquals(serverState(ADMIN_MAINT, 4, 2, 3, true), S_MAINT);
});

Deno.test("SRV-08 state: only what the table says may happen", () => {
  assertTransition(E_CHECK_FAILED, S_UP, S_GOING_DOWN);
  assertTransition(E_CHECK_FAILED, S_GOING_DOWN, S_DOWN);
  assertTransition(E_CHECK_PASSED, S_GOING_UP, S_UP);
  assertTransition(E_MAINT, S_UP, S_MAINT);
  assertTransition(E_READY, S_MAINT, S_GOING_DOWN);
  assertThrows(() => assertTransition(E_CHECK_FAILED, S_DOWN, S_UP));
  assertThrows(() => assertTransition(E_CHECK_PASSED, S_UP, S_DOWN));
  assertThrows(() => assertTransition(E_CHECK_FAILED, S_GOING_UP, S_GOING_UP));
  assertThrows(() => assertTransition(E_CHECK_PASSED, S_MAINT, S_UP));
});

Deno.test("SRV-08 state: what the administrator wants", () => {
  assertEquals([0, ADMIN_DRAIN, ADMIN_MAINT, ADMIN_MAINT_CONFIG].map(inMaintenance), [false, false, true, true]);
  assertEquals([0, ADMIN_DRAIN, ADMIN_MAINT].map(draining), [false, true, false]);
});

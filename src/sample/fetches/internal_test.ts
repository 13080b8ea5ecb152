// The process, the clock, the environment, the rules that ran (configuration.txt 7.3.2).
import { assertEquals } from "@std/assert";
import { evaluate, testEnv, TestTxn } from "../testing.ts";

Deno.test("FETCH-24 environment variables, also empty ones; one that is not set is absent", () => {
  assertEquals(evaluate("env(HOME)"), "str:/srv");
  assertEquals(evaluate("env(EMPTY)"), "str:");
  assertEquals(evaluate("env(NOPE)"), "absent");
  assertEquals(evaluate("env(constructor)"), "absent");
  assertEquals(evaluate("env"), "error: fetch method 'env' : expected type 'string' at position 1, but got nothing");
});

Deno.test("FETCH-24 the date's microseconds, the uptime, the one process", () => {
  const env = testEnv({ clock: { now: () => 65_999, wall: () => 1_700_000_005_000.25 } });
  const give = (name: string) => evaluate(name, new TestTxn(), env);
  assertEquals(give("date_us"), "sint:250");
  assertEquals(give("date(0,us)"), "sint:1700000005000250");
  assertEquals(give("uptime"), "sint:65");
  assertEquals(give("proc"), "sint:1");
  assertEquals(give("quic_enabled"), "bool:0");
  assertEquals(
    evaluate("quic_enabled", new TestTxn(), testEnv({ process: { connections: 0, stopping: false, quic: true } })),
    "bool:1",
  );
});

Deno.test("FETCH-24 the rule that ended a rule set, and the one that waited", () => {
  const txn = new TestTxn();
  const names = ["last_rule_file", "last_rule_line", "last_entity", "waiting_entity"];
  assertEquals(names.map((name) => evaluate(name, txn)), ["absent", "absent", "absent", "absent"]);
  txn.lastRule = { file: "/etc/a.cfg", line: 17, column: 5 };
  txn.waitingRule = { file: "b.cfg", line: 3, column: 1 };
  assertEquals(names.map((name) => evaluate(name, txn)), [
    "str:/etc/a.cfg",
    "sint:17",
    "str:/etc/a.cfg:17",
    "str:b.cfg:3",
  ]);
});

Deno.test("FETCH-24 the place in queues that rules asked for", () => {
  const txn = new TestTxn();
  txn.priorityClass = -7;
  txn.priorityOffsetMs = 50;
  assertEquals(evaluate("prio_class", txn), "sint:-7");
  assertEquals(evaluate("prio_offset", txn), "sint:50");
});

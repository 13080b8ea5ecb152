import { assertEquals, assertThrows } from "@std/assert";
import { parsed } from "../../tests/sim/proxy_world.ts";
import { createSimWorld } from "../sys/sim/mod.ts";
import { ProcessSettings, processSettings } from "./settings.ts";
import { TuneSettings, tuneSettings } from "./tune.ts";

function settings(lines: string) {
  const { model, registry } = parsed(`global\n${lines}`, createSimWorld());
  return { tune: tuneSettings(model, registry), process: processSettings(model, registry) };
}

Deno.test("settings of buffers, messages, rules and variables", () => {
  assertEquals(settings("").tune, new TuneSettings());
  const { tune } = settings(`
    tune.bufsize 20001
    tune.maxrewrite 2000
    tune.http.maxhdr 50
    tune.http.logurilen 100
    tune.max-rules-at-once 7
    tune.vars.global-max-size 1m
    tune.vars.proc-max-size 5
    tune.vars.sess-max-size 4
    tune.vars.txn-max-size 3
    tune.vars.reqres-max-size 2
`);
  assertEquals([tune.bufsize, tune.maxRewrite, tune.maxHeaders, tune.logUriLength, tune.rulesAtOnce], [
    20016,
    2000,
    50,
    100,
    7,
  ]);
  assertEquals({ ...tune.variables }, { global: 1 << 20, proc: 5, sess: 4, txn: 3, reqres: 2 });
});

Deno.test("the room kept for rules is never more than half of a buffer", () => {
  assertEquals(settings("    tune.bufsize 2048\n    tune.maxrewrite 2000\n").tune.maxRewrite, 1024);
});

Deno.test("values out of range are refused", () => {
  for (
    const line of [
      "tune.bufsize 100",
      "tune.http.maxhdr 0",
      "tune.http.maxhdr 40000",
      "tune.maxrewrite x",
      "tune.bufsize",
    ]
  ) {
    assertThrows(() => settings(`    ${line}\n`), Error, line.split(" ")[0]);
  }
});

Deno.test("PROC-05 PROC-20 PROC-21 settings of the process", () => {
  const { process } = settings(`
    daemon
    quiet
    zero-warning
    pidfile /run/x.pid
    hard-stop-after 5m
    grace 100
    close-spread-time 2s
    master-worker no-exit-on-failure
    mworker-max-reloads 5
`);
  assertEquals({ ...process }, {
    ...new ProcessSettings(),
    daemon: true,
    quiet: true,
    zeroWarning: true,
    pidFile: "/run/x.pid",
    hardStopAfterMs: 300_000,
    graceMs: 100,
    closeSpreadMs: 2000,
    masterWorker: true,
    exitOnFailure: false,
    maxReloads: 5,
  });
});

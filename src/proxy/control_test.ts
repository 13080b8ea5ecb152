// What an operator does to servers, with the lines and states the packaged haproxy answers with.
import { assertEquals } from "@std/assert";
import { ProxyFixture, sequence } from "../../tests/conformance/proxy_fixture.ts";
import { SERVER } from "../table/mod.ts";
import { CHK_L7OKC } from "./checks/result.ts";
import { type AdminState, ServerControl } from "./control.ts";
import type { ServerEvent } from "./server_state.ts";
import { serverStatus } from "./server_status.ts";

const CONFIG = `backend be
 server s1 127.0.0.1:80
 server s2 127.0.0.1:81 check
 server s3 127.0.0.1:82 backup
 server s4 127.0.0.1:83 disabled
`;

function setUp(config = CONFIG) {
  const f = new ProxyFixture(config);
  const events: ServerEvent[] = [];
  const control = new ServerControl(f.shared, f.configs, (event) => events.push(event), (proxy) => {
    for (const thread of f.threads) thread.proxies.nudged({ kind: "state", proxy });
  }, () => f.world.main.clock.now());
  const status = (row: number) => serverStatus(f.shared, row, f.configs[0].servers[row]);
  const state = (name: string, wanted: AdminState) => {
    events.length = 0;
    control.setState(control.find("be", name), wanted);
    return events.map((e) => e.text);
  };
  return { f, control, events, state, status };
}

Deno.test("SRV-08 set server state: the lines of each change", () => {
  const { state, status } = setUp();
  const tail = "0 sessions requeued, 0 total in queue.";
  assertEquals(state("s1", "drain"), [
    `Server be/s1 enters drain state. 1 active and 1 backup servers online. ${tail}`,
  ]);
  assertEquals(status(0), "DRAIN");
  assertEquals(state("s1", "drain"), []);
  assertEquals(state("s1", "ready"), ["Server be/s1 is UP (leaving forced drain)."]);
  assertEquals(state("s1", "maint"), [
    "Server be/s1 is going DOWN for maintenance. 1 active and 1 backup servers left. " +
    "0 sessions active, 0 requeued, 0 remaining in queue.",
  ]);
  assertEquals(status(0), "MAINT");
  assertEquals(state("s1", "maint"), []);
  assertEquals(state("s1", "drain"), [
    "Server be/s1 is UP/DRAIN (leaving forced maintenance).",
    "Server be/s1 remains in forced drain mode.",
  ]);
  assertEquals(state("s1", "ready"), ["Server be/s1 is UP (leaving forced drain)."]);
  assertEquals(state("s4", "ready"), ["Server be/s4 is UP/READY (leaving forced maintenance)."]);
  assertEquals(state("s3", "maint")[0].slice(0, 44), "Backup Server be/s3 is going DOWN for mainte");
});

Deno.test("SRV-08 set server state of a server that is down", () => {
  const { f, state, status } = setUp();
  f.change("be/s2", SERVER.health, 0);
  assertEquals(status(1), "DOWN");
  assertEquals(state("s2", "drain"), [
    "Server be/s2 enters drain state. 1 active and 1 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
  ]);
  assertEquals(state("s2", "ready"), ["Server be/s2 is DOWN (leaving forced drain)."]);
  assertEquals(state("s2", "maint"), ["Server be/s2 was DOWN and now enters maintenance."]);
  assertEquals(state("s2", "ready"), ["Server be/s2 is UP/READY (leaving forced maintenance)."]);
});

Deno.test("SRV-08 the last server that goes away leaves an empty backend", () => {
  const { events, control } = setUp("backend be\n server s1 127.0.0.1:80\n");
  control.setState(0, "maint");
  assertEquals(events.map((e) => [e.kind, e.level, e.console.level]), [["maint", 1, "WARNING"], ["empty", 0, "ALERT"]]);
  assertEquals(control.setHealth(0, "down"), "");
});

Deno.test("SRV-08 threads obey at once", () => {
  const { f, control, state } = setUp("backend be\n server s1 127.0.0.1:80\n server s2 127.0.0.1:81\n");
  assertEquals(sequence(f.backend(), 4), "1212");
  state("s1", "maint");
  assertEquals(sequence(f.backend(), 4), "2222");
  state("s1", "ready");
  assertEquals(control.setWeight(0, "3"), "");
  assertEquals(sequence(f.backend(), 400).replaceAll("2", "").length, 300);
  assertEquals(control.setHealth(1, "down"), "");
  assertEquals(sequence(f.backend(), 4), "1111");
  assertEquals(control.setHealth(1, "up"), "");
  assertEquals(control.setMaxconn(0, "7"), "");
  assertEquals(f.server("be/s1").maxconn, 7);
});

Deno.test("LB-01 set weight: absolute and relative, within bounds; static algorithms know only none and all", () => {
  const { f, control } = setUp("backend be\n server s1 127.0.0.1:80 weight 50\n");
  const weight = (text: string) => [control.setWeight(0, text), f.server("be/s1").weight];
  assertEquals(weight("10"), ["", 10]);
  assertEquals(weight("50%"), ["", 25]);
  assertEquals(weight("100%"), ["", 50]);
  assertEquals(weight("1000%"), ["", 256]);
  assertEquals(weight("300"), ["Absolute weight can only be between 0 and 256 inclusive.", 256]);
  assertEquals(weight("x")[0], "Empty weight string empty or preceded by garbage");
  assertEquals(weight("5x")[0], "Trailing garbage in weight string");
  const fixed = setUp("backend be\n balance source\n server s1 127.0.0.1:80 weight 50\n");
  assertEquals([fixed.control.setWeight(0, "0"), fixed.control.setWeight(0, "100%")], ["", ""]);
  assertEquals(
    fixed.control.setWeight(0, "10"),
    "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.",
  );
});

Deno.test("BIND-10 set maxconn: of a server, of a frontend", () => {
  const { f, control } = setUp("frontend fe\n bind :1\nbackend be\n server s1 127.0.0.1:80\n");
  assertEquals(control.setMaxconn(0, "x"), "maxconn string empty or preceded by garbage");
  assertEquals(control.setMaxconn(0, "5x"), "Trailing garbage in maxconn string");
  control.setFrontendMaxconn(0, 12);
  assertEquals(f.frontend().maxconn, 12);
  assertEquals(control.find("be", "s1"), 0);
  assertEquals(control.find("be", "s9"), -1);
});

Deno.test("SRV-08 set server health stopping: no new streams, and the lines of it", () => {
  const { f, control, events, status } = setUp();
  const say = (health: "up" | "stopping" | "down") => {
    events.length = 0;
    assertEquals(control.setHealth(1, health), "");
    return events.map((e) => e.text).join("; ");
  };
  const tail = "0 sessions requeued, 0 total in queue.";
  assertEquals(
    say("stopping"),
    `Server be/s2 is stopping, changed from CLI. 1 active and 1 backup servers online. ${tail}`,
  );
  assertEquals(say("stopping"), "");
  assertEquals([status(1), sequence(f.backend(), 3)], ["NOLB", "111"]);
  assertEquals(say("up"), `Server be/s2 is UP, changed from CLI. 2 active and 1 backup servers online. ${tail}`);
  assertEquals([status(1), sequence(f.backend(), 4).replaceAll("1", "").length], ["UP", 2]);
  assertEquals(say("down").slice(0, 41), "Server be/s2 is DOWN, changed from CLI. 1");
  assertEquals(
    say("stopping"),
    `Server be/s2 is stopping, changed from CLI. 1 active and 1 backup servers online. ${tail}`,
  );
});

Deno.test("CHK-01 status: the shades of the statistics", () => {
  const { f, status } = setUp();
  const shades = [0, 1, 2, 3, 4].map((health) => {
    f.change("be/s2", SERVER.health, health);
    return status(1);
  });
  assertEquals(shades, ["DOWN", "DOWN 1/2", "UP 1/3", "UP 2/3", "UP"]);
  assertEquals(status(0), "no check");
  assertEquals(status(3), "MAINT");
  f.change("be/s2", SERVER.health, 2);
  f.change("be/s2", SERVER.admin, 8);
  assertEquals(status(1), "DRAIN 1/3");
  f.change("be/s2", SERVER.admin, 0);
  f.change("be/s2", SERVER.weight, 0);
  assertEquals(status(1), "UP 1/3", "a weight of 0 does not show");
  f.change("be/s2", SERVER.checkStatus, CHK_L7OKC);
  assertEquals(status(1), "NOLB 1/3");
});

import { assertEquals } from "@std/assert";
import { ProxyFixture } from "../../../tests/conformance/proxy_fixture.ts";
import { SERVER } from "../../table/mod.ts";
import { StatWriter } from "./render.ts";
import { EVERYTHING, selectRows } from "./select.ts";

Deno.test("STATS-01 CSV: text with commas, quotes or line ends is quoted", () => {
  const f = new ProxyFixture("backend be\n server s1 127.0.0.1:80 check\n");
  f.change("be/s1", SERVER.checkStatus, 5);
  const source = {
    shared: f.shared,
    configs: f.configs,
    now: () => f.world.main.clock.now(),
    stopping: () => false,
    addressOf: () => null,
  };
  const said = (text: string) => {
    f.shared.setText(f.server("be/s1").word + SERVER.checkInfo, text);
    const writer = new StatWriter({ format: "csv", desc: false, legends: true });
    const [row] = selectRows(source, EVERYTHING);
    return /,-1,(.*?),,0,0,0,0,/.exec(writer.row(row))?.[1];
  };
  assertEquals(said("Connection refused"), "Connection refused");
  assertEquals(said('a, "b"'), '"a, ""b"""');
  assertEquals(said("two\n\nlines"), "two??lines");
});

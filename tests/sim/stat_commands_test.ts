// `show stat`, `show schema json` and `clear counters` of the runtime API (management.txt 9.1, 9.2, 9.3).
import { assert, assertEquals, assertMatch } from "@std/assert";
import { CLI, cli, OPERATOR, USER } from "./cli.ts";
import { answers, defaults, get, play, type Scene, web } from "./scenario.ts";
import { tableOf } from "./stats.ts";

const CONFIG = `${CLI}${defaults()}${web("    option socket-stats\n    id 4")}
backend other
    balance leastconn
    mode http
    cookie SRV insert
    server a /run/a.sock maxqueue 3 cookie one
    server b [::1]:80 disabled
`;

/** Columns 0 to 99 as the manual lists them. */
const MANUAL =
  `pxname svname qcur qmax scur smax slim stot bin bout dreq dresp ereq econ eresp wretr wredis status weight act bck
chkfail chkdown lastchg downtime qlimit pid iid sid throttle lbtot tracked type rate rate_lim rate_max check_status
check_code check_duration hrsp_1xx hrsp_2xx hrsp_3xx hrsp_4xx hrsp_5xx hrsp_other hanafail req_rate req_rate_max req_tot
cli_abrt srv_abrt comp_in comp_out comp_byp comp_rsp lastsess last_chk last_agt qtime ctime rtime ttime agent_status
agent_code agent_duration check_desc agent_desc check_rise check_fall check_health agent_rise agent_fall agent_health addr
cookie mode algo conn_rate conn_rate_max conn_tot intercepted dcon dses wrew connect reuse cache_lookups cache_hits
srv_icur src_ilim qtime_max ctime_max rtime_max ttime_max eint idle_conn_cur safe_conn_cur used_conn_cur need_conn_est
uweight`.split(/\s+/);

/** Plays a scene in which two requests were served. */
async function served(script: (scene: Scene, ask: (line: string) => Promise<string>) => Promise<void>): Promise<void> {
  await play({ config: CONFIG, server: answers({}) }, async (scene) => {
    for (let i = 0; i < 2; i++) {
      const peer = await scene.connect();
      await peer.send(get("/x", "1.0"));
      await scene.drain(peer);
      peer.close();
    }
    await scene.sleep(100);
    await script(scene, (line) => cli(scene.world, line));
  });
}

const names = (csv: string) => [...tableOf(csv).keys()].join(" ");

Deno.test("API-07 STATS-01 show stat: the 100 columns of the manual in their order, those of modules behind the '-'", async () => {
  await served(async (_, ask) => {
    const csv = await ask("show stat");
    assert(csv.endsWith(",\n\n"), "an empty line ends it");
    const columns = csv.split("\n")[0].slice(2).split(",");
    assertEquals(MANUAL.length, 100);
    assertEquals(columns.slice(0, 100), MANUAL);
    assert(columns.indexOf("-") >= 100 && columns.indexOf("h1_open_connections") > columns.indexOf("-"));
    assertEquals(names(csv), "web/FRONTEND web/sock-1 app/s app/BACKEND other/a other/b other/BACKEND");
    const rows = tableOf(csv);
    const row = rows.get("web/FRONTEND")!;
    assertEquals([row.stot, row.req_tot, row.hrsp_2xx, row.iid, row.type, row.status], [
      "2",
      "2",
      "2",
      "4",
      "0",
      "OPEN",
    ]);
    assertEquals(rows.get("other/BACKEND")!.algo, "leastconn");
    assertEquals(["web/sock-1", "other/a", "other/b"].map((name) => rows.get(name)!.addr), [
      "10.0.0.1:80",
      "unix",
      "[::1]:80",
    ]);
    const cookies = ["other/a", "other/b", "other/BACKEND", "app/BACKEND"].map((name) => rows.get(name)!.cookie);
    assertEquals(cookies, ["one", "", "SRV", ""]);
    assertEquals([rows.get("other/a")!.qlimit, rows.get("other/b")!.qlimit], ["3", ""]);
  });
});

Deno.test("API-07 show stat: selections, up, no-maint, domain", async () => {
  await served(async (_, ask) => {
    const shown = async (words: string) => names(await ask(`show stat ${words}`));
    assertEquals(await shown("4 1 -1"), "web/FRONTEND");
    assertEquals(await shown("web -1 -1"), "web/FRONTEND web/sock-1");
    assertEquals(await shown("other 4 2"), "other/b");
    assertEquals(await shown("-1 2 -1"), "app/BACKEND other/BACKEND");
    assertEquals(await shown("other 6 -1"), "other/a other/b other/BACKEND");
    assertEquals(await shown("99 1 -1"), "");
    assertEquals(await shown("domain proxy other 4 -1 up"), "other/a");
    assertEquals(await shown("no-maint other 4 -1"), "web/FRONTEND web/sock-1 app/s app/BACKEND other/a other/BACKEND");
    assertEquals(await shown("up"), "web/FRONTEND web/sock-1 app/s app/BACKEND other/a other/BACKEND");
    assertEquals(await ask("show stat nosuch 1 -1"), "No such proxy.\n\n");
    assertEquals(await ask("show stat domain foo"), "Invalid statistics domain.\n\n");
  });
});

Deno.test("API-07 show stat typed and desc: one value a line, with origin, nature, scope and type", async () => {
  await served(async (_, ask) => {
    const typed = (await ask("show stat app 4 1 typed")).trimEnd().split("\n");
    const lines = new Set(typed);
    for (
      const line of [
        "S.1.1.0.pxname.1:KNS:str:app",
        "S.1.1.7.stot.1:MCP:u64:2",
        "S.1.1.17.status.1:SGP:str:no check",
        "S.1.1.19.act.1:SGP:u32:1",
        "S.1.1.73.addr.1:CGS:str:10.0.1.1:80",
        "S.1.1.55.lastsess.1:MAP:s32:0",
      ]
    ) assert(lines.has(line), `${line}\n${typed.join("\n")}`);
    const form = /^S\.1\.1\.\d+\.\w+\.1:[MSKCP][AaCDGLMmNORT][CPSs]:(s32|s64|u32|u64|str):.*$/;
    assertEquals(typed.filter((line) => !form.test(line)), []);
    const backend = await ask("show stat app 2 -1 typed");
    assert(backend.includes("\nB.1.0.19.act.1:MGP:u32:1\n"), "other tags for backends");
    const desc = await ask("show stat app 4 1 typed desc");
    assertMatch(desc, /^S\.1\.1\.0\.pxname\.1:KNS:str:app:"Name of the proxy"\n/);
    assert(desc.trimEnd().split("\n").every((line) => /:"[^"]+"$/.test(line)));
  });
});

interface Item {
  readonly objType: string;
  readonly proxyId: number;
  readonly id: number;
  readonly field: { readonly pos: number; readonly name: string };
  readonly tags: { readonly origin: string; readonly nature: string; readonly scope: string };
  readonly value: { readonly type: string; readonly value: unknown };
}

Deno.test("API-07 show stat json, and the schema it follows", async () => {
  await served(async (scene, ask) => {
    const objects = JSON.parse(await ask("show stat json")) as Item[][];
    assertEquals(objects.map((o) => o[0].objType).join(" "), "Frontend Listener Server Backend Server Server Backend");
    const name = objects[0][0];
    assertEquals([name.proxyId, name.id, name.field, name.value], [4, 0, { pos: 0, name: "pxname" }, {
      type: "str",
      value: "web",
    }]);
    assertEquals(await ask("show stat 99 1 -1 json"), "[]\n\n");
    const schema = JSON.parse(await cli(scene.world, "show schema json", USER));
    const { tags, typedValue } = schema.definitions;
    const item = schema.oneOf[1].items.items;
    for (const object of objects.flat()) {
      for (const key of item.required) assert(key in object, key);
      assert(item.properties.objType.enum.includes(object.objType));
      for (const key of ["origin", "nature", "scope"] as const) {
        assert(tags.properties[key].enum.includes(object.tags[key]));
      }
      const value = typedValue.definitions[`${object.value.type}Value`].properties.value;
      assertEquals(typeof object.value.value, value.type === "string" ? "string" : "number", object.field.name);
    }
  });
});

Deno.test("API-07 show stat at level user: no addresses, no algorithm", async () => {
  await served(async (scene) => {
    const rows = tableOf(await cli(scene.world, "show stat", USER));
    assertEquals([rows.get("other/b")!.addr, rows.get("other/BACKEND")!.algo, rows.get("app/s")!.stot], ["", "", "2"]);
    assertEquals(tableOf(await cli(scene.world, "show stat", OPERATOR)).get("other/BACKEND")!.algo, "leastconn");
  });
});

Deno.test("API-07 clear counters: the maxima, or with all everything that was counted", async () => {
  await served(async (scene, ask) => {
    const row = async () => {
      const { stot, smax, hrsp_2xx, h1_total_streams } = tableOf(await ask("show stat")).get("web/FRONTEND")!;
      return [stot, smax, hrsp_2xx, h1_total_streams].join(" ");
    };
    assertEquals(await row(), "2 1 2 2");
    assertEquals(await cli(scene.world, "clear counters", USER), "Permission denied\n\n");
    assertEquals(await cli(scene.world, "clear counters all", OPERATOR), "Permission denied\n\n");
    assertEquals(await row(), "2 1 2 2");
    assertEquals(await cli(scene.world, "clear counters", OPERATOR), "\n");
    assertEquals(await row(), "2 0 2 2");
    assertEquals(await ask("clear counters all"), "\n");
    assertEquals(await row(), "0 0 0 0");
    const peer = await scene.connect();
    await peer.send(get("/x", "1.0"));
    await scene.drain(peer);
    peer.close();
    await scene.sleep(50);
    assertEquals(await row(), "1 1 1 1");
  });
});

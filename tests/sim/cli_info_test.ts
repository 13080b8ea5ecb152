// "show info" on virtual time: what it counts is what happened.
import { assert, assertEquals } from "@std/assert";
import { CLI, cli } from "./cli.ts";
import { startProxy } from "./proxy_world.ts";
import { get, play, type Scene, WEB } from "./scenario.ts";

const CONFIG = `
    maxconn 50
    maxconnrate 200
    node sim.example
    description a test
${CLI}
frontend web
    mode http
    timeout client 60s
    bind 10.0.0.1:80
    http-request return status 200 content-type text/plain string hello
`;

async function info(scene: Scene): Promise<Map<string, string>> {
  const text = await cli(scene.world, "show info");
  assert(text.endsWith("\n\n") && !text.includes("\n\n\n"));
  return new Map(text.trimEnd().split("\n").map((line) => line.split(": ") as [string, string]));
}

function pick(all: Map<string, string>, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, all.get(name)]));
}

Deno.test("API-06 GLOB-01 PROC-22 show info: connections, requests, rates, limits, what is lost and where", async () => {
  await play({ config: CONFIG, threads: 2 }, async (scene) => {
    assertEquals(
      pick(await info(scene), [
        "Name",
        "Nbthread",
        "Process_num",
        "Uptime",
        "Maxconn",
        "Hard_maxconn",
        "CurrConns",
        "CumConns",
        "ConnRateLimit",
        "SessRateLimit",
        "node",
        "description",
        "Stopping",
        "Listeners",
        "DroppedLogs",
        "Tainted",
        "Idle_pct",
      ]),
      {
        Name: "HAProxy",
        Nbthread: "2",
        Process_num: "1",
        Uptime: "0d 0h00m00s",
        Maxconn: "50",
        Hard_maxconn: "50",
        CurrConns: "0",
        CumConns: "1",
        ConnRateLimit: "200",
        SessRateLimit: "0",
        node: "sim.example",
        description: "a test",
        Stopping: "0",
        Listeners: "4",
        DroppedLogs: "0",
        Tainted: "0",
        Idle_pct: "100",
      },
    );
    await scene.sleep(72_184_000);
    const peers = [];
    for (let i = 0; i < 5; i++) {
      const peer = await scene.connect(WEB);
      peers.push(peer);
      for (let n = 0; n < 2; n++) {
        await peer.send(get("/"));
        await peer.until("hello");
      }
    }
    const names = ["Uptime", "CurrConns", "CumConns", "CumReq", "ConnRate", "MaxConnRate", "SessRate", "MaxSessRate"];
    assertEquals(pick(await info(scene), [...names, "Jobs"]), {
      Uptime: "0d 20h03m04s",
      CurrConns: "5",
      CumConns: "7",
      CumReq: "12",
      ConnRate: "5",
      MaxConnRate: "5",
      SessRate: "5",
      MaxSessRate: "5",
      Jobs: "10",
    });
    scene.world.process.cpuMs = 1500;
    for (const peer of peers) peer.close();
    await scene.sleep(2000);
    const after = await info(scene);
    assertEquals(pick(after, ["CurrConns", "ConnRate", "MaxConnRate"]), {
      CurrConns: "0",
      ConnRate: "0",
      MaxConnRate: "5",
    });
    // Two threads for two seconds, of which 1.5 were used.
    assertEquals(after.get("Idle_pct"), "62");
    // Ten answers of the same length.
    const sent = Number(after.get("TotalBytesOut"));
    assert(sent > 10 * "hello".length && sent % 10 === 0, `${sent}`);
    assertEquals(after.get("BytesOutRate"), "0");
    assert(Number(after.get("PoolAlloc_bytes")) > 0);
  });
});

Deno.test("API-06 show info: typed, json, desc, float", async () => {
  await play({ config: CONFIG }, async (scene) => {
    await scene.sleep(1500);
    const line = async (command: string, pattern: RegExp) =>
      (await cli(scene.world, command)).split("\n").find((l) => pattern.test(l));
    assertEquals(await line("show info typed", /Maxconn/), "15.Maxconn.1:CLP:u32:50");
    assertEquals(await line("show info desc", /^Name/), 'Name: HAProxy:"Product name"');
    assertEquals(await line("show info typed desc", /Name/), '0.Name.1:POS:str:HAProxy:"Product name"');
    assertEquals(await line("show info typed float", /ConnRate\./), "26.ConnRate.1:MRP:flt:0");
    assertEquals(await line("show info", /Uptime_sec/), "Uptime_sec: 1");
    assert(/^Uptime_sec: 1\.50\d+$/.test((await line("show info float", /Uptime_sec/))!));
    const json = JSON.parse(await cli(scene.world, "show info json"));
    assertEquals(json[0], {
      field: { pos: 0, name: "Name" },
      processNum: 1,
      tags: { origin: "Product", nature: "Output", scope: "Service" },
      value: { type: "str", value: "HAProxy" },
    });
    assertEquals(json.find((f: { field: { name: string } }) => f.field.name === "Maxconn").value, {
      type: "u32",
      value: 50,
    });
  });
});

Deno.test("PROC-22 show info: -n and -N are what the limits show", async () => {
  const proxy = await startProxy({
    config: `global\n${CONFIG.replace("maxconn 50", "")}`,
    maxconn: 33,
    proxyMaxconn: 7,
  });
  const { world } = proxy;
  const text = await world.wait(cli(world, "show info"));
  assert(/\nMaxconn: 33\nHard_maxconn: 33\n/.test(text), text);
  const [header, front] = (await world.wait(cli(world, "show stat"))).slice(2).split("\n").map((line) =>
    line.split(",")
  );
  assertEquals(front[header.indexOf("slim")], "7");
  await proxy.stop();
});

// Commands at random: whatever is asked, every answer ends with an empty line, nothing breaks, and traffic goes on.
import { assert, assertEquals } from "@std/assert";
import { commandEntries } from "../../src/obs/mod.ts";
import { Prng } from "../../src/base/mod.ts";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { CLI, cli, open } from "./cli.ts";
import { startProxy } from "./proxy_world.ts";
import { get, SERVER, WEB } from "./scenario.ts";

const CONFIG = `
global
${CLI}
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend web
    bind 10.0.0.1:80
    default_backend app
frontend raw
    mode tcp
    bind 10.0.0.1:81
    default_backend rawapp
backend app
    server s1 10.0.1.1:80 check inter 500ms
    server s2 10.0.1.1:80 backup
backend rawapp
    mode tcp
    balance source
    server r 10.0.1.1:80 maxconn 2
`;

/** Words that commands take, and some that they do not. */
const WORDS = [
  ...["app/s1", "app/s2", "rawapp/r", "app/", "/", "nobody/s1", "#3/#1", "web", "raw", "app", "#1", "0x100000001", "x"],
  ...[
    "state",
    "ready",
    "drain",
    "maint",
    "weight",
    "10",
    "50%",
    "-1",
    "256",
    "health",
    "up",
    "down",
    "stopping",
    "addr",
  ],
  ...[
    "10.0.1.1",
    "::1",
    "port",
    "80",
    "99999",
    "check-port",
    "check-addr",
    "agent",
    "global",
    "cli",
    "all",
    "older",
    "1s",
  ],
  ...[
    "typed",
    "json",
    "desc",
    "float",
    "susp",
    "show-uri",
    "help",
    "request",
    "response",
    "on",
    "off",
    "-1",
    "0",
    "",
    "\\;",
  ],
  ...["proc.x", "str(a)", "expr", "fmt", "@1", "\\", "<<", "'", '"', "\x00", "\xff", "9".repeat(30), "a".repeat(300)],
];

/** Commands whose point is to take long. */
const SLOW = ["wait"];

Deno.test("API-02 API-10 commands at random: answers are whole, nothing breaks, traffic goes on", async () => {
  const names = commandEntries.map((entry) => entry.name).filter((name) => !SLOW.includes(name));
  for (let seed = 1; seed <= 15; seed++) {
    const random = new Prng(seed);
    const proxy = await startProxy({
      config: CONFIG,
      threads: 2,
      seed,
      alerts: /has no server available!$/,
      before: (world) => {
        world.serve(SERVER, async (peer: Peer) => {
          while ((await peer.until("\r\n\r\n")).endsWith("\r\n\r\n")) {
            await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
          }
        });
      },
    });
    const { world } = proxy;
    let traffic = true;
    const load = (async () => {
      while (traffic) {
        const peer = await world.connect(WEB);
        if (typeof peer !== "number") {
          await peer.send(random.below(4) === 0 ? "GET /b c HTTP/1.1\r\n\r\n" : get("/"));
          await peer.until("\r\n\r\n");
          peer.close();
        }
        await new Promise<void>((wake) => void world.core.after(world.core.nobody, 20, wake));
      }
    })();
    const ask = async () => {
      const words = [random.pick(names), ...Array.from({ length: random.below(5) }, () => random.pick(WORDS))];
      const text = words.join(" ");
      const peer = await open(world);
      await peer.send(`${text}\n\n\n`);
      peer.shutdown();
      const answer = await peer.rest();
      peer.close();
      const quit = words[0] === "quit";
      assert(
        quit || /(?:^|\n)\n(?:> )?$/.test(answer),
        `seed ${seed}: ${JSON.stringify(text)} -> ${JSON.stringify(answer)}`,
      );
    };
    for (let i = 0; i < 60; i++) await world.wait(ask());
    await world.wait(cli(world, "enable frontend web;set maxconn frontend web 100;set maxconn global 0"));
    assertEquals(await world.wait(cli(world, "echo alive")), "alive\n\n");
    traffic = false;
    await world.wait(load);
    await proxy.stop();
  }
});

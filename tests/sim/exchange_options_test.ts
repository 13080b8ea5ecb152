// Options about HTTP exchanges that need a whole proxy to be seen (configuration.txt 4.2).
import { assert, assertEquals, assertMatch } from "@std/assert";
import { C, type Column, frontendRow, listenerRow, serverRow } from "../../src/table/mod.ts";
import { answers, defaults, get, play, RAW, raw, type Scene, web } from "./scenario.ts";

function total(scene: Scene, row: number, column: Column): number {
  return scene.proxy.process.shared.total(row, column);
}

Deno.test("H1-02 option http-use-proxy-header: who takes Sluice for a proxy is asked as by a proxy", async () => {
  const answer = async (option: string, target: string) => {
    let text = "";
    const front = `${option}\n    http-request auth realm x`;
    await play({ config: defaults() + web(front), server: answers({}) }, async (scene) => {
      const peer = await scene.connect();
      await peer.send(`${target.startsWith("*") ? "OPTIONS" : "GET"} ${target} HTTP/1.0\r\nhost: a\r\n\r\n`);
      text = (await scene.drain(peer)).text;
      peer.close();
    });
    const field = /^(\S+)-authenticate: Basic realm="x"\r$/m.exec(text);
    return `${text.slice(9, 12)} ${field?.[1]}`;
  };
  const on = "    option http-use-proxy-header";
  assertEquals(await answer(on, "http://a/x"), "407 proxy");
  assertEquals(await answer(on, "/x"), "401 www");
  assertEquals(await answer(on, "*"), "401 www");
  assertEquals(await answer("", "http://a/x"), "401 www");
});

Deno.test("PROC-07 option idle-close-on-response: a soft stop lets an idle client send one more request", async () => {
  const seen = async (option: string) => {
    let text = "";
    let before = 0;
    const config = defaults("    timeout http-keep-alive 3s") + web(option);
    await play({ config, server: answers({}) }, async (scene) => {
      const peer = await scene.connect();
      await peer.send(get("/"));
      await peer.until("ok");
      scene.proxy.process.softStop();
      await scene.sleep(500);
      before = peer.ended;
      await peer.send(get("/"));
      text = (await scene.drain(peer)).text;
      peer.close();
    });
    return { text, before };
  };
  const kept = await seen("    option idle-close-on-response");
  assertMatch(kept.text, /^HTTP\/1.1 200 OK\r\n[^]*connection: close\r\n[^]*ok$/);
  assertEquals((await seen("")).text, "", "closed at once without it");
});

Deno.test("option contstats: bytes are counted while a stream goes on", async () => {
  const counted = async (option: string) => {
    const at: number[] = [];
    const config = defaults("    timeout server 20s\n    timeout client 20s") + raw(option);
    const played = await play({
      config,
      server: (scene) => async (peer) => {
        for (let i = 0; i < 12; i++) {
          await peer.send("x".repeat(1000));
          await scene.sleep(1000);
        }
      },
    }, async (scene) => {
      const peer = await scene.connect(RAW);
      for (let i = 0; i < 12; i++) {
        await peer.exactly(1000);
        if (i === 4 || i === 7) at.push(total(scene, frontendRow(0), C.bout));
      }
      await scene.drain(peer);
      peer.close();
    });
    await Promise.resolve();
    at.push(total(played, frontendRow(0), C.bout), total(played, serverRow(played.proxy.process.layout, 0), C.bout));
    return at;
  };
  const [none, some, end, server] = await counted("    option contstats");
  assertEquals([none, end, server], [0, 12000, 12000]);
  assert(some >= 5000 && some <= 8000, String(some));
  assertEquals(await counted(""), [0, 0, 12000, 12000]);
});

Deno.test("option socket-stats: each listening socket has counters of its own", async () => {
  const counted = async (option: string) => {
    const config = defaults() + web(`    bind 10.0.0.1:88\n${option}`);
    const played = await play({ config, server: answers({}) }, async (scene) => {
      for (const port of [80, 88, 88]) {
        const peer = await scene.connect({ family: "ipv4", host: "10.0.0.1", port });
        await peer.send(port === 80 ? "broken\r\n\r\n" : get("/", "1.0"));
        await scene.drain(peer);
        peer.close();
      }
    });
    const { layout } = played.proxy.process;
    return [0, 1].map((i) => {
      const row = listenerRow(layout, i);
      return [total(played, row, C.bin) > 0, total(played, row, C.bout) > 0, total(played, row, C.ereq)];
    });
  };
  assertEquals(await counted("    option socket-stats"), [[false, true, 1], [true, true, 0]]);
  assertEquals(await counted(""), [[false, false, 0], [false, false, 0]]);
});

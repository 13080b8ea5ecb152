// option independent-streams: a side that is sent data, and sends none itself, times out all the same.
import { assert, assertEquals } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { defaults, play, RAW, raw, type Scene, termination } from "./scenario.ts";

const OPTION = "    option independent-streams";

/** One peer sends a byte every 300 ms, the other one listens, until the connection ends: after how long, and how. */
async function oneWay(front: string, back: string, clientSends: boolean): Promise<{ at: number; letters: string }> {
  const send = async (peer: Peer, scene: Scene) => {
    for (let i = 0; i < 15 && peer.ended === 0; i++) {
      await peer.send("x");
      await scene.sleep(300);
    }
  };
  const server = (scene: Scene) => (peer: Peer) => clientSends ? peer.rest().then(() => {}) : send(peer, scene);
  const config = defaults("    timeout client 1s\n    timeout server 1s") + raw(front, back);
  const { log } = await play({ config, server }, async (s) => {
    const peer = await s.connect(RAW);
    if (clientSends) await send(peer, s);
    else await peer.rest();
    peer.close();
  });
  return { at: Number(/ \d+\/\d+\/(\d+) /.exec(log[0])![1]), letters: termination(log[0]) };
}

Deno.test("TCP-01 option independent-streams: data sent does not put the read timeout off", async () => {
  for (const clientSends of [true, false]) {
    const kept = await oneWay("", "", clientSends);
    assert(kept.at >= 4000, `${kept.at}`);
    const other = await oneWay(clientSends ? OPTION : "", clientSends ? "" : OPTION, clientSends);
    assert(other.at >= 4000, `of the side that sends: ${other.at}`);
    const cut = await oneWay(clientSends ? "" : OPTION, clientSends ? OPTION : "", clientSends);
    assert(cut.at >= 1000 && cut.at < 1600, `${cut.at}`);
    assertEquals(cut.letters, clientSends ? "sD" : "cD");
  }
});

// option nolinger: how connections end, of clients in a frontend and of servers in a backend.
import { assertEquals } from "@std/assert";
import { IO_END, IO_RESET } from "../../src/sys/types.ts";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { defaults, get, play, RAW, raw, web } from "./scenario.ts";

const OPTION = "    option nolinger";
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Codes of the end as the client and the server see it. */
async function ends(http: boolean, front: string, back: string): Promise<number[]> {
  const codes: number[] = [0, 0];
  const server = () => async (peer: Peer) => {
    await peer.until(http ? "\r\n\r\n" : "x");
    await peer.send(http ? OK : "ok");
    // In TCP mode the server ends first.
    if (!http) peer.shutdown();
    await peer.rest();
    codes[1] = peer.ended;
  };
  const sections = http ? web(`${front}\n    option httpclose`, back) : raw(front, back);
  await play({ config: defaults() + sections, server }, async (s) => {
    const peer = await s.connect(http ? undefined : RAW);
    await peer.send(http ? get("/") : "x");
    await peer.until("ok");
    await peer.rest();
    codes[0] = peer.ended;
    peer.close();
  });
  return codes;
}

Deno.test("TCP-01 option nolinger: connections of its side end with RST, those of the other side with FIN", async () => {
  assertEquals(await ends(true, "", ""), [IO_END, IO_END]);
  assertEquals(await ends(true, OPTION, ""), [IO_RESET, IO_END]);
  assertEquals(await ends(true, "", OPTION), [IO_END, IO_RESET]);
  assertEquals(await ends(false, "", OPTION), [IO_END, IO_RESET]);
});

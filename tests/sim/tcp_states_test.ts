// How TCP streams end, as logs tell it (configuration.txt 8.2.2, 8.4, 8.5): the letters, the timers and the bytes of every way,
// as the packaged haproxy gives them for the same.
import { assert, assertEquals } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { IO_END } from "../../src/sys/types.ts";
import { defaults, play, RAW, raw, type Scene } from "./scenario.ts";

const HOLE = { family: "ipv4", host: "10.0.1.1", port: 80 } as const;

/** Timers rounded down to tens of ms: the way through the simulated network is no part of them. */
function figures(line: string): string {
  const found = / (\S+)\/(\S+) (-?\d+)\/(-?\d+)\/(\d+) (\d+) (\S\S) \d+\/\d+\/\d+\/\d+\/\d+ /.exec(line);
  if (found === null) throw new Error(line);
  const tens = (text: string) => text === "-1" ? "-1" : String(Math.floor(Number(text) / 10) * 10);
  const [, , server, queue, connect, total, bytes, letters] = found;
  return `${server} ${tens(queue)}/${tens(connect)}/${tens(total)} ${bytes} ${letters}`;
}

interface Ending {
  readonly what: string;
  /** "server Tw/Tc/Tt bytes letters". */
  readonly want: string;
  /** More statements of the frontend and of the backend, options of the server line. */
  readonly front?: string;
  readonly back?: string;
  readonly line?: string;
  /** What the server does behind the first bytes; null: nobody listens; "hole": nobody answers. */
  readonly server?: ((peer: Peer, scene: Scene) => Promise<unknown>) | null | "hole";
  /** What the client does behind its first bytes. */
  readonly client?: (peer: Peer, scene: Scene) => Promise<unknown>;
  /** How the client sees the end. */
  readonly code?: number;
}

const silent = (_: Peer, scene: Scene) => scene.sleep(9000);
const waits = (peer: Peer) => peer.rest();

const ENDINGS: readonly Ending[] = [
  {
    what: "the server refuses",
    want: "s 0/-1/0 0 SC",
    server: null,
  },
  {
    what: "the server does not answer the connect",
    want: "s 0/-1/300 0 sC",
    server: "hole",
  },
  {
    what: "no server is usable",
    want: "<NOSRV> -1/-1/0 0 SC",
    line: "disabled",
  },
  {
    what: "the client leaves while the connect goes on, `option abortonclose`",
    want: "s 0/-1/100 0 CC",
    back: "    option abortonclose",
    server: "hole",
    client: async (peer, scene) => {
      await scene.sleep(100);
      peer.close();
    },
  },
  {
    what: "the server says nothing",
    want: "s 0/0/2000 0 sD",
    server: silent,
  },
  {
    what: "the client says nothing any more",
    want: "s 0/0/4000 5 cD",
    back: "    timeout server 20s",
    server: async (peer, scene) => {
      await peer.send("there");
      await silent(peer, scene);
    },
  },
  {
    what: "nobody says anything in a tunnel",
    want: "s 0/0/500 0 cD",
    back: "    timeout tunnel 500ms",
    server: silent,
  },
  {
    what: "the client has ended, and the server says nothing for `timeout server-fin`",
    want: "s 0/0/400 0 sD",
    back: "    timeout server-fin 300ms",
    server: silent,
    client: async (peer, scene) => {
      await scene.sleep(100);
      peer.shutdown();
    },
  },
  {
    what: "the server has ended, and the client says nothing for `timeout client-fin`",
    want: "s 0/0/700 0 cD",
    front: "    timeout client-fin 600ms",
    server: async (peer, scene) => {
      await scene.sleep(100);
      peer.shutdown();
      await silent(peer, scene);
    },
    client: (_, scene) => scene.sleep(2000),
  },
  {
    what: "the server resets",
    want: "s 0/0/100 5 SD",
    server: async (peer, scene) => {
      await peer.send("there");
      await scene.sleep(100);
      peer.reset();
    },
  },
  {
    what: "the client resets",
    want: "s 0/0/100 5 CD",
    server: async (peer) => {
      await peer.send("there");
      await peer.rest();
    },
    client: async (peer, scene) => {
      await scene.sleep(100);
      peer.reset();
    },
  },
  {
    what: "the server answers and ends before the upload does",
    want: "s 0/0/200 5 --",
    server: async (peer, scene) => {
      await peer.send("early");
      peer.shutdown();
      await scene.sleep(150);
      await peer.rest();
    },
    client: async (peer, scene) => {
      for (let i = 0; i < 10; i++) {
        await peer.send("more");
        await scene.sleep(20);
      }
      peer.shutdown();
    },
    code: IO_END,
  },
  {
    what: "both end in order",
    want: "s 0/0/100 5 --",
    server: async (peer) => {
      await peer.rest();
      await peer.send("there");
    },
    client: async (peer, scene) => {
      await scene.sleep(100);
      peer.shutdown();
    },
    code: IO_END,
  },
  {
    what: "a rule refuses what the client sent",
    want: "<NOSRV> -1/-1/0 0 PR",
    front: "    tcp-request content reject",
    server: waits,
  },
  {
    what: "a rule refuses what the server sent",
    want: "s 0/0/0 0 PD",
    back: "    tcp-response content reject",
    server: async (peer) => {
      await peer.send("there");
      await peer.rest();
    },
  },
];

for (const ending of ENDINGS) {
  Deno.test(`LOG-07 TCP-01 ${ending.want.slice(-2)}: ${ending.what}`, async () => {
    const { server = waits, client } = ending;
    let code = 0;
    const { log } = await play({
      config: defaults() + raw(ending.front, ending.back, ending.line),
      server: server === null || server === "hole" ? undefined : (scene) => async (peer) => {
        await peer.more();
        await server(peer, scene);
      },
      before: (world) => {
        if (server === "hole") world.blackhole(HOLE);
      },
    }, async (s) => {
      const peer = await s.connect(RAW);
      await peer.send("hello");
      await client?.(peer, s);
      code = (await s.drain(peer)).code;
      peer.close();
    });
    assertEquals(log.map(figures), [ending.want], log.join("\n"));
    if (ending.code !== undefined) assertEquals(code, ending.code);
  });
}

/** Two clients of a server that takes one connection: how the second ends. */
async function second(
  back: string,
  client: (peer: Peer, scene: Scene) => Promise<unknown>,
  line = "",
): Promise<string> {
  const { log } = await play({
    config: defaults() + raw("", back, `maxconn 1 ${line}`),
    server: () => (peer) => peer.rest(),
  }, async (s) => {
    const first = await s.connect(RAW);
    await first.send("one");
    await s.sleep(100);
    const other = await s.connect(RAW);
    await other.send("two");
    await client(other, s);
    await s.drain(other);
    other.close();
    first.close();
  });
  return figures(log[0]);
}

Deno.test("LOG-07 QUE-03 sQ: the client waited in the queue for `timeout queue`", async () => {
  assertEquals(await second("", async () => {}), "<NOSRV> 400/-1/400 0 sQ");
});

Deno.test("LOG-07 CQ: the client left the queue, `option abortonclose`", async () => {
  const close = async (peer: Peer, scene: Scene) => {
    await scene.sleep(100);
    peer.close();
  };
  assertEquals(await second("    option abortonclose", close), "<NOSRV> 100/-1/100 0 CQ");
});

Deno.test("TCP-01 a timeout in the same turn as data ends the stream once, and loses no buffer", async () => {
  for (let ms = 1990; ms <= 2010; ms++) {
    const { log } = await play({
      config: defaults() + raw("    timeout client 20s"),
      server: (scene) => async (peer) => {
        await peer.more();
        await scene.sleep(ms);
        await peer.send("late");
        await scene.sleep(9000);
      },
    }, async (s) => {
      const peer = await s.connect(RAW);
      await peer.send("hello");
      const { text } = await s.drain(peer);
      assert(text === "" || text === "late");
      peer.close();
    });
    assertEquals(log.length, 1);
    assert(log[0].includes(" sD "), log[0]);
  }
});

Deno.test("TCP-01 a stalled reader holds a bounded number of buffers, and nobody else's", async () => {
  const CLIENTS = 8;
  const ALL = 2_000_000;
  let held = 0;
  await play({
    config: defaults() + raw("    timeout client 60s", "    timeout server 60s"),
    server: () => async (peer) => {
      const name = await peer.exactly(1);
      for (let sent = 0; sent < ALL; sent += 10_000) {
        if (await peer.send(name.repeat(10_000)) < 0) return;
      }
    },
  }, async (s) => {
    const peers = [];
    for (let i = 0; i < CLIENTS; i++) {
      const peer = await s.connect(RAW);
      await peer.send(String(i));
      peers.push(peer);
    }
    await s.sleep(2000);
    held = s.world.thread(1).blocks.outstanding;
    // Two messages that logs may ask for, and a full buffer on its way with the one behind it.
    assert(held <= CLIENTS * 4, `${held} blocks for ${CLIENTS} streams`);
    await s.sleep(2000);
    assertEquals(s.world.thread(1).blocks.outstanding, held, "no more than before");
    // One that reads goes on while the others stand, to its last byte.
    const { text } = await s.drain(peers[3]);
    assertEquals([text.length, text.replaceAll("3", "")], [ALL, ""]);
    peers[3].close();
    await s.sleep(10);
    assert(s.world.thread(1).blocks.outstanding < held);
    for (const peer of peers) peer.reset();
    await s.sleep(10);
    assertEquals(s.world.thread(1).blocks.outstanding, 0);
  });
});

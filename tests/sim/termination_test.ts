// The termination states (configuration.txt 8.5) that exist, each by what causes it, read from the log line.
import { assertEquals, assertMatch } from "@std/assert";
import type { Peer } from "../../src/sys/sim/mod.ts";
import { answers, defaults, get, play, post, RAW, raw, type Scene, termination, web } from "./scenario.ts";

const CUT = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc";
const SERVER = answers({
  "/hole": async (_, scene) => {
    await scene.sleep(9000);
    return false;
  },
  "/fin": () => Promise.resolve(false),
  "/reset": async (peer) => {
    await Promise.resolve(peer.reset());
    return false;
  },
  "/garbage": async (peer) => {
    await peer.send("\0\0\0\r\n\r\n");
    await peer.rest();
    return false;
  },
  "/cut": async (peer) => {
    await peer.send(CUT);
    return false;
  },
  "/stall": async (peer, scene) => {
    await peer.send(CUT);
    await scene.sleep(9000);
    return false;
  },
  "/badchunk": async (peer, scene) => {
    await peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await scene.sleep(20);
    await peer.send("zz\r\n");
    await peer.rest();
    return false;
  },
  "/large": async (peer) => {
    await peer.send(`HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n${"x".repeat(5_000_000)}`);
    return false;
  },
  "/early": async (peer) => {
    await peer.send("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    await peer.rest();
    return false;
  },
  "/earlyclose": async (peer, scene) => {
    await peer.send("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    await scene.sleep(20);
    return false;
  },
});

interface Case {
  readonly state: string;
  readonly what: string;
  /** Status in the log; -1: nothing was sent. */
  readonly status?: number;
  readonly config?: string;
  readonly server?: typeof SERVER | null;
  readonly client: (scene: Scene) => Promise<void>;
}

/** Sends, and reads to the end. */
function sends(text: string): (scene: Scene) => Promise<void> {
  return async (scene) => {
    const peer = await scene.connect();
    await peer.send(text);
    await scene.drain(peer);
    peer.close();
  };
}

/** Sends, waits, and then does something else. */
function sendsThen(
  text: string,
  waitMs: number,
  then: "fin" | "reset" | "close" | ((scene: Scene, peer: Peer) => Promise<void>),
): (scene: Scene) => Promise<void> {
  return async (scene) => {
    const peer = await scene.connect();
    await peer.send(text);
    await scene.sleep(waitMs);
    if (then === "fin") {
      peer.shutdown();
      await scene.drain(peer);
    } else if (then === "reset") peer.reset();
    else if (typeof then === "function") await then(scene, peer);
    peer.close();
  };
}

const QUEUE = defaults() + web("", "", "maxconn 1");
const holdSlot = async (scene: Scene) => {
  const first = await scene.connect();
  await first.send(get("/hole"));
  await scene.sleep(10);
  return first;
};

const CASES: readonly Case[] = [
  { state: "--", what: "all went well", status: 200, client: sends(get("/", "1.0")) },
  { state: "CR", what: "the client ends in its head", status: 400, client: sendsThen("GET / HT", 5, "fin") },
  { state: "CR", what: "the client resets in its head", status: 400, client: sendsThen("GET / HT", 5, "reset") },
  { state: "CR", what: "the client ends before it asks", status: 400, client: sendsThen("", 5, "fin") },
  { state: "cR", what: "the client does not finish its head", status: 408, client: sends("GET / HT") },
  { state: "cR", what: "the client says nothing", status: 408, client: sends("") },
  { state: "PR", what: "the request is not HTTP", status: 400, client: sends("\x16\x03\x01\r\n\r\n") },
  {
    state: "PR",
    what: "the request is denied",
    status: 403,
    config: defaults() + web("    http-request deny"),
    client: sends(get("/", "1.0")),
  },
  {
    state: "PT",
    what: "the request is tarpitted",
    status: 500,
    config: defaults() + web("    http-request tarpit"),
    client: sends(get("/", "1.0")),
  },
  {
    state: "LR",
    what: "the proxy itself answers",
    status: 302,
    config: defaults() + web("    http-request redirect location /x"),
    client: sends(get("/", "1.0")),
  },
  { state: "SC", what: "the server refuses", status: 503, server: null, client: sends(get("/", "1.0")) },
  {
    state: "SC",
    what: "no server is up",
    status: 503,
    config: defaults() + web("", "", "disabled"),
    client: sends(get("/", "1.0")),
  },
  {
    state: "sC",
    what: "the server does not accept in time",
    status: 503,
    config: defaults() + web().replace("10.0.1.1:80", "10.0.9.8:80"),
    client: sends(get("/", "1.0")),
  },
  {
    state: "sQ",
    what: "no slot becomes free in time",
    status: 503,
    config: QUEUE,
    client: async (scene) => {
      const first = await holdSlot(scene);
      await sends(get("/q", "1.0"))(scene);
      first.close();
    },
  },
  {
    state: "SQ",
    what: "the server's queue is full",
    status: 503,
    config: defaults() + web("", "    balance source", "maxconn 1 maxqueue 1"),
    client: async (scene) => {
      const first = await holdSlot(scene);
      const second = await scene.connect();
      await second.send(get("/second"));
      await scene.sleep(10);
      await sends(get("/q", "1.0"))(scene);
      first.close();
      second.close();
    },
  },
  {
    state: "CQ",
    what: "the client closes while it waits for a slot",
    status: -1,
    config: defaults() + web("", "    option abortonclose", "maxconn 1"),
    client: async (scene) => {
      const first = await holdSlot(scene);
      await sendsThen(get("/q"), 50, "close")(scene);
      await scene.sleep(50);
      first.close();
    },
  },
  {
    state: "CH",
    what: "the client closes while it waits for the response",
    status: 400,
    config: defaults() + web("", "    option abortonclose"),
    client: sendsThen(get("/hole"), 50, "close"),
  },
  { state: "SH", what: "the server ends without an answer", status: 502, client: sends(get("/fin", "1.0")) },
  { state: "SH", what: "the server resets instead of an answer", status: 502, client: sends(get("/reset", "1.0")) },
  { state: "sH", what: "the server does not answer in time", status: 504, client: sends(get("/hole", "1.0")) },
  { state: "PH", what: "the response is not HTTP", status: 502, client: sends(get("/garbage", "1.0")) },
  {
    state: "PH",
    what: "the response is denied",
    status: 502,
    config: defaults() + web("", "    http-response deny"),
    client: sends(get("/", "1.0")),
  },
  { state: "SD", what: "the server ends in its body", status: 200, client: sends(get("/cut")) },
  { state: "sD", what: "the server stalls in its body", status: 200, client: sends(get("/stall")) },
  {
    state: "cH",
    what: "the client stalls in its body, and no timeout of the server comes first",
    status: 408,
    config: (defaults() + web()).replace("timeout server 2s", "timeout server 0"),
    client: sends(post("/hole", 9, "abc")),
  },
  {
    state: "PH",
    what: "the chunks of the request break before the server has answered",
    status: 400,
    client: sendsThen(
      "POST /hole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
      20,
      async (scene, peer) => {
        await peer.send("zz\r\n");
        await scene.drain(peer);
      },
    ),
  },
  {
    state: "LH",
    what: "a rule answers in the place of the server",
    status: 201,
    config: defaults() + web("", "    http-response return status 201"),
    client: sends(get("/", "1.0")),
  },
  {
    state: "CC",
    what: "the client closes while the server is connected to",
    status: -1,
    config: defaults() + web("", "    option abortonclose").replace("10.0.1.1:80", "10.0.9.8:80"),
    client: sendsThen(get("/"), 50, "close"),
  },
  {
    state: "CT",
    what: "the client resets in the tarpit",
    status: -1,
    config: defaults("    timeout tarpit 2s") + web("    http-request tarpit"),
    client: sendsThen(get("/"), 50, "reset"),
  },
  {
    state: "PC",
    what: "no connection to the server is allowed any more",
    status: 503,
    config: defaults() + web("", "", "maxconn 1 strict-maxconn") + "    http-reuse never\n",
    client: async (scene) => {
      const first = await scene.connect();
      await first.send(get("/"));
      await first.until("ok");
      await sends(get("/x", "1.0"))(scene);
      first.close();
    },
  },
  { state: "PD", what: "the body of the response breaks", status: 200, client: sends(get("/badchunk")) },
  { state: "CD", what: "the client goes in the response", status: 200, client: sendsThen(get("/large"), 50, "reset") },
  {
    state: "cD",
    what: "the client does not read the response",
    status: 200,
    config: defaults("    timeout server 20s") + web(),
    client: sendsThen(get("/large"), 9000, "close"),
  },
  {
    state: "CD",
    what: "the client ends in its body",
    status: -1,
    client: sendsThen(post("/hole", 9, "abc"), 50, "fin"),
  },
  {
    state: "CD",
    what: "the client ends in its body behind an early response",
    status: 413,
    client: sendsThen(post("/early", 9, "abc"), 50, "fin"),
  },
  {
    state: "cD",
    what: "the client stalls in its body behind an early response",
    status: 413,
    config: defaults("    timeout server 20s") + web(),
    client: sends(post("/early", 9, "abc")),
  },
  {
    state: "SD",
    what: "the server takes no more of the body behind its early response",
    status: 413,
    client: sendsThen(post("/earlyclose", 9, "abc"), 50, async (scene, peer) => {
      await peer.send("d");
      await scene.sleep(5);
      await peer.send("e");
      await scene.drain(peer);
    }),
  },
];

for (const { state, what, status, config, server, client } of CASES) {
  Deno.test(`LOG-07 termination state ${state}: ${what}`, async () => {
    const scene = await play({
      config: config ?? defaults() + web(),
      server: server === null ? undefined : server ?? SERVER,
      before: (world) => world.blackhole({ family: "ipv4", host: "10.0.9.8", port: 80 }),
    }, client);
    const lines = scene.log.filter((line) => / (web|app)\//.test(line));
    const line = lines.find((l) => termination(l) === state);
    assertEquals(line !== undefined, true, `${state} is none of\n${lines.join("\n")}`);
    if (status !== undefined) assertMatch(line!, new RegExp(` ${status} \\d+ - - ${state}-- `));
  });
}

const TCP_CASES:
  readonly (Omit<Case, "status" | "server"> & { readonly server: "talks" | "ends" | "silent" | null })[] = [
    {
      state: "--",
      what: "both ends finish",
      server: "talks",
      client: tcp(async (scene, peer) => {
        peer.shutdown();
        await scene.drain(peer);
      }),
    },
    {
      state: "SC",
      what: "the server refuses",
      server: null,
      client: tcp(async (scene, peer) => void await scene.drain(peer)),
    },
    {
      state: "sD",
      what: "the server is silent",
      server: "silent",
      config: defaults() + raw("    timeout client 20s"),
      client: tcp(async (scene, peer) => void await scene.drain(peer)),
    },
    {
      state: "cD",
      what: "the client is silent",
      server: "silent",
      config: defaults() + raw("", "    timeout server 20s"),
      client: tcp(async (scene, peer) => void await scene.drain(peer)),
    },
    {
      state: "CD",
      what: "the client resets",
      server: "silent",
      client: tcp(async (scene, peer) => {
        await scene.sleep(20);
        peer.reset();
      }),
    },
    {
      state: "SD",
      what: "the server resets",
      server: "ends",
      client: tcp(async (scene, peer) => void await scene.drain(peer)),
    },
    {
      state: "PR",
      what: "a rule rejects",
      server: "talks",
      config: defaults() + raw("    tcp-request content reject"),
      client: tcp(async (scene, peer) => void await scene.drain(peer)),
    },
  ];

function tcp(script: (scene: Scene, peer: Peer) => Promise<void>) {
  return async (scene: Scene) => {
    const peer = await scene.connect(RAW);
    await peer.send("hello");
    await script(scene, peer);
    peer.close();
  };
}

for (const { state, what, config, server, client } of TCP_CASES) {
  Deno.test(`LOG-07 termination state ${state} of TCP: ${what}`, async () => {
    const scene = await play({
      config: config ?? defaults() + raw(),
      server: server === null ? undefined : (scene) => async (peer) => {
        await peer.more();
        if (server === "silent") await scene.sleep(30_000);
        else if (server === "ends") peer.reset();
        else {
          await peer.send("there");
          await peer.rest();
        }
      },
    }, client);
    assertEquals(scene.log.map(termination), [state], scene.log.join("\n"));
  });
}

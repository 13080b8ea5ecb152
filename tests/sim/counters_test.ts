// The columns of the statistics (management.txt 9.1): each moves when its event happens, and only then.
import { assertEquals } from "@std/assert";
import { answers, defaults, get, play, post, RAW, raw, type Scene, web } from "./scenario.ts";
import { moved, stats, STATS_PROXY } from "./stats.ts";

/** A server that answers in every way. */
const SERVER = answers({
  "/404": (peer) => peer.send("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n"),
  "/500": (peer) => peer.send("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"),
  "/304": (peer) => peer.send("HTTP/1.1 304 Same\r\n\r\n"),
  "/junk": async (peer) => {
    await peer.send("junk\r\n\r\n");
    peer.close();
    return false;
  },
  "/silent": async (peer, scene) => {
    await scene.sleep(2500);
    peer.close();
    return false;
  },
  "/cut": async (peer) => {
    await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    peer.close();
    return false;
  },
  "/slow": async (peer, scene) => {
    await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    await scene.sleep(1000);
    await peer.send("defghij");
  },
});

/** One request on a connection of its own; waits for the end of the answer unless told when to leave. */
async function request(scene: Scene, text: string, leaveAfter = -1): Promise<void> {
  const peer = await scene.connect();
  await peer.send(text);
  if (leaveAfter >= 0) await scene.sleep(leaveAfter);
  else await scene.drain(peer);
  peer.close();
  await scene.sleep(200);
}

const closing = (path: string) => get(path, "1.0");

const SOCKETS = "    option socket-stats\n";

/** Rules that deny, answer and fail. */
const RULES = `    option socket-stats
    monitor-uri /monitor
    http-request deny if { path /deny }
    http-request tarpit if { path /tarpit }
    http-request reject if { path /reject }
    http-request silent-drop if { path /drop }
    http-request return status 200 if { path /return }
    redirect location /x if { path /redirect }
    http-response deny if { res.hdr(deny) -m found }`;

function config(front = RULES, back = "", server = ""): string {
  return defaults() + web(front, back, server).replace("bind 10.0.0.1:80", "bind 10.0.0.1:80 name l");
}

interface Case {
  readonly what: string;
  readonly config: string;
  /** Null: nobody listens. */
  readonly server?: null;
  readonly script: (scene: Scene) => Promise<void>;
  readonly moves: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: "an exchange",
    config: config(),
    script: (s) => request(s, closing("/ok")),
    moves: [
      "web/FRONTEND smax stot hrsp_2xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot",
      "app/s smax stot lbtot hrsp_2xx req_tot connect srv_icur idle_conn_cur need_conn_est",
      "app/BACKEND smax stot lbtot hrsp_2xx req_tot connect h1_open_connections h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "http-request deny",
    config: config(),
    script: (s) => request(s, closing("/deny")),
    moves: [
      "web/FRONTEND smax stot dreq hrsp_4xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot dreq",
    ],
  },
  {
    what: "a tarpit",
    config: config(),
    script: (s) => request(s, closing("/tarpit")),
    moves: [
      "web/FRONTEND smax stot dreq hrsp_5xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot dreq",
    ],
  },
  {
    what: "http-request reject",
    config: config(),
    script: (s) => request(s, closing("/reject")),
    moves: [
      "web/FRONTEND smax stot dreq hrsp_other req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot dreq",
    ],
  },
  {
    what: "silent-drop",
    config: config(),
    script: (s) => request(s, closing("/drop")),
    moves: [
      "web/FRONTEND smax stot dreq hrsp_other req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot dreq",
    ],
  },
  {
    what: "http-request return",
    config: config(),
    script: (s) => request(s, closing("/return")),
    moves: [
      "web/FRONTEND smax stot hrsp_2xx req_tot conn_tot intercepted h1_total_connections h1_total_streams",
      "web/l smax stot",
    ],
  },
  {
    what: "a redirect",
    config: config(),
    script: (s) => request(s, closing("/redirect")),
    moves: [
      "web/FRONTEND smax stot hrsp_3xx req_tot conn_tot intercepted h1_total_connections h1_total_streams",
      "web/l smax stot",
    ],
  },
  {
    what: "a monitor request",
    config: config(),
    script: (s) => request(s, closing("/monitor")),
    moves: [
      "web/FRONTEND smax stot hrsp_2xx req_tot conn_tot intercepted h1_total_connections h1_total_streams",
      "web/l smax stot",
    ],
  },
  {
    what: "a response that is none",
    config: config(),
    script: (s) => request(s, closing("/junk")),
    moves: [
      "web/FRONTEND smax stot hrsp_5xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot",
      "app/s smax stot eresp lbtot connect need_conn_est",
      "app/BACKEND smax stot eresp lbtot hrsp_5xx req_tot connect h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "a server that does not answer in time",
    config: config(),
    script: (s) => request(s, closing("/silent")),
    moves: [
      "web/FRONTEND smax stot hrsp_5xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot",
      "app/s smax stot eresp lbtot connect need_conn_est",
      "app/BACKEND smax stot eresp lbtot hrsp_5xx req_tot connect h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "a response that is cut",
    config: config(),
    script: (s) => request(s, closing("/cut")),
    moves: [
      "web/FRONTEND smax stot hrsp_2xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot",
      "app/s smax stot eresp lbtot hrsp_2xx req_tot srv_abrt connect need_conn_est",
      "app/BACKEND smax stot eresp lbtot hrsp_2xx req_tot srv_abrt connect h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "a client that left, as long as nobody knows",
    config: config(),
    script: (s) => request(s, closing("/slow"), 100),
    moves: [
      "web/FRONTEND scur smax stot req_tot conn_tot h1_open_connections h1_open_streams h1_total_connections h1_total_streams",
      "web/l scur smax stot",
      "app/s scur smax stot lbtot hrsp_2xx req_tot connect used_conn_cur need_conn_est",
      "app/BACKEND scur smax stot lbtot req_tot connect h1_open_connections h1_open_streams h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "a request that is none",
    config: config(),
    script: (s) => request(s, "BAD\r\n\r\n"),
    moves: [
      "web/FRONTEND smax stot ereq hrsp_4xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot ereq",
    ],
  },
  {
    what: "a request that is cut",
    config: config(),
    script: (s) => request(s, "GET / HT", 100),
    moves: [
      "web/FRONTEND smax stot ereq hrsp_4xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot ereq",
    ],
  },
  {
    what: "a body that is cut",
    config: config(),
    script: (s) => request(s, post("/slow", 10, "abc"), 100),
    moves: [
      "web/FRONTEND smax stot hrsp_2xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot",
      "app/s smax stot lbtot hrsp_2xx req_tot cli_abrt connect need_conn_est",
      "app/BACKEND smax stot lbtot hrsp_2xx req_tot cli_abrt connect h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "a server that refuses",
    config: config(),
    server: null,
    script: (s) => request(s, closing("/")),
    moves: [
      "web/FRONTEND smax stot hrsp_5xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot",
      "app/s smax stot econ lbtot connect need_conn_est",
      "app/BACKEND smax stot econ lbtot hrsp_5xx req_tot connect",
    ],
  },
  {
    what: "retries",
    config: config(RULES, "    retries 2"),
    server: null,
    script: (s) => request(s, closing("/")),
    moves: [
      "web/FRONTEND smax stot hrsp_5xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot",
      "app/s smax stot+3 econ wretr+2 lbtot connect+3 need_conn_est",
      "app/BACKEND smax stot econ wretr+2 lbtot hrsp_5xx req_tot connect+3",
    ],
  },
  {
    what: "a redispatch",
    config: config(RULES, "    retries 2\n    option redispatch\n    server dead 10.0.1.9:80"),
    script: async (s) => {
      await request(s, closing("/"));
      await request(s, closing("/"));
    },
    moves: [
      "web/FRONTEND smax stot+2 hrsp_2xx+2 req_tot+2 conn_tot+2 h1_total_connections+2 h1_total_streams+2",
      "web/l smax stot+2",
      "app/dead smax stot+2 wredis+2 lbtot+2 connect+2 need_conn_est",
      "app/s smax stot+2 lbtot+2 hrsp_2xx+2 req_tot+2 connect+2 srv_icur+2 idle_conn_cur+2 need_conn_est",
      "app/BACKEND smax stot+2 wredis+2 lbtot+4 hrsp_2xx+2 req_tot+2 connect+4 h1_open_connections+2 h1_total_connections+2 h1_total_streams+2",
    ],
  },
  {
    what: "no server at all",
    config: config(RULES, "", "disabled"),
    script: (s) => request(s, closing("/")),
    moves: [
      "web/FRONTEND smax stot hrsp_5xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot",
      "app/BACKEND smax stot econ hrsp_5xx req_tot",
    ],
  },
  {
    what: "a queue, and a wait in it that was too long",
    config: config(RULES, "", "maxconn 1"),
    script: async (s) => {
      await Promise.all([request(s, closing("/slow")), request(s, closing("/ok"))]);
    },
    moves: [
      "web/FRONTEND smax+2 stot+2 hrsp_2xx hrsp_5xx req_tot+2 conn_tot+2 h1_total_connections+2 h1_total_streams+2",
      "web/l smax+2 stot+2",
      "app/s smax stot lbtot hrsp_2xx req_tot connect srv_icur idle_conn_cur need_conn_est",
      "app/BACKEND qmax smax+2 stot+2 econ lbtot hrsp_2xx hrsp_5xx req_tot+2 connect h1_open_connections h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "a rewrite that fails",
    config: config(`    http-request set-header x ${"y".repeat(900)}\n`.repeat(20)),
    script: (s) => request(s, closing("/ok")),
    moves: [
      "web/FRONTEND smax stot hrsp_5xx req_tot conn_tot wrew eint h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "tcp-request connection reject",
    config: config(SOCKETS + "    tcp-request connection reject"),
    script: (s) => request(s, closing("/ok")),
    moves: [
      "web/FRONTEND smax conn_tot dcon",
      "web/l smax stot dcon",
    ],
  },
  {
    what: "tcp-request session reject",
    config: config(SOCKETS + "    tcp-request session reject"),
    script: (s) => request(s, closing("/ok")),
    moves: [
      "web/FRONTEND smax conn_tot dses",
      "web/l smax stot dses",
    ],
  },
  {
    what: "tcp-request content reject",
    config: config(SOCKETS + "    tcp-request content reject"),
    script: (s) => request(s, closing("/ok")),
    moves: [
      "web/FRONTEND smax stot dreq hrsp_other conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot dreq",
    ],
  },
  {
    what: "http-request deny of a backend",
    config: config("", "    http-request deny"),
    script: (s) => request(s, closing("/ok")),
    moves: [
      "web/FRONTEND smax stot dreq hrsp_4xx req_tot conn_tot h1_total_connections h1_total_streams",
      "app/BACKEND smax stot dreq hrsp_4xx req_tot",
    ],
  },
  {
    what: "http-response deny",
    config: config(SOCKETS + "    http-response deny"),
    script: (s) => request(s, closing("/ok")),
    moves: [
      "web/FRONTEND smax stot dresp hrsp_5xx req_tot conn_tot h1_total_connections h1_total_streams",
      "web/l smax stot dresp",
      "app/s smax stot dresp lbtot hrsp_2xx req_tot connect need_conn_est",
      "app/BACKEND smax stot dresp lbtot hrsp_5xx req_tot connect h1_total_connections h1_total_streams",
    ],
  },
  {
    what: "a connection used twice",
    config: config(),
    script: async (s) => {
      const peer = await s.connect();
      for (let i = 0; i < 2; i++) {
        await peer.send(get("/ok"));
        await peer.until("ok");
      }
      peer.close();
    },
    moves: [
      "web/FRONTEND smax stot hrsp_2xx+2 req_tot+2 conn_tot h1_total_connections h1_total_streams+2",
      "web/l smax stot",
      "app/s smax stot+2 lbtot+2 hrsp_2xx+2 req_tot+2 connect reuse srv_icur idle_conn_cur need_conn_est",
      "app/BACKEND smax stot+2 lbtot+2 hrsp_2xx+2 req_tot+2 connect reuse h1_open_connections h1_total_connections h1_total_streams+2",
    ],
  },
  {
    what: "a TCP stream",
    config: defaults() + raw(),
    script: async (s) => {
      const peer = await s.connect(RAW);
      await peer.send(get("/ok"));
      await peer.until("ok");
      peer.close();
      await s.sleep(100);
    },
    moves: [
      "raw/FRONTEND smax stot conn_tot",
      "rawapp/s smax stot lbtot connect need_conn_est",
      "rawapp/BACKEND smax stot lbtot connect",
    ],
  },
];

for (const { what, config, server = SERVER, script, moves } of CASES) {
  Deno.test(`STATS-01 counters: ${what}`, async () => {
    let found: string[] = [];
    await play({ config: config + STATS_PROXY, server: server ?? undefined }, async (scene) => {
      const before = await stats(scene);
      await script(scene);
      found = moved(before, await stats(scene));
    });
    assertEquals(found, moves);
  });
}

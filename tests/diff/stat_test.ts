// The statistics of the packaged haproxy and of Sluice after the same traffic: the columns that both have, and the values
// that the traffic decides. Each case has a frontend and a backend of its own.
import { assert, assertEquals } from "@std/assert";
import { type Engine, haproxyIsHere, startHaproxy, startSluice } from "./engines.ts";
import { freePort } from "./wire.ts";

interface Case {
  readonly what: string;
  /** Statements of the frontend and of the backend; "" for the usual server: "s" at {server}. */
  readonly front?: string;
  readonly back?: string;
  readonly server?: string;
  /** What each client sends, on a connection of its own, one after the other; then it waits for the end. */
  readonly clients: readonly string[];
  /** What Sluice has on purpose: "f stot", "b econ" and so on with its value, and why. */
  readonly differs?: Readonly<Record<string, string>>;
}

const get = (path: string, fields = "") => `GET ${path} HTTP/1.0\r\nHost: h\r\n${fields}\r\n`;

const CASES: readonly Case[] = [
  { what: "statuses", clients: ["/ok", "/404", "/500", "/304", "/302"].map((path) => get(path)) },
  { what: "deny", front: "http-request deny if { path /x }", clients: [get("/x"), get("/ok")] },
  { what: "tarpit", front: "timeout tarpit 50\n  http-request tarpit", clients: [get("/x")] },
  { what: "reject", front: "http-request reject", clients: [get("/x")] },
  { what: "return", front: "http-request return status 200", clients: [get("/x")] },
  { what: "auth", front: "http-request auth", clients: [get("/x")] },
  { what: "redirect", front: "redirect location /y", clients: [get("/x")] },
  { what: "monitor", front: "monitor-uri /m", clients: [get("/m")] },
  { what: "backend deny", back: "http-request deny", clients: [get("/x")] },
  { what: "backend return", back: "http-request return status 200", clients: [get("/x")] },
  { what: "response deny", back: "http-response deny", clients: [get("/ok")] },
  { what: "response return", back: "http-response return status 200", clients: [get("/ok")] },
  { what: "content reject", front: "tcp-request content reject", clients: [get("/ok")] },
  { what: "connection reject", front: "tcp-request connection reject", clients: [get("/ok")] },
  { what: "session reject", front: "tcp-request session reject", clients: [get("/ok")] },
  { what: "bad request", clients: ["junk\r\n\r\n"] },
  { what: "junk response", clients: [get("/junk")] },
  { what: "closed response", clients: [get("/close")] },
  { what: "cut response", clients: [get("/cut")] },
  { what: "dead server", server: "server s {dead}", back: "retries 0", clients: [get("/x")] },
  {
    what: "dead server, retries",
    server: "server s {dead}",
    back: "retries 1\n  timeout connect 100",
    clients: [get("/x")],
  },
  {
    what: "redispatch",
    server: "server s {dead}\n  server t {server}",
    back: "retries 1\n  option redispatch\n  timeout connect 500",
    clients: [get("/ok")],
  },
  { what: "disabled server", server: "server s {server} disabled", clients: [get("/x")] },
  { what: "no server", server: "", clients: [get("/x")] },
  {
    what: "rewrite fails",
    front: `http-request set-header x %[str(y),repeat]`.replace("%[str(y),repeat]", "y".repeat(900)),
    clients: [get("/ok")],
  },
  { what: "stats page", front: "stats enable\n  stats uri /s", clients: [get("/s"), get("/ok")] },
  { what: "stats auth", front: "stats auth a:b\n  stats uri /s", clients: [get("/s")] },
  { what: "stats page of a backend", back: "stats enable\n  stats uri /s", clients: [get("/s")] },
  {
    what: "stats deny of a backend",
    back: "stats uri /s\n  stats http-request deny",
    clients: [get("/s")],
    // haproxy counts two clients that went away, where one was told to.
    differs: { "b BACKEND cli_abrt": "0" },
  },
  { what: "cut request", clients: ["GET / HT"] },
  { what: "cut headers", clients: ["GET / HTTP/1.1\r\nHost: h\r\n"] },
  { what: "nothing", clients: [""] },
  { what: "too large", clients: [`GET /${"x".repeat(20000)} HTTP/1.1\r\n\r\n`] },
  { what: "slow client", front: "timeout client 100\n  timeout http-request 100", clients: ["wait:GET / HT", "wait:"] },
  { what: "slow server", back: "timeout server 100", clients: [get("/silent")] },
  {
    what: "queue timeout",
    server: "server s {server} maxconn 1",
    back: "timeout queue 100",
    clients: [`both:${get("/slow")}`],
  },
  {
    what: "cookies",
    back: "cookie SRV insert indirect nocache",
    server: "server s {server} cookie one\n  server t {server} cookie two",
    clients: [get("/ok", "Cookie: SRV=two\r\n"), get("/ok", "Cookie: SRV=two\r\n"), get("/ok", "Cookie: SRV=no\r\n")],
  },
  {
    what: "weights",
    server: "server s {server} weight 3\n  server t {server} weight 1 backup",
    clients: Array(4).fill(get("/ok")),
  },
  { what: "tcp", front: "mode tcp", back: "mode tcp", clients: [get("/ok")] },
  {
    what: "tcp dead",
    front: "mode tcp",
    back: "mode tcp\n  retries 0",
    server: "server s {dead}",
    clients: [get("/ok")],
  },
  {
    what: "tcp content reject",
    front: "mode tcp\n  tcp-request inspect-delay 1s\n  tcp-request content reject",
    back: "mode tcp",
    clients: [get("/ok")],
  },
  { what: "tcp upgrade", front: "mode tcp", clients: [get("/ok")] },
];

/** Columns that are not the traffic's: ids, limits, times, rates, bytes of heads that each program writes in its way. */
const OTHER = new Set([
  ..."# pxname iid slim bin bout lastchg downtime lastsess rate rate_max conn_rate conn_rate_max req_rate req_rate_max"
    .split(" "),
  ..."qtime ctime rtime ttime qtime_max ctime_max rtime_max ttime_max smax addr srv_icur idle_conn_cur need_conn_est"
    .split(" "),
  ..."used_conn_cur scur safe_conn_cur".split(" "),
]);

type Rows = Map<string, Record<string, string>>;

function parse(csv: string): { names: string[]; rows: Rows } {
  const [head, ...lines] = csv.trim().split("\n");
  const names = head.slice(2).split(",");
  const rows: Rows = new Map(lines.map((line) => {
    const values = line.split(",");
    return [`${values[0]} ${values[1]}`, Object.fromEntries(names.map((name, i) => [name, values[i]]))];
  }));
  return { names, rows };
}

/** Answers each connection once, by the path of its request. */
function serve(): { readonly port: number; close(): void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answers: Readonly<Record<string, string>> = {
    "/404": "HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n",
    "/500": "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
    "/304": "HTTP/1.1 304 Same\r\n\r\n",
    "/302": "HTTP/1.1 302 There\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
    "/junk": "junk\r\n\r\n",
    "/close": "",
    "/cut": "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
  };
  const one = async (conn: Deno.Conn) => {
    const buffer = new Uint8Array(4096);
    const n = await conn.read(buffer).catch(() => null);
    if (n !== null) {
      const path = new TextDecoder().decode(buffer.subarray(0, n)).split(" ")[1];
      if (path === "/slow") await new Promise((wake) => setTimeout(wake, 400));
      if (path === "/silent") await new Promise((wake) => setTimeout(wake, 300));
      const answer = answers[path] ?? "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
      await conn.write(new TextEncoder().encode(answer)).catch(() => 0);
    }
    conn.close();
  };
  (async () => {
    for await (const conn of listener) one(conn);
  })().catch(() => {});
  return { port: (listener.addr as Deno.NetAddr).port, close: () => listener.close() };
}

async function run(name: "haproxy" | "sluice"): Promise<{ names: string[]; rows: Rows }> {
  const taken = new Set<number>();
  const server = serve();
  const [probe, dead] = [freePort(taken), freePort(taken)];
  const ports = CASES.map(() => freePort(taken));
  const sections = CASES.map(({ front = "", back = "", server: line = "server s {server}" }, i) => `
frontend f${i}
  bind 127.0.0.1:${ports[i]}
  option socket-stats
  ${front}
  default_backend b${i}
backend b${i}
  ${back}
  ${line.replaceAll("{server}", `127.0.0.1:${server.port}`).replaceAll("{dead}", `127.0.0.1:${dead}`)}
`);
  const text = `defaults
  mode http
  timeout client 3s
  timeout server 3s
  timeout connect 3s
  option http-server-close
${sections.join("")}
# The last one to be opened: when it accepts, all do.
listen stats
  bind 127.0.0.1:${probe}
  stats enable
  stats uri /
  stats show-legends
`;
  const engine: Engine = name === "haproxy" ? await startHaproxy(text, probe) : await startSluice(text);
  try {
    await Promise.all(CASES.map(async ({ clients }, i) => {
      for (const request of clients) {
        const twice = request.startsWith("both:") ? [ask(ports[i], request)] : [];
        await Promise.all([...twice, ask(ports[i], request)]);
      }
    }));
    return parse(bodyOf(await ask(probe, get("/;csv"))));
  } finally {
    await engine.stop();
    server.close();
  }
}

/** Sends a request and reads to the end. A reset is an end too. */
async function ask(port: number, request: string): Promise<string> {
  let answer = "";
  try {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const wait = request.startsWith("wait:");
    const text = request.replace(/^(wait|both):/, "");
    if (text !== "") await conn.write(new TextEncoder().encode(text));
    // A client that has said all ends its side; one that waits does not.
    if (!wait && !request.startsWith("both:") && !text.includes("HTTP/1.0")) await conn.closeWrite();
    const buffer = new Uint8Array(65536);
    for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
      answer += new TextDecoder().decode(buffer.subarray(0, n));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return answer;
}

/** The body of an answer, without its chunks: haproxy 2.6 sends them to HTTP/1.0 too. */
function bodyOf(answer: string): string {
  let rest = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  if (!/\r\ntransfer-encoding: chunked\r\n/i.test(answer)) return rest;
  let body = "";
  for (;;) {
    const line = rest.indexOf("\r\n");
    const size = parseInt(rest.slice(0, line), 16);
    if (!(size > 0)) return body;
    body += rest.slice(line + 2, line + 2 + size);
    rest = rest.slice(line + 4 + size);
  }
}

Deno.test({
  name: "STATS-01 API-07 statistics after the same traffic",
  ignore: !haproxyIsHere,
  async fn() {
    const model = await run("haproxy");
    const sluice = await run("sluice");
    const staticOnes = model.names.slice(0, model.names.indexOf("-"));
    assertEquals(sluice.names.slice(0, staticOnes.length), staticOnes);
    assert(model.rows.has("f0 FRONTEND") && model.rows.has("b0 s"), "the CSV was read");
    const differences: string[] = [];
    CASES.forEach(({ what, differs = {} }, i) => {
      for (const [key, row] of model.rows) {
        const [proxy, name] = key.split(" ");
        if (proxy !== `f${i}` && proxy !== `b${i}`) continue;
        const other = sluice.rows.get(key);
        if (other === undefined) {
          differences.push(`${what}: no ${key}`);
          continue;
        }
        for (const column of staticOnes) {
          // The manual of 3.2 gives it to backends, 2.6 had it for frontends only.
          if (column === "intercepted" && name === "BACKEND") continue;
          if (OTHER.has(column) || row[column] === other[column]) continue;
          const place = `${proxy[0]} ${name} ${column}`;
          if (differs[place] !== other[column]) {
            differences.push(`${what}: ${place} is ${row[column]} of haproxy, ${other[column]} of Sluice`);
          }
        }
      }
    });
    assert(differences.length === 0, `\n${differences.join("\n")}`);
  },
});

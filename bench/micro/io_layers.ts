// CPU of a bare 1:1 proxy on each stream layer, without any HTTP: what the layer itself costs.
//
//   deno run -A bench/micro/io_layers.ts [rounds]
//
// One process proxies, this one is its clients and its server. The proxy's CPU (user and system) is divided by what it
// carried. Layers take turns within each round; the least of the rounds is reported, as noise only adds. Where haproxy is
// installed it is measured too, in TCP mode with one thread.
import { BlockPool } from "../../src/base/mod.ts";
import { createDenoSys, type DenoSys, type IoLayer } from "../../src/sys/deno/mod.ts";
import type { Address, Conn, Listener } from "../../src/sys/types.ts";
import process from "node:process";

const CLIENTS = 32;
const REQUEST = 558;
const RESPONSE = 300;
const REQUESTS = 40_000;
const CONNECTIONS = 4_000;
const BODY = 1 << 20;
const BODIES = 400;

function makeSys(io: IoLayer): DenoSys {
  const entry = new URL(import.meta.url);
  const sys = createDenoSys({ io, blocks: new BlockPool(), origin: performance.timeOrigin, threadEntry: entry });
  if (typeof sys === "string") throw new Error(sys);
  return sys;
}

function listen(sys: DenoSys): Listener {
  const opened = sys.net.open({ address: { family: "ipv4", host: "127.0.0.1", port: 0 }, backlog: 1024 });
  if (typeof opened === "string") throw new Error(opened);
  const token = opened.share();
  if (typeof token === "string") throw new Error(token);
  const listener = sys.net.adopt(token);
  if (typeof listener === "string") throw new Error(listener);
  return listener;
}

async function connect(sys: DenoSys, remote: Address): Promise<Conn> {
  const conn = await sys.net.connect({ remote }).done;
  if (typeof conn === "number") throw new Error(`connect: ${conn}`);
  return conn;
}

// ---- the proxy ------------------------------------------------------------------------------------------------------

async function pump(from: Conn, to: Conn): Promise<void> {
  for (;;) {
    let n = from.recv(0);
    if (typeof n !== "number") n = await n;
    if (n < 0) break;
    let sent = to.send(from.block, from.head, from.tail);
    if (typeof sent !== "number") sent = await sent;
    if (sent < 0) break;
    from.consume(n);
  }
  to.shutdown();
}

async function carry(sys: DenoSys, client: Conn, remote: Address): Promise<void> {
  const server = await connect(sys, remote);
  await Promise.all([pump(client, server), pump(server, client)]);
  client.close();
  server.close();
}

async function proxy(io: IoLayer, port: number): Promise<void> {
  const sys = makeSys(io);
  const listener = listen(sys);
  const remote: Address = { family: "ipv4", host: "127.0.0.1", port };
  tell({ port: (listener.address as { port: number }).port });
  readOrders(() => {
    const { user, system } = process.cpuUsage();
    tell({ cpu: user + system, rss: process.memoryUsage().rss });
  });
  for (;;) {
    const conn = await listener.accept();
    if (typeof conn === "number") throw new Error(`accept: ${conn}`);
    carry(sys, conn, remote);
  }
}

function tell(message: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(message) + "\n"));
}

async function readOrders(answer: () => void): Promise<void> {
  for await (const _ of Deno.stdin.readable) answer();
  Deno.exit();
}

// ---- its clients and its server -------------------------------------------------------------------------------------

const RESPONSE_BYTES = new Uint8Array(RESPONSE);
const BODY_BYTES = new Uint8Array(BODY);

/** Answers REQUEST bytes by RESPONSE bytes, or by a megabyte when their first byte asks for it. */
async function serve(conn: Conn): Promise<void> {
  while (await conn.recv(REQUEST - 1) >= 0) {
    const bytes = conn.block[conn.head] === 1 ? BODY_BYTES : RESPONSE_BYTES;
    conn.consume(REQUEST);
    if (await conn.send(bytes, 0, bytes.length) < 0) break;
  }
  conn.close();
}

async function ask(conn: Conn, request: Uint8Array<ArrayBuffer>, length: number): Promise<void> {
  await conn.send(request, 0, request.length);
  for (let got = 0; got < length;) {
    const n = await conn.recv(0);
    if (n < 0) throw new Error(`recv: ${n}`);
    got += n;
    conn.consume(n);
  }
}

/** A proxy in a process of its own. */
interface Proxy {
  port(): Promise<number>;
  /** Microseconds of CPU it has used. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

class SluiceProxy implements Proxy {
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<string>;

  constructor(io: IoLayer, port: number) {
    const args = ["run", "-A", "--no-check", import.meta.filename!, "proxy", io, String(port)];
    this.#child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
    this.#orders = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async answer(): Promise<Record<string, number>> {
    return JSON.parse((await this.#answers.read()).value ?? "{}");
  }

  async port(): Promise<number> {
    return (await this.answer()).port;
  }

  async cpu(): Promise<number> {
    await this.#orders.write(new Uint8Array(1));
    return (await this.answer()).cpu;
  }

  async stop(): Promise<void> {
    await this.#orders.close();
    await this.#child.status;
  }
}

const HAPROXY = "/usr/sbin/haproxy";
/** Of a clock tick in /proc/<pid>/stat. */
const TICK_MICROSECONDS = 10_000;

class HaproxyProxy implements Proxy {
  readonly #child: Deno.ChildProcess;
  readonly #port: number;

  constructor(serverPort: number) {
    const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#port = probe.addr.port;
    probe.close();
    const config = Deno.makeTempFileSync();
    Deno.writeTextFileSync(
      config,
      `global
  nbthread 1
defaults
  mode tcp
  timeout client 60s
  timeout server 60s
  timeout connect 5s
listen bench
  bind 127.0.0.1:${this.#port}
  server s 127.0.0.1:${serverPort}
`,
    );
    this.#child = new Deno.Command(HAPROXY, { args: ["-db", "-f", config] }).spawn();
  }

  async port(): Promise<number> {
    for (;;) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.#port })).close();
        return this.#port;
      } catch {
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }

  cpu(): Promise<number> {
    const stat = Deno.readTextFileSync(`/proc/${this.#child.pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Promise.resolve((Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS);
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
  }
}

/** Microseconds of CPU of a request, a new connection with one request, and a megabyte. */
async function measure(sys: DenoSys, child: Proxy): Promise<number[]> {
  const remote: Address = { family: "ipv4", host: "127.0.0.1", port: await child.port() };
  const small = new Uint8Array(REQUEST), large = new Uint8Array(REQUEST).fill(1);
  const conns = await Promise.all(Array.from({ length: CLIENTS }, () => connect(sys, remote)));
  const many = (total: number, request: Uint8Array<ArrayBuffer>, length: number) =>
    Promise.all(conns.map(async (conn) => {
      for (let i = 0; i < total / CLIENTS; i++) await ask(conn, request, length);
    }));
  const costs: number[] = [];
  const timed = async (count: number, body: () => Promise<unknown>) => {
    const before = await child.cpu();
    await body();
    costs.push((await child.cpu() - before) / count);
  };
  await many(REQUESTS / 2, small, RESPONSE);
  await timed(REQUESTS, () => many(REQUESTS, small, RESPONSE));
  await timed(CONNECTIONS, () =>
    Promise.all(conns.map(async () => {
      for (let i = 0; i < CONNECTIONS / CLIENTS; i++) {
        const conn = await connect(sys, remote);
        await ask(conn, small, RESPONSE);
        conn.close();
      }
    })));
  await timed(BODIES, () => many(BODIES, large, BODY));
  for (const conn of conns) conn.close();
  await child.stop();
  return costs;
}

async function main(rounds: number): Promise<void> {
  const sys = makeSys("auto");
  const listener = listen(sys);
  const accepting = (async () => {
    for (;;) {
      const conn = await listener.accept();
      if (typeof conn === "number") return;
      serve(conn);
    }
  })();
  const { port } = listener.address as { port: number };
  const makers = new Map<string, () => Proxy>([
    ["public", () => new SluiceProxy("public", port)],
    ["handles", () => new SluiceProxy("handles", port)],
  ]);
  if (sys.fs.kind(HAPROXY) === "file") makers.set("haproxy", () => new HaproxyProxy(port));
  const best = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, make] of makers) {
      const costs = await measure(sys, make());
      const least = best.get(name);
      best.set(name, least === undefined ? costs : costs.map((cost, i) => Math.min(cost, least[i])));
    }
  }
  console.log("CPU of the proxy, µs per    request  new connection  1 MB body");
  for (const [name, costs] of best) {
    console.log(`${name.padEnd(24)}${[11, 16, 11].map((width, i) => costs[i].toFixed(1).padStart(width)).join("")}`);
  }
  listener.close();
  await accepting;
  Deno.exit();
}

if (Deno.args[0] === "proxy") await proxy(Deno.args[1] as IoLayer, Number(Deno.args[2]));
else await main(Number(Deno.args[0] ?? "2"));

// The configurations in examples/, served on real sockets: each says what it does in its comments, here it does it.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { check, run, type RunningProxy } from "../../mod.ts";
import { type DemoServer, startDemoServer } from "../../examples/demo_servers.ts";
import { start as startEmbedded } from "../../examples/embed.ts";
import { freePort } from "./program.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;

/** A running example with the servers it names in its environment. */
class Example implements AsyncDisposable {
  private constructor(
    readonly proxy: RunningProxy,
    readonly servers: readonly DemoServer[],
    readonly log: Log | null,
  ) {}

  /** `names`: environment variables of servers; `ports`: those of client addresses. */
  static async start(
    file: string,
    addresses: readonly string[],
    names: readonly string[],
    logs = false,
  ): Promise<Example> {
    const servers = names.map((name) => startDemoServer(name.toLowerCase()));
    const env: Record<string, string> = {};
    servers.forEach((s, i) => env[names[i]] = `127.0.0.1:${s.port}`);
    for (const name of addresses) env[name] = `127.0.0.1:${freePort()}`;
    const log = logs ? new Log() : null;
    if (log !== null) env.LOG_TARGET = log.target;
    const proxy = await run({ files: [EXAMPLES + file], env }, { onMessage: () => {} });
    return new Example(proxy, servers, log);
  }

  url(index: number, path: string): string {
    const address = this.proxy.addresses[index];
    if (address.family === "unix") throw new Error("a unix socket has no URL");
    return `http://${address.host}:${address.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.stop(0);
    for (const server of this.servers) await server.stop();
    this.log?.close();
  }
}

/** A syslog receiver on a UDP port. */
class Log {
  readonly #socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });

  get target(): string {
    return `127.0.0.1:${(this.#socket.addr as Deno.NetAddr).port}`;
  }

  async next(): Promise<string> {
    return new TextDecoder().decode((await this.#socket.receive())[0]);
  }

  close(): void {
    this.#socket.close();
  }
}

Deno.test("BUILD-06 every example is a valid configuration", () => {
  const files = [...Deno.readDirSync(EXAMPLES)].map((e) => e.name).filter((n) => n.endsWith(".cfg"));
  assertEquals(files.length, 3);
  for (const file of files) {
    const result = check({ files: [EXAMPLES + file], env: {} });
    assertEquals(result.text, "", file);
    assert(result.valid);
  }
});

/** The two configurations of configuration.txt 2.10. */
const MANUAL = [
  `global
    daemon
    maxconn 256

defaults
    mode http
    timeout connect 5000ms
    timeout client 50000ms
    timeout server 50000ms

frontend http-in
    bind *:80
    default_backend servers

backend servers
    server server1 127.0.0.1:8000 maxconn 32
`,
  `global
    daemon
    maxconn 256

defaults
    mode http
    timeout connect 5000ms
    timeout client 50000ms
    timeout server 50000ms

listen http-in
    bind *:80
    server server1 127.0.0.1:8000 maxconn 32
`,
];

Deno.test("TEST-05 the configurations of the manual's section 2.10 are valid and serve", async () => {
  for (const text of MANUAL) {
    assertEquals(check({ text }), { valid: true, diagnostics: [], text: "" });
    const server = startDemoServer("server1");
    const port = freePort();
    const moved = text.replace("*:80", `*:${port}`).replace("127.0.0.1:8000", `127.0.0.1:${server.port}`);
    {
      await using _proxy = await run({ text: moved });
      const responses = await Promise.all(Array.from({ length: 8 }, () => fetch(`http://127.0.0.1:${port}/`)));
      for (const r of responses) {
        assertEquals([r.status, r.headers.get("x-served-by")], [200, "server1"]);
        await r.body?.cancel();
      }
    }
    await server.stop();
  }
});

Deno.test("BUILD-06 quick-start.cfg: three servers take turns and are told the client", async () => {
  await using example = await Example.start(
    "quick-start.cfg",
    ["HTTP_ADDRESS"],
    ["SERVER1", "SERVER2", "SERVER3"],
    true,
  );
  const names: (string | null)[] = [];
  for (let i = 0; i < 6; i++) {
    const response = await fetch(example.url(0, "/"));
    names.push(response.headers.get("x-served-by"));
    assertStringIncludes(await response.text(), "x-forwarded-for: 127.0.0.1");
  }
  assertEquals(names, ["server1", "server2", "server3", "server1", "server2", "server3"]);
});

Deno.test("BUILD-06 web-site.cfg: routing, redirects, refusals and headers", async () => {
  await using example = await Example.start("web-site.cfg", ["HTTP_ADDRESS"], ["APP1", "APP2", "API1", "FILES1"], true);
  const get = (path: string, init: RequestInit = {}) => fetch(example.url(0, path), { redirect: "manual", ...init });
  const served = async (path: string, init: RequestInit = {}) => {
    const response = await get(path, init);
    const text = await response.text();
    return { by: response.headers.get("x-served-by"), text, status: response.status };
  };

  assertMatch((await served("/")).by ?? "", /^app[12]$/);
  const api = await served("/api/orders", { method: "POST", body: "x" });
  assertEquals(api.by, "api1");
  assertStringIncludes(api.text, "via: 1.1 edge");
  assertStringIncludes(api.text, "x-service: api");
  assertStringIncludes(api.text, "x-forwarded-proto: http");
  const spoofed = await served("/", { headers: { "x-real-ip": "1.2.3.4", "x-forwarded-proto": "https" } });
  assert(!spoofed.text.includes("x-real-ip"));
  assertStringIncludes(spoofed.text, "x-forwarded-proto: http\n");
  assertEquals((await served("/static/a.css")).by, "files1");
  assertEquals((await served("/logo.png")).by, "files1");

  const robots = await served("/robots.txt");
  assertEquals([robots.status, robots.by, robots.text], [200, null, "User-agent: *\nDisallow: /api/\n"]);
  assertEquals((await served("/static/a.css", { method: "DELETE" })).status, 405);
  assertMatch((await served("/admin")).by ?? "", /^app[12]$/);
  const news = await get("/news");
  assertEquals([news.status, news.headers.get("location")], [302, "/blog/"]);
  await news.body?.cancel();
});

Deno.test("BUILD-06 web-site.cfg: clients without agent are refused, an old host is redirected, both are logged", async () => {
  await using example = await Example.start("web-site.cfg", ["HTTP_ADDRESS"], ["APP1"], true);
  const answer = async (head: string): Promise<string> => {
    const address = example.proxy.addresses[0];
    if (address.family === "unix") throw new Error("not here");
    using conn = await Deno.connect({ hostname: address.host, port: address.port });
    await conn.write(new TextEncoder().encode(`${head}connection: close\r\n\r\n`));
    return await new Response(conn.readable).text();
  };
  const nobody = await answer("GET / HTTP/1.1\r\nhost: x\r\n");
  assertMatch(nobody, /^HTTP\/1\.1 400 /);
  const old = await answer("GET /a?b=c HTTP/1.1\r\nhost: OLD.example.com\r\nuser-agent: t\r\n");
  assertMatch(old, /^HTTP\/1\.1 301 /);
  assertMatch(old, /\r\nlocation: http:\/\/www\.example\.com\/a\?b=c\r\n/i);
  const lines = [await example.log!.next(), await example.log!.next()];
  assertMatch(lines[0], /^<134>.* www www\/<NOSRV> [-\d/]+ 400 \d+ .* PR-- .*"GET \/ HTTP\/1\.1"/);
  assertMatch(lines[1], / 301 \d+ .* LR-- .*"GET \/a\?b=c HTTP\/1\.1"/);
});

Deno.test("BUILD-06 tcp.cfg: connections go to a replica, and to the primary when none is left", async () => {
  await using example = await Example.start(
    "tcp.cfg",
    ["DB_ADDRESS", "MAIL_ADDRESS"],
    ["REPLICA1", "REPLICA2", "PRIMARY", "MAIL1", "MAIL2"],
    true,
  );
  const by = async (index: number) => {
    const response = await fetch(example.url(index, "/"), { headers: { connection: "close" } });
    await response.body?.cancel();
    return response.headers.get("x-served-by");
  };
  assertMatch((await by(0)) ?? "", /^replica[12]$/);
  const mail = await by(1);
  assertMatch(mail ?? "", /^mail[12]$/);
  for (let i = 0; i < 3; i++) assertEquals(await by(1), mail, "a client stays with its server");

  await example.servers[0].stop();
  await example.servers[1].stop();
  // Two failed checks in a row, a second apart, mark the replicas down; until then connections to them are retried.
  const deadline = Date.now() + 8000;
  let served: string | null = null;
  while (served !== "primary" && Date.now() < deadline) {
    served = await by(0).catch(() => null);
    if (served !== "primary") await new Promise((done) => setTimeout(done, 100));
  }
  assertEquals(served, "primary");
});

Deno.test("embed.ts: a program with a proxy in it", async () => {
  const port = freePort();
  await using _ = await startEmbedded(`127.0.0.1:${port}`);
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.headers.get("x-served-by"), await response.text()];
  };
  const served = new Map<string, number>();
  for (let i = 0; i < 20; i++) {
    const key = (await get("/")).join(": ");
    served.set(key, (served.get(key) ?? 0) + 1);
  }
  assertEquals(served, new Map([["current: version 1\n", 18], ["next: version 2\n", 2]]));
  assertEquals((await get("/proxy"))[1], "the proxy serves\n");
});

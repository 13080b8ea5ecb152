// The runtime API of the real program with two threads, asked by socat as scripts do (management.txt 9.3).
import { assert, assertEquals, assertMatch } from "@std/assert";
import { freePort, Program } from "./program.ts";

const SOCAT = ["/usr/bin/socat", "/usr/local/bin/socat"].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

if (SOCAT === undefined) console.warn("tests/conformance: socat is not installed, the runtime API is not asked by it");

class Fixture {
  readonly folder = Deno.makeTempDirSync({ prefix: "sluice-api-" });
  readonly web = freePort();
  readonly tcp = freePort();
  readonly app = freePort();
  readonly socket = `${this.folder}/admin.sock`;
  readonly config = `${this.folder}/test.cfg`;

  constructor() {
    Deno.writeTextFileSync(
      this.config,
      `
global
    nbthread 2
    stats socket ${this.socket} mode 600 level admin
    stats socket ipv4@127.0.0.1:${this.tcp} level user
    stats timeout 20s
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend fe
    bind 127.0.0.1:${this.web}
    http-request return status 200 content-type text/plain string hello unless { path /be }
    default_backend be
backend be
    server s1 127.0.0.1:${this.app}
frontend app
    bind 127.0.0.1:${this.app}
    http-request wait-for-body time 10s if METH_POST
    http-request return status 200
`,
    );
  }

  start(): Program {
    return new Program(["-f", this.config, "-V"]);
  }

  /** What socat prints: the text is its standard input. */
  async ask(text: string, to = `UNIX-CONNECT:${this.socket}`): Promise<string> {
    const child = new Deno.Command(SOCAT!, { args: ["-t5", "-", to], stdin: "piped", stdout: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    return new TextDecoder().decode((await child.output()).stdout);
  }

  remove(): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function api(name: string, script: (f: Fixture) => Promise<void>): void {
  Deno.test({
    name,
    ignore: SOCAT === undefined,
    async fn() {
      const fixture = new Fixture();
      try {
        await script(fixture);
      } finally {
        fixture.remove();
      }
    },
  });
}

api(
  "API-01 API-02 API-03 e2e: sockets with their modes and levels, chains, payloads, the interactive mode",
  async (f) => {
    await using program = f.start();
    await program.says("Listening:");
    assertEquals(Deno.statSync(f.socket).mode! & 0o777, 0o600);
    assertMatch(await f.ask("show version\n"), /^3\.2\.0-sluice-[\d.]+\n\n$/);
    assertEquals(
      await f.ask("show cli sockets;show cli level\n"),
      `# socket lvl processes\nunix@${f.socket} admin all\nipv4@127.0.0.1:${f.tcp} user all\n\nadmin\n\n`,
    );
    assertEquals(
      await f.ask("show cli level\nshow env X\n", `TCP:127.0.0.1:${f.tcp}`),
      "user\n\nPermission denied\n\n",
    );
    assertEquals(await f.ask("echo a <<\npayload\n\necho b\n"), "a\n\nb\n\n");
    assertEquals(await f.ask("prompt\necho a\nquit\n"), "\n> a\n\n> ");
    assertEquals(await f.ask("show version"), "", "half a line is no command");
  },
);

api("API-06 API-10 API-21 e2e: threads answer, changes are seen by both, streams are shown and killed", async (f) => {
  await using program = f.start();
  await program.says("Listening:");
  const status = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${f.web}${path}`, { headers: { connection: "close" } });
    await answer.body?.cancel();
    return answer.status;
  };
  assertEquals(await status("/"), 200);
  assertEquals(await status("/be"), 200);
  assertMatch(await f.ask("show threads\n"), /^ {2}Thread 1 .*\n.*\n {2}Thread 2 .*\n.*\n\n$/);
  const info = await f.ask("show info\n");
  assertMatch(info, /\nNbthread: 2\n/);
  assertMatch(info, new RegExp(`\nPid: ${program.pid}\n`));
  assert(Number(/\nIdle_pct: (\d+)\n/.exec(info)![1]) <= 100);
  assert(Number(/\nCumReq: (\d+)\n/.exec(info)![1]) >= 3);
  assertEquals(await f.ask("disable server be/s1\n"), "\n");
  for (let i = 0; i < 4; i++) assertEquals(await status("/be"), 503);
  assertEquals(
    await f.ask("enable server be/s1;set server be/s1 weight 7;get weight be/s1\n"),
    "\n\n7 (initial 1)\n\n",
  );
  for (let i = 0; i < 4; i++) assertEquals(await status("/be"), 200);
  // A request whose head is not whole holds no stream; one whose body does not come does.
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: f.web });
  await conn.write(new TextEncoder().encode("POST /be HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"));
  let line = "";
  for (let i = 0; i < 100 && line === ""; i++) {
    line = /^0x.* fe=fe be=be .*$/m.exec(await f.ask("show sess\n"))?.[0] ?? "";
  }
  const id = line.split(":")[0];
  assertMatch(id, /^0x[12]0000000\w$/);
  assertEquals(await f.ask(`shutdown session ${id}\n`), "\n");
  const rest = new Response(conn.readable).arrayBuffer().catch(() => {});
  await rest;
});

api("API-10 e2e: a disabled frontend gives its port up, enabled it takes it again", async (f) => {
  await using program = f.start();
  await program.says("Listening:");
  const refused = async () => {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port: f.web })).close();
      return false;
    } catch {
      return true;
    }
  };
  assertEquals(await refused(), false);
  assertEquals(await f.ask("disable frontend fe\n"), "\n");
  assertEquals(await refused(), true);
  const other = Deno.listen({ hostname: "127.0.0.1", port: f.web });
  assertMatch(await f.ask("enable frontend fe\n"), /^Failed to resume frontend, check logs for precise cause/);
  other.close();
  assertEquals(await f.ask("enable frontend fe\n"), "\n");
  assertEquals(await refused(), false);
});

api("API-01 e2e: the next process takes the socket's path over, and the end of the one before leaves it", async (f) => {
  await using first = f.start();
  await first.says("Listening:");
  Deno.writeTextFileSync(
    f.config,
    Deno.readTextFileSync(f.config).replaceAll(String(f.web), String(freePort()))
      .replaceAll(String(f.tcp), String(freePort())).replaceAll(String(f.app), String(freePort())),
  );
  await using second = f.start();
  await second.says("Listening:");
  first.signal("SIGTERM");
  await first.end();
  assertMatch(await f.ask("show info\n"), new RegExp(`\nPid: ${second.pid}\n`));
});

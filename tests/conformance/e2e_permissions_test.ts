// The program with the permissions its configuration needs and no others (docs/security.md).
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BlockPool } from "../../src/base/mod.ts";
import { createDenoSys } from "../../src/sys/deno/mod.ts";
import { freePort, Program, runToEnd, temporaryFile } from "./program.ts";

/** A web server, and a receiver of log lines on a unix socket. */
function peers(folder: string) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("served"));
  const log = Deno.listenDatagram({ transport: "unixpacket", path: `${folder}/log` });
  return {
    address: `127.0.0.1:${server.addr.port}`,
    async logLine() {
      const [bytes] = await log.receive();
      return new TextDecoder().decode(bytes);
    },
    async [Symbol.asyncDispose]() {
      log.close();
      await server.shutdown();
    },
  };
}

/** Everything a small configuration may use; the environment says the port. */
function config(folder: string, server: string): string {
  return `global
    maxconn 100
    nbthread 2
    log ${folder}/log local0
    stats socket ${folder}/admin.sock mode 600 level operator
defaults
    mode http
    log global
    option httplog
    timeout connect 1s
    timeout client 10s
    timeout server 10s
    errorfile 503 ${folder}/503.http
listen web
    bind 127.0.0.1:"$WEB_PORT"
    bind ${folder}/web.sock
    server s1 ${server} check inter 100
`;
}

async function askSocket(path: string, command: string): Promise<string> {
  using conn = await Deno.connect({ transport: "unix", path });
  await conn.write(new TextEncoder().encode(`${command}\n`));
  const buffer = new Uint8Array(65536);
  const count = await conn.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
}

/** What was accessed and is covered by none of the flags. */
function uncovered(audit: string, flags: readonly string[]): string[] {
  const granted = new Map<string, string[]>();
  for (const flag of flags) {
    const [, kind, values = ""] = /^--allow-(\w+)(?:=(.*))?$/.exec(flag)!;
    granted.set(kind, values.split(","));
  }
  const out = new Set<string>();
  for (const line of audit.trimEnd().split("\n")) {
    const { permission, value } = JSON.parse(line) as { permission: string; value: string | null };
    // Asking what is granted is no access.
    if (value === null) continue;
    const path = value.replace(/^file:\/\//, "");
    const covered = granted.get(permission)?.some((g) => g === path || (g.endsWith("/") && path.startsWith(g)));
    if (!covered) out.add(`${permission} ${value}`);
  }
  return [...out];
}

for (const io of ["handles", "public"]) {
  Deno.test(`PROC-11 permissions: it serves with exactly the printed flags and uses no others (--io ${io})`, async () => {
    const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
    Deno.writeTextFileSync(`${folder}/503.http`, "HTTP/1.0 503 No\r\nx-own: yes\r\n\r\nnone");
    await using server = peers(folder);
    using file = temporaryFile(config(folder, server.address));
    const env = { WEB_PORT: String(freePort()) };
    const words = ["--io", io, "-V", "-f", file.path];
    const printed = await runToEnd(["--print-permissions", ...words], { env });
    assertEquals(printed.code, 0, printed.stderr);
    assertEquals(printed.stdout.trimEnd().split("\n").length, 1);
    const permissions = printed.stdout.trimEnd().split(" ");
    {
      const audit = `${folder}/audit`;
      await using program = new Program(words, { permissions, env: { ...env, DENO_AUDIT_PERMISSIONS: audit } });
      await program.says("Listening: ");
      const web = await fetch(`http://127.0.0.1:${env.WEB_PORT}/`);
      assertEquals([web.status, await web.text()], [200, "served"]);
      // Lines about the start may come first.
      let line = await server.logLine();
      while (!line.includes('"GET /')) line = await server.logLine();
      assertStringIncludes(line, "web web/s1");
      assertStringIncludes(await askSocket(`${folder}/admin.sock`, "show version"), "3.2.0");
      program.signal("SIGUSR1");
      assertEquals(await program.end(), 0, program.stderr);
      assertEquals(uncovered(Deno.readTextFileSync(audit), permissions), []);
    }
    Deno.removeSync(folder, { recursive: true });
  });
}

Deno.test("PROC-11 permissions: a master, and a start in the background, with exactly the printed flags", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
  Deno.writeTextFileSync(`${folder}/503.http`, "HTTP/1.0 503 No\r\n\r\n");
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("served"));
  using file = temporaryFile(config(folder, `127.0.0.1:${server.addr.port}`));
  const env = { WEB_PORT: String(freePort()) };
  const get = async () => await (await fetch(`http://127.0.0.1:${env.WEB_PORT}/`)).text();
  const printed = async (words: string[]) => {
    const { stdout } = await runToEnd(["--print-permissions", ...words], { env });
    return stdout.trimEnd().split(" ");
  };
  {
    const words = ["-W", "-f", file.path];
    await using master = new Program(words, { env, permissions: await printed(words) });
    await master.says("Loading success.");
    assertEquals(await get(), "served");
    // It may end its worker.
    master.signal("SIGTERM");
    assertEquals(await master.end(), 0, master.stderr);
  }
  const pidFile = `${folder}/pid`;
  const words = ["-D", "-p", pidFile, "-f", file.path];
  const started = await runToEnd(words, { env, permissions: await printed(words) });
  assertEquals(started.code, 0, started.stderr);
  assertEquals(await get(), "served");
  Deno.kill(Number(Deno.readTextFileSync(pidFile)), "SIGTERM");
  await server.shutdown();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("PROC-11 permissions: what is missing is told with statement, place and flag", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
  Deno.writeTextFileSync(`${folder}/503.http`, "HTTP/1.0 503 No\r\n\r\n");
  using file = temporaryFile(config(folder, "127.0.0.1:1"));
  const env = { WEB_PORT: "1234" };
  const printed = await runToEnd(["--print-permissions", "-f", file.path], { env });
  const flags = printed.stdout.trimEnd().split(" ");
  const without = async (value: string) => {
    const permissions = flags.map((flag) => {
      const values = flag.replace(/^.*?=/, "").split(",").filter((v) => v !== value);
      return values.length === 0 ? "" : `${flag.replace(/=.*$/, "")}=${values.join(",")}`;
    });
    const ended = await runToEnd(["-f", file.path], { env, permissions: permissions.filter((flag) => flag !== "") });
    assertEquals(ended.code, 1, ended.stderr);
    return ended.stderr;
  };
  const cases = [
    ["127.0.0.1:1", `[${file.path}:17] : missing permission --allow-net=127.0.0.1:1: it is needed for 'server web/s1'`],
    ["127.0.0.1:1234", `[${file.path}:15] : missing permission --allow-net=127.0.0.1:1234: it is needed for 'bind `],
    ["WEB_PORT", `[${file.path}:15] : missing permission --allow-env=WEB_PORT: it is needed for variable 'WEB_PORT'`],
    [
      `unix:${folder}/log`,
      `[${file.path}:4] : missing permission --allow-net=unix:${folder}/log: it is needed for 'log `,
    ],
    ["hostname", "missing permission --allow-sys=hostname: it is needed for the name of the host"],
    [`${folder}/503.http`, `:13] : `],
    [file.path, file.path],
  ];
  for (const [value, message] of cases) {
    const said = await without(value);
    assertStringIncludes(said, message);
    assertStringIncludes(said, "missing permission");
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("PROC-11 permissions: a thread may do what its set says and nothing else", async () => {
  const threadEntry = new URL("./permission_thread.ts", import.meta.url);
  const sys = createDenoSys({ io: "auto", blocks: new BlockPool(), origin: performance.timeOrigin, threadEntry });
  assert(typeof sys !== "string");
  const port = freePort();
  sys.bus.permissions = {
    net: [`127.0.0.1:${port}`],
    read: false,
    write: false,
    env: false,
    sys: false,
    run: false,
    ffi: false,
  };
  let ended!: (reason: string) => void;
  const end = new Promise<string>((done) => ended = done);
  const thread = sys.bus.start(1, port, ended);
  const outcome = await new Promise((done) => thread.port.onmessage = done);
  assertEquals(outcome, {
    "a file": "refused",
    "writing a file": "refused",
    "a program": "refused",
    "the environment": "refused",
    "the C library": "refused",
    "the host's name": "refused",
    "another address": "refused",
    "its server's address": "done",
  });
  thread.terminate();
  assertEquals(await end, "");
  sys.close();
});

Deno.test("PROC-11 permissions: -V tells what threads may, also with everything permitted", async () => {
  using file = temporaryFile(`global
    maxconn 100
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
listen web
    bind 127.0.0.1:${freePort()}
    server s1 127.0.0.1:1
`);
  await using program = new Program(["-V", "-f", file.path]);
  await program.says("Listening: ");
  assertStringIncludes(program.stderr, "Threads may use: net=127.0.0.1:1.");
});

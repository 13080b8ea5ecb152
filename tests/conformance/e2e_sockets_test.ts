// Listeners of the program on real sockets: kinds of addresses, owners and modes, inherited descriptors, options as the
// kernel sees them, and the right to set them.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort, Program, runToEnd, temporaryFile } from "./program.ts";

const LINUX = Deno.build.os === "linux";

function config(binds: readonly string[], global = "", back = ""): string {
  return `global
    nbthread 2
    ${global}
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
${
    binds.map((bind) => `    bind ${bind}\n`).join("")
  }    http-request return status 200 content-type text/plain lf-string "%[so_id] %[thread] %[src]" if { path / }
${back}`;
}

async function ask(options: Deno.ConnectOptions | Deno.UnixConnectOptions): Promise<string> {
  const conn = "path" in options ? await Deno.connect(options) : await Deno.connect(options);
  await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"));
  const text = await new Response(conn.readable).text();
  return text.split("\r\n\r\n")[1];
}

const at = (port: number, hostname = "127.0.0.1") => ({ port, hostname });

Deno.test("BIND-01 ranges of ports, several addresses, IPv6, unix and abstract sockets are listened on", async () => {
  const first = freePort();
  const [second, third] = [freePort(), freePort()];
  const dir = Deno.makeTempDirSync();
  const binds = [
    `127.0.0.1:${first},[::1]:${second},127.0.0.2:${second}-${second}`,
    `:::${third} v4v6`,
    `unix@${dir}/a.sock mode 620`,
    `abns@sluice-${Deno.pid}`,
    `abnsz@sluice-z-${Deno.pid}`,
  ];
  using file = temporaryFile(config(binds));
  await using program = new Program(["-V", "-f", file.path]);
  await program.says("Listening: ");
  assertMatch(await ask(at(first)), /^1 \d 127\.0\.0\.1$/);
  assertMatch(await ask(at(second, "::1")), /^2 \d ::1$/);
  assertMatch(await ask(at(second, "127.0.0.2")), /^3 /);
  assertMatch(await ask(at(third)), /^4 /);
  assertMatch(await ask(at(third, "::1")), /^4 /);
  assertMatch(await ask({ transport: "unix", path: `${dir}/a.sock` }), /^5 /);
  assertEquals(Deno.lstatSync(`${dir}/a.sock`).mode! & 0o777, 0o620);
  if (LINUX) {
    const padded = `\0sluice-${Deno.pid}`.padEnd(108, "\0");
    assertMatch(await ask({ transport: "unix", path: padded }), /^6 /);
    assertMatch(await ask({ transport: "unix", path: `\0sluice-z-${Deno.pid}\0` }), /^7 /);
  }
  Deno.removeSync(dir, { recursive: true });
});

Deno.test("BIND-01 unix-bind gives unix sockets a prefix, a mode and owners; the bind line wins", async () => {
  const dir = Deno.makeTempDirSync();
  const root = Deno.uid() === 0;
  const owners = root ? "uid 12 gid 34" : "";
  const global = `unix-bind prefix ${dir} mode 600 ${owners}`;
  const binds = ["/one.sock", `/two.sock mode 666 ${root ? "user daemon" : ""}`];
  using file = temporaryFile(config(binds, global));
  await using program = new Program(["-V", "-f", file.path]);
  await program.says("Listening: ");
  const [one, two] = ["one", "two"].map((name) => Deno.lstatSync(`${dir}/${name}.sock`));
  assertEquals([one.mode! & 0o777, two.mode! & 0o777], [0o600, 0o666]);
  if (root) assertEquals([one.uid, one.gid, two.uid, two.gid], [12, 34, 1, 34]);
  assertMatch(await ask({ transport: "unix", path: `${dir}/one.sock` }), /^1 /);
  Deno.removeSync(dir, { recursive: true });
});

Deno.test("BIND-01 a user that there is none of is told", async () => {
  using file = temporaryFile(config(["/tmp/sluice-never.sock user no-such-user"]));
  const { code, stderr } = await runToEnd(["-f", file.path]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "unknown user name 'no-such-user'");
});

Deno.test({
  name: "BIND-01 fd@: a listening socket that was open before, TCP or unix; one that is not there is told",
  ignore: !LINUX,
  async fn() {
    // A shell cannot listen: python, where it is, opens the sockets and becomes the program.
    const python = await new Deno.Command("sh", { args: ["-c", "command -v python3"] }).output();
    if (!python.success) return console.log("python3 is not installed: skipped");
    const main = new URL("../../main.ts", import.meta.url).pathname;
    using file = temporaryFile(config(["fd@10", "fd@11"]));
    const dir = Deno.makeTempDirSync();
    const path = `${dir}/a.sock`;
    const port = freePort();
    const script = `
import os, socket, sys
a = socket.socket(); a.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); a.bind(("127.0.0.1", ${port})); a.listen()
b = socket.socket(socket.AF_UNIX); b.bind("${path}"); b.listen()
os.dup2(a.fileno(), 10); os.dup2(b.fileno(), 11)
os.execv(sys.argv[1], sys.argv[1:])
`;
    const words = [Deno.execPath(), "run", "-A", "--no-check", "--quiet", main, "-V", "-f", file.path];
    const child = new Deno.Command("python3", { args: ["-c", script, ...words], stdout: "null", stderr: "piped" })
      .spawn();
    let said = "";
    const decoder = new TextDecoder();
    const reader = child.stderr.getReader();
    while (!said.includes("Listening")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(said);
      said += decoder.decode(value);
    }
    assertStringIncludes(said, `127.0.0.1:${port}`);
    assertMatch(await ask(at(port)), /^1 \d 127\.0\.0\.1$/);
    assertMatch(await ask({ transport: "unix", path }), /^2 /);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    Deno.removeSync(dir, { recursive: true });
    const missing = await runToEnd(["-f", "/dev/stdin"], { stdin: config(["fd@987"]) });
    assertEquals(missing.code, 1);
    assertStringIncludes(missing.stderr, "cannot bind socket (Bad file descriptor) for [fd@987]");
  },
});

/** What `ss` tells of the sockets of a port; null where it is not installed. */
async function ss(words: readonly string[], port: number): Promise<string | null> {
  try {
    const args = ["-H", "-n", "-t", ...words, `sport = :${port}`];
    const { stdout } = await new Deno.Command("ss", { args }).output();
    return new TextDecoder().decode(stdout);
  } catch {
    return null;
  }
}

Deno.test({
  name: "BIND-07 BIND-10 TCP-01 GLOB-06 shards and options of listeners and connections, as the kernel shows them",
  ignore: !LINUX,
  async fn() {
    const [one, many] = [freePort(), freePort()];
    const global = "tune.rcvbuf.client 70000\n    tune.sndbuf.client 80000";
    const binds = [`127.0.0.1:${one} tcp-ut 5s mss 1000`, `[::]:${many} v6only shards by-thread`];
    using file = temporaryFile(`${config(binds, global)}    option clitcpka\n    clitcpka-idle 50\n`);
    await using program = new Program(["-V", "-f", file.path]);
    await program.says("Listening: ");
    if (await ss(["-l"], many) === null) return console.log("ss is not installed: skipped");
    assertEquals((await ss(["-l"], many))!.trim().split("\n").length, 2, "a socket a thread");
    const client = await Deno.connect(at(one));
    await client.write(new TextEncoder().encode("GET /never HTTP/1.1\r\nhost"));
    let shown = "";
    // The program takes the connection when it comes to it.
    for (let i = 0; i < 100 && !shown.includes("ESTAB"); i++) shown = (await ss(["-o", "-m", "-i"], one))!;
    assertMatch(shown, /timer:\(keepalive,(4\d|50)/);
    assertMatch(shown, /rb140000/);
    assertMatch(shown, /tb160000/);
    assertMatch(shown, /mss:\d{3,4}\b/);
    client.close();
    await Deno.connect(at(many)).then(() => assert(false, "v6only took IPv4"), () => {});
    assertMatch(await ask(at(many, "::1")), /^2 /);
  },
});

Deno.test("without --allow-ffi options are refused at the start, with what asks for it; all else works", async () => {
  const port = freePort();
  const main = new URL("../../", import.meta.url).pathname;
  const permissions = ["--allow-net", "--allow-read", "--allow-env", "--allow-sys", "--allow-write", "--allow-run"];
  // Without a maxconn the limit of descriptors is looked at, which also takes the C library.
  const small = "maxconn 100";
  using refused = temporaryFile(config([`127.0.0.1:${port} tcp-ut 5s`], small));
  const { code, stderr } = await runToEnd(["-f", refused.path], { permissions, cwd: main });
  assertEquals(code, 1);
  assertMatch(stderr, /missing permission --allow-ffi=\S+: it is needed for 'tcp-ut' of 'bind 127\.0\.0\.1:/);
  const back = "backend b\n    option srvtcpka\n    srvtcpka-cnt 3\n    server s 127.0.0.1:1\n";
  using server = temporaryFile(config([`127.0.0.1:${port}`], small, back));
  const other = await runToEnd(["-f", server.path], { permissions, cwd: main });
  assertEquals(other.code, 1);
  assertMatch(
    other.stderr,
    /missing permission --allow-ffi=\S+: it is needed for '[^']*srvtcpka-cnt' of 'server b\/s'/,
  );
  using plain = temporaryFile(`${config([`127.0.0.1:${port} shards 2 v4v6`], small)}    option clitcpka\n`);
  await using program = new Program(["-V", "-f", plain.path], { permissions, cwd: main });
  await program.says("Listening: ");
  assertMatch(await ask(at(port)), /^1 /);
});

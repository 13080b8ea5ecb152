// The command line program itself, as a child process: switches, messages, signals, exit statuses (management.txt 3, 4).
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort, Program, runToEnd, temporaryFile } from "./program.ts";

/** A configuration that needs nothing but a port. `server` is where requests go. */
function config(server: string, port = freePort()): string {
  return `global
    nbthread 2

defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
listen web
    bind 127.0.0.1:${port}
    server s1 ${server}
`;
}

/** The port the program says it listens on (-V). */
async function portOf(program: Program): Promise<number> {
  await program.says("Listening: ");
  const found = /Listening: 127\.0\.0\.1:(\d+)/.exec(program.stderr);
  if (found === null) throw new Error(program.stderr);
  return Number(found[1]);
}

function server(answer: () => Response | Promise<Response>) {
  const s = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return { address: `127.0.0.1:${s.addr.port}`, [Symbol.asyncDispose]: () => s.shutdown() };
}

Deno.test("PROC-02 PROC-19 -c tells what is wrong and opens nothing", async () => {
  using good = temporaryFile(config("127.0.0.1:1"));
  const valid = await runToEnd(["-c", "-f", good.path]);
  assertEquals(valid, { code: 0, stdout: "Configuration file is valid\n", stderr: "" });
  assertEquals(await runToEnd(["-c", "-q", "-f", good.path]), { code: 0, stdout: "", stderr: "" });

  using bad = temporaryFile(config("127.0.0.1:1").replace("timeout client", "timeout clint"));
  const invalid = await runToEnd(["-c", "-f", bad.path]);
  assertEquals(invalid.code, 1);
  const lines = invalid.stderr.trimEnd().split("\n");
  assertMatch(lines[0], /^\[NOTICE\] {3}\(\d+\) : haproxy version is 3\.2\.0-sluice-/);
  assertMatch(invalid.stderr, new RegExp(`\\[ALERT\\] {4}\\(\\d+\\) : config : parsing \\[${bad.path}:7\\] : .*clint`));
  assertStringIncludes(invalid.stderr, `config : Error(s) found in configuration file : ${bad.path}\n`);
  assertMatch(lines[lines.length - 1], /\(\d+\) : config : Fatal errors found in configuration\.$/);
});

Deno.test("PROC-02 warnings are errors with -dW", async () => {
  using file = temporaryFile(`${config("127.0.0.1:1")}.warning "look here"\n`);
  const warned = await runToEnd(["-c", "-f", file.path]);
  assertEquals(warned.code, 0, warned.stderr);
  assertStringIncludes(warned.stderr, "[WARNING]");
  const refused = await runToEnd(["-c", "-dW", "-f", file.path]);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "Some warnings were found and 'zero-warning' is set. Aborting.");
  const global = await runToEnd(["-c", "-f", "/dev/stdin"], {
    stdin: `global\n    zero-warning\n${config("127.0.0.1:1")}.warning "look here"\n`,
  });
  assertEquals(global.code, 1);
});

Deno.test("PROC-13 -dD shows what is suspicious and changes no status", async () => {
  const stdin = `${config("127.0.0.1:1")}.diag "suspicious"\n`;
  const plain = await runToEnd(["-c", "-f", "/dev/stdin"], { stdin });
  assertEquals([plain.code, plain.stderr], [0, ""]);
  const shown = await runToEnd(["-c", "-dD", "-dW", "-f", "/dev/stdin"], { stdin });
  assertEquals(shown.code, 0);
  assertMatch(shown.stderr, /^\[DIAG\] {5}\(\d+\) : config : parsing \[\/dev\/stdin:\d+\] : .*suspicious/m);
});

Deno.test("PROC-23 the configuration comes from standard input", async () => {
  const valid = await runToEnd(["-c", "-f", "/dev/stdin"], { stdin: config("127.0.0.1:1") });
  assertEquals(valid.code, 0, valid.stderr);
  const invalid = await runToEnd(["-c", "-f", "/dev/stdin"], { stdin: "listen f\nbind :8000 tcut\n" });
  assertEquals(invalid.code, 1);
  assertStringIncludes(invalid.stderr, "config : parsing [/dev/stdin:2] : ");
  assertStringIncludes(invalid.stderr, "tcut");
});

Deno.test("PROC-01 files are read in order, a folder's in the order of their names", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
  try {
    Deno.writeTextFileSync(`${folder}/20-web.cfg`, config("127.0.0.1:1").replace(/^[^]*(?=listen)/, ""));
    Deno.writeTextFileSync(`${folder}/10-defaults.cfg`, config("127.0.0.1:1").replace(/listen[^]*$/, ""));
    Deno.writeTextFileSync(`${folder}/.hidden.cfg`, "nonsense\n");
    Deno.writeTextFileSync(`${folder}/other.txt`, "nonsense\n");
    assertEquals((await runToEnd(["-c", "-f", folder])).stderr, "");
    const absent = await runToEnd(["-c", "-f", `${folder}/absent.cfg`]);
    assertEquals(absent.code, 1);
    assertStringIncludes(absent.stderr, `Cannot open configuration file/directory ${folder}/absent.cfg : No such file`);
    assertEquals((await runToEnd(["-C", folder, "-c", "--", "10-defaults.cfg", "20-web.cfg"])).code, 0);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("PROC-02 a configuration without listener does not start", async () => {
  const stdin = "backend b\n    server s 127.0.0.1:1\n";
  const result = await runToEnd(["-f", "/dev/stdin"], { stdin });
  assertEquals(result.code, 1);
  assertStringIncludes(result.stderr, "No enabled listener found (check for 'bind' directives) ! Exiting.");
  const checked = await runToEnd(["-c", "-f", "/dev/stdin"], { stdin });
  assertEquals(checked.code, 2);
  assertEquals(checked.stdout, "Configuration file has no error but will not start (no listener) => exit(2).\n");
});

Deno.test("PROC-03 PROC-04 PROC-16 versions, report and keywords", async () => {
  const version = await runToEnd(["-v"]);
  assertMatch(version.stdout, /^HAProxy version 3\.2\.0-sluice-\d+\.\d+\.\d+ /);
  assertEquals(version.code, 0);
  const report = await runToEnd(["-vv"]);
  assertEquals(report.stdout.split("\n")[0], version.stdout.split("\n")[0]);
  assertMatch(report.stdout, /^Feature list : .*\+THREAD.* -LUA/m);
  assertStringIncludes(report.stdout, "h1 : mode=HTTP");
  const dump = await runToEnd(["-dKcfg", "-q", "-c", "-f", "/dev/stdin"], { stdin: config("127.0.0.1:1") });
  assertStringIncludes(dump.stdout, "frontend bind\n");
  assertStringIncludes(dump.stdout, "server option weight\n");
  assertStringIncludes((await runToEnd(["-dKhelp", "-q", "-c", "-f", "/dev/null"])).stdout, "cnv: ");
});

Deno.test("PROC-02 -cc answers by its status", async () => {
  assertEquals((await runToEnd(["-cc", "defined(PROBE)"], { env: { PROBE: "1" } })).code, 0);
  assertEquals((await runToEnd(["-cc", "version_before(3.0)"])).code, 1);
  const wrong = await runToEnd(["-cc", "bad(x)"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "config : Failed to evaluate condition: ");
});

Deno.test("unknown switches are refused with the usage", async () => {
  const result = await runToEnd(["-Z"]);
  assertEquals(result.code, 1);
  assertStringIncludes(result.stderr, "unknown switch '-Z'");
  assertStringIncludes(result.stderr, "Usage: ");
});

Deno.test("PROC-07 SIGUSR1 lets a request finish and ends with 0", async () => {
  let release = () => {};
  const released = new Promise<void>((done) => release = done);
  await using slow = server(async () => {
    await released;
    return new Response("finished");
  });
  await using program = new Program(["-V", "-db", "-f", "/dev/stdin"], { stdin: config(slow.address) });
  const port = await portOf(program);
  const answer = fetch(`http://127.0.0.1:${port}/`).then((r) => r.text());
  // The request is under way when the server has it: the second connection is refused only after the stop.
  await new Promise((done) => setTimeout(done, 200));
  program.signal("SIGUSR1");
  await program.says("Proxy web stopped (cumulated conns: FE: 1, BE: ");
  await refusedSoon(port);
  // The runtime opens a debugger on this signal.
  await refusedSoon(9229);
  release();
  assertEquals(await answer, "finished");
  assertEquals(await program.end(), 0);
});

/** Waits until nobody listens on the port. */
async function refusedSoon(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch {
      return;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("still listening");
}

Deno.test("PERF-01 threads share the connections of one address", async () => {
  const stdin = config("127.0.0.1:1").replace(
    / {4}server.*\n/,
    '    http-request return status 200 content-type text/plain lf-string "%[thread]"\n',
  );
  await using program = new Program(["-V", "-db", "-f", "/dev/stdin"], { stdin });
  const port = await portOf(program);
  const threads = new Set<string>();
  const one = async () => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    const answer = await new Response(conn.readable).text();
    threads.add(answer.slice(answer.indexOf("\r\n\r\n") + 4));
  };
  // Which thread takes a connection is up to the kernel; with many at once both have some.
  for (let round = 0; round < 20 && threads.size < 2; round++) await Promise.all(Array.from({ length: 20 }, one));
  assertEquals(threads.size, 2);
});

Deno.test("SIGHUP tells the state of servers and proxies", async () => {
  await using program = new Program(["-V", "-db", "-f", "/dev/stdin"], { stdin: config("127.0.0.1:1") });
  await portOf(program);
  program.signal("SIGHUP");
  await program.says("SIGHUP: Server web/s1 is UP. Conn: 0 act, 0 pend, 0 tot.");
  await program.says("SIGHUP: Proxy web has 1 active servers and 0 backup servers available. Conn: act(FE+BE): 0+0,");
});

Deno.test("-sf asks an older process to finish once the new one serves", async () => {
  await using older = new Program(["-V", "-db", "-f", "/dev/stdin"], { stdin: config("127.0.0.1:1") });
  await portOf(older);
  const words = ["-V", "-db", "-f", "/dev/stdin", "-sf", String(older.pid)];
  await using newer = new Program(words, { stdin: config("127.0.0.1:1") });
  await portOf(newer);
  assertEquals(await older.end(), 0);
  assertStringIncludes(older.stderr, "Proxy web stopped");
});

Deno.test("PROC-21 SIGTERM and SIGINT end at once", async () => {
  for (const [name, status] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
    await using program = new Program(["-V", "-db", "-f", "/dev/stdin"], { stdin: config("127.0.0.1:1") });
    const port = await portOf(program);
    const open = await Deno.connect({ hostname: "127.0.0.1", port });
    program.signal(name);
    assertEquals(await program.end(), status);
    open.close();
  }
});

Deno.test("PROC-20 -D goes to the background and writes the process id", async () => {
  using file = temporaryFile(config("127.0.0.1:1"));
  const pidFile = Deno.makeTempFileSync({ prefix: "sluice-", suffix: ".pid" });
  try {
    const started = await runToEnd(["-D", "-p", pidFile, "-f", file.path]);
    assertEquals(started.code, 0, started.stderr);
    const pid = Number(Deno.readTextFileSync(pidFile));
    assert(pid > 1);
    Deno.kill(pid, "SIGTERM");
    const failed = await runToEnd(["-D", "-p", "/nonexistent/x.pid", "-f", file.path]);
    assertEquals(failed.code, 1);
    assertStringIncludes(failed.stderr, "Cannot create pidfile /nonexistent/x.pid");
  } finally {
    Deno.removeSync(pidFile);
  }
});

Deno.test("PROC-19 an address in use is told, with the exit status of an error", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stdin = config("127.0.0.1:1", taken.addr.port);
  const result = await runToEnd(["-db", "-f", "/dev/stdin"], { stdin });
  taken.close();
  assertEquals(result.code, 1);
  assertMatch(
    result.stderr,
    /Binding \[\/dev\/stdin:10\] for proxy web: cannot bind socket \(Address already in use\)/,
  );
});

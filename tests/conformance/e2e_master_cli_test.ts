// The master's command line (management.txt 9.4) of real processes, as scripts and people use it.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort, Program, runToEnd } from "./program.ts";

function config(port: number, more = "", global = ""): string {
  return `global
    nbthread 1
${global}
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
    bind 127.0.0.1:${port}
${more}
    http-request return status 200 content-type text/plain lf-string "%[pid]"
`;
}

/** Sends text as a script does: all of it, then the end; the whole answer. */
async function cli(path: string, text: string, half = true): Promise<string> {
  const conn = await Deno.connect({ transport: "unix", path });
  await conn.write(new TextEncoder().encode(text));
  if (half) await conn.closeWrite();
  return await new Response(conn.readable).text();
}

interface Running extends AsyncDisposable {
  readonly program: Program;
  readonly path: string;
  readonly file: string;
  readonly port: number;
}

async function start(options = "", words: string[] = [], global = ""): Promise<Running> {
  const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
  const port = freePort();
  const file = `${folder}/haproxy.cfg`;
  const path = `${folder}/master.sock`;
  Deno.writeTextFileSync(file, config(port, "", global));
  const program = new Program(["-W", "-S", `${path}${options}`, ...words, "-f", file]);
  await program.says("Loading success.");
  return {
    program,
    path,
    file,
    port,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** Rows of "show proc" of a kind: [pid, reloads]. */
async function processes(path: string): Promise<{ current: string[][]; old: string[][]; master: string[] }> {
  const rows = { current: [] as string[][], old: [] as string[][], master: [] as string[] };
  let into = rows.current;
  for (const line of (await cli(path, "show proc\n")).split("\n")) {
    if (line === "# old workers") into = rows.old;
    const cells = line.split(/ {2,}/);
    if (cells[1] === "master") rows.master = cells;
    else if (cells[1] === "worker") into.push(cells);
  }
  return rows;
}

Deno.test("MCLI-01 the master's socket: processes, prompt, help, levels", async () => {
  await using running = await start();
  const { program, path } = running;
  const shown = await cli(path, "show proc\n");
  const lines = shown.split("\n");
  assertEquals(lines[0], "#<PID>          <type>          <reloads>       <uptime>        <version>      ");
  assertMatch(lines[1], new RegExp(`^${program.pid} +master +0 \\[failed: 0\\] +0d00h00m\\d\\ds +3\\.2\\.0-sluice-`));
  assertMatch(shown, /^# workers\n\d+ +worker +0 +0d00h00m\d\ds +3\.2\.0-sluice-\d+\.\d+\.\d+\n# programs\n\n$/m);
  assertEquals(await cli(path, "prompt\nshow cli level\nquit\n"), "master> admin\n\nmaster> ");
  assertEquals(
    await cli(path, "show cli level; user; show cli level; reload\n"),
    "admin\n\nuser\n\nPermission denied\n\n",
  );
  assertStringIncludes(await cli(path, "help\n"), "  reload                                  : reload haproxy\n");
  assertStringIncludes(await cli(path, "nonsense\n"), "Unknown command: 'nonsense'");
  assertStringIncludes(await cli(path, "mcli-debug-mode on\n"), "send it to one");
});

Deno.test("MCLI-01 -S takes options of bind, and says what it does not take", async () => {
  await using running = await start(",level,operator,mode,600");
  assertEquals(await cli(running.path, "show cli level\n"), "operator\n\n");
  assertEquals(Deno.statSync(running.path).mode! & 0o777, 0o600);
  const cfg = { stdin: config(freePort()) };
  const bad = await runToEnd(["-W", "-S", "/tmp/x,levl,user", "-f", "/dev/stdin"], cfg);
  assertEquals(bad.code, 1);
  assertStringIncludes(bad.stderr, "config : -S : ");
  const nowhere = await runToEnd(["-W", "-S", "/nonexistent/m.sock", "-f", "/dev/stdin"], cfg);
  assertEquals(nowhere.code, 1);
  assertStringIncludes(
    nowhere.stderr,
    "Binding [master-socket:0] for proxy MASTER: cannot bind socket (No such file or directory)",
  );
  const alone = await runToEnd(["-c", "-S", "/tmp/x", "-f", "/dev/stdin"], cfg);
  assertStringIncludes(alone.stderr, "a master CLI socket was defined, but master-worker mode (-W) is not enabled.");
});

Deno.test("MCLI-02 commands to one worker, by place and by process, once and from then on", async () => {
  await using running = await start();
  const { program, path } = running;
  const [[pid]] = (await processes(path)).current;
  const socket = await cli(path, "@1 show cli sockets; show cli sockets\n");
  assertEquals(socket.split("# socket lvl processes\n")[1], "\n", "the worker's socket for its master is not shown");
  assertStringIncludes(socket, "master.sock admin all");
  assertEquals(await cli(path, `@!${pid} show cli level; @1 show cli level\n`), "admin\n\nadmin\n\n");
  assertEquals(await cli(path, "operator; @1 show cli level\n"), "operator\n\n");
  assertMatch(
    await cli(path, "prompt\nexpert-mode on\n@1\nexpert-mode\nshow cli level\n@\n@master show cli level\nquit\n"),
    new RegExp(
      `^master> master\\(e\\)> ${pid}\\(e\\)> .*\\n\\n${pid}\\(e\\)> admin\\n\\n${pid}\\(e\\)> master\\(e\\)> admin\\n\\nmaster\\(e\\)> $`,
      "s",
    ),
  );
  assertEquals(
    await cli(path, "@!1 show version; show version\n"),
    "Can't find the target PID matching the prefix '@!1'\n",
  );
  assertEquals(await cli(path, "@2 show version\n"), "Can't find the target PID matching the prefix '@2'\n");
  // An old worker that still has a connection is reached by its process only.
  const held = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
  await held.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  await (await fetch(`http://127.0.0.1:${running.port}/`, { headers: { connection: "close" } })).text();
  assertMatch(await cli(path, "reload\n"), /^Success=1\n--\n/);
  await program.says("Proxy web stopped");
  const { current, old } = await processes(path);
  assertEquals([old.map((row) => row[0]), old[0][2], current[0][2]], [[pid], "1", "0"]);
  assertEquals(await cli(path, `@!${pid} show cli level\n`), "admin\n\n");
  held.close();
});

Deno.test("MCLI-02 a frontend that is disabled and enabled again has its socket still", async () => {
  await using running = await start();
  const { path, port, program } = running;
  for (let round = 1; round <= 2; round++) {
    assertEquals(await cli(path, "@1 disable frontend web\n"), "\n");
    await program.saysTimes("Paused frontend web.", round);
    // The master keeps the address: who connects meanwhile waits.
    const waiting = fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    assertEquals(await cli(path, "@1 enable frontend web\n"), "\n");
    assertMatch(await (await waiting).text(), /^\d+$/);
  }
  assertMatch(await cli(path, "reload\n"), /^Success=1\n/);
  await program.says("Former worker");
});

Deno.test("MCLI-03 @@ takes the whole line into a worker, or opens a session there", async () => {
  await using running = await start();
  const { path } = running;
  assertEquals(await cli(path, "@@1 show cli level; wait 10; user; show cli level\n"), "admin\n\n\n\nuser\n\n");
  // The session is in the worker until "quit", in the mode of the master.
  const inside = await cli(path, "prompt\n@@1\nshow cli level\noperator\nshow cli level\nquit\n");
  assertMatch(inside, /^master> > admin\n\n> \n> operator\n\n> master> $/);
  assertEquals(await cli(path, "@@1\nshow cli level\n"), "admin\n\n");
  assertEquals(await cli(path, "@@3 show version\n"), "Can't find the target PID matching the prefix '@@3'\n");
});

Deno.test("MCLI-04 MCLI-05 reload answers when all is done, with what was said; other connections are closed", async () => {
  await using running = await start();
  const { program, path, file, port } = running;
  const other = await Deno.connect({ transport: "unix", path });
  await other.write(new TextEncoder().encode("prompt\n"));
  const prompt = new Uint8Array(20);
  assertEquals(await other.read(prompt), "master> ".length);
  const seen = await cli(path, "reload; show version\n");
  assertMatch(
    seen,
    /^Success=1\n--\n\[NOTICE\] {3}\(\d+\) : New worker \(\d+\) forked\n\[NOTICE\] {3}\(\d+\) : Loading success\.\n\n$/,
  );
  assertEquals(await new Response(other.readable).text(), "");
  const [[pid]] = (await processes(path)).current;
  const asked = async () =>
    Number(await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } })).text());
  assertEquals(await asked(), Number(pid));

  Deno.writeTextFileSync(file, config(port, "    nonsense"));
  const failed = await cli(path, "reload\n");
  assertMatch(failed, /^Success=0\n--\n\[NOTICE\] {3}\(\d+\) : haproxy version is /);
  assertStringIncludes(failed, "unknown keyword 'nonsense'");
  assertMatch(failed, /\[WARNING\] {2}\(\d+\) : Loading failure!\n\n$/);
  assertEquals(await cli(path, "show startup-logs\n"), failed.slice("Success=0\n--\n".length));
  assertEquals(await cli(path, "@1 show startup-logs\n"), "\n");
  assertStringIncludes(await cli(path, "prompt\nquit\n"), "master[ReloadFailed]> ");
  assertMatch((await processes(path)).master[2], /^2 \[failed: 1\]$/);
  assertEquals(await asked(), Number(pid));

  // A hard one does not wait for what the worker has begun; a warning is told also by the worker it belongs to.
  Deno.writeTextFileSync(file, config(port, '    .warning "look here"'));
  const held = await Deno.connect({ hostname: "127.0.0.1", port });
  await held.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  await asked();
  assertMatch(await cli(path, "hard-reload\n"), /^Success=1\n/);
  await program.says(`Former worker (${pid}) exited with code 143`);
  assertStringIncludes(await cli(path, "@1 show startup-logs\n"), "look here");
  held.close();
  assert(!(await cli(path, "prompt\nquit\n")).includes("ReloadFailed"));
});

Deno.test("MCLI-02 a command to a worker with a payload, and to one that dies meanwhile", async () => {
  await using running = await start("", [], "    master-worker no-exit-on-failure");
  const { program, path } = running;
  const [[pid]] = (await processes(path)).current;
  assertStringIncludes(await cli(path, "@1 echo <<\nfirst\n\nshow cli level\n"), "\n");
  const waiting = cli(path, "@1 wait 60s\n", false);
  // The wait has begun when another command on the same worker is answered.
  await cli(path, "@1 show version\n");
  Deno.kill(Number(pid), "SIGKILL");
  await program.says("exited with code 137 (Killed)");
  assertEquals(await waiting, "");
  await program.saysTimes("Loading success.", 2);
  assertStringIncludes(await cli(path, `@!${pid} show version\n`), "Can't find the target PID");
  assertMatch(await cli(path, "@1 show version\n"), /^3\.2\.0-sluice/);
});

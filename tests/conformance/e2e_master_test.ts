// Master and worker as real processes (management.txt 3 "-W", 4): reloads, deaths, stops, what is said of them.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort, Program, runToEnd, temporaryFile } from "./program.ts";

/** A configuration whose answers name the process and the configuration. */
function config(port: number, name: string, global = "", more = ""): string {
  return `global
    nbthread 2
${global}
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
    bind 127.0.0.1:${port}
${more}
    http-request return status 200 content-type text/plain lf-string "${name} %[pid]"
`;
}

/** One request on a connection of its own: the body, or why there is none. */
async function ask(port: number): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    const answer = await new Response(conn.readable).text();
    if (!answer.startsWith("HTTP/1.1 200 ")) throw new Error(`answered '${answer}'`);
    return answer.slice(answer.indexOf("\r\n\r\n") + 4);
  } finally {
    try {
      conn.close();
    } catch { /* the stream closed it */ }
  }
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** The number of the process in an answer. */
function pidOf(body: string): number {
  return Number(body.split(" ")[1]);
}

Deno.test("PROC-06 PROC-10 reloads under load: no connection is refused or dropped, the new configuration serves", async () => {
  const port = freePort();
  using file = temporaryFile(config(port, "c0"));
  await using program = new Program(["-W", "-f", file.path]);
  await program.says("Loading success.");
  const failures: string[] = [];
  const seen = new Set<string>();
  let answered = 0;
  let over = false;
  const client = async () => {
    while (!over) {
      try {
        seen.add(await ask(port));
        answered++;
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const clients = Array.from({ length: 8 }, client);
  for (let round = 1; round <= 4; round++) {
    Deno.writeTextFileSync(file.path, config(port, `c${round}`));
    program.signal("SIGUSR2");
    await program.saysTimes("Loading success.", round + 1);
  }
  await program.saysTimes("exited with code 0 (Exit)", 4);
  for (const until = answered + 50; answered < until && failures.length === 0;) await ask(port);
  over = true;
  await Promise.all(clients);
  assertEquals(failures, [], `after ${answered} answers`);
  assertEquals(new Set([...seen].map((body) => body.split(" ")[0])), new Set(["c0", "c1", "c2", "c3", "c4"]));
  assertEquals(count(program.stderr, "New worker ("), 5);
  assertEquals(count(program.stderr, "Reloading HAProxy"), 4);
  assertMatch(program.stderr, /^\[WARNING\] {2}\(\d+\) : Former worker \(\d+\) exited with code 0 \(Exit\)$/m);
  program.signal("SIGTERM");
  assertEquals(await program.end(), 0);
  assertStringIncludes(program.stderr, "Exiting Master process...");
  assertStringIncludes(program.stderr, "exited with code 143 (Terminated)");
  assertStringIncludes(program.stderr, "All workers exited. Exiting... (0)");
});

Deno.test("PROC-06 a configuration that cannot be loaded keeps the worker, its connections and its addresses", async () => {
  const port = freePort();
  using file = temporaryFile(config(port, "good"));
  await using program = new Program(["-W", "-f", file.path]);
  await program.says("Loading success.");
  const before = await ask(port);
  Deno.writeTextFileSync(file.path, config(port, "bad", "    nonsense"));
  program.signal("SIGUSR2");
  await program.says("Loading failure!");
  assertStringIncludes(program.stderr, "unknown keyword 'nonsense'");
  assertEquals(await ask(port), before);
  // An address that cannot be had is no different.
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  Deno.writeTextFileSync(file.path, config(port, "bad", "", `    bind 127.0.0.1:${taken.addr.port}`));
  program.signal("SIGHUP");
  await program.saysTimes("Loading failure!", 2);
  assertMatch(program.stderr, /Binding \[.*\] for frontend web: cannot bind socket \(Address already in use\)/);
  assertEquals(await ask(port), before);
  Deno.writeTextFileSync(file.path, config(port, "better"));
  program.signal("SIGUSR2");
  await program.saysTimes("Loading success.", 2);
  await program.says("Former worker");
  assertMatch(await ask(port), /^better /);
});

Deno.test("PROC-06 the old worker finishes what it has begun, with sockets of its own that are new or gone", async () => {
  const port = freePort(), other = freePort();
  using file = temporaryFile(config(port, "old"));
  await using program = new Program(["-W", "-f", file.path]);
  await program.says("Loading success.");
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  // The worker has the connection once another one of the same queue is answered.
  await ask(port);
  Deno.writeTextFileSync(file.path, config(other, "new"));
  program.signal("SIGUSR2");
  await program.says("Proxy web stopped");
  assertMatch(await ask(other), /^new /);
  await refused(port);
  await conn.write(new TextEncoder().encode("host: x\r\n\r\n"));
  assertStringIncludes(await new Response(conn.readable).text(), "old ");
  await program.says("Former worker");
  assertMatch(program.stderr, /Former worker \(\d+\) exited with code 0/);
});

/** Waits until nobody listens on the port. */
async function refused(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch {
      return;
    }
    await new Promise((again) => setTimeout(again, 20));
  }
  throw new Error("still listening");
}

Deno.test("PROC-05 a worker that dies ends the master, with its status", async () => {
  const port = freePort();
  await using program = new Program(["-W", "-f", "/dev/stdin"], { stdin: config(port, "c") });
  await program.says("Loading success.");
  Deno.kill(pidOf(await ask(port)), "SIGKILL");
  assertEquals(await program.end(), 137);
  assertMatch(program.stderr, /\[ALERT\] {4}\(\d+\) : Current worker \(\d+\) exited with code 137 \(Killed\)/);
  assertStringIncludes(program.stderr, "exit-on-failure: killing every processes with SIGTERM");
  assertStringIncludes(program.stderr, "All workers exited. Exiting... (137)");
});

Deno.test("PROC-05 under no-exit-on-failure another worker takes the place of a dead one, on the same sockets", async () => {
  const port = freePort();
  using file = temporaryFile(config(port, "c", "    master-worker no-exit-on-failure"));
  await using program = new Program(["-f", file.path]);
  await program.says("Loading success.");
  const first = pidOf(await ask(port));
  Deno.kill(first, "SIGKILL");
  // The address is never given up: a connection that comes meanwhile waits for the next worker.
  await program.says("exited with code 137 (Killed)");
  const second = pidOf(await ask(port));
  assert(second !== first);
  program.signal("SIGUSR1");
  assertEquals(await program.end(), 0);
});

Deno.test("PROC-05 a worker whose master is killed ends", async () => {
  const port = freePort();
  await using program = new Program(["-W", "-f", "/dev/stdin"], { stdin: config(port, "c") });
  await program.says("Loading success.");
  await ask(port);
  program.signal("SIGKILL");
  await program.says("The master is gone. Exiting.");
  await refused(port);
});

Deno.test("PROC-21 a master ends with 130 on SIGINT, 0 on SIGTERM and SIGUSR1, and its worker with it", async () => {
  for (
    const [name, status, worker] of [
      ["SIGINT", 130, "130 (Interrupt)"],
      ["SIGTERM", 0, "143 (Terminated)"],
      ["SIGUSR1", 0, "0 (Exit)"],
    ] as const
  ) {
    const port = freePort();
    await using program = new Program(["-W", "-f", "/dev/stdin"], { stdin: config(port, "c") });
    await program.says("Loading success.");
    program.signal(name);
    assertEquals(await program.end(), status, name);
    assertMatch(
      program.stderr,
      new RegExp(`Current worker \\(\\d+\\) exited with code ${worker.replace(/[()]/g, "\\$&")}`),
    );
    await refused(port);
  }
});

Deno.test("PROC-05 a master that cannot load or listen ends with 1", async () => {
  const bad = await runToEnd(["-W", "-f", "/dev/stdin"], { stdin: config(1, "c", "    nonsense") });
  assertEquals(bad.code, 1);
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const inUse = await runToEnd(["-W", "-f", "/dev/stdin"], { stdin: config(taken.addr.port, "c") });
  assertEquals(inUse.code, 1);
  assertStringIncludes(inUse.stderr, "Some protocols failed to start their listeners! Exiting.");
  const layer = await runToEnd(["-W", "--io", "public", "-f", "/dev/stdin"], { stdin: config(freePort(), "c") });
  assertEquals(layer.code, 1);
  assertStringIncludes(layer.stderr, "master-worker mode needs the stream layer 'handles'");
});

Deno.test("PROC-05 PROC-20 -Ws tells the service manager, -p writes the master's process id, also in the background", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: `${folder}/notify` });
  try {
    const port = freePort();
    using file = temporaryFile(config(port, "c"));
    const env = { NOTIFY_SOCKET: `${folder}/notify` };
    const told = async () => new TextDecoder().decode((await socket.receive())[0]);
    await using program = new Program(["-Ws", "-p", `${folder}/pid`, "-f", file.path], { env });
    assertEquals(await told(), `READY=1\nMAINPID=${program.pid}`);
    await program.says("Loading success.");
    program.signal("SIGUSR2");
    assertEquals(await told(), "RELOADING=1");
    assertEquals(await told(), `READY=1\nMAINPID=${program.pid}`);
    assertEquals(Deno.readTextFileSync(`${folder}/pid`), `${program.pid}\n`);
    program.signal("SIGTERM");
    assertEquals(await told(), "STOPPING=1");
    assertEquals(await program.end(), 0);

    const started = await runToEnd(["-W", "-D", "-p", `${folder}/pid`, "-f", file.path]);
    assertEquals(started.code, 0, started.stderr);
    const master = Number(Deno.readTextFileSync(`${folder}/pid`));
    assert(pidOf(await ask(port)) !== master);
    Deno.kill(master, "SIGTERM");
    await refused(port);
  } finally {
    socket.close();
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("PROC-05 mworker-max-reloads ends workers that survive too many reloads", async () => {
  const port = freePort();
  using file = temporaryFile(config(port, "c", "    mworker-max-reloads 1"));
  await using program = new Program(["-W", "-f", file.path]);
  await program.says("Loading success.");
  const held = await Deno.connect({ hostname: "127.0.0.1", port });
  await held.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  await ask(port);
  program.signal("SIGUSR2");
  await program.saysTimes("Loading success.", 2);
  assert(!program.stderr.includes("Former worker"), program.stderr);
  program.signal("SIGUSR2");
  await program.says("exited with code 143 (Terminated)");
  held.close();
});

Deno.test("PROC-07 SIGUSR1 leaves no debugger open, in the master nor in the worker", async () => {
  const port = freePort();
  await using program = new Program(["-W", "-f", "/dev/stdin"], { stdin: config(port, "c") });
  await program.says("Loading success.");
  const held = await Deno.connect({ hostname: "127.0.0.1", port });
  await held.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  await ask(port);
  program.signal("SIGUSR1");
  await program.says("Proxy web stopped");
  await refused(9229);
  held.close();
  assertEquals(await program.end(), 0);
});

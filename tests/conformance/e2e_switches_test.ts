// Switches and signals of the program as a child process (management.txt 3, 4) that e2e_cli_test.ts has no room for.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort, Program, runToEnd } from "./program.ts";

function config(port: number, more = "", server = ""): string {
  return `global
    nbthread 2
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
listen web
    bind 127.0.0.1:${port}
${more}
${
    server === ""
      ? '    http-request return status 200 content-type text/plain lf-string "%[pid]"'
      : `    server s1 ${server}`
  }
`;
}

async function get(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/x?y`, { headers: { connection: "close", probe: "1" } });
  return await answer.text();
}

Deno.test("PROC-20 -d prints a line for each event of a connection", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("hello"));
  const port = freePort();
  await using program = new Program(["-d", "-D", "-V", "-f", "/dev/stdin"], {
    stdin: config(port, "", `127.0.0.1:${server.addr.port}`),
  });
  await program.says("Listening: ");
  assertEquals(await get(port), "hello");
  await program.says(".closed[");
  const lines = program.stdout.trimEnd().split("\n");
  assertMatch(lines[0], /^0[01]000000:web\.accept\(0001\)=0001 from \[127\.0\.0\.1:\d+\] ALPN=<none>$/);
  const id = lines[0].split(":")[0];
  assertEquals(lines[1], `${id}:web.clireq[0001:ffffffff]: GET /x?y HTTP/1.1`);
  assert(lines.includes(`${id}:web.clihdr[0001:ffffffff]: probe: 1`), program.stdout);
  assert(lines.includes(`${id}:web.srvrep[0001:0001]: HTTP/1.1 200 OK`), program.stdout);
  assert(lines.includes(`${id}:web.srvhdr[0001:0001]: content-length: 5`), program.stdout);
  assertMatch(lines[lines.length - 1], new RegExp(`^${id}:web\\.closed\\[0001:`));
});

Deno.test("PROC-14 -dC prints the configuration, with a key without names and addresses", async () => {
  const stdin = config(8080, "    # nothing\n    option   httplog   # at the end", "db.internal:80").replace(
    "listen web",
    "listen shop",
  );
  const plain = await runToEnd(["-c", "-q", "-dr", "-dC", "-f", "/dev/stdin"], { stdin });
  assertEquals(plain.code, 0, plain.stderr);
  assertStringIncludes(plain.stdout, "global\n\tnbthread 2\ndefaults\n\tmode http\n");
  assertStringIncludes(
    plain.stdout,
    "listen shop\n\tbind 127.0.0.1:8080\n\toption httplog\n\tserver s1 db.internal:80\n",
  );
  const hidden = (key: string) => runToEnd(["-c", "-q", "-dr", `-dC${key}`, "-f", "/dev/stdin"], { stdin });
  const [one, again, two] = await Promise.all([hidden("1234"), hidden("1234"), hidden("77")]);
  assertEquals(one.stdout, again.stdout);
  assert(one.stdout !== two.stdout);
  for (const word of ["shop", "db.internal", "127.0.0.1", "s1"]) assert(!one.stdout.includes(word), one.stdout);
  assertMatch(
    one.stdout,
    /\nlisten [0-9a-f]{6}\n\tbind [0-9a-f]{6}:8080\n\toption httplog\n\tserver [0-9a-f]{6} [0-9a-f]{6}:80\n/,
  );
});

Deno.test("PROC-15 -dc prints the processors of the threads, -dL the files that are loaded, --help the switches", async () => {
  const stdin = config(8080);
  const { stdout } = await runToEnd(["-c", "-q", "-dc", "-f", "/dev/stdin"], { stdin });
  assertMatch(stdout, /^Thread CPU Bindings:\n {2}Tgrp\/Thr +Tid +CPU set\n {2}1\/1-2 +1-2 +\d+: \d+[-,\d]*\n$/);
  const libraries = (await runToEnd(["-c", "-q", "-dL", "-f", "/dev/stdin"], { stdin })).stdout;
  if (Deno.build.os === "linux") {
    assertMatch(libraries, /^(\/.*\n)+$/);
    assertStringIncludes(libraries, "libc.so");
    assertStringIncludes(libraries, Deno.realPathSync(Deno.execPath()));
    const ranges = (await runToEnd(["-c", "-V", "-dL", "-f", "/dev/stdin"], { stdin })).stdout;
    assertMatch(ranges, /^[0-9a-f]+-[0-9a-f]+ \/.*libc\.so/m);
  }
  const help = await runToEnd(["--help"]);
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "Usage: sluice");
  assertEquals((await runToEnd([])).code, 1);
});

Deno.test("PROC-18 -dr starts with servers whose names have no address, in maintenance", async () => {
  const stdin = config(freePort(), "", "nowhere.invalid:80");
  const refused = await runToEnd(["-c", "-f", "/dev/stdin"], { stdin });
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "'server web/s1' : could not resolve address 'nowhere.invalid'.");
  await using program = new Program(["-dr", "-db", "-V", "-f", "/dev/stdin"], { stdin });
  await program.says("Listening: ");
  assertMatch(
    program.stderr,
    /\[WARNING\] {2}\(\d+\) : config : .*'server web\/s1' : could not resolve address 'nowhere\.invalid', disabling server\./,
  );
  program.signal("SIGHUP");
  await program.says("SIGHUP: Proxy web has no server available !");
});

Deno.test("PROC-07 -sf on the same address: the older process gives it up, the new one serves, then the older one ends", async () => {
  const stdin = config(freePort());
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(stdin)![1]);
  await using older = new Program(["-V", "-db", "-f", "/dev/stdin"], { stdin });
  await older.says("Listening: ");
  const idle = await Deno.connect({ hostname: "127.0.0.1", port });
  await idle.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  assertEquals(await get(port), String(older.pid));
  await using newer = new Program(["-V", "-db", "-f", "/dev/stdin", "-sf", String(older.pid)], { stdin });
  await newer.says("Listening: ");
  assertEquals(await get(port), String(newer.pid));
  await older.says("Proxy web stopped");
  assertMatch(older.stderr, /Paused proxy web\.[^]*Proxy web stopped/);
  // What it had accepted is answered.
  await idle.write(new TextEncoder().encode("host: x\r\n\r\n"));
  assertStringIncludes(await new Response(idle.readable).text(), String(older.pid));
  assertEquals(await older.end(), 0);
});

Deno.test("PROC-07 -sf that cannot have an address lets the older process go on", async () => {
  const stdin = config(freePort());
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(stdin)![1]);
  await using older = new Program(["-V", "-db", "-f", "/dev/stdin"], { stdin });
  await older.says("Listening: ");
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const failed = await runToEnd(["-db", "-f", "/dev/stdin", "-st", String(older.pid)], {
    stdin: config(port, `    bind 127.0.0.1:${taken.addr.port}`),
  });
  assertEquals(failed.code, 1);
  assertStringIncludes(failed.stderr, `cannot bind socket (Address already in use) for [127.0.0.1:${taken.addr.port}]`);
  await older.says("Resumed proxy web.");
  assertEquals(await get(port), String(older.pid));
});

Deno.test("PROC-20 PROC-23 a configuration on standard input runs in the background, and under a master over reloads", async () => {
  const pidFile = Deno.makeTempFileSync({ prefix: "sluice-", suffix: ".pid" });
  try {
    const port = freePort();
    const started = await runToEnd(["-D", "-p", pidFile, "-f", "/dev/stdin"], { stdin: config(port) });
    assertEquals(started.code, 0, started.stderr);
    const pid = Number(Deno.readTextFileSync(pidFile));
    assertEquals(await get(port), String(pid));
    Deno.kill(pid, "SIGTERM");
  } finally {
    Deno.removeSync(pidFile);
  }
  const port = freePort();
  await using program = new Program(["-W", "-f", "/dev/stdin"], { stdin: config(port) });
  await program.says("Loading success.");
  const first = await get(port);
  program.signal("SIGUSR2");
  await program.saysTimes("Loading success.", 2);
  await program.says("Former worker");
  assert(await get(port) !== first);
});

Deno.test("PROC-20 SIGTTOU, SIGTTIN, SIGUSR2 and SIGQUIT end nothing", async () => {
  const port = freePort();
  await using program = new Program(["-V", "-db", "-f", "/dev/stdin"], { stdin: config(port) });
  await program.says("Listening: ");
  program.signal("SIGUSR2");
  program.signal("SIGQUIT");
  await program.says("Dumping memory usage.");
  program.signal("SIGTTOU");
  await program.says("Paused proxy web.");
  program.signal("SIGTTIN");
  await program.says("Resumed proxy web.");
  assertEquals(await get(port), String(program.pid));
  program.signal("SIGUSR1");
  assertEquals(await program.end(), 0);
});

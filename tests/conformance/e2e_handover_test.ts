// Listening sockets that go from one process to another that does not descend from it (management.txt 3 "-x").
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePort, Program, runToEnd, temporaryFile } from "./program.ts";

function config(port: number, socket: string, options: string): string {
  return `global
    nbthread 2
    stats socket ${socket} level admin ${options}
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
    bind 127.0.0.1:${port}
    bind ${socket}.web
    http-request return status 200 content-type text/plain lf-string "%[pid]"
`;
}

async function ask(port: number): Promise<number> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    const answer = await new Response(conn.readable).text();
    const pid = /\r\n\r\n(\d+)$/.exec(answer);
    if (pid === null) throw new Error(`answered '${answer}'`);
    return Number(pid[1]);
  } finally {
    try {
      conn.close();
    } catch { /* the stream closed it */ }
  }
}

const linux = Deno.build.os === "linux";

Deno.test({
  name: "PROC-10 -x takes the sockets of an unrelated process: under load no connection is refused or dropped",
  ignore: !linux,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
    const port = freePort();
    using file = temporaryFile(config(port, `${folder}/cli`, "expose-fd listeners"));
    const words = ["-db", "-V", "-f", file.path];
    const programs = [new Program(words)];
    try {
      await programs[0].says("Listening: ");
      const failures: string[] = [];
      const seen = new Set<number>();
      let over = false;
      const clients = Array.from({ length: 8 }, async () => {
        while (!over) await ask(port).then((pid) => seen.add(pid), (error) => failures.push(String(error)));
      });
      for (let round = 1; round <= 3; round++) {
        const before = programs[round - 1];
        const next = new Program([...words, "-x", `${folder}/cli`, "-sf", String(before.pid)]);
        programs.push(next);
        await next.says("Listening: ");
        assertEquals(await before.end(), 0);
        assert(!before.stderr.includes("Paused"), before.stderr);
        while (!seen.has(next.pid) && failures.length === 0) await ask(port).then((pid) => seen.add(pid));
      }
      over = true;
      await Promise.all(clients);
      assertEquals(failures, []);
      assertEquals(seen, new Set(programs.map((program) => program.pid)));
      // The unix socket went along, file and all.
      const unix = await Deno.connect({ transport: "unix", path: `${folder}/cli.web` });
      await unix.write(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
      assertStringIncludes(await new Response(unix.readable).text(), String(programs[3].pid));
    } finally {
      for (const program of programs) await program[Symbol.asyncDispose]();
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "PROC-10 a socket that does not expose the listeners, and one that nobody serves, give none",
  ignore: !linux,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
    try {
      const port = freePort();
      using file = temporaryFile(config(port, `${folder}/cli`, ""));
      await using older = new Program(["-db", "-V", "-f", file.path]);
      await older.says("Listening: ");
      for (
        const [path, reason] of [
          [`${folder}/cli`, "this socket does not expose listening sockets"],
          [`${folder}/none`, "No such file or directory"],
        ]
      ) {
        const failed = await runToEnd(["-db", "-f", file.path, "-x", path, "-sf", String(older.pid)]);
        assertEquals(failed.code, 1);
        assertStringIncludes(failed.stderr, `Failed to get sockets from the old process socket '${path}': ${reason}`);
        assertStringIncludes(failed.stderr, "Failed to get the sockets from the old process!");
      }
      const cli = await Deno.connect({ transport: "unix", path: `${folder}/cli` });
      await cli.write(new TextEncoder().encode("_getsocks\n"));
      assertEquals(await new Response(cli.readable).text(), "this socket does not expose listening sockets\n\n");
      assertEquals(await ask(port), older.pid);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

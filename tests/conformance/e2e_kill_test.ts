// What may die, dies under load: the worker, the log server. Nothing but what was under way in it is lost.
import { assert, assertEquals } from "@std/assert";
import { freePort, Program, temporaryFile } from "./program.ts";

function config(port: number, global: string): string {
  return `global
    nbthread 2
${global}
defaults
    mode http
    log global
    option httplog
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
    bind 127.0.0.1:${port}
    http-request return status 200 content-type text/plain lf-string "%[pid]"
`;
}

const CLIENTS = 8;

/** Clients that ask on a new connection each time until they are told to stop. */
class Load {
  answered = 0;
  /** Connections that could not be made at all. */
  readonly refused: string[] = [];
  /** Connections that ended without an answer. */
  cut = 0;
  readonly pids = new Set<number>();
  #over = false;
  readonly #clients: Promise<void>[];
  #notify: () => void = () => {};

  constructor(readonly port: number) {
    this.#clients = Array.from({ length: CLIENTS }, () => this.#client());
  }

  async #client(): Promise<void> {
    while (!this.#over) {
      let conn: Deno.TcpConn;
      try {
        conn = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
      } catch (error) {
        this.refused.push(String(error));
        return;
      }
      try {
        await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
        const answer = await new Response(conn.readable).text();
        const pid = /\r\n\r\n(\d+)$/.exec(answer);
        if (pid === null) throw new Error("no answer");
        this.pids.add(Number(pid[1]));
        this.answered++;
      } catch {
        this.cut++;
        try {
          conn.close();
        } catch { /* closed already */ }
      }
      this.#notify();
    }
  }

  /** Waits for so many more answers. */
  async more(count: number): Promise<void> {
    for (const until = this.answered + count; this.answered < until && this.refused.length === 0;) {
      await new Promise<void>((done) => this.#notify = done);
    }
  }

  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#clients);
  }
}

Deno.test("PROC-05 workers killed under load: what waits in the queue is served by the next one, only what was under way is cut", async () => {
  const port = freePort();
  using file = temporaryFile(config(port, "    master-worker no-exit-on-failure"));
  await using program = new Program(["-f", file.path]);
  await program.says("Loading success.");
  const load = new Load(port);
  await load.more(50);
  for (let death = 1; death <= 3; death++) {
    const worker = [...load.pids].at(-1)!;
    Deno.kill(worker, "SIGKILL");
    await program.saysTimes("exited with code 137 (Killed)", death);
    await program.saysTimes("Loading success.", death + 1);
    await load.more(50);
  }
  await load.stop();
  assertEquals(load.refused, []);
  assert(load.cut <= 3 * CLIENTS, `${load.cut} of ${load.answered} were cut`);
  assertEquals(load.pids.size, 4);
});

Deno.test("LOG-01 PROC-05 a log server that stalls, and one that dies, under load: every request is answered", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
  try {
    const syslog = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const { port: udp } = syslog.addr as Deno.NetAddr;
    const stalled = Deno.listenDatagram({ transport: "unixpacket", path: `${folder}/log` });
    const port = freePort();
    using file = temporaryFile(config(port, `    log 127.0.0.1:${udp} local0\n    log ${folder}/log local0`));
    await using program = new Program(["-db", "-V", "-f", file.path]);
    await program.says("Listening: ");
    const load = new Load(port);
    // Nobody ever reads from the second one: its queue in the kernel holds a few lines.
    await load.more(100);
    const [line] = await syslog.receive();
    assert(new TextDecoder().decode(line).includes(" web "), new TextDecoder().decode(line));
    syslog.close();
    await load.more(100);
    stalled.close();
    await load.more(100);
    await load.stop();
    assertEquals([load.refused, load.cut], [[], 0]);
    program.signal("SIGUSR1");
    assertEquals(await program.end(), 0);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

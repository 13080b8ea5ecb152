// Log targets of the real program, with real sockets and pipes: a TCP receiver that restarts, standard output that nobody
// reads, a unix socket that is not there.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePort, Program, temporaryFile } from "./program.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

function config(port: number, ...targets: string[]): string {
  return `global
    nbthread 2
${targets.map((target) => `    log ${target}\n`).join("")}
defaults
    mode http
    log global
    log-format "%HP"
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
    bind 127.0.0.1:${port}
    http-request return status 200 content-type text/plain string served
`;
}

async function ask(port: number, path: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  assertEquals(await answer.text(), "served");
}

Deno.test("LOG-10 LOG-01 e2e: a TCP receiver gets whole lines of all threads, also after its restart", async () => {
  const logs = freePort();
  const port = freePort();
  using file = temporaryFile(config(port, `tcp@127.0.0.1:${logs} format raw local0`, "/nowhere/log local0"));
  const received: string[] = [];
  const listen = () => Deno.listen({ hostname: "127.0.0.1", port: logs });
  let listener = listen();
  let conn: Deno.Conn | null = null;
  const lines = async (enough: (text: string) => boolean): Promise<string[]> => {
    conn ??= await listener.accept();
    const chunk = new Uint8Array(4096);
    while (!enough(received.join(""))) {
      const n = await conn.read(chunk);
      if (n === null) throw new Error("the connection ended");
      received.push(new TextDecoder().decode(chunk.subarray(0, n)));
    }
    return received.join("").trimEnd().split("\n").toSorted();
  };
  await using program = new Program(["-V", "-f", file.path]);
  await program.says("Listening: ");
  for (const path of ["/1", "/2", "/3"]) await ask(port, path);
  assertEquals(await lines((text) => text.split("\n").length > 3), ["/1", "/2", "/3"]);
  conn!.close();
  listener.close();
  listener = listen();
  conn = null;
  // The first line may still go to the connection that ends; the program finds that out by itself.
  for (const path of ["/4", "/5"]) await ask(port, path);
  await lines((text) => text.includes("/5\n"));
  (conn as Deno.Conn | null)?.close();
  listener.close();
  await program.says("cannot send to /nowhere/log: No such file or directory");
  program.signal("SIGTERM");
  assertEquals(await program.end(), 143);
});

Deno.test("LOG-01 e2e: standard output that nobody reads holds up no request, and none when it is closed", async () => {
  const port = freePort();
  using file = temporaryFile(config(port, "stdout format raw local0").replace('"%HP"', `"%HP ${"x".repeat(900)}"`));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "--no-check", "--quiet", MAIN, "-V", "-f", file.path],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = child.stderr.getReader();
  for (let text = ""; !text.includes("Listening: ");) {
    const { value, done } = await stderr.read();
    assert(!done, text);
    text += new TextDecoder().decode(value);
  }
  // A pipe holds 64 KB, the program 256 KB a thread.
  for (let i = 0; i < 400; i++) await ask(port, `/${i}`);
  const read = await child.stdout.getReader().read();
  assertStringIncludes(new TextDecoder().decode(read.value), "/0 xxx");
  await stderr.cancel();
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 143);
});

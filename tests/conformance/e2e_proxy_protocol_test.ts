// PROXY protocol with real peers: curl, and the packaged haproxy as sender and as receiver, over real sockets and threads.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { freePort, Program, temporaryFile } from "./program.ts";

const HAPROXY = "/usr/sbin/haproxy";

function isHere(program: string, version: string): boolean {
  try {
    return new Deno.Command(program, { args: [version], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const DEFAULTS = `defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
    unique-id-format id-%ci
`;

async function ask(port: number, path = "/"): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
  return await response.text();
}

/** A port where something listens soon. */
async function listening(port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    try {
      (await Deno.connect({ port, hostname: "127.0.0.1" })).close();
      return;
    } catch {
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  throw new Error(`nothing listens on ${port}`);
}

Deno.test({
  name: "PP-01 curl's header is taken",
  ignore: !isHere("curl", "--version"),
  async fn() {
    const port = freePort();
    using file = temporaryFile(`${DEFAULTS}
frontend in
    bind 127.0.0.1:${port} accept-proxy
    http-request return status 200 content-type text/plain lf-string "%[src] %[dst]:%[dst_port] %[fc_rcvd_proxy]"
`);
    await using program = new Program(["-V", "-f", file.path]);
    await program.says("Listening: ");
    const args = ["-s", "--max-time", "5", "--haproxy-protocol", `http://127.0.0.1:${port}/`];
    const { stdout } = await new Deno.Command("curl", { args }).output();
    assertEquals(new TextDecoder().decode(stdout), `127.0.0.1 127.0.0.1:${port} 1`);
  },
});

Deno.test({
  name: "PP-01 PP-02 PP-03 PP-04 FETCH-21 haproxy as sender and as receiver",
  ignore: !isHere(HAPROXY, "-v"),
  async fn() {
    const [into, line, binary, theirs, theirLine, theirBinary] = Array.from({ length: 6 }, freePort);
    const tells = 'lf-string "src=%[src] dst_port=%[dst_port] peer=%[fc_src] uid=%[fc_pp_unique_id]';
    using ours = temporaryFile(`global
    nbthread 2
${DEFAULTS}
frontend in
    bind 127.0.0.1:${into} accept-proxy
    http-request set-fc-tos 0x10
    http-request return status 200 content-type text/plain ${tells} rtt=%[fc_rtt(us)] lost=%[fc_lost]"
frontend line
    bind 127.0.0.1:${line}
    default_backend line
backend line
    source 127.0.0.9
    server s 127.0.0.1:${theirs} send-proxy
frontend binary
    bind 127.0.0.1:${binary}
    http-request set-src str(203.0.113.77)
    default_backend binary
backend binary
    option srvtcpka
    srvtcpka-cnt 3
    srvtcpka-idle 30
    server s 127.0.0.1:${theirs} send-proxy-v2 proxy-v2-options crc32c,unique-id set-proxy-v2-tlv-fmt(0x02) tlv-%[path]
`);
    using their = temporaryFile(`${DEFAULTS}
frontend in
    bind 127.0.0.1:${theirs} accept-proxy
    http-request return status 200 content-type text/plain ${tells} auth=%[fc_pp_authority]"
frontend line
    bind 127.0.0.1:${theirLine}
    default_backend line
backend line
    server s 127.0.0.1:${into} send-proxy
frontend binary
    bind 127.0.0.1:${theirBinary}
    http-request set-src str(203.0.113.77)
    default_backend binary
backend binary
    server s 127.0.0.1:${into} send-proxy-v2 proxy-v2-options crc32c,unique-id
`);
    const haproxy = new Deno.Command(HAPROXY, {
      args: ["-db", "-f", their.path],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await using program = new Program(["-V", "-f", ours.path]);
      await program.says("Listening: ");
      await listening(theirBinary);
      assertEquals(await ask(line), `src=127.0.0.1 dst_port=${line} peer=127.0.0.9 uid= auth=`);
      assertEquals(
        await ask(binary, "/p"),
        `src=203.0.113.77 dst_port=${binary} peer=127.0.0.1 uid=id-203.0.113.77 auth=tlv-/p`,
      );
      assertMatch(
        await ask(theirLine),
        new RegExp(`^src=127\\.0\\.0\\.1 dst_port=${theirLine} peer=127\\.0\\.0\\.1 uid= rtt=[1-9]\\d* lost=0$`),
      );
      assertMatch(
        await ask(theirBinary),
        new RegExp(
          `^src=203\\.0\\.113\\.77 dst_port=${theirBinary} peer=127\\.0\\.0\\.1 uid=id-\\S+ rtt=[1-9]\\d* lost=0$`,
        ),
      );
      // Again: connections that are kept, and threads that have set options before.
      for (let i = 0; i < 20; i++) assert((await ask(binary, "/q")).endsWith("auth=tlv-/q"));
    } finally {
      haproxy.kill("SIGKILL");
      await haproxy.status;
    }
  },
});

Deno.test({
  name: "source usesrc and a server's tfo and tcp-ut over real sockets",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    const port = freePort();
    const seen: string[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (_, { remoteAddr }) => {
      seen.push((remoteAddr as Deno.NetAddr).hostname);
      return new Response("ok");
    });
    using file = temporaryFile(`global
    nbthread 1
${DEFAULTS}
frontend in
    bind 127.0.0.1:${port}
    use_backend refused if { path /refused }
    default_backend app
backend app
    source 127.0.0.5 usesrc hdr_ip(x-from)
    server s 127.0.0.1:${server.addr.port} tcp-ut 4s
backend refused
    retries 0
    server s 127.0.0.1:1 tfo tcp-ut 3s source 127.0.0.6
`);
    await using program = new Program(["-V", "-f", file.path]);
    await program.says("Listening: ");
    for (const from of ["127.0.0.77", "127.0.0.78"]) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { "x-from": from, connection: "close" } });
      assertEquals(await response.text(), "ok");
    }
    assertEquals(await ask(port), "ok");
    assertEquals(seen, ["127.0.0.77", "127.0.0.78", "127.0.0.5"]);
    const response = await fetch(`http://127.0.0.1:${port}/refused`);
    assertEquals(response.status, 503);
    await response.text();
    await server.shutdown();
  },
});

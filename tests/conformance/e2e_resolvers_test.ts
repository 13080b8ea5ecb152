// Names resolved by the real program, over real datagrams and connections, with a name server of a few lines.
import { assertEquals } from "@std/assert";
import { freePort, Program, temporaryFile } from "./program.ts";

/** The answer to a query: these addresses for A, nothing for other types. */
function answer(query: Uint8Array, addresses: readonly string[]): Uint8Array<ArrayBuffer> {
  let end = 12;
  while (query[end] !== 0) end += query[end] + 1;
  const type = query[end + 2];
  end += 5;
  const found = type === 1 ? addresses : [];
  const reply = new Uint8Array(end + 16 * found.length);
  reply.set(query.subarray(0, end));
  const view = new DataView(reply.buffer);
  view.setUint16(2, 0x8180);
  view.setUint16(6, found.length);
  view.setUint16(10, 0);
  found.forEach((address, i) => {
    reply.set([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)], end + 16 * i);
  });
  return reply;
}

/** A name server that answers every A query with what `addresses` gives. */
function nameserver(addresses: () => readonly string[]): { readonly port: number } & Disposable {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = socket.addr as Deno.NetAddr;
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const datagrams = async () => {
    for await (const [query, from] of socket) await socket.send(answer(query, addresses()), from);
  };
  const connections = async () => {
    for await (const conn of listener) {
      const chunk = new Uint8Array(512);
      const n = await conn.read(chunk);
      const reply = answer(chunk.subarray(2, n ?? 2), addresses());
      await conn.write(Uint8Array.from([reply.length >> 8, reply.length & 255, ...reply]));
    }
  };
  datagrams().catch(() => {});
  connections().catch(() => {});
  return {
    port,
    [Symbol.dispose]() {
      socket.close();
      listener.close();
    },
  };
}

function webServer(host: string, port: number) {
  return Deno.serve({ hostname: host, port, onListen: () => {} }, () => new Response(host));
}

Deno.test("DNS-01 DNS-02 DNS-08 e2e: do-resolve by datagram and connection, a server that follows its name", async () => {
  let addresses = ["127.0.0.2"];
  using dns = nameserver(() => addresses);
  const port = freePort();
  const backend = freePort();
  const servers = [webServer("127.0.0.2", backend), webServer("127.0.0.3", backend)];
  using file = temporaryFile(`global
    nbthread 2
resolvers udp
    nameserver n1 127.0.0.1:${dns.port}
    timeout retry 1s
    timeout resolve 100ms
    hold valid 0
resolvers tcp
    nameserver n1 tcp@127.0.0.1:${dns.port}
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
frontend web
    bind 127.0.0.1:${port}
    http-request do-resolve(txn.udp,udp,ipv4) str(any.test) if { path /rule }
    http-request do-resolve(txn.tcp,tcp,ipv4) str(any.test) if { path /rule }
    http-request return status 200 content-type text/plain lf-string "%[var(txn.udp)] %[var(txn.tcp)]" if { path /rule }
    default_backend app
backend app
    server s app.test:${backend} resolvers udp init-addr none resolve-prefer ipv4
`);
  await using program = new Program(["-V", "-f", file.path]);
  await program.says("app/s changed its IP from (none) to 127.0.0.2 by udp/n1.");
  await program.says("administratively READY");
  const ask = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  assertEquals(await ask("/rule"), "127.0.0.2 127.0.0.2");
  assertEquals(await ask("/"), "127.0.0.2");
  addresses = ["127.0.0.3"];
  await program.says("app/s changed its IP from 127.0.0.2 to 127.0.0.3 by udp/n1.");
  const seen = new Set<string>();
  for (let i = 0; i < 50 && !seen.has("127.0.0.3"); i++) seen.add(await ask("/"));
  assertEquals(seen.has("127.0.0.3"), true);
  program.signal("SIGUSR1");
  assertEquals(await program.end(), 0);
  for (const server of servers) await server.shutdown();
});

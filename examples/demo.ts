// The demonstration: three web servers on free ports of the loopback and the proxy on examples/quick-start.cfg in front
// of them, in one process. It prints the address and what to try, then one log line a request, until ^C.
import { run } from "../mod.ts";
import { type DemoServer, startDemoServer } from "./demo_servers.ts";

/** The port the quick start names, or a free one when it is taken. */
function clientPort(preferred: number): number {
  for (const port of [preferred, 0]) {
    try {
      const listener = Deno.listen({ hostname: "127.0.0.1", port });
      const free = listener.addr.port;
      listener.close();
      return free;
    } catch { /* taken */ }
  }
  throw new Error("no port is free on 127.0.0.1");
}

const servers: DemoServer[] = ["server1", "server2", "server3"].map(startDemoServer);
const address = `127.0.0.1:${clientPort(8080)}`;
const env: Record<string, string> = { HTTP_ADDRESS: address };
servers.forEach((s, i) => env[`SERVER${i + 1}`] = `127.0.0.1:${s.port}`);

const file = new URL("quick-start.cfg", import.meta.url).pathname;
const proxy = await run({ files: [file], env });

console.log(`Sluice serves examples/quick-start.cfg on http://${address}/ with three web servers behind it.

  curl http://${address}/                     again and again: the servers take turns
  curl -v http://${address}/                  "x-served-by" names the server that answered
  curl -d hello http://${address}/form        what reached the server: the request with X-Forwarded-For
  for i in 1 2 3 4 5 6; do curl -s http://${address}/ | head -1; done

Open http://${address}/ in a browser and reload it to see the same. Below, one line of log for each request:
which frontend, backend/server, the times, status and size (section 8.2.3 of HAProxy's manual). ^C ends it.
`);

await new Promise<void>((done) => {
  Deno.addSignalListener("SIGINT", done);
  Deno.addSignalListener("SIGTERM", done);
});
await proxy.stop();
for (const server of servers) await server.stop();
Deno.exit(0);

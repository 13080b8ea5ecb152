// Run with few descriptors (`ulimit -n 80`): accepts on a listening socket until none is left, then frees some.
// Prints one line of what accept(), connect() and open() answered then, and how many were accepted after that.
import { BlockPool } from "../../src/base/mod.ts";
import { createDenoSys, type IoLayer } from "../../src/sys/deno/mod.ts";
import type { Conn } from "../../src/sys/types.ts";

const io = Deno.args[0] as IoLayer;
const threadEntry = new URL(import.meta.url);
const sys = createDenoSys({ io, blocks: new BlockPool(), origin: performance.timeOrigin, threadEntry });
if (typeof sys === "string") throw new Error(sys);
// The runtime sets signals up on their first use, and panics when it has no descriptor for that.
sys.signals.on("SIGHUP", () => {});
const opened = sys.net.open({ address: { family: "unix", path: Deno.args[1] }, backlog: 200 });
if (typeof opened === "string") throw new Error(opened);
const token = opened.share();
if (typeof token === "string") throw new Error(token);
const listener = sys.net.adopt(token);
if (typeof listener === "string") throw new Error(listener);
console.log("ready");

const conns: Conn[] = [];
const refused = Promise.withResolvers<number>();
async function acceptAll(): Promise<void> {
  for (;;) {
    const conn = await (listener as Exclude<typeof listener, string>).accept();
    if (typeof conn !== "number") {
      conns.push(conn);
    } else {
      refused.resolve(conn);
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}
acceptAll();
const accept = await refused.promise;
const before = conns.length;
const connect = await sys.net.connect({ remote: opened.address }).done;
const open = sys.net.open({ address: { family: "ipv4", host: "127.0.0.1", port: 0 }, backlog: 1 });
for (const conn of conns.splice(0, 20)) conn.close();
while (conns.length < before - 5) await new Promise((done) => setTimeout(done, 20));
console.log(JSON.stringify({ accept, connect, open: typeof open === "string" ? open : "opened" }));
Deno.exit();

// What only the real network shows: paths and modes, rights, source addresses, descriptors, threads.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BlockPool } from "../../base/mod.ts";
import { type Address, type Conn, IO_DENIED, IO_NO_DESCRIPTOR, type Listener, type ListenSpec } from "../types.ts";
import { createDenoSys, type DenoSys } from "./mod.ts";

const LAYERS = ["public", "handles"] as const;
const LOOPBACK: Address = { family: "ipv4", host: "127.0.0.1", port: 0 };

function makeSys(io: "public" | "handles", entry = new URL("./none.ts", import.meta.url)): DenoSys {
  const sys = createDenoSys({ io, blocks: new BlockPool(), origin: performance.timeOrigin, threadEntry: entry });
  if (typeof sys === "string") throw new Error(sys);
  return sys;
}

function open(sys: DenoSys, spec: Partial<ListenSpec> & { address: Address }) {
  const opened = sys.net.open({ backlog: 64, ...spec });
  if (typeof opened === "string") throw new Error(opened);
  return opened;
}

function reason(sys: DenoSys, address: Address): string {
  const opened = sys.net.open({ address, backlog: 64 });
  if (typeof opened === "string") return opened;
  opened.close();
  return "";
}

function adopt(sys: DenoSys, opened: ReturnType<typeof open>): Listener {
  const token = opened.share();
  if (typeof token === "string") throw new Error(token);
  const listener = sys.net.adopt(token);
  if (typeof listener === "string") throw new Error(listener);
  return listener;
}

async function connect(sys: DenoSys, remote: Address, local?: Address): Promise<Conn> {
  const conn = await sys.net.connect({ remote, local }).done;
  if (typeof conn === "number") throw new Error(`connect: ${conn}`);
  return conn;
}

async function accept(listener: Listener): Promise<Conn> {
  const conn = await listener.accept();
  if (typeof conn === "number") throw new Error(`accept: ${conn}`);
  return conn;
}

for (const io of LAYERS) {
  const test = (name: string, body: (sys: DenoSys) => Promise<void> | void) =>
    Deno.test(`sys deno ${io}: ${name}`, () => body(makeSys(io)));

  test("unix path gets its mode, replaces a file left behind, refuses what is no socket", async (sys) => {
    const dir = Deno.makeTempDirSync();
    const path = `${dir}/a.sock`;
    const address: Address = { family: "unix", path };
    const opened = open(sys, { address, mode: 0o620 });
    const listener = adopt(sys, opened);
    assertEquals(Deno.lstatSync(path).mode! & 0o777, 0o620);
    assertEquals(Array.from(Deno.readDirSync(dir), (entry) => entry.name), ["a.sock"]);
    listener.close();
    opened.close();
    await sys.turn();
    assert(Deno.lstatSync(path).isSocket, "a file is left behind");
    open(sys, { address }).close();
    Deno.writeTextFileSync(`${dir}/file`, "precious");
    assertEquals(reason(sys, { family: "unix", path: `${dir}/file` }), "the path exists and is not a socket");
    assertEquals(reason(sys, { family: "unix", path: `${dir}/none/a.sock` }), "No such file or directory");
    assertEquals(reason(sys, { family: "unix", path: `${dir}/${"x".repeat(100)}` }), "socket path too long");
    assertEquals(Deno.readTextFileSync(`${dir}/file`), "precious");
    Deno.removeSync(dir, { recursive: true });
  });

  test("an address of another host gives a reason", (sys) => {
    assertEquals(reason(sys, { family: "ipv4", host: "192.0.2.1", port: 0 }), "Cannot assign requested address");
  });

  Deno.test({
    name: `sys deno ${io}: what the permissions refuse gives a reason, or IO_DENIED`,
    permissions: { net: false, read: true },
    async fn() {
      const sys = makeSys(io);
      assertEquals(reason(sys, LOOPBACK), 'missing permission: net access to "127.0.0.1:0"');
      const remote: Address = { family: "ipv4", host: "127.0.0.1", port: 9 };
      assertEquals(await sys.net.connect({ remote }).done, IO_DENIED);
      assertMatch(String(sys.net.datagram("ipv4")), /^missing permission: net access/);
    },
  });

  test("a source address is used by the layer that can, and refused by the other", async (sys) => {
    const opened = open(sys, { address: LOOPBACK });
    const local: Address = { family: "ipv4", host: "127.0.0.9", port: 0 };
    if (io === "public") {
      assertEquals(await sys.net.connect({ remote: opened.address, local }).done, IO_DENIED);
    } else {
      const listener = adopt(sys, opened);
      const client = await connect(sys, opened.address, local);
      const server = await accept(listener);
      assert(server.remote.family === "ipv4" && server.remote.host === "127.0.0.9");
      for (const end of [client, server, listener]) end.close();
    }
    opened.close();
  });

  test("a connection to a wildcard address knows where it came in", async (sys) => {
    for (const host of ["0.0.0.0", "::"]) {
      const opened = open(sys, { address: { family: host === "::" ? "ipv6" : "ipv4", host, port: 0 } });
      const listener = adopt(sys, opened);
      const { port } = opened.address as { port: number };
      const client = await connect(sys, { family: "ipv4", host: "127.0.0.5", port });
      const server = await accept(listener);
      assert(server.local.family !== "unix" && server.local.host.endsWith("127.0.0.5") && server.local.port === port);
      for (const end of [client, server, listener, opened]) end.close();
    }
  });

  test("a turn lets I/O that is ready have its chance", async (sys) => {
    const opened = open(sys, { address: LOOPBACK });
    const listener = adopt(sys, opened);
    const client = await connect(sys, opened.address);
    const server = await accept(listener);
    for (let round = 0; round < 20; round++) {
      let got = 0;
      const waiting = server.recv(0);
      assert(typeof waiting !== "number");
      waiting.then((n) => got = n);
      await client.send(new Uint8Array(10), 0, 10);
      for (let turn = 0; turn < 4 && got === 0; turn++) await sys.turn();
      assertEquals(got, 10, "received within four turns");
      server.consume(10);
    }
    for (const end of [client, server, listener, opened, sys]) end.close();
  });

  test("a listener that fell behind accepts all that waited, and what comes later", async (sys) => {
    const opened = open(sys, { address: LOOPBACK });
    const listener = adopt(sys, opened);
    const clients: Conn[] = [], servers: Conn[] = [];
    const start = sys.clock.precise();
    for (let i = 0; i < 40; i++) clients.push(await connect(sys, opened.address));
    for (let i = 0; i < 40; i++) servers.push(await accept(listener));
    clients.push(await connect(sys, opened.address));
    servers.push(await accept(listener));
    assertEquals(servers.map((conn) => conn.remote), clients.map((conn) => conn.local));
    // Not by the look at quiet listeners, which comes after a second.
    assert(sys.clock.precise() - start < 1000);
    for (const conn of [...clients, ...servers]) conn.close();
    listener.close();
    opened.close();
  });

  test("threads share a listening socket; when one is ended the other goes on; clocks agree", async () => {
    const sys = makeSys(io, new URL("../../../tests/conformance/listen_thread.ts", import.meta.url));
    const opened = open(sys, { address: LOOPBACK });
    const accepted = [0, 0];
    const threads = await Promise.all([0, 1].map(async (number) => {
      const before = sys.clock.precise();
      const ready = Promise.withResolvers<number>();
      const token = opened.share();
      const start = { io, origin: performance.timeOrigin, token };
      const thread = sys.bus.start(number, start, (why) => why === "" ? undefined : ready.reject(new Error(why)));
      thread.port.onmessage = (message) => {
        const { ready: isReady, now } = message as { ready?: boolean; now: number };
        if (isReady) ready.resolve(now);
        else accepted[number]++;
      };
      const now = await ready.promise;
      assert(now > before - 5 && now < sys.clock.precise() + 5, `${now} is not after ${before}`);
      return thread;
    }));
    /** Asks for echoes; answers how many came. */
    const ask = async (times: number) => {
      let answered = 0;
      for (let i = 0; i < times; i++) {
        const conn = await connect(sys, opened.address);
        const bytes = new TextEncoder().encode("hello");
        await conn.send(bytes, 0, bytes.length);
        if (await conn.recv(4) === 5) answered++;
        conn.close();
      }
      return answered;
    };
    let asked = 0;
    for (let round = 0; round < 50 && (asked === 0 || accepted.includes(0)); round++) {
      assertEquals(await Promise.all([ask(20), ask(20)]), [20, 20]);
      asked += 40;
      while (accepted[0] + accepted[1] < asked) await sys.turn();
    }
    assertEquals(accepted[0] + accepted[1], asked);
    assert(!accepted.includes(0), `accepted by each: ${accepted}`);
    threads[0].terminate();
    // What the ended thread was accepting is lost, no more than that.
    assert(await ask(20) >= 18);
    assertEquals(await ask(20), 20);
    threads[1].terminate();
    opened.close();
  });

  // The handle of a listening socket that runs out of descriptors stops without a word: it has to be noticed.
  Deno.test(`sys deno ${io}: without descriptors accept, connect and open say so, and go on when some are free`, async () => {
    const dir = Deno.makeTempDirSync();
    const path = `${dir}/a.sock`;
    const script = new URL("../../../tests/conformance/few_descriptors.ts", import.meta.url).pathname;
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const run = `ulimit -n 80; exec "$0" run -A --no-check --config "$1" "$2" "$3" "$4"`;
    const args = ["-c", run, Deno.execPath(), config, script, io, path];
    const child = new Deno.Command("sh", { args, stdout: "piped", stderr: "null" }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assertStringIncludes((await lines.read()).value ?? "", "ready");
    const sys = makeSys("handles");
    const clients: Conn[] = [];
    for (let i = 0; i < 90; i++) clients.push(await connect(sys, { family: "unix", path }));
    const answer = JSON.parse((await lines.read()).value ?? "null");
    assertEquals(answer, { accept: IO_NO_DESCRIPTOR, connect: IO_NO_DESCRIPTOR, open: "Too many open files" });
    assertEquals((await lines.read()).done, true);
    await child.status;
    for (const conn of clients) conn.close();
    Deno.removeSync(dir, { recursive: true });
  });
}

Deno.test("sys deno handles: a thread without any permission serves the share it was given", async () => {
  const nothing = { net: false, read: false, write: false, env: false, run: false, ffi: false, sys: false } as const;
  const threadEntry = new URL("../../../tests/conformance/listen_thread.ts", import.meta.url);
  const origin = performance.timeOrigin;
  const options = { io: "handles", blocks: new BlockPool(), origin, threadEntry, threadPermissions: nothing } as const;
  const sys = createDenoSys(options);
  assert(typeof sys !== "string");
  const opened = open(sys, { address: LOOPBACK });
  const ready = Promise.withResolvers<void>();
  const thread = sys.bus.start(
    1,
    { io: "handles", origin, token: opened.share() },
    (why) => ready.reject(new Error(why)),
  );
  thread.port.onmessage = () => ready.resolve();
  await ready.promise;
  const conn = await connect(sys, opened.address);
  await conn.send(new Uint8Array(3), 0, 3);
  assertEquals(await conn.recv(2), 3);
  for (const end of [conn, opened, sys]) end.close();
  thread.terminate();
});

Deno.test("sys deno handles: an inherited descriptor is listened on", async () => {
  const sys = makeSys("handles");
  const first = open(sys, { address: LOOPBACK });
  const token = first.share();
  assert(typeof token !== "string");
  const inherited = open(sys, { address: LOOPBACK, descriptor: token.backend.fd as number });
  first.close();
  assertEquals(inherited.address, first.address);
  const listener = adopt(sys, inherited);
  const client = await connect(sys, first.address);
  const server = await accept(listener);
  for (const end of [client, server, listener, inherited]) end.close();
});

Deno.test("sys deno public: an inherited descriptor is refused", () => {
  const opened = makeSys("public").net.open({ address: LOOPBACK, backlog: 1, descriptor: 3 });
  assertEquals(opened, "a given descriptor needs the handle layer");
});

Deno.test("sys deno: signals reach their handlers until these are removed", async () => {
  const sys = makeSys("public");
  let kept = 0, removed = 0;
  const removeKept = sys.signals.on("SIGUSR2", () => kept++);
  const remove = sys.signals.on("SIGUSR2", () => removed++);
  for (let sent = 1; sent <= 2; sent++) {
    Deno.kill(Deno.pid, "SIGUSR2");
    while (kept < sent) await sys.turn();
    await sys.turn();
    assertEquals(removed, 1);
    if (sent === 1) remove();
  }
  removeKept();
});

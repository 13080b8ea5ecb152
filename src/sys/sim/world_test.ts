import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Prng, Timer, Wheel } from "../../base/mod.ts";
import {
  type Address,
  type Conn,
  IO_CLOSED,
  IO_END,
  IO_REFUSED,
  IO_RESET,
  type Listener,
  type Port,
  type Sys,
  WAKE_TIMEOUT,
} from "../types.ts";
import { createSimWorld, type Faults, FAULTS_ALL, FAULTS_NONE, FAULTS_TIMING, SimExit, type SimWorld } from "./mod.ts";

const SERVER: Address = { family: "ipv4", host: "127.0.0.1", port: 80 };

/** A share of a listening socket that main opened. */
function listen(world: SimWorld, sys: Sys, address: Address = SERVER, backlog = 100): Listener {
  const opened = world.main.net.open({ address, backlog });
  assert(typeof opened !== "string", String(opened));
  return adopt(sys, opened.share());
}

function adopt(sys: Sys, token: ReturnType<Exclude<ReturnType<Sys["net"]["open"]>, string>["share"]>): Listener {
  assert(typeof token !== "string");
  const listener = sys.net.adopt(token);
  assert(typeof listener !== "string");
  return listener;
}

/** Both ends of a connection from the peers to thread 1. */
async function pair(world: SimWorld): Promise<{ client: Conn; server: Conn }> {
  const listener = listen(world, world.thread(1));
  const client = await world.wait(world.peers.net.connect({ remote: SERVER }).done);
  const server = await world.wait(listener.accept());
  assert(typeof client !== "number" && typeof server !== "number");
  return { client, server };
}

/** Sends back what it receives, straight out of the receive block, until the client ends. */
async function echo(conn: Conn): Promise<void> {
  for (;;) {
    const count = await conn.recv(0);
    if (count < 0) {
      if (count === IO_END) conn.shutdown();
      break;
    }
    conn.hold();
    const sent = await conn.send(conn.block, conn.head, conn.tail);
    if (sent < 0) await conn.sendIdle();
    conn.release();
    if (sent < 0) break;
    conn.consume(count);
  }
  conn.close();
}

async function echoAll(listener: Listener, taken: number[] = [], place = 0): Promise<void> {
  for (;;) {
    const conn = await listener.accept();
    if (conn === IO_CLOSED) return;
    if (typeof conn === "number") continue;
    taken[place] = (taken[place] ?? 0) + 1;
    echo(conn);
  }
}

function text(length: number, seed: number): string {
  const prng = new Prng(seed);
  let out = "";
  for (let i = 0; i < length; i++) out += String.fromCharCode(prng.below(256));
  return out;
}

/** Clients of different sizes against an echo server of two threads; what each got back. */
async function echoWorld(seed: number, faults: Faults): Promise<{ world: SimWorld; results: string[] }> {
  const world = createSimWorld({ seed, faults, blockSize: 4096 });
  const opened = world.main.net.open({ address: SERVER, backlog: 3 });
  assert(typeof opened !== "string");
  const listeners = [1, 2].map((n) => adopt(world.thread(n), opened.share()));
  for (const listener of listeners) echoAll(listener);
  const results: string[] = [];
  const clients = Array.from({ length: 6 }, async (_, i) => {
    const peer = await world.connect(SERVER);
    if (typeof peer === "number") {
      results[i] = `code ${peer}`;
      return;
    }
    const sent = text(world.core.prng.below(20_000), seed * 100 + i);
    const sending = peer.send(sent).then(() => peer.shutdown());
    const received = await peer.rest();
    await sending;
    peer.close();
    results[i] = received === sent ? "same" : sent.startsWith(received) ? `code ${peer.ended}` : "different";
  });
  if (faults.blackhole === 0) await world.wait(Promise.all(clients));
  await world.run();
  for (const listener of listeners) listener.close();
  opened.close();
  await world.run();
  return { world, results };
}

Deno.test("sim: whatever the order, delay and cut of bytes, all arrives and nothing is left (100 seeds)", async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const { world, results } = await echoWorld(seed, FAULTS_TIMING);
    assertEquals(results, Array(6).fill("same"), `seed ${seed}`);
    assertEquals([...world.leaks(), ...world.peerLeaks()], [], `seed ${seed}`);
  }
});

Deno.test("sim: with resets and refusals nothing is left and no byte is wrong (100 seeds)", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 100; seed++) {
    const { world, results } = await echoWorld(seed, { ...FAULTS_ALL, blackhole: 0 });
    for (const result of results) seen.add(result);
    assert(!results.includes("different"), `seed ${seed}`);
    assertEquals([...world.leaks(), ...world.peerLeaks()], [], `seed ${seed}`);
  }
  for (const result of ["same", `code ${IO_RESET}`, `code ${IO_REFUSED}`]) assert(seen.has(result), result);
});

Deno.test("sim: a seed gives one history, another seed another", async () => {
  const history = async (seed: number) => {
    const { world, results } = await echoWorld(seed, FAULTS_ALL);
    return [world.core.time, world.core.happened, results.join()].join(" ");
  };
  assertEquals(await history(5), await history(5));
  assertNotEquals(await history(5), await history(6));
});

Deno.test("sim: a direction holds no more than its buffer", async () => {
  const world = createSimWorld({ faults: { ...FAULTS_NONE, bufferBytes: [5000, 5000] } });
  const { client, server } = await pair(world);
  const bytes = new Uint8Array(12_000);
  let sent = 0;
  const sending = Promise.resolve(client.send(bytes, 0, bytes.length)).then((n) => sent = n);
  await world.advance(1000);
  assertEquals(sent, 0);
  let received = 0;
  for (let n = await world.wait(server.recv(0)); received + n < 5000; n = await world.wait(server.recv(0))) {
    received += n;
    server.consume(n);
  }
  assertEquals(received + server.tail - server.head, 5000);
  server.consume(server.tail - server.head);
  while (sent === 0) {
    server.consume(await world.wait(server.recv(0)));
  }
  assertEquals(await sending, 12_000);
});

Deno.test("sim: bytes changed while a send uses them end the run", async () => {
  const world = createSimWorld({ faults: { ...FAULTS_NONE, slowWrite: 1 } });
  const { client } = await pair(world);
  const bytes = new Uint8Array(100);
  client.send(bytes, 0, 100);
  bytes[50] = 1;
  assertStringIncludes((await assertRejects(() => world.run())).message, "bytes were changed");
});

Deno.test("sim: a block given back while an operation uses it, or twice, ends the run", async () => {
  const world = createSimWorld({ faults: { ...FAULTS_NONE, slowWrite: 1 } });
  const { server } = await pair(world);
  const pool = world.thread(1).blocks;
  const block = pool.take();
  server.send(block, 0, 10);
  let thrown = "";
  try {
    pool.give(block);
  } catch (error) {
    thrown = String(error);
  }
  assertStringIncludes(thrown, "while an operation uses it");
  assertStringIncludes((await assertRejects(() => world.run())).message, "seed 1");

  const other = createSimWorld().main.blocks;
  const once = other.take();
  other.give(once);
  await assertRejects(async () => other.give(once), Error, "twice");
});

Deno.test("sim: a read of a closed connection still writes into its block, and only then lets go of it", async () => {
  const world = createSimWorld({ faults: { ...FAULTS_NONE, lateMs: [500, 500] } });
  const { client, server } = await pair(world);
  const waiting = server.recv(0);
  server.close();
  assertEquals(await world.wait(waiting), IO_CLOSED);
  assertEquals(world.thread(1).blocks.outstanding, 1);
  await world.advance(400);
  assertEquals(world.thread(1).blocks.outstanding, 1);
  await world.advance(200);
  assertEquals(world.thread(1).blocks.outstanding, 0);
  client.close();
});

Deno.test("sim: shares of a listener take connections in turn of the seed, each gets some", async () => {
  const world = createSimWorld({ seed: 3, faults: FAULTS_TIMING });
  const opened = world.main.net.open({ address: SERVER, backlog: 100 });
  assert(typeof opened !== "string");
  const taken: number[] = [];
  for (const n of [1, 2, 3]) echoAll(adopt(world.thread(n), opened.share()), taken, n - 1);
  for (let i = 0; i < 90; i++) {
    world.client(SERVER, async (peer) => {
      await peer.send("x");
      assertEquals(await peer.exactly(1), "x");
    });
    await world.advance(20);
  }
  await world.run();
  assertEquals(taken[0] + taken[1] + taken[2], 90);
  for (const count of taken) assert(count > 15, `${taken}`);
});

Deno.test("sim: killing a thread resets its connections, and nothing of it happens any more", async () => {
  const exits: string[] = [];
  const log: string[] = [];
  const start = (sys: Sys, _thread: number, data: unknown, port: Port) => {
    const listener = sys.net.adopt((data as { token: Parameters<Sys["net"]["adopt"]>[0] }).token);
    assert(typeof listener !== "string");
    echoAll(listener);
    sys.clock.arm(sys.clock.now() + 1000, () => log.push("timer"));
    port.onmessage = () => log.push("message");
  };
  const world = createSimWorld({ start });
  const opened = world.main.net.open({ address: SERVER, backlog: 10 });
  assert(typeof opened !== "string");
  const handle = world.main.bus.start(1, { token: opened.share() }, (reason) => exits.push(reason));
  const peer = await world.wait(world.connect(SERVER));
  assert(typeof peer !== "number");
  peer.send("hello");
  assertEquals(await world.wait(peer.exactly(5)), "hello");
  handle.port.post("first");
  await world.advance(10);
  const rest = peer.rest();
  world.kill(1);
  handle.port.post("second");
  assertEquals(await world.wait(rest), "");
  assertEquals(peer.ended, IO_RESET);
  await world.run();
  assertEquals(log, ["message"]);
  assertEquals(exits, ["killed"]);
  // The socket outlives the thread: what waits in it goes to the next one.
  const again = world.connect(SERVER);
  await world.run();
  world.main.bus.start(1, { token: opened.share() }, () => {});
  const second = await world.wait(again);
  assert(typeof second !== "number");
  second.send("again");
  assertEquals(await world.wait(second.exactly(5)), "again");
});

Deno.test("sim: a message is what it was when it was posted; shared memory stays shared", async () => {
  const shared = new SharedArrayBuffer(4);
  const inbox: { list: number[]; shared: SharedArrayBuffer }[] = [];
  const start = (_sys: Sys, _thread: number, _data: unknown, port: Port) => {
    port.onmessage = (message) => inbox.push(message as { list: number[]; shared: SharedArrayBuffer });
  };
  const world = createSimWorld({ seed: 2, faults: FAULTS_TIMING, start });
  const { port } = world.main.bus.start(1, null, () => {});
  const message = { list: [0], shared };
  for (let i = 0; i < 20; i++) {
    message.list[0] = i;
    port.post(message);
  }
  new Uint8Array(shared)[0] = 7;
  await world.run();
  assertEquals(inbox.map((m) => m.list[0]), Array.from({ length: 20 }, (_, i) => i));
  assertEquals(new Uint8Array(inbox[0].shared)[0], 7);
});

Deno.test("sim: leaks are told: connections, listeners, datagrams, blocks, timers", async () => {
  const world = createSimWorld();
  const { client } = await pair(world);
  client.close();
  world.thread(2).blocks.take();
  world.thread(2).clock.arm(500, () => {});
  world.thread(2).net.datagram("ipv4", { family: "ipv4", host: "127.0.0.1", port: 53 });
  assertEquals(world.leaks(), [
    "main: listening socket 127.0.0.1:80",
    "thread 1: listener 127.0.0.1:80",
    "thread 1: connection 127.0.0.1:80 - 127.0.0.1:32768",
    "thread 2: datagram socket 127.0.0.1:53",
    "thread 2: 1 blocks not given back",
    "thread 2: a timer armed for 500 ms",
  ]);
  assertEquals(world.peerLeaks(), []);
});

Deno.test("sim: waiting for what cannot happen fails with the seed and what is open", async () => {
  const world = createSimWorld({ seed: 77 });
  const { server } = await pair(world);
  const error = await assertRejects(() => world.wait(Promise.resolve(server.recv(0))), Error, "deadlock");
  assertStringIncludes(error.message, "seed 77");
  assertStringIncludes(error.message, "connection 127.0.0.1:80");
});

Deno.test("sim: an exception in a script ends the run", async () => {
  const world = createSimWorld();
  world.serve(SERVER, async () => {
    throw new Error("bad script");
  });
  world.client(SERVER, async (peer) => {
    await peer.rest();
  });
  assertStringIncludes((await assertRejects(() => world.run())).message, "bad script");
});

Deno.test("sim: a connect is refused, unanswered until woken, or held back by a full queue", async () => {
  const world = createSimWorld();
  assertEquals(await world.wait(world.connect(SERVER)), IO_REFUSED);

  const hole: Address = { family: "ipv4", host: "10.0.0.1", port: 80 };
  world.blackhole(hole);
  const connecting = world.main.net.connect({ remote: hole });
  await world.run();
  assertEquals(connecting.wake(WAKE_TIMEOUT), true);
  assertEquals(await connecting.done, WAKE_TIMEOUT);

  const listener = listen(world, world.thread(1), SERVER, 1);
  const first = await world.wait(world.connect(SERVER));
  const second = world.connect(SERVER);
  await world.advance(500);
  assert(typeof first !== "number" && typeof await listener.accept() !== "number");
  const before = world.core.time;
  assert(typeof await world.wait(second) !== "number");
  assert(world.core.time > before + 400, "it tries again after a second");
});

Deno.test("sim: a socket on :: takes IPv4 too, and shows it mapped; a nearer address comes first", async () => {
  const world = createSimWorld();
  const any = listen(world, world.thread(1), { family: "ipv6", host: "::", port: 80 });
  const client = await world.wait(world.connect(SERVER, { family: "ipv4", host: "192.0.2.7", port: 1234 }));
  const server = await world.wait(any.accept());
  assert(typeof client !== "number" && typeof server !== "number");
  assertEquals(client.conn.local, { family: "ipv4", host: "192.0.2.7", port: 1234 });
  assertEquals(server.remote, { family: "ipv6", host: "::ffff:192.0.2.7", port: 1234 });
  const near = listen(world, world.thread(1));
  world.connect(SERVER);
  const got = await world.wait(near.accept());
  assert(typeof got !== "number");
  assertEquals(got.local, SERVER);
});

Deno.test("sim: datagrams are lost and reordered as the profile says, and kept for the test", async () => {
  const world = createSimWorld({ seed: 9, faults: { ...FAULTS_TIMING, datagramLoss: 0.3, datagramReorder: 0.5 } });
  const local: Address = { family: "ipv4", host: "127.0.0.1", port: 514 };
  const receiver = world.peers.net.datagram("ipv4", local);
  const sender = world.main.net.datagram("ipv4");
  assert(typeof receiver !== "string" && typeof sender !== "string");
  const got: number[] = [];
  const into = new Uint8Array(4);
  const loop = async () => {
    while (typeof await receiver.recv(into) !== "number") got.push(into[0]);
  };
  loop();
  for (let i = 0; i < 100; i++) {
    sender.send(new Uint8Array([i]), 0, 1, local);
    await world.advance(0.5);
  }
  await world.run();
  assertEquals(world.datagrams.map((d) => d.bytes[0]), Array.from({ length: 100 }, (_, i) => i));
  assert(got.length > 50 && got.length < 90, `${got.length}`);
  assertNotEquals(got, got.toSorted((a, b) => a - b));
  receiver.close();
});

Deno.test("sim: signals, exit, names, output", async () => {
  const world = createSimWorld();
  world.names.set("app.example", ["10.0.0.1", "2001:db8::1"]);
  assertEquals(await world.wait(world.main.dns.lookup("App.Example", "ipv6")), ["2001:db8::1"]);
  let signals = 0;
  const remove = world.thread(1).signals.on("SIGUSR1", () => signals++);
  world.signal("SIGUSR1");
  world.signal("SIGUSR2");
  await world.run();
  remove();
  world.signal("SIGUSR1");
  await world.run();
  assertEquals(signals, 1);
  world.main.proc.stderr(new TextEncoder().encode("é\n"));
  assertEquals(world.process.stderr, "é\n");
  world.main.clock.arm(5, () => {
    world.main.clock.arm(6, () => world.process.stdout += "after exit");
    world.main.proc.exit(2);
  });
  await world.run();
  await world.run();
  assertEquals([world.core.exitCode, world.process.stdout], [2, ""]);
  await assertRejects(() => world.wait(world.main.turn()), SimExit);
});

Deno.test("sim: the timer wheel on virtual time, with late timers", async () => {
  const world = createSimWorld({ seed: 4, faults: FAULTS_TIMING });
  const { clock } = world.thread(1);
  const wheel = new Wheel(clock);
  const fired: number[] = [];
  for (const at of [3000, 20, 86_400_000]) {
    wheel.arm(
      new Timer(at, (timer) => {
        assert(clock.now() >= timer.owner && clock.now() < timer.owner + 5);
        fired.push(timer.owner);
      }),
      at,
    );
  }
  await world.run();
  assertEquals(fired, [20, 3000, 86_400_000]);
});

Deno.test("sim: turn comes after what is ready, and lets time pass for who only takes turns", async () => {
  const world = createSimWorld();
  const log: string[] = [];
  const turns = async () => {
    for (let i = 0; i < 3; i++) {
      await world.main.turn();
      log.push(`turn ${i}`);
    }
  };
  world.main.clock.arm(0, () => log.push("timer"));
  turns();
  await world.run();
  assertEquals(log, ["timer", "turn 0", "turn 1", "turn 2"]);
  assert(world.core.time > 0);
});

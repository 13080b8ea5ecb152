import { assert, assertEquals } from "@std/assert";
import { Prng } from "../base/mod.ts";
import { RawEndpoint } from "../mux/mod.ts";
import { createSimWorld, type Faults, FAULTS_NONE, FAULTS_TIMING, type Peer } from "../sys/sim/mod.ts";
import { type Address, type Conn, IO_RESET, WAKE_PEER, WAKE_TIMEOUT } from "../sys/types.ts";
import {
  FORWARD_DONE,
  FORWARD_SINK_FAILED,
  FORWARD_SOURCE_FAILED,
  Forwarder,
  type ForwardObserver,
} from "./forward.ts";

/** Counts what a forwarding says. */
class Observer implements ForwardObserver {
  bytes = 0;
  source = 0;
  sink = 0;
  forwarded(n: number): void {
    this.bytes += n;
  }
  sourceWaits(): void {
    this.source++;
  }
  sourceReady(): void {
    this.source--;
  }
  sinkWaits(): void {
    this.sink++;
  }
  sinkReady(): void {
    this.sink--;
  }
}

/** A forwarder between two connections, each with a scripted peer behind it. */
async function bench(seed: number, faults: Faults) {
  const world = createSimWorld({ seed, faults });
  const sys = world.thread(1);
  const side = async (port: number): Promise<[RawEndpoint, Peer]> => {
    const address: Address = { family: "ipv4", host: "127.0.0.1", port };
    const opened = world.main.net.open({ address, backlog: 1 });
    assert(typeof opened !== "string");
    const token = opened.share();
    assert(typeof token !== "string");
    const listener = sys.net.adopt(token);
    assert(typeof listener !== "string");
    const connecting = world.connect(address);
    const conn = await world.wait(Promise.resolve(listener.accept())) as Conn;
    const peer = await world.wait(connecting);
    assert(typeof peer !== "number");
    listener.close();
    opened.close();
    return [new RawEndpoint(conn), peer];
  };
  const [source, from] = await side(1);
  const [sink, to] = await side(2);
  const observer = new Observer();
  const bugs: unknown[] = [];
  const forwarder = new Forwarder(sys, observer, (error) => bugs.push(error));
  const end = async () => {
    source.close();
    sink.close();
    from.close();
    to.close();
    await world.run();
    assertEquals(bugs, []);
    assertEquals(world.leaks(), []);
    assertEquals([observer.source, observer.sink], [0, 0], "every wait has an end");
  };
  return { world, source, from, sink, to, observer, forwarder, end };
}

Deno.test("TCP-01 forwarding: all bytes, in order, then the FIN, whatever the network does", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const b = await bench(seed, FAULTS_TIMING);
    const prng = new Prng(seed);
    const text = Array.from({ length: prng.between(0, 60_000) }, (_, i) => String.fromCharCode(97 + i % 26)).join("");
    const running = Promise.resolve(b.forwarder.run(b.source, b.sink));
    const sending = b.from.send(text).then(() => b.from.shutdown());
    assertEquals(await b.world.wait(b.to.rest()), text, `seed ${seed}`);
    assert(b.to.finished);
    assertEquals(await b.world.wait(running), FORWARD_DONE);
    assertEquals(b.observer.bytes, text.length);
    await b.world.wait(sending);
    await b.end();
  }
});

Deno.test("TCP-01 forwarding: a sink that does not take stops the source", async () => {
  const b = await bench(1, { ...FAULTS_NONE, bufferBytes: [1000, 1000] });
  const running = Promise.resolve(b.forwarder.run(b.source, b.sink));
  let sent = false;
  const sending = b.from.send("x".repeat(100_000)).then((n) => sent = n > 0);
  await b.world.advance(1000);
  assert(!sent, "all of it was taken");
  assertEquals([b.observer.source, b.observer.sink], [0, 1]);
  b.sink.wake(WAKE_TIMEOUT);
  assertEquals(await b.world.wait(running), FORWARD_SINK_FAILED);
  assertEquals(b.forwarder.code, WAKE_TIMEOUT);
  b.source.close();
  await b.world.wait(sending);
  await b.end();
});

Deno.test("forwarding: who failed, and how", async () => {
  const reset = await bench(1, FAULTS_NONE);
  const running = Promise.resolve(reset.forwarder.run(reset.source, reset.sink));
  reset.from.reset();
  assertEquals(await reset.world.wait(running), FORWARD_SOURCE_FAILED);
  assertEquals(reset.forwarder.code, IO_RESET);
  await reset.end();

  const gone = await bench(1, FAULTS_NONE);
  gone.to.reset();
  await gone.world.advance(5);
  const alsoRunning = Promise.resolve(gone.forwarder.run(gone.source, gone.sink));
  await gone.world.wait(gone.from.send("x"));
  assertEquals(await gone.world.wait(alsoRunning), FORWARD_SINK_FAILED);
  await gone.end();
});

Deno.test("forwarding: a stop that comes while nothing waits ends the next step, or the next wait", async () => {
  for (const full of [false, true]) {
    const b = await bench(1, { ...FAULTS_NONE, bufferBytes: [1000, 1000] });
    // The stop is set when bytes have come and the source is not waited for any more: a wake would find nobody.
    b.observer.sourceReady = () => {
      b.observer.source--;
      b.forwarder.stop = WAKE_PEER;
    };
    if (full) {
      const filling = b.sink.push(new Uint8Array(1000), 0, 1000, false);
      assertEquals(filling, 1000, "the sink takes nothing from here on");
    }
    const running = Promise.resolve(b.forwarder.run(b.source, b.sink));
    const sending = b.from.send("x".repeat(500));
    assertEquals(await b.world.wait(running), full ? FORWARD_SINK_FAILED : FORWARD_SOURCE_FAILED);
    assertEquals(b.forwarder.code, WAKE_PEER);
    await b.world.wait(sending);
    await b.end();
  }
});

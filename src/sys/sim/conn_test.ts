import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Prng } from "../../base/mod.ts";
import {
  type Address,
  type Conn,
  IO_END,
  IO_FULL,
  IO_RESET,
  type Sys,
  WAKE_KILL,
  WAKE_PEER,
  WAKE_TIMEOUT,
} from "../types.ts";
import { createSimWorld, type Faults, FAULTS_ALL, FAULTS_TIMING, type SimWorld } from "./mod.ts";

const LISTEN: Address = { family: "ipv4", host: "127.0.0.1", port: 80 };
const SERVER: Address = { family: "ipv4", host: "127.0.0.1", port: 8080 };

/** The byte at a place of the stream that every sender here sends. */
function byteAt(place: number): number {
  return (place * 31 + (place >> 8) * 7) & 255;
}

function stream(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => byteAt(i));
}

/** Checks that text is the beginning of the stream. */
function assertPrefix(text: string, seed: number): void {
  for (let i = 0; i < text.length; i++) {
    assert(text.charCodeAt(i) === byteAt(i), `seed ${seed}: byte ${i} of ${text.length} is wrong`);
  }
}

async function acceptOne(world: SimWorld, sys: Sys): Promise<Conn> {
  const opened = world.main.net.open({ address: LISTEN, backlog: 10 });
  assert(typeof opened !== "string");
  const token = opened.share();
  assert(typeof token !== "string");
  const listener = sys.net.adopt(token);
  assert(typeof listener !== "string");
  const conn = await listener.accept();
  assert(typeof conn !== "number");
  listener.close();
  opened.close();
  return conn;
}

/** Reads in every way the contract allows; the number of bytes that came, and the code that ended them. */
async function readAtRandom(conn: Conn, prng: Prng, seed: number): Promise<{ length: number; code: number }> {
  let place = 0;
  for (;;) {
    const before = conn.tail - conn.head;
    const got = await conn.recv(prng.chance(0.5) ? before : prng.below(before + 1));
    const unread = conn.tail - conn.head;
    assert(unread >= before, `seed ${seed}: unread bytes vanished`);
    for (let i = 0; i < unread; i++) {
      assert(conn.block[conn.head + i] === byteAt(place + i), `seed ${seed}: byte ${place + i} is wrong`);
    }
    if (got > 0) assertEquals(got, unread);
    if (got === IO_END || got === IO_RESET) {
      assertEquals(conn.recv(unread), got);
      return { length: place + unread, code: got };
    }
    let count = prng.chance(0.3) ? unread : prng.below(unread + 1);
    if (got === IO_FULL && count === 0) count = 1;
    conn.consume(count);
    place += count;
  }
}

/** Wakes the receiving at random times until told to stop. */
function disturb(world: SimWorld, sys: Sys, conn: Conn, prng: Prng): { stop: boolean; wakes: number } {
  const state = { stop: false, wakes: 0 };
  const again = () => {
    if (state.stop) return;
    if (conn.wakeRecv(WAKE_TIMEOUT)) state.wakes++;
    sys.clock.arm(world.core.time + prng.float(), again);
  };
  again();
  return state;
}

Deno.test("sim conn: reads that are woken and repeated lose and double no byte (150 seeds)", async () => {
  let wakes = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const prng = new Prng(seed);
    const world = createSimWorld({ seed, faults: FAULTS_TIMING, blockSize: 4096 });
    const sys = world.thread(1);
    const length = prng.below(prng.chance(0.5) ? 300 : 15_000);
    world.client(LISTEN, async (peer) => {
      await peer.send(stream(length));
      peer.shutdown();
      await peer.rest();
    });
    const conn = await world.wait(acceptOne(world, sys));
    const disturbing = disturb(world, sys, conn, prng);
    const result = await world.wait(readAtRandom(conn, prng, seed));
    assertEquals(result, { length, code: IO_END }, `seed ${seed}`);
    disturbing.stop = true;
    wakes += disturbing.wakes;
    conn.close();
    await world.run();
    assertEquals([...world.leaks(), ...world.peerLeaks()], [], `seed ${seed}`);
  }
  assert(wakes > 300, `${wakes}`);
});

Deno.test("sim conn: closed at any moment, woken or not, every block comes back (300 seeds)", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const prng = new Prng(seed);
    const world = createSimWorld({ seed, faults: FAULTS_TIMING, blockSize: 4096 });
    const sys = world.thread(1);
    const writing = world.connect(LISTEN);
    const conn = await world.wait(acceptOne(world, sys));
    const peer = await world.wait(writing);
    assert(typeof peer !== "number");
    peer.send(stream(prng.below(10_000)));
    const reading = prng.chance(0.5) ? readUntilClosed(conn, prng) : Promise.resolve();
    if (prng.chance(0.5)) disturb(world, sys, conn, prng).stop = prng.chance(0.5);
    await world.advance(prng.float() * 30);
    if (prng.chance(0.5)) {
      conn.wakeRecv(WAKE_KILL);
      await world.advance(prng.float() * 30);
    }
    if (prng.chance(0.5)) conn.close();
    else conn.reset();
    peer.close();
    sys.clock.disarm();
    await world.wait(reading);
    await world.advance(200);
    sys.clock.disarm();
    assertEquals([...world.leaks(), ...world.peerLeaks()], [], `seed ${seed}`);
  }
});

async function readUntilClosed(conn: Conn, prng: Prng): Promise<void> {
  for (;;) {
    const unread = conn.tail - conn.head;
    const got = await conn.recv(unread);
    if (got < 0 && got !== WAKE_TIMEOUT && got !== IO_FULL) return;
    conn.consume(prng.below(conn.tail - conn.head + 1));
  }
}

/** Sends on what it receives, lending the block; ends both when either fails or it is told to stop. */
async function relay(from: Conn, to: Conn): Promise<void> {
  for (;;) {
    const count = await from.recv(0);
    if (count < 0) {
      if (count === IO_END) to.shutdown();
      else to.reset();
      break;
    }
    from.hold();
    const sent = await to.send(from.block, from.head, from.tail);
    if (sent < 0) {
      from.reset();
      to.reset();
      await to.sendIdle();
      from.release();
      break;
    }
    from.release();
    // Closed meanwhile by someone else, it has nothing unread.
    if (from.tail > from.head) from.consume(count);
  }
}

/** One client, one relay, one server that sends back what it gets; the relay is stopped at a random time or not. */
async function relayWorld(seed: number, faults: Faults, stop: boolean): Promise<{ sent: number; back: string }> {
  const prng = new Prng(seed);
  const world = createSimWorld({ seed, faults, blockSize: 4096 });
  const sys = world.thread(1);
  const server = world.serve(SERVER, async (peer) => {
    while (await peer.more()) {
      assertPrefix(peer.received, seed);
      if (await peer.send(peer.received.slice(sentBack)) < 0) break;
      sentBack = peer.received.length;
    }
  });
  let sentBack = 0;
  const accepted = acceptOne(world, sys);
  const connecting = world.connect(LISTEN);
  const front = await world.wait(accepted);
  const client = await world.wait(connecting);
  const back = await world.wait(sys.net.connect({ remote: SERVER }).done);
  assert(typeof client !== "number" && typeof back !== "number");
  const length = prng.below(20_000);
  const sending = client.send(stream(length)).then(() => client.shutdown());
  const relays = Promise.all([relay(front, back), relay(back, front)]);
  if (stop) {
    await world.advance(prng.float() * 60);
    const conn = prng.pick([front, back]);
    const how = prng.below(4);
    if (how === 0) conn.wakeRecv(WAKE_PEER);
    else if (how === 1) conn.wakeSend(WAKE_PEER);
    else if (how === 2) conn.close();
    else conn.reset();
  }
  const received = await world.wait(client.rest());
  await world.wait(sending);
  await world.wait(relays);
  for (const conn of [front, back, client]) conn.close();
  server.close();
  await world.run();
  assertPrefix(received, seed);
  assertEquals([...world.leaks(), ...world.peerLeaks()], [], `seed ${seed}`);
  return { sent: length, back: received };
}

Deno.test("sim conn: relaying lent blocks, whatever the timing (100 seeds)", async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const { sent, back } = await relayWorld(seed, FAULTS_TIMING, false);
    assertEquals(back.length, sent, `seed ${seed}`);
  }
});

Deno.test("sim conn: relaying lent blocks, with resets and stops at any moment (200 seeds)", async () => {
  let whole = 0;
  const faults = { ...FAULTS_ALL, refuse: 0, blackhole: 0, noDescriptor: 0, acceptReset: 0 };
  for (let seed = 1; seed <= 200; seed++) {
    const { sent, back } = await relayWorld(seed, faults, true);
    if (back.length === sent) whole++;
  }
  assertNotEquals(whole, 0);
  assert(whole < 150, `${whole}`);
});

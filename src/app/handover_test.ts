import { assert, assertEquals } from "@std/assert";
import type { Address, ListenSpec, OpenListener } from "../sys/types.ts";
import { GivenSockets, HeldSockets } from "./handover.ts";
import { socketKey } from "./shards.ts";

class FakeSocket implements OpenListener {
  closed = false;
  constructor(readonly address: Address) {}
  share(): string {
    return "no share";
  }
  close(): void {
    this.closed = true;
  }
}

function spec(port: number, more: Partial<ListenSpec> = {}): ListenSpec {
  return { address: { family: "ipv4", host: "127.0.0.1", port }, backlog: 10, ...more };
}

/** A system where an address is listened on once. */
function setUp() {
  const opened: FakeSocket[] = [];
  const kept: number[] = [];
  const held = new HeldSockets(
    ({ address }) => {
      const same = JSON.stringify(address);
      if (opened.some((socket) => !socket.closed && JSON.stringify(socket.address) === same)) {
        return "Address already in use";
      }
      const socket = new FakeSocket(address);
      opened.push(socket);
      return socket;
    },
    (address) => kept.push(address.family === "unix" ? 0 : address.port),
  );
  return { opened, kept, held };
}

Deno.test("PROC-06 PROC-10 what the next configuration names too is the same socket, the rest is closed when it runs", () => {
  const { opened, held } = setUp();
  for (const port of [1, 2]) held.open(spec(port));
  held.commit();
  assertEquals(held.open(spec(2, { backlog: 99 })), opened[1]);
  assert(typeof held.open(spec(3)) !== "string");
  assertEquals([...held.next.values()], [opened[1], opened[2]]);
  assertEquals(opened.map((socket) => socket.closed), [false, false, false]);
  held.commit();
  assertEquals(opened.map((socket) => socket.closed), [true, false, false]);
});

Deno.test("PROC-06 what only a configuration that does not run has named is closed", () => {
  const { opened, held } = setUp();
  held.open(spec(1));
  held.commit();
  held.open(spec(1));
  held.open(spec(2));
  held.abandon();
  assertEquals(opened.map((socket) => socket.closed), [false, true]);
  assertEquals(held.open(spec(1)), opened[0]);
});

Deno.test("PROC-06 a socket whose options have changed stays, and that is told; twice in one configuration it is in use", () => {
  const { opened, kept, held } = setUp();
  held.open(spec(1));
  held.commit();
  assertEquals(held.open(spec(1, { mode: 0o600 })), opened[0]);
  assertEquals(kept, [1]);
  assertEquals(held.open(spec(1)), "Address already in use");
  held.commit();
  assertEquals(opened.map((socket) => socket.closed), [false]);
});

Deno.test("PROC-06 a worker's socket is opened again as long as it does not end", () => {
  let ending = false;
  const adopted: FakeSocket[] = [];
  const given = new GivenSockets(({ address, descriptor }) => {
    assertEquals(descriptor, 7);
    const socket = new FakeSocket(address);
    adopted.push(socket);
    return socket;
  }, () => ending);
  given.give(socketKey(spec(1)), 7);
  assertEquals(given.open(spec(2)), "the master did not hand it over");
  for (let round = 0; round < 2; round++) {
    const socket = given.open(spec(1, { backlog: 5 }));
    assert(typeof socket !== "string");
    socket.close();
  }
  assertEquals(adopted.map((socket) => socket.closed), [false]);
  const last = given.open(spec(1));
  assert(typeof last !== "string");
  ending = true;
  last.close();
  assertEquals(adopted.map((socket) => socket.closed), [true]);
});

// Contract of Sys: connections, their blocks, wakes and ends.
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  type Address,
  IO_CLOSED,
  IO_END,
  IO_FULL,
  IO_REFUSED,
  IO_RESET,
  WAKE_KILL,
  WAKE_TIMEOUT,
} from "../../src/sys/types.ts";
import { NO_BLOCK } from "../../src/base/mod.ts";
import {
  accept,
  adopt,
  bytesOf,
  connect,
  drain,
  LOOPBACK,
  MORE_THAN_BUFFERED,
  noBlockLeft,
  open,
  pair,
  pattern,
  sendText,
  takeText,
  type Test,
  unreadText,
  watch,
} from "./sys_fixture.ts";

export function connTests(test: Test): void {
  test("conn carries bytes both ways and knows its addresses", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "hello");
    assertEquals(await takeText(f, server, 5), "hello");
    await sendText(f, server, "world!");
    assertEquals(await takeText(f, client, 6), "world!");
    assertEquals(client.remote, server.local);
    assertEquals(client.local, server.remote);
    assert(client.local.family === "ipv4" && client.local.host === "127.0.0.1" && client.local.port > 0);
    await end();
  });

  test("conn recv(have) waits for more than `have`, and answers at once when it is there", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "abc");
    assertEquals(await f.run(server.recv(0)), 3);
    assertEquals(server.recv(0), 3);
    assertEquals(server.recv(2), 3);
    const more = server.recv(3);
    assert(typeof more !== "number");
    await sendText(f, client, "def");
    assertEquals(await f.run(more), 6);
    assertEquals(unreadText(server), "abcdef");
    server.consume(2);
    assertEquals(unreadText(server), "cdef");
    assertEquals(server.recv(3), 4);
    await end();
  });

  test("conn holds no block while nothing is unread", async (f) => {
    const { client, server, end } = await pair(f);
    assert(server.block === NO_BLOCK);
    await sendText(f, client, "abc");
    await f.run(server.recv(0));
    assert(server.block !== NO_BLOCK);
    server.consume(3);
    assert(server.block === NO_BLOCK);
    assertEquals(server.head, server.tail);
    const waiting = server.recv(0);
    assert(server.block === NO_BLOCK);
    await sendText(f, client, "d");
    assertEquals(await f.run(waiting), 1);
    await end();
  });

  test("conn recv answers IO_FULL on a full block, and goes on after consume", async (f) => {
    const { client, server, end } = await pair(f);
    const size = f.sys.blocks.size;
    const bytes = pattern(size + 5000);
    const sending = client.send(bytes, 0, bytes.length);
    let n = 0;
    while (n < size) n = await f.run(server.recv(n));
    assertEquals(n, size);
    assertEquals(await f.run(server.recv(size)), IO_FULL);
    assertEquals(server.block.subarray(server.head, server.tail), bytes.subarray(0, size));
    server.consume(3000);
    n = await f.run(server.recv(size - 3000));
    assert(n > size - 3000);
    assertEquals(server.block[server.head], bytes[3000]);
    assertEquals(server.block.subarray(server.head, server.tail), bytes.subarray(3000, 3000 + n));
    assertEquals(await f.run(drain(server, bytes.subarray(3000))), 0);
    assertEquals(await f.run(sending), bytes.length);
    await end();
  });

  test("conn recv answers IO_FULL when all that came fills the block and no more comes", async (f) => {
    const { client, server, end } = await pair(f);
    const size = f.sys.blocks.size;
    const bytes = pattern(size);
    assertEquals(await f.run(client.send(bytes, 0, size)), size);
    assertEquals(await f.run(server.recv(size - 1)), size);
    await f.settle();
    assertEquals(await f.run(server.recv(size)), IO_FULL);
    assertEquals(await f.run(drain(server, bytes)), 0);
    await end();
  });

  test("conn carries megabytes both ways at once, unharmed", async (f) => {
    const { client, server, end } = await pair(f);
    const up = pattern(3_000_001, 1), down = pattern(2_000_003, 2);
    const results = await f.run(Promise.all([
      client.send(up, 0, up.length),
      server.send(down, 0, down.length),
      drain(server, up),
      drain(client, down),
    ]));
    assertEquals(results, [up.length, down.length, 0, 0]);
    await end();
  });

  test("conn send waits while the peer does not read (back-pressure)", async (f) => {
    const { client, server, end } = await pair(f);
    const bytes = pattern(MORE_THAN_BUFFERED);
    const sending = client.send(bytes, 0, bytes.length);
    const state = watch(sending);
    await f.settle();
    assertEquals(state.result, undefined);
    assertNotEquals(client.sendIdle(), 0);
    assertEquals(await f.run(drain(server, bytes)), 0);
    assertEquals(await f.run(sending), bytes.length);
    assertEquals(client.sendIdle(), 0);
    await end();
  });

  test("conn send of a part sends that part; of nothing answers 0", async (f) => {
    const { client, server, end } = await pair(f);
    const bytes = bytesOf("0123456789");
    assertEquals(await f.run(client.send(bytes, 3, 7)), 4);
    assertEquals(client.send(bytes, 5, 5), 0);
    assertEquals(await f.run(client.send(bytes, 9, 10)), 1);
    assertEquals(await takeText(f, server, 5), "34569");
    await end();
  });

  test("conn wakeRecv settles a waiting recv with its code; no byte is lost", async (f) => {
    const { client, server, end } = await pair(f);
    assertEquals(server.wakeRecv(WAKE_TIMEOUT), false);
    const waiting = server.recv(0);
    assertEquals(server.wakeRecv(WAKE_TIMEOUT), true);
    assertEquals(server.wakeRecv(WAKE_KILL), false, "first wake wins");
    assertEquals(await f.run(waiting), WAKE_TIMEOUT);
    await sendText(f, client, "late");
    await f.settle();
    assertEquals(await takeText(f, server, 4), "late");
    const again = server.recv(0);
    await sendText(f, client, "x");
    assertEquals(await f.run(again), 1);
    await end();
  });

  test("conn wakeSend settles a waiting send; its bytes stay borrowed until sendIdle", async (f) => {
    const { client, server, end } = await pair(f);
    assertEquals(client.wakeSend(WAKE_TIMEOUT), false);
    const bytes = pattern(MORE_THAN_BUFFERED);
    const sending = client.send(bytes, 0, bytes.length);
    await f.settle();
    assertEquals(client.wakeSend(WAKE_KILL), true);
    assertEquals(client.wakeSend(WAKE_TIMEOUT), false);
    assertEquals(await f.run(sending), WAKE_KILL);
    const idle = client.sendIdle();
    assert(typeof idle !== "number");
    assertEquals(client.send(bytes, 0, 1), IO_CLOSED);
    client.close();
    assertEquals(await f.run(idle), 0);
    assertEquals(client.sendIdle(), 0);
    server.close();
    await end();
  });

  test("conn leaves its block as it is while nobody waits", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "abc");
    assertEquals(await f.run(server.recv(0)), 3);
    const { block, head, tail } = server;
    await sendText(f, client, "def");
    await f.settle();
    assert(server.block === block && server.head === head && server.tail === tail);
    assertEquals(await f.run(server.recv(3)), 6);
    assertEquals(unreadText(server), "abcdef");
    const waiting = server.recv(6);
    assertEquals(server.wakeRecv(WAKE_KILL), true);
    assertEquals(await f.run(waiting), WAKE_KILL);
    const before = { block: server.block, head: server.head, tail: server.tail };
    const bytes = pattern(f.sys.blocks.size * 3);
    const sending = client.send(bytes, 0, bytes.length);
    await f.settle();
    assert(server.block === before.block && server.head === before.head && server.tail === before.tail);
    assertEquals(await takeText(f, server, 6), "abcdef");
    assertEquals(await f.run(drain(server, bytes)), 0);
    assertEquals(await f.run(sending), bytes.length);
    await end();
  });

  test("conn hold keeps a lent block past close, until release", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "lent");
    assertEquals(await f.run(server.recv(0)), 4);
    const { block, head, tail } = server;
    server.hold();
    server.close();
    assertEquals(new TextDecoder().decode(block.subarray(head, tail)), "lent");
    assert(f.sys.blocks.outstanding > 0);
    server.release();
    await noBlockLeft(f);
    await end();
  });

  test("conn recv moves nothing of a lent block: what has no room behind it waits", async (f) => {
    const { client, server, end } = await pair(f);
    const size = f.sys.blocks.size;
    const bytes = pattern(2 * size);
    await f.run(client.send(bytes, 0, size - 100));
    let n = 0;
    while (n < size - 100) n = await f.run(server.recv(n));
    server.consume(size - 300);
    const { block, head } = server;
    server.hold();
    const sending = client.send(bytes, size - 100, 2 * size);
    for (n = 200; n > 0;) {
      n = await f.run(server.recv(n));
      assert(server.block === block && server.head === head, "it has moved");
      assertEquals(block.subarray(head, head + 200), bytes.subarray(size - 300, size - 100));
    }
    assertEquals(n, IO_FULL);
    server.release();
    let at = size - 300;
    while (at < 2 * size) {
      n = await f.run(server.recv(0));
      assertEquals(server.block.subarray(server.head, server.tail), bytes.subarray(at, at + n));
      server.consume(n);
      at += n;
    }
    assertEquals(await f.run(sending), size + 100);
    await end();
  });

  test("conn refuses a second recv or send while one is outstanding", async (f) => {
    const { client, server, end } = await pair(f);
    const bytes = pattern(MORE_THAN_BUFFERED);
    const sending = client.send(bytes, 0, bytes.length);
    const receiving = client.recv(0);
    assertEquals(thrown(() => client.send(bytes, 0, 1)), true);
    assertEquals(thrown(() => client.recv(0)), true);
    assertEquals(thrown(() => server.consume(1)), true);
    client.close();
    assertEquals(await f.run(sending), IO_CLOSED);
    assertEquals(await f.run(receiving), IO_CLOSED);
    await end();
  });
}

function sameAddress(a: Address, b: Address): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function thrown(body: () => unknown): boolean {
  try {
    body();
    return false;
  } catch {
    return true;
  }
}

export function endTests(test: Test): void {
  test("conn shutdown ends one direction: the peer reads all, then IO_END each time; the other goes on", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "request");
    client.shutdown();
    assertEquals(await takeText(f, server, 7), "request");
    assertEquals(await f.run(server.recv(0)), IO_END);
    assertEquals(await f.run(server.recv(0)), IO_END);
    await sendText(f, server, "answer");
    assertEquals(await takeText(f, client, 6), "answer");
    server.shutdown();
    assertEquals(await f.run(client.recv(0)), IO_END);
    await end();
  });

  test("conn end of the peer hides no unread byte", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "abc");
    client.shutdown();
    assertEquals(await f.run(server.recv(3)), IO_END);
    assertEquals(server.recv(0), 3);
    assertEquals(unreadText(server), "abc");
    assertEquals(server.recv(3), IO_END);
    server.consume(3);
    assertEquals(server.recv(0), IO_END);
    await end();
  });

  test("conn bytes that came while nobody waited are read before the end", async (f) => {
    const { client, server, end } = await pair(f);
    const bytes = pattern(f.sys.blocks.size * 2);
    const waiting = server.recv(0);
    assertEquals(await f.run(client.send(bytes, 0, bytes.length)), bytes.length);
    client.shutdown();
    assert(await f.run(waiting) > 0);
    await f.settle();
    assertEquals(await f.run(drain(server, bytes)), 0);
    assertEquals(await f.run(server.recv(0)), IO_END);
    await end();
  });

  test("conn shutdown while a send waits comes after its bytes", async (f) => {
    const { client, server, end } = await pair(f);
    const bytes = pattern(MORE_THAN_BUFFERED);
    const sending = client.send(bytes, 0, bytes.length);
    client.shutdown();
    assertEquals(await f.run(drain(server, bytes)), 0);
    assertEquals(await f.run(sending), bytes.length);
    assertEquals(await f.run(server.recv(0)), IO_END);
    await end();
  });

  test("conn close reaches the peer after the bytes sent, and ends this side", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "bye");
    const waiting = client.recv(0);
    client.close();
    assertEquals(await f.run(waiting), IO_CLOSED);
    assertEquals(client.recv(0), IO_CLOSED);
    assertEquals(client.send(bytesOf("x"), 0, 1), IO_CLOSED);
    client.shutdown();
    client.close();
    assertEquals(await takeText(f, server, 3), "bye");
    assertEquals(await f.run(server.recv(0)), IO_END);
    await end();
  });

  test("conn close gives the block back, unread bytes or not", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "unread");
    assertEquals(await f.run(server.recv(0)), 6);
    server.close();
    assert(server.block === NO_BLOCK);
    assertEquals(server.head, server.tail);
    await noBlockLeft(f);
    await end();
  });

  test("conn close gives back what arrived while nobody waited", async (f) => {
    const { client, server, end } = await pair(f);
    const bytes = pattern(f.sys.blocks.size * 3);
    const waiting = server.recv(0);
    const sending = client.send(bytes, 0, bytes.length);
    assert(await f.run(waiting) > 0);
    await f.settle();
    server.close();
    assert(server.block === NO_BLOCK);
    client.close();
    await f.run(sending);
    await noBlockLeft(f);
    await end();
  });

  test("conn close gives back what a woken recv has left", async (f) => {
    for (const unread of [0, 3]) {
      const { client, server, end } = await pair(f);
      await sendText(f, client, "abc");
      assertEquals(await f.run(server.recv(2)), 3);
      server.consume(3 - unread);
      const waiting = server.recv(unread);
      assertEquals(server.wakeRecv(WAKE_KILL), true);
      assertEquals(await f.run(waiting), WAKE_KILL);
      await sendText(f, client, "late");
      await f.settle();
      server.close();
      await noBlockLeft(f);
      await end();
    }
  });

  test("conn reset reaches the peer as IO_RESET where the transport can", async (f) => {
    const { client, server, end } = await pair(f);
    const waiting = server.recv(0);
    client.reset();
    assertEquals(await f.run(waiting), f.resets ? IO_RESET : IO_END);
    assertEquals(client.recv(0), IO_CLOSED);
    await end();
  });

  test("conn send to a peer that is gone answers IO_RESET", async (f) => {
    const { client, server, end } = await pair(f);
    await sendText(f, client, "never read");
    await f.settle();
    server.close();
    let result = 0;
    for (let i = 0; i < 100 && result >= 0; i++) {
      await f.settle();
      const bytes = pattern(1000);
      result = await f.run(client.send(bytes, 0, bytes.length));
    }
    assertEquals(result, IO_RESET);
    await end();
  });

  test("connect to a port nobody listens on answers IO_REFUSED", async (f) => {
    const opened = open(f, LOOPBACK);
    opened.close();
    await f.settle();
    assertEquals(await f.run(f.sys.net.connect({ remote: opened.address }).done), IO_REFUSED);
  });

  test("connect to a unix path nobody listens on answers IO_REFUSED", async (f) => {
    const remote: Address = { family: "unix", path: `${f.dir}/nobody.sock` };
    assertEquals(await f.run(f.sys.net.connect({ remote }).done), IO_REFUSED);
  });

  test("connect that is woken answers with the code; what completes later is closed", async (f) => {
    const opened = open(f, LOOPBACK);
    const listener = adopt(f, opened);
    const connecting = f.sys.net.connect({ remote: opened.address });
    assert(connecting.done instanceof Promise);
    assertEquals(connecting.wake(WAKE_TIMEOUT), true);
    assertEquals(connecting.wake(WAKE_KILL), false);
    assertEquals(await f.run(connecting.done), WAKE_TIMEOUT);
    // The attempt may have reached the listener or not; if it has, it was closed.
    const client = await connect(f, opened.address);
    let server = await accept(f, listener);
    if (!sameAddress(server.remote, client.local)) {
      const code = await f.run(server.recv(0));
      assert(code === IO_END || code === IO_RESET, `code ${code}`);
      server.close();
      server = await accept(f, listener);
    }
    assertEquals(server.remote, client.local);
    for (const end of [client, server, listener, opened]) end.close();
    await noBlockLeft(f);
  });

  test("connect cannot be woken once it has answered", async (f) => {
    const opened = open(f, LOOPBACK);
    const connecting = f.sys.net.connect({ remote: opened.address });
    const conn = await f.run(connecting.done);
    assert(typeof conn !== "number");
    assertEquals(connecting.wake(WAKE_KILL), false);
    conn.close();
    opened.close();
    await noBlockLeft(f);
  });
}

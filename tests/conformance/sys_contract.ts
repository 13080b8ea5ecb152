// The contract every Sys backend keeps, as one suite: `sysContract(name, make)` registers its tests against a backend.
// No test sleeps: it waits for what it asks about (`run`), or lets everything that is ready happen (`settle`) and looks.
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import {
  type Address,
  type Conn,
  IO_CLOSED,
  IO_END,
  IO_FULL,
  IO_REFUSED,
  IO_RESET,
  type Listener,
  type OpenListener,
  type Sys,
  WAKE_KILL,
  WAKE_TIMEOUT,
} from "../../src/sys/types.ts";
import { NO_BLOCK } from "../../src/base/mod.ts";

/** One backend made for one test. */
export interface SysFixture {
  readonly sys: Sys;
  /** True when reset() reaches the peer as a reset and not as an end. */
  readonly resets: boolean;
  /** A folder of this test alone, for files and unix sockets; exists and is empty. */
  readonly dir: string;
  /** Waits for a result; a backend with virtual time drives it until the promise settles. */
  run<T>(value: T | Promise<T>): Promise<T>;
  /** Lets everything that is ready (bytes under way, messages, ended operations) happen. */
  settle(): Promise<void>;
  /** Lets at least `ms` milliseconds of the backend's clock pass. */
  advance(ms: number): Promise<void>;
  /** Frees what the fixture holds. */
  close(): void | Promise<void>;
}

/**
 * Makes a backend. Its `bus` starts threads that behave so: the first message posted back is `{ thread, data }` (as
 * given to `start`); then "throw" raises an uncaught error, "end" closes the port, anything else is posted back as
 * `{ echo: message }`.
 */
export type MakeSys = () => SysFixture | Promise<SysFixture>;

const LOOPBACK: Address = { family: "ipv4", host: "127.0.0.1", port: 0 };

/** A connected pair over a listening socket; `end` closes all and checks that every block came back. */
interface Pair {
  readonly client: Conn;
  readonly server: Conn;
  end(): Promise<void>;
}

async function connect(f: SysFixture, remote: Address): Promise<Conn> {
  const conn = await f.run(f.sys.net.connect({ remote }).done);
  if (typeof conn === "number") throw new Error(`connect: code ${conn}`);
  return conn;
}

async function accept(f: SysFixture, listener: Listener): Promise<Conn> {
  const conn = await f.run(listener.accept());
  if (typeof conn === "number") throw new Error(`accept: code ${conn}`);
  return conn;
}

function open(f: SysFixture, address: Address, mode?: number): OpenListener {
  const opened = f.sys.net.open({ address, backlog: 128, mode });
  if (typeof opened === "string") throw new Error(`open: ${opened}`);
  return opened;
}

function adopt(f: SysFixture, opened: OpenListener): Listener {
  const token = opened.share();
  if (typeof token === "string") throw new Error(`share: ${token}`);
  const listener = f.sys.net.adopt(structuredClone(token));
  if (typeof listener === "string") throw new Error(`adopt: ${listener}`);
  return listener;
}

async function noBlockLeft(f: SysFixture): Promise<void> {
  for (let i = 0; i < 50 && f.sys.blocks.outstanding !== 0; i++) await f.settle();
  assertEquals(f.sys.blocks.outstanding, 0, "blocks that never came back to the pool");
}

async function pair(f: SysFixture, address: Address = LOOPBACK): Promise<Pair> {
  const opened = open(f, address);
  const listener = adopt(f, opened);
  const client = await connect(f, opened.address);
  const server = await accept(f, listener);
  return {
    client,
    server,
    async end() {
      client.close();
      server.close();
      listener.close();
      opened.close();
      await noBlockLeft(f);
    },
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** `length` bytes that differ by place, so that lost, doubled and moved bytes are seen. */
function pattern(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let x = seed;
  for (let i = 0; i < length; i++) {
    x = Math.imul(x, 1103515245) + 12345 | 0;
    bytes[i] = x >>> 16;
  }
  return bytes;
}

function unreadText(conn: Conn): string {
  return new TextDecoder().decode(conn.block.subarray(conn.head, conn.tail));
}

async function sendText(f: SysFixture, conn: Conn, text: string): Promise<void> {
  const bytes = bytesOf(text);
  assertEquals(await f.run(conn.send(bytes, 0, bytes.length)), bytes.length);
}

/** Waits until `length` bytes are unread and takes them as text. */
async function takeText(f: SysFixture, conn: Conn, length: number): Promise<string> {
  assertEquals(await f.run(conn.recv(length - 1)), conn.tail - conn.head);
  const text = new TextDecoder().decode(conn.block.subarray(conn.head, conn.head + length));
  conn.consume(length);
  return text;
}

/** Reads until a code comes, checks what came against `expected`; returns the code. */
async function drain(conn: Conn, expected: Uint8Array): Promise<number> {
  let at = 0;
  for (;;) {
    const n = await conn.recv(0);
    if (n < 0) {
      assertEquals(at, expected.length, "bytes received");
      return n;
    }
    for (let i = 0; i < n; i++) {
      if (conn.block[conn.head + i] !== expected[at + i]) {
        throw new Error(`byte ${at + i} of ${expected.length} differs`);
      }
    }
    at += n;
    conn.consume(n);
    if (at === expected.length) return 0;
  }
}

/** What a promise became, without waiting for it. */
function watch(value: number | Promise<number>): { result: number | undefined } {
  const state: { result: number | undefined } = { result: undefined };
  if (typeof value === "number") state.result = value;
  else value.then((result) => state.result = result);
  return state;
}

/** Bytes no socket buffers of a connection can hold, so that a send of them waits for the reader. */
const MORE_THAN_BUFFERED = 16 << 20;

/** Registers the suite against one backend. */
export function sysContract(name: string, make: MakeSys): void {
  const test = (what: string, body: (f: SysFixture) => Promise<void>) =>
    Deno.test(`sys ${name}: ${what}`, async () => {
      const f = await make();
      try {
        await body(f);
      } finally {
        await f.close();
      }
    });
  connTests(test);
  endTests(test);
  listenTests(test);
  datagramTests(test);
  clockTests(test);
  hostTests(test);
  busTests(test);
}

type Test = (what: string, body: (f: SysFixture) => Promise<void>) => void;

function connTests(test: Test): void {
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

function endTests(test: Test): void {
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

function listenTests(test: Test): void {
  test("listener leaves connections in the queue until accept", async (f) => {
    const opened = open(f, LOOPBACK);
    const clients = [];
    for (let i = 0; i < 3; i++) clients.push(await connect(f, opened.address));
    await sendText(f, clients[1], "second");
    const listener = adopt(f, opened);
    const servers = [];
    for (let i = 0; i < 3; i++) servers.push(await accept(f, listener));
    assertEquals(await takeText(f, servers[1], 6), "second");
    for (const conn of [...clients, ...servers]) conn.close();
    listener.close();
    opened.close();
    await noBlockLeft(f);
  });

  test("listener close ends a waiting accept; the other shares go on", async (f) => {
    const opened = open(f, LOOPBACK);
    const one = adopt(f, opened), two = adopt(f, opened);
    const waiting = one.accept();
    await f.settle();
    one.close();
    assertEquals(await f.run(waiting), IO_CLOSED);
    assertEquals(await f.run(one.accept()), IO_CLOSED);
    const client = await connect(f, opened.address);
    const server = await accept(f, two);
    await sendText(f, client, "x");
    assertEquals(await takeText(f, server, 1), "x");
    client.close();
    server.close();
    two.close();
    opened.close();
    await noBlockLeft(f);
  });

  test("listener shares take from one queue, each connection once", async (f) => {
    const opened = open(f, LOOPBACK);
    const shares = [adopt(f, opened), adopt(f, opened)];
    const accepted: Conn[] = [];
    const loops = shares.map(async (share) => {
      for (;;) {
        const conn = await share.accept();
        if (conn === IO_CLOSED) return;
        assert(typeof conn !== "number");
        accepted.push(conn);
      }
    });
    const clients = [];
    for (let i = 0; i < 20; i++) clients.push(await connect(f, opened.address));
    for (let i = 0; i < 50 && accepted.length < 20; i++) await f.settle();
    assertEquals(accepted.length, 20);
    for (const share of shares) share.close();
    await f.run(Promise.all(loops));
    for (const conn of [...clients, ...accepted]) conn.close();
    opened.close();
    await noBlockLeft(f);
  });

  test("listener stays open for its shares after main closed its own", async (f) => {
    const opened = open(f, LOOPBACK);
    const listener = adopt(f, opened);
    opened.close();
    await f.settle();
    const client = await connect(f, opened.address);
    const server = await accept(f, listener);
    client.close();
    server.close();
    listener.close();
    await f.settle();
    assertEquals(await f.run(f.sys.net.connect({ remote: opened.address }).done), IO_REFUSED);
    await noBlockLeft(f);
  });

  test("opening an address in use gives a reason", async (f) => {
    const opened = open(f, LOOPBACK);
    const second = f.sys.net.open({ address: opened.address, backlog: 128 });
    assert(typeof second === "string");
    assertStringIncludes(second.toLowerCase(), "address already in use");
    opened.close();
  });

  test("ipv6 listener and connection", async (f) => {
    const { client, server, end } = await pair(f, { family: "ipv6", host: "::1", port: 0 });
    assertEquals(client.remote, server.local);
    assert(server.remote.family === "ipv6" && server.remote.host === "::1");
    await sendText(f, client, "six");
    assertEquals(await takeText(f, server, 3), "six");
    await end();
  });

  test("unix listener and connection; half close and reset as on TCP", async (f) => {
    const path = `${f.dir}/a.sock`;
    const { client, server, end } = await pair(f, { family: "unix", path });
    assertEquals(server.local, { family: "unix", path });
    assertEquals(client.remote, { family: "unix", path });
    await sendText(f, client, "unix");
    client.shutdown();
    assertEquals(await takeText(f, server, 4), "unix");
    assertEquals(await f.run(server.recv(0)), IO_END);
    await sendText(f, server, "back");
    assertEquals(await takeText(f, client, 4), "back");
    await end();
  });

  test("unix listener carries megabytes", async (f) => {
    const { client, server, end } = await pair(f, { family: "unix", path: `${f.dir}/big.sock` });
    const bytes = pattern(3_000_000);
    const sending = client.send(bytes, 0, bytes.length);
    assertEquals(await f.run(drain(server, bytes)), 0);
    assertEquals(await f.run(sending), bytes.length);
    await end();
  });

  test("unix path is taken over by a new listener, and stays when the old one closes", async (f) => {
    const address: Address = { family: "unix", path: `${f.dir}/reload.sock` };
    const old = open(f, address);
    const fresh = open(f, address);
    const listener = adopt(f, fresh);
    old.close();
    await f.settle();
    const client = await connect(f, address);
    const server = await accept(f, listener);
    client.close();
    server.close();
    listener.close();
    fresh.close();
    await noBlockLeft(f);
  });

  test("abstract unix socket", async (f) => {
    const { client, server, end } = await pair(f, { family: "unix", path: `\0sluice-${f.sys.rand.u32()}` });
    await sendText(f, client, "abstract");
    assertEquals(await takeText(f, server, 8), "abstract");
    await end();
  });
}

function datagramTests(test: Test): void {
  test("datagram carries one message at a time and says from where", async (f) => {
    const receiver = f.sys.net.datagram("ipv4", LOOPBACK);
    const sender = f.sys.net.datagram("ipv4");
    assert(typeof receiver !== "string" && typeof sender !== "string");
    const into = new Uint8Array(100);
    const bytes = bytesOf("..one..two");
    assertEquals(sender.send(bytes, 2, 5, receiver.local!), true);
    assertEquals(sender.send(bytes, 7, 10, receiver.local!), true);
    bytes.fill(0);
    for (const expected of ["one", "two"]) {
      const got = await f.run(receiver.recv(into));
      assert(typeof got !== "number");
      assertEquals(new TextDecoder().decode(into.subarray(0, got.length)), expected);
      assert(got.from.family === "ipv4" && got.from.port > 0);
    }
    const waiting = receiver.recv(into);
    receiver.close();
    assertEquals(await f.run(waiting), IO_CLOSED);
    sender.close();
  });

  test("datagram queue is bounded: what is too much is dropped, and said so", async (f) => {
    const receiver = f.sys.net.datagram("ipv4", LOOPBACK);
    const sender = f.sys.net.datagram("ipv4");
    assert(typeof receiver !== "string" && typeof sender !== "string");
    const bytes = pattern(100);
    let taken = 0;
    while (taken < 100_000 && sender.send(bytes, 0, 100, receiver.local!)) taken++;
    assert(taken > 0 && taken < 100_000, `${taken} were taken in one turn`);
    sender.close();
    receiver.close();
    await f.settle();
  });

  test("datagram over a unix socket", async (f) => {
    const target: Address = { family: "unix", path: `${f.dir}/log.sock` };
    const receiver = f.sys.net.datagram("unix", target);
    const sender = f.sys.net.datagram("unix");
    assert(typeof receiver !== "string" && typeof sender !== "string");
    const bytes = bytesOf("<30>hello");
    assertEquals(sender.send(bytes, 0, bytes.length, target), true);
    const into = new Uint8Array(100);
    const got = await f.run(receiver.recv(into));
    assert(typeof got !== "number");
    assertEquals(new TextDecoder().decode(into.subarray(0, got.length)), "<30>hello");
    receiver.close();
    sender.close();
    await f.settle();
  });

  test("datagram to nobody is lost without harm", async (f) => {
    const gone = f.sys.net.datagram("ipv4", LOOPBACK);
    const sender = f.sys.net.datagram("ipv4");
    const unix = f.sys.net.datagram("unix");
    assert(typeof gone !== "string" && typeof sender !== "string" && typeof unix !== "string");
    const target = gone.local!;
    gone.close();
    await f.settle();
    for (let i = 0; i < 5; i++) {
      assertEquals(sender.send(pattern(10), 0, 10, target), true);
      assertEquals(unix.send(pattern(10), 0, 10, { family: "unix", path: `${f.dir}/none.sock` }), true);
      await f.settle();
    }
    sender.close();
    unix.close();
    await f.settle();
  });
}

function clockTests(test: Test): void {
  test("clock does not move within a turn, and moves between turns", async (f) => {
    const { clock } = f.sys;
    const before = clock.now();
    assert(before >= 0);
    assertEquals(clock.now(), before);
    assert(clock.precise() >= before);
    await f.advance(5);
    assert(clock.now() >= before + 5, `${clock.now()} after ${before}`);
    assert(clock.wall() > 1_500_000_000_000);
  });

  test("clock timer fires once, not before its time", async (f) => {
    const { clock } = f.sys;
    let fired = 0, at = 0;
    const due = clock.now() + 20;
    clock.arm(due, () => {
      fired++;
      at = clock.now();
    });
    await f.advance(5);
    assertEquals(fired, 0);
    await f.advance(30);
    assertEquals(fired, 1);
    assert(at >= due, `fired at ${at}, due ${due}`);
    await f.advance(10);
    assertEquals(fired, 1);
  });

  test("clock timer armed again replaces the first; disarm stops it; a past time fires soon", async (f) => {
    const { clock } = f.sys;
    const log: string[] = [];
    clock.arm(clock.now() + 5, () => log.push("first"));
    clock.arm(clock.now() + 10, () => log.push("second"));
    await f.advance(30);
    assertEquals(log, ["second"]);
    clock.arm(clock.now() + 5, () => log.push("third"));
    clock.disarm();
    await f.advance(20);
    assertEquals(log, ["second"]);
    clock.arm(clock.now() - 100, () => log.push("past"));
    assertEquals(log, ["second"]);
    await f.advance(5);
    assertEquals(log, ["second", "past"]);
  });

  test("clock timer may arm itself again as it fires", async (f) => {
    const { clock } = f.sys;
    let fired = 0;
    const fire = () => {
      fired++;
      if (fired < 3) clock.arm(clock.now() + 5, fire);
    };
    clock.arm(clock.now() + 5, fire);
    for (let i = 0; i < 10; i++) await f.advance(5);
    assertEquals(fired, 3);
  });

  test("turn settles after the promises that are ready", async (f) => {
    const log: string[] = [];
    const turn = f.sys.turn().then(() => log.push("turn"));
    await Promise.resolve();
    await Promise.resolve();
    log.push("ready");
    await f.run(turn);
    assertEquals(log, ["ready", "turn"]);
    await f.run(Promise.all([f.sys.turn(), f.sys.turn()]));
  });
}

function hostTests(test: Test): void {
  test("fs writes, reads, lists and removes; a fault is a reason", async (f) => {
    const { fs } = f.sys;
    const path = `${f.dir}/file`;
    assertEquals(fs.kind(path), "absent");
    const missing = fs.readFile(path);
    assertEquals(missing, "No such file or directory");
    assertEquals(fs.writeFile(path, bytesOf("one")), "");
    assertEquals(fs.writeFile(path, bytesOf("two!")), "");
    const content = fs.readFile(path);
    assert(typeof content !== "string");
    assertEquals(new TextDecoder().decode(content), "two!");
    assertEquals(fs.kind(path), "file");
    assertEquals(fs.kind(f.dir), "dir");
    assertEquals(fs.readDir(f.dir), ["file"]);
    assert(typeof fs.readFile(f.dir) === "string");
    assert(typeof fs.readDir(`${f.dir}/none`) === "string");
    assertNotEquals(fs.writeFile(`${f.dir}/none/x`, bytesOf("x")), "");
    assertEquals(fs.remove(path), "");
    assertEquals(fs.remove(path), "No such file or directory");
    assertEquals(fs.kind(path), "absent");
    await f.settle();
  });

  test("rand gives floats in [0, 1), 32-bit integers, and bytes", async (f) => {
    const { rand } = f.sys;
    const floats = new Set<number>(), ints = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const x = rand.float();
      assert(x >= 0 && x < 1);
      floats.add(x);
      const n = rand.u32();
      assert(Number.isInteger(n) && n >= 0 && n <= 0xffffffff);
      ints.add(n);
    }
    assert(floats.size > 90 && ints.size > 90);
    const one = new Uint8Array(32), two = new Uint8Array(100_000);
    rand.fill(one);
    rand.fill(two);
    assertNotEquals(one, two.subarray(0, 32));
    assert(two.subarray(99_900).some((b) => b !== 0), "filled to its end");
    await f.settle();
  });

  test("dns looks up localhost; an unknown name has no address", async (f) => {
    assertEquals(await f.run(f.sys.dns.lookup("localhost", "ipv4")), ["127.0.0.1"]);
    assertEquals(await f.run(f.sys.dns.lookup("does-not-exist.invalid", "any")), []);
  });

  test("proc tells about the process", async (f) => {
    const { proc } = f.sys;
    assert(proc.pid > 0 && proc.cpus > 0 && proc.descriptorLimit > 0 && proc.hostname.length > 0);
    assertEquals(proc.env("SLUICE_NO_SUCH_VARIABLE"), undefined);
    await f.settle();
  });
}

function busTests(test: Test): void {
  test("bus starts a thread with its data and carries messages in order", async (f) => {
    const exits: string[] = [];
    const thread = f.sys.bus.start(3, { answer: 42 }, (reason) => exits.push(reason));
    const inbox: unknown[] = [];
    const full = Promise.withResolvers<void>();
    thread.port.onmessage = (message) => {
      inbox.push(message);
      if (inbox.length === 4) full.resolve();
    };
    for (const message of ["a", { b: 1 }, new Uint8Array([1, 2])]) thread.port.post(message);
    await f.run(full.promise);
    assertEquals(inbox, [
      { thread: 3, data: { answer: 42 } },
      { echo: "a" },
      { echo: { b: 1 } },
      { echo: new Uint8Array([1, 2]) },
    ]);
    assertEquals(exits, []);
    thread.terminate();
    thread.terminate();
    await f.settle();
    assertEquals(exits, [""]);
  });

  test("bus keeps messages until onmessage is set", async (f) => {
    const thread = f.sys.bus.start(1, "start", () => {});
    await f.advance(300);
    const first = Promise.withResolvers<unknown>();
    thread.port.onmessage = first.resolve;
    assertEquals(await f.run(first.promise), { thread: 1, data: "start" });
    thread.terminate();
    await f.settle();
  });

  test("bus tells once why a thread ended: an uncaught error", async (f) => {
    const exit = Promise.withResolvers<string>();
    let exits = 0;
    const thread = f.sys.bus.start(1, null, (reason) => {
      exits++;
      exit.resolve(reason);
    });
    thread.port.post("throw");
    assertStringIncludes(await f.run(exit.promise), "asked to throw");
    thread.terminate();
    await f.settle();
    assertEquals(exits, 1);
  });

  test("bus tells when a thread ended by itself", async (f) => {
    const exit = Promise.withResolvers<string>();
    const thread = f.sys.bus.start(1, null, exit.resolve);
    thread.port.post("end");
    assertEquals(await f.run(exit.promise), "");
    thread.terminate();
    await f.settle();
  });
}

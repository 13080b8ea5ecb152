// Contract of Sys: listening sockets and datagrams.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Address, type Conn, IO_CLOSED, IO_END, IO_REFUSED } from "../../src/sys/types.ts";
import {
  accept,
  adopt,
  bytesOf,
  connect,
  drain,
  LOOPBACK,
  noBlockLeft,
  open,
  pair,
  pattern,
  sendText,
  takeText,
  type Test,
} from "./sys_fixture.ts";

export function listenTests(test: Test): void {
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

  test("listener finish gives what it has taken, the rest is for the other shares", async (f) => {
    const opened = open(f, LOOPBACK);
    const one = adopt(f, opened);
    const clients = [await connect(f, opened.address)];
    const accepted = [await accept(f, one)];
    for (let i = 0; i < 40; i++) clients.push(await connect(f, opened.address));
    await f.settle();
    one.finish();
    for (let next = await f.run(one.accept()); next !== IO_CLOSED; next = await f.run(one.accept())) {
      if (typeof next === "number") throw new Error(`accept: ${next}`);
      accepted.push(next);
    }
    const two = adopt(f, opened);
    while (accepted.length < clients.length) accepted.push(await accept(f, two));
    for (const conn of accepted) await sendText(f, conn, "x");
    for (const conn of clients) assertEquals(await takeText(f, conn, 1), "x");
    for (const conn of [...clients, ...accepted]) conn.close();
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

export function datagramTests(test: Test): void {
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

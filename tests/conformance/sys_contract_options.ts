// Contract of Sys: options of sockets, several sockets of one address, figures of a connection. A backend without access
// to them says so, and refuses what it cannot do.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Address, IO_DENIED, IO_REFUSED, type Listener, type SocketOptions } from "../../src/sys/types.ts";
import { WAKE_TIMEOUT } from "../../src/sys/types.ts";
import {
  accept,
  adopt,
  connect,
  LOOPBACK,
  noBlockLeft,
  open,
  pair,
  sendText,
  takeText,
  type Test,
} from "./sys_fixture.ts";

/** Options that every system with access to them has, and that need no rights. */
const SOME: SocketOptions = {
  keepAlive: true,
  keepAliveCount: 3,
  keepAliveIdleS: 30,
  keepAliveIntervalS: 5,
  receiveBuffer: 65536,
  sendBuffer: 65536,
  tos: 8,
};

export function optionTests(test: Test): void {
  test("keep-alive needs no access to options", async (f) => {
    const opened = f.sys.net.open({ address: LOOPBACK, backlog: 8, options: { keepAlive: true } });
    assert(typeof opened !== "string", String(opened));
    const listener = adopt(f, opened);
    const client = await f.run(f.sys.net.connect({ remote: opened.address, options: { keepAlive: true } }).done);
    assert(typeof client !== "number");
    const server = await accept(f, listener);
    await sendText(f, client, "x");
    assertEquals(await takeText(f, server, 1), "x");
    for (const end of [client, server, listener, opened]) end.close();
    await noBlockLeft(f);
  });

  test("options are set, or refused with the reason", async (f) => {
    const opened = f.sys.net.open({ address: LOOPBACK, backlog: 8, options: SOME });
    const missing = f.sys.net.optionsUsable();
    if (missing !== "") {
      assertEquals(opened, missing);
      const plain = open(f, LOOPBACK);
      const { done } = f.sys.net.connect({ remote: plain.address, options: SOME });
      assertEquals(await f.run(done), IO_DENIED);
      plain.close();
      const p = await pair(f);
      assertEquals(p.client.setOptions({ tos: 8 }), missing);
      assertEquals(p.client.tcpInfo(), null);
      return await p.end();
    }
    assert(typeof opened !== "string", String(opened));
    const listener = adopt(f, opened);
    const client = await f.run(f.sys.net.connect({ remote: opened.address, options: SOME }).done);
    assert(typeof client !== "number", String(client));
    const server = await accept(f, listener);
    assertEquals(server.remote, client.local);
    assertEquals(client.remote, opened.address);
    assertEquals(client.setOptions({ tos: 16 }), "");
    assertEquals(server.setOptions({ mark: 0, tos: 4 }), "");
    await sendText(f, client, "there");
    assertEquals(await takeText(f, server, 5), "there");
    await sendText(f, server, "back");
    assertEquals(await takeText(f, client, 4), "back");
    const info = server.tcpInfo();
    assert(info !== null && info.rttUs > 0 && info.rttvarUs > 0 && info.lost === 0, JSON.stringify(info));
    client.close();
    assertEquals(client.tcpInfo(), null, "of a closed connection");
    for (const end of [server, listener, opened]) end.close();
    await noBlockLeft(f);
  });

  test("a connect with options that fails, or is woken", async (f) => {
    if (f.sys.net.optionsUsable() !== "") return;
    const gone = open(f, LOOPBACK);
    gone.close();
    const options: SocketOptions = { tos: 8 };
    assertEquals(await f.run(f.sys.net.connect({ remote: gone.address, options }).done), IO_REFUSED);
    // An address of documentation: nobody answers (RFC 5737), or there is no route to it.
    const connecting = f.sys.net.connect({ remote: { family: "ipv4", host: "198.51.100.7", port: 9 }, options });
    if (typeof connecting.done === "object") {
      if (connecting.wake(WAKE_TIMEOUT)) assertEquals(await connecting.done, WAKE_TIMEOUT);
      assertEquals(connecting.wake(WAKE_TIMEOUT), false);
    }
    await noBlockLeft(f);
  });

  test("a source address under options", async (f) => {
    if (f.sys.net.optionsUsable() !== "") return;
    const opened = open(f, LOOPBACK);
    const listener = adopt(f, opened);
    const local: Address = { family: "ipv4", host: "127.0.0.9", port: 0 };
    const client = await f.run(f.sys.net.connect({ remote: opened.address, local, options: { tos: 8 } }).done);
    assert(typeof client !== "number");
    const server = await accept(f, listener);
    assert(server.remote.family === "ipv4" && server.remote.host === "127.0.0.9");
    for (const end of [client, server, listener, opened]) end.close();
    await noBlockLeft(f);
  });

  test("v6only leaves IPv4 to others", async (f) => {
    const any: Address = { family: "ipv6", host: "::", port: 0 };
    if (f.sys.net.optionsUsable() !== "") return;
    const only = f.sys.net.open({ address: any, backlog: 8, options: { v6only: true } });
    const both = f.sys.net.open({ address: any, backlog: 8, options: { v6only: false } });
    assert(typeof only !== "string" && typeof both !== "string");
    const v4 = (address: Address): Address => {
      assert(address.family !== "unix");
      return { family: "ipv4", host: "127.0.0.1", port: address.port };
    };
    assertEquals(await f.run(f.sys.net.connect({ remote: v4(only.address) }).done), IO_REFUSED);
    const listener = adopt(f, both);
    const client = await connect(f, v4(both.address));
    const server = await accept(f, listener);
    for (const end of [client, server, listener, only, both]) end.close();
    await noBlockLeft(f);
  });

  test("several sockets of one address share its connections, when each lets the others", async (f) => {
    const first = f.sys.net.open({ address: LOOPBACK, backlog: 64, reusePort: true });
    if (typeof first === "string") {
      assertMatch(first, /native handles/);
      return;
    }
    const { address } = first;
    assertEquals(f.sys.net.open({ address, backlog: 8 }), "Address already in use");
    const second = f.sys.net.open({ address, backlog: 64, reusePort: true });
    assert(typeof second !== "string", String(second));
    const listeners: Listener[] = [adopt(f, first), adopt(f, second)];
    const accepted = [0, 0];
    const loops = listeners.map(async (listener, i) => {
      for (;;) {
        const conn = await listener.accept();
        if (typeof conn === "number") return;
        accepted[i]++;
        conn.close();
      }
    });
    for (let i = 0; i < 60 && accepted.includes(0); i++) {
      (await connect(f, address)).close();
      await f.settle();
    }
    assert(!accepted.includes(0), `accepted by each: ${accepted}`);
    for (const end of [...listeners, first, second]) end.close();
    await f.run(Promise.all(loops));
    await noBlockLeft(f);
  });
}

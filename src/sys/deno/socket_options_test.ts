// That options reach the kernel, as it tells them back, and what is said where the C library may not be used.
import { assert, assertEquals } from "@std/assert";
import { BlockPool } from "../../base/mod.ts";
import { type Address, IO_DENIED, type SocketOptions } from "../types.ts";
import { Libc } from "./libc.ts";
import { createDenoSys, type DenoSys } from "./mod.ts";

const LOOPBACK: Address = { family: "ipv4", host: "127.0.0.1", port: 0 };
const LINUX = Deno.build.os === "linux";

function makeSys(): DenoSys {
  const threadEntry = new URL("./none.ts", import.meta.url);
  const sys = createDenoSys({ io: "handles", blocks: new BlockPool(), origin: performance.timeOrigin, threadEntry });
  if (typeof sys === "string") throw new Error(sys);
  return sys;
}

/** A listening socket with these options: what the kernel says of it, by level and number. */
function asked(address: Address, options: SocketOptions, names: Record<string, readonly [number, number]>) {
  const sys = makeSys();
  const libc = sys.libc.get();
  assert(libc instanceof Libc);
  const opened = sys.net.open({ address, backlog: 1, options });
  assert(typeof opened !== "string", String(opened));
  const token = opened.share();
  assert(typeof token !== "string");
  const fd = token.backend.fd as number;
  const told = Object.fromEntries(Object.entries(names).map(([name, [l, n]]) => [name, libc.getInt(fd, l, n)]));
  libc.close(fd);
  opened.close();
  sys.close();
  return told;
}

Deno.test({
  name: "GLOB-06 BIND-02 BIND-03 BIND-10 options of listening sockets reach the kernel",
  ignore: !LINUX,
  fn() {
    const options: SocketOptions = {
      keepAlive: true,
      keepAliveCount: 4,
      keepAliveIdleS: 77,
      keepAliveIntervalS: 11,
      receiveBuffer: 50000,
      sendBuffer: 60000,
      notSentLowWater: 8192,
      userTimeoutMs: 12345,
      maxSegment: 1000,
      deferAcceptS: 1,
      fastOpen: 17,
    };
    const told = asked(LOOPBACK, options, {
      keepAlive: [1, 9],
      count: [6, 6],
      idle: [6, 4],
      interval: [6, 5],
      receive: [1, 8],
      send: [1, 7],
      lowWater: [6, 25],
      userTimeout: [6, 18],
      deferAccept: [6, 9],
      fastOpen: [6, 23],
    });
    // The kernel doubles buffers, for its own accounts.
    assertEquals(told, {
      keepAlive: 1,
      count: 4,
      idle: 77,
      interval: 11,
      receive: 100000,
      send: 120000,
      lowWater: 8192,
      userTimeout: 12345,
      deferAccept: 1,
      fastOpen: 17,
    });
    const v6: Address = { family: "ipv6", host: "::1", port: 0 };
    assertEquals(asked(v6, { v6only: true, tos: 32 }, { only: [41, 26], tos: [41, 67] }), { only: 1, tos: 32 });
  },
});

Deno.test("an option that the system refuses is named", () => {
  const sys = makeSys();
  const opened = sys.net.open({ address: LOOPBACK, backlog: 1, options: { congestion: "none-such" } });
  assertEquals(opened, "congestion: No such file or directory");
  sys.close();
});

Deno.test({
  name: "without the right to use the C library options are refused with the flag to give",
  permissions: { net: true, read: true, ffi: false },
  async fn() {
    const sys = makeSys();
    const reason = "missing permission: access to the C library, run with --allow-ffi";
    assertEquals(sys.net.optionsUsable(), reason);
    assertEquals(sys.net.open({ address: LOOPBACK, backlog: 1, options: { tos: 8 } }), reason);
    const plain = sys.net.open({ address: LOOPBACK, backlog: 1 });
    assert(typeof plain !== "string");
    assertEquals(await sys.net.connect({ remote: plain.address, options: { tos: 8 } }).done, IO_DENIED);
    plain.close();
    sys.close();
  },
});

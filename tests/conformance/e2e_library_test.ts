// The library face on real sockets: parse, check, run, stop. And, through it, what a whole proxy does beside HTTP.
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { check, ConfigError, parse, run } from "../../mod.ts";
import { freePort } from "./program.ts";

const DEFAULTS = `
defaults
    timeout connect 1s
    timeout client 10s
    timeout server 10s
`;

/** A TCP server that runs a script for each connection. */
function serve(script: (conn: Deno.Conn) => Promise<void>, options: Deno.UnixListenOptions | null = null) {
  const listener = options === null
    ? Deno.listen({ hostname: "127.0.0.1", port: 0 })
    : Deno.listen({ ...options, transport: "unix" });
  const loop = (async () => {
    for await (const conn of listener as AsyncIterable<Deno.Conn>) {
      script(conn).catch(() => {}).finally(() => {
        try {
          conn.close();
        } catch { /* closed by the script */ }
      });
    }
  })();
  return {
    port: options === null ? (listener.addr as Deno.NetAddr).port : 0,
    async [Symbol.asyncDispose]() {
      listener.close();
      await loop.catch(() => {});
    },
  };
}

async function all(conn: Deno.Conn): Promise<string> {
  return await new Response(conn.readable).text();
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("check tells what is wrong, parse gives the model", () => {
  const text = `${DEFAULTS}listen web\n    bind 127.0.0.1:${freePort()}\n    server s 127.0.0.1:1\n`;
  assertEquals(check({ text }), { valid: true, diagnostics: [], text: "" });
  assertEquals(parse({ text }).model?.sections.map((s) => s.kind), ["defaults", "listen"]);
  const wrong = check({ text: text.replace("server s", "sever s"), name: "mine" });
  assert(!wrong.valid);
  assertEquals(wrong.diagnostics[0].at?.file, "mine");
  assertMatch(wrong.text, /parsing \[mine:8\] : unknown keyword 'sever'.*did you mean 'server'/);
});

Deno.test("run refuses a wrong configuration and an address in use", async () => {
  const error = await assertRejects(() => run({ text: "nonsense\n" }), ConfigError, "unknown keyword 'nonsense'");
  assertEquals((error as ConfigError).diagnostics.length > 0, true);
  const name = `${DEFAULTS}listen web\n    bind 127.0.0.1:${freePort()}\n    server s nowhere.invalid:1\n`;
  await assertRejects(() => run({ text: name }), ConfigError, "could not resolve address 'nowhere.invalid'");
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const text = `${DEFAULTS}listen web\n    bind 127.0.0.1:${taken.addr.port}\n    server s 127.0.0.1:1\n`;
  await assertRejects(
    () => run({ text }, { onMessage: () => {} }),
    Error,
    "cannot bind socket (Address already in use)",
  );
});

Deno.test("TCP mode carries bytes both ways, with half-closes", async () => {
  await using echo = serve(async (conn) => {
    const block = new Uint8Array(65536);
    for (let n = await conn.read(block); n !== null; n = await conn.read(block)) await conn.write(block.slice(0, n));
    await conn.closeWrite();
  });
  const text =
    `${DEFAULTS}listen t\n    mode tcp\n    bind 127.0.0.1:${freePort()}\n    server s 127.0.0.1:${echo.port}\n`;
  await using proxy = await run({ text });
  const address = proxy.addresses[0];
  if (address.family === "unix") throw new Error("not a unix socket");
  const conn = await Deno.connect({ hostname: address.host, port: address.port });
  const sent = "0123456789abcdef".repeat(20_000);
  const write = (async () => {
    const content = bytes(sent);
    for (let at = 0; at < content.length;) at += await conn.write(content.subarray(at));
    await conn.closeWrite();
  })();
  const received = await all(conn);
  await write;
  assertEquals(received.length, sent.length);
  assert(received === sent);
});

for (const io of ["public", "handles"] as const) {
  Deno.test(`unix sockets on both sides, on the ${io} layer`, async () => {
    const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
    try {
      await using server = serve(async (conn) => {
        await conn.read(new Uint8Array(4096));
        await conn.write(bytes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"));
      }, { path: `${folder}/server` });
      assertEquals(server.port, 0);
      const text =
        `${DEFAULTS}listen u\n    mode http\n    bind unix@${folder}/web mode 600\n    server s unix@${folder}/server\n`;
      {
        await using _proxy = await run({ text }, { io });
        assertEquals(Deno.statSync(`${folder}/web`).mode! & 0o777, 0o600);
        using conn = await Deno.connect({ transport: "unix", path: `${folder}/web` });
        await conn.write(bytes("GET / HTTP/1.0\r\n\r\n"));
        const answer = await all(conn);
        assertMatch(answer, /^HTTP\/1\.1 200 OK\r\n/);
        assertStringIncludes(answer, "\r\n\r\nhello");
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });

  Deno.test(`PROC-21 stop(0) in the middle of a download ends it, on the ${io} layer`, async () => {
    const block = new Uint8Array(1 << 16);
    await using server = serve(async (conn) => {
      await conn.read(new Uint8Array(4096));
      await conn.write(bytes("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n"));
      for (;;) await conn.write(block);
    });
    const text =
      `${DEFAULTS}listen w\n    mode http\n    bind 127.0.0.1:${freePort()}\n    server s 127.0.0.1:${server.port}\n`;
    const proxy = await run({ text }, { io, onMessage: () => {} });
    const address = proxy.addresses[0];
    if (address.family === "unix") throw new Error("not a unix socket");
    const response = await fetch(`http://${address.host}:${address.port}/`);
    const reader = response.body!.getReader();
    let received = 0;
    while (received < 1_000_000) received += (await reader.read()).value!.length;
    await proxy.stop(0);
    assertEquals(await proxy.ended, 0);
    await assertRejects(async () => {
      while (!(await reader.read()).done);
    });
  });
}

Deno.test("a dead server is told to the client as 503, in the time of the retries", async () => {
  const text =
    `${DEFAULTS}    retries 1\nlisten w\n    mode http\n    bind 127.0.0.1:${freePort()}\n    server s 127.0.0.1:${freePort()}\n`;
  await using proxy = await run({ text });
  const address = proxy.addresses[0];
  if (address.family === "unix") throw new Error("not a unix socket");
  const response = await fetch(`http://${address.host}:${address.port}/`);
  assertEquals(response.status, 503);
  assertStringIncludes(await response.text(), "503 Service Unavailable");
});

Deno.test("two proxies in one program know nothing of each other", async () => {
  const one = (answer: string) =>
    `${DEFAULTS}listen w\n    mode http\n    bind 127.0.0.1:${freePort()}\n    http-request return status 200 content-type text/plain string ${answer}\n`;
  await using a = await run({ text: one("first") });
  await using b = await run({ text: one("second") });
  const texts = await Promise.all([a, b].map(async (proxy) => {
    const address = proxy.addresses[0];
    if (address.family === "unix") throw new Error("not a unix socket");
    return await (await fetch(`http://${address.host}:${address.port}/`)).text();
  }));
  assertEquals(texts, ["first", "second"]);
});

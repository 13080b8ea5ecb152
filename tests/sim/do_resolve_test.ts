// do-resolve and the resolvers behind it, against name servers that lose, delay, lie, cut and refuse.
import { assert, assertEquals } from "@std/assert";
import type { SimWorld } from "../../src/sys/sim/mod.ts";
import type { Address } from "../../src/sys/types.ts";
import { DnsServer } from "./dns_server.ts";
import { defaults, get, play, type Scene } from "./scenario.ts";

const NS1: Address = { family: "ipv4", host: "10.0.5.1", port: 53 };
const NS2: Address = { family: "ipv4", host: "10.0.5.2", port: 53 };

function config(section: string, rule = "do-resolve(txn.ip,dns) path,field(2,/)"): string {
  return `resolvers dns
    nameserver ns1 10.0.5.1:53
    timeout retry 200ms
    resolve_retries 2
${section}
${defaults()}
frontend web
    bind 10.0.0.1:80
    http-request ${rule}
    http-request return status 200 content-type text/plain lf-string "<%[var(txn.ip)]>"
`;
}

interface Result {
  readonly text: string;
  /** How long it took, ms. */
  readonly ms: number;
}

async function ask(scene: Scene, name: string): Promise<Result> {
  const since = scene.now;
  const peer = await scene.connect();
  await peer.send(get(`/${name}`, "1.0"));
  const { text } = await scene.drain(peer);
  peer.close();
  return { text: /<(.*)>/.exec(text)?.[1] ?? text, ms: Math.round(scene.now - since) };
}

interface Played {
  readonly results: Result[];
  readonly servers: DnsServer[];
  readonly scene: Scene;
}

/** Asks for names one after the other. */
async function resolve(
  text: string,
  answers: readonly DnsServer["answers"][],
  names: readonly string[],
  pauseMs = 0,
): Promise<Played> {
  const servers: DnsServer[] = [];
  const results: Result[] = [];
  const before = (world: SimWorld) => {
    answers.forEach((answer, i) => {
      const server = new DnsServer(world, answer);
      server.listen([NS1, NS2][i]);
      servers.push(server);
    });
  };
  const scene = await play({ config: text, before }, async (scene) => {
    for (const name of names) {
      results.push(await ask(scene, name));
      await scene.sleep(pauseMs);
    }
  });
  return { results, servers, scene };
}

function typesAsked(server: DnsServer): string {
  return server.asked.map(({ type }) => type).join(" ");
}

Deno.test("DNS-08 do-resolve: the variable holds the address, of the family that is preferred or the other one", async () => {
  const answers = {
    four: { addresses: ["10.7.0.4"] },
    six: { addresses: ["2001:db8::6"] },
    both: { addresses: ["10.7.0.4", "2001:db8::6"] },
  };
  const names = ["four", "six", "both"];
  const plain = await resolve(config(""), [answers], names);
  assertEquals(plain.results.map(({ text }) => text), ["10.7.0.4", "2001:db8::6", "2001:db8::6"]);
  assertEquals(typesAsked(plain.servers[0]), "AAAA A AAAA AAAA");
  const four = await resolve(config("", "do-resolve(txn.ip,dns,ipv4) path,field(2,/)"), [answers], names);
  assertEquals(four.results.map(({ text }) => text), ["10.7.0.4", "2001:db8::6", "10.7.0.4"]);
  assertEquals(typesAsked(four.servers[0]), "A A AAAA A");
});

Deno.test("DNS-08 do-resolve finds the server's address with set-dst and 0.0.0.0:0", async () => {
  const text = `resolvers dns
    nameserver ns1 10.0.5.1:53
${defaults()}
frontend web
    bind 10.0.0.1:80
    http-request do-resolve(txn.ip,dns,ipv4) hdr(Host),host_only
    http-request deny deny_status 503 unless { var(txn.ip) -m found }
    default_backend app
backend app
    http-request set-dst var(txn.ip)
    server clear 0.0.0.0:0
`;
  let dns: DnsServer | null = null;
  await play({
    config: text,
    before: (world) => {
      dns = new DnsServer(world, { "app.test": { addresses: ["10.0.1.1"] } });
      dns.listen(NS1);
    },
    server: () => (peer) => peer.send("HTTP/1.0 200 OK\r\n\r\nserved").then(() => peer.close()),
  }, async (scene) => {
    for (const [host, status] of [["app.test:80", "200"], ["other.test", "503"]]) {
      const peer = await scene.connect();
      await peer.send(`GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
      assertEquals((await scene.drain(peer)).text.slice(9, 12), status);
      peer.close();
    }
  });
});

Deno.test("DNS-04 DNS-08 hold valid: an answer is good for so long, then the name is asked for again", async () => {
  let n = 0;
  const answers = { app: () => ({ addresses: [`10.7.0.${++n}`] }) };
  const played = await resolve(config("    hold valid 1s", "do-resolve(txn.ip,dns,ipv4) path,field(2,/)"), [answers], [
    "app",
    "app",
    "APP",
    "app",
  ], 450);
  assertEquals(played.results.map(({ text }) => text), ["10.7.0.1", "10.7.0.1", "10.7.0.1", "10.7.0.2"]);
});

Deno.test("DNS-04 timeout retry and resolve_retries: questions that are not answered are asked again, then there is no address", async () => {
  let lost = 1;
  const answers = {
    lossy: () => ({ addresses: ["2001:db8::1"], silent: lost-- > 0 }),
    silent: { silent: true },
    slow: { addresses: ["2001:db8::2"], delayMs: 150 },
    slower: { addresses: ["2001:db8::3"], delayMs: 500 },
  };
  const { results, servers } = await resolve(config(""), [answers], ["lossy", "silent", "slow", "slower"]);
  assertEquals(
    results.map(({ text }) => text),
    ["2001:db8::1", "-", "2001:db8::2", "-"].map((t) => t === "-" ? "" : t),
  );
  assertEquals(results.map(({ ms }) => Math.round(ms / 10) * 10), [200, 400, 150, 400]);
  assertEquals(typesAsked(servers[0]), "AAAA AAAA AAAA AAAA AAAA AAAA AAAA");
});

Deno.test("DNS-04 errors: the other type is asked for, then the first again, as often as there are retries", async () => {
  const answers = {
    refused: { rcode: 5 },
    failed: { rcode: 2 },
    cut: { addresses: ["10.7.0.1"], truncated: true },
    empty: {},
  };
  const names = ["none", "refused", "failed", "cut", "empty"];
  const { results, servers } = await resolve(config(""), [answers], names);
  assertEquals(results.map(({ text }) => text), names.map(() => ""));
  for (const name of names) {
    assertEquals(servers[0].asked.filter((a) => a.name === name).map((a) => a.type).join(" "), "AAAA A AAAA A", name);
  }
});

Deno.test("DNS-01 all name servers are asked at once, the first valid answer counts, errors wait for the others", async () => {
  const two = config("    nameserver ns2 10.0.5.2:53");
  const good = { app: { addresses: ["2001:db8::1"], delayMs: 50 } };
  const quick = { app: { addresses: ["2001:db8::2"] } };
  const bad = { app: { rcode: 5 } };
  const silent = { app: { silent: true } };
  const answer = async (...answers: DnsServer["answers"][]) => (await resolve(two, answers, ["app"])).results[0];
  assertEquals((await answer(good, quick)).text, "2001:db8::2");
  assertEquals((await answer(bad, good)).text, "2001:db8::1");
  assertEquals((await answer(silent, good)).text, "2001:db8::1");
  const late = await answer(bad, silent);
  assertEquals([late.text, Math.round(late.ms / 100)], ["", 8], "the other type after each silence");
});

Deno.test("DNS-01 what nobody asked for is not believed: other numbers, other names, other senders", async () => {
  const answers = {
    number: { addresses: ["2001:db8::1"], wrong: "number" },
    name: { addresses: ["2001:db8::1"], wrong: "name" },
    sender: { addresses: ["2001:db8::1"], from: { family: "ipv4", host: "10.0.5.9", port: 53 } },
  } as const;
  const { results } = await resolve(config(""), [answers], ["number", "name", "sender", "a..b", "x".repeat(64)]);
  assertEquals(results.map(({ text, ms }) => `${text}${Math.round(ms / 100)}`), ["4", "4", "4", "0", "0"]);
});

Deno.test("DNS-03 the payload size is announced", async () => {
  const answers = { app: { addresses: ["2001:db8::1"] } };
  const sizes = async (line: string) =>
    (await resolve(config(line), [answers], ["app"])).servers[0].asked[0].payloadSize;
  assertEquals(await sizes(""), 512);
  assertEquals(await sizes("    accepted_payload_size 8192"), 8192);
});

Deno.test("DNS-02 DNS-03 name servers over TCP: one connection for what is asked, answers larger than a datagram", async () => {
  const many = Array.from({ length: 3000 }, (_, i) => `10.8.${i >> 8}.${i & 255}`);
  const text = config("    nameserver ns2 tcp@10.0.5.2:53", "do-resolve(txn.ip,dns,ipv4) path,field(2,/)")
    .replace("    nameserver ns1 10.0.5.1:53\n", "");
  let dns: DnsServer | null = null;
  let connections = 0;
  const scene = await play({
    config: text,
    before: (world) => {
      dns = new DnsServer(world, {
        app: { addresses: many },
        other: { addresses: ["10.7.0.9"] },
        silent: { silent: true },
      });
      dns.serve(NS2);
    },
  }, async (scene) => {
    assertEquals((await ask(scene, "app")).text, "10.8.0.0");
    assertEquals((await ask(scene, "other")).text, "10.7.0.9");
    assertEquals((await ask(scene, "silent")).text, "");
    connections = scene.world.network.connects.filter(({ remote }) =>
      remote.family !== "unix" && remote.port === 53
    ).length;
    await scene.sleep(6000);
    assertEquals((await ask(scene, "none")).text, "");
  });
  assertEquals(connections, 1);
  const all = scene.world.network.connects.filter(({ remote }) => remote.family !== "unix" && remote.port === 53);
  assertEquals(all.length, 2, "one without a question is closed");
});

Deno.test("DNS-08 a client that goes away while its name is resolved ends its stream; the same name is asked for once", async () => {
  let dns: DnsServer | null = null;
  await play({
    config: config(""),
    before: (world) => {
      dns = new DnsServer(world, { app: { addresses: ["2001:db8::1"], delayMs: 100 } });
      dns.listen(NS1);
    },
  }, async (scene) => {
    const peers = await Promise.all([1, 2, 3].map(() => scene.connect()));
    for (const peer of peers) await peer.send(get("/app", "1.0"));
    await scene.sleep(20);
    peers[0].reset();
    for (const peer of peers.slice(1)) {
      assert((await scene.drain(peer)).text.includes("<2001:db8::1>"));
      peer.close();
    }
    assertEquals(dns!.asked.length, 1);
  });
});

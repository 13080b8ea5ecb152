// Servers whose names are followed: `resolvers`, `init-addr`, `hold`, and what the threads make of it.
import { assertEquals } from "@std/assert";
import type { SimWorld } from "../../src/sys/sim/mod.ts";
import type { Address } from "../../src/sys/types.ts";
import { DnsServer } from "./dns_server.ts";
import { defaults, get, play, type Scene } from "./scenario.ts";

const NS: Address = { family: "ipv4", host: "10.0.5.1", port: 53 };

const SECTION = `resolvers dns
    nameserver ns1 10.0.5.1:53
    timeout retry 100ms
    timeout resolve 500ms
    resolve_retries 1
    hold nx 2s
    hold refused 2s
    hold timeout 2s
    hold other 2s
`;

function config(section: string, ...servers: string[]): string {
  return `${section}${defaults("    option log-health-checks")}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
${servers.map((server) => `    server ${server}\n`).join("")}`;
}

interface Options {
  readonly answers: DnsServer["answers"];
  /** Hosts that serve, each answering with its own name. */
  readonly hosts: readonly string[];
  readonly names?: Readonly<Record<string, readonly string[]>>;
  readonly threads?: number;
}

async function follow(
  text: string,
  { answers, hosts, names = {}, threads }: Options,
  script: (s: Scene) => Promise<void>,
) {
  return await play({
    config: text,
    threads,
    alerts: /has no server available!$| ended: killed/,
    before: (world: SimWorld) => {
      new DnsServer(world, answers).listen(NS);
      for (const [name, addresses] of Object.entries(names)) world.names.set(name, addresses);
      for (const host of hosts) {
        world.serve({ family: "ipv4", host, port: 80 }, async (peer) => {
          await peer.until("\r\n\r\n");
          await peer.send(`HTTP/1.0 200 OK\r\n\r\n${host}`);
          peer.close();
        });
      }
    },
  }, script);
}

/** Who answers: a host, or a status. */
async function who(scene: Scene): Promise<string> {
  const peer = await scene.connect();
  await peer.send(get("/", "1.0"));
  const { text } = await scene.drain(peer);
  peer.close();
  return text.startsWith("HTTP/1.0 200") || text.startsWith("HTTP/1.1 200")
    ? text.split("\r\n\r\n")[1]
    : text.slice(9, 12);
}

function said(scene: Scene): string[] {
  return scene.proxy.messages.map(({ text }) => text).filter((text) => !text.includes("topped"));
}

Deno.test("DNS-01 a server without an address waits for one, follows it, and tells of it as haproxy does", async () => {
  const app = { addresses: ["10.0.1.1"] as string[] };
  const text = config(SECTION, "s1 app.test:80 resolvers dns init-addr none resolve-prefer ipv4");
  const scene = await follow(
    text,
    { answers: { "app.test": () => ({ ...app }) }, hosts: ["10.0.1.1", "10.0.1.2"] },
    async (scene) => {
      await scene.sleep(50);
      assertEquals(await who(scene), "10.0.1.1");
      app.addresses = ["10.0.1.2"];
      await scene.sleep(600);
      assertEquals(await who(scene), "10.0.1.2");
    },
  );
  assertEquals(said(scene), [
    "app/s1 changed its IP from (none) to 10.0.1.1 by dns/ns1.",
    "Server app/s1 ('app.test') is UP/READY (resolves again).",
    "Server app/s1 administratively READY thanks to valid DNS answer.",
    "app/s1 changed its IP from 10.0.1.1 to 10.0.1.2 by dns/ns1.",
  ]);
});

Deno.test("DNS-04 hold: a server stays in service for so long after its name has gone, then comes back with it", async () => {
  for (
    const [status, fault] of Object.entries({
      NX: { rcode: 3 },
      refused: { rcode: 5 },
      timeout: { silent: true },
      unspecified: { rcode: 2 },
    })
  ) {
    let gone = false;
    const answers = { "app.test": () => gone ? fault : { addresses: ["10.0.1.1"] } };
    const text = config(SECTION, "s1 app.test:80 resolvers dns init-addr none resolve-prefer ipv4");
    const scene = await follow(text, { answers, hosts: ["10.0.1.1"] }, async (scene) => {
      await scene.sleep(50);
      gone = true;
      await scene.sleep(1800);
      assertEquals(await who(scene), "10.0.1.1", status);
      await scene.sleep(1200);
      assertEquals(await who(scene), "503", status);
      gone = false;
      await scene.sleep(800);
      assertEquals(await who(scene), "10.0.1.1", status);
    });
    const left = "0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
    assertEquals(said(scene).slice(3), [
      `Server app/s1 is going DOWN for maintenance (DNS ${status} status). ${left}`,
      "backend 'app' has no server available!",
      "app/s1 changed its IP from (none) to 10.0.1.1 by dns/ns1.",
      "Server app/s1 ('app.test') is UP/READY (resolves again).",
      "Server app/s1 administratively READY thanks to valid DNS answer.",
    ]);
  }
});

Deno.test("DNS-01 init-addr: the first method that gives an address, none lets the server begin without", async () => {
  const names = { "app.test": ["10.0.1.1"] };
  const first = async (server: string) => {
    let answer = "";
    await follow(config("", server), { answers: {}, hosts: ["10.0.1.1", "10.0.1.2"], names }, async (scene) => {
      answer = await who(scene);
    });
    return answer;
  };
  assertEquals(await first("s app.test:80"), "10.0.1.1");
  assertEquals(await first("s app.test:80 init-addr last,libc"), "10.0.1.1");
  assertEquals(await first("s app.test:80 init-addr 10.0.1.2,libc"), "10.0.1.2");
  assertEquals(await first("s none.test:80 init-addr libc,10.0.1.2"), "10.0.1.2");
  assertEquals(await first("s none.test:80 init-addr last,libc,none"), "503");
  const failed = await first("s none.test:80").catch((error: Error) => error.message);
  assertEquals(failed.includes("'server app/s' : could not resolve address 'none.test'."), true, failed);
});

Deno.test("DNS-01 servers of one name and port get an address each, unless duplicates are allowed", async () => {
  const answers = { "app.test": { addresses: ["10.0.1.1", "10.0.1.2"] } };
  const options = "resolvers dns init-addr none resolve-prefer ipv4";
  const both = async (more: string, addresses: string[]) => {
    const got: string[] = [];
    await follow(
      config(SECTION, `s1 app.test:80 ${options}${more}`, `s2 app.test:80 ${options}${more}`),
      { answers: { "app.test": { addresses } }, hosts: ["10.0.1.1", "10.0.1.2"] },
      async (scene) => {
        await scene.sleep(50);
        for (let i = 0; i < 4; i++) got.push(await who(scene));
      },
    );
    return [...new Set(got)].toSorted().join(" ");
  };
  assertEquals(await both("", answers["app.test"].addresses), "10.0.1.1 10.0.1.2");
  assertEquals(await both("", ["10.0.1.1"]), "10.0.1.1", "the other one has none");
  assertEquals(await both(" resolve-opts allow-dup-ip", ["10.0.1.1"]), "10.0.1.1");
});

Deno.test("DNS-07 resolve-prefer and resolve-net choose among the addresses", async () => {
  const answers = { "app.test": { addresses: ["10.0.1.1", "10.0.1.2", "2001:db8::1"] } };
  const chosen = async (options: string) => {
    const scene = await follow(
      config(SECTION, `s1 app.test:80 resolvers dns init-addr none ${options}`),
      { answers, hosts: [] },
      (scene) => scene.sleep(50),
    );
    return /to (\S+) by/.exec(said(scene)[0])?.[1];
  };
  assertEquals(await chosen(""), "2001:db8::1");
  assertEquals(await chosen("resolve-prefer ipv4"), "10.0.1.1");
  assertEquals(await chosen("resolve-prefer ipv4 resolve-net 10.9.0.0/16,10.0.1.2/32"), "10.0.1.2");
  assertEquals(await chosen("resolve-prefer ipv4 resolve-net 10.9.0.0/16"), "10.0.1.1");
});

Deno.test("DNS-04 hold obsolete: an address that is not in the last answer counts a while longer", async () => {
  const app = { addresses: ["10.0.1.1"] as string[] };
  const text = config(
    `${SECTION}    hold obsolete 2s\n`,
    "s1 app.test:80 resolvers dns init-addr none resolve-prefer ipv4",
  );
  await follow(
    text,
    { answers: { "app.test": () => ({ ...app }) }, hosts: ["10.0.1.1", "10.0.1.2"] },
    async (scene) => {
      await scene.sleep(50);
      app.addresses = ["10.0.1.2"];
      await scene.sleep(1500);
      assertEquals(await who(scene), "10.0.1.1");
      await scene.sleep(1500);
      assertEquals(await who(scene), "10.0.1.2");
    },
  );
});

Deno.test("DNS-01 every thread has the address, one that starts later too; a named server in maintenance stays there", async () => {
  const app = { addresses: ["10.0.1.1"] as string[] };
  const text = config(SECTION, "s1 app.test:80 resolvers dns init-addr none resolve-prefer ipv4");
  const options = { answers: { "app.test": () => ({ ...app }) }, hosts: ["10.0.1.1", "10.0.1.2"], threads: 2 };
  await follow(text, options, async (scene) => {
    await scene.sleep(50);
    app.addresses = ["10.0.1.2"];
    await scene.sleep(600);
    for (let i = 0; i < 6; i++) assertEquals(await who(scene), "10.0.1.2");
    scene.world.kill(1);
    scene.world.kill(2);
    await scene.sleep(100);
    for (let i = 0; i < 6; i++) assertEquals(await who(scene), "10.0.1.2");
  });
});

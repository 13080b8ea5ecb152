// The runtime API's lines, modes, levels and limits on virtual time and network (management.txt 9.3; configuration.txt 3.1
// "stats socket", "stats timeout", "stats maxconn").
import { assert, assertEquals, assertMatch } from "@std/assert";
import { FAULTS_ALL, FAULTS_TIMING, type Peer } from "../../src/sys/sim/mod.ts";
import { WAKE_PEER } from "../../src/sys/types.ts";
import { ADMIN, CLI, cli, open, OPERATOR, USER } from "./cli.ts";
import { type ProxyWorld, type ProxyWorldOptions, startProxy } from "./proxy_world.ts";

const CONFIG = `
global
${CLI}
frontend web
    mode http
    timeout client 10s
    bind 10.0.0.1:80
    http-request return status 200
`;

async function withProxy(
  script: (proxy: ProxyWorld) => Promise<void>,
  more: Partial<ProxyWorldOptions> & { readonly global?: string } = {},
): Promise<ProxyWorld> {
  const config = CONFIG.replace("global\n", `global\n${more.global ?? ""}\n`);
  const proxy = await startProxy({ config, threads: 2, ...more });
  await proxy.world.wait(script(proxy));
  await proxy.stop();
  return proxy;
}

Deno.test("API-01 stats socket: several sockets, unix and TCP; show cli sockets names them with their levels", async () => {
  await withProxy(async ({ world }) => {
    assertEquals(
      await cli(world, "show cli sockets"),
      "# socket lvl processes\n" +
        "ipv4@10.0.0.1:9999 user all\n" +
        "abns@api operator all\n" +
        "unix@/run/admin.sock admin all\n" +
        "unix@/run/operator.sock operator all\n" +
        "unix@/run/user.sock user all\n\n",
    );
    const tcp = { family: "ipv4", host: "10.0.0.1", port: 9999 } as const;
    assertEquals(await cli(world, "show cli level", tcp), "user\n\n");
    assertEquals(await cli(world, "show cli level", OPERATOR), "operator\n\n");
    assertEquals(await cli(world, "show cli level", ADMIN), "admin\n\n");
  }, { global: "    stats socket ipv4@10.0.0.1:9999 level user\n    stats socket abns@api" });
});

Deno.test("API-01 a command above the session's level is refused; user and operator only lower it", async () => {
  await withProxy(async ({ world }) => {
    assertEquals(await cli(world, "show env", USER), "Permission denied\n\n");
    assertEquals(await cli(world, "expert-mode on", OPERATOR), "Permission denied\n\n");
    assertEquals(
      await cli(world, "operator;show cli level;user;show cli level;operator;show cli level"),
      [
        "",
        "operator\n",
        "",
        "user\n",
        "",
        "user\n",
      ].join("\n") + "\n",
    );
  });
});

Deno.test("API-01 stats timeout: a silent client is left after it, and `set timeout cli` changes it", async () => {
  await withProxy(async ({ world }) => {
    const silence = async (text: string) => {
      const peer = await open(world);
      const at = world.core.time;
      await peer.send(text);
      await peer.rest();
      peer.close();
      return Math.round((world.core.time - at) / 100) / 10;
    };
    assertEquals(await silence(""), 3);
    assertEquals(await silence("show ver"), 3);
    assertEquals(await silence("prompt i\n"), 3);
    assertEquals(await silence("prompt i;set timeout cli 7\n"), 7);
    assertEquals(await silence("prompt i;set timeout cli 500ms\n"), 0.5);
    assertEquals(await silence("show cli level <<\npayload without an end\n"), 3);
    assertEquals(
      await cli(world, "set timeout cli;set timeout cli x;set timeout http 1"),
      [
        "Expects an integer value.\n",
        "Invalid timeout value.\n",
        "'set timeout' only supports 'cli'.\n",
      ].join("\n") + "\n",
    );
  }, { global: "    stats timeout 3s" });
});

Deno.test("API-01 stats maxconn: 1000 connections, ten at once, none is refused; GLOB-01 traffic is not in its way", async () => {
  await withProxy(async ({ world }) => {
    let served = 0;
    let most = 0;
    const one = async () => {
      const peer = await open(world);
      await peer.send("prompt\n");
      await peer.until("> ");
      most = Math.max(most, ++served);
      await peer.send("quit\n");
      served--;
      await peer.rest();
      peer.close();
    };
    const stuck = await Promise.all(Array.from({ length: 10 }, () => open(world)));
    const all = Promise.all(Array.from({ length: 990 }, one));
    const web = await world.connect({ family: "ipv4", host: "10.0.0.1", port: 80 });
    assert(typeof web !== "number");
    await web.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assertMatch(await web.until("\r\n\r\n"), /^HTTP\/1.1 200 /);
    web.close();
    assertEquals(most, 0, "ten silent connections hold all the places");
    for (const peer of stuck) peer.close();
    await all;
    assert(most >= 1 && most <= 10, `${most} at once`);
  }, { global: "" });
});

Deno.test("API-02 an empty line after each answer, commands chained with ;, blanks and escapes", async () => {
  await withProxy(async ({ world }) => {
    assertEquals(await cli(world, "show cli level;show cli level"), "admin\n\nadmin\n\n");
    assertEquals(await cli(world, "  show\tcli   level ;echo a\\;b\\ c\\\\d  e;"), "admin\n\na;b c\\d e\n\n");
    assertEquals(await cli(world, "echo one\r\necho two\r\n"), "one\n\ntwo\n\n");
    assertEquals(
      await cli(world, "set severity-output number;show cli level;show env X"),
      "\n[6]: admin\n\n[3]: Variable not found\n\n",
    );
    assertEquals(
      await cli(world, "set severity-output string;echo x;set severity-output none;echo y"),
      "\n[info]: x\n\n\ny\n\n",
    );
    assertEquals(
      await cli(world, "set severity-output"),
      "one of 'none', 'number', 'string' is a required argument\n\n",
    );
  });
});

Deno.test("API-02 a payload ends at an empty line, or at the pattern behind <<", async () => {
  await withProxy(async ({ world }) => {
    // No command of these takes a payload: it is read all the same, and what follows it is a command again.
    assertEquals(await cli(world, "echo a <<\nshow nothing\n\necho b"), "a\n\nb\n\n");
    assertEquals(await cli(world, "echo a <<%EOF%\none\n\ntwo\n%EOF%\necho b"), "a\n\nb\n\n");
    assertEquals(await cli(world, "echo a;echo <<\nx\n\n"), "a\n\n\n");
    // More than seven characters, glued to a word, escaped, or not the last word: no payload.
    assertEquals(await cli(world, "echo a <<12345678\necho b"), "a <<12345678\n\nb\n\n");
    assertEquals(await cli(world, "echo a<<\necho b"), "a<<\n\nb\n\n");
    assertEquals(await cli(world, "echo \\<<\necho b"), "<<\n\nb\n\n");
    assertEquals(await cli(world, "echo << a\necho b"), "<< a\n\nb\n\n");
    const peer = await open(world);
    await peer.send("prompt\n");
    assertEquals(await peer.until("> "), "\n> ");
    await peer.send("echo a <<\nline\n\n");
    assertEquals(await peer.until("> "), "+ + a\n\n> ");
    peer.close();
  });
});

Deno.test("API-02 half a line, half a payload, a dropped connection: nothing is run", async () => {
  await withProxy(async ({ world }) => {
    const half = async (text: string) => {
      const peer = await open(world);
      await peer.send(text);
      peer.shutdown();
      const answer = await peer.rest();
      peer.close();
      return answer;
    };
    assertEquals(await half("echo a"), "");
    assertEquals(await half("echo a\necho b"), "a\n\n");
    assertEquals(await half("echo a <<\nb\n"), "");
    const peer = await open(world);
    await peer.send("echo a");
    peer.reset();
  });
});

Deno.test("API-03 modes: n closes after the line, i stays, p prompts; timed tells the uptime; quit closes", async () => {
  await withProxy(async ({ world }) => {
    const peer = await open(world);
    await peer.send("prompt i\n");
    assertEquals(await peer.until("\n"), "\n");
    await peer.send("echo a\n");
    assertEquals(await peer.until("\n\n"), "a\n\n");
    await peer.send("prompt p\n");
    assertEquals(await peer.until("> "), "\n> ");
    await new Promise<void>((wake) => void world.core.after(world.core.nobody, 72_062_000 - world.core.time, wake));
    await peer.send("prompt timed\n");
    assertEquals(await peer.until("]"), "\n[0:20:01:02]");
    await peer.send("prompt\n");
    assertEquals(await peer.rest(), "> \n");
    peer.close();
    assertEquals(await cli(world, "prompt n;echo a"), "\na\n\n");
    assertEquals(await cli(world, "prompt;echo a;quit;echo b"), "\n> a\n\n> ");
    assertMatch(await cli(world, "prompt help"), /^Usage: prompt .*\n/);
    assertMatch(await cli(world, "prompt x"), /^Usage: prompt .*\n/);
  }, { global: "    stats timeout 2d" });
});

Deno.test("API-04 help lists all commands, or those that match", async () => {
  await withProxy(async ({ world }) => {
    const all = await cli(world, "help");
    assertMatch(all, /^The following commands are valid at this level:\n {2}\S/);
    const last = [
      "  help [<command>]                        : list matching or all commands\n",
      "  prompt [help | n | i | p | timed]       : toggle interactive mode with prompt\n",
      "  quit                                    : disconnect\n\n",
    ].join("");
    assert(all.endsWith(last), all);
    assertEquals(
      await cli(world, "help show cli"),
      "The following commands are valid at this level:\n" +
        "  show cli level                          : display the level of the current CLI session\n" +
        "  show cli sockets                        : dump list of cli sockets\n" + last,
    );
    assert(!all.includes("expert-mode"), "not listed (manual)");
  });
});

Deno.test("API-05 an unknown command names those that come near", async () => {
  await withProxy(async ({ world }) => {
    const near = async (text: string) => (await cli(world, text)).split("\n").slice(0, -5);
    const line = "  show version                            : show version of the current process";
    const title = "but maybe one of the following ones is a better match:";
    assertEquals(await near("show verison"), [`Unknown command: 'show', ${title}`, line]);
    assertEquals(await near("shw version"), [`Unknown command: 'shw', ${title}`, line]);
    assertEquals(await near("version"), [`Unknown command: 'version', ${title}`, line]);
    const all = (await cli(world, "help")).split("\n").slice(1);
    for (const text of ["nonsense", "", "#nonsense"]) {
      const [first, ...list] = (await cli(world, text)).split("\n");
      assertMatch(first, /^Unknown command.*\. Please enter one of the following commands only:$/);
      assertEquals(list, all);
    }
    assertEquals(await cli(world, "show peers"), "'show peers' : not supported yet.\n\n");
  });
});

Deno.test("API-06 show version, show env, show startup-logs", async () => {
  await withProxy(async ({ world }) => {
    assertMatch(await cli(world, "show version", USER), /^3\.2\.0-sluice-[0-9.]+\n\n$/);
    assertEquals(await cli(world, "show env NOBODY_SET_THIS"), "Variable not found\n\n");
    assertEquals(await cli(world, "show env HAPROXY_LOCALPEER"), "HAPROXY_LOCALPEER=sim\n\n");
    assertMatch(await cli(world, "show env"), /^(?:\w+=.*\n)+\n$/);
    assertEquals(await cli(world, "show startup-logs"), "\n");
  });
});

Deno.test("API-08 expert-mode and experimental-mode are of one connection, and lost with its level", async () => {
  await withProxy(async ({ world }) => {
    assertEquals(
      await cli(world, "expert-mode;expert-mode on;expert-mode;expert-mode off;expert-mode"),
      "expert-mode is OFF\n\n\nexpert-mode is ON\n\n\nexpert-mode is OFF\n\n",
    );
    assertEquals(await cli(world, "experimental-mode on;experimental-mode"), "\nexperimental-mode is ON\n\n");
    assertEquals(await cli(world, "experimental-mode"), "experimental-mode is OFF\n\n");
  });
});

Deno.test("API-09 wait: a delay, while others are served", async () => {
  await withProxy(async ({ world }) => {
    const started = world.core.time;
    const waiting = cli(world, "wait 2s;echo done").then((text) => ({ text, at: world.core.time - started }));
    assertEquals(await cli(world, "echo now"), "now\n\n");
    assert(world.core.time - started < 10, `${world.core.time - started}`);
    const { text, at } = await waiting;
    assertEquals(text, "\ndone\n\n");
    assert(at >= 2000 && at < 2010, `${at}`);
    assertMatch(await cli(world, "wait"), /^Usage: wait /);
    assertMatch(await cli(world, "wait -h"), /^Usage: wait /);
    assertMatch(await cli(world, "wait 1x"), /^Invalid wait delay '1x'\.\nUsage: wait /);
    assertMatch(await cli(world, "wait 1 moon-full"), /^Unknown wait condition 'moon-full'\.\nUsage: wait /);
  });
});

Deno.test("API-02 a line longer than a buffer, binary garbage: the connection ends, the process goes on", async () => {
  await withProxy(async ({ world }) => {
    const peer = await open(world);
    await peer.send("a".repeat(10_000_000));
    assertEquals(await peer.rest(), "");
    peer.close();
    const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff);
    const noisy = await open(world);
    await noisy.send(garbage);
    noisy.shutdown();
    await noisy.rest();
    noisy.close();
    assertEquals(await cli(world, "echo alive"), "alive\n\n");
  });
});

Deno.test("API-02 bytes in any pieces and order: the same answers", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    await withProxy(async ({ world }) => {
      const peer = await open(world);
      await peer.send("prompt i;echo a <<\nx\n\necho b;echo c\nquit\n");
      assertEquals(await peer.rest(), "\na\n\nb\n\nc\n\n", `seed ${seed}`);
      peer.close();
    }, { faults: FAULTS_TIMING, seed });
  }
});

Deno.test("API-02 connections that break at any moment leave nothing behind", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const proxy = await startProxy({
      config: CONFIG,
      threads: 2,
      faults: { ...FAULTS_ALL, reset: 0.05, blackhole: 0 },
      seed,
    });
    const one = async () => {
      const peer = await proxy.world.connect(ADMIN);
      if (typeof peer === "number") return;
      await peer.send("prompt i;help;help\nhelp;wait 20;help\nquit\n");
      await peer.rest();
      peer.close();
    };
    await proxy.world.wait(Promise.all(Array.from({ length: 30 }, one)));
    await proxy.stop();
  }
});

Deno.test("API-01 a client that reads nothing of a long answer is left after the timeout, its place is free again", async () => {
  await withProxy(async ({ world }) => {
    const peer = await open(world);
    const at = world.core.time;
    // Much more than the connection holds.
    await peer.send("prompt i;" + "help;".repeat(800) + "\n");
    await new Promise<void>((wake) => void world.core.after(world.core.nobody, 2000, wake));
    const waiting = cli(world, "echo my turn");
    assertEquals(await waiting, "my turn\n\n");
    assert(world.core.time - at >= 3000, `${world.core.time - at}`);
    peer.close();
  }, { global: "    stats timeout 3s\n    stats maxconn 1" });
});

Deno.test("API-01 unix-bind holds for stats sockets; a configuration of nothing else runs", async () => {
  const config = "global\n    unix-bind prefix /srv mode 660\n    stats socket /api.sock level admin\n";
  const proxy = await startProxy({ config });
  const { world } = proxy;
  const answer = await world.wait(cli(world, "show cli sockets", { family: "unix", path: "/srv/api.sock" }));
  assertEquals(answer, "# socket lvl processes\nunix@/srv/api.sock admin all\n\n");
  await proxy.stop();
});

Deno.test("API-01 stats maxconn counts the connections of all sockets together", async () => {
  await withProxy(async ({ world }) => {
    const [first, second] = await Promise.all([open(world, ADMIN), open(world, OPERATOR)]);
    await first.send("prompt i;echo first\n");
    await second.send("prompt i;echo second\n");
    await new Promise<void>((wake) => void world.core.after(world.core.nobody, 500, wake));
    const answered = [await got(first), await got(second)].filter((text) => text !== "");
    assertEquals(answered.length, 1, "the other one waits");
    first.close();
    second.close();
  }, { global: "    stats maxconn 1" });
});

/** What has come so far. */
async function got(peer: Peer): Promise<string> {
  const some = peer.conn.recv(0);
  if (typeof some !== "number") {
    peer.conn.wakeRecv(WAKE_PEER);
    await some;
  }
  return peer.conn.tail > peer.conn.head ? "something" : "";
}

// Becoming another user in another root directory (configuration.txt 3.1), and the configuration that Debian's package
// ships. They need the rights of root, and are skipped without.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePort, Program, runToEnd, temporaryFile } from "./program.ts";

const IS_ROOT = Deno.build.os === "linux" && Deno.uid() === 0;

function server() {
  const s = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("served"));
  return { address: `127.0.0.1:${s.addr.port}`, [Symbol.asyncDispose]: () => s.shutdown() };
}

function web(port: number, server: string): string {
  return `defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
listen web
    bind 127.0.0.1:${port}
    server s1 ${server} check inter 100
`;
}

async function get(port: number): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${port}/`)).text();
}

/** Lines of /proc about every thread of a process. */
function statuses(pid: number): string[] {
  return Array.from(
    Deno.readDirSync(`/proc/${pid}/task`),
    ({ name }) => Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`),
  );
}

/** Where a process's root directory or working directory is. */
function linkOf(pid: number | string, name: "root" | "cwd"): string {
  return Deno.readLinkSync(`/proc/${pid}/${name}`);
}

Deno.test({
  name: "PROC-11 PROC-22 user, group, chroot: every thread changes, and traffic goes on",
  ignore: !IS_ROOT,
  async fn() {
    await using up = server();
    const port = freePort();
    const jail = Deno.makeTempDirSync({ prefix: "sluice-jail-" });
    using file = temporaryFile(`global
    maxconn 100
    nbthread 2
    ulimit-n 3333
    uid 12345
    gid 23456
    chroot ${jail}
${web(port, up.address)}`);
    {
      await using program = new Program(["-V", "-f", file.path]);
      await program.says("Listening: ");
      const all = statuses(program.pid);
      for (const status of all) {
        assertStringIncludes(status, "Uid:\t12345\t12345\t12345\t12345\n");
        assertStringIncludes(status, "Gid:\t23456\t23456\t23456\t23456\n");
        assertStringIncludes(status, "Groups:\t \n");
        assertStringIncludes(status, "CapEff:\t0000000000000000\n");
      }
      assertStringIncludes(Deno.readTextFileSync(`/proc/${program.pid}/status`), "NoNewPrivs:\t1\n");
      assertStringIncludes(Deno.readTextFileSync(`/proc/${program.pid}/limits`), "Max open files            3333 ");
      assertEquals(linkOf(program.pid, "root"), jail);
      assertEquals(linkOf(program.pid, "cwd"), jail);
      for (let i = 0; i < 4; i++) assertEquals(await get(port), "served");
      program.signal("SIGUSR1");
      assertEquals(await program.end(), 0, program.stderr);
    }
    Deno.removeSync(jail);
  },
});

Deno.test({
  name: "PROC-11 under a master the worker changes, the master does not",
  ignore: !IS_ROOT,
  async fn() {
    await using up = server();
    const port = freePort();
    using file = temporaryFile(`global
    maxconn 100
    nbthread 1
    user daemon
    chroot /var
${web(port, up.address)}`);
    await using program = new Program(["-W", "-f", file.path]);
    const workers = () =>
      Array.from(Deno.readDirSync("/proc"), ({ name }) => name).filter((name) => {
        try {
          return Deno.readTextFileSync(`/proc/${name}/stat`).replace(/^.*\) . /, "").startsWith(`${program.pid} `);
        } catch {
          return false;
        }
      });
    const jailed = (pid: string) => {
      try {
        return linkOf(pid, "root") === "/var";
      } catch {
        return false;
      }
    };
    while (!workers().some(jailed)) await new Promise((again) => setTimeout(again, 20));
    assertEquals(await get(port), "served");
    assertStringIncludes(Deno.readTextFileSync(`/proc/${program.pid}/status`), "Uid:\t0\t");
    const [worker] = workers().filter(jailed);
    while (!statuses(Number(worker)).every((status) => status.includes("Uid:\t1\t1\t1\t1\n"))) {
      await new Promise((again) => setTimeout(again, 20));
    }
    program.signal("SIGTERM");
    await program.end();
  },
});

Deno.test({
  name: "PROC-11 a root directory that is not there, or a user nobody knows, is one clear line",
  ignore: !IS_ROOT,
  async fn() {
    const config = (line: string) => `global\n    maxconn 100\n    ${line}\n${web(freePort(), "127.0.0.1:1")}`;
    using jail = temporaryFile(config("chroot /no/such/folder"));
    const refused = await runToEnd(["-f", jail.path]);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "[haproxy.main()] Cannot chroot(/no/such/folder): No such file or directory.");
    using user = temporaryFile(config("user no-such-user"));
    const unknown = await runToEnd(["-c", "-f", user.path]);
    assertEquals(unknown.code, 1);
    assertStringIncludes(unknown.stderr, "cannot find user id for 'no-such-user'");
  },
});

const PACKAGED = "/etc/haproxy/haproxy.cfg";

/** Whether the package's configuration can be run: as root, where its folders are, and no running haproxy uses them. */
const packaged = IS_ROOT && isDirectory("/run/haproxy") && isDirectory("/var/lib/haproxy") &&
  !await answers("/run/haproxy/admin.sock");

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory && Deno.statSync(PACKAGED).isFile;
  } catch {
    return false;
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "PROC-11 the configuration of Debian's package, unmodified, is valid, starts and serves",
  ignore: !packaged,
  async fn() {
    const valid = await runToEnd(["-c", "-f", PACKAGED]);
    assertEquals([valid.code, valid.stdout], [0, "Configuration file is valid\n"], valid.stderr);
    await using up = server();
    const port = freePort();
    using more = temporaryFile(`listen web\n    bind 127.0.0.1:${port}\n    server s1 ${up.address}\n`);
    const pidFile = Deno.makeTempFileSync({ prefix: "sluice-", suffix: ".pid" });
    // It says `daemon`: the program leaves once the one in the background serves.
    const started = await runToEnd(["-p", pidFile, "-f", PACKAGED, "-f", more.path]);
    assertEquals(started.code, 0, started.stderr);
    const pid = Number(Deno.readTextFileSync(pidFile));
    try {
      assertEquals(await get(port), "served");
      assertEquals(linkOf(pid, "root"), "/var/lib/haproxy");
      assertEquals(statuses(pid).filter((status) => /^Uid:\t0\t/m.test(status)), []);
      using socket = await Deno.connect({ transport: "unix", path: "/run/haproxy/admin.sock" });
      await socket.write(new TextEncoder().encode("show version\n"));
      const answer = new Uint8Array(100);
      const length = await socket.read(answer);
      assertStringIncludes(new TextDecoder().decode(answer.subarray(0, length ?? 0)), "3.2.0");
    } finally {
      Deno.kill(pid, "SIGTERM");
      Deno.removeSync(pidFile);
      Deno.removeSync("/run/haproxy/admin.sock");
    }
    assert(pid > 1);
  },
});

// What configurations need, and what becomes of it: flags, messages, what threads may.
import { assertEquals } from "@std/assert";
import { globalConfigOf, proxyConfigsOf } from "../proxy/mod.ts";
import { describeThreads, missingPermissions, permissionFlags, shellLine, threadPermissions } from "./grants.ts";
import { load } from "./load.ts";
import { programRegistry } from "./manifest.ts";
import { type Known, LIBC_PROCESS, type Need, needsOf } from "./permissions.ts";

const registry = programRegistry();

function needs(text: string, known: Partial<Known> = {}, env: Record<string, string> = {}): Need[] {
  const fs = { readFile: () => "none", readDir: () => "none", kind: () => "absent" as const };
  const loaded = load({ files: [{ name: "t.cfg", text }], env }, registry, { fs, proc: { hostname: "h" } });
  const { model } = loaded;
  if (model === null) throw new Error(loaded.diagnostics.map((d) => d.text).join("\n"));
  const global = globalConfigOf(model, registry);
  return needsOf({
    loaded: model,
    model,
    configs: proxyConfigsOf(model, registry, global),
    global,
    fixed: 100,
    asked: loaded.asked,
    paths: [],
    io: "handles",
    maxconn: 0,
    pidFile: "",
    daemon: false,
    master: false,
    takesSockets: false,
    masterSockets: [],
    temporary: () => "/t/",
    notify: null,
    signals: false,
    program: ["/app"],
    runtime: "/bin/deno",
    libc: "/lib/libc",
    commandsSetAddresses: true,
    absolute: (path) => path.startsWith("/") ? path : `/cwd/${path}`,
    ...known,
  });
}

/** Flags beyond those that every program has. */
function flags(text: string, known: Partial<Known> = {}): string[] {
  const every = ["--allow-read=/app", "--allow-sys=hostname"];
  return permissionFlags(needs(text, known)).filter((flag) => !every.includes(flag));
}

const SMALL = "global\n  maxconn 100\n";

Deno.test("permissions: addresses of listeners, servers, their checks and log targets", () => {
  const text = `${SMALL}  log 127.0.0.1 local0
  log tcp@127.0.0.1:6000 local0
listen a
  bind 127.0.0.1:80,[::1]:81
  bind :90-91
  server s1 10.0.0.1:8001 check port 8002 addr 10.0.0.2
  server s2 10.0.0.3
  server s3 10.0.0.4:+1
  server s4 [fd00::1]:8003 check
`;
  assertEquals(flags(text), [
    "--allow-net=127.0.0.1:80,[::1]:81,0.0.0.0:90,0.0.0.0:91,10.0.0.1:8001,10.0.0.2:8002,10.0.0.3,10.0.0.4," +
    "[fd00::1]:8003,127.0.0.1:514,0.0.0.0:0,127.0.0.1:6000",
  ]);
  assertEquals(threadPermissions(needs(text)), {
    net: ["10.0.0.1:8001", "10.0.0.2:8002", "10.0.0.3", "10.0.0.4", "[fd00::1]:8003", "127.0.0.1:514", "0.0.0.0:0"],
    read: false,
    write: false,
    env: false,
    sys: false,
    run: false,
    ffi: false,
  });
});

Deno.test("permissions: connects that tcp-check makes itself", () => {
  const text = `${SMALL}backend b
  option tcp-check
  tcp-check connect port 7001
  tcp-check connect
  server s1 10.0.0.1:8001 check
  server s2 10.0.0.2:8001
`;
  assertEquals(flags(text), ["--allow-net=10.0.0.1:8001,10.0.0.1:7001,10.0.0.2:8001"]);
});

Deno.test("permissions: unix sockets are paths in net, read and write; listening ones are bound under another name", () => {
  const text = `${SMALL}listen a
  bind /run/a.sock
  server s1 unix@b.sock
`;
  assertEquals(flags(text), [
    "--allow-net=unix:/run/a.sock.tmp,unix:/cwd/b.sock",
    "--allow-read=/app,/run/a.sock,/run/a.sock.tmp,/cwd/b.sock",
    "--allow-write=/run/a.sock,/run/a.sock.tmp,/cwd/b.sock",
  ]);
  // Threads adopt listening sockets, unless they cannot.
  assertEquals(threadPermissions(needs(text)).net, ["unix:/cwd/b.sock"]);
  assertEquals(threadPermissions(needs(text, { io: "public" })).net, ["unix:/run/a.sock.tmp", "unix:/cwd/b.sock"]);
});

Deno.test("permissions: names of the owners of unix sockets", () => {
  const text = `${SMALL}  stats socket /x group adm\nlisten a\n  bind /y user daemon\n`;
  assertEquals(flags(text)[1], "--allow-read=/app,/x,/x.tmp,/etc/group,/y,/y.tmp,/etc/passwd");
});

Deno.test("permissions: all of the network where an address is not known", () => {
  const cases = [
    ["listen a\n  bind abns@x\n", "bind abns@x"],
    ["listen a\n  bind :80\n  server s1 *:80\n", "server a/s1"],
    ["listen a\n  mode http\n  bind :80\n  http-request set-dst src\n", "http-request set-dst"],
    ["global\n  stats socket /x level admin\n", "level admin"],
  ];
  for (const [text, why] of cases) {
    const need = needs(`${SMALL}${text}`).find((n) => n.kind === "net" && n.value === "");
    assertEquals(need?.why.includes(why), true, text);
  }
  assertEquals(
    describeThreads(needs(`${SMALL}${cases[2][0]}`)),
    "net (all of net because of 'http-request set-dst': the traffic chooses the address)",
  );
  assertEquals(flags(`${SMALL}  stats socket /x level operator\n`)[0], "--allow-net=unix:/x.tmp");
});

Deno.test("permissions: long ranges of ports are a host", () => {
  assertEquals(flags(`${SMALL}listen a\n  bind 127.0.0.1:1000-2000\n  bind 127.0.0.2:80\n`), [
    "--allow-net=127.0.0.1,127.0.0.2:80",
  ]);
});

Deno.test("permissions: variables that the configuration looks at, not those it sets itself", () => {
  const text = `${SMALL}  setenv OWN 1
  presetenv MAYBE 1
listen a
  mode http
  bind "127.0.0.1:\${PORT}"
  .if defined(COND)
  .endif
  http-request set-header x "$OWN %[env(FETCHED)]"
`;
  const found = needs(text, {}, { PORT: "80", MAYBE: "2" }).filter((n) => n.kind === "env");
  assertEquals(found.map((n) => [n.value, n.at?.line]), [["MAYBE", 4], ["PORT", 7], ["COND", 8], ["FETCHED", 10]]);
});

Deno.test("permissions: the C library for what only it does, and for the default of maxconn", () => {
  const library = (text: string, known: Partial<Known> = {}) =>
    needs(text, known).filter((n) => n.kind === "ffi").map((n) => n.why.split(" (")[0]);
  assertEquals(library("listen a\n  bind :80\n"), ["the default of 'maxconn'"]);
  assertEquals(library("listen a\n  bind :80\n", { maxconn: 100 }), []);
  assertEquals(library("listen a\n  bind :80\n", { maxconn: 100, takesSockets: true }), ["'-x'"]);
  assertEquals(library("global\n  stats socket /s expose-fd listeners\n", { maxconn: 100 }), [
    "'expose-fd' of 'stats socket /s'",
  ]);
  assertEquals(library("global\n  maxconn 20000\n"), ["'maxconn 20000'"]);
  const back = (line: string) => library(`${SMALL}backend b\n  ${line}\n  server s 127.0.0.1:1\n`);
  assertEquals(back("source 127.0.0.9"), []);
  assertEquals(back("source 127.0.0.9 interface lo"), ["'interface' of 'server b/s'"]);
  assertEquals(back("source 127.0.0.9 usesrc clientip"), ["'transparent' of 'server b/s'"]);
  assertEquals(back("server t 127.0.0.1:2 source 127.0.0.9 usesrc client"), ["'transparent' of 'server b/t'"]);
  assertEquals(library(`${SMALL}listen a\n  bind :80 shards 2 v4v6 mss 900\n`), ["'mss' of 'bind :80' of listen a"]);
  assertEquals(flags(`${SMALL}backend b\n  server s 127.0.0.1:1 source 127.0.0.9:50-60\n`), [
    "--allow-net=127.0.0.1:1,127.0.0.9",
  ]);
});

Deno.test("permissions: options of sockets, and where connections come from", () => {
  const found = (text: string) =>
    needs(`${SMALL}${text}`).filter((n) => n.kind === "ffi" || n.value.startsWith("10.9.")).map((
      n,
    ) => [n.value, n.threads]);
  const servers = "backend b\n  server s 10.0.0.1:80";
  assertEquals(found(`${servers}\n`), []);
  assertEquals(found(`${servers}\n  option srvtcpka\n`), []);
  assertEquals(found(`${servers}\n  option srvtcpka\n  srvtcpka-idle 10s\n`), [["/lib/libc", true]]);
  assertEquals(found(`${servers} tcp-ut 5s\n`), [["/lib/libc", true]]);
  assertEquals(found(`${servers} source 10.9.0.1\n`), [["10.9.0.1:0", true]]);
  assertEquals(found(`${servers}\n  source 10.9.0.1:1000\n`), [["10.9.0.1:1000", true]]);
  assertEquals(found("listen l\n  bind :80 mss 1000\n"), [["/lib/libc", false]]);
  assertEquals(found("listen l\n  bind :80\n  option clitcpka\n  clitcpka-idle 10s\n"), [["/lib/libc", false]]);
});

Deno.test("permissions: the pid file, a start in the background, signals to others", () => {
  assertEquals(flags(SMALL, { pidFile: "/run/x.pid", daemon: true }), [
    "--allow-read=/app,/run/x.pid,/run/x.pid.tmp",
    "--allow-write=/run/x.pid,/run/x.pid.tmp",
    "--allow-env=SLUICE_BACKGROUND",
    "--allow-run=/bin/deno",
  ]);
  assertEquals(flags(SMALL, { signals: true }), ["--allow-run"]);
  assertEquals(flags(SMALL, { master: true, masterSockets: ["/m,level,admin"], notify: "/n" }), [
    "--allow-net",
    "--allow-read=/app,/t/,/m,/m.tmp,/n",
    "--allow-write=/t/,/m,/m.tmp,/n",
    "--allow-env",
    "--allow-run",
  ]);
});

Deno.test("permissions: what is missing is told once, with the statement and the flag", () => {
  const all = needs(`${SMALL}listen a\n  bind :80\n  server s1 10.0.0.1:80 check\n`);
  const missing = missingPermissions(all, (need) => need.value !== "10.0.0.1:80");
  assertEquals(missing.map(({ at, text }) => `${at?.file}:${at?.line} ${text}`), [
    "t.cfg:5 missing permission --allow-net=10.0.0.1:80: it is needed for 'server a/s1'.",
  ]);
});

Deno.test("permissions: everything where the runtime guards a path, and nothing of it for threads", () => {
  const all = needs(`${SMALL}  log /dev/log local0\n  log fd@3 local0\n`);
  assertEquals(permissionFlags(all), ["--allow-all"]);
  assertEquals([threadPermissions(all).net, threadPermissions(all).write], [false, false]);
});

Deno.test("permissions: a line for a shell", () => {
  const need = (value: string): Need => ({ kind: "read", value, why: "", at: null, threads: false });
  assertEquals(shellLine(permissionFlags([need("/a b"), need("/c,d")])), "'--allow-read=/a b,/c,,d'");
  assertEquals(shellLine(permissionFlags([need("/it's")])), `'--allow-read=/it'\\''s'`);
});

Deno.test("permissions: names listed as users of the C library are the manual's", () => {
  const known = (name: string) =>
    (registry.find("keyword", name, "global") ?? registry.refused("keyword", name, "global")) !== undefined;
  assertEquals([...LIBC_PROCESS].filter((name) => !known(name)), []);
});

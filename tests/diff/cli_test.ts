// The runtime API against the packaged haproxy: the same commands on the same configuration, one after the other, and the
// same answers, byte for byte after what differs by nature is masked.
import { assertEquals } from "@std/assert";
import { type Engine, haproxyIsHere, startHaproxy, startSluice } from "./engines.ts";
import { freePort } from "./wire.ts";

/** One socket a level. */
const LEVELS = ["admin", "operator", "user"] as const;

interface Sockets {
  readonly folder: string;
  ask(line: string, level?: (typeof LEVELS)[number]): Promise<string>;
}

function config(folder: string, ports: readonly number[]): string {
  return `
global
${LEVELS.map((level) => `    stats socket ${folder}/${level}.sock level ${level}`).join("\n")}
    nbthread 1
    maxconn 1000
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend fe
    bind 127.0.0.1:${ports[0]}
    default_backend be
backend be
    server s1 127.0.0.1:${ports[1]} weight 10
    server s2 127.0.0.1:${ports[1]} weight 20 backup
    server s3 127.0.0.1:${ports[0]} check inter 1h
backend fixed
    balance source
    server a 127.0.0.1:${ports[1]} disabled
`;
}

async function ask(path: string, line: string): Promise<string> {
  using conn = await Deno.connect({ transport: "unix", path });
  const bytes = new TextEncoder().encode(line + "\n");
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
  return await new Response(conn.readable).text();
}

/** Sends bytes to the frontend and waits for the end. */
async function say(port: number, text: string): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  await new Response(conn.readable).arrayBuffer();
}

/** Waits until the server with checks was checked. */
async function checked(path: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    // haproxy listens on its frontends before the socket is there.
    const state = await ask(path, "show servers state be").catch(() => "");
    if (/ s3 .* 6 3 4 6 /.test(state)) return;
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

/** What both programs answer to each line, in turn. */
async function compare(script: readonly string[], mask: (text: string) => string = (text) => text): Promise<void> {
  const taken = new Set<number>();
  const ports = [freePort(taken), freePort(taken)];
  const answers: string[][] = [];
  for (const start of [startHaproxy, startSluice] as ((text: string, port: number) => Promise<Engine>)[]) {
    const folder = Deno.makeTempDirSync({ prefix: "diff-cli-" });
    const engine = await start(config(folder, ports), ports[0]);
    try {
      await checked(`${folder}/admin.sock`);
      const seen: string[] = [];
      for (const line of script) {
        if (line.startsWith("traffic> ")) {
          await say(ports[0], line.slice("traffic> ".length));
          continue;
        }
        const [, level = "admin", text] = /^(?:(user|operator)> )?(.*)$/s.exec(line)!;
        seen.push(`> ${line}\n${mask(await ask(`${folder}/${level}.sock`, text))}`);
      }
      answers.push(seen);
    } finally {
      await engine.stop();
      Deno.removeSync(folder, { recursive: true });
    }
  }
  const [haproxy, sluice] = answers;
  for (let i = 0; i < haproxy.length; i++) assertEquals(sluice[i], haproxy[i]);
}

function cliDiff(name: string, script: readonly string[], mask?: (text: string) => string): void {
  Deno.test({ name, ignore: !haproxyIsHere, fn: () => compare(script, mask) });
}

/** Answers that haproxy 2.6 forgets the last empty line of (3.2 and the manual have it). */
function ended(text: string): string {
  return text.endsWith("\n\n") || text === "\n" ? text : `${text}\n`;
}

cliDiff("API-02 API-08 diff: chains, severities, levels, modes", [
  "show cli level;show cli level",
  "user> show cli level",
  "operator;show cli level;user;show cli level;expert-mode on",
  "expert-mode;expert-mode on;expert-mode off;expert-mode",
  "experimental-mode;experimental-mode on;experimental-mode",
  "set severity-output number;show cli level;set weight x;set severity-output string;show cli level",
  "set severity-output;set severity-output x",
  "set timeout cli;set timeout x;set timeout cli 10;set timeout http 1",
  "prompt\nshow cli level\nshow cli level;show cli level\nquit",
  "show env THIS_IS_NOT_SET",
  "user> show env HOME",
  "  show\tcli   level ; show cli level ",
  "show cli level <<\npayload\n",
]);

cliDiff("API-10 diff: set server, weights, maxconn, health", [
  "set server",
  "set server be",
  "set server be/s1",
  "set server be/nobody state ready",
  "set server nobody/s1 state ready",
  "set server be/s1 what",
  "set server be/s1 state",
  "set server be/s1 state up",
  "get weight be/s1",
  "set server be/s1 weight 30",
  "get weight be/s1",
  "set server be/s1 weight 50%",
  "get weight be/s1",
  "set server be/s1 weight",
  "set server be/s1 weight x",
  "set server be/s1 weight 1x",
  "set server be/s1 weight 257",
  "set server be/s1 weight -1",
  "set weight be/s1 7",
  "get weight be/s1",
  "get weight be/#2",
  "get weight #77/#1",
  "get weight be/#77",
  "get weight be",
  "get weight",
  "set weight be/s1 300%",
  "get weight be/s1",
  "set server fixed/a state ready",
  "set server fixed/a weight 10",
  "set server fixed/a weight 0%",
  "get weight fixed/a",
  "set server fixed/a weight 100%",
  "set weight fixed/a 0",
  "get weight fixed/a",
  "set server be/s1 health",
  "set server be/s1 health x",
  "set server be/s1 health stopping;set server be/s2 health stopping",
  "set server be/s1 health up;set server be/s2 health down",
  "set server be/s2 health up",
  "set server be/s3 health down",
  "set server be/s3 health up",
  "set server be/s1 addr",
  "set server be/s1 addr x",
  "set server be/s1 addr 127.0.0.9",
  "set server be/s1 addr 127.0.0.9",
  "set server be/s1 addr 127.0.0.9 port x",
  "set server be/s1 addr 127.0.0.9 port",
  "set server be/s1 addr 127.0.0.8 port 99",
  "set server be/s1 addr ::1",
  "set server be/s1 addr ::1 port 98",
  "set server be/s1 addr ::1 prt 98",
  "set server be/s3 check-addr",
  "set server be/s3 check-port",
  "set server be/s3 check-addr x",
  "set server be/s3 check-port x",
  "set server be/s3 check-port 70000",
  "set server be/s3 check-addr 127.0.0.1 port",
  "set server be/s3 check-addr 127.0.0.1",
  "set server be/s1 check-port 80",
  "set maxconn server",
  "set maxconn server be/s1",
  "set maxconn server be/s1 x",
  "set maxconn server be/s1 5",
  "set maxconn server be/nobody 5",
  "disable server be/s1",
  "disable server",
  "disable server x/y",
  "enable server be/s1",
  "enable server be/nobody",
  "disable health be/s3",
  "enable health be/s3",
  "disable health be/s1",
  "enable health be/s1",
  "disable agent be/s1",
  "enable agent be/s1",
  "shutdown sessions server",
  "shutdown sessions server be/s1",
  "shutdown sessions server be/nobody",
  "user> set server be/s1 state maint",
  "operator> set server be/s1 state maint",
  "operator> set weight be/s1 1",
  "operator> disable server be/s1",
  "operator> get weight be/s1",
  "user> get weight be/s1",
], ended);

cliDiff("API-10 diff: frontends and limits of the process", [
  "disable frontend",
  "disable frontend nobody",
  "disable frontend be",
  "disable frontend fe",
  "disable frontend fe",
  "enable frontend fe",
  "enable frontend fe",
  "enable frontend",
  "enable frontend nobody",
  "set maxconn frontend",
  "set maxconn frontend fe",
  "set maxconn frontend nobody 5",
  "set maxconn frontend be 5",
  "set maxconn frontend fe 50",
  "set maxconn frontend fe 0",
  "set maxconn global",
  "set maxconn global x",
  "set maxconn global 500",
  "set maxconn global 1001",
  "set maxconn global 0",
  "set rate-limit",
  "set rate-limit x",
  "set rate-limit connections",
  "set rate-limit connections global",
  "set rate-limit connections x 5",
  "set rate-limit connections global 50",
  "set rate-limit sessions global 50",
  "set rate-limit sessions global 0",
  "clear counters",
  "clear counters all",
  "operator> clear counters",
  "operator> clear counters all",
  "user> clear counters",
  "show backend",
  "user> show backend",
  "shutdown frontend",
  "shutdown frontend nobody",
  "shutdown frontend fe",
]);

/** By nature differ: numbers of proxies (haproxy has one of its own), times, whether connections of checks count as used. */
function maskState(text: string): string {
  return text.replace(/^\d+ ((?:be|fixed) (?:\S+ ){7})\d+ /gm, "ID $1T ")
    .replace(/ \d+\/(\d+ 127)/g, " ID/$1")
    .replace(/ 5000 0 \d+ \d+ /g, " 5000 0 MAX NEED ");
}

cliDiff("API-10 SRV-06 diff: show servers state, show servers conn", [
  "show servers state",
  "show servers state fixed",
  "show servers state nobody",
  "show servers state fe",
  "show servers conn",
  "show servers conn be",
  "show servers conn nobody",
  "set server be/s3 health stopping",
  "show servers state be",
  "set server be/s3 health up",
  "set server be/s1 state maint;set server be/s1 weight 30;set server be/s2 state drain;set server be/s3 addr 127.0.0.7",
  "user> show servers state be",
  "user> show servers conn be",
], maskState);

cliDiff("API-06 diff: show info: names, places, tags, types and texts", [
  "show info typed desc",
  "show info json",
  "show info float",
  "user> show info desc",
], (text) =>
  text.replace(/^(\d+\.[^:]*:\w{3}:\w+:).*?(:"|$)/gm, "$1V$2")
    .replace(/^([\w -]+): .*?(:"|$)/gm, (_, name, end) => `${name}: V${end}`)
    .replace(/("type":"\w+","value":)(?:"[^"]*"|[-\d.]+)/g, "$1V"));

Deno.test({
  name: "GLOB-01 API-06 diff: values of show info that do not differ by nature",
  ignore: !haproxyIsHere,
  fn: () =>
    compare(
      [
        "set rate-limit connections global 123;set rate-limit sessions global 45;set maxconn global 500",
        "show info",
        "show info typed",
      ],
      (text) =>
        text.split("\n").filter((line) =>
          /(?:Name|Nbproc|Process_num|Memmax|Maxconn|Hard_maxconn|CurrConns|RateLimit|Stopping|Listeners|Jobs|PoolFailed|pipes|Nbthread)/
            .test(line)
        ).join("\n"),
    ),
});

/** By nature differ: dates, ports of clients, numbers of proxies, sizes of buffers, flags and states of the parsers. */
function maskErrors(text: string): string {
  return text.replace(/\[\d\d\/\w{3}\/[^\]]*\]/g, "[DATE]").replace(/src [\d.]+:\d+/g, "src CLIENT")
    .replace(/ \(#\d+\)/g, " (#N)").replace(/\d+ free,/g, "N free,").replace(/wraps at \d+/g, "wraps at N")
    .replace(/^ {2}H1 (?:connection|msg|chunk).*$/gm, "  H1 ...");
}

const CLOSE = "Connection: close\r\n\r\n";

cliDiff("API-22 H1-06 diff: show errors", [
  "show errors",
  `traffic> GET /invalid request HTTP/1.1\r\nHost: a\r\n${CLOSE}`,
  "show errors",
  `traffic> GET / HTTP/1.1\r\nHost: a\r\nbad/name: a\tb\x01\\\x1b\x80\r\n${CLOSE}`,
  "show errors fe",
  `traffic> GET / HTTP/1.1\r\nHost: a\r\nLong: ${"y".repeat(200)}\r\nbad name: x\r\n${CLOSE}`,
  "show errors fe request",
  "show errors fe response",
  "show errors be",
  "show errors nobody",
  "show errors -1",
  `traffic> GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n${CLOSE}`,
  "show errors",
  "user> show errors",
], maskErrors);

// Variables of the process: set by the configuration, by rules and by commands, seen by every thread (configuration.txt 2.8, 3.1;
// management.txt 9.3 "set var").
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { createSimWorld } from "../../src/sys/sim/mod.ts";
import { CLI, cli, USER } from "./cli.ts";
import { parsed } from "./proxy_world.ts";
import { defaults, get, play, type Scene, web } from "./scenario.ts";

const FILES = { "/m.map": "green blue\n" };

function config(globals: string, rules: string): string {
  return `global\n${CLI}\n${globals}\n${defaults()}${web(rules)}`;
}

const ANSWER = '    http-request return status 200 content-type text/plain lf-string "%[var(proc.v,none)]"';

async function ask(scene: Scene, path = "/", fields = ""): Promise<string> {
  const peer = await scene.connect();
  await peer.send(get(path, "1.0", fields));
  const { text } = await scene.drain(peer);
  peer.close();
  return text.split("\r\n\r\n")[1];
}

async function run(scene: Scene, command: string): Promise<string> {
  const answer = await cli(scene.world, command);
  return answer.endsWith("\n\n") ? answer.slice(0, -1) : answer === "\n" ? "" : answer;
}

Deno.test("VAR-01 a proc variable that a rule sets is there for the next request, whichever thread has it", async () => {
  const rules = `    http-request set-var(proc.v) req.hdr(x-v) if { hdr_cnt(x-v) 1 }
    http-request unset-var(proc.v) if { path /unset }
${ANSWER}`;
  await play({ config: config("", rules), threads: 3 }, async (scene) => {
    assertEquals(await ask(scene), "none");
    for (const value of ["one", "two", "x".repeat(2000), "z"]) {
      assertEquals(await ask(scene, "/", `x-v: ${value}\r\n`), value);
      for (let i = 0; i < 4; i++) assertEquals(await ask(scene), value, `thread ${i}`);
    }
    assertEquals(await ask(scene, "/unset"), "none");
    for (let i = 0; i < 3; i++) assertEquals(await ask(scene), "none");
  });
});

Deno.test("VAR-02 set-var and set-var-fmt of the global section, in their order", async () => {
  const globals = `    set-var proc.prio int(100)
    set-var proc.threshold int(200),sub(proc.prio)
    set-var-fmt proc.v "%[var(proc.threshold)]/%[str(green),map(/m.map)]/%pid"
    set-var proc.never var(proc.nothing)`;
  await play({ config: config(globals, ANSWER), files: FILES, threads: 2 }, async (scene) => {
    for (let i = 0; i < 3; i++) assertMatch(await ask(scene), /^100\/blue\/\d+$/);
    assertEquals(await run(scene, "get var proc.threshold"), "proc.threshold: type=sint value=<100>\n");
    assertEquals(await run(scene, "get var proc.never"), "Variable not found.\n");
  });
});

Deno.test("VAR-02 misuse of set-var and set-var-fmt in the global section, in HAProxy's words", () => {
  const cases: Readonly<Record<string, string>> = {
    "set-var sess.x int(5)":
      "'set-var': cannot set variable 'sess.x', only scope 'proc' is permitted in the global section.",
    "set-var proc.x src": "extracts information from 'client address', none of which is available here",
    "set-var proc.x nbsrv(app)": "extracts information from 'internal state', none of which is available here",
    "set-var proc.a": "'set-var' requires a process-wide variable name ('proc.<name>') and a sample expression.",
    "set-var": "'set-var' requires a process-wide variable name ('proc.<name>') and a sample expression.",
    "set-var proc.a-b int(5)": "invalid syntax at char '-b'",
    "set-var proc.a foo": "unknown fetch method 'foo'",
    "set-var proc.a int(1) more": "more",
    "set-var-fmt proc.a %[src]": "client address",
    "set-var-fmt proc.a": "'set-var-fmt' requires a process-wide variable name ('proc.<name>') and a format string.",
    "set-var-fmt txn.a x": "only scope 'proc' is permitted in the global section.",
  };
  for (const [line, message] of Object.entries(cases)) {
    const error = assertThrows(() => parsed(config(`    ${line}`, ANSWER), createSimWorld())) as Error;
    assert(error.message.includes(message), `${line}: ${error.message}`);
  }
});

Deno.test("VAR-03 set var and get var: a blue/green switch for the next request", async () => {
  const rules = `    http-request set-header x %[str(a),map(/m.map)]\n${ANSWER}`;
  await play({ config: config("    set-var proc.v str(blue)", rules), files: FILES, threads: 2 }, async (scene) => {
    assertEquals(await ask(scene), "blue");
    const on = "experimental-mode on;";
    assertEquals(
      await run(scene, "set var proc.v str(green)"),
      "This command is restricted to experimental mode only.\n",
    );
    assertEquals(await ask(scene), "blue");
    assertEquals(await cli(scene.world, `${on} set var proc.v str(green)`), "\n\n");
    for (let i = 0; i < 3; i++) assertEquals(await ask(scene), "green");
    assertEquals(await run(scene, "get var proc.v"), "proc.v: type=str value=<green>\n");
    const cases: Readonly<Record<string, string>> = {
      "int(5)": "type=sint value=<5>",
      "expr str(a\\ b)": "type=str value=<a b>",
      "fmt %[int(3)]_%[var(proc.v)]": "type=str value=<3_green>",
      "bool(true)": "type=bool value=<1>",
      "ipv4(1.2.3.4)": "type=ipv4 value=<1.2.3.4>",
      "ipv6(::1)": "type=ipv6 value=<::1>",
      "bin(0102)": "type=bin value=<..>",
      "str(green),map(/m.map)": "type=str value=<blue>",
    };
    for (const [expression, value] of Object.entries(cases)) {
      assertEquals(await cli(scene.world, `${on} set var proc.new ${expression}`), "\n\n", expression);
      assertEquals(await run(scene, "get var proc.new"), `proc.new: ${value}\n`);
    }
  });
});

Deno.test("VAR-03 misuse of set var and get var, in HAProxy's words", async () => {
  await play({ config: config("", ANSWER), threads: 1 }, async (scene) => {
    const cases: Readonly<Record<string, string>> = {
      "get var": "Missing process-wide variable identifier.",
      "get var proc.none": "Variable not found.",
      "get var txn.a": "Variable not found.",
      "set var": "Missing process-wide variable identifier.",
      "set var proc.a": "Missing either 'expr', 'fmt' or expression.",
      "set var sess.x int(4)": "'set var': cannot set variable 'sess.x', only scope 'proc' is permitted here.",
      "set var proc.a-b int(1)": "invalid syntax at char '-b'",
      "set var proc.q expr foo": "unknown fetch method 'foo'",
      "set var proc.q src":
        "fetch method 'src' extracts information from 'client address', none of which is available here",
      "set var proc.q fmt": "Missing the format.",
      "set var proc.q var(proc.none)": "The expression has no value, or there is no memory for it: nothing was set.",
    };
    for (const [command, answer] of Object.entries(cases)) {
      const text = await cli(scene.world, `experimental-mode on; ${command}`);
      assertEquals(text, `\n${answer}\n\n`, command);
    }
    assertEquals(await cli(scene.world, "get var proc.a", USER), "Permission denied\n\n");
  });
});

Deno.test("VAR-01 tune.vars.proc-max-size holds for all threads together; a dead thread's part comes back", async () => {
  const rules = `    http-request set-var(proc.v) req.hdr(x-v) if { hdr_cnt(x-v) 1 }
    http-request set-var(sess.s) req.hdr(x-s) if { hdr_cnt(x-s) 1 }
    http-request pause 1s if { path /hold }
    http-request return status 200 content-type text/plain lf-string "%[var(proc.v,none)]/%[var(sess.s,none)]"`;
  const globals = "    tune.vars.proc-max-size 50\n    set-var proc.v str(0123456789)";
  await play({ config: config(globals, rules), threads: 2 }, async (scene) => {
    assertEquals(await ask(scene, "/", `x-v: ${"y".repeat(60)}\r\n`), "0123456789/none");
    assertEquals(await ask(scene, "/", `x-s: ${"s".repeat(40)}\r\n`), `0123456789/${"s".repeat(40)}`);
    const holding = ask(scene, "/hold", `x-s: ${"s".repeat(30)}\r\n`);
    await scene.sleep(100);
    for (let i = 0; i < 2; i++) assertEquals(await ask(scene, "/", "x-s: 12345678901\r\n"), "0123456789/none");
    assertEquals(await ask(scene, "/", "x-s: 1234567890\r\n"), "0123456789/1234567890");
    assertEquals(await holding, `0123456789/${"s".repeat(30)}`);
    assertEquals(await ask(scene, "/", `x-v: ${"y".repeat(50)}\r\n`), `${"y".repeat(50)}/none`);
  });
});

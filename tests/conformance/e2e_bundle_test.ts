// One file (deno task bundle): built, started with two threads, served through, asked, stopped. And what else builds and
// cleans.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { build, bundleProgram, type Entry, executable, tar } from "../../tools/bundle.ts";
import { clean, GENERATED } from "../../tools/clean.ts";
import { compileWords, TARGETS, unknownTargets } from "../../tools/compile.ts";
import { freePort, temporaryFile } from "./program.ts";

const NEEDS_SHELL = Deno.build.os === "windows";
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

interface Run {
  readonly file: string;
  readonly cache: string;
  readonly env?: Record<string, string>;
}

function command({ file, cache, env }: Run, words: readonly string[]): Deno.Command {
  return new Deno.Command(file, {
    args: [...words],
    env: { NO_COLOR: "1", SLUICE_CACHE: cache, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function output(run: Run, words: readonly string[]) {
  const { code, stdout, stderr } = await command(run, words).output();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test({
  name:
    "BUILD-01 BUILD-03 one executable file runs a configuration with two threads, tells what is in it, stops on a signal",
  ignore: NEEDS_SHELL,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
    const run = { file: `${folder}/sluice`, cache: `${folder}/cache` };
    await build(run.file, 1);
    const report = await output(run, ["-vv"]);
    assertEquals([report.code, report.stderr], [0, ""]);
    assertMatch(report.stdout, /^HAProxy version 3\.2\.0-sluice-/);
    assertMatch(report.stdout, /\+THREAD/);
    const [unpacked, ...more] = Array.from(Deno.readDirSync(run.cache), ({ name }) => name);
    assertEquals(more, []);
    const home = `${run.cache}/${unpacked}`;
    assertEquals(Deno.statSync(home).mode! & 0o777, 0o700, "nobody else may write there");

    await using up = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("served"));
    const port = freePort();
    using file = temporaryFile(`global
    maxconn 100
    nbthread 2
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 10s
listen web
    bind 127.0.0.1:${port}
    server s1 127.0.0.1:${up.addr.port}
`);
    // With the permissions that it prints itself, and no others.
    const printed = await output(run, ["--print-permissions", "-f", file.path]);
    assertStringIncludes(printed.stdout, `--allow-read=${file.path},${home}/app.js`);
    const env = { SLUICE_PERMISSIONS: printed.stdout.trim() };
    const child = command({ ...run, env }, ["-V", "-f", file.path]).spawn();
    const errors = child.stderr.getReader();
    let said = "";
    while (!said.includes("Listening: ")) {
      const { value, done } = await errors.read();
      if (done) throw new Error(said);
      said += text(value);
    }
    for (let i = 0; i < 4; i++) assertEquals(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "served");
    // The process is the one that was started: the signal needs nobody to pass it on.
    child.kill("SIGUSR1");
    assertEquals((await child.status).code, 0);
    await errors.cancel();
    await child.stdout.cancel();

    // What is loaded only when it is needed is in the file too.
    const explained = await output(run, ["explain", "-f", file.path, "GET http://x/"]);
    assertEquals(explained.code, 0, explained.stderr);
    assertStringIncludes(explained.stdout, "s1");
    Deno.removeSync(folder, { recursive: true });
  },
});

/** An executable with a runtime that tells how it was called. */
function small(said: string, folder: string): string {
  const script = `#!/bin/sh\necho "${said} $*"\n`;
  const entries: Entry[] = [
    { name: "deno", mode: 0o755, bytes: new TextEncoder().encode(script) },
    { name: "app.js", mode: 0o644, bytes: new TextEncoder().encode("app") },
  ];
  const stub = Deno.readTextFileSync(new URL("../../tools/stub.sh", import.meta.url));
  const path = `${folder}/${said}`;
  Deno.writeFileSync(path, executable(stub, "1", entries), { mode: 0o755 });
  return path;
}

Deno.test({
  name: "BUILD-01 the one file unpacks once, keeps versions apart, and starts nothing that belongs to others",
  ignore: NEEDS_SHELL,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
    const cache = `${folder}/a cache`;
    const one = { file: small("one", folder), cache };
    const two = { file: small("two", folder), cache };
    // Several at once, none unpacked yet.
    const first = await Promise.all([1, 2, 3].map(() => output(one, ["-c", "a b"])));
    for (const { code, stdout, stderr } of first) {
      assertEquals([code, stderr], [0, ""]);
      assertMatch(stdout, /^one run .* --allow-all .*\/app\.js -c a b\n$/);
    }
    assertMatch((await output(two, [])).stdout, /^two /);
    const homes = Array.from(Deno.readDirSync(cache), ({ name }) => name);
    assertEquals(homes.length, 2, homes.join());
    const env = { SLUICE_PERMISSIONS: "--allow-net=127.0.0.1:80 --allow-read" };
    assertStringIncludes((await output({ ...one, env }, [])).stdout, " --allow-net=127.0.0.1:80 --allow-read ");
    // Another's folder, by the name of ours.
    for (const name of homes) Deno.removeSync(`${cache}/${name}`, { recursive: true });
    for (const name of homes) Deno.symlinkSync(folder, `${cache}/${name}`);
    const foreign = await output(one, []);
    assertEquals([foreign.code, foreign.stdout], [1, ""]);
    assertStringIncludes(foreign.stderr, "belongs to another user");
    // Nowhere to write.
    const nowhere = await output({ ...one, cache: `${one.file}/cache` }, []);
    assertEquals(nowhere.code, 1);
    assertStringIncludes(nowhere.stderr, "set SLUICE_CACHE");
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test("BUILD-01 the same input makes the same file", async () => {
  const entries: Entry[] = [{ name: "a", mode: 0o755, bytes: new Uint8Array(1000) }];
  assertEquals(executable("x\n", "1", entries), executable("x\n", "1", entries));
  assertEquals(tar(entries).length, 512 + 1024 + 1024);
  const [one, two] = await Promise.all([bundleProgram(), bundleProgram()]);
  assert(one.length > 500_000);
  assertEquals(text(one) === text(two), true, "bundles differ");
});

Deno.test("BUILD-01 deno compile is called with what the program needs, for each target", () => {
  assertEquals(unknownTargets(TARGETS), "");
  assertStringIncludes(unknownTargets(["mips"]), "unknown target mips; known are x86_64-unknown-linux-gnu");
  const words = compileWords("aarch64-apple-darwin");
  assertEquals(words[words.length - 1], "main.ts");
  const { unstable } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
  for (const flag of unstable) assert(words.includes(`--unstable-${flag}`), flag);
  assert(words.includes("--target") && words.includes("dist/sluice-aarch64-apple-darwin"));
  assertEquals(compileWords(null).includes("--target"), false);
});

Deno.test("BUILD-09 clean removes generated folders and nothing else; differences of sources are readable", () => {
  const root = new URL("../../", import.meta.url);
  const folder = Deno.makeTempDirSync({ prefix: "sluice-" });
  for (const name of [...GENERATED, "src"]) {
    Deno.mkdirSync(`${folder}/${name}/below`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/${name}/below/file`, "");
  }
  assertEquals(clean(new URL(`file://${folder}/`)), [...GENERATED]);
  assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["src"]);
  assertEquals(clean(new URL(`file://${folder}/`)), []);
  Deno.removeSync(folder, { recursive: true });
  const ignored = Deno.readTextFileSync(new URL(".gitignore", root)).trim().split("\n");
  assertEquals(ignored.map((line) => line.replaceAll("/", "")).toSorted(), [...GENERATED].toSorted());
  assertStringIncludes(Deno.readTextFileSync(new URL(".gitattributes", root)), "\n*.ts diff=java\n");
});

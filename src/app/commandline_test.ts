import { assert, assertEquals } from "@std/assert";
import { type CommandLine, parseCommandLine, USAGE } from "./commandline.ts";

function parsed(...words: string[]): CommandLine {
  const line = parseCommandLine(words);
  if (typeof line === "string") throw new Error(line);
  return line;
}

Deno.test("PROC-01 files and folders keep their order over -f and --", () => {
  assertEquals(parsed("-f", "a", "-c", "-f", "b", "--", "c", "-d").sources, ["a", "b", "c", "-d"]);
  assertEquals(parsed("-f", "a", "--", "-D").daemon, false);
});

Deno.test("PROC-02 the command comes from -c, -cc, -v, -vv, --help", () => {
  assertEquals(parsed().command, "usage");
  assertEquals(parsed("-f", "a").command, "run");
  assertEquals(parsed("-f", "a", "-c").command, "check");
  assertEquals(parsed("-cc", "streq(a,a)"), {
    ...parsed("-db"),
    foreground: false,
    command: "condition",
    condition: "streq(a,a)",
  });
  assertEquals(parsed("-v").command, "version");
  assertEquals(parsed("-vv").command, "report");
  assertEquals(parsed("--help").command, "help");
});

Deno.test("PROC-20 modes of messages and of the terminal", () => {
  assert(parsed("-q", "-f", "x").quiet);
  assert(!parsed("-q", "-V").quiet);
  assert(parsed("-V").verbose);
  assert(parsed("-db").foreground);
  assert(parsed("-D").daemon);
  assertEquals(parsed("-p", "/run/x.pid").pidFile, "/run/x.pid");
});

Deno.test("PROC-22 identity, limits and folder", () => {
  const line = parsed("-L", "me", "-C", "dir", "-n", "10", "-N", "20");
  assertEquals([line.localPeer, line.folder, line.maxconn, line.proxyMaxconn], [
    "me",
    "dir",
    10,
    20,
  ]);
});

Deno.test("lists of processes end at the next switch", () => {
  const line = parsed("-sf", "1", "22", "-st", "3", "-sf", "-db");
  assertEquals([line.finish, line.terminate, line.foreground], [[1, 22], [3], true]);
});

Deno.test("what is not understood is refused by name", () => {
  const refused: [string[], string][] = [
    [["-f"], "'-f'"],
    [["-cc"], "'-cc'"],
    [["-n", "x"], "'-n'"],
    [["-n", "1e3"], "'-n'"],
    [["-p"], "'-p'"],
    [["-sf", "0"], "'-sf'"],
    [["--io", "fast"], "'--io'"],
    [["--io"], "'--io'"],
    [["-x"], "'-x'"],
    [["-S"], "'-S'"],
    [["-dCkey"], "unknown switch '-dCkey'"],
    [["-dthelp"], "'-dt' is not supported yet"],
    [["-dV"], "'-dV' is not supported yet"],
    [["-dcc"], "unknown switch '-dcc'"],
    [["-Z"], "unknown switch '-Z'"],
    [["a.cfg"], "unexpected argument 'a.cfg'"],
  ];
  for (const [words, text] of refused) {
    const line = parseCommandLine(words);
    assert(typeof line === "string" && line.includes(text), `${words.join(" ")}: ${line}`);
  }
});

Deno.test("PROC-14 PROC-15 PROC-20 what is printed", () => {
  assertEquals([parsed("-dC").dumpConfiguration, parsed("-dC77").dumpConfiguration, parsed("-c").dumpConfiguration], [
    0,
    77,
    null,
  ]);
  assert(parsed("-dc").processors && parsed("-dL").libraries && parsed("-dr").ignoreFailures);
  assertEquals([parsed("-x", "/run/x").socketsFrom, parsed("-x", "/dev/null").socketsFrom], ["/run/x", null]);
  assert(parsed("-q", "-d").debug && !parsed("-q", "-d").quiet);
  assertEquals(parsed("-S", "/run/m,level,user", "-S", "127.0.0.1:1").masterSockets, [
    "/run/m,level,user",
    "127.0.0.1:1",
  ]);
});

Deno.test("PROC-05 master-worker mode, IPv4 only", () => {
  assertEquals([parsed("-W").masterWorker, parsed("-W").notify], [true, false]);
  assertEquals([parsed("-Ws").masterWorker, parsed("-Ws").notify], [true, true]);
  assertEquals([parsed("-4").ipv4Only, parsed("-W").ipv4Only], [true, false]);
});

Deno.test("PROC-18 switches without effect here are named", () => {
  for (const word of ["-dF", "-dG", "-dM", "-dM50,fail", "-dR", "-dS", "-dZ", "-de", "-dk", "-dp", "-dv"]) {
    const name = word.startsWith("-dM") ? "-dM" : word;
    assert(parsed("-f", "a", word).ineffective[0].startsWith(`switch '${name}' has no effect here: `), word);
  }
  assertEquals(parsed("-f", "a", "-dS", "-de", "-m", "5").ineffective.map((t) => t.slice(0, 12)), [
    "switch '-dS'",
    "switch '-de'",
    "switch '-m' ",
  ]);
});

Deno.test("every switch that is accepted is in the usage", () => {
  for (
    const word of [
      "-f",
      "-c",
      "-cc",
      "-v",
      "-vv",
      "-V",
      "-q",
      "-db",
      "-D",
      "-p",
      "-C",
      "-L",
      "-n",
      "-N",
      "-dD",
      "-dW",
      "-dK",
      "-x",
      "-sf",
      "-st",
      "-W",
      "-Ws",
      "-S",
      "-4",
      "-d",
      "-dC",
      "-dL",
      "-dc",
      "-dr",
      "--help",
      "--io",
    ]
  ) {
    assert(new RegExp(`(^|[ ,])${word}[ ,<[]`, "m").test(USAGE), word);
  }
});

Deno.test("PROC-11 -dI wants what insecure-fork-wanted does", () => {
  const line = parseCommandLine(["-dI", "-f", "a"]);
  assertEquals(typeof line === "object" && [line.forkWanted, line.ineffective], [true, []]);
});

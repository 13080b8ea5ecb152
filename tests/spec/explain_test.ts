// Runs the golden cases of tests/spec/explain, see explain_cases.ts.
import { assert, assertEquals } from "@std/assert";
import { outputOf, parseCases, shellWords } from "./explain_cases.ts";

const folder = new URL("./explain/", import.meta.url);
for (const entry of [...Deno.readDirSync(folder)].map((e) => e.name).filter((name) => name.endsWith(".cases")).sort()) {
  for (const c of parseCases(Deno.readTextFileSync(new URL(entry, folder)), entry)) {
    Deno.test(`explain: ${c.title} (${entry})`, async () => {
      assert(c.runs.length > 0, "nothing is run");
      for (const { words, output } of c.runs) {
        const all = ["-f", "edge.cfg", ...shellWords(words)];
        assertEquals((await outputOf(c, all)).trimEnd(), output.trimEnd(), words);
      }
    });
  }
}

Deno.test("explain: the example of docs/explain.md prints what the document says", async () => {
  const document = Deno.readTextFileSync(new URL("../../docs/explain.md", import.meta.url));
  const blocks = [...document.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.replace(/^ {4}/gm, ""));
  const [command, config, printed] = blocks;
  const words = shellWords(command).slice(2).map((word) => word.replace("/etc/haproxy/edge.cfg", "edge.cfg"));
  assertEquals(await outputOf({ title: "", config, files: {}, runs: [] }, words), printed);
});

Deno.test("explain: the program needs no permission but to read, and its exit status tells whether it could", async () => {
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const config = Deno.makeTempFileSync({ suffix: ".cfg" });
  const explain = async (words: readonly string[]) => {
    const args = [
      "run",
      "--no-prompt",
      "--no-check",
      "--quiet",
      "--allow-read",
      "--allow-env",
      main,
      "explain",
      ...words,
    ];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  };
  try {
    Deno.writeTextFileSync(config, "listen web\n mode http\n bind :80\n http-request deny\n timeout client 1s\n");
    const { code, stdout, stderr } = await explain(["-f", config, "/x", "--json"]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertEquals(JSON.parse(stdout).rules[0].effects, ["answers 403"]);
    const wrong = await explain(["-f", config, "/x", "--frontend", "none"]);
    assertEquals(wrong, { code: 1, stdout: "", stderr: "sluice explain: no frontend 'none'\n" });
    const help = await explain(["--help"]);
    assertEquals([help.code, help.stdout.split("\n")[0].slice(0, 21)], [0, "Usage: sluice explain"]);
  } finally {
    Deno.removeSync(config);
  }
});

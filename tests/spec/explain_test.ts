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

// Runs the golden cases of tests/spec/rules, see rules_cases.ts.
import { assertEquals } from "@std/assert";
import { outcome, parseCases } from "./rules_cases.ts";

const folder = new URL("./rules/", import.meta.url);
for (const entry of [...Deno.readDirSync(folder)].map((e) => e.name).filter((name) => name.endsWith(".cases")).sort()) {
  for (const c of parseCases(Deno.readTextFileSync(new URL(entry, folder)), entry)) {
    Deno.test(`${c.rows} ${c.title} (${entry})`, async () => {
      assertEquals((await outcome(c)).trimEnd(), c.parts.expect.trimEnd());
    });
  }
}

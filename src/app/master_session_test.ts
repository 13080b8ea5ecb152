import { assertEquals } from "@std/assert";
import { splitCommands } from "./master_session.ts";

Deno.test("MCLI-02 MCLI-03 a line is cut at semicolons that nothing protects, and not behind @@", () => {
  const cases: [string, string[]][] = [
    ["", [""]],
    ["show proc", ["show proc"]],
    [" show proc ; @1 show info;", ["show proc", "@1 show info"]],
    ["echo a\\;b; quit", ["echo a\\;b", "quit"]],
    [";", [""]],
    ["@1; @@1 show info; quit", ["@1", "@@1 show info; quit"]],
    ["@@1", ["@@1"]],
  ];
  for (const [line, commands] of cases) assertEquals(splitCommands(line), commands, line);
});

// Which command a line names, and who may run it.
import { assertEquals } from "@std/assert";
import { createRegistry } from "../../config/mod.ts";
import type { CommandEntry, CommandLevel, CommandSession, ControlPlane } from "../../proxy/mod.ts";
import { runCommand } from "./dispatch.ts";

const entry = (name: string, level: CommandLevel, gate?: CommandEntry["gate"]): CommandEntry => ({
  kind: "command",
  name,
  usage: name,
  doc: "",
  manual: "",
  level,
  gate,
  run: ({ words }) => `${name}(${words.join(",")})`,
});

const commands = [
  entry("a", "user"),
  entry("a b", "user"),
  entry("a b c d", "operator"),
  entry("x", "admin", "experimental"),
  entry("y", "admin", "expert"),
];

function run(words: string, more: Partial<CommandSession> = {}) {
  const registry = createRegistry({
    entries: commands,
    refused: [{ kind: "command", name: "old thing", reason: "gone" }],
  });
  const session = { level: "admin", experimental: false, expert: false, ...more } as CommandSession;
  const control = { registry, tainted: 0 } as unknown as ControlPlane;
  const pause = () => Promise.resolve();
  const answer = runCommand(words === "" ? [] : words.split(" "), { session, control, commands, payload: null, pause });
  return { answer, tainted: control.tainted };
}

const text = (words: string, more: Partial<CommandSession> = {}) => {
  const { answer } = run(words, more);
  return typeof answer === "string" ? answer : (answer as { text: string }).text.split("\n")[0];
};

Deno.test("API-10 the longest name that fits is the command, the rest are its words", () => {
  assertEquals(text("a"), "a()");
  assertEquals(text("a c"), "a(c)");
  assertEquals(text("a b c"), "a b(c)");
  assertEquals(text("a b c d e"), "a b c d(e)");
  assertEquals(text("old thing x"), "'old thing' : gone.");
});

Deno.test("API-01 a command needs its level", () => {
  assertEquals(text("a b c d", { level: "user" }), "Permission denied");
  assertEquals(text("a b c d", { level: "operator" }), "a b c d()");
});

Deno.test("API-08 a gated command is refused until its mode is on, and then taints the process", () => {
  assertEquals(text("x"), "This command is restricted to experimental mode only.");
  assertEquals(text("x", { expert: true }), "This command is restricted to experimental mode only.");
  assertEquals(run("y", { experimental: true }).tainted, 0);
  assertEquals(run("x", { experimental: true }), { answer: "x()", tainted: 8 });
  assertEquals(run("y", { expert: true }), { answer: "y()", tainted: 4 });
  assertEquals(run("a", { expert: true, experimental: true }).tainted, 0);
});

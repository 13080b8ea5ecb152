import { assertEquals } from "@std/assert";
import { renderDiagnostics, renderMessage } from "./render.ts";

const at = { file: "t.cfg", line: 2, column: 5 };

Deno.test("PROC-19 messages carry level, process and place", () => {
  const text = renderDiagnostics([
    { level: "NOTICE", at, text: "n" },
    { level: "WARNING", at: null, text: "w" },
  ], { pid: 42, diagnosticMode: false });
  assertEquals(
    text,
    "[NOTICE]   (42) : config : parsing [t.cfg:2] : n\n" +
      "[WARNING]  (42) : config : w\n",
  );
  assertEquals(renderMessage("ALERT", 1, "x"), "[ALERT]    (1) : x");
});

Deno.test("PROC-02 errors end with the files they are in and the verdict", () => {
  const text = renderDiagnostics([
    { level: "ALERT", at, text: "a" },
    { level: "ALERT", at: { ...at, line: 3 }, text: "b" },
  ], { pid: 42, diagnosticMode: false });
  assertEquals(
    text,
    "[ALERT]    (42) : config : parsing [t.cfg:2] : a\n" +
      "[ALERT]    (42) : config : parsing [t.cfg:3] : b\n" +
      "[ALERT]    (42) : config : Error(s) found in configuration file : t.cfg\n" +
      "[ALERT]    (42) : config : Fatal errors found in configuration.\n",
  );
});

Deno.test("PROC-13 diagnostic messages appear in diagnostic mode only", () => {
  const diagnostics = [{ level: "DIAG", at, text: "d" }] as const;
  assertEquals(renderDiagnostics(diagnostics, { pid: 1, diagnosticMode: false }), "");
  assertEquals(
    renderDiagnostics(diagnostics, { pid: 1, diagnosticMode: true }),
    "[DIAG]     (1) : config : parsing [t.cfg:2] : d\n",
  );
});

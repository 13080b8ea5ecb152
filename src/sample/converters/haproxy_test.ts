// Converters against what haproxy made of them (testdata/converters.txt).
import { assertEquals } from "@std/assert";
import { buildExpression, parseExpression } from "../expression.ts";
import { buildLogFormat } from "../logformat_build.ts";
import { parseLogFormat } from "../logformat.ts";
import { OFFERS } from "../offers.ts";
import { testContext, testEnv, testRequest, TestTxn } from "../testing.ts";
import { Sample } from "../types.ts";

const context = testContext({ kind: "listen", name: "l" });

function setVariable(line: string, txn: TestTxn, env: ReturnType<typeof testEnv>): void {
  const [, name, expression] = /^set (\S+) (.*)$/.exec(line)!;
  const node = parseExpression(expression, context);
  if (typeof node === "string") throw new Error(`${line}: ${node}`);
  const sample = new Sample();
  buildExpression(node, env)(txn, sample);
  const { scope, slot } = env.variables.slot(name);
  txn.vars.set(scope, slot, sample);
}

/** The text that the expression gives in a log-format string, or the error after "!". */
function evaluated(expression: string, txn: TestTxn, env: ReturnType<typeof testEnv>): string {
  const node = parseLogFormat(`[%[${expression}]]`, context, { style: "http", offers: OFFERS["http-request"] });
  if (typeof node === "string") return "! " + node.replace(/^failed to parse sample expression <.*?\]\]?> : /, "");
  const text = buildLogFormat(node, env).text(txn).slice(1, -1);
  return text.replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

Deno.test("CONV-17 CONV-10 CONV-03 CONV-01 CONV-02 CONV-15 converters give what haproxy gives, in its words", () => {
  const env = testEnv();
  const txn = new TestTxn(testRequest());
  const lines = Deno.readTextFileSync(new URL("../testdata/converters.txt", import.meta.url)).split("\n");
  let cases = 0;
  for (const line of lines) {
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("set ")) {
      setVariable(line, txn, env);
      continue;
    }
    const at = line.indexOf(" => ");
    assertEquals(evaluated(line.slice(0, at), txn, env), line.slice(at + 4), line);
    cases++;
  }
  assertEquals(cases > 200, true);
});

import { assertEquals } from "@std/assert";
import { evalConditionLine, type Facts } from "./conditions.ts";

const facts: Facts = { version: "3.2.0", features: ["OPENSSL"], enabled: ["EPOLL"] };
const environment = new Map([["ONE", "1"], ["EMPTY", ""]]);
const evaluate = (text: string) => evalConditionLine(text, facts, environment);

/** Each condition with its value. */
const VALUES: readonly (readonly [string, boolean])[] = [
  ["", false],
  ["  ", false],
  ['""', false],
  ["0", false],
  ["00", false],
  ["1", true],
  ["5", true],
  ["-1", true],
  ["+1", true],
  ["0x1", true],
  ["!1", false],
  ["!0", true],
  ["!!0", false],
  ["! 1", false],
  ["1&&0", false],
  ["1 && 0||1", true],
  ["0 && 0 || 1", true],
  ["1 || 0 && 0", true],
  ["(1 || 0) && 0", false],
  ["(1)||(0)", true],
  ["1 && (0 || !0)", true],
  ["!(1 && 1)", false],
  ["defined(ONE)", true],
  ["defined(EMPTY)", true],
  ["defined(NONE)", false],
  ["defined()", false],
  ["defined", false],
  ["feature(OPENSSL)", true],
  ["feature(openssl)", false],
  ["streq(a,a)", true],
  ["streq(a,b)", false],
  ["streq( a,a)", false],
  ['streq("a b",a\\ b)', true],
  ['streq("$ONE",1)', true],
  ["streq(a,)", false],
  ["streq(,)", true],
  ["strneq(a,b)", true],
  ["strneq(a,a)", false],
  ["strstr(abc,b)", true],
  ["strstr(abc,d)", false],
  ["strstr(abc,)", true],
  ["version_atleast(3.2)", true],
  ["version_atleast(3.2.0)", true],
  ["version_atleast(3.2.1)", false],
  ["version_atleast(3.2-dev5)", true],
  ["version_atleast(3.2-rc1)", true],
  ["version_atleast(3)", true],
  ["version_atleast(2.8.15)", true],
  ["version_atleast(3.3-dev1)", false],
  ["version_atleast(3.2.0-1)", false],
  ["version_before(3.2)", false],
  ["version_before(3.2.1)", true],
  ["version_before(3.10)", true],
  ["version_before(2.9)", false],
  ["enabled(EPOLL)", true],
  ["enabled(POLL)", false],
  ["streq(a,a)&&!defined(xxx)", true],
];

Deno.test("CFG-10 CFG-11 CFG-12 CFG-13 conditions evaluate as the manual says", () => {
  for (const [text, value] of VALUES) assertEquals([text, evaluate(text)], [text, value]);
});

/** Each wrong condition with its error. */
const ERRORS: readonly (readonly [string, string])[] = [
  ["foo", "unparsable conditional expression 'foo' at position 1"],
  ["1 || foo", "unparsable conditional expression 'foo' at position 6"],
  ["0 && foo", "unparsable conditional expression 'foo' at position 6"],
  ["!", "unparsable conditional expression '' at position 2"],
  ["1||", "unparsable conditional expression '' at position 4"],
  ["||1", "unparsable conditional expression '||1' at position 1"],
  ["((1)", "expected ')' after conditional expression '((1)' at position 1"],
  ["()", "unparsable conditional expression ')' at position 2"],
  ["1)", "unexpected character ')' at the end of conditional expression '1)' at position 2"],
  ["1 1", "unexpected character '1' at the end of conditional expression '1 1' at position 3"],
  ["10abc", "unexpected character 'a' at the end of conditional expression '10abc' at position 3"],
  ["streq(a)", "wrong number of arguments (got 1, expected 2) of predicate 'streq' at position 1"],
  ["streq(a,b,c)", "wrong number of arguments (got 3, expected 2) of predicate 'streq' at position 1"],
  ["defined(,)", "wrong number of arguments (got 2, expected 1) of predicate 'defined' at position 1"],
  ["streq(a", "expected ')' after '(a' in the arguments of predicate 'streq' at position 8"],
  ["version_atleast(x)", "invalid version 'x' in predicate 'version_atleast' at position 1"],
  ["enabled(EPOL)", "unsupported option 'EPOL'; did you mean 'EPOLL' maybe ? in predicate 'enabled' at position 1"],
  ["defind(A)", "unparsable conditional expression 'defind(A)'; did you mean 'defined' maybe ? at position 1"],
  ['streq("a', "unmatched quote at position 7"],
];

Deno.test("CFG-13 wrong conditions name the place, also in what is not evaluated", () => {
  for (const [text, error] of ERRORS) assertEquals([text, evaluate(text)], [text, error]);
});

Deno.test("CFG-13 nesting is bounded", () => {
  const nested = (n: number) => "(".repeat(n) + "1" + ")".repeat(n);
  assertEquals(evaluate(nested(64)), true);
  assertEquals(evaluate(nested(65)), "more than 64 nested parentheses at position 65");
  assertEquals(evaluate("!".repeat(1001) + "0"), true);
});

Deno.test({
  name: "CFG-13 conditions evaluate as in the packaged haproxy",
  ignore: !exists("/usr/sbin/haproxy"),
  fn: async () => {
    // What does not depend on the version, and exists in 2.6 already; there, a blank condition is an error.
    const shared = VALUES.filter(([text]) => text !== "  " && !/version|strstr|enabled/.test(text));
    const broken = ERRORS.filter(([text]) => !/version|enabled/.test(text));
    const run = async (text: string) => {
      const env = { ...Object.fromEntries(environment), PATH: "/usr/bin" };
      const command = new Deno.Command("/usr/sbin/haproxy", { args: ["-cc", text], env, clearEnv: true });
      return [text, (await command.output()).code] as const;
    };
    const expected = [
      ...shared.map(([text, value]) => [text, value ? 0 : 1] as const),
      ...broken.map(([text]) => [text, 2] as const),
    ];
    for (const [text, code] of expected) assertEquals(await run(text), [text, code]);
  },
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

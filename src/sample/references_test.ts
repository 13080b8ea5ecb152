import { assertEquals } from "@std/assert";
import type { Location, Names, Section } from "../config/mod.ts";
import { parseExpression } from "./expression.ts";
import { checkExpressions } from "./references.ts";
import { testContext } from "./testing.ts";

const AT: Location = { file: "t.cfg", line: 1, column: 1 };

function section(kind: Section["kind"], name: string, nodes: [string, unknown][] = []): Section {
  return {
    kind,
    name,
    at: AT,
    nodes: nodes.map(([keyword, value]) => ({ keyword, at: AT, negated: false, value })),
    defaults: -1,
  };
}

const SECTIONS = [
  section("frontend", "fe"),
  section("backend", "be", [["option allbackups", null], ["server", { name: "s1" }], ["server-template", {
    prefix: "t",
  }], ["stick-table", {}]]),
  section("listen", "li"),
  section("peers", "pe", [["table", { name: "tab" }]]),
  section("userlist", "ul"),
];

function problems(value: unknown, of: Section = SECTIONS[0]): string[] {
  const out: string[] = [];
  const find = (kinds: string[]) => (name: string) => SECTIONS.find((s) => s.name === name && kinds.includes(s.kind));
  const names = {
    section: (kind: string, name: string) => find([kind])(name),
    backend: find(["backend", "listen"]),
    frontend: find(["frontend", "listen"]),
    error: (_at: Location, text: string) => out.push(text),
  } as unknown as Names;
  checkExpressions(value, names, AT, of);
  return out;
}

function expression(text: string): unknown {
  const node = parseExpression(text, testContext({ name: "fe" }));
  if (typeof node === "string") throw new Error(node);
  return { deep: [{ expression: node }] };
}

Deno.test("FETCH-24 names that expressions refer to are looked up when all is parsed, in haproxy's words", () => {
  assertEquals(problems(expression("nbsrv(be)")), []);
  assertEquals(problems(expression("nbsrv(li)")), []);
  const where = "referenced in arg 1 of sample fetch keyword";
  assertEquals(problems(expression("nbsrv(zz)")), [`unable to find backend 'zz', ${where} 'nbsrv' in frontend 'fe'.`]);
  assertEquals(problems(expression("nbsrv")), [
    `proxy 'fe', ${where} 'nbsrv' in frontend 'fe', has not backend capability.`,
  ]);
  assertEquals(problems(expression("fe_conn(be)")), [
    `proxy 'be', ${where} 'fe_conn' in frontend 'fe', has not frontend capability.`,
  ]);
  assertEquals(problems(expression("fe_conn")), []);
  assertEquals(problems(expression("srv_conn(be/s1)")), []);
  assertEquals(problems(expression("srv_conn(be/t3)")), []);
  assertEquals(problems(expression("srv_conn(be/s2)")), [
    `unable to find server 'be/s2', ${where} 'srv_conn' in frontend 'fe'.`,
  ]);
  assertEquals(problems(expression("srv_conn(s1)")), [
    `unable to find server 'fe/s1', ${where} 'srv_conn' in frontend 'fe'.`,
  ]);
});

Deno.test("FETCH-24 tables and userlists are looked up the same way", () => {
  const reference = (type: string, name: string) => ({ references: [{ type, name, where: "x" }] });
  assertEquals(problems(reference("table", "be")), []);
  assertEquals(problems(reference("table", "pe/tab")), []);
  assertEquals(problems(reference("table", "li")), [
    "unable to find stick-table 'li', referenced in x in frontend 'fe'.",
  ]);
  assertEquals(problems(reference("userlist", "ul")), []);
  assertEquals(problems(reference("userlist", "zz")), [
    "unable to find userlist 'zz', referenced in x in frontend 'fe'.",
  ]);
  assertEquals(problems(reference("proxy", "li")), []);
});

Deno.test("ACL-01 a named ACL is checked at its own line, not once more where it is used", () => {
  const bad = expression("nbsrv(zz)");
  assertEquals(problems({ negated: false, acl: { name: "a", tests: [bad] } }), []);
  assertEquals(problems({ negated: false, acl: { name: "", tests: [bad] } }).length, 1);
  assertEquals(problems({ test: bad, acl: { name: "a", tests: [bad] } }).length, 1);
});

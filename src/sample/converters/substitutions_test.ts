// Substitutions: bounds and refusals; what they give is in haproxy_test.ts.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { evaluate, testEnv, TestTxn } from "../testing.ts";

function scratchOf(size: number) {
  return testEnv({ scratch: () => new Uint8Array(size) });
}

Deno.test("CONV-15 regsub: replacements that outgrow a buffer are cut to it", () => {
  assertEquals(evaluate("str(aaaa),regsub(a,bcd,g)", new TestTxn(), scratchOf(10)), "str:bcdbcdbcdb");
  assertEquals(evaluate("str(aaaa),regsub(a+,'\\0\\0\\0')", new TestTxn(), scratchOf(10)), "str:aaaaaaaaaa");
  const txn = new TestTxn();
  txn.clientPayload.set("a".repeat(16000));
  assertEquals(evaluate("req.payload(0,0),regsub(a,'\\0\\0\\0\\0',g),length", txn), "sint:16384");
});

Deno.test("CONV-15 regsub: a replacement of every match that would take too long gives nothing", () => {
  const txn = new TestTxn();
  txn.clientPayload.set("a".repeat(16000));
  assertEquals(evaluate("req.payload(0,0),regsub('((a+)+b|a)',x,g)", txn), "absent");
  assertEquals(evaluate("req.payload(0,0),regsub('((a+)+b|a)',x),length", txn), "sint:16000");
});

Deno.test("CONV-15 CONV-17 regsub as sed: what is before a match stays in sight of the next", () => {
  assertEquals(evaluate("str(aab),regsub('\\ba','x',g)"), "str:xab");
  assertEquals(evaluate("str(aab),regsub('$','x',g)"), "str:aabx");
  assertEquals(evaluate("str(aab),regsub('(?<!a)a','x',g)"), "str:xab");
});

Deno.test("CONV-17 regsub: a bad regex, replacement or flag is refused", () => {
  assertStringIncludes(evaluate("str(a),regsub('[',x)"), "missing terminating ] for character class");
  assertStringIncludes(evaluate("str(a),regsub(a,'x\\')"), "invalid escape at the end of 'x\\'");
  assertStringIncludes(evaluate("str(a),regsub(a,'\\x4g')"), "invalid escape at the end of '\\x'");
  assertStringIncludes(evaluate("str(a),regsub(a,b,z)"), "invalid regex flag 'z'");
  assertStringIncludes(evaluate("str(a),regsub(a)"), "missing arguments");
});

Deno.test("CONV-17 add_item: nothing to add is refused, what does not fit is absent", () => {
  assertStringIncludes(evaluate('str(a),add_item(",")'), "one of the optional arguments has to be nonempty");
  assertStringIncludes(evaluate('str(a),add_item(",",foo)'), "invalid variable name 'foo'");
  assertEquals(evaluate('str(abc),add_item(",",,xyz)', new TestTxn(), scratchOf(7)), "str:abc,xyz");
  assertEquals(evaluate('str(abc),add_item(",",,xyz)', new TestTxn(), scratchOf(6)), "absent");
});

// json_query on bodies: numbers, escapes, texts that are no JSON. Results are those of haproxy 2.6, but for arrays (newer)
// and for the escapes that it does not take.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { evaluate, TestTxn } from "../testing.ts";

function query(body: string, path: string, type = ""): string {
  const txn = new TestTxn();
  txn.clientPayload.set(body);
  return evaluate(`req.payload(0,0),json_query('${path}'${type === "" ? "" : `,${type}`})`, txn);
}

function valueOf(value: string, type = ""): string {
  return query(`{"a":${value}}`, "$.a", type);
}

Deno.test("CONV-03 json_query: numbers have six digits as text, are exact or absent as integers", () => {
  const cases: Readonly<Record<string, readonly [string, string]>> = {
    "1": ["str:1", "sint:1"],
    "1.5": ["str:1.5", "sint:1"],
    "123456": ["str:123456", "sint:123456"],
    "1234567": ["str:1.23457e+06", "sint:1234567"],
    "100000.5": ["str:100000", "sint:100000"],
    "0.00001": ["str:1e-05", "sint:0"],
    "0.0001": ["str:0.0001", "sint:0"],
    "1e5": ["str:100000", "sint:1"],
    "1e400": ["str:inf", "sint:1"],
    "-1e400": ["str:-inf", "sint:-1"],
    "1.10": ["str:1.1", "sint:1"],
    "9007199254740991": ["str:9.0072e+15", "sint:9007199254740991"],
    "9007199254740992": ["str:9.0072e+15", "absent"],
    "-2147483649": ["str:-2.14748e+09", "sint:-2147483649"],
    "-0": ["str:-0", "sint:0"],
    "01": ["str:1", "sint:1"],
    "1..2": ["str:1", "sint:1"],
    ".5": ["absent", "absent"],
    "NaN": ["absent", "absent"],
  };
  for (const [value, [text, integer]] of Object.entries(cases)) {
    assertEquals(valueOf(value), text, value);
    assertEquals(valueOf(value, "int"), integer, value);
  }
});

Deno.test("CONV-03 json_query: booleans, null, objects, strings", () => {
  assertEquals(valueOf("true"), "bool:1");
  assertEquals(valueOf("false", "int"), "bool:0");
  assertEquals(valueOf("null"), "absent");
  assertEquals(valueOf("{}"), "absent");
  assertEquals(valueOf('""'), "str:");
  assertEquals(valueOf('"12"', "int"), "str:12");
  assertEquals(valueOf("TRUE"), "absent");
  assertEquals(valueOf('"a\x01b"'), "str:a\x01b");
});

Deno.test("CONV-03 json_query: escapes", () => {
  assertEquals(valueOf('"\\b\\f\\n\\r\\t\\/\\\\\\""'), 'str:\b\f\n\r\t/\\"');
  assertEquals(valueOf('"\\u0041\\u0000\\u00e9"'), "str:A\0\xe9");
  assertEquals(valueOf('"\\u00e9\\u20ac"'), "str:\xc3\xa9\xe2\x82\xac");
  assertEquals(valueOf('"\\ud83d\\ude00"'), "str:\xf0\x9f\x98\x80");
  for (const bad of ["\\q", "\\u12", "\\u00g0", "\\ud83d", "\\ud83dx", "\\ude00", "\\ud83d\\u0041"]) {
    assertEquals(valueOf(`"${bad}"`), "absent", bad);
  }
  assertEquals(query('{"x":"\\q","a":1}', "$.a"), "str:1");
});

Deno.test("CONV-04 json_query: an array as it is written, also with int", () => {
  assertEquals(
    valueOf('["manage-account","manage-account-links","view-profile"]'),
    'str:["manage-account","manage-account-links","view-profile"]',
  );
  assertEquals(valueOf('[{"x":1},{"x":[2]}]', "int"), 'str:[{"x":1},{"x":[2]}]');
  assertEquals(valueOf("[]"), "str:[]");
  assertEquals(valueOf("[1,2"), "absent");
});

Deno.test("CONV-03 json_query: paths", () => {
  assertEquals(query("[[1,2],[3,4]]", "$[1][0]"), "str:3");
  assertEquals(query('{"a[0]":1}', "$.a\\[0]"), "str:1");
  assertEquals(query('{"a.b":{"c":1}}', "$.a\\.b.c"), "str:1");
  assertEquals(query('[{"a":1},{"b":2}]', "$[*].b"), "str:2");
  assertEquals(query('{"ab":1,"a":2}', "$.a"), "str:2");
  assertEquals(query('{"a":5,"a":{"b":1}}', "$.a.b"), "absent");
  assertEquals(query("[1,2,3]", "$[3]"), "absent");
  assertEquals(query("[1,2,3]", "$[-1]"), "absent");
  assertEquals(query('{"a":1}', "a"), "absent");
});

Deno.test("CONV-03 json_query: what is behind the value may be wrong or missing, what is before may not", () => {
  assertEquals(query('{"a":1', "$.a"), "str:1");
  assertEquals(query('{"a":"x"', "$.a"), "str:x");
  assertEquals(query('{"a":1}xyz', "$.a"), "str:1");
  assertEquals(query('{"a":tru', "$.a"), "absent");
  assertEquals(query('{"a":"x', "$.a"), "absent");
  for (
    const bad of ['{,"a":1}', '{"x":1 "a":1}', '{"x":bad,"a":1}', '\xef\xbb\xbf{"a":1}', "{a:1}", '{"a"', "", "  "]
  ) {
    assertEquals(query(bad, "$.a"), "absent", bad);
  }
});

Deno.test("CONV-03 json_query: nesting is bounded", () => {
  const nested = (depth: number) => "[".repeat(depth) + "7" + "]".repeat(depth);
  assertEquals(query(nested(20), "$" + "[0]".repeat(20)), "str:7");
  assertEquals(query(nested(21), "$" + "[0]".repeat(21)), "absent");
  assertEquals(query(`{"x":${nested(21)},"a":1}`, "$.a"), "absent");
  assertEquals(query("[".repeat(16000), "$[0]"), "absent");
});

Deno.test("CONV-03 json_query: no path and another type than int are refused", () => {
  assertStringIncludes(evaluate("str(x),json_query"), "json_path must not be empty");
  assertStringIncludes(evaluate("str(x),json_query('')"), "json_path must not be empty");
  assertStringIncludes(evaluate("str(x),json_query('$.a',str)"), 'output_type only supports "int" as argument');
});

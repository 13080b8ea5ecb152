// The Forwarded header: examples of the manual and of RFC 7239; the packaged haproxy does not know these converters.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { latin1ToBytes } from "../../base/mod.ts";
import { evaluate, testEnv, TestTxn } from "../testing.ts";
import { Sample, T_STR } from "../types.ts";

/** Converters on any text. */
function convert(text: string, converters: string): string {
  const env = testEnv();
  const txn = new TestTxn();
  const sample = new Sample();
  sample.type = T_STR;
  sample.bytes = latin1ToBytes(text);
  sample.to = text.length;
  const { scope, slot } = env.variables.slot("txn.v");
  txn.vars.set(scope, slot, sample);
  return evaluate(`var(txn.v),${converters}`, txn, env);
}

Deno.test("CONV-17 rfc7239_is_valid: what the RFC allows and what it does not", () => {
  const valid = [
    "for=127.0.0.1;proto=http",
    'for="_gazonk"',
    'For="[2001:db8:cafe::17]:4711"',
    "for=192.0.2.60;proto=http;by=203.0.113.43",
    "for=192.0.2.43, for=198.51.100.17",
    'for=unknown;host="haproxy.org:80";proto=HTTPS',
    'for="127.0.0.1:9999"',
    'for="_a.b-c_1:_port"',
    'for="[::1]:8080";',
    "host=haproxy.org;secret=x",
    'for=_x;ext="a,b;c\\"d"',
    'host="[::1]:80"',
  ];
  const wrong = [
    "",
    "proto=custom",
    "for",
    "for=",
    "for= 127.0.0.1",
    "for=127.0.0.1 ;proto=http",
    "for=127.0.0.1:80",
    "for=[::1]",
    'for="::1"',
    'for="[::1"',
    'for="[::g]"',
    "for=1.2.3",
    "for=_",
    'for="_a b"',
    'for="1.2.3.4:"',
    'for="1.2.3.4:123456"',
    'for="1.2.3.4:65536"',
    "for=1.2.3.4;for=5.6.7.8",
    'host="a b"',
    'host="a:b"',
    'host=""',
    'for="1.2.3.4',
    "for=1.2.3.4 for=5.6.7.8",
    ";;",
    ",",
  ];
  for (const text of valid) assertEquals(convert(text, "rfc7239_is_valid"), "bool:1", text);
  for (const text of wrong) assertEquals(convert(text, "rfc7239_is_valid"), "bool:0", text);
});

Deno.test("CONV-17 rfc7239_field: values without quotes, of the first element that has one", () => {
  const header = 'proto=https;host="haproxy.org:80";for="127.0.0.1:9999", by=_x;host=other';
  assertEquals(convert(header, "rfc7239_field(host)"), "str:haproxy.org:80");
  assertEquals(convert(header, "rfc7239_field(for)"), "str:127.0.0.1:9999");
  assertEquals(convert(header, "rfc7239_field(proto)"), "str:https");
  assertEquals(convert(header, "rfc7239_field(by)"), "str:_x");
  assertEquals(convert("for=_a", "rfc7239_field(host)"), "absent");
  assertEquals(convert("for=_a;proto=x", "rfc7239_field(for)"), "absent");
  assertStringIncludes(convert("for=_a", "rfc7239_field(ext)"), "expects 'proto', 'host', 'for' or 'by', got 'ext'");
  assertStringIncludes(convert("for=_a", "rfc7239_field"), "expected type 'string' at position 1");
});

Deno.test("CONV-17 rfc7239_n2nn and rfc7239_n2np: nodes into name and port", () => {
  const nodes: Readonly<Record<string, readonly [string, string]>> = {
    "127.0.0.1:9999": ["ipv4:127.0.0.1", "sint:9999"],
    "[ab:cd:ff:ff:ff:ff:ff:ff]:9998": ["ipv6:ab:cd:ff:ff:ff:ff:ff:ff", "sint:9998"],
    "_name:_port": ["str:_name", "str:_port"],
    "unknown": ["str:unknown", "absent"],
    "1.2.3.4": ["ipv4:1.2.3.4", "absent"],
    "[::1]": ["ipv6:::1", "absent"],
    "": ["absent", "absent"],
    "name": ["absent", "absent"],
    "1.2.3.4:": ["absent", "absent"],
    "::1": ["absent", "absent"],
    "1.2.3.4:x": ["absent", "absent"],
  };
  for (const [node, [name, port]] of Object.entries(nodes)) {
    assertEquals([convert(node, "rfc7239_n2nn"), convert(node, "rfc7239_n2np")], [name, port], node);
  }
  assertStringIncludes(convert("x", "rfc7239_n2nn(1)"), "expected ')'");
  assertStringIncludes(convert("x", "rfc7239_n2np(1)"), "expected ')'");
});

Deno.test("CONV-17 rfc7239_nn and rfc7239_np: names and ports into parts of a node", () => {
  const cases: Readonly<Record<string, string>> = {
    "ipv6(ab:cd:ff:ff:ff:ff:ff:ff),rfc7239_nn": "str:[ab:cd:ff:ff:ff:ff:ff:ff]",
    "ipv4(1.2.3.4),rfc7239_nn": "str:1.2.3.4",
    "str(test),rfc7239_nn": "str:_test",
    "str(),rfc7239_nn": "str:unknown",
    "str(a:b),rfc7239_nn": "absent",
    "int(12),rfc7239_np": "str:12",
    "str(test),rfc7239_np": "str:_test",
    "str(),rfc7239_np": "absent",
    "int(-1),rfc7239_np": "absent",
    "int(65536),rfc7239_np": "absent",
    "int(9223372036854775807),rfc7239_np": "absent",
    'str("a b"),rfc7239_np': "absent",
  };
  for (const [expression, expected] of Object.entries(cases)) assertEquals(evaluate(expression), expected, expression);
  assertStringIncludes(evaluate("str(x),rfc7239_nn(1)"), "expected ')'");
  assertStringIncludes(evaluate("str(x),rfc7239_np(1)"), "expected ')'");
});

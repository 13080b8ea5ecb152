// Every combination of match and output of the map converters (configuration.txt 7.3.1 "map").
import { assertEquals } from "@std/assert";
import { latin1ToBytes } from "../../base/mod.ts";
import { sampleText } from "../casts.ts";
import { buildExpression, parseExpression } from "../expression.ts";
import { testContext, testEnv, TestTxn } from "../testing.ts";
import { FOUND, Sample, TYPE_NAMES } from "../types.ts";

const FILES: Readonly<Record<string, string>> = {
  texts: "abc 7\nxyz 9\n",
  textIps: "abc 192.0.2.7\nxyz 192.0.2.9\n",
  regexes: "^a.c$ 7\n^x 9\n",
  regexIps: "^a.c$ 192.0.2.7\n",
  numbers: "1:5 7\n6 9\n",
  numberIps: "1:5 192.0.2.7\n",
  nets: "192.0.2.0/24 7\n",
};

const env = testEnv({
  files: Object.fromEntries(Object.entries(FILES).map(([name, text]) => [name, latin1ToBytes(text)])),
});

function evaluate(text: string): string {
  const node = parseExpression(text, testContext({ registry: env.registry, kind: "listen", files: FILES }));
  if (typeof node === "string") return node;
  const sample = new Sample();
  if (buildExpression(node, env)(new TestTxn(), sample) !== FOUND) return "absent";
  return `${TYPE_NAMES[sample.type]}:${sampleText(sample, true)}`;
}

Deno.test("ACL-06 each match method has its outputs: integer, address, the key that matched", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["str(abc),map_str_int(texts)", "sint:7"],
    ["str(abc),map_str_key(texts)", "str:abc"],
    ["str(abcd),map_beg_int(texts)", "sint:7"],
    ["str(abcd),map_beg_ip(textIps)", "ipv4:192.0.2.7"],
    ["str(abcd),map_beg_key(texts)", "str:abc"],
    ["str(1xyz),map_end_int(texts)", "sint:9"],
    ["str(1xyz),map_end_ip(textIps)", "ipv4:192.0.2.9"],
    ["str(1xyz),map_end_key(texts)", "str:xyz"],
    ["str(1abc2),map_sub_int(texts)", "sint:7"],
    ["str(1abc2),map_sub_ip(textIps)", "ipv4:192.0.2.7"],
    ["str(1abc2),map_sub_key(texts)", "str:abc"],
    ["str(/q/abc/r),map_dir_int(texts)", "sint:7"],
    ["str(/q/abc/r),map_dir_ip(textIps)", "ipv4:192.0.2.7"],
    ["str(/q/abc/r),map_dir_key(texts)", "str:abc"],
    ["str(www.abc.example),map_dom_int(texts)", "sint:7"],
    ["str(www.abc.example),map_dom_ip(textIps)", "ipv4:192.0.2.7"],
    ["str(www.abc.example),map_dom_key(texts)", "str:abc"],
    ["str(abc),map_reg_int(regexes)", "sint:7"],
    ["str(abc),map_reg_ip(regexIps)", "ipv4:192.0.2.7"],
    ["int(3),map_int_int(numbers)", "sint:7"],
    ["int(3),map_int_ip(numberIps)", "ipv4:192.0.2.7"],
    ["ipv4(192.0.2.1),map_ip_int(nets)", "sint:7"],
  ];
  for (const [expression, expected] of cases) assertEquals(evaluate(expression), expected, expression);
});

Deno.test("ACL-06 each match method refuses what it cannot match", () => {
  for (
    const expression of ["str(zzz),map_str_int(texts)", "str(zab),map_beg_key(texts)", "str(/abcd/),map_dir_key(texts)"]
  ) {
    assertEquals(evaluate(expression), "absent", expression);
  }
  assertEquals(evaluate("int(9),map_int_int(numbers)"), "absent");
  assertEquals(evaluate("ipv4(198.51.100.1),map_ip_int(nets)"), "absent");
});

// Maps: results as haproxy 2.6 gave them on the same files, unless said otherwise.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { latin1ToBytes } from "../../base/mod.ts";
import { sampleText } from "../casts.ts";
import { buildExpression, parseExpression } from "../expression.ts";
import { testContext, testEnv, testPatterns, TestTxn } from "../testing.ts";
import { FOUND, Sample, TYPE_NAMES } from "../types.ts";

const FILES: Readonly<Record<string, string>> = {
  words: "# comment\na  va\n b\tvb x  \nabc vabc\n10 ten\n\n",
  regexes: "^a(.*)c$ [\\1]\nx(.)(.) \\2\\1\\0\\\\\nzz \\9\nbad \\\n",
  nets: "10.0.0.0/8 net8\n10.1.0.0/16 net16\n::1 six\n",
  integers: "a 1\nb -2\nc 99999999999999999999\nd\n",
  badIntegers: "a 1\nb 2x\n",
  addresses: "a 1.2.3.4\nb ::1\n",
  badAddresses: "a foo\n",
  ranges: "1 one\n5:10 some\n7 seven\n",
  badRanges: "1 one\nabc x\n",
  bare: "a\nb   \n",
  texts: "a/b.c 77\n",
  textsIp: "a/b.c 1.2.3.4\n",
  numbers: "5:10 77\n",
  numbersIp: "5:10 1.2.3.4\n",
  networks: "10.0.0.0/8 77\n",
  networksIp: "10.0.0.0/8 1.2.3.4\n",
  twice: "a first\na second\nab third\n",
};

const files = Object.fromEntries(Object.entries(FILES).map(([name, text]) => [name, latin1ToBytes(text)]));
const lists = testPatterns(files);
const env = testEnv({ files, patterns: lists.store() });

function evaluate(text: string): string {
  const node = parseExpression(text, testContext({ registry: env.registry, kind: "listen", files: FILES }));
  if (typeof node === "string") return node;
  const sample = new Sample();
  if (buildExpression(node, env)(new TestTxn(), sample) !== FOUND) return "absent";
  return `${TYPE_NAMES[sample.type]}:${sampleText(sample, true)}`;
}

function check(cases: Readonly<Record<string, string>>): void {
  for (const [expression, expected] of Object.entries(cases)) assertEquals(evaluate(expression), expected, expression);
}

Deno.test("ACL-06 map: exact strings, values of several words, the default", () => {
  check({
    "str(a),map(words)": "str:va",
    "str(a),map_str(words)": "str:va",
    "str(b),map(words)": "str:vb x",
    "str(c),map(words)": "absent",
    "str(c),map(words,def)": "str:def",
    "str(c),map(words,)": "str:",
    "str(A),map(words,def)": "str:def",
    "int(10),map(words)": "str:ten",
    "bin(6100),map(words)": "str:va",
    "str(),map(words,d)": "str:d",
    "str(b),map(bare)": "str:",
    "str(a),map(twice)": "str:first",
    "str(a),map(file@words)": "str:va",
    "str(a),map(opt@missing,d)": "str:d",
    "str(a),map(virt@x)": "absent",
  });
});

Deno.test("ACL-06 map_<match>: the finest, else the first that matches", () => {
  check({
    "str(abcd),map_beg(words)": "str:vabc",
    "str(abd),map_beg(words)": "str:va",
    "str(xabc),map_end(words)": "str:vabc",
    "str(xabcx),map_sub(words)": "str:va",
    "str(/abc/),map_dir(words)": "str:vabc",
    "str(x.abc.y),map_dom(words)": "str:vabc",
    "str(abc),map_beg(twice)": "str:third",
    "str(abc),map_sub(twice)": "str:first",
    "str(axxc),map_reg(regexes)": "str:[\\1]",
    "int(1),map_int(ranges)": "str:one",
    "int(7),map_int(ranges)": "str:some",
    "str(8x),map_int(ranges)": "str:some",
    "bool(true),map_int(ranges)": "str:one",
    "int(80),map_int(ranges,d)": "str:d",
    "ipv4(10.1.2.3),map_ip(nets)": "str:net16",
    "ipv4(10.2.2.3),map_ip(nets)": "str:net8",
    "ipv4(11.2.2.3),map_ip(nets)": "absent",
    "str(10.1.2.3),map_ip(nets)": "str:net16",
    "str(foo),map_ip(nets,def)": "absent",
    "ipv6(::1),map_ip(nets)": "str:six",
    "ipv6(::ffff:10.1.2.3),map_ip(nets)": "str:net16",
  });
});

Deno.test("ACL-06 map_<match>_int and _ip: values as integers and addresses", () => {
  check({
    "str(a),map_str_int(integers)": "sint:1",
    "str(b),map_str_int(integers)": "sint:-2",
    "str(c),map_str_int(integers)": "sint:9223372036854775807",
    "str(d),map_str_int(integers)": "sint:0",
    "str(x),map_str_int(integers,7)": "sint:7",
    "str(x),map_str_int(integers)": "absent",
    "str(a),map_str_ip(addresses)": "ipv4:1.2.3.4",
    "str(b),map_beg_ip(addresses)": "ipv6:::1",
    "str(c),map_str_ip(addresses,::2)": "ipv6:::2",
  });
});

// Of HAProxy 3.2's manual.
Deno.test("ACL-06 map_<match>_key: the pattern as it is in the file", () => {
  check({
    "str(abd),map_beg_key(words)": "str:a",
    "str(axxc),map_reg_key(regexes)": "str:^a(.*)c$",
    "ipv4(10.2.3.4),map_ip_key(nets)": "str:10.0.0.0/8",
    "int(7),map_int_key(ranges)": "str:5:10",
    "str(x),map_beg_key(words)": "absent",
  });
  assertStringIncludes(evaluate("str(a),map_beg_key(words,x)"), "invalid arg 2 in converter 'map_beg_key'");
});

Deno.test("ACL-06 every match method with every output", () => {
  const inputs: Readonly<Record<string, string>> = {
    str: "str(a/b.c)",
    beg: "str(a/b.cd)",
    sub: "str(xa/b.cx)",
    dir: "str(/a/b.c/)",
    dom: "str(x.a/b.c:1)",
    end: "str(xa/b.c)",
    reg: "str(a/b.c)",
    int: "int(7)",
    ip: "ipv4(10.2.3.4)",
  };
  const names = ["map_str", "map_beg", "map_sub", "map_dir", "map_dom", "map_end", "map_reg", "map_int", "map_ip"];
  const others = [
    ["map_str_int", "map_str_ip", "map_str_key"],
    ["map_beg_int", "map_beg_ip", "map_beg_key"],
    ["map_sub_int", "map_sub_ip", "map_sub_key"],
    ["map_dir_int", "map_dir_ip", "map_dir_key"],
    ["map_dom_int", "map_dom_ip", "map_dom_key"],
    ["map_end_int", "map_end_ip", "map_end_key"],
    ["map_reg_int", "map_reg_ip", "map_reg_key"],
    ["map_int_int", "map_int_ip", "map_int_key"],
    ["map_ip_int", "map_ip_ip", "map_ip_key"],
  ];
  names.forEach((name, i) => {
    const method = name.slice(4);
    const key = method === "int" ? "5:10" : method === "ip" ? "10.0.0.0/8" : "a/b.c";
    const file = method === "int" ? "numbers" : method === "ip" ? "networks" : "texts";
    const [toInt, toIp, toKey] = others[i];
    check({
      [`${inputs[method]},${name}(${file})`]: "str:77",
      [`${inputs[method]},${toInt}(${file})`]: "sint:77",
      [`${inputs[method]},${toIp}(${file}Ip)`]: "ipv4:1.2.3.4",
      [`${inputs[method]},${toKey}(${file})`]: `str:${key}`,
    });
  });
});

Deno.test("ACL-06 map_regm: groups in the value", () => {
  check({
    "str(axxc),map_regm(regexes)": "str:[xx]",
    "str(1x23),map_regm(regexes)": "str:32x23\\",
    "str(zz),map_regm(regexes)": "str:",
    "str(bad),map_regm(regexes)": "absent",
    "str(none),map_regm(regexes,d\\\\1)": "str:d\\1",
  });
});

Deno.test("ACL-06 a map whose patterns, values or default are none is refused", () => {
  check({
    "str(a),map_str_int(badIntegers)":
      "invalid args in converter 'map_str_int' : unable to parse '2x' at line 2 of file 'badIntegers'",
    "str(a),map_str_ip(badAddresses)":
      "invalid args in converter 'map_str_ip' : unable to parse 'foo' at line 1 of file 'badAddresses'",
    "str(a),map_ip_ip(nets)": "invalid args in converter 'map_ip_ip' : unable to parse 'net8' at line 1 of file 'nets'",
    "int(1),map_int(badRanges)":
      "invalid args in converter 'map_int' : 'abc' is not a number at line 2 of file 'badRanges'",
    "str(c),map_str_ip(addresses,foo)": "invalid args in converter 'map_str_ip' : map: cannot parse default ip <foo>.",
    "str(x),map_str_int(integers,x)":
      "invalid arg 2 in converter 'map_str_int' : failed to parse 'x' as type 'integer' at position 2",
    "bool(true),map_ip(nets)": "converter 'map_ip' cannot be applied",
  });
  assertStringIncludes(evaluate("str(a),map(missing)"), "failed to open pattern file <missing>");
  assertStringIncludes(evaluate("str(a),map_len(words)"), "unknown converter 'map_len'");
});

Deno.test("ACL-06 a value that was changed to none gives no sample", () => {
  assertEquals(evaluate("str(a),map_str_int(integers)"), "sint:1");
  const list = lists.sets.find("integers")!;
  assertEquals(lists.sets.set(list, "a", "99"), 1);
  assertEquals(evaluate("str(a),map_str_int(integers)"), "sint:99");
  lists.sets.set(list, "a", "nine");
  assertEquals(evaluate("str(a),map_str_int(integers)"), "absent");
});

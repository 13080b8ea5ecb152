// Every converter of this folder on inputs drawn under a seed: bytes, texts of each format with mistakes in them, numbers,
// addresses; with small and large buffers. None throws, none gives a range outside of its bytes, none writes to its input.
import { assertEquals } from "@std/assert";
import { latin1ToBytes, Prng } from "../../base/mod.ts";
import { buildExpression, parseExpression } from "../expression.ts";
import { testContext, testEnv, testProxy, TestTxn } from "../testing.ts";
import { FOUND, Sample, T_BIN, T_BOOL, T_IPV4, T_IPV6, T_METH, T_SINT, T_STR } from "../types.ts";
import { converterEntries } from "./mod.ts";

/** Arguments of those that need some. */
const ARGS: Readonly<Record<string, readonly string[]>> = {
  add: ["1", "txn.n", "txn.none"],
  sub: ["1", "txn.n"],
  mul: ["-9223372036854775808", "txn.n"],
  div: ["0", "txn.n"],
  mod: ["0", "-3"],
  and: ["255"],
  or: ["txn.n"],
  xor: ["9223372036854775807"],
  iif: ["a,b"],
  field: ["1,\\,", "-2,;,0"],
  word: ["1,\\,", "-2,;,0"],
  bytes: ["1", "0,3", "txn.n,txn.n"],
  ltrim: ["ab"],
  rtrim: ["ab"],
  strcmp: ["txn.s"],
  secure_memcmp: ["txn.s"],
  concat: ["-,txn.s,-"],
  add_item: ["-,txn.s,-"],
  "set-var": ["txn.out", "txn.out,ifgt"],
  "unset-var": ["txn.out"],
  ipmask: ["24", "24,64"],
  regsub: ["a+,'<\\0\\0>',g", "'(.)(.)','\\2\\1',gi", "'^|$',x,g"],
  be2dec: [":,3", ":,8,1"],
  be2hex: ["", ":,3", ":,3,1"],
  json: ["", "utf8", "utf8s", "utf8p", "utf8ps"],
  json_query: ["$.a", "$.a[0],int", "$[*].b.c", "$"],
  jwt_header_query: ["", "$.alg"],
  jwt_payload_query: ["", "$.a,int"],
  jwt_verify: ["HS256,secret", "none,x", "txn.s,txn.s"],
  ltime: ["%c %Z"],
  utime: ["%c %j %V %^20A"],
  ms_ltime: ["%c %3N"],
  ms_utime: ["%c %3N"],
  us_ltime: ["%c %6N"],
  us_utime: ["%c %N,-5"],
  http_date: ["", "5,ms", "-5,us"],
  digest: ["sha256", "shake128"],
  hmac: ["sha256,YQ==", "sha1,txn.s"],
  aes_gcm_enc: ["128,YWFhYWFhYWFhYWFh,YWFhYWFhYWFhYWFhYWFhYQ==,txn.out", "192,txn.s,txn.s,txn.out"],
  aes_gcm_dec: ["128,YWFhYWFhYWFhYWFh,YWFhYWFhYWFhYWFhYWFhYQ==,txn.s"],
  language: ["fr;en;de-DE,xx"],
  param: ["a", "b,;"],
  "capture-req": ["0", "9"],
  "capture-res": ["0"],
  mqtt_field_value: ["connect,client_identifier", "connect,17", "connack,18"],
  fix_tag_value: ["49", "CheckSum"],
  protobuf: ["1", "1.2,int64", "2,double", "3,sint32"],
  ungrpc: ["1", "1.2,int64"],
  rfc7239_field: ["for", "host"],
  when: ["normal", "!forwarded"],
  debug: ["p,stderr"],
};
const FILES = {
  texts: "a 1\nbb 2\n^c(.) \\1\n",
  numbers: "1 1\n5:9 2\n",
  integers: "5 1\n9 -2\n",
  networks: "10.0.0.0/8 1\n::/0 2\n",
};

function argsOf(name: string): readonly string[] {
  if (!name.startsWith("map")) return ARGS[name] ?? [""];
  if (name === "map_ip_int") return ["networks"];
  const file = name.startsWith("map_int") ? "numbers" : name.startsWith("map_ip") ? "networks" : "texts";
  if (name.endsWith("_ip") && name !== "map_ip") return ["virt@none"];
  return [name.endsWith("_int") && name !== "map_int" ? "integers" : file];
}

const TEXTS: readonly string[] = [
  "",
  '{"a":[1,{"b":{"c":"\\u20ac"}}],"x":"y"}',
  '[[[{"b":{"c":-1.5e300}}]]]',
  "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln",
  "Sun, 06 Nov 1994 08:49:37 GMT",
  "fr;q=0.5, en-US , de ; q = 0.001,*",
  "a=1&b=2;a=3&b",
  "Example.com:8080",
  "[::1]:443",
  'for="[2001:db8::1]:80";proto=https;host="a.b:1", by=_x',
  "%41%zz+?a+b%",
  "YWJj",
  "aGVsbG8-_w",
  "12345678901234567890",
  "-1",
  "aaa,bb;;ab\r\ncd",
];

const LINES = Deno.readTextFileSync(new URL("../testdata/messages.txt", import.meta.url)).split("\n");
const MESSAGES = LINES.filter((line) => /^[0-9a-f]{4,} /.test(line)).map((line) =>
  line.slice(0, line.indexOf(" ")).replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)))
);

/** A text with some bytes changed, cut off, doubled. */
function damaged(text: string, random: Prng): string {
  let out = text;
  for (let i = random.below(4); i > 0; i--) {
    const at = random.below(out.length + 1);
    const byte = String.fromCharCode(random.below(256));
    const kind = random.below(4);
    if (kind === 0) out = out.slice(0, at);
    else if (kind === 1) out = out.slice(0, at) + byte + out.slice(at);
    else if (kind === 2) out = out.slice(0, at) + byte + out.slice(at + 1);
    else out = out.slice(0, at) + out.slice(random.below(at + 1));
  }
  return out.slice(0, 20000);
}

function fill(sample: Sample, random: Prng): void {
  const types = [T_BIN, T_STR, T_STR, T_BIN, T_STR, T_BIN, T_SINT, T_BOOL, T_IPV4, T_IPV6, T_METH];
  sample.type = random.pick(types);
  const numbers: readonly (number | bigint)[] = [0, 1, -1, 2 ** 53 - 1, -(2n ** 63n), 2n ** 63n - 1n, random.u32()];
  sample.num = sample.type === T_BOOL ? random.below(2) : sample.type === T_IPV4 ? random.u32() : random.pick(numbers);
  const long = random.chance(0.02) ? random.pick(["a", "[", "{", ",", "\xff", "a,"]).repeat(9000) : "";
  const text = sample.type === T_IPV6
    ? "\x20\x01".repeat(8)
    : long + damaged(random.pick(random.chance(0.5) ? TEXTS : MESSAGES), random);
  const padding = random.below(3);
  sample.bytes = latin1ToBytes("\x01".repeat(padding) + text + "\x01".repeat(padding));
  sample.from = padding;
  sample.to = padding + text.length;
}

Deno.test("CONV-15 CONV-17 no input makes a converter throw, read or give bytes outside of a range", () => {
  const random = new Prng(20250601);
  const files = Object.fromEntries(Object.entries(FILES).map(([name, text]) => [name, latin1ToBytes(text)]));
  const size = { bytes: 0 };
  const proxy = testProxy("a");
  const env = testEnv({
    files,
    scratch: () => new Uint8Array(size.bytes),
    proxy: (name) => name === "a" ? proxy : undefined,
  });
  const context = testContext({ registry: env.registry, kind: "listen", files: FILES });
  let found = 0;
  for (const { name } of converterEntries) {
    for (const args of argsOf(name)) {
      const node = parseExpression(`var(txn.v),${name}(${args})`, context);
      if (typeof node === "string") throw new Error(`${name}(${args}): ${node}`);
      const expression = buildExpression(node, env);
      const txn = new TestTxn();
      txn.requestCaptures = [null];
      const input = new Sample();
      const variable = env.variables.slot("txn.v");
      for (const [other, value] of [["txn.n", 3], ["txn.s", "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"]] as const) {
        input.type = typeof value === "number" ? T_SINT : T_STR;
        input.num = Number(value) || 0;
        input.bytes = latin1ToBytes(String(value));
        input.to = input.bytes.length;
        const { scope, slot } = env.variables.slot(other);
        txn.vars.set(scope, slot, input);
      }
      for (let i = 0; i < 40; i++) {
        size.bytes = random.pick([64, 100, 16384]);
        fill(input, random);
        txn.vars.set(variable.scope, variable.slot, input);
        const result = new Sample();
        const label = `${name}(${args}) #${i}`;
        if (expression(txn, result) === FOUND) {
          found++;
          const inside = result.from >= 0 && result.from <= result.to && result.to <= result.bytes.length;
          assertEquals(inside, true, label);
        }
        const after = new Sample();
        txn.vars.get(variable.scope, variable.slot, after);
        assertEquals(
          after.bytes.slice(after.from, after.to),
          hasBytes(input) ? textOf(input) : after.bytes.slice(0, 0),
        );
      }
    }
  }
  // A good part of the inputs was not refused.
  assertEquals(found > 1500, true, `${found} found`);
});

function hasBytes({ type }: Sample): boolean {
  return type === T_BIN || type === T_STR || type === T_IPV6 || type === T_METH;
}

function textOf(sample: Sample): Uint8Array<ArrayBuffer> {
  return sample.bytes.slice(sample.from, sample.to);
}

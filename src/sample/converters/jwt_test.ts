// JSON Web Tokens signed by all algorithms (testdata/jwt: made with OpenSSL, the secret of HS is "secret"). Results are those
// of haproxy 2.6, but for what it does not know: PS, certificates, whole parts.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { latin1ToBytes } from "../../base/mod.ts";
import { sampleText } from "../casts.ts";
import { buildExpression, parseExpression } from "../expression.ts";
import { testContext, testEnv, TestTxn } from "../testing.ts";
import { FOUND, Sample, T_STR, TYPE_NAMES } from "../types.ts";

const here = new URL("../testdata/jwt/", import.meta.url);
const read = (name: string) => Deno.readTextFileSync(new URL(name, here));
const KEYS = ["rsa.pub", "ec256.pub", "ec384.pub", "ec512.pub", "ec256.crt", "ed.pub", "other.pub"];
const FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(KEYS.map((name) => [name, read(name)])),
  "bad.pem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
};
const TOKENS = new Map(read("tokens.txt").trim().split("\n").map((line) => line.split(" ") as [string, string]));

const env = testEnv({
  files: Object.fromEntries(Object.entries(FILES).map(([name, text]) => [name, latin1ToBytes(text)])),
});

/** `text` with the variables txn.t (a token), txn.alg and txn.key. */
function evaluate(text: string, token: string, alg = "", key = ""): string {
  const node = parseExpression(text, testContext({ registry: env.registry, kind: "listen", files: FILES }));
  if (typeof node === "string") return node;
  const txn = new TestTxn();
  const sample = new Sample();
  const values = { "txn.t": TOKENS.get(token) ?? token, "txn.alg": alg, "txn.key": key };
  for (const [name, value] of Object.entries(values)) {
    sample.type = T_STR;
    sample.bytes = latin1ToBytes(value);
    sample.from = 0;
    sample.to = value.length;
    const { scope, slot } = env.variables.slot(name);
    if (value !== "" || name === "txn.t") txn.vars.set(scope, slot, sample);
  }
  if (buildExpression(node, env)(txn, sample) !== FOUND) return "absent";
  return `${TYPE_NAMES[sample.type]}:${sampleText(sample, true)}`;
}

function verify(token: string, alg: string, key: string): string {
  return evaluate(`var(txn.t),jwt_verify(${alg},${key})`, token).replace("sint:", "");
}

Deno.test("CONV-17 jwt_verify: every algorithm accepts its signature", () => {
  for (const bits of ["256", "384", "512"]) {
    assertEquals(verify(`hs${bits}`, `HS${bits}`, "secret"), "1");
    assertEquals(verify(`rs${bits}`, `RS${bits}`, "rsa.pub"), "1");
    assertEquals(verify(`ps${bits}`, `PS${bits}`, "rsa.pub"), "1");
    assertEquals(verify(`es${bits}`, `ES${bits}`, `ec${bits}.pub`), "1");
  }
  assertEquals(verify("es256", "ES256", "ec256.crt"), "1");
  assertEquals(verify("none", "none", "x"), "1");
});

Deno.test("CONV-17 jwt_verify: a changed token, another key, another algorithm", () => {
  for (const [name, token] of TOKENS) {
    if (name === "none") continue;
    const alg = name.toUpperCase();
    const key = alg[0] === "H" ? "secret" : alg[0] === "E" ? `ec${alg.slice(2)}.pub` : "rsa.pub";
    assertEquals(verify(`x${token}`, alg, key), "0", name);
    const at = token.lastIndexOf(".") + 10;
    const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    assertEquals(verify(changed, alg, key), "0", name);
  }
  assertEquals(verify("hs256", "HS256", "wrong"), "0");
  assertEquals(verify("hs256", "HS384", "secret"), "0");
  assertEquals(verify("rs256", "RS256", "other.pub"), "0");
  assertEquals(verify("rs256", "RS384", "rsa.pub"), "0");
  assertEquals(verify("rs256", "PS256", "rsa.pub"), "0");
  assertEquals(verify("rs256", "RS256", "ec256.pub"), "0");
  assertEquals(verify("es256", "ES256", "ec384.pub"), "0");
  assertEquals(verify("es256", "ES256", "rsa.pub"), "0");
  assertEquals(verify("es256", "ES256", "ed.pub"), "0");
  // The trick of a public key as a secret.
  assertEquals(verify("rs256", "HS256", "rsa.pub"), "0");
  assertEquals(verify("hs256", "none", "x"), "0");
});

Deno.test("CONV-17 jwt_verify: what is no token", () => {
  for (const token of ["abc", "", "...", "a.b.c.", "a.b..", "a.b", "a.b.", "a.b.x", "a.b.x!"]) {
    assertEquals(verify(token, "HS256", "x"), "-3", token);
  }
  for (const token of ["abc", "", "...", "a.b.."]) assertEquals(verify(token, "none", "x"), "-3", token);
  for (const token of ["a.", ".", "..", "a..", "a.b."]) assertEquals(verify(token, "none", "x"), "1", token);
  assertEquals(verify("none", "HS256", "secret"), "-3");
  assertEquals(verify("a.b.xxxx", "RS256", "rsa.pub"), "0");
  assertEquals(verify("a.b.xxxx", "ES256", "ec256.pub"), "-3");
});

Deno.test("CONV-17 jwt_verify: algorithm and key in variables", () => {
  const verified = (token: string, alg: string, key: string) =>
    evaluate("var(txn.t),jwt_verify(txn.alg,txn.key)", token, alg, key);
  assertEquals(verified("hs256", "HS256", "secret"), "sint:1");
  assertEquals(verified("rs256", "RS256", "rsa.pub"), "sint:1");
  assertEquals(verified("rs256", "RS256", "unknown.pub"), "sint:-5");
  assertEquals(verified("rs256", "RS256", "bad.pem"), "sint:-5");
  assertEquals(verified("hs256", "hs256", "secret"), "sint:-1");
  assertEquals(verified("hs256", "", "secret"), "absent");
  assertEquals(verified("hs256", "HS256", ""), "absent");
  assertEquals(evaluate("var(txn.t),jwt_verify(txn.alg,rsa.pub)", "rs256", "RS256"), "sint:1");
  assertEquals(evaluate("var(txn.t),jwt_verify(txn.alg,nothere)", "rs256", "RS256"), "sint:-5");
});

Deno.test("CONV-17 jwt_verify: an unknown algorithm and a key that is none are refused", () => {
  assertStringIncludes(verify("hs256", "EdDSA", "x"), "unknown JWT algorithm: EdDSA");
  assertStringIncludes(verify("hs256", "HS256x", "x"), "unknown JWT algorithm: HS256x");
  assertStringIncludes(verify("rs256", "RS256", "nothere"), "failed to open key file <nothere>");
  assertStringIncludes(verify("rs256", "RS256", "bad.pem"), "no public key and no certificate in file <bad.pem>");
  assertStringIncludes(evaluate("str(x),jwt_verify(HS256)", ""), "missing arguments (got 1/2)");
});

Deno.test("CONV-17 jwt_header_query, jwt_payload_query: whole parts and values in them", () => {
  assertEquals(evaluate("var(txn.t),jwt_header_query", "hs256"), 'bin:{"alg":"HS256","typ":"JWT"}');
  assertEquals(evaluate("var(txn.t),jwt_header_query('$.alg')", "hs256"), "str:HS256");
  assertEquals(evaluate("var(txn.t),jwt_payload_query('$.iss')", "hs256"), "str:me");
  assertEquals(evaluate("var(txn.t),jwt_payload_query('$.exp',int)", "hs256"), "sint:1700000000");
  assertEquals(evaluate("var(txn.t),jwt_payload_query('$.roles')", "hs256"), 'str:["a","b"]');
  assertEquals(evaluate("var(txn.t),jwt_payload_query('$.zz')", "hs256"), "absent");
  assertEquals(evaluate("var(txn.t),jwt_payload_query", "x"), "absent");
  assertEquals(evaluate("var(txn.t),jwt_header_query", "!!.e30.x"), "absent");
  assertStringIncludes(evaluate("str(x),jwt_payload_query('$.n',str)", ""), 'output_type only supports "int"');
});

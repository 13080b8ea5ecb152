// AES-GCM in expressions; what haproxy 2.6 made of the same ciphertexts and arguments.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { evaluate, testEnv, TestTxn } from "../testing.ts";

const KEYS: Readonly<Record<number, string>> = {
  128: "Zm9vb2Zvb29mb29wZm9vbw==",
  192: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
  256: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
};
const NONCE = "MTIzNDU2Nzg5MDEy";

Deno.test("CONV-17 aes_gcm_enc and aes_gcm_dec: there and back with keys of every size", () => {
  const env = testEnv();
  for (const [bits, key] of Object.entries(KEYS)) {
    const args = `${bits},${NONCE},${key},txn.tag`;
    const both = `str(secret),aes_gcm_enc(${args}),aes_gcm_dec(${args})`;
    assertEquals(evaluate(both, new TestTxn(), env), "bin:secret");
    assertEquals(evaluate(`str(),aes_gcm_enc(${args}),aes_gcm_dec(${args})`, new TestTxn(), env), "bin:");
    const txn = new TestTxn();
    evaluate(`str(secret),aes_gcm_enc(${args})`, txn, env);
    assertEquals(evaluate("var(txn.tag),length", txn, env), "sint:24");
    assertEquals(evaluate(`str(secret),aes_gcm_dec(${args})`, txn, env), "absent");
  }
});

Deno.test("CONV-17 aes_gcm_dec: what haproxy decrypts, and nothing with a wrong, short or missing tag", () => {
  const cases: Readonly<Record<number, readonly [sealed: string, tag: string]>> = {
    128: ["c1ea72b95e", "ymR0zl25wkuM4Vaqj9IWWg=="],
    192: ["6d0f1914c2", "r5ch+PEWKffKmzc9vaeONQ=="],
    256: ["4a97124c80", "SX7M73FQrowR1CSqzJnzdw=="],
  };
  for (const [bits, [sealed, tag]] of Object.entries(cases)) {
    const key = KEYS[Number(bits)];
    const decrypted = (given: string) => evaluate(`bin(${sealed}),aes_gcm_dec(${bits},${NONCE},${key},${given})`);
    assertEquals(decrypted(tag), "bin:hello");
    assertEquals(decrypted("AAAA" + tag.slice(4)), "absent");
    assertEquals(decrypted(tag.slice(0, 16)), "absent");
    assertEquals(decrypted("txn.unset"), "absent");
  }
});

Deno.test("CONV-17 aes_gcm: keys and nonces in variables, a longer key counts with its beginning", () => {
  const env = testEnv();
  const txn = new TestTxn();
  evaluate(`str(${KEYS[256]}),set-var(txn.key)`, txn, env);
  evaluate(`str(${NONCE}),set-var(txn.nonce)`, txn, env);
  const short = "str(x),aes_gcm_enc(128,txn.nonce,txn.key,txn.tag),aes_gcm_dec(128,txn.nonce,txn.key,txn.tag)";
  assertEquals(evaluate(short, txn, env), "bin:x");
  evaluate(`str(${KEYS[128]}),set-var(txn.key)`, txn, env);
  assertEquals(evaluate("str(x),aes_gcm_enc(256,txn.nonce,txn.key,txn.tag)", txn, env), "absent");
  assertEquals(evaluate("str(x),aes_gcm_enc(128,txn.unset,txn.key,txn.tag)", txn, env), "absent");
});

Deno.test("CONV-17 aes_gcm: bad sizes, keys that are no base64 or too short, a tag that is no variable are refused", () => {
  const key = KEYS[128];
  assertStringIncludes(evaluate(`str(a),aes_gcm_dec(100,${NONCE},${key},txn.t)`), "key size must be 128, 192 or 256");
  assertStringIncludes(evaluate(`str(a),aes_gcm_dec(128,foo,${key},txn.t)`), "failed to parse nonce");
  assertStringIncludes(evaluate(`str(a),aes_gcm_dec(128,${NONCE},Zm9,txn.t)`), "failed to parse key");
  assertStringIncludes(evaluate(`str(a),aes_gcm_dec(128,${NONCE},${key},foo)`), "failed to parse aead_tag");
  assertStringIncludes(evaluate(`str(a),aes_gcm_dec(192,${NONCE},${key},txn.t)`), "key is shorter than 192 bits");
  assertStringIncludes(evaluate(`str(a),aes_gcm_enc(128,${NONCE},${key},${key})`), "invalid variable name");
  assertStringIncludes(evaluate(`str(a),aes_gcm_enc(128,${NONCE},${key},ptxn.t)`), "it can only be read");
});

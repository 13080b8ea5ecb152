import { assertEquals } from "@std/assert";
import { setBytes, setInteger } from "./casts.ts";
import { buildSetVariable, parseSetVariable, type SetVariableFn } from "./set_variable.ts";
import { SharedVariables } from "../table/mod.ts";
import { evaluate, testEnv, TestTxn } from "./testing.ts";
import { Sample, T_STR } from "./types.ts";
import { parseVariableName, parseWritableVariable } from "./variable_names.ts";
import { NO_VAR_LIMITS, ProcessVariables, Variables } from "./variables.ts";

function text(value: string): Sample {
  const sample = new Sample();
  setBytes(sample, T_STR, new TextEncoder().encode(value), 0, value.length);
  return sample;
}

function integer(value: number): Sample {
  const sample = new Sample();
  setInteger(sample, value);
  return sample;
}

Deno.test("VAR-01 names: scopes, characters, the parent's scopes are read only", () => {
  const name = parseVariableName("txn.a_B.9");
  assertEquals(typeof name === "string" ? name : [name.scope, name.name], [2, "a_B.9"]);
  const refusal = (t: string) => {
    const parsed = parseVariableName(t);
    return typeof parsed === "string" ? parsed : "";
  };
  const wording = (t: string) =>
    `invalid variable name '${t}'. A variable name must be start by its scope. The scope can be ` +
    "'proc', 'sess', 'txn', 'req', 'res' or 'check'";
  assertEquals(refusal("foo.a"), wording("foo.a"));
  assertEquals(refusal("txn"), wording("txn"));
  assertEquals(refusal("txn."), wording("txn."));
  assertEquals(refusal(""), "Empty variable name cannot be accepted");
  assertEquals(refusal("txn.a-b"), "invalid syntax at char '-b'");
  assertEquals(refusal("psess.a"), "");
  assertEquals(parseWritableVariable("ptxn.a"), "variable 'ptxn.a' belongs to the parent stream: it can only be read");
});

Deno.test("VAR-01 each scope has its own lifetime", () => {
  const process = new ProcessVariables(NO_VAR_LIMITS, SharedVariables.allocate(), 1);
  const env = testEnv();
  const names = ["proc.v", "sess.v", "txn.v", "req.v", "res.v"];
  const slots = names.map((name) => env.variables.slot(name));
  const session = process.session();
  const one = new Variables(process, session);
  for (const { scope, slot } of slots) one.set(scope, slot, text("x"));
  const out = new Sample();
  const seen = (vars: Variables) => names.filter((_, i) => vars.get(slots[i].scope, slots[i].slot, out)).join(" ");
  assertEquals(seen(one), names.join(" "));
  one.endRequest();
  assertEquals(seen(one), "proc.v sess.v txn.v res.v");
  one.clear();
  assertEquals(seen(one), "proc.v sess.v");
  assertEquals(seen(new Variables(process, process.session())), "proc.v");
  // The parent's variables are seen, and cannot be set.
  const child = new Variables(process, process.session(), one);
  const { scope, slot } = env.variables.slot("psess.v");
  assertEquals(child.get(scope, slot, out), true);
  assertEquals(child.set(scope, slot, text("y")), false);
});

Deno.test("VAR-01 a value is a copy, also when it is set to a part of itself", () => {
  const process = new ProcessVariables(NO_VAR_LIMITS, SharedVariables.allocate(), 1);
  const vars = new Variables(process, process.session());
  const source = text("abcdef");
  vars.set(2, 0, source);
  source.bytes.fill(120);
  const out = new Sample();
  vars.get(2, 0, out);
  assertEquals(String.fromCharCode(...out.bytes.subarray(out.from, out.to)), "abcdef");
  out.from += 2;
  vars.set(2, 0, out);
  vars.get(2, 0, out);
  assertEquals(String.fromCharCode(...out.bytes.subarray(out.from, out.to)), "cdef");
});

Deno.test("VAR-01 limits of tune.vars: coarse ones include the finer ones, memory comes back", () => {
  const process = new ProcessVariables(
    { global: 1000, proc: 500, sess: 100, txn: 60, reqres: 40 },
    SharedVariables.allocate(),
    1,
  );
  const vars = new Variables(process, process.session());
  const put = (scope: number, slot: number, size: number) => vars.set(scope, slot, text("x".repeat(size)));
  assertEquals(put(3, 0, 41), false);
  assertEquals(put(3, 0, 40), true);
  assertEquals(put(2, 0, 21), false);
  assertEquals(put(2, 0, 20), true);
  assertEquals(put(1, 0, 41), false);
  assertEquals(put(1, 0, 40), true);
  assertEquals(put(3, 0, 30), true);
  vars.unset(3, 0);
  assertEquals(put(2, 1, 40), true);
  vars.clear();
  assertEquals(put(2, 0, 60), true);
  assertEquals(put(0, 0, 401), false);
  assertEquals(put(0, 0, 400), true);
});

Deno.test("VAR-04 reading with a default, setting, unsetting", () => {
  const env = testEnv();
  const txn = new TestTxn();
  assertEquals(evaluate("var(txn.a)", txn, env), "absent");
  assertEquals(evaluate("var(txn.a,none)", txn, env), "str:none");
  assertEquals(evaluate("var(txn.a,)", txn, env), "str:");
  assertEquals(evaluate("int(5),set-var(txn.a),add(1)", txn, env), "sint:6");
  assertEquals(evaluate("var(txn.a)", txn, env), "sint:5");
  assertEquals(evaluate("str(x),unset-var(txn.a)", txn, env), "str:x");
  assertEquals(evaluate("var(txn.a)", txn, env), "absent");
  assertEquals(evaluate("src,set-var(sess.ip),hex", txn, env), "str:0A000001");
  assertEquals(evaluate("var(sess.ip)", txn, env), "ipv4:10.0.0.1");
});

Deno.test("VAR-01 set-var with conditions", () => {
  const env = testEnv();
  const txn = new TestTxn();
  const setter = (...args: string[]): SetVariableFn => {
    const node = parseSetVariable(args);
    if (typeof node === "string") throw new Error(node);
    return buildSetVariable(node, env);
  };
  const set = (sample: Sample, ...args: string[]) => setter(...args)(sample, txn);
  const { scope, slot } = env.variables.slot("txn.a");
  assertEquals(set(text("1"), "txn.a", "ifexists"), false);
  assertEquals(set(text("1"), "txn.a", "ifset"), false);
  assertEquals(set(text(""), "txn.a", "ifnotempty"), false);
  assertEquals(set(text("1"), "txn.a", "ifnotexists", "ifnotset", "ifnotempty"), true);
  assertEquals(set(text("2"), "txn.a", "ifnotexists"), false);
  assertEquals(set(text("2"), "txn.a", "ifexists", "ifset"), true);
  txn.vars.unset(scope, slot);
  assertEquals(set(text("3"), "txn.a", "ifset"), false);
  assertEquals(set(text("3"), "txn.a", "ifexists", "ifnotset"), true);
  assertEquals(set(text(""), "txn.a", "ifempty"), true);
  assertEquals(set(integer(0), "txn.a", "ifempty"), false);
  // Orders need integers on both sides, else they count as true.
  assertEquals(set(integer(5), "txn.a", "ifgt", "iflt"), true);
  assertEquals(set(integer(4), "txn.a", "iflt"), false);
  assertEquals(set(integer(5), "txn.a", "ifgt"), false);
  assertEquals(set(integer(4), "txn.a", "ifgt"), true);
  assertEquals(set(integer(9), "txn.a", "iflt"), true);
  assertEquals(set(text("x"), "proc.never", "ifexists"), true);
  assertEquals(parseSetVariable(["txn.a", "foo"]), 'unknown condition "foo"');
  assertEquals(parseSetVariable(["txn.a", ..."abcde"]), "at most 4 conditions may be given");
  assertEquals(evaluate("int(1),set-var(txn.z,ifexists)", txn, env), "sint:1");
  assertEquals(evaluate("var(txn.z)", txn, env), "absent");
  assertEquals(
    evaluate("int(1),set-var(txn.z,nope)", txn, env),
    "error: invalid args in converter 'set-var' : unknown condition \"nope\"",
  );
});

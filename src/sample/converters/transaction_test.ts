// Converters around the sample: results of names and slots as haproxy 2.6 gives them, the rest from the manual.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { buildExpression, parseExpression } from "../expression.ts";
import { evaluate, testContext, testEnv, testProxy, testServer, TestTxn } from "../testing.ts";
import { FOUND, Sample } from "../types.ts";

Deno.test("CONV-17 capture-req and capture-res: the slot gets the string, which stays; without the slot absent", () => {
  const txn = new TestTxn();
  txn.requestCaptures = [null, null];
  txn.responseCaptures = [null];
  assertEquals(evaluate("str(abc),capture-req(1)", txn), "str:abc");
  assertEquals(txn.requestCaptures, [null, "abc"]);
  assertEquals(evaluate("int(5),capture-res(0)", txn), "str:5");
  assertEquals(txn.responseCaptures, ["5"]);
  assertEquals(evaluate("str(abc),capture-req(2)", txn), "absent");
  assertEquals(evaluate("str(abc),capture-req(-1)", txn), "absent");
  assertEquals(evaluate("str(abc),capture-res(1)", txn), "absent");
  assertEquals([txn.requestCaptures.length, txn.responseCaptures.length], [2, 1]);
  assertStringIncludes(evaluate("str(abc),capture-req", txn), "expected type 'integer' at position 1");
  assertStringIncludes(evaluate("str(abc),capture-res(x)", txn), "failed to parse 'x' as type 'integer'");
});

Deno.test("CONV-17 nbsrv and srv_queue: proxies and servers by name", () => {
  const b = testProxy("b", { usableServers: 3 });
  const servers = [testServer("s", { proxy: b, queued: 7 })];
  const env = testEnv({
    proxy: (name) => name === "b" ? b : undefined,
    server: (proxy, name) => servers.find((s) => s.proxy.name === proxy && s.name === name),
  });
  const txn = new TestTxn();
  assertEquals(evaluate("str(b),nbsrv", txn, env), "sint:3");
  assertEquals(evaluate("str(x),nbsrv", txn, env), "absent");
  assertEquals(evaluate("str(b/s),srv_queue", txn, env), "sint:7");
  assertEquals(evaluate("str(s),srv_queue", txn, env), "absent");
  txn.backend = b;
  assertEquals(evaluate("str(s),srv_queue", txn, env), "sint:7");
  assertEquals(evaluate("str(b/x),srv_queue", txn, env), "absent");
  assertEquals(evaluate("str(x/s),srv_queue", txn, env), "absent");
  assertStringIncludes(evaluate("str(b),nbsrv(b)", txn, env), "expected ')'");
});

Deno.test("CONV-17 when: error, normal, forwarded, stopping, each also negated", () => {
  const txn = new TestTxn();
  const passes = (condition: string, env = testEnv()) => evaluate(`int(5),when(${condition})`, txn, env) === "sint:5";
  assertEquals(["error", "normal", "forwarded", "stopping"].map((c) => passes(c)), [false, true, false, false]);
  assertEquals(["!error", "!normal", "!forwarded", "!stopping"].map((c) => passes(c)), [true, false, true, true]);
  const failures: ((t: TestTxn) => void)[] = [
    (t) => t.termination = "SH--",
    (t) => t.retries = 1,
    (t) => t.redispatched = true,
    (t) => t.kept.status = 503,
  ];
  for (const fail of failures) {
    const failed = new TestTxn();
    fail(failed);
    assertEquals(evaluate("str(x),when(error)", failed), "str:x");
    assertEquals(evaluate("str(x),when(normal)", failed), "absent");
  }
  txn.termination = "LR--";
  txn.kept.status = 404;
  assertEquals(passes("normal"), true);
  txn.times.connect = 1005;
  assertEquals(passes("forwarded"), true);
  assertEquals(passes("stopping", testEnv({ process: { ...testEnv().process, stopping: true } })), true);
});

Deno.test("CONV-17 when: an ACL, its converter is not called when it does not match", () => {
  const env = testEnv();
  const context = testContext({ registry: env.registry, kind: "listen" });
  const acl = parseExpression("method", context);
  if (typeof acl === "string") throw new Error(acl);
  const test = {
    expression: acl,
    method: "str",
    lists: [],
    patterns: ["POST"],
    ignoreCase: false,
    id: -1,
    description: "",
  };
  context.section.nodes.push({ keyword: "acl", value: { test, acl: { name: "is_post", tests: [test] } } });
  const given = (text: string, request: string): boolean => {
    const node = parseExpression(text, context);
    if (typeof node === "string") throw new Error(node);
    return buildExpression(node, env)(new TestTxn(request), new Sample()) === FOUND;
  };
  const post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
  const get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  assertEquals([given("str(x),when(acl,is_post)", post), given("str(x),when(acl,is_post)", get)], [true, false]);
  assertEquals([given("str(x),when(!acl,is_post)", post), given("str(x),when(!acl,is_post)", get)], [false, true]);
  assertEquals([given("str(x),when(acl,!is_post)", post), given("str(x),when(acl,!is_post)", get)], [false, true]);
  assertEquals(parseExpression("str(x),when(acl,other)", context).toString().includes("no such ACL"), true);
});

Deno.test("CONV-17 when: an unknown or unsupported condition, wrong arguments are refused", () => {
  assertStringIncludes(evaluate("str(x),when(sometimes)"), "got 'sometimes'");
  assertStringIncludes(evaluate("str(x),when(toapplet)"), "condition 'toapplet' is not supported yet");
  assertStringIncludes(evaluate("str(x),when(!processed)"), "condition 'processed' is not supported yet");
  assertStringIncludes(evaluate("str(x),when(acl)"), "'acl' needs the name of an ACL");
  assertStringIncludes(evaluate("str(x),when"), "expected type 'string' at position 1");
});

Deno.test("CONV-11 x509_v_err_str: names of codes, the number when there is none", () => {
  assertEquals(evaluate("int(0),x509_v_err_str"), "str:X509_V_OK");
  assertEquals(evaluate("int(10),x509_v_err_str"), "str:X509_V_ERR_CERT_HAS_EXPIRED");
  assertEquals(evaluate("int(23),x509_v_err_str"), "str:X509_V_ERR_CERT_REVOKED");
  assertEquals(evaluate("int(94),x509_v_err_str"), "str:X509_V_ERR_EC_KEY_EXPLICIT_PARAMS");
  assertEquals(evaluate("int(95),x509_v_err_str"), "str:95");
  assertEquals(evaluate("int(-1),x509_v_err_str"), "str:-1");
  assertEquals(evaluate("int(9223372036854775807),x509_v_err_str"), "str:9223372036854775807");
  assertStringIncludes(evaluate("int(0),x509_v_err_str(1)"), "expected ')'");
});

// Expressions and conditions against what haproxy made of them (tests/spec/sample), and what the rest of the parser does.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Cursor, lexLine } from "../config/mod.ts";
import { buildCondition, parseCondition } from "./condition.ts";
import { buildExpression, parseExpression, takeExpression } from "./expression.ts";
import { buildLogFormat } from "./logformat_build.ts";
import { parseLogFormat } from "./logformat.ts";
import { OFFERS } from "./offers.ts";
import { evaluate, testContext, testEnv, testRequest, TestTxn } from "./testing.ts";
import { FOUND, Sample, T_ANY, type Txn } from "./types.ts";

const REQUEST = "GET /72 HTTP/1.1\r\nHost: h.example.com:8080\r\nConnection: close\r\n" +
  'X: a, b\r\nX:  c,"d,e" ,,f\r\nY: \r\nCookie: a=1; b="q 2" ;c ; a=3;d=\r\n' +
  "X-Forwarded-For: 10.0.0.1, foo, 192.168.1.1:80, ::1\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n" +
  "N: 12, 0x10, -5\r\n\r\n";

const VARIABLES = {
  "txn.s": "str(abc)",
  "txn.n": "int(7)",
  "txn.neg": "int(-1)",
  "txn.ip": "ipv4(10.1.2.3)",
  "txn.b": "bool(true)",
  "txn.bin": "bin(0001ff20)",
};

const context = testContext({ kind: "listen" });

function setUp(): { readonly txn: TestTxn; readonly env: ReturnType<typeof testEnv> } {
  const env = testEnv();
  const txn = new TestTxn(REQUEST);
  txn.session = {
    ...txn.session,
    src: { family: "ipv4", host: "127.0.0.1", port: 1 },
    dst: { family: "ipv4", host: "127.0.0.1", port: 80 },
  };
  for (const [name, expression] of Object.entries(VARIABLES)) setVariable(txn, env, name, expression);
  return { txn, env };
}

function setVariable(txn: Txn, env: ReturnType<typeof testEnv>, name: string, expression: string): void {
  const node = parseExpression(expression, context);
  if (typeof node === "string") throw new Error(node);
  const sample = new Sample();
  buildExpression(node, env)(txn, sample);
  const { scope, slot } = env.variables.slot(name);
  txn.vars.set(scope, slot, sample);
}

function cases(file: string): [string, string][] {
  const lines = Deno.readTextFileSync(new URL(`../../tests/spec/sample/${file}`, import.meta.url)).split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const at = line.indexOf(" => ");
    return [line.slice(0, at), line.slice(at + 4)];
  });
}

Deno.test("CONV-16 CONV-17 FETCH-19 expressions give what haproxy gives", () => {
  const { txn, env } = setUp();
  const all = cases("expressions.cases");
  for (const [expression, expected] of all) {
    const node = parseLogFormat(`[%[${expression}]]`, context, { style: "http", offers: OFFERS["http-request"] });
    if (typeof node === "string") {
      assertEquals(`! ${node}`, expected.replace(/(, but found .*)$/, "$1"), expression);
      continue;
    }
    const text = buildLogFormat(node, env).text(txn).slice(1, -1);
    const shown = text.replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
    assertEquals(shown, expected, expression);
  }
  assertEquals(all.length > 250, true);
});

Deno.test("ACL-01 ACL-02 ACL-03 ACL-05 conditions hold where they hold in haproxy, and are refused in its words", () => {
  for (const [condition, expected] of cases("conditions.cases")) {
    const { txn, env } = setUp();
    const here = testContext();
    const { words } = lexLine(`if ${condition}`, () => "");
    const cursor = new Cursor(here, "t.cfg", 1, "http-request deny", false, words, 0);
    let result: string;
    try {
      result = String(buildCondition(parseCondition(cursor, OFFERS["http-request"]), env)(txn));
    } catch {
      result = "! " + here.diagnostics[0].text.replace(/^.*? condition : /, "").replace(/\.$/, "");
    }
    const told = result.replace(/; did you mean '.*' maybe \?| : No such file or directory/g, "");
    assertEquals(told, expected, condition);
  }
});

Deno.test("the method's bytes, the target's parts and Host are told apart", () => {
  const all = (target: string, ...names: string[]) => {
    const host = /^http:\/\/([^/]*)/.exec(target)?.[1] ?? "example.com";
    const txn = new TestTxn(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return names.map((name) => evaluate(name, txn).replace(/^\w+:/, "")).join(" ");
  };
  const parts = ["url", "path", "pathq", "query", "base", "baseq"];
  assertEquals(all("/a?x", ...parts), "/a?x /a /a?x x example.com/a example.com/a?x");
  assertEquals(all("/a?", ...parts), "/a? /a /a?  example.com/a example.com/a?");
  assertEquals(all("/a", "query", "query(with_qm)"), "absent absent");
  assertEquals(all("/a?x", "query(with_qm)"), "?x");
  assertEquals(all("/a?", "query(with_qm)"), "");
  assertEquals(all("http://1.2.3.4:81/q?z", "url_ip", "url_port", "path"), "1.2.3.4 81 /q");
  assertEquals(all("http://1.2.3.4/q", "url_port"), "80");
  assertEquals(all("http://h2.com/q", "url_ip", "url_port"), "absent absent");
  // Hashes and their binary forms, as haproxy gives them for these very requests.
  const hash = (target: string, name: string) => {
    const txn = new TestTxn(`GET ${target} HTTP/1.1\r\nHost: h.example.com:8080\r\n\r\n`);
    txn.session = { ...txn.session, src: { family: "ipv4", host: "127.0.0.1", port: 1 } };
    return evaluate(name, txn);
  };
  assertEquals(hash("/60", "base32"), "sint:3169321070");
  assertEquals(hash("/61", "base32+src,hex"), "str:A8B07D4F7F000001");
  assertEquals(hash("/62", "url32"), "sint:4126383907");
  assertEquals(hash("/63", "url32+src,hex"), "str:56C405CD7F000001");
});

Deno.test("FETCH-19 parameters of the query string", () => {
  const txn = new TestTxn(testRequest("/p;x=9?a=1&b=2&a=3&c&d=&=5;e=6"));
  const give = (name: string) => evaluate(name, txn).replace(/^\w+:/, "");
  assertEquals(give("urlp(a)"), "1");
  assertEquals(give("urlp(A)"), "absent");
  assertEquals(give("urlp(A,,i)"), "1");
  assertEquals(give("urlp(c)"), "absent");
  assertEquals(give("urlp(d),length"), "0");
  assertEquals(give("urlp(e)"), "6");
  assertEquals(give("urlp(x,;)"), "9?a=1");
  assertEquals(give("urlp"), "1");
  assertEquals(give("urlp_val(b)"), "2");
  assertStringIncludes(give("urlp(a,;,x)"), "unknown option 'x'");
  const body = new TestTxn("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\na=1&B=2&c=3");
  assertEquals(evaluate("req.body_param(B)", body), "str:2");
  assertEquals(evaluate("req.body_param(b)", body), "absent");
  assertEquals(evaluate("req.body_param(b,i)", body), "str:2");
  assertEquals(evaluate("req.body,length", body), "sint:11");
});

Deno.test("expressions: further words may be converters, the first that is none is left", () => {
  const { words } = lexLine("path,lower, upper,length if x", () => "");
  const cursor = new Cursor(testContext(), "t.cfg", 1, "stick on", false, words, 0);
  const node = takeExpression(cursor, OFFERS.request);
  assertEquals(node.converters.map((c) => c.name), ["lower", "upper", "length"]);
  assertEquals(cursor.peek(), "if");
});

Deno.test("expressions: a place that lacks what a fetch needs refuses it", () => {
  const here = testContext();
  const take = (text: string, offers: number) => {
    const cursor = new Cursor(here, "t.cfg", 1, "x", false, lexLine(text, () => "").words, 0);
    try {
      takeExpression(cursor, offers);
      return "";
    } catch {
      return here.diagnostics.pop()!.text;
    }
  };
  const needs = (fetch: string, what: string) =>
    `fetch method '${fetch}' extracts information from '${what}', none of which is available here.`;
  assertEquals(take("path", OFFERS["http-response"]), needs("path", "HTTP request headers"));
  assertEquals(take("method", OFFERS["http-response"]), "");
  assertEquals(take("res.hdr(a)", OFFERS["http-request"]), needs("res.hdr", "HTTP response headers"));
  assertEquals(take("req.len", OFFERS["tcp-request session"]), needs("req.len", "request buffer"));
  assertEquals(take("ssl_fc", OFFERS["tcp-request connection"]), needs("ssl_fc", "client-side connection"));
  assertEquals(take("bc_src", OFFERS["http-request"]), needs("bc_src", "server address"));
  assertEquals(take("be_name", OFFERS["http-request"]), needs("be_name", "backend"));
  assertEquals(take("src", OFFERS.process), needs("src", "client address"));
  assertEquals(take("hdr(a)", OFFERS["http-response"]), "");
});

Deno.test("expressions: names are suggested, wrong arguments told", () => {
  assertEquals(evaluate("req.hdrr(a)"), "error: unknown fetch method 'req.hdrr'; did you mean 'req.hdr' maybe ?");
  assertEquals(evaluate("path,lowr"), "error: unknown converter 'lowr'; did you mean 'lower' maybe ?");
  assertEquals(evaluate(""), "error: missing fetch method");
  assertEquals(evaluate("path)x"), "error: missing comma after fetch keyword 'path'");
  assertEquals(evaluate("path,lower)x"), "error: missing comma after converter 'lower'");
  assertEquals(evaluate("str(a"), "error: fetch method 'str' : expected ')'");
  assertEquals(
    evaluate("hdr(a,1,2)"),
    "error: fetch method 'hdr' : expected ')' before ',2)'",
  );
  assertEquals(
    evaluate("path,field(1,.,3,4)"),
    "error: invalid arg 4 in converter 'field' : expected ')' before ',4)'",
  );
  assertEquals(evaluate("hdr(a b)"), "error: invalid args in fetch method 'hdr' : 'a b' is not a header name");
  assertEquals(
    evaluate("var(foo.a)"),
    "error: invalid args in fetch method 'var' : invalid variable name 'foo.a'. A variable name must be start by its " +
      "scope. The scope can be 'proc', 'sess', 'txn', 'req', 'res' or 'check'",
  );
  assertEquals(evaluate("int(1)" + ",neg".repeat(65)), "error: more than 64 converters");
});

Deno.test("an expression node is plain data and says its type", () => {
  const node = parseExpression("var(txn.a),set-var(txn.b)", context);
  if (typeof node === "string") throw new Error(node);
  assertEquals(structuredClone(node), node);
  assertEquals(node.type, T_ANY);
  const sample = new Sample();
  assertEquals(buildExpression(node, testEnv())(new TestTxn(), sample) === FOUND, false);
});

Deno.test("CONV-13 bytes takes offset and length from variables; invalid ones give an empty sample", () => {
  const env = testEnv();
  const txn = new TestTxn();
  const of = (text: string) => evaluate(text, txn, env);
  assertEquals(of("int(1),set-var(txn.from)"), "sint:1");
  assertEquals(of("int(3),set-var(txn.count)"), "sint:3");
  assertEquals(of("str(hello),bytes(txn.from)"), "bin:ello");
  assertEquals(of("str(hello),bytes(txn.from,txn.count)"), "bin:ell");
  assertEquals(of("str(hello),bytes(0,txn.count)"), "bin:hel");
  assertEquals(of("int(-1),set-var(txn.from)"), "sint:-1");
  assertEquals(of("str(hello),bytes(txn.from),length"), "sint:0");
  assertEquals(of("str(hello),bytes(0,txn.none),length"), "sint:0");
});

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Cursor, lexLine } from "../config/mod.ts";
import { aclKeyword, parseAclTest } from "./acl.ts";
import type { AclLineNode } from "./acl_names.ts";
import { buildAcl, buildCondition, parseCondition, takeCondition } from "./condition.ts";
import { OFFERS } from "./offers.ts";
import { evaluate, testContext, testEnv, testPatterns, testProxy, testRequest, TestTxn } from "./testing.ts";
import { FOUND, type SampleEnv } from "./types.ts";

type Context = ReturnType<typeof testContext>;

/** Parses a statement in a section, as the loader does; what was said goes to its diagnostics. */
function statement(context: Context, line: string): AclLineNode | null {
  const { words } = lexLine(line, () => "");
  const cursor = new Cursor(context, "t.cfg", 3, "acl", false, words, 1);
  try {
    const value = aclKeyword.parse(cursor);
    context.section.nodes.push({ keyword: "acl", value });
    return value;
  } catch {
    return null;
  }
}

function holds(context: Context, text: string, txn: TestTxn, env: SampleEnv = testEnv()): boolean {
  const { words } = lexLine(`if ${text}`, () => "");
  const cursor = new Cursor(context, "t.cfg", 4, "http-request deny", false, words, 0);
  const node = parseCondition(cursor, OFFERS["http-request"]);
  assertEquals(structuredClone(node), node);
  return buildCondition(node, env)(txn) === FOUND;
}

function firstMessage(context: Context): string {
  return context.diagnostics[0]?.text ?? "";
}

Deno.test("ACL-01 lines of one name are tried until one matches, also those behind the rule", () => {
  const context = testContext();
  statement(context, "acl a path /x");
  statement(context, "acl a path /y");
  statement(context, "acl A path /z");
  const { words } = lexLine("if a", () => "");
  const node = parseCondition(new Cursor(context, "t.cfg", 5, "x", false, words, 0), OFFERS["http-request"]);
  statement(context, "acl a hdr(host) late");
  const decide = buildCondition(node, testEnv());
  const at = (raw: string) => decide(new TestTxn(raw)) === FOUND;
  assertEquals(at(testRequest("/x")), true);
  assertEquals(at(testRequest("/y")), true);
  assertEquals(at(testRequest("/z")), false);
  assertEquals(at("GET / HTTP/1.1\r\nHost: late\r\n\r\n"), true);
  assertEquals(holds(context, "A", new TestTxn(testRequest("/z"))), true);
});

Deno.test("ACL-05 predefined ACLs need no line, and a line of the name takes their place", () => {
  const context = testContext();
  const txn = new TestTxn(testRequest("/"));
  for (const yes of ["TRUE", "HTTP", "HTTP_1.1", "METH_GET", "HTTP_URL_SLASH", "WAIT_END"]) {
    assertEquals(holds(context, yes, txn), true, yes);
  }
  for (const no of ["FALSE", "HTTP_1.0", "HTTP_2.0", "METH_POST", "HTTP_URL_STAR", "HTTP_URL_ABS", "HTTP_CONTENT"]) {
    assertEquals(holds(context, no, txn), false, no);
  }
  assertEquals(holds(context, "METH_GET", new TestTxn("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")), true);
  assertEquals(
    holds(context, "HTTP_CONTENT", new TestTxn("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")),
    true,
  );
  assertEquals(holds(context, "HTTP_URL_STAR", new TestTxn("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")), true);
  statement(context, "acl TRUE path /never");
  assertEquals(holds(context, "TRUE", txn), false);
});

Deno.test("ACL-01 messages of acl lines", () => {
  const said = (line: string) => {
    const context = testContext();
    statement(context, line);
    return firstMessage(context);
  };
  assertEquals(
    said("acl or path x"),
    "acl name 'or' will never match. 'or' is used to express a logical disjunction within a condition.",
  );
  assertEquals(said("acl a/b path x"), "character '/' is not permitted in acl name 'a/b'.");
  assertEquals(said("acl a"), "error detected while parsing ACL 'a' : missing fetch method in ACL expression ''.");
  assertEquals(
    said("acl a path -m foo x"),
    "error detected while parsing ACL 'a' : unknown matching method 'foo' when parsing ACL expression.",
  );
  assertEquals(
    said("acl a req.payload(0,5) abc"),
    "error detected while parsing ACL 'a' : matching method must be specified first (using '-m') when using a sample fetch of this type ('req.payload').",
  );
  assertStringIncludes(said("acl a path"), "no pattern to match against were provided, so this ACL will never match.");
  assertEquals(said("acl a path --"), "");
  assertEquals(said("acl a path -m found"), "");
  assertEquals(said("acl a.b-c:d_1 path x"), "");
});

Deno.test("ACL-01 messages of conditions", () => {
  const said = (line: string, offers: number = OFFERS["http-request"]) => {
    const context = testContext();
    const { words } = lexLine(line, () => "");
    try {
      takeCondition(new Cursor(context, "t.cfg", 1, "http-request deny", false, words, 0), offers);
    } catch {
      // Told by the diagnostics.
    }
    return firstMessage(context);
  };
  assertEquals(
    said("iff TRUE"),
    "'http-request deny' expects either 'if' or 'unless' followed by a condition but found 'iff'.",
  );
  const bad = "error detected while parsing an 'http-request deny' condition : ";
  assertEquals(said("if"), `${bad}missing ACL after 'if' or 'unless'.`);
  assertEquals(said("if TRUE or"), `${bad}missing ACL after 'or'.`);
  assertEquals(said("if or TRUE"), `${bad}missing ACL before 'or'.`);
  assertEquals(said("if !"), `${bad}missing ACL after '!'.`);
  assertEquals(said("if ! TRUE"), "");
  assertEquals(said("if !!TRUE"), "");
  assertEquals(
    said("if { res.hdr(a) x }"),
    "anonymous acl will never match because it uses keyword 'res.hdr' which is incompatible with 'frontend http-request deny rule'",
  );
  assertEquals(
    said("if HTTP_1.1", OFFERS["http-response"]),
    "acl 'HTTP_1.1' will never match because it only involves keywords that are incompatible with 'frontend http-request deny rule'",
  );
  // A backend knows itself.
  const context = testContext({ kind: "backend" });
  const { words } = lexLine("if { be_name b }", () => "");
  takeCondition(new Cursor(context, "t.cfg", 1, "http-request deny", false, words, 0), OFFERS["http-request"]);
  assertEquals(firstMessage(context), "");
});

Deno.test("ACL-03 ACL-04 patterns from files, virtual and optional lists; flags hold for what follows them", () => {
  const files = { "a.lst": "# comment\n\n  one\n\tTwo\r\n #three\n", "m.map": "k1 v1\nk2  v2 x \n" };
  const context = testContext({ files });
  const bytes = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]));
  const lists = testPatterns(bytes);
  const env = testEnv({ files: bytes, patterns: lists.store() });
  const is = (acl: string, host: string) =>
    holds(context, `{ hdr(host) ${acl} }`, new TestTxn(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`), env);
  assertEquals(is("-f a.lst", "one"), true);
  assertEquals(is("-f a.lst", "two"), false);
  assertEquals(is("-i -f a.lst", "TWO"), true);
  assertEquals(is("-f a.lst -i test", "ONE"), false);
  assertEquals(is("-f a.lst -i test", "TEST"), true);
  assertEquals(is("-f file@a.lst", "one"), true);
  assertEquals(is("-f opt@none.lst", "one"), false);
  assertEquals(is("-M -f m.map", "k2"), true);
  assertEquals(is("-M -f m.map", "v2"), false);
  assertEquals(is("-m beg -f a.lst", "oneness"), true);
  assertEquals(is("-- -i", "x"), false);
  assertEquals(is("-f virt@v", "here"), false);
  const list = lists.sets.find("virt@v")!;
  assertEquals(lists.sets.add(list, 0, "here", null), "");
  assertEquals(is("-f virt@v", "here"), true);
  assertEquals(lists.sets.remove(list, "here"), 1);
  assertEquals(is("-f virt@v", "here"), false);
});

Deno.test("ACL-04 a pattern that its method refuses is told with its file and line", () => {
  const context = testContext({ files: { "ip.lst": "10.0.0.0/8\n10/99\n" } });
  assertEquals(
    parseAclTest(["src", "-f", "ip.lst"], context, "here"),
    "'10/99' is not a valid IPv4 or IPv6 address in file 'ip.lst' at line 2",
  );
  assertEquals(
    parseAclTest(["src", "-f", "none"], context, "here"),
    "failed to open pattern file <none> : No such file or directory",
  );
  assertEquals(
    parseAclTest(["path", "-f", "ip.lst", "-m", "beg"], context, "here"),
    "'-m' must only be specified before patterns and files in parsing ACL expression",
  );
});

Deno.test("ACL-03 -u numbers the list of the written patterns for the runtime API", () => {
  const context = testContext();
  const line = statement(context, "acl a path -u 77 -i ABC def")!;
  const lists = testPatterns();
  const env = testEnv({ patterns: lists.store() });
  const decide = buildAcl(line.acl, OFFERS["http-request"], env);
  assertEquals(decide(new TestTxn(testRequest("/x"))) === FOUND, false);
  const { sets } = lists;
  const list = sets.findId(77)!;
  const entries = sets.list(list, 0);
  assertEquals([entries.next()?.text, entries.next()?.text, entries.next()], ["ABC", "def", null]);
  assertEquals(list.description, "acl 'path' file 't.cfg' line 3");
  sets.add(list, 0, "/X", null);
  assertEquals(decide(new TestTxn(testRequest("/x"))) === FOUND, true);
});

Deno.test("FETCH-01 acl() is true when all named ACLs are, inverted ones not", () => {
  const context = testContext({ kind: "listen" });
  statement(context, "acl a path /x");
  statement(context, "acl b hdr(host) -m end com");
  const env = testEnv();
  const txn = new TestTxn(testRequest("/x"));
  assertEquals(holds(context, "{ acl(a,b) }", txn, env), true);
  assertEquals(holds(context, "{ acl(a,!b) }", txn, env), false);
  assertEquals(holds(context, "{ acl(!a) }", new TestTxn(testRequest("/y")), env), true);
  assertEquals(evaluate("acl(a)"), "error: invalid args in fetch method 'acl' : no such ACL : 'a'");
});

Deno.test("ACL-01 an ACL used by several rules is built once", () => {
  const context = testContext();
  const { acl } = statement(context, "acl a path /x")!;
  const lists = testPatterns();
  const env = testEnv({ patterns: lists.store() });
  assertEquals(buildAcl(acl, -1, env), buildAcl(acl, -1, env));
  assertEquals(lists.sets.all.length, 1);
});

Deno.test("FETCH-24 figures of proxies and servers: by name, by default of the section", () => {
  const server = (usable: boolean) => ({ usable, queued: 2, currentSessions: 1 } as never);
  const b = testProxy("b", { queued: 7, usableServers: 1 });
  const env = testEnv({
    proxy: (name) => name === "b" ? b : undefined,
    server: (_p, s) => s === "s" ? server(true) : undefined,
  });
  assertEquals(evaluate("nbsrv(b)", new TestTxn(), env), "sint:1");
  assertEquals(evaluate("queue(b)", new TestTxn(), env), "sint:7");
  assertEquals(evaluate("nbsrv(none)", new TestTxn(), env), "absent");
  assertEquals(evaluate("srv_is_up(b/s)", new TestTxn(), env), "bool:1");
  assertEquals(evaluate("srv_conn(b/x)", new TestTxn(), env), "absent");
});

// Conditions on data that is still arriving: the verdict at every split, and that a verdict once given never changes.
import { assertEquals } from "@std/assert";
import { H1Parser } from "../codec/mod.ts";
import { Cursor, lexLine } from "../config/mod.ts";
import { buildCondition, parseCondition } from "./condition.ts";
import { OFFERS } from "./offers.ts";
import { testContext, testEnv, TestTxn, verdictName } from "./testing.ts";
import { ABSENT, type ConditionFn, FOUND, NOT_YET, type Verdict } from "./types.ts";

function condition(text: string, offers: number = OFFERS["tcp-request content"]): ConditionFn {
  const { words } = lexLine(`if ${text}`, () => "");
  const here = testContext();
  const cursor = new Cursor(here, "t.cfg", 1, "tcp-request content accept", false, words, 0);
  try {
    return buildCondition(parseCondition(cursor, offers), testEnv());
  } catch (error) {
    throw new Error(here.diagnostics[0]?.text ?? String(error));
  }
}

/** The verdicts after each byte of the client's data, and last the one at its end. */
function verdicts(text: string, data: string): Verdict[] {
  const decide = condition(text);
  const out: Verdict[] = [];
  for (let n = 0; n <= data.length; n++) {
    const txn = new TestTxn();
    txn.clientPayload.set(data.slice(0, n), false);
    out.push(decide(txn));
  }
  const txn = new TestTxn();
  txn.clientPayload.set(data, true);
  out.push(decide(txn));
  return out;
}

/** Runs of equal verdicts: "not yet*3 found*2". */
function runs(list: readonly Verdict[]): string {
  const out: string[] = [];
  for (let i = 0; i < list.length;) {
    let end = i;
    while (end < list.length && list[end] === list[i]) end++;
    out.push(`${verdictName(list[i])}*${end - i}`);
    i = end;
  }
  return out.join(" ");
}

Deno.test("ACL-01 FETCH-22 a condition on bytes that arrive is decided as soon as they allow, and not before", () => {
  // Six bytes: seven prefixes, then the end of data.
  assertEquals(runs(verdicts("{ req.len gt 3 }", "abcdef")), "not yet*4 found*4");
  assertEquals(runs(verdicts("{ req.len gt 9 }", "abcdef")), "not yet*7 absent*1");
  assertEquals(runs(verdicts("{ req.len 0 }", "abcdef")), "found*1 not yet*6 absent*1");
  assertEquals(runs(verdicts("{ req.payload(2,2) -m str cd }", "abcdef")), "not yet*4 found*4");
  assertEquals(runs(verdicts("{ req.payload(2,2) -m str xx }", "abcdef")), "not yet*4 absent*4");
  assertEquals(runs(verdicts("{ req.payload(0,0) -m sub e }", "abcdef")), "not yet*5 found*3");
  assertEquals(runs(verdicts("{ req.payload(0,0) -m sub z }", "abcdef")), "not yet*7 absent*1");
  assertEquals(runs(verdicts("{ req.payload_lv(0,1) -m str bc }", "\x02bcdef")), "not yet*3 found*5");
  assertEquals(runs(verdicts("{ req.payload(9,1) -m found }", "abcdef")), "not yet*7 absent*1");
  assertEquals(runs(verdicts("WAIT_END", "abcdef")), "not yet*7 found*1");
  assertEquals(runs(verdicts("REQ_CONTENT", "abcdef")), "not yet*1 found*7");
});

Deno.test("ACL-01 negation, and, or: the undecided stays open unless the rest decides", () => {
  const late = "{ req.payload(5,1) -m found }";
  assertEquals(runs(verdicts(`!${late}`, "abcdef")), "not yet*6 absent*2");
  assertEquals(runs(verdicts(`${late} FALSE`, "abcdef")), "absent*8");
  assertEquals(runs(verdicts(`FALSE ${late}`, "abcdef")), "absent*8");
  assertEquals(runs(verdicts(`${late} TRUE`, "abcdef")), "not yet*6 found*2");
  assertEquals(runs(verdicts(`${late} or TRUE`, "abcdef")), "found*8");
  assertEquals(runs(verdicts(`TRUE or ${late}`, "abcdef")), "found*8");
  assertEquals(runs(verdicts(`${late} || FALSE`, "abcdef")), "not yet*6 found*2");
  assertEquals(runs(verdicts(`{ req.len gt 2 } ${late}`, "abc")), "not yet*4 absent*1");
});

Deno.test("ACL-01 unless turns the decided round and leaves the undecided", () => {
  const { words } = lexLine("unless { req.payload(1,1) -m str b }", () => "");
  const cursor = new Cursor(testContext(), "t.cfg", 1, "x", false, words, 0);
  const decide = buildCondition(parseCondition(cursor, OFFERS.request), testEnv());
  const at = (data: string, complete: boolean) => {
    const txn = new TestTxn();
    txn.clientPayload.set(data, complete);
    return decide(txn);
  };
  assertEquals([at("a", false), at("ab", false), at("ax", false), at("a", true)], [NOT_YET, ABSENT, FOUND, FOUND]);
});

Deno.test("ACL-01 a verdict on a request that arrives byte by byte never changes once given", () => {
  const raw = "GET /a?b HTTP/1.1\r\nHost: x\r\nX: 1,2\r\n\r\n";
  for (
    const text of [
      "HTTP",
      "{ path /a }",
      "!{ path /a }",
      "{ hdr(x) 2 }",
      "{ hdr(y) 2 }",
      "METH_GET HTTP_1.1",
      "{ urlp(b) x }",
    ]
  ) {
    const decide = condition(text);
    let before: Verdict = NOT_YET;
    for (let n = 0; n <= raw.length + 1; n++) {
      const txn = new TestTxn();
      const complete = n > raw.length;
      const data = raw.slice(0, n);
      const parsed = new H1Parser().parseRequest(new TextEncoder().encode(data), 0, data.length, txn.request);
      txn.requestReady = parsed > 0;
      txn.clientPayload.set(parsed > 0 ? "" : data, complete);
      const verdict = decide(txn);
      if (before !== NOT_YET) assertEquals(verdict, before, `${text} after ${n} bytes`);
      if (n < raw.length) assertEquals(verdict, NOT_YET, `${text} after ${n} bytes`);
      before = verdict;
    }
    assertEquals(before === NOT_YET, false, text);
  }
});

Deno.test("ACL-01 tests that a place cannot make never match, whatever there is", () => {
  const txn = new TestTxn("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  txn.serverPayload.complete = false;
  const decide = condition("{ res.hdr(a) -m found }", OFFERS["http-request"]);
  assertEquals(decide(txn), ABSENT);
  assertEquals(condition("!{ res.hdr(a) -m found }", OFFERS["http-request"])(txn), FOUND);
});

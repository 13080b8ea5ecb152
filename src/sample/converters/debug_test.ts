import { assertEquals, assertMatch } from "@std/assert";
import { evaluate, testEnv, testRequest, TestTxn } from "../testing.ts";

Deno.test("CONV-17 debug: the sample goes on as it is, its type and value are written (as haproxy writes them)", () => {
  const lines: string[] = [];
  const env = testEnv({ debug: (descriptor, line) => void lines.push(`${descriptor} ${line}`) });
  const txn = new TestTxn(testRequest("/", 'X: a"b\\c\x01\xe9'));
  const show = (expression: string) => evaluate(expression, txn, env);
  assertEquals(show("src,debug(src-here,stderr)"), "ipv4:10.0.0.1");
  assertEquals(show("int(5),debug(a,stdout),add(1)"), "sint:6");
  assertEquals(show("hdr(x),debug(hdr,stderr),length"), "sint:7");
  assertEquals(show("bool(true),debug(b,stderr)"), "bool:1");
  assertEquals(show("method,debug(,stderr)"), "meth:GET");
  assertEquals(show("str(abc),base64,b64dec,debug(b,stderr)"), "bin:abc");
  assertEquals(show("hdr(none),debug(b,stderr)"), "absent");
  assertEquals(lines, [
    "2 [debug] src-here: type=ipv4 <10.0.0.1>",
    "1 [debug] a: type=sint <5>",
    '2 [debug] hdr: type=str <a"b\\c..>',
    "2 [debug] b: type=bool <1>",
    "2 [debug] : type=meth <GET>",
    "2 [debug] b: type=bin <abc>",
  ]);
});

Deno.test("CONV-17 debug: a ring cannot be written to", () => {
  for (const call of ["debug", "debug()", "debug(a)", "debug(a,buf0)", "debug(a,xx)"]) {
    assertMatch(evaluate(`src,${call}`), /^error: .*rings are not supported yet as destination/);
  }
});

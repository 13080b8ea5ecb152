import { assertEquals } from "@std/assert";
import { evaluate } from "../testing.ts";

Deno.test("CONV-06 CONV-07 base64url has no padding, goes both ways, refuses what is none", () => {
  assertEquals(evaluate("bin(fbfffe),ub64enc"), "str:-__-");
  assertEquals(evaluate("str(hell),ub64enc"), "str:aGVsbA");
  assertEquals(evaluate("str(aGVsbA),ub64dec"), "bin:hell");
  assertEquals(evaluate("str(aGVsbA),ub64dec,ub64enc"), "str:aGVsbA");
  assertEquals(evaluate("str(-__-),ub64dec,hex"), "str:FBFFFE");
  assertEquals(evaluate("str(a+b/),ub64dec"), "absent");
  assertEquals(evaluate("str(-__-),b64dec"), "absent");
  assertEquals(evaluate("str(abcde),ub64dec"), "absent");
});

Deno.test("CONV-07 URL encoding, and what does not fit in a buffer is absent", () => {
  assertEquals(evaluate("str(a b&c~/.-_),url_enc"), "str:a%20b%26c~%2F.-_");
  assertEquals(
    evaluate("str(a),url_enc(path)"),
    "error: invalid args in converter 'url_enc' : unexpected encoding type: 'query'",
  );
  const long = "x".repeat(9000);
  assertEquals(evaluate(`str(${long}),hex`), "absent");
  assertEquals(evaluate(`str(${long}),base64,length`), "sint:12000");
  assertEquals(evaluate(`str(${long}),concat(${long})`), "absent");
});

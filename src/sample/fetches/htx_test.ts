// Messages in the forms of others: the blocks of HTX and the headers of SPOE, with the figures that haproxy gives.
import { assertEquals } from "@std/assert";
import { OFFERS } from "../offers.ts";
import { evaluate, TestTxn } from "../testing.ts";
import { refusal } from "./places.ts";

function all(txn: TestTxn, ...names: string[]): string {
  return names.map((name) => evaluate(name, txn).replace(/^\w+:/, "")).join(" ");
}

const FIGURES = [
  "internal.htx.data",
  "internal.htx.nbblks",
  "internal.htx.used",
  "internal.htx.size",
  "internal.htx.free",
  "internal.htx.free_data",
  "internal.htx.has_eom",
];

Deno.test("FETCH-19 figures of messages without and with a body", () => {
  const get = new TestTxn("GET /p?q HTTP/1.1\r\nhost: h\r\nx-n: 3\r\n\r\n");
  assertEquals(all(get, ...FIGURES), "45 4 77 16336 16259 16251 1");
  const post = new TestTxn("POST /p?q HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\nx-n: 10\r\n\r\nhello");
  assertEquals(all(post, ...FIGURES), "67 6 115 16336 16221 16213 1");
  post.clientPayload.set("hel", false);
  assertEquals(all(post, "internal.htx.data", "internal.htx.has_eom"), "65 0");
});

Deno.test("FETCH-19 each block of a message, by number or as head, first and tail", () => {
  const txn = new TestTxn("POST /p?q HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello");
  const block = (position: string) => {
    const names = ["type", "size", "start_line", "hdrname", "hdrval", "data"];
    return names.map((name) => evaluate(`internal.htx_blk.${name}(${position})`, txn).replace(/^\w+:/, "")).join("|");
  };
  assertEquals(["0", "1", "2", "3", "4", "5", "99"].map(block), [
    "HTX_BLK_REQ_SL|36|POST /p?q HTTP/1.1|||",
    "HTX_BLK_HDR|5||host|h|",
    "HTX_BLK_HDR|15||content-length|5|",
    "HTX_BLK_EOH|1||||",
    "HTX_BLK_DATA|5||||hello",
    "HTX_BLK_UNUSED|0||||",
    "HTX_BLK_UNUSED|0||||",
  ]);
  assertEquals(evaluate("internal.htx_blk.hdrval(1)", txn), "str:h");
  assertEquals(["head", "first", "tail"].map(block), [block("0"), block("0"), block("4")]);
  assertEquals(
    evaluate("internal.htx_blk.size(foo)"),
    "error: invalid args in fetch method 'internal.htx_blk.size' : invalid block position",
  );
});

Deno.test("FETCH-20 a response takes the place of the request", () => {
  const txn = new TestTxn("GET / HTTP/1.1\r\nhost: h\r\n\r\n", "HTTP/1.1 302 Found\r\nlocation: /x\r\n\r\nab");
  assertEquals(
    all(txn, "internal.htx_blk.type(0)", "internal.htx_blk.start_line(0)"),
    "HTX_BLK_RES_SL HTTP/1.1 302 Found",
  );
  assertEquals(evaluate("internal.htx_blk.data(tail)", txn), "bin:ab");
  assertEquals(evaluate("internal.htx_blk.hdrname(1)", txn), "str:location");
});

Deno.test("FETCH-19 only HTTP proxies take messages apart; nothing is known before the message", () => {
  assertEquals(evaluate("internal.strm.is_htx", new TestTxn("GET / HTTP/1.1\r\nhost: h\r\n\r\n")), "bool:1");
  const txn = new TestTxn();
  assertEquals(evaluate("internal.strm.is_htx", txn), "bool:0");
  assertEquals(evaluate("internal.htx.data", txn), "absent");
  txn.clientPayload.complete = false;
  assertEquals(all(txn, "internal.htx.data", "internal.htx_blk.type(0)", "req.hdrs_bin"), "not yet not yet not yet");
  const needs = "fetch method 'internal.htx.data' extracts information from " +
    "'HTTP request headers,HTTP response headers', none of which is available here.";
  assertEquals(refusal("internal.htx.data", OFFERS["tcp-request session"]), needs);
  assertEquals(refusal("internal.htx.data", OFFERS["http-response"]), "");
  assertEquals(refusal("internal.strm.is_htx", OFFERS.process), "");
});

Deno.test("FETCH-19 FETCH-20 headers in binary: lengths of one byte, of two and of three", () => {
  const txn = new TestTxn(
    `GET / HTTP/1.1\r\nhost: h\r\nx-long: ${"a".repeat(240)}\r\nx-v: ${"b".repeat(3000)}\r\nempty:\r\n\r\n`,
    "HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
  );
  assertEquals(
    evaluate("req.hdrs_bin,hex", txn),
    `str:04686F73740168` + `06782D6C6F6E67F000${"61".repeat(240)}` + `03782D76F8AC00${"62".repeat(3000)}` +
      "05656D70747900" + "0000",
  );
  assertEquals(evaluate("res.hdrs_bin,hex", txn), "str:016101620000");
  const edge = new TestTxn(
    `GET / HTTP/1.1\r\nh: ${"c".repeat(239)}\r\ni: ${"d".repeat(2287)}\r\nj: ${"e".repeat(2288)}\r\n\r\n`,
  );
  const hex = evaluate("req.hdrs_bin,hex", edge);
  assertEquals([hex.includes("0168EF63"), hex.includes("0169FF7F64"), hex.includes("016AF0800065")], [
    true,
    true,
    true,
  ]);
});

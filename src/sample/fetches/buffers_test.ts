// Fetches of raw bytes at every split: nothing is decided before the bytes allow, and what was decided stays
// (configuration.txt 7.3.5). Values are those that haproxy gives for the same bytes.
import { assertEquals } from "@std/assert";
import { OFFERS } from "../offers.ts";
import { evaluate, testConn, testProxy, TestTxn } from "../testing.ts";
import { holds, refusal } from "./places.ts";

/**
 * What an expression gives of bytes that arrive one by one: "not yet", from a length on the value; and the value at the
 * end of all bytes, when none was given before.
 */
function arrival(expression: string, data: string): string {
  let decided = -1;
  let value = "";
  for (let n = 0; n <= data.length; n++) {
    const txn = new TestTxn();
    txn.clientPayload.set(data.slice(0, n), false);
    const now = evaluate(expression, txn);
    if (decided >= 0) assertEquals(now, value, `${expression} after ${n} bytes`);
    else if (now !== "not yet") [decided, value] = [n, now];
  }
  if (decided >= 0) return `${decided}: ${value}`;
  const txn = new TestTxn();
  txn.clientPayload.set(data, true);
  return `end: ${evaluate(expression, txn)}`;
}

function u16(n: number): string {
  return String.fromCharCode(n >> 8, n & 255);
}

function list16(content: string): string {
  return u16(content.length) + content;
}

/** A ClientHello in one record. */
function clientHello(...extensions: [type: number, content: string][]): string {
  const list = extensions.map(([type, content]) => u16(type) + list16(content)).join("");
  const body = "\x03\x03" + "r".repeat(32) + "\x00" + list16("\x13\x01\xc0\x2f") + "\x01\x00" + list16(list);
  return "\x16\x03\x01" + list16("\x01\x00" + u16(body.length) + body);
}

const HELLO = clientHello(
  [0, list16("\x00" + list16("www.Example.com"))],
  [16, list16("\x02h2\x08http/1.1")],
  [10, list16("\x00\x1d\x00\x17")],
  [35, ""],
  [13, list16("\x04\x03\x08\x05")],
  [51, list16("\x00\x1d" + list16("key"))],
);

Deno.test("FETCH-16 a ClientHello in the buffer, once it is whole", () => {
  const at = HELLO.length;
  const values: [string, string][] = [
    ["req.ssl_hello_type", "sint:1"],
    ["req_ssl_hello_type", "sint:1"],
    ["req.ssl_ver", "sint:196611"],
    ["req_ssl_ver", "sint:196611"],
    ["req.ssl_sni", "str:www.Example.com"],
    ["req_ssl_sni", "str:www.Example.com"],
    ["req.ssl_alpn", "str:h2"],
    ["req.ssl_ec_ext", "bool:1"],
    ["req.ssl_st_ext", "sint:1"],
    ["req.ssl_cipherlist,hex", "str:1301C02F"],
    ["req.ssl_supported_groups,hex", "str:001D0017"],
    ["req.ssl_sigalgs,hex", "str:04030805"],
    ["req.ssl_keyshare_groups,hex", "str:001D"],
  ];
  for (const [expression, value] of values) assertEquals(arrival(expression, HELLO), `${at}: ${value}`, expression);
});

Deno.test("FETCH-16 what a ClientHello does not say is absent; tickets are counted", () => {
  const bare = clientHello();
  const at = bare.length;
  const names = ["sni", "alpn", "ec_ext", "supported_groups", "sigalgs", "keyshare_groups"];
  for (const name of names) assertEquals(arrival(`req.ssl_${name}`, bare), `${at}: absent`, name);
  assertEquals(arrival("req.ssl_st_ext", bare), `${at}: sint:0`);
  const ticket = clientHello([35, "ticket"]);
  assertEquals(arrival("req.ssl_st_ext", ticket), `${ticket.length}: sint:2`);
});

Deno.test("FETCH-16 other bytes are decided at once; a hello that is cut off is absent", () => {
  assertEquals(arrival("req.ssl_sni", "GET / HTTP/1.1\r\n\r\n"), "1: absent");
  assertEquals(arrival("req.ssl_hello_type", "\x16\x02rest"), "2: absent");
  assertEquals(arrival("req.ssl_ver", "\x16\x02rest"), "2: absent");
  assertEquals(arrival("req.ssl_sni", HELLO.slice(0, -1)), "end: absent");
  assertEquals(arrival("req.ssl_hello_type", HELLO.slice(0, 20)), "end: absent");
  const ssl2 = "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + "\0".repeat(37);
  assertEquals(arrival("req.ssl_ver", ssl2), `${ssl2.length}: sint:196609`);
  assertEquals(arrival("req.ssl_hello_type", ssl2), "1: absent");
});

Deno.test("FETCH-16 ACL-02 versions are compared as major.minor, names as strings", () => {
  const txn = new TestTxn();
  txn.clientPayload.set(HELLO);
  const yes = [
    "{ req.ssl_ver 3.3 }",
    "{ req_ssl_ver 3.1:3.4 }",
    "{ req.ssl_ver gt 3.1 }",
    "{ req.ssl_hello_type 1 }",
    "{ req.ssl_sni www.Example.com }",
    "{ req.ssl_sni -i www.example.com }",
    "{ req.ssl_sni -m end .Example.com }",
    "{ req.ssl_cipherlist,hex -m sub C02F }",
    "{ req.ssl_ec_ext 1 }",
  ];
  for (const condition of yes) assertEquals(holds(condition, txn), true, condition);
  for (const condition of ["{ req.ssl_ver 3.1 }", "{ req.ssl_ver lt 3.3 }", "{ req.ssl_sni www.example.com }"]) {
    assertEquals(holds(condition, txn), false, condition);
  }
});

Deno.test("FETCH-16 the hello of the server", () => {
  const txn = new TestTxn();
  const body = "\x03\x03" + "r".repeat(36);
  const hello = "\x16\x03\x03" + list16("\x02\x00" + u16(body.length) + body);
  txn.serverPayload.set(hello.slice(0, -1), false);
  assertEquals(evaluate("res.ssl_hello_type", txn), "not yet");
  txn.serverPayload.set(hello);
  assertEquals(evaluate("res.ssl_hello_type", txn), "sint:2");
  assertEquals(evaluate("rep_ssl_hello_type", txn), "sint:2");
  assertEquals(evaluate("req.ssl_hello_type", txn), "absent");
});

/** A connection request: heads of TPKT and X.224, whose lengths count for nothing here. */
function rdp(text: string): string {
  return "\x03\x00" + u16(text.length + 11) + String.fromCharCode(text.length + 6) + "\xe0\0\0\0\0\0" + text;
}

Deno.test("FETCH-22 the cookie of the Remote Desktop Protocol, by any name or by one in any case", () => {
  const request = rdp("Cookie: mstshash=admin\r\n\x01\x00\x08\x00");
  const end = request.indexOf("\n") + 1;
  assertEquals(arrival("req.rdp_cookie", request), `${end}: str:admin`);
  assertEquals(arrival("rdp_cookie(MSTSHash)", request), `${end}: str:admin`);
  assertEquals(arrival("req.rdp_cookie_cnt", request), `${end}: sint:1`);
  assertEquals(arrival("rdp_cookie_cnt(mstshash)", request), `${end}: sint:1`);
  // Another name shows at its end.
  assertEquals(arrival("req.rdp_cookie(msts)", request), `${request.indexOf("=") + 1}: absent`);
  assertEquals(arrival("req.rdp_cookie_cnt(msts)", request), `${request.indexOf("=") + 1}: sint:0`);
});

Deno.test("FETCH-22 forms of the cookie of the Remote Desktop Protocol", () => {
  const value = (text: string) => {
    const txn = new TestTxn();
    txn.clientPayload.set(rdp(text));
    return evaluate("req.rdp_cookie", txn);
  };
  assertEquals(value("cookie: a=b\r\n"), "str:b");
  assertEquals(value("Cookie:a=b\r\n"), "str:b");
  assertEquals(value("Cookie:   a=b\r\n"), "str:b");
  assertEquals(value("Cookie: a=b=c;d\r\n"), "str:b=c;d");
  assertEquals(value("Cookie: a=\r\n"), "str:");
  assertEquals(value("Cookie: a=b\rx"), "absent");
  assertEquals(value("Cookie: a=b\n"), "absent");
  assertEquals(value("Cookie: a\r\n"), "absent");
  assertEquals(value("Cooky: a=b\r\n"), "absent");
  const txn = new TestTxn();
  txn.clientPayload.set(rdp("Cookie: a=b\r\n"));
  assertEquals(holds("RDP_COOKIE", txn), true);
  txn.clientPayload.set("GET / HTTP/1.1\r\n\r\n");
  assertEquals(holds("RDP_COOKIE", txn), false);
  assertEquals(evaluate("req.rdp_cookie_cnt", txn), "absent");
  txn.clientPayload.set(rdp("Cookie: abcdef\r\n"));
  assertEquals(evaluate("req.rdp_cookie_cnt", txn), "sint:0");
});

function packet(token: string, number: number, body = ""): string {
  return token + number.toString(16).padStart(8, "0") + body;
}

const DISTCC = packet("DIST", 2) + packet("ARGC", 2) + packet("ARGV", 3, "gcc") + packet("ARGV", 2, "-c") +
  packet("DOTI", 5, "abcde");

Deno.test("FETCH-22 messages of distcc: parameters as soon as they are there, bodies when they are whole", () => {
  const values: [string, string][] = [
    ["distcc_param(DIST)", "12: sint:2"],
    ["distcc_param(ARGC)", "24: sint:2"],
    ["distcc_param(ARGV)", "36: sint:3"],
    ["distcc_body(ARGV)", "39: bin:gcc"],
    ["distcc_param(ARGV,2)", "51: sint:2"],
    ["distcc_body(ARGV,2)", "53: bin:-c"],
    ["distcc_param(DOTI)", "65: sint:5"],
    ["distcc_body(DOTI)", "70: bin:abcde"],
    ["distcc_body(DIST)", "12: bin:"],
    ["distcc_param(ARGV,3)", "end: absent"],
    ["distcc_param(NOPE)", "end: absent"],
  ];
  for (const [expression, value] of values) assertEquals(arrival(expression, DISTCC), value, expression);
  assertEquals(arrival("distcc_param(ARGC)", "DIST0000000gARGC00000002"), "12: absent");
  assertEquals(arrival("distcc_param(ARGC)", "XXXX00000002ARGC00000002"), "end: absent");
  assertEquals(arrival("distcc_param(SERR)", packet("STAT", 9) + packet("SERR", 0xab)), "24: sint:171");
});

Deno.test("FETCH-22 distcc in the other direction, and with arguments that make no sense", () => {
  const txn = new TestTxn();
  txn.serverConn = testConn(txn.session.dst, txn.session.src);
  txn.serverPayload.set(packet("DONE", 2) + packet("STAT", 7));
  assertEquals(evaluate("distcc_param(STAT)", txn), "sint:7");
  assertEquals(
    evaluate("distcc_param(ARG)"),
    "error: invalid args in fetch method 'distcc_param' : token name must be exactly 4 characters",
  );
  assertEquals(
    evaluate("distcc_body(ARGV,0)"),
    "error: invalid args in fetch method 'distcc_body' : occurrences start at 1",
  );
});

Deno.test("FETCH-22 payload and payload_lv are of the direction that is processed", () => {
  const txn = new TestTxn();
  txn.clientPayload.set("\x03abcdef");
  txn.serverPayload.set("\x02xyz");
  assertEquals(evaluate("payload(1,2)", txn), "bin:ab");
  assertEquals(evaluate("payload_lv(0,1)", txn), "bin:abc");
  txn.serverConn = testConn(txn.session.dst, txn.session.src);
  assertEquals(evaluate("payload(1,2)", txn), "bin:xy");
  assertEquals(evaluate("payload_lv(0,1)", txn), "bin:xy");
});

Deno.test("FETCH-22 HTTP proxies have no raw bytes", () => {
  const txn = new TestTxn("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n" + HELLO.slice(0, 9));
  txn.frontend = testProxy("f", { mode: "http" });
  for (const name of ["req.payload(0,1)", "payload_lv(0,1)", "req.ssl_sni", "req.rdp_cookie", "distcc_param(DIST)"]) {
    assertEquals(evaluate(name, txn), "absent", name);
  }
});

Deno.test("FETCH-22 places without a buffer refuse it", () => {
  const needs = (fetch: string, what: string) =>
    `fetch method '${fetch}' extracts information from '${what}', none of which is available here.`;
  const session = OFFERS["tcp-request session"];
  assertEquals(refusal("req.ssl_sni", session), needs("req.ssl_sni", "request buffer"));
  assertEquals(refusal("res.ssl_hello_type", OFFERS["http-request"]), needs("res.ssl_hello_type", "response buffer"));
  assertEquals(refusal("payload(0,1)", session), needs("payload", "request buffer,response buffer"));
  assertEquals(refusal("distcc_body(ARGV)", OFFERS.log), needs("distcc_body", "request buffer,response buffer"));
  assertEquals(refusal("payload(0,1)", OFFERS["tcp-response content"]), "");
  assertEquals(refusal("req.rdp_cookie", OFFERS["tcp-response content"]), needs("req.rdp_cookie", "request buffer"));
});

// The sides of a stream, and what is kept of its messages (configuration.txt 7.3.4, 7.3.6).
import { assertEquals } from "@std/assert";
import { OFFERS } from "../offers.ts";
import { evaluate, testAddress, testConn, TestTxn } from "../testing.ts";
import { holds, refusal } from "./places.ts";

function all(txn: TestTxn, ...names: string[]): string {
  return names.map((name) => evaluate(name, txn).replace(/^\w+:/, "")).join(" ");
}

Deno.test("FETCH-21 streams as their multiplexers number and end them", () => {
  const txn = new TestTxn();
  assertEquals(all(txn, "fs.id", "fs.aborted", "fs.rst_code"), "1 0 absent");
  assertEquals(all(txn, "bs.id", "bs.aborted", "bs.rst_code", "bs.debug_str"), "absent absent absent absent");
  txn.clientStream = { id: 3, aborted: true, resetCode: 8 };
  txn.serverStream = { id: 5, aborted: true, resetCode: 0 };
  assertEquals(all(txn, "fs.id", "fs.aborted", "fs.rst_code"), "3 1 8");
  assertEquals(all(txn, "bs.id", "bs.aborted", "bs.rst_code"), "5 1 0");
});

Deno.test("FETCH-21 debug strings: layer by layer, all with 0", () => {
  const txn = new TestTxn();
  txn.session.src = testAddress("192.0.2.1", 1);
  const layers = ["fs.debug_str(1)", "fs.debug_str(2)", "fs.debug_str(4)", "fs.debug_str(8)", "fs.debug_str(16)"];
  const parts = [
    "id=1 aborted=0 rst=-1",
    "http=11 streams=1/1 glitches=0",
    "ssl=0",
    "err=0 reused=0",
    "src=10.0.0.1:33317 dst=10.0.0.2:80",
  ];
  assertEquals(layers.map((name) => all(txn, name)), parts);
  assertEquals(all(txn, "fs.debug_str"), parts.join(" "));
  assertEquals(all(txn, "fs.debug_str(0)"), parts.join(" "));
  assertEquals(all(txn, "fs.debug_str(5)"), `${parts[0]} ${parts[2]}`);
  txn.serverStream = { id: 0, aborted: false, resetCode: -1 };
  txn.serverConn = testConn({ family: "unix", path: "" }, { family: "unix", path: "/s" }, { reused: true });
  assertEquals(all(txn, "bs.debug_str(24)"), "err=0 reused=1 src=unix: dst=unix:/s");
  assertEquals(
    evaluate("fs.debug_str(32)"),
    "error: invalid args in fetch method 'fs.debug_str' : the bitmap is a sum of 1, 2, 4, 8 and 16, got '32'",
  );
});

Deno.test("FETCH-19 FETCH-20 what is kept: first request, the server's status, versions", () => {
  const txn = new TestTxn("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  const names = ["http_first_req", "server_status", "capture.req.ver", "capture.res.ver"];
  assertEquals(all(txn, ...names), "1 absent HTTP/1.0 absent");
  txn.setResponse("HTTP/1.0 404 No\r\n\r\n");
  txn.firstRequest = false;
  txn.kept.status = 200;
  assertEquals(all(txn, ...names, "txn.status"), "0 404 HTTP/1.0 HTTP/1.0 200");
  txn.setResponse("HTTP/1.1 404 No\r\n\r\n");
  // When the message is gone.
  txn.responseReady = false;
  assertEquals(all(txn, "server_status", "capture.res.ver"), "404 HTTP/1.1");
});

Deno.test("FETCH-19 req.proto_http under both names", () => {
  const txn = new TestTxn("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals(all(txn, "req.proto_http", "req_proto_http"), "1 1");
  assertEquals(holds("{ req_proto_http }", txn), true);
  assertEquals(holds("HTTP", new TestTxn()), false);
});

Deno.test("FETCH-20 places that come too early refuse them", () => {
  const needs = (fetch: string, what: string) =>
    `fetch method '${fetch}' extracts information from '${what}', none of which is available here.`;
  assertEquals(refusal("server_status", OFFERS["http-request"]), needs("server_status", "HTTP response"));
  assertEquals(refusal("http_first_req", OFFERS["tcp-request session"]), needs("http_first_req", "HTTP request"));
  assertEquals(refusal("req_proto_http", OFFERS["tcp-request session"]), needs("req_proto_http", "HTTP request"));
  assertEquals(refusal("bs.id", OFFERS["http-request"]), needs("bs.id", "server-side connection"));
  assertEquals(refusal("fs.id", OFFERS["tcp-request connection"]), needs("fs.id", "client-side connection"));
  for (const name of ["server_status", "bs.aborted", "fs.aborted", "capture.res.ver", "http_first_req"]) {
    assertEquals(refusal(name, OFFERS.log), "", name);
  }
});

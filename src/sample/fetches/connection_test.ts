// The two connections of a stream: addresses, names, errors, timeouts (configuration.txt 7.3.3).
import { assertEquals } from "@std/assert";
import { CONN_ERRORS, ERR_REFUSED } from "../conn_errors.ts";
import { OFFERS } from "../offers.ts";
import { evaluate, testAddress, testConn, testProxy, TestTxn } from "../testing.ts";
import { refusal } from "./places.ts";

function all(txn: TestTxn, ...names: string[]): string {
  return names.map((name) => evaluate(name, txn).replace(/^\w+:/, "")).join(" ");
}

Deno.test("FETCH-21 rules change src and dst; the connection's own addresses stay", () => {
  const txn = new TestTxn();
  const names = ["src", "src_port", "fc_src", "fc_src_port", "dst", "dst_port", "fc_dst", "fc_dst_port"];
  assertEquals(all(txn, ...names), "10.0.0.1 33317 10.0.0.1 33317 10.0.0.2 80 10.0.0.2 80");
  txn.session.src = testAddress("2001:db8::1", 5);
  txn.session.dst = testAddress("192.0.2.9", 6);
  assertEquals(all(txn, ...names), "2001:db8::1 5 10.0.0.1 33317 192.0.2.9 6 10.0.0.2 80");
  txn.session.src = testAddress("10.0.0.7", 5);
  assertEquals(evaluate("src", txn), "ipv4:10.0.0.7");
  txn.session.src = { family: "unix", path: "/x" };
  assertEquals(all(txn, "src", "src_port", "src_is_local", "fc_src"), "absent absent absent 10.0.0.1");
});

Deno.test("FETCH-21 addresses of this machine are local, others are not", () => {
  const txn = new TestTxn();
  const names = ["src_is_local", "dst_is_local", "fc_src_is_local", "fc_dst_is_local"];
  assertEquals(all(txn, ...names), "0 1 0 1");
  txn.session.src = testAddress("127.0.0.1", 1);
  txn.session.dst = testAddress("10.0.0.3", 1);
  assertEquals(all(txn, ...names), "1 0 0 1");
});

Deno.test("FETCH-15 FETCH-21 what a connection is: streams, limits, glitches, reuse, sockets", () => {
  const txn = new TestTxn();
  const server = [
    "bc_nb_streams",
    "bc_settings_streams_limit",
    "bc_glitches",
    "bc_reused",
    "bc_http_major",
    "bc_err",
    "bc_err_name",
    "bc_err_str",
  ];
  assertEquals(all(txn, ...server), "absent ".repeat(8).trim());
  txn.serverConn = testConn(testAddress("10.0.0.2", 1), testAddress("10.0.0.3", 2), {
    reused: true,
    streams: 3,
    streamsLimit: 100,
    glitches: 2,
    httpVersion: 20,
  });
  assertEquals(all(txn, ...server), "3 100 2 1 2 0  Success");
  txn.session = testConn(testAddress("10.0.0.1", 1), testAddress("10.0.0.2", 2), {
    streams: 5,
    streamsLimit: 7,
    glitches: 9,
    listenerConnections: 11,
  });
  const client = ["fc_nb_streams", "fc_settings_streams_limit", "fc_glitches", "dst_conn", "fc_err", "fc_err_str"];
  assertEquals(all(txn, ...client), "5 7 9 11 0 Success");
});

Deno.test("FETCH-21 errors of connections have the manual's numbers, names and texts", () => {
  assertEquals(CONN_ERRORS.length, 57);
  const txn = new TestTxn();
  txn.session.error = 16;
  assertEquals(
    all(txn, "fc_err", "fc_err_name", "fc_err_str"),
    "16 PRX_BAD_HDR Received an invalid PROXY protocol header",
  );
  txn.connectError = ERR_REFUSED;
  assertEquals(all(txn, "bc_err", "bc_err_name", "bc_err_str"), "46 EREFUSED ECONNREFUSED returned by OS");
  assertEquals(CONN_ERRORS[56], ["EPIPE", "EPIPE returned by OS"]);
  assertEquals(CONN_ERRORS[34], ["SSL_HANDSHAKE", "SSL handshake failure"]);
});

Deno.test("FETCH-04 FETCH-05 timeouts as configured and as in force", () => {
  const txn = new TestTxn();
  const names = [
    "fe_client_timeout",
    "be_server_timeout",
    "be_tunnel_timeout",
    "cur_client_timeout",
    "cur_server_timeout",
    "cur_tunnel_timeout",
  ];
  assertEquals(all(txn, ...names), "0 0 0 0 0 0");
  txn.frontend = testProxy("f", { timeouts: { client: 1, server: 0, tunnel: 0 }, defaultBackend: "b" });
  txn.backend = testProxy("b", { timeouts: { client: 0, server: 2, tunnel: 3 } });
  txn.timeouts = { client: 4, server: 5, tunnel: 6 };
  assertEquals(all(txn, ...names), "1 2 3 4 5 6");
  assertEquals(all(txn, "fe_defbe"), "b");
  assertEquals(all(new TestTxn(), "fe_defbe"), "absent");
});

Deno.test("FETCH-21 queues passed: %bq and %sq", () => {
  const txn = new TestTxn();
  txn.kept.backendQueue = 4;
  txn.kept.serverQueue = 2;
  assertEquals(all(txn, "bc_be_queue", "bc_srv_queue"), "4 2");
});

Deno.test("FETCH-21 a place before the connection exists refuses what needs it", () => {
  const needs = (fetch: string, what: string) =>
    `fetch method '${fetch}' extracts information from '${what}', none of which is available here.`;
  const connection = OFFERS["tcp-request connection"];
  assertEquals(refusal("bc_err", OFFERS["http-request"]), needs("bc_err", "server address"));
  assertEquals(refusal("bc_reused", OFFERS["http-request"]), needs("bc_reused", "server address"));
  assertEquals(refusal("fc_nb_streams", connection), needs("fc_nb_streams", "client-side connection"));
  assertEquals(refusal("cur_server_timeout", OFFERS["http-request"]), needs("cur_server_timeout", "backend"));
  assertEquals(refusal("cur_server_timeout", OFFERS["http-request"], "backend"), "");
  for (const name of ["fc_err", "fc_src", "dst_conn", "dst_is_local", "fe_defbe", "cur_client_timeout"]) {
    assertEquals(refusal(name, connection), "", name);
    assertEquals(refusal(name, OFFERS.process), needs(name, "client address"));
  }
  assertEquals(
    evaluate("fc_err(1)"),
    "error: fetch method 'fc_err' : expected ')' before '1)'",
  );
});

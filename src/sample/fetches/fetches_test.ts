// What each fetch gives on one transaction in the middle of everything, and on one of which nothing is known yet.
import { assertEquals } from "@std/assert";
import { evaluate, testAddress, testConn, testEnv, testProxy, testServer, TestTxn } from "../testing.ts";

function busy(): TestTxn {
  const txn = new TestTxn(
    "POST /p/q.html?a=1&b=x HTTP/1.1\r\nHost: www.example.com\r\nX-List: 5, 10.0.0.9,last\r\nX-Num: 42\r\nX-Ip: 10.9.8.7:80\r\n" +
      "Cookie: u=7; sid=abc\r\nContent-Length: 9\r\n\r\nk=v&n=12x",
    "HTTP/1.1 302 Found\r\nLocation: /x, /y\r\nX-Ip: ::1\r\nX-Num: 3\r\nSet-Cookie: s=1; Path=/\r\nSet-Cookie: t=2\r\n" +
      "Content-Length: 4\r\n\r\nbody",
  );
  txn.session = testConn(testAddress("10.0.0.1", 33317), testAddress("10.0.0.2", 8080), {
    ssl: true,
    listenerName: "front",
    listenerId: 4,
    httpVersion: 20,
  });
  // Raw bytes are for TCP proxies.
  txn.frontend = testProxy("fe", { id: 2, mode: "tcp" });
  txn.backend = testProxy("be", { id: 3, mode: "tcp" });
  txn.server = testServer("s1", { id: 9 });
  txn.serverConn = testConn(testAddress("10.0.0.3", 40000), testAddress("10.0.0.4", 81));
  txn.times = {
    accept: 1000,
    handshake: 1002,
    requestStart: 1007,
    request: 1017,
    queue: 1018,
    connect: 1047,
    response: 1116,
    end: 1120,
  };
  txn.bytesIn = 300;
  txn.bytesOut = 70;
  txn.retries = 2;
  txn.redispatched = true;
  txn.uniqueId = "id-1";
  txn.termination = "SDNI";
  txn.kept.requestCounter = 77;
  txn.requestCaptures = ["cap", null];
  txn.responseCaptures = [null, "rcap"];
  return txn;
}

/** Expression and what it gives; NEW: what it gives when nothing has arrived yet and more may come. */
const VALUES: readonly [expression: string, busy: string, fresh: string][] = [
  ["always_true", "bool:1", "bool:1"],
  ["always_false", "bool:0", "bool:0"],
  ["bool(false)", "bool:0", "bool:0"],
  ["int(-3)", "sint:-3", "sint:-3"],
  ["ipv4(1.2.3.4)", "ipv4:1.2.3.4", "ipv4:1.2.3.4"],
  ["ipv6(::1)", "ipv6:::1", "ipv6:::1"],
  ["str(a)", "str:a", "str:a"],
  ["bin(4142)", "bin:AB", "bin:AB"],
  ["meth(GET)", "meth:GET", "meth:GET"],
  ["src", "ipv4:10.0.0.1", "ipv4:10.0.0.1"],
  ["src_port", "sint:33317", "sint:33317"],
  ["dst", "ipv4:10.0.0.2", "ipv4:10.0.0.2"],
  ["dst_port", "sint:8080", "sint:80"],
  ["src_is_local", "bool:0", "bool:0"],
  ["bc_src", "ipv4:10.0.0.3", "absent"],
  ["bc_src_port", "sint:40000", "absent"],
  ["bc_dst", "ipv4:10.0.0.4", "absent"],
  ["bc_dst_port", "sint:81", "absent"],
  ["fc_http_major", "sint:2", "sint:1"],
  ["bc_http_major", "sint:1", "absent"],
  ["ssl_fc", "bool:1", "bool:0"],
  ["ssl_bc", "bool:0", "bool:0"],
  ["ssl_fc_err", "absent", "absent"],
  ["ssl_c_err", "absent", "absent"],
  ["ssl_c_ca_err", "absent", "absent"],
  ["ssl_fc_sni", "absent", "absent"],
  ["ssl_fc_is_resumed", "bool:0", "bool:0"],
  ["fe_id", "sint:2", "sint:2"],
  ["fe_name", "str:fe", "str:fe"],
  ["be_id", "sint:3", "sint:2"],
  ["be_name", "str:be", "str:fe"],
  ["srv_id", "sint:9", "absent"],
  ["srv_name", "str:s1", "absent"],
  ["so_id", "sint:4", "sint:1"],
  ["so_name", "str:front", "absent"],
  ["bytes_in", "sint:300", "sint:0"],
  ["bytes_out", "sint:70", "sint:0"],
  ["req.len", "sint:9", "sint:0"],
  ["req_len", "sint:9", "sint:0"],
  ["res.len", "sint:4", "sint:0"],
  ["req.payload(2,3)", "bin:v&n", "not yet"],
  ["res.payload(0,0)", "bin:body", "bin:"],
  ["req.payload_lv(0,1,0)", "absent", "not yet"],
  ["res.payload_lv(0,1)", "absent", "not yet"],
  ["req.body", "bin:k=v&n=12x", "not yet"],
  ["req.body_len", "sint:9", "not yet"],
  ["req.body_size", "sint:9", "not yet"],
  ["req.body_param(n)", "str:12x", "not yet"],
  ["res.body", "bin:body", "not yet"],
  ["res.body_len", "sint:4", "not yet"],
  ["res.body_size", "sint:4", "not yet"],
  ["wait_end", "bool:1", "not yet"],
  ["method", "meth:POST", "not yet"],
  ["path", "str:/p/q.html", "not yet"],
  ["pathq", "str:/p/q.html?a=1&b=x", "not yet"],
  ["url", "str:/p/q.html?a=1&b=x", "not yet"],
  ["query", "str:a=1&b=x", "not yet"],
  ["base", "str:www.example.com/p/q.html", "not yet"],
  ["baseq", "str:www.example.com/p/q.html?a=1&b=x", "not yet"],
  ["base,sdbm(1),sub(1),add(1)", "sint:675932617", "not yet"],
  ["base32", "sint:675932617", "not yet"],
  ["base32+src,hex", "str:2849E9C90A000001", "not yet"],
  ["url32", "sint:3600537505", "not yet"],
  ["url32+src,hex", "str:D69BD7A10A000001", "not yet"],
  ["url_ip", "absent", "not yet"],
  ["url_port", "absent", "not yet"],
  ["req.ver", "str:1.1", "not yet"],
  ["req_ver", "str:1.1", "not yet"],
  ["req.proto_http", "bool:1", "not yet"],
  ["req.hdr(x-list)", "str:last", "not yet"],
  ["req.hdr(x-list,1)", "str:5", "not yet"],
  ["req.fhdr(x-list)", "str:5, 10.0.0.9,last", "not yet"],
  ["req.hdr_val(x-num)", "sint:42", "not yet"],
  ["hdr_val(x-list,1)", "sint:5", "not yet"],
  ["req.hdr_ip(x-ip)", "ipv4:10.9.8.7", "not yet"],
  ["hdr_ip(x-list,2)", "ipv4:10.0.0.9", "not yet"],
  ["req.hdr_cnt(x-list)", "sint:3", "not yet"],
  ["hdr_cnt(nope)", "sint:0", "not yet"],
  ["req.fhdr_cnt(x-list)", "sint:1", "not yet"],
  ["req.hdr_names", "str:host,x-list,x-num,x-ip,cookie,content-length", "not yet"],
  ["req.hdrs,length", "sint:122", "not yet"],
  ["hdr(x-num)", "str:3", "not yet"],
  ["res.hdr(location)", "str:/y", "not yet"],
  ["shdr(location,1)", "str:/x", "not yet"],
  ["res.fhdr(location)", "str:/x, /y", "not yet"],
  ["res.hdr_val(x-num)", "sint:3", "not yet"],
  ["shdr_val(x-num)", "sint:3", "not yet"],
  ["res.hdr_ip(x-ip)", "ipv6:::1", "not yet"],
  ["shdr_ip(x-ip)", "ipv6:::1", "not yet"],
  ["res.hdr_cnt(location)", "sint:2", "not yet"],
  ["shdr_cnt(location)", "sint:2", "not yet"],
  ["res.fhdr_cnt(location)", "sint:1", "not yet"],
  ["res.hdr_names(;)", "str:location;x-ip;x-num;set-cookie;set-cookie;content-length", "not yet"],
  ["res.hdrs,length", "sint:102", "not yet"],
  ["req.cook(sid)", "str:abc", "not yet"],
  ["cook(u)", "str:7", "not yet"],
  ["req.cook_val(u)", "sint:7", "not yet"],
  ["cook_val(u)", "sint:7", "not yet"],
  ["req.cook_cnt", "sint:2", "not yet"],
  ["cook_cnt(u)", "sint:1", "not yet"],
  ["req.cook_names", "str:u,sid", "not yet"],
  ["res.cook(t)", "str:2", "not yet"],
  ["scook(s)", "str:1", "not yet"],
  ["set-cookie(s)", "str:1", "not yet"],
  ["cookie(t)", "str:2", "not yet"],
  ["res.cook_val(t)", "sint:2", "not yet"],
  ["scook_val(t)", "sint:2", "not yet"],
  ["res.cook_cnt", "sint:2", "not yet"],
  ["scook_cnt(Path)", "sint:0", "not yet"],
  ["res.cook_names(/)", "str:s/t", "not yet"],
  ["urlp(b)", "str:x", "not yet"],
  ["url_param(b)", "str:x", "not yet"],
  ["urlp_val(a)", "sint:1", "not yet"],
  ["status", "sint:302", "not yet"],
  ["txn.status", "sint:302", "sint:-1"],
  ["res.ver", "str:1.1", "not yet"],
  ["resp_ver", "str:1.1", "not yet"],
  ["capture.req.hdr(0)", "str:cap", "absent"],
  ["capture.res.hdr(1)", "str:rcap", "absent"],
  ["capture.req.method", "str:POST", "absent"],
  ["capture.req.uri", "str:/p/q.html?a=1&b=x", "absent"],
  ["capture.req.ver", "str:HTTP/1.1", "absent"],
  ["unique-id", "str:id-1", "absent"],
  ["txn.sess_term_state", "str:SD", "str:--"],
  ["txn.conn_retries", "sint:2", "sint:0"],
  ["txn.redispatched", "bool:1", "bool:0"],
  ["txn.id32", "sint:77", "sint:1"],
  ["accept_date", "sint:1700000001", "sint:1700000001"],
  ["accept_date(ms)", "sint:1700000001000", "sint:1700000001000"],
  ["request_date(us)", "sint:1700000001007000", "sint:1700000001000000"],
  ["fc.timer.handshake", "sint:2", "sint:0"],
  ["fc.timer.total", "sint:120", "sint:4000"],
  ["req.timer.idle", "sint:5", "sint:-1"],
  ["req.timer.hdr", "sint:10", "sint:-1"],
  ["req.timer.tq", "sint:17", "sint:-1"],
  ["req.timer.queue", "sint:1", "sint:-1"],
  ["bc.timer.connect", "sint:29", "sint:-1"],
  ["res.timer.hdr", "sint:69", "sint:-1"],
  ["res.timer.data", "sint:4", "sint:-1"],
  ["txn.timer.total", "sint:113", "sint:4000"],
  ["txn.timer.user", "sint:115", "sint:4000"],
  ["date", "sint:1700000005", "sint:1700000005"],
  ["date(10,ms)", "sint:1700000005010", "sint:1700000005010"],
  ["rand", "sint:305419896", "sint:305419896"],
  ["rand(100)", "sint:25", "sint:25"],
  ["uuid", "str:12345678-1234-4678-9234-567812345678", "str:12345678-1234-4678-9234-567812345678"],
  ["uuid(7)", "str:018bcfe5-7b88-7678-9234-567812345678", "str:018bcfe5-7b88-7678-9234-567812345678"],
  ["hostname", "str:here", "str:here"],
  ["pid", "sint:4242", "sint:4242"],
  ["thread", "sint:0", "sint:0"],
  ["act_conn", "sint:3", "sint:3"],
  ["stopping", "bool:0", "bool:0"],
];

Deno.test("FETCH-02 FETCH-03 FETCH-08 FETCH-09 FETCH-10 FETCH-11 FETCH-12 FETCH-19 FETCH-20 FETCH-21 FETCH-22 FETCH-24 every fetch gives its value, or says that it is not known yet", () => {
  const fresh = new TestTxn();
  fresh.clientPayload.complete = false;
  fresh.serverPayload.complete = false;
  for (const [expression, value, early] of VALUES) {
    assertEquals(evaluate(expression, busy()), value, expression);
    assertEquals(evaluate(expression, fresh), early, `${expression}, early`);
    // Not yet becomes absent when no more data will come.
    if (early === "not yet" && expression !== "wait_end" && expression !== "req.proto_http") {
      assertEquals(evaluate(expression), "absent", `${expression}, at the end`);
    }
  }
  assertEquals(evaluate("wait_end"), "bool:1");
  assertEquals(evaluate("req.proto_http"), "bool:0");
});

Deno.test("FETCH-24 figures of proxies and servers", () => {
  const stats = {
    frontendSessions: 5,
    frontendSessionRate: 6,
    backendSessions: 3,
    backendSessionRate: 4,
    httpRequestRate: 7,
    maxconn: 0,
  };
  const p = testProxy("p", { stats });
  const s = testServer("s", { queued: 8, sessionRate: 9, currentSessions: 4, usable: false });
  const env = testEnv({ proxy: () => p, server: () => s });
  const give = (expression: string) => evaluate(expression, new TestTxn(), env);
  assertEquals(["be_conn(p)", "be_sess_rate(p)", "fe_conn(p)", "fe_sess_rate(p)", "fe_req_rate(p)"].map(give), [
    "sint:3",
    "sint:4",
    "sint:5",
    "sint:6",
    "sint:7",
  ]);
  assertEquals(["srv_queue(p/s)", "srv_sess_rate(p/s)", "srv_conn(p/s)", "srv_is_up(p/s)"].map(give), [
    "sint:8",
    "sint:9",
    "sint:4",
    "bool:0",
  ]);
  assertEquals(
    give("srv_is_up"),
    "error: fetch method 'srv_is_up' : expected type 'server' at position 1, but got nothing",
  );
});

Deno.test("FETCH-19 arguments that make no sense are refused", () => {
  assertEquals(
    evaluate("req.payload(1)"),
    "error: fetch method 'req.payload' : missing arguments (got 1/2), type 'integer' expected",
  );
  assertEquals(
    evaluate("req.payload(-1,5)"),
    "error: invalid args in fetch method 'req.payload' : payload offset1 must be positive or null",
  );
  assertEquals(
    evaluate("req.payload_lv(0,9)"),
    "error: invalid args in fetch method 'req.payload_lv' : payload length must be between 1 and 6",
  );
  assertEquals(evaluate("query(x)"), "error: invalid args in fetch method 'query' : unknown option 'x': 'with_qm'");
  assertEquals(
    evaluate("date(1,zz)"),
    "error: invalid args in fetch method 'date' : expects 's', 'ms' or 'us', got 'zz'",
  );
  assertEquals(
    evaluate("rand(0)"),
    "error: invalid args in fetch method 'rand' : range must be between 1 and 4294967296",
  );
  assertEquals(evaluate("uuid(5)"), "error: invalid args in fetch method 'uuid' : version must be 4 or 7");
  assertEquals(
    evaluate("capture.req.hdr(-1)"),
    "error: invalid args in fetch method 'capture.req.hdr' : the index must not be negative",
  );
  assertEquals(
    evaluate("urlp(a,;;)"),
    "error: invalid args in fetch method 'urlp' : delimiter should be a single character",
  );
  assertEquals(
    evaluate("ipv4(::1)"),
    "error: fetch method 'ipv4' : failed to parse '::1' as type 'IPv4 address' at position 1",
  );
});

Deno.test("FETCH-22 a length before the block: offsets from it and from the start", () => {
  const txn = new TestTxn();
  txn.clientPayload.set("\x00\x03abcdef");
  assertEquals(evaluate("req.payload_lv(0,2)", txn), "bin:abc");
  assertEquals(evaluate("req.payload_lv(0,2,+1)", txn), "bin:bcd");
  assertEquals(evaluate("req.payload_lv(0,2,-1)", txn), "bin:\x03ab");
  assertEquals(evaluate("req.payload_lv(0,2,5)", txn), "bin:def");
  assertEquals(evaluate("req.payload_lv(0,2,6)", txn), "absent");
});

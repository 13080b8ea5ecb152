// Aliases of log formats against the expressions that the manual names as their equals (configuration.txt 8.2.6).
import { assertEquals } from "@std/assert";
import { buildLogFormat } from "./logformat_build.ts";
import { parseLogFormat } from "./logformat.ts";
import { OFFERS } from "./offers.ts";
import { testAddress, testConn, testContext, testEnv, testProxy, testServer, TestTxn } from "./testing.ts";

/** Alias and equal expressions in a format. */
const EQUALS: readonly (readonly [alias: string, format: string])[] = [
  ["%T", '%[accept_date,utime("%d/%b/%Y:%H:%M:%S %z")]'],
  ["%Tl", '%[accept_date,ltime("%d/%b/%Y:%H:%M:%S %z")]'],
  ["%Ts", "%[accept_date]"],
  ["%t", '%[accept_date(ms),ms_ltime("%d/%b/%Y:%H:%M:%S.%3N")]'],
  ["%ms", '%[accept_date(ms),ms_utime("%3N")]'],
  ["%tr", '%[request_date(ms),ms_ltime("%d/%b/%Y:%H:%M:%S.%3N")]'],
  ["%trg", '%[request_date,utime("%d/%b/%Y:%H:%M:%S %z")]'],
  ["%trl", '%[request_date,ltime("%d/%b/%Y:%H:%M:%S %z")]'],
  ["%Ta", "%[txn.timer.total]"],
  ["%Tc", "%[bc.timer.connect]"],
  ["%Td", "%[res.timer.data]"],
  ["%Th", "%[fc.timer.handshake]"],
  ["%Ti", "%[req.timer.idle]"],
  ["%Tq", "%[req.timer.tq]"],
  ["%TR", "%[req.timer.hdr]"],
  ["%Tr", "%[res.timer.hdr]"],
  ["%Tt", "%[fc.timer.total]"],
  ["%Tu", "%[txn.timer.user]"],
  ["%Tw", "%[req.timer.queue]"],
  ["%B", "%[bytes_out]"],
  ["%H", "%[hostname]"],
  ["%HM", "%[capture.req.method]"],
  ["%HU", "%[capture.req.uri]"],
  ["%HV", "%[capture.req.ver]"],
  ["%ID", "%[unique-id]"],
  ["%ST", "%[txn.status]"],
  ["%U", "%[bytes_in]"],
  ["%ac", "%[act_conn]"],
  ["%b", "%[be_name]"],
  ["%bc", "%[be_conn]"],
  ["%bi", "%[bc_src]"],
  ["%bp", "%[bc_src_port]"],
  ["%bq", "%[bc_be_queue]"],
  ["%ci", "%[src]"],
  ["%cp", "%[src_port]"],
  ["%f", "%[fe_name]"],
  ["%fc", "%[fe_conn]"],
  ["%fi", "%[dst]"],
  ["%fp", "%[dst_port]"],
  ["%pid", "%[pid]"],
  ["%rc", "%[txn.redispatched,iif(+,)]%[txn.conn_retries]"],
  ["%rt", "%[txn.id32]"],
  ["%s", "%[srv_name]"],
  ["%si", "%[bc_dst]"],
  ["%sp", "%[bc_dst_port]"],
  ["%sq", "%[bc_srv_queue]"],
  ["%ts", "%[txn.sess_term_state]"],
];

function busy(): TestTxn {
  const txn = new TestTxn("POST /p?q=1 HTTP/1.0\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 302 Found\r\n\r\n");
  const stats = { ...txn.frontend.stats, frontendSessions: 11, backendSessions: 12 };
  txn.session = testConn(testAddress("10.0.0.1", 33317), testAddress("2001:db8::2", 8080));
  txn.frontend = testProxy("fe", { stats });
  txn.backend = testProxy("be", { stats });
  txn.server = testServer("s1");
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
  txn.kept.backendQueue = 5;
  txn.kept.serverQueue = 6;
  txn.kept.requestCounter = 77;
  return txn;
}

Deno.test("LOG-04 LOG-06 LOG-07 FETCH-09 FETCH-11 aliases are equal to the expressions that the manual names for them", () => {
  // In a section that is both, be_conn and fe_conn are its own.
  const env = testEnv({ proxy: () => busy().frontend });
  const context = testContext({ kind: "listen" });
  const write = (format: string) => {
    const node = parseLogFormat(format, context, { style: "log", offers: OFFERS.log });
    if (typeof node === "string") throw new Error(`${format}: ${node}`);
    return buildLogFormat(node, env).text(busy());
  };
  for (const [alias, format] of EQUALS) {
    assertEquals(write(alias), write(format), alias);
    assertEquals(["", "-"].includes(write(alias)), false, alias);
  }
  // Values that differ tell aliases apart.
  const own = new Set(EQUALS.map(([alias]) => write(alias)));
  assertEquals(own.size > EQUALS.length - 12, true);
});

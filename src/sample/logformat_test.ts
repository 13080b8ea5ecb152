// Log lines as the packaged haproxy writes them, and the encodings of the manual.
import { assertEquals } from "@std/assert";
import {
  type FormatStyle,
  HTTP_CLF_LOG_FORMAT,
  HTTP_LOG_FORMAT,
  parseLogFormat,
  TCP_CLF_LOG_FORMAT,
  TCP_LOG_FORMAT,
} from "./logformat.ts";
import { buildLogFormat } from "./logformat_build.ts";
import { OFFERS } from "./offers.ts";
import { testAddress, testConn, testContext, testEnv, testProxy, testRequest, testServer, TestTxn } from "./testing.ts";
import type { SampleEnv } from "./types.ts";

function format(text: string, txn: TestTxn, style: FormatStyle = "log", env: SampleEnv = testEnv()): string {
  const context = testContext({ kind: "listen" });
  const offers = style === "log" ? OFFERS.log : OFFERS["http-request"];
  const node = parseLogFormat(text, context, { style, offers });
  if (typeof node === "string") return `! ${node}`;
  assertEquals(structuredClone(node), node);
  const built = buildLogFormat(node, env);
  const line = built.text(txn);
  const bytes = new Uint8Array(4096);
  const end = built.into(txn, bytes, 1);
  assertEquals(String.fromCharCode(...bytes.subarray(1, end)), line);
  return line;
}

/** The transaction of the manual's example in 8.2.3, as far as one can see. */
function manualTxn(): TestTxn {
  const txn = new TestTxn(
    "GET /index.html HTTP/1.1\r\nHost: 1wt.eu\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  );
  txn.session = testConn(testAddress("10.0.1.2", 33317), testAddress("10.0.1.1", 80));
  txn.frontend = testProxy("http-in");
  txn.backend = testProxy("static");
  txn.server = testServer("srv1", { currentSessions: 1, address: testAddress("127.0.0.1", 8000) });
  txn.serverConn = testConn(testAddress("127.0.0.1", 51882), testAddress("127.0.0.1", 8000));
  txn.times = {
    accept: 1000,
    handshake: 1002,
    requestStart: 1007,
    request: 1017,
    queue: 1017,
    connect: 1047,
    response: 1116,
    end: 1116,
  };
  txn.bytesOut = 2750;
  txn.bytesIn = 44;
  txn.requestCaptures = ["1wt.eu"];
  txn.responseCaptures = [null];
  return txn;
}

const env = testEnv({
  clock: { now: () => 2000, wall: () => 1234567890123 },
  process: { connections: 1, stopping: false, quic: false },
});
// The request began at 1007 of a clock that is at 2000: 993 ms before 2009-02-13T23:31:30.123Z.
const DATE = "13/Feb/2009:23:31:29.130";

Deno.test("LOG-03 the line of option httplog", () => {
  assertEquals(
    format(HTTP_LOG_FORMAT, manualTxn(), "log", env),
    `10.0.1.2:33317 [${DATE}] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} ` +
      '"GET /index.html HTTP/1.1"',
  );
});

Deno.test("LOG-03 the line of option httplog without captures has no braces and single spaces", () => {
  const txn = manualTxn();
  txn.requestCaptures = [];
  txn.responseCaptures = [];
  assertEquals(format(HTTP_LOG_FORMAT, txn, "log", env).slice(-40), '1/1/1/1/0 0/0 "GET /index.html HTTP/1.1"');
});

Deno.test("LOG-03 the lines of option tcplog and of the CLF formats", () => {
  const txn = manualTxn();
  txn.times.requestStart = -1;
  txn.times.request = -1;
  txn.times.response = -1;
  txn.redispatched = true;
  txn.retries = 3;
  assertEquals(
    format(TCP_LOG_FORMAT, txn, "log", env),
    "10.0.1.2:33317 [13/Feb/2009:23:31:29.123] http-in static/srv1 15/30/116 2750 -- 1/1/1/1/+3 0/0",
  );
  assertEquals(
    format(TCP_CLF_LOG_FORMAT, txn, "log", env),
    '10.0.1.2 - - [13/Feb/2009:23:31:29 +0000] "TCP " 000 2750 "" "" 33317 123 "http-in" "static" "srv1" 2 15 30 116 44 ---- ' +
      '1 1 1 1 +3 0 0 "" "" ',
  );
  assertEquals(
    format(HTTP_CLF_LOG_FORMAT, manualTxn(), "log", env),
    '10.0.1.2 - - [13/Feb/2009:23:31:29 +0000] "GET /index.html HTTP/1.1" 200 2750 "" "" 33317 123 "http-in" "static" ' +
      '"srv1" 10 0 30 69 109 ---- 1 1 1 1 0 0 0 "" "" "1wt.eu" ""',
  );
});

/** As the packaged haproxy wrote them for GET /ok?a=b with Host: h"x, two request captures, one response capture. */
Deno.test("LOG-04 aliases with and without flags, as haproxy writes them", () => {
  const txn = new TestTxn("GET /ok?a=b HTTP/1.1\r\nHost: h\r\n\r\n");
  txn.session = testConn(testAddress("127.0.0.1", 43748), testAddress("127.0.0.1", 18605));
  txn.requestCaptures = ['h"x', null];
  txn.responseCaptures = [null];
  txn.kept.status = 200;
  txn.kept.requestCounter = 11;
  txn.termination = "LR--";
  txn.bytesOut = 49;
  const here = testEnv({ pid: 0x13b2 });
  const f = (text: string) => format(text, txn, "log", here);
  assertEquals(f("%ci:%cp|%{+X}ci:%{+X}cp|%{+Q}ci|%{+Q}cp"), '127.0.0.1:43748|7F000001:AAE4|"127.0.0.1"|43748');
  assertEquals(f("%{+X}[src]|%{+X}[src_port]|%{+X}fi|%{+X}pid"), "127.0.0.1|43748|7F000001|13B2");
  assertEquals(f("%B %{+X}B %ST %{+X}ST %{+Q}ST %{+Q}B"), "49 49 200 200 200 49");
  assertEquals(
    f("%HM|%HP|%HPO|%HQ|%HU|%HV|%r|%{+Q}r|%{+Q}HM"),
    'GET|/ok|/ok|?a=b|/ok?a=b|HTTP/1.1|GET /ok?a=b HTTP/1.1|"GET /ok?a=b HTTP/1.1"|"GET"',
  );
  assertEquals(
    f("%CC|%CS|%hr|%hs|%hrl|%hsl|%{+Q}hr|%{+Q}hrl|%{+Q}CC"),
    '-|-|{h#22x|}|{}|h#22x -|-|"{h#22x|}"|"h#22x" ""|""',
  );
  assertEquals(
    f("%ID|%{+Q}ID|%b|%s|%{+Q}s|%f|%{+Q}ft|%rc|%ts|%tsc|%{+Q}ts"),
    '-|""|fe|<NOSRV>|"<NOSRV>"|fe|"fe"|0|LR|LR--|LR',
  );
  assertEquals(f("%ac|%fc|%bc|%sc|%sq|%bq|%bi|%bp|%si|%sp|%{+Q}si|%{+Q}bi|%{+Q}sp"), '3|1|0|0|0|0|-|-|-|-|""|""|""');
  assertEquals(f("%{+X}rt|%H|%sslv|%{+Q}sslc|%OG|%lc|%fp"), '000B|here|-|""|txn_close|0|18605');
  assertEquals(f("%{+Q}o %ci %{-Q}ci %s %{+X}[int(4)]"), '"127.0.0.1" 127.0.0.1 "<NOSRV>" "4"');
  assertEquals(f("%{+X}o %ci %cp %[src] %[int(255)]"), "7F000001 AAE4 127.0.0.1 255");
  assertEquals(f("%ci %{+Q}o %ci"), '127.0.0.1 "127.0.0.1"');
  assertEquals(f("%{Q}o|%ci|%{-Q}ci|%{X}ci"), "|127.0.0.1|127.0.0.1|127.0.0.1");
  assertEquals(f("a  b   c %[var(txn.nope)] %[str()] %{+Q}[str()] %{+Q}[var(txn.nope)] ."), 'a b c - - "" "" .');
  assertEquals(f(" %ci "), "127.0.0.1 ");
  assertEquals(f("%[str(a  b)] 100%%"), "a  b 100%");
});

Deno.test("LOG-04 an invalid request, as haproxy writes it", () => {
  const txn = new TestTxn();
  txn.requestCaptures = [null];
  txn.kept.status = 400;
  txn.termination = "PR--";
  const f = (text: string) => format(text, txn);
  assertEquals(
    f("%r|%HU|%HP|%HPO|%HQ|%HV|%HM|%ST|%b|%s|%tsc|%hr|%hrl|%{+Q}r"),
    '<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>|<BADREQ>|400|fe|<NOSRV>|PR--|||"<BADREQ>"',
  );
});

Deno.test("LOG-05 %HPO has neither host nor query string", () => {
  const txn = new TestTxn();
  txn.kept.requestLine = "GET http://a.b:80/p/q?x=1 HTTP/1.1";
  assertEquals(format("%HPO|%HP|%HQ", txn), "/p/q|http://a.b:80/p/q|?x=1");
});

Deno.test("LOG-06 timers and growing values", () => {
  const txn = manualTxn();
  assertEquals(
    format("%Th/%Ti/%TR/%Tq/%Tw/%Tc/%Tr/%Td/%Ta/%Tt/%Tu", txn, "log", env),
    "2/5/10/17/0/30/69/0/109/116/111",
  );
  txn.kept.incomplete = true;
  assertEquals(format("%Ta %Tt %B %Tr", txn, "log", env), "+109 +116 +2750 69");
  const dead = new TestTxn();
  dead.times.end = 1500;
  assertEquals(format("%Ti/%TR/%Tq/%Tw/%Tc/%Tr/%Ta/%Tt", dead), "-1/-1/-1/-1/-1/-1/500/500");
});

Deno.test("LOG-04 dates in local time and UTC", () => {
  const txn = manualTxn();
  assertEquals(
    format("%t|%T|%Tl|%trg|%trl|%Ts|%ms|%{+X}Ts|%{+X}ms", txn, "log", env).replace(/\+\d{4}/g, "+zone"),
    "13/Feb/2009:23:31:29.123|13/Feb/2009:23:31:29 +zone|13/Feb/2009:23:31:29 +zone|13/Feb/2009:23:31:29 +zone|13/Feb/2009:23:31:29 +zone|1234567889|123|499602D1|7B",
  );
});

Deno.test("LOG-04 unsafe bytes: hash in logs, percent in HTTP, as they are in other texts", () => {
  const txn = new TestTxn(testRequest("/"));
  txn.kept.requestLine = 'GET /a"#\x01\xe9 HTTP/1.1';
  txn.requestCaptures = ["a{|}b"];
  assertEquals(format("%r %hr", txn), "GET /a#22#23#01#E9 HTTP/1.1 {a#7B#7C#7Db}");
  const text = '%[bin(410a417f80)]|%{+E}[str("a\\"b]c")]';
  assertEquals(format(text, txn), 'A#0AA#7F\x80|a\\"b\\]c');
  assertEquals(format(text, txn, "http"), 'A%0AA%7F\x80|a"b]c');
  assertEquals(format(text, txn, "text"), 'A\nA\x7f\x80|a\\"b\\]c');
  assertEquals(format("%{+Q}[str(x)] %{+Q}ci", txn, "http"), 'x "10.0.0.1"');
  assertEquals(format("a  b", txn, "http"), "a  b");
  assertEquals(format("%{+bin}o%[bin(410042)]", txn), "A\0B");
});

Deno.test("LOG-04 JSON and CBOR: named items of a whole format, or single items", () => {
  const txn = manualTxn();
  txn.uniqueId = 'a"b\n';
  assertEquals(
    format(
      "%{+json}o ignored %(request)r %(status)ST %(up:bool)[int(1)] %(n:str)[int(1)] %(none)[var(txn.x)] %(id)ID %ci",
      txn,
      "log",
      env,
    ),
    '{"request": "GET /index.html HTTP/1.1", "status": 200, "up": true, "n": "1", "none": null, "id": "a\\"b\\n"}',
  );
  assertEquals(format("x %{+json}[str(a)] %{+json}[int(5)] %{+json}[bool(1)]", txn), 'x "a" 5 true');
  assertEquals(
    format("%{+cbor}o %(a)[int(10)] %(b)[int(-500)] %(c)[str(hi)] %(d)[bool(0)] %(e)[var(txn.x)]", txn),
    "BF61610A61623901F361636268696164F46165F6FF",
  );
  assertEquals(format("%{+cbor,+bin}o%(a)[int(300)]", txn), "\xbf\x61a\x19\x01\x2c\xff");
});

Deno.test("LOG-04 messages of formats", () => {
  const txn = new TestTxn();
  const f = (text: string) => format(text, txn, "http");
  assertEquals(
    f("%foo"),
    "! no such format alias 'foo'. If you wanted to emit the '%' character verbatim, you need to use '%%'",
  );
  assertEquals(f("%"), "! truncated line after '%'");
  assertEquals(f("%{+Q"), "! truncated line after '+Q'");
  assertEquals(f("%{+Q}"), "! parse argument modifier without variable name near '%{+Q}'");
  assertEquals(f("%{+Z}ci"), "! unknown flag 'Z' in '{+Z}'");
  assertEquals(
    f("%[pth]"),
    "! failed to parse sample expression <pth]> : unknown fetch method 'pth'; did you mean 'path' maybe ?",
  );
  assertEquals(f("%[path"), "! missing ']' after 'path'");
  assertEquals(f("%[path,]"), "! failed to parse sample expression <path,]> : unknown converter ''");
  assertEquals(f("%[]"), "! failed to parse sample expression <]> : missing fetch method");
  assertEquals(f("%[path lower]"), "! expected ']' after 'path', but found ' '");
  assertEquals(
    f("%[res.hdr(a)]"),
    "! sample fetch <res.hdr(a)]> may not be reliably used here because it needs 'HTTP response headers' which is not available here",
  );
  assertEquals(
    format("%[path]", txn),
    "! sample fetch <path]> may not be reliably used here because it needs 'HTTP request headers' which is not available here",
  );
  assertEquals(f("%OG"), "! format alias 'OG' is only available in log formats");
  assertEquals(f("%(a:x)ci"), "! unexpected type 'x' of item 'a': 'str', 'sint' or 'bool' is expected");
});

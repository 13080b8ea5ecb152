import { assertEquals } from "@std/assert";
import { FakeStream, load, show, Thread } from "../../tests/spec/rules_fixture.ts";
import type { ProxyRules } from "./proxy_rules.ts";

/** The rules of proxy "f", and a stream of it. */
function build(text: string): { rules: ProxyRules; stream: FakeStream } {
  const { model, diagnostics } = load(text);
  if (model === null) throw new Error(diagnostics.map(show).join("\n"));
  const thread = new Thread(model);
  const rules = thread.proxies.get("f")!;
  const stream = new FakeStream(thread, rules);
  stream.receive("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  return { rules, stream };
}

Deno.test("LOG-03 LOG-04 the last of log-format, option httplog and option tcplog is the format", () => {
  const line = (statements: string) => {
    const { rules, stream } = build(`defaults\n mode http\n log-format "default %ci"\nfrontend f\n${statements}`);
    return rules.logFormat!.text(stream);
  };
  assertEquals(line(""), "default 192.0.2.7");
  assertEquals(line(' log-format "own  %f"\n'), "own f");
  const date = "[DATE]";
  const undated = (text: string) => text.replace(/\[[^\]]*\]/, date);
  assertEquals(
    undated(line(" option httplog\n")),
    `192.0.2.7:4711 ${date} f f/<NOSRV> 0/-1/-1/-1/1000 200 0 - - ---- 1/1/0/0/0 0/0 "GET /x HTTP/1.1"`,
  );
  const start = (text: string) => undated(line(text)).slice(0, 55);
  assertEquals(start(" option httplog clf\n"), `192.0.2.7 - - ${date} "GET /x HTTP/1.1" 200 0 "" "" 4711`.slice(0, 55));
  assertEquals(undated(line(" option tcplog\n")), `192.0.2.7:4711 ${date} f f/<NOSRV> -1/-1/1000 0 -- 1/1/0/0/0 0/0`);
  assertEquals(
    start(" option tcplog clf\n"),
    `192.0.2.7 - - ${date} "TCP " 000 0 "" "" 4711 000 "f" "f" "<NOSRV>"`.slice(0, 55),
  );
  assertEquals(line(' option httplog\n log-format "%[src]"\n'), "192.0.2.7");
});

Deno.test("LOG-09 the options of logging, also taken back", () => {
  const { rules } = build(`defaults
 mode http
 option dontlognull
 option dontlog-normal
 option logasap
 option log-separate-errors
frontend f
 no option logasap
`);
  assertEquals(
    [rules.dontLogNull, rules.dontLogNormal, rules.logAsap, rules.logSeparateErrors],
    [true, true, false, true],
  );
  const off = build("frontend f\n mode http\n").rules;
  assertEquals([off.dontLogNull, off.dontLogNormal, off.logAsap, off.logSeparateErrors], [false, false, false, false]);
});

Deno.test("LOG-09 log-steps takes names apart by commas or blanks, or all", () => {
  const steps = (text: string) => build(`frontend f\n mode http\n${text}`).rules.logSteps;
  assertEquals([steps(""), steps(" log-steps accept,close\n"), steps(" log-steps accept close\n")], [0, 17, 17]);
  assertEquals([steps(" log-steps all\n"), steps(" log-steps request,connect response\n")], [31, 14]);
});

Deno.test("LOG-09 LOG-01 misuse of log profiles and log-steps", () => {
  const { diagnostics } = load(`log-profile p
 on
 on foo
 on closed drop
 on close format
 on close format %zz
 on close format "%[res.hdr(x)]"
 on close drop format "%ci" sd "[x]"
 on any bar
 log-tag
frontend f
 mode http
 log stdout profile p local0
 log stdout profile q local0
 log-steps
 log-steps foo
 log-steps accept,clos
 error-log-format
log-profile p
 on any drop
`);
  assertEquals(
    diagnostics.map(show).map((text) => text.slice(0, 80)),
    [
      "ALERT 2:4 'on' expects a logging step as argument.",
      "ALERT 3:5 'on' expects a logging step, but got 'foo'",
      "ALERT 4:5 'on' expects a logging step, but got 'closed'; did you mean 'close' maybe ?",
      "ALERT 5:17 'on' expects <fmt> as argument.",
      "ALERT 6:18 failed to parse the format '%zz' : no such format alias 'zz'. If you wanted to ",
      "ALERT 7:18 failed to parse the format '%[res.hdr(x)]' : sample fetch <res.hdr(x)]> may not",
      "ALERT 9:9 'on' expects 'drop', 'format' or 'sd', but got 'bar'",
      "ALERT 10:9 'log-tag' expects a tag for use in syslog.",
      "ALERT 15:11 log-steps expects 'all' or a list of logging steps.",
      "ALERT 16:12 log-steps : unknown logging step 'foo', expects 'all' or some of 'accept', 're",
      "ALERT 17:12 log-steps : unknown logging step 'clos', expects 'all' or some of 'accept', 'r",
      "ALERT 18:18 error-log-format expects an argument.",
      "ALERT 19:0 log-profile section 'p' has the same name as log-profile 'p' declared at t.cfg:",
      "ALERT 14:2 log : unable to find log-profile section 'q'.",
    ].map((text) => text.slice(0, 80)),
  );
});

Deno.test("LOG-04 LOG-02 structured data", () => {
  const { rules, stream } = build(`frontend f
 mode http
 log-format-sd "[id@1 ip=\\"%ci\\"]"
`);
  assertEquals(rules.logFormatSd!.text(stream), '[id@1 ip="192.0.2.7"]');
  assertEquals(rules.logFormat, null);
});

Deno.test("HTTP-30 unique ids are made of a format and sent in a header", () => {
  const { rules, stream } = build(`frontend f
 mode http
 unique-id-format "%{+X}o %ci:%cp_%[path]"
 unique-id-header X-Unique-ID
`);
  assertEquals(rules.uniqueIdFormat!.text(stream), "C0000207:1267_/x");
  assertEquals(rules.uniqueIdHeader, "x-unique-id");
});

Deno.test("LOG-03 LOG-04 LOG-09 HTTP-30 misuse of the statements of logging", () => {
  const { diagnostics } = load(`frontend f
 mode http
 log-format
 log-format %[foo]
 log-format %zz
 log-format-sd a b
 unique-id-format
 unique-id-header
 unique-id-header "a b"
 option httplog foo
 option tcplog clf x
 option dontlognull x
backend b
 mode http
 option dontlognull
`);
  assertEquals(diagnostics.map(show), [
    "ALERT 3:12 log-format expects an argument.",
    "ALERT 4:13 failed to parse the format '%[foo]' : failed to parse sample expression <foo]> : unknown fetch method 'foo'.",
    "ALERT 5:13 failed to parse the format '%zz' : no such format alias 'zz'. If you wanted to emit the '%' character verbatim, you need to use '%%'.",
    "ALERT 6:18 'log-format-sd' cannot handle unexpected argument 'b'.",
    "ALERT 7:18 unique-id-format expects an argument.",
    "ALERT 8:18 unique-id-header expects an argument.",
    "ALERT 9:19 unique-id-header : 'a b' is not a header name.",
    "ALERT 10:17 keyword 'httplog' only supports option 'clf'.",
    "ALERT 11:20 'option tcplog' cannot handle unexpected argument 'x'.",
    "ALERT 12:21 'option dontlognull' cannot handle unexpected argument 'x'.",
    "WARNING 15:2 'option dontlognull' ignored because backend 'b' has no frontend capability.",
  ]);
});

Deno.test("H1-13 misuse of option forwarded", () => {
  const { diagnostics } = load(`backend b
 mode http
 option forwarded foo
 option forwarded for-expr
 option forwarded host-expr res.hdr(x)
 option forwarded by_prt
frontend f
 mode http
 option forwarded
`);
  const words =
    "'proto', 'host', 'host-expr', 'by', 'by-expr', 'by_port', 'by_port-expr', 'for', 'for-expr', 'for_port', " +
    "'for_port-expr'";
  assertEquals(diagnostics.map(show), [
    `ALERT 3:19 'option forwarded' expects one of ${words}, but got 'foo'; did you mean 'for' maybe ?`,
    "ALERT 4:27 missing fetch method.",
    "ALERT 5:29 fetch method 'res.hdr' extracts information from 'HTTP response headers', none of which is available here.",
    `ALERT 6:19 'option forwarded' expects one of ${words}, but got 'by_prt'; did you mean 'by_port' maybe ?`,
    "WARNING 9:2 'option forwarded' ignored because frontend 'f' has no backend capability.",
  ]);
});

// Costs of what rules and logs are made of, a bench a family: `deno bench -A bench/micro/expressions_bench.ts`. A fetch, a
// converter, a matching method, an action or an alias that gets slower shows in its group.
import { FakeStream, load, show, Thread } from "../../tests/spec/rules_fixture.ts";
import {
  buildExpression,
  buildLogFormat,
  HTTP_CLF_LOG_FORMAT,
  HTTP_LOG_FORMAT,
  OFFERS,
  parseExpression,
  parseLogFormat,
  Sample,
  TCP_LOG_FORMAT,
  testContext,
  testEnv,
  testRequest,
  TestTxn,
} from "../../src/sample/mod.ts";

const HEAD = [
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
  "Accept: text/css,*/*;q=0.1",
  "Accept-Language: en-US,en;q=0.5",
  "Cookie: session=6f1d2c3b4a5968778695a4b3c2d1e0f9; theme=dark; lang=en; consent=yes",
  "X-Forwarded-For: 203.0.113.7, 198.51.100.9",
  "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
];
const REQUEST = testRequest("/assets/css/main.4f9c1e.css?v=20240611&user=jane&page=12", ...HEAD);
const RESPONSE =
  "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/css\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\n";

// ---- fetches and converters ---------------------------------------------------------------------------------------

const env = testEnv();
const txn = new TestTxn(REQUEST + "body=1&more=2", RESPONSE + "ok");
const context = testContext({ kind: "listen", name: "l" });

function bench(group: string, expression: string): void {
  const node = parseExpression(expression, context);
  if (typeof node === "string") throw new Error(`${expression}: ${node}`);
  const evaluate = buildExpression(node, env);
  const sample = new Sample();
  Deno.bench(expression, { group }, () => void evaluate(txn, sample));
}

const FETCHES: Readonly<Record<string, readonly string[]>> = {
  "fetches: internal and layer 4": [
    "int(5)",
    "str(abc)",
    "src",
    "dst_port",
    "fe_name",
    "be_conn",
    "rand(100)",
    "date",
    "uuid",
  ],
  "fetches: HTTP": ["method", "path", "pathq", "base", "url_param(user)", "query", "status", "req.ver"],
  "fetches: headers and cookies": [
    "req.hdr(host)",
    "req.hdr(x-forwarded-for,-1)",
    "req.fhdr(user-agent)",
    "req.hdr_cnt(accept)",
    "req.hdr_ip(x-forwarded-for)",
    "req.cook(lang)",
    "req.hdr_names",
    "req.hdrs",
    "base32+src",
  ],
  "fetches: buffers and credentials": [
    "req.body",
    "req.body_param(more)",
    "req.len",
    "http_auth_user",
    "res.hdr(server)",
  ],
  "converters: numbers": ["int(5),add(3),mul(2),mod(7)", "int(5),even", "str(12),hex2i", "int(5),bool,iif(a,b)"],
  "converters: strings": [
    "path,lower",
    "path,field(2,/),upper",
    "hdr(user-agent),word(1,/)",
    "path,regsub([0-9]+,N,g)",
    "path,concat(a,,b)",
    "url_param(page),length",
    "path,bytes(1,6)",
    "query,param(user)",
  ],
  "converters: encodings": ["path,url_dec", "path,base64", "path,base64,b64dec", "path,hex", 'path,json("utf8")'],
  "converters: hashes": [
    "path,crc32",
    "path,xxh32",
    "path,xxh64",
    "path,djb2",
    "path,sha1",
    "path,sha2(256)",
    "src,xxh3",
  ],
  "converters: addresses, dates, JSON": [
    "src,ipmask(24)",
    'date,utime("%d/%b/%Y")',
    "date,http_date",
    `str('{"a":{"b":1}}'),json_query($.a.b)`,
    'hdr(accept-language),language("en;de")',
  ],
  "variables": ["path,set-var(txn.x)", "var(txn.x)", "var(txn.none)"],
};
for (const [group, list] of Object.entries(FETCHES)) for (const expression of list) bench(group, expression);

// ---- log lines ----------------------------------------------------------------------------------------------------

const FORMATS: Readonly<Record<string, string>> = {
  "httplog": HTTP_LOG_FORMAT,
  "httplog clf": HTTP_CLF_LOG_FORMAT,
  "tcplog": TCP_LOG_FORMAT,
  "JSON": "%{+json}o %(client)ci %(status)ST %(path)[path] %(bytes)B",
  "expressions": "%[src]:%[src_port] %[req.hdr(host)] %[path,lower] %{+Q}[req.hdr(user-agent)]",
};
for (const [name, text] of Object.entries(FORMATS)) {
  const node = parseLogFormat(text, context, { style: "log", offers: OFFERS.log | OFFERS["http-request"] });
  if (typeof node === "string") throw new Error(`${name}: ${node}`);
  const format = buildLogFormat(node, env);
  Deno.bench(name, { group: "log lines" }, () => void format.text(txn));
}

// ---- conditions and rules -----------------------------------------------------------------------------------------

/** A stream of a proxy with this statement; the request is parsed anew for each run, which the baseline shows. */
function ruleBench(group: string, statement: string, baseline = false): void {
  const { model, diagnostics } = load(
    `global\n expose-experimental-directives\nfrontend f\n mode http\n ${statement}\n`,
  );
  if (model === null) throw new Error(`${statement}: ${diagnostics.map(show).join("; ")}`);
  const thread = new Thread(model);
  const rules = thread.proxies.get("f")!;
  const stream = new FakeStream(thread, rules);
  const response = statement.startsWith("http-response") || statement.startsWith("http-after-response");
  const ruleset = rules.ruleset(response ? "http-response" : "http-request");
  Deno.bench(statement, { group, baseline }, () => {
    stream.request.reset();
    stream.receive(REQUEST);
    if (response) {
      stream.response.reset();
      stream.answer(RESPONSE);
    }
    void ruleset.run(stream);
    stream.done.length = 0;
  });
}

const NEVER = "http-request deny if";
const CONDITIONS: readonly string[] = [
  "{ always_false }",
  "{ path /x }",
  "{ path -i /X /Y /Z }",
  "{ path_beg /static /images }",
  "{ path_end .php .asp }",
  "{ path_sub secret }",
  "{ path_dir admin }",
  "{ hdr_dom(host) -i evil.example }",
  "{ path_reg ^/api/v[0-9]+/ }",
  "{ path_len gt 200 }",
  "{ hdr(host) -m str other.example }",
  "{ src 10.99.0.0/16 192.168.0.0/16 }",
  "{ url_param(page) -m int gt 100 }",
  "{ req.hdr(x-none) -m found }",
  "{ req.fhdr(cookie) -m bin 00ff }",
  "METH_POST",
  "!{ path_beg /assets } or { src 10.99.0.1 }",
];
for (const condition of CONDITIONS) {
  ruleBench("conditions: each matching method", `${NEVER} ${condition}`, condition === "{ always_false }");
}

const RULES: Readonly<Record<string, readonly string[]>> = {
  "rules: headers": [
    "http-request set-header X-A b",
    "http-request add-header X-A %[path]",
    "http-request del-header cookie",
    "http-request replace-header User-Agent Moz(.*) M\\1",
    "http-request replace-value Accept text all",
    "http-response set-header X-A b",
    "http-response del-header server",
  ],
  "rules: URI": [
    "http-request set-path /new",
    "http-request set-query a=b",
    "http-request replace-path /assets/(.*) /\\1",
    "http-request normalize-uri path-merge-slashes",
    "http-request set-method HEAD",
  ],
  "rules: variables and captures": [
    "http-request set-var(txn.a) path",
    "http-request set-var-fmt(txn.a) %[path]-%[src]",
    "http-request capture path len 20",
  ],
  "rules: replies": [
    "http-request deny",
    "http-request return status 200 content-type text/plain string ok",
    "http-request return status 200 content-type text/plain lf-string %[path]",
    "http-request redirect location /elsewhere",
    "http-request redirect prefix https://www.example.com",
  ],
  "rules: flow and streams": [
    "http-request allow",
    "http-request set-log-level silent",
    "http-request set-timeout client 5s",
    "http-request set-priority-class int(5)",
    "http-request set-src hdr(x-forwarded-for)",
    "http-response set-status 201",
  ],
};
for (const [group, list] of Object.entries(RULES)) for (const statement of list) ruleBench(group, statement);

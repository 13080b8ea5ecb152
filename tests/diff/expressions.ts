// Expressions to evaluate on both programs: a hand-made list of fetches, and chains of converters drawn under a seed.
// What is drawn fits mostly, but not always, what comes before: both programs have to refuse the same.
import { Prng } from "../../src/base/mod.ts";

/** Fields of the request that expressions look at: values that are awkward in one way or another. */
const FIELDS: readonly (readonly [string, string])[] = [
  ["Host", "www.Example.com:8080"],
  ["User-Agent", "test/1.0 (x; y)"],
  ["X-Multi", "one, two,three"],
  ["X-Multi", "four"],
  ["X-Num", "42"],
  ["X-Neg", "-17"],
  ["X-Big", "9223372036854775808"],
  ["X-Hex", "0x1F"],
  ["X-Float", "3.99abc"],
  ["X-Ip4", "192.168.1.77"],
  ["X-Ip6", "2001:db8::ff"],
  ["X-Ips", "10.1.2.3, 127.0.0.1, ::1"],
  ["X-Date", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["X-B64", "SGVsbG8gd29ybGQ="],
  ["X-B64u", "SGVsbG8_d29y-A"],
  ["X-Pct", "a%41%2fb+c%zz%4"],
  ["X-Utf8", "caf\xc3\xa9 \xe2\x82\xac \xff"],
  ["X-Json", '{"a":{"b":[1,2,"x"]},"n":1.5,"i":-7,"t":true,"s":"q\\"z\\u00e9","z":null}'],
  ["X-Quote", "say \"hi\" \\ and 'bye'"],
  ["X-Csv", "a,,b;c|d e"],
  ["X-Spaces", "a  b \t c"],
  ["X-Empty", ""],
  ["X-Word", "/usr/local//lib/"],
  ["X-Query", "a=1&b=&c&a=2;d=4"],
  ["X-Hexes", "48656C6c6f"],
  ["X-HostPort", "[::1]:443"],
  ["X-Letters", "abc"],
  ["X-Lang", "en;q=0.5, fr-FR;q=0.9, de"],
  ["Accept-Language", "fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5"],
  ["Cookie", "sid=abc123; theme=dark; num=7; sid=second"],
  ["Authorization", "Basic dXNlcjpwYTpzcw=="],
  ["X-Mixed", "MiXeD CaSe"],
];

export const RICH_REQUEST = (selector: string): string =>
  `POST /dir/sub/File.html;p=1?a=1&b=two%20x&c&a=3&ip=10.0.0.9&n=77 HTTP/1.1\r\n${selector}` +
  FIELDS.map(([name, value]) => `${name}: ${value}\r\n`).join("") +
  "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 19\r\n\r\np=9&q=r%2bs&name=Jo";
export const POOR_REQUEST = (selector: string): string => `GET / HTTP/1.0\r\n${selector}Connection: keep-alive\r\n\r\n`;

/** Fetches, each on its own. */
const ALL_FETCHES: readonly string[] = [
  ..."method path pathq query url base baseq base32 base32+src url32 url32+src req.ver req_ver http_first_req".split(
    " ",
  ),
  ..."req.hdrs req.hdrs_bin,hex req.hdr_names req.hdr_cnt req.cook_cnt(sid) req.body req.body_len req.body_size".split(
    " ",
  ),
  ..."src dst src_is_local dst_is_local fe_name fe_id be_name be_id fc_http_major always_true always_false".split(" "),
  ..."req.proto_http capture.req.method capture.req.uri capture.req.ver http_auth_user".split(" "),
  "http_auth_type",
  "http_auth_pass",
  "req.hdr(X-Multi)",
  "req.hdr(X-Multi,1)",
  "req.hdr(X-Multi,2)",
  "req.hdr(X-Multi,-1)",
  "req.hdr(X-Multi,-2)",
  "req.hdr(X-Multi,9)",
  "req.fhdr(X-Multi)",
  "req.fhdr(X-Multi,1)",
  "req.fhdr(X-Multi,-2)",
  "req.fhdr_cnt(X-Multi)",
  "req.hdr_cnt(X-Multi)",
  "req.hdr_names(|)",
  "req.hdr_val(X-Num)",
  "req.hdr_val(X-Neg)",
  "req.hdr_val(X-Big)",
  "req.hdr_val(X-Float)",
  "req.hdr_val(X-Empty)",
  "req.hdr_val(X-Letters)",
  "req.hdr_val(X-Utf8)",
  "req.cook_val(theme)",
  "urlp_val(b)",
  "urlp_val(c)",
  "req.hdr_ip(X-Ip4)",
  "req.hdr_ip(X-Ip6)",
  "req.hdr_ip(X-Ips)",
  "req.hdr_ip(X-Ips,1)",
  "req.hdr_ip(X-Ips,-1)",
  "req.hdr_ip(X-Num)",
  "hdr(x-empty)",
  "hdr(X-None)",
  "hdr(Date)",
  "cook(sid)",
  "req.cook(theme)",
  "req.cook(none)",
  "req.cook_val(num)",
  "req.cook_val(sid)",
  "url_param(a)",
  "url_param(c)",
  "url_param(b)",
  "url_param(zz)",
  "url_param()",
  "urlp(a)",
  "urlp_val(n)",
  "urlp(p,;)",
  "req.body_param(p)",
  "req.body_param(q)",
  "req.body_param(name)",
  "req.body_param(x)",
  "url_ip",
  "url_port",
  "env(HOME_OF_NOTHING)",
  "str(a b)",
  "str()",
  "int(0)",
  "int(-1)",
  "bool(1)",
  "bool(false)",
  "bin(00ff7f80)",
  "ipv4(10.0.0.1)",
  "ipv6(::ffff:1.2.3.4)",
  "ipv6(2001:DB8:0:0:1:0:0:1)",
  "meth(GET)",
  "method",
  "rand(1)",
  "nbsrv(c0)",
  "be_sess_rate(nothing)",
  "srv_is_up(nothing/x)",
  "var(txn.undefined)",
  "var(txn.undefined,fallback)",
  "hostname,length,bool",
  "date,length",
  "unknown_fetch",
  "path(x)",
  "hdr(a,b)",
];

/** "date": an integer that is a date between 1970 and 9999; what 2.6 makes of others is no date. */
type Type = "str" | "int" | "bool" | "bin" | "addr" | "date";

const SOURCES: readonly (readonly [string, Type])[] = [
  ["str(abc)", "str"],
  ['str("Hello World")', "str"],
  ['str("a,b,,c")', "str"],
  ["str(-5)", "str"],
  ["str()", "str"],
  ["path", "str"],
  ["query", "str"],
  ["url", "str"],
  ["method", "str"],
  ...FIELDS.map(([name]) => [`req.hdr(${name})`, "str"] as const),
  ["req.hdr(X-None)", "str"],
  ["req.cook(sid)", "str"],
  ["req.body", "bin"],
  ["int(0)", "int"],
  ["int(7)", "int"],
  ["int(-1)", "int"],
  ["int(255)", "int"],
  ["int(784111777)", "date"],
  ["int(86399)", "date"],
  ["int(951827696)", "date"],
  ["int(4294967296)", "date"],
  ["int(9223372036854775807)", "int"],
  ["int(-9223372036854775808)", "int"],
  ["req.hdr_val(X-Num)", "int"],
  ["req.hdr_cnt(X-Multi)", "int"],
  ["bool(true)", "bool"],
  ["bool(0)", "bool"],
  ["always_true", "bool"],
  ["src", "addr"],
  ["ipv4(192.168.1.77)", "addr"],
  ["ipv6(2001:db8::ff)", "addr"],
  ["req.hdr_ip(X-Ips)", "addr"],
  ["bin(00ff1080deadbeef)", "bin"],
  ["bin(48656c6c6f)", "bin"],
  ["base32", "int"],
];

interface Converter {
  readonly name: string;
  readonly from: Type;
  readonly to: Type;
  /** Argument lists to draw from; "" is none. */
  readonly args: readonly string[];
}

const converter = (name: string, from: Type, to: Type, ...args: readonly string[]): Converter => ({
  name,
  from,
  to,
  args: args.length === 0 ? [""] : args,
});

const NUMBERS = [
  "(0)",
  "(1)",
  "(-1)",
  "(7)",
  "(255)",
  "(4294967295)",
  "(9223372036854775807)",
  "(txn.n)",
  "(txn.none)",
];

const CONVERTERS: readonly Converter[] = [
  ...["add", "sub", "mul", "div", "mod", "and", "or", "xor"].map((name) => converter(name, "int", "int", ...NUMBERS)),
  ...["neg", "cpl"].map((name) => converter(name, "int", "int")),
  ...["odd", "even", "bool"].map((name) => converter(name, "int", "bool")),
  converter("not", "bool", "bool"),
  converter("iif", "bool", "str", "(yes,no)", "(,no)", "(yes)", '("a,b",c)'),
  converter("base64", "bin", "str"),
  converter("b64dec", "str", "bin"),
  converter("ub64enc", "bin", "str"),
  converter("ub64dec", "str", "str"),
  converter("hex", "bin", "str"),
  converter("hex2i", "str", "int"),
  converter("be2dec", "bin", "str", "(:,2)", "(,1)", "(-,3,1)", "(.,8)", "(x)", "(:,9)"),
  converter("be2hex", "bin", "str", "(:,2)", "(,1)", "(-,3,1)", "()", "(_)"),
  converter("bytes", "bin", "bin", "(1)", "(0,3)", "(2,100)", "(50)", "(3,0)", "(-1)"),
  converter("length", "str", "int"),
  converter("lower", "str", "str"),
  converter("upper", "str", "str"),
  converter("ltrim", "str", "str", "( /)", "(a)", "()"),
  converter("rtrim", "str", "str", "( /)", "(c)", "()"),
  converter("cut_crlf", "str", "str"),
  converter("concat", "str", "str", "(x)", "(-,txn.s,+)", "(<,txn.none,>)", "(,txn.n)", "()"),
  converter("add_item", "str", "str", '(",",txn.s)', "(;,,x)", "(;,txn.none)", '(",",txn.s,y)'),
  converter("strcmp", "str", "int", "(txn.s)", "(txn.none)"),
  converter("secure_memcmp", "str", "bool", "(txn.s)"),
  converter(
    "field",
    "str",
    "str",
    '(1,",")',
    '(2,",")',
    '(-1,",")',
    "(2,/)",
    "(2,/,2)",
    "(2,/,0)",
    "(9,.)",
    '(-2,",",2)',
    "(1,=&)",
    "(0,a)",
  ),
  converter(
    "word",
    "str",
    "str",
    '(1,",")',
    '(2,",")',
    '(-1,",")',
    "(2,/)",
    "(2,/,2)",
    "(2,/,0)",
    "(9,.)",
    '(-2,",",2)',
    "(1,=&)",
  ),
  converter(
    "regsub",
    "str",
    "str",
    "(a,b)",
    "(a,b,g)",
    "(A,b,gi)",
    '("([a-z]+)","<\\1>",g)',
    "([0-9],)",
    "(o.*,x)",
    '("(",x)',
  ),
  converter("json", "str", "str", "", "(ascii)", "(utf8)", "(utf8s)", "(utf8p)", "(utf8ps)", "(bad)", "()"),
  converter(
    "json_query",
    "str",
    "str",
    "('$.a.b[1]')",
    "('$.n')",
    "('$.i')",
    "('$.i','int')",
    "('$.t')",
    "('$.s')",
    "('$.z')",
    "('$.none')",
    "('$')",
    "('$.a')",
  ),
  converter("url_dec", "str", "str", "", "(1)", "(0)"),
  converter("url_enc", "str", "str", "", "(query)", "(bad)"),
  converter("crc32", "bin", "int", "", "(1)"),
  converter("crc32c", "bin", "int", "", "(1)"),
  converter("djb2", "bin", "int", "", "(1)"),
  converter("sdbm", "bin", "int", "", "(1)"),
  converter("wt6", "bin", "int", "", "(1)"),
  converter("xxh32", "bin", "int", "", "(7)"),
  converter("xxh64", "bin", "int", "", "(7)"),
  converter("xxh3", "bin", "int", "", "(7)"),
  converter("sha1", "bin", "bin"),
  converter("sha2", "bin", "bin", "", "(224)", "(256)", "(384)", "(512)", "(5)"),
  converter("digest", "bin", "bin", "(md5)", "(sha256)", "(nothing)"),
  converter("hmac", "bin", "bin", "(sha256,a2V5)", "(md5,txn.s)", "(sha1,!)"),
  converter("htonl", "int", "bin"),
  converter("http_date", "date", "str", "", "(60)", "(-60)", "(0,s)"),
  converter("ltime", "date", "str", '("%Y-%m-%d %H:%M:%S")', "(%a)", "(%s,60)", "(%%)"),
  converter("utime", "date", "str", '("%Y-%m-%d %H:%M:%S")', "(%b-%d,-3600)", "(%H:%M:%S)"),
  converter("ipmask", "addr", "addr", "(24)", "(255.255.0.0)", "(32,64)", "(8,0)", "(0)", "(33)"),
  converter("host_only", "str", "str"),
  converter("port_only", "str", "int"),
  converter("language", "str", "str", "(fr;en)", "(de;fr,none)", "(es)", "(es,none)"),
  converter("mqtt_is_valid", "bin", "bool"),
  converter("fix_is_valid", "bin", "bool"),
  converter("nbsrv", "str", "int"),
  converter("jwt_header_query", "str", "str", "", "('$.alg')"),
  converter("set-var", "str", "str", "(txn.tmp)"),
];

/** What can stand at a place where `type` is there: HAProxy casts nearly everything to a string and back. */
function fits(found: Type, wanted: Type): boolean {
  if (wanted === "date") return found === "date";
  if (found === "date") return fits("int", wanted);
  return found === wanted || wanted === "str" || wanted === "bin" || (found === "bool" && wanted === "int") ||
    (found === "str" && wanted === "int");
}

/** Not built yet: neither tried nor drawn. */
const WAITING = /\b(wt6|http_first_req|capture\\.res\\.ver|req\.hdrs_bin|http_auth_\w+)\b/;

/** Chains of converters: every converter with every argument list first, then `count` longer ones. */
export function drawExpressions(seed: number, count: number): string[] {
  const random = new Prng(seed);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
  const drawn = new Set<string>();
  const converters = CONVERTERS.filter((c) => !WAITING.test(c.name));
  for (const c of converters) {
    const fitting = SOURCES.filter(([, type]) => type === c.from);
    for (const args of c.args) for (let i = 0; i < 2; i++) drawn.add(`${pick(fitting)[0]},${c.name}${args}`);
  }
  while (drawn.size < count) {
    const [text, first] = pick(SOURCES);
    let expression = text;
    let type = first;
    for (let steps = random.between(1, 4); steps > 0; steps--) {
      const anything = random.chance(0.01);
      const c = pick(converters.filter((it) => fits(type, it.from) || (anything && it.from !== "date")));
      expression += `,${c.name}${pick(c.args)}`;
      type = c.to;
    }
    drawn.add(expression);
  }
  return [...drawn];
}

export const FETCHES: readonly string[] = ALL_FETCHES.filter((expression) => !WAITING.test(expression));

/** Arguments that are missing, empty, too many or of the wrong type; casts that are none. */
const ALL_MISUSES: readonly string[] = [
  ..."ltrim() ltrim concat() concat field(,a) field(1,) field(1) field word(1) word(x,y) hmac() hmac(md5) digest() digest"
    .split(" "),
  ..."regsub() regsub(a) regsub(,x) language() language strcmp() strcmp strcmp(nope.x) strcmp(txn.a.b)".split(" "),
  ..."json() url_enc() url_dec(x) be2hex() be2hex(,x) be2dec() be2dec add_item() iif() capture-req() map()".split(" "),
  ..."bytes() bytes(x) bytes(1,x) bytes(1,2,3) lower(x) upper() length(1) base64(x) sha2(x) sha2(0) crc32(x) crc32(2)"
    .split(" "),
  ..."xxh32(x) djb2(-1) http_date(x) ltime() ltime utime(,x) ipmask() ipmask(x) ipmask(24,x) nothing nothing(x)".split(
    " ",
  ),
  "lower)",
  "lower(",
  "lower((x))",
  'field(1,","',
  "lower upper",
  "lower,",
  ",lower",
].map((text) => `path,${text}`).concat(
  ..."add() add add(x) add(1,2) add(txn.n) add(1x) add(99999999999999999999) mul(0x10) not odd(x) neg(1) cpl".split(" ")
    .map((text) => `int(5),${text}`),
  ..."int() int int(x) int(1,2) int(0x10) int(99999999999999999999) bool() bool(x) bool(yes) str ipv4() ipv4(x) ipv4(::1)"
    .split(" "),
  ..."ipv6(x) ipv6(1.2.3.4) bin() bin(0) bin(xx) meth() meth(x) env() env req.hdr() req.hdr req.hdr(a,x) req.hdr(a,1,2)"
    .split(" "),
  ..."req.cook() url_param(a,b) src(x) var() var(x) var(txn) var(txn.a,b,c) rand(x) rand() method(x) path( path) pa-th"
    .split(" "),
  ..."res.hdr(a) status res.body capture.res.ver res.cook(a) res.len bytes_out srv_name".split(" "),
);

export const MISUSES: readonly string[] = ALL_MISUSES.filter((expression) => !WAITING.test(expression));

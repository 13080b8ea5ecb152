// The stats statements: what is wrong with them, and what they contradict.
import { assertEquals } from "@std/assert";
import { messagesOf } from "../../../tests/conformance/proxy_fixture.ts";

/** Messages about a proxy with these statements. */
function said(statements: string, kind = "listen", more = ""): string[] {
  const times = " timeout client 1s\n timeout server 1s\n timeout connect 1s\n";
  const bind = kind === "backend" ? "" : " bind 127.0.0.1:81\n";
  const text = `${more}${kind} p\n mode http\n${bind}${times}${statements.split("; ").map((s) => ` ${s}\n`).join("")}`;
  return messagesOf(text).filter((m) => !m.startsWith("ALERT : Error") && !m.startsWith("ALERT : Fatal"))
    .map((m) => m.replace(/^(\w+) \d+: /, "$1 "));
}

Deno.test("STATS-01 stats statements that are wrong are told where and why", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["stats auth", "ALERT 'stats auth' expects <user>:<password> as argument."],
    ["stats auth noc", "ALERT 'stats auth' needs a user:password account."],
    ["stats auth :x", "ALERT 'stats auth' needs a user:password account."],
    ["stats uri", "ALERT 'stats uri' expects an URI prefix as argument."],
    ["stats realm", "ALERT 'stats realm' expects a realm name as argument."],
    ["stats scope", "ALERT 'stats scope' expects a proxy name as argument."],
    ["stats refresh", "ALERT 'stats refresh' expects a delay as argument."],
    ["stats enable x", "ALERT 'stats enable' cannot handle unexpected argument 'x'."],
    ["stats admin", "ALERT 'stats admin' requires either 'if' or 'unless' followed by a condition."],
    ["stats admin x", "ALERT 'stats admin' requires either 'if' or 'unless' followed by a condition."],
    ["stats http-request x", "ALERT 'stats http-request' expects 'allow', 'deny' or 'auth', but got 'x'"],
    ["stats http-request auth realm", "ALERT 'stats http-request' expects a realm name as argument."],
    ["stats uri x", "WARNING 'stats uri' : no request begins with 'x': the prefix should begin with '/'."],
    [
      "stats http-request deny; stats http-request allow",
      "WARNING previous 'stats http-request' action has no condition attached, further entries are NOOP.",
    ],
    [
      "stats show-desc",
      "WARNING 'stats show-desc' requires a parameter or 'description' to be set in the global section.",
    ],
    [
      "stats auth a:b; stats http-request deny",
      "ALERT proxy 'p': stats 'auth'/'realm' and 'http-request' can't be used at the same time.",
    ],
    ["mode tcp; stats enable", "WARNING 'stats' statement ignored for proxy 'p' as it requires HTTP mode."],
  ];
  for (const [statements, message] of cases) assertEquals(said(statements)[0], message, statements);
  assertEquals(said("stats show-node a/b")[0].startsWith("ALERT 'stats show-node' invalid node name"), true);
  assertEquals(said('stats realm "a\\"b"'), ["ALERT 'a\"b' cannot be sent as a realm."]);
});

Deno.test("STATS-01 stats statements that are right are taken in every section of the manual", () => {
  for (const kind of ["frontend", "listen", "backend"]) {
    const all =
      "stats enable; stats uri /s; stats auth a:b; stats realm R; stats scope .; stats refresh 5s; stats hide-version; " +
      "stats show-legends; stats show-modules; stats show-node n; stats show-desc some words; stats admin if TRUE";
    assertEquals(said(all, kind).filter((m) => m.includes("stats")), [], kind);
  }
  const inherited = "defaults\n mode http\n stats auth a:b\n";
  assertEquals(said("stats http-request deny", "listen", inherited), [], "what is inherited is replaced");
  assertEquals(messagesOf("defaults\n stats admin if TRUE\n")[0].includes("not allowed in 'defaults' section"), true);
});

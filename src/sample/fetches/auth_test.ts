// Credentials, as haproxy reads them from the same headers.
import { assertEquals } from "@std/assert";
import type { Location, Names, Section } from "../../config/mod.ts";
import { parseAclTest } from "../acl.ts";
import { OFFERS } from "../offers.ts";
import { checkExpressions } from "../references.ts";
import { evaluate, testContext, testEnv, testRegistry, testRequest, TestTxn } from "../testing.ts";
import { holds, refusal } from "./places.ts";

const USERS: Readonly<Record<string, readonly [password: string, ...groups: string[]]>> = {
  a: ["b", "g1", "g2"],
  c: ["d", "g3"],
  e: ["f"],
};
const env = testEnv({
  userlist: (name) =>
    name !== "ul" ? undefined : {
      check(user, password) {
        const [right, ...groups] = Object.hasOwn(USERS, user) ? USERS[user] : [null];
        return right === password ? groups : null;
      },
    },
});

function request(...headers: string[]): TestTxn {
  return new TestTxn(testRequest("/", ...headers));
}

function basic(pair: string): string {
  return `Authorization: Basic ${btoa(pair)}`;
}

/** http_auth, http_auth_group, user, password, scheme, token; "-" for what is absent. */
function told(...headers: string[]): string {
  const txn = request(...headers);
  const names = ["http_auth(ul)", "http_auth_group(ul)", "http_auth_user", "http_auth_pass", "http_auth_type"];
  return [...names, "http_auth_bearer"].map((name) => {
    return evaluate(name, txn, env).replace(/^\w+:/, "").replace("absent", "-");
  }).join("|");
}

Deno.test("HTTP-05 FETCH-19 credentials of the scheme Basic, and what a userlist says of them", () => {
  assertEquals(told(basic("a:b")), "1|a|a|b|Basic|-");
  assertEquals(told(basic("a:x")), "0|-|a|x|Basic|-");
  assertEquals(told(basic("nobody:b")), "0|-|nobody|b|Basic|-");
  assertEquals(told("authorization: BASIC   " + btoa("c:d")), "1|c|c|d|Basic|-");
  assertEquals(told(basic("a:b:c")), "0|-|a|b:c|Basic|-");
  assertEquals(told(basic(":")), "0|-|||Basic|-");
  assertEquals(told(basic("\xe9:\xff")), "0|-|\xe9|\xff|Basic|-");
  // The first of several values, and of several lines.
  assertEquals(told(`${basic("a:b")}, Basic ${btoa("c:d")}`), "1|a|a|b|Basic|-");
  assertEquals(told(basic("c:d"), basic("a:b")), "1|c|c|d|Basic|-");
});

Deno.test("HTTP-05 what is no credential of a known scheme is absent", () => {
  const none = [
    [],
    ["Authorization: Basic"],
    ["Authorization: Basic !!!!"],
    ["Authorization: Basic a:b"],
    [basic("nocolon")],
    [basic("a\0q:b")],
    [`${basic("a:b")} x`],
    ["Authorization: Bearer"],
    ["Authorization: Digest x=y"],
    [`Authorization: Basic\t${btoa("a:b")}`],
    [`Proxy-Authorization: Basic ${btoa("a:b")}`],
  ];
  for (const headers of none) assertEquals(told(...headers), "-|-|-|-|-|-", headers.join());
});

Deno.test("HTTP-05 FETCH-19 tokens of the scheme Bearer, of Authorization or another header", () => {
  assertEquals(told("Authorization: Bearer tok.en"), "-|-|-|-|Bearer|tok.en");
  assertEquals(told("Authorization: bearer   tok en"), "-|-|-|-|Bearer|tok en");
  assertEquals(told("Authorization: Bearer a,b"), "-|-|-|-|Bearer|a");
  assertEquals(evaluate("http_auth_bearer(x-t)", request("X-T: Bearer zz")), "str:zz");
  assertEquals(evaluate("http_auth_bearer(x-t)", request("X-T: zz")), "absent");
  assertEquals(evaluate("http_auth_bearer(x-t)", request(basic("a:b"))), "absent");
  assertEquals(
    evaluate("http_auth_bearer(x t)"),
    "error: invalid args in fetch method 'http_auth_bearer' : 'x t' is not a header name",
  );
});

Deno.test("HTTP-05 ACLs on users and on their groups", () => {
  const match = (condition: string, pair: string) => holds(condition, request(basic(pair)), env);
  assertEquals(match("{ http_auth(ul) }", "a:b"), true);
  assertEquals(match("{ http_auth(ul) }", "a:x"), false);
  assertEquals(holds("{ http_auth(ul) }", request(), env), false);
  assertEquals(holds("!{ http_auth(ul) }", request(), env), true);
  assertEquals(match("{ http_auth_group(ul) g1 }", "a:b"), true);
  assertEquals(match("{ http_auth_group(ul) g3 g2 }", "a:b"), true);
  assertEquals(match("{ http_auth_group(ul) g3 }", "a:b"), false);
  assertEquals(match("{ http_auth_group(ul) g1 }", "a:x"), false);
  assertEquals(match("{ http_auth_group(ul) g1 }", "e:f"), false);
});

const AT: Location = { file: "t.cfg", line: 1, column: 1 };

/** What the end of the configuration says to an ACL, in a configuration with one userlist. */
function problems(...words: string[]): string[] {
  const parsed = parseAclTest(words, testContext(), "here");
  if (typeof parsed === "string") throw new Error(parsed);
  const list = { nodes: [{ keyword: "group", value: { name: "g1" } }, { keyword: "user", value: { name: "u" } }] };
  const out: string[] = [];
  const names = {
    registry: testRegistry(),
    section: (_kind: string, name: string) => name === "ul" ? list : undefined,
    error: (_at: Location, text: string) => out.push(text),
  } as unknown as Names;
  checkExpressions(parsed.test, names, AT, { kind: "frontend", name: "f" } as Section);
  return out;
}

Deno.test("HTTP-05 groups and userlists that do not exist are told", () => {
  assertEquals(problems("http_auth_group(ul)", "g1"), []);
  assertEquals(problems("http_auth_group(ul)", "g1", "u"), ["proxy f: acl http_auth_group(): invalid group 'u'."]);
  assertEquals(problems("http_auth_group(ul)", "--"), ["proxy f: acl http_auth_group(): no groups specified."]);
  assertEquals(problems("http_auth_group(ul),lower", "x"), []);
  assertEquals(problems("http_auth(nope)"), [
    "unable to find userlist 'nope', referenced in arg 1 of ACL keyword 'http_auth' in frontend 'f'.",
  ]);
  assertEquals(
    refusal("http_auth(ul)", OFFERS["http-response"]),
    "fetch method 'http_auth' extracts information from 'HTTP request headers', none of which is available here.",
  );
  assertEquals(
    evaluate("http_auth"),
    "error: fetch method 'http_auth' : expected type 'user list' at position 1, but got nothing",
  );
});

import { assert, assertEquals } from "@std/assert";
import { growthOf } from "./native.ts";
import { Machine } from "./machine.ts";
import { compileRegex, Regex } from "./mod.ts";
import { parseRegex } from "./parser.ts";
import { compile } from "./program.ts";

function regex(pattern: string, ignoreCase = false): Regex {
  const made = compileRegex(pattern, ignoreCase);
  if (typeof made === "string") throw new Error(made);
  return made;
}

/** The groups of a match, both engines agreeing where both may run it. */
function match(pattern: string, text: string, ignoreCase = false): (string | undefined)[] | null {
  const found = regex(pattern, ignoreCase).match(text);
  const program = compile(parseRegex(pattern, ignoreCase));
  const machine = new Machine(program);
  const ok = machine.search(text, 0, null, false);
  assertEquals(ok, found !== null, `${pattern} on ${text}`);
  if (found === null) return null;
  const { registers } = machine;
  const groups = [...found.groups];
  assertEquals([registers[0], registers[1]], [found.index, found.end], `${pattern} on ${text}`);
  for (let i = 1; i <= program.groups; i++) {
    const group = registers[i * 2] < 0 ? undefined : text.slice(registers[i * 2], registers[i * 2 + 1]);
    assertEquals(group, groups[i], `group ${i} of ${pattern} on ${text}`);
  }
  return groups;
}

// Each was run by PCRE in the packaged haproxy (regsub, -m reg) or by perl.
const MATCHES: readonly [pattern: string, text: string, groups: (string | undefined)[] | null][] = [
  ["abc", "xabcx", ["abc"]],
  ["^/api/v([0-9]+)/(.*)$", "/api/v12/users/3", ["/api/v12/users/3", "12", "users/3"]],
  ["\\.(jpg|png|gif)$", "/a.b.png", [".png", "png"]],
  ["^[^/:]*://", "http://x", ["http://"]],
  ["(a|ab)(c|bcd)(d*)", "abcd", ["abcd", "a", "bcd", ""]],
  ["(a+)(b+)?", "aac", ["aa", "aa", undefined]],
  ["(?:(a)|b)*", "ab", ["ab", "a"]],
  ["(a*)*", "b", ["", ""]],
  ["(a*)?", "b", ["", ""]],
  ["a.c", "a\nc", null],
  ["(?s)a.c", "a\nc", ["a\nc"]],
  ["a$", "a\n", ["a"]],
  ["a\\z", "a\n", null],
  ["a\\Z", "a\n", ["a"]],
  ["(?m)^b$", "a\nb\nc", ["b"]],
  ["^b$", "a\nb\nc", null],
  ["a{2,3}", "aaaa", ["aaa"]],
  ["a{2,3}?", "aaaa", ["aa"]],
  ["a{,3}", "a{,3}", ["a{,3}"]],
  ["x{", "x{", ["x{"]],
  ["[]a]+", "]a", ["]a"]],
  ["[^]a]", "]ab", ["b"]],
  ["[a\\]]+", "a]", ["a]"]],
  ["[\\d-x]+", "1-x", ["1-x"]],
  ["[[:alpha:]_]+[[:digit:]]", "a_b1", ["a_b1"]],
  ["[[:^digit:]]", "1a", ["a"]],
  ["\\bfoo\\b", "a foo b", ["foo"]],
  ["\\Bo", "foo", ["o"]],
  ["(?i)straSSe", "STRAsse", ["STRAsse"]],
  ["a(?i)b|c", "C", ["C"]],
  ["a(?i:b)c", "aBc", ["aBc"]],
  ["a(?i:b)c", "aBC", null],
  ["(?i)é".replace("é", "\xe9"), "\xc9", null],
  ["\\x41\\101\\n", "AA\n", ["AA\n"]],
  ["\\Qa.b\\E+", "a.bbb", ["a.bbb"]],
  ["a(?=b)", "ab", ["a"]],
  ["a(?!b)", "abac", ["a"]],
  ["(?<=a)b", "bab", ["b"]],
  ["(?<!a)b", "abcb", ["b"]],
  ["(?<=ab|c)d", "abd", ["d"]],
  ["(a)(?<=(a))b", "ab", ["ab", "a", "a"]],
  ["(ab?)\\1", "abab", ["abab", "ab"]],
  ["(?i)(a)\\1", "aA", ["aA", "a"]],
  ["(?<q>['\"])x\\k<q>", "'x\"'x'", ["'x'", "'"]],
  ["(?P<q>a)(?P=q)", "aa", ["aa", "a"]],
  ["(a)\\g{-1}", "aa", ["aa", "a"]],
  ["(?>a+)ab", "aaab", null],
  ["a++b", "aab", ["aab"]],
  ["a++a", "aaa", null],
  ["foo\\Kbar", "foobar", ["bar"]],
  ["(?x) a b # c\n c", "abc", ["abc"]],
  ["a(?#comment)b", "ab", ["ab"]],
  ["\\R", "a\r\n", ["\r\n"]],
  ["[\\x80-\\xff]", "a\xe9", ["\xe9"]],
  ["\\s", "\xa0", null],
  ["(\\d{1,3})\\.(\\d{1,3})", "x192.168y", ["192.168", "192", "168"]],
  // What looked ahead with success looks again from the next place.
  ["^(?:(?=a*b)[ab])+$", "aab", ["aab"]],
  ["^(?:(?>a*)(?<=a)b|.)+$", "aabab", ["aabab"]],
  ["", "abc", [""]],
  ["a|", "b", [""]],
  ["(?:((?:\\1|b))){2,}", "aacbNB.aa", null],
];

Deno.test("ACL-09 regular expressions match as PCRE, on both engines", () => {
  for (const [pattern, text, groups] of MATCHES) {
    const found = match(pattern, text);
    assertEquals(found, groups, `${pattern} on ${JSON.stringify(text)}`);
  }
  assertEquals(match("AbC", "xaBcx", true), ["aBc"]);
});

Deno.test("ACL-09 what is no regular expression is refused in PCRE's words, what is not built by name", () => {
  const refused = (pattern: string) => {
    const made = compileRegex(pattern, false);
    return typeof made === "string" ? /error=(.*)\)$/.exec(made)![1] : "accepted";
  };
  assertEquals(compileRegex("(", false), "regex '(' is invalid (error=missing closing parenthesis, erroffset=1)");
  assertEquals(refused("a)"), "unmatched closing parenthesis, erroffset=1");
  assertEquals(refused("[a"), "missing terminating ] for character class, erroffset=2");
  assertEquals(refused("*a"), "quantifier does not follow a repeatable item, erroffset=0");
  assertEquals(refused("a{3,2}"), "numbers out of order in {} quantifier, erroffset=1");
  assertEquals(refused("a{99999}"), "number too big in {} quantifier, erroffset=1");
  assertEquals(refused("[z-a]"), "range out of order in character class, erroffset=3");
  assertEquals(refused("a\\"), "\\ at end of pattern, erroffset=2");
  assertEquals(refused("(a)\\2"), "reference to non-existent subpattern, erroffset=3");
  assertEquals(refused("(?<=a*)b"), "lookbehind assertion is not fixed length, erroffset=0");
  assertEquals(refused("(?R)"), "recursion into groups is not supported, erroffset=1");
  assertEquals(refused("(?(1)a|b)"), "conditional groups are not supported, erroffset=1");
  assertEquals(refused("(*SKIP)"), "backtracking verbs such as (*SKIP) are not supported, erroffset=1");
  assertEquals(refused("\\p{L}"), "\\p, \\P and \\X are not supported, erroffset=2");
  assertEquals(refused("(?:(?:a{1000}){1000})"), "regular expression is too large, erroffset=0");
  assertEquals(refused("(".repeat(300) + ")".repeat(300)), "parentheses are too deeply nested, erroffset=250");
});

/** Steps beyond which a search counts as frozen: the machine gives up at a few millions. */
function nativeLimit(pattern: string): number {
  const growth = growthOf(parseRegex(pattern, false));
  return growth === null ? 0 : growth.degree;
}

Deno.test("ACL-09 a pattern that would backtrack without bound never runs on V8", () => {
  for (
    const hostile of ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)*x", "(a|b|ab)*c", "(\\w+\\s?)*$", "(?:a?){30}b", "(a)\\1+"]
  ) {
    assertEquals(nativeLimit(hostile), 0, hostile);
  }
  assertEquals(nativeLimit("^/api/[0-9]+/"), 1);
  assertEquals(nativeLimit("^(.*)\\.example\\.com$"), 1);
  assertEquals(nativeLimit(".*foo"), 2);
  assertEquals(nativeLimit("^([a-z]+\\.)*x"), 0);
});

Deno.test("ACL-09 a hostile pattern on a hostile text comes to an end", () => {
  const text = "a".repeat(16000);
  assertEquals(regex("(a+)+$").test(text + "!"), false);
  assertEquals(regex("(a|aa)+$").test(text + "!"), false);
  assertEquals(regex("(a*)*b").test(text), false);
  assertEquals(regex("(?:a?){40}a{40}$").test(text), true);
  assertEquals(regex(".*.*.*x").test(text), false);
  assertEquals(regex("(?=(a+)+$)b").test(text), false);
  // With references the time has a bound and beyond it there is no match.
  assertEquals(regex("(a*)*\\1b").test(text), false);
  // The machine is linear, so it finds what is there however far behind.
  assertEquals(regex("(a|aa)+b").test(text + "b"), true);
  assertEquals(regex("(?:.*)*x$").test(text + "x"), true);
});

Deno.test("ACL-09 matches are searched from an offset, with what is before it in sight", () => {
  const r = regex("\\bb");
  assertEquals(r.match("ab b", 1)?.index, 3);
  assertEquals(regex("^b").match("ab", 1), null);
  assertEquals(regex("(?>b)").match("abb", 2)?.index, 2);
  assertEquals(regex("(?>^b)").match("bb", 1), null);
  const found = regex("(x)?b").match("ab", 0)!;
  assert(found.index === 1 && found.end === 2 && found.groups[1] === undefined);
});

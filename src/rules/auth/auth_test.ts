import { assertEquals } from "@std/assert";
import { Cursor, ParseStop } from "../../config/mod.ts";
import type { Diagnostic, KeywordEntry, Model, Names, Node, ParseContext, Section } from "../../config/mod.ts";
import { cryptDigest, parseCrypt } from "./crypt.ts";
import { userlistEntries } from "./keywords.ts";
import { buildUserlists } from "./userlist.ts";

const LONG = "a much longer password than any digest has bytes, so that all the loops run twice";

/** Made by `openssl passwd` and crypt(3). */
const HASHES: readonly (readonly [string, string])[] = [
  ["", "$1$abcDEF12$eNq7LXu3i/wY4hXnTo4vC/"],
  ["a", "$1$abcDEF12$UydtowR5qDFc0EgEvK4nz0"],
  ["secret", "$1$abcDEF12$8IACQF/mPs3eU2MxH36mW0"],
  [LONG, "$1$abcDEF12$1LlFAQlS3.f2uq1cKaRZy1"],
  ["a", "$5$abcDEF12$GL96h2x4GH3spupgU.UjPxzKrYsHSk8EAHgZCw9SNg4"],
  ["secret", "$5$abcDEF12$edNUbU0acT4/4GCGJYmP7NJgYy7L5p5Ttmn3I8HhYp/"],
  [LONG, "$5$abcDEF12$PquKkE.3kHqFXJd/.cWsm8lk5nOZlpZuHhhf4KKOvZ0"],
  ["a", "$6$abcDEF12$Wp4WI.3N9oOgRxj.iVMvAdLly8Lq/1EfPB5Pthffz9tkO6OwWZFrnv2Oh3IuGApd.1.6mHhryIGQNWjcDBF9D0"],
  [LONG, "$6$abcDEF12$wM/kz7MWhMyhwyytaYlDrk3qJxcJxkFgqy7jAucZ1ZUP1uPGbcwmCiLvOaMSL.7dXzhW3eixtAdULSWkcrJqB."],
  [
    "Hello world!",
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
  ],
  [
    "pw",
    "$6$rounds=1234$thesaltstringisl$3xw08yZtpMx2we40r5c.fARY.6fe2WKcN1h1GDnN2qBxlVBhhpBPQWv8UVsW82z/xUD.iTrssGHMrVoYOhkul1",
  ],
];

Deno.test("HTTP-05 hashes of crypt(3) are computed as crypt(3) does", () => {
  for (const [password, text] of HASHES) {
    const hash = parseCrypt(text);
    if (typeof hash === "string") throw new Error(hash);
    assertEquals(cryptDigest(password, hash), hash.digest, text);
    assertEquals(cryptDigest(password + "x", hash) === hash.digest, false);
  }
});

Deno.test("HTTP-05 a hash that cannot be checked is refused when it is read", () => {
  const error = (text: string) => {
    const hash = parseCrypt(text);
    return typeof hash === "string" ? hash : "";
  };
  assertEquals(error("rl0uE1oT6gB0w"), "only the hashes of MD5 ($1$), SHA-256 ($5$) and SHA-512 ($6$) are supported");
  assertEquals(
    error("$y$j9T$abc$def"),
    "the hash '$y$' is not supported: use MD5 ($1$), SHA-256 ($5$) or SHA-512 ($6$)",
  );
  assertEquals(error("$6$rounds=x$salt$digest"), "'rounds=x' is no number of rounds");
  assertEquals(error("$6$rounds=2000000$salt$digest"), "2000000 rounds are too many: the maximum is 1000000");
  assertEquals(error("$1$salt$short"), "the digest is not of the length its hash has");
  assertEquals(error("$1$salt$$x"), "the hash has no salt or no digest");
  assertEquals(error(`$1$salt$${"!".repeat(22)}`), "'!' cannot be in a digest");
});

/** Parses and checks a section of such statements: its node list, and everything that was said about it. */
function userlist(...statements: string[]): { section: Section; said: string[] } {
  const diagnostics: Diagnostic[] = [];
  const nodes: Node[] = [];
  const at = { file: "test.cfg", line: 1, column: 1 };
  for (const statement of statements) {
    const words = statement.split(" ").map((text) => ({ text, column: 1 }));
    const context = { diagnostics, section: { kind: "userlist", name: "l1", nodes } } as unknown as ParseContext;
    const cursor = new Cursor(context, "test.cfg", 1, words[0].text, false, words, 1);
    try {
      const value = find(words[0].text).parse(cursor);
      nodes.push({ keyword: words[0].text, at, negated: false, value });
    } catch (error) {
      if (!(error instanceof ParseStop)) throw error;
    }
  }
  const section: Section = { kind: "userlist", name: "l1", at, nodes, defaults: -1 };
  const said = diagnostics.map((d) => d.text);
  const names = { error: (_at: unknown, text: string) => void said.push(text) } as unknown as Names;
  for (const node of nodes) find(node.keyword).check?.(node, section, names);
  return { section, said };
}

function find(keyword: string): KeywordEntry {
  return userlistEntries.find((entry) => entry.name === keyword) as KeywordEntry;
}

Deno.test("HTTP-05 a userlist knows users by either password form, and their groups from either statement", () => {
  const { section, said } = userlist(
    "group G1 users tiger,scott",
    "group G2",
    "user tiger password $5$abcDEF12$edNUbU0acT4/4GCGJYmP7NJgYy7L5p5Ttmn3I8HhYp/",
    "user scott insecure-password elgato groups G2",
    "user nobody",
    `user long insecure-password ${"x".repeat(513)}`,
  );
  assertEquals(said, []);
  const model: Model = { sections: [section], files: {}, environment: {}, sources: [] };
  const list = buildUserlists(model).get("l1")!;
  assertEquals(list.check("tiger", "secret"), ["G1"]);
  assertEquals(list.check("tiger", "secret"), ["G1"], "the second time without hashing");
  assertEquals(list.check("tiger", "Secret"), null);
  assertEquals(list.check("scott", "elgato"), ["G2", "G1"]);
  assertEquals(list.check("scott", "elgat"), null);
  assertEquals(list.check("scott", ""), null);
  assertEquals(list.check("nobody", ""), null);
  assertEquals(list.check("constructor", ""), null);
  assertEquals(list.check("long", "x".repeat(513)), null, "too long to be looked at");
});

Deno.test("HTTP-05 misuse of user and group is told by name", () => {
  assertEquals(userlist("user").said, ["'user' expects <name> as argument."]);
  assertEquals(userlist("user a foo").said, [
    "'user' only supports 'password', 'insecure-password' and 'groups' options.",
  ]);
  assertEquals(userlist("user a password abc").said, [
    "'user' : the password of 'a' is unusable: only the hashes of MD5 ($1$), SHA-256 ($5$) and SHA-512 ($6$) are supported.",
  ]);
  assertEquals(userlist("group g foo").said, ["'group' only supports 'users' option."]);
  assertEquals(userlist("user a", "user a").said, ["ignoring duplicated user 'a' in userlist 'l1'."]);
  assertEquals(userlist("user a groups g").said, ["userlist 'l1': no such group 'g' specified in user 'a'"]);
  assertEquals(userlist("group g users a").said, ["userlist 'l1': no such user 'a' specified in group 'g'"]);
});

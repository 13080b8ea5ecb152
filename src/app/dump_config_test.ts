import { assert, assertEquals } from "@std/assert";
import { anonymous } from "../base/mod.ts";
import { lexLine } from "../config/mod.ts";
import { dumpStatement } from "./dump_config.ts";

Deno.test("PROC-14 a dumped statement is read as it was", () => {
  const cases = [
    ["bind", ":80"],
    ["http-request", "return", "string", "a b", "if", "{ path '/x' }"],
    ["acl", "x", "path", '"', "\\", "#", "", "\t", "\n\r", "\x01", "$HOME", "é"],
  ];
  for (const words of cases) {
    const line = dumpStatement(words, false, 0);
    assert(line.startsWith("\t") && line.endsWith("\n"));
    const read = lexLine(line.slice(0, -1), () => undefined);
    assertEquals(read.words.map((word) => word.text), words);
  }
  assertEquals(dumpStatement(["frontend", "web"], true, 0), "frontend web\n");
});

Deno.test("PROC-14 with a key names and addresses are hidden, and what may be confidential is left out", () => {
  const hidden = (name: string) => anonymous(42, name);
  const cases: [string[], boolean, string][] = [
    [["frontend", "shop", "from", "base"], true, `frontend ${hidden("shop")} from ${hidden("base")}\n`],
    [["global"], true, "global\n"],
    [["bind", "10.0.0.1:80", "name", "secret"], false, `\tbind ${hidden("10.0.0.1")}:80 name ...\n`],
    [
      ["server", "db1", "db.example:5432", "check", "inter", "2s", "cookie", "abc"],
      false,
      `\tserver ${hidden("db1")} ${hidden("db.example")}:5432 check inter 2s ...\n`,
    ],
    [
      ["stats", "socket", "/run/a.sock", "level", "admin"],
      false,
      `\tstats socket ${hidden("/run/a.sock")} level admin\n`,
    ],
    [["timeout", "client", "10s"], false, "\ttimeout client 10s\n"],
    [["use_backend", "shop", "if", "{ hdr(x) y }"], false, `\tuse_backend ${hidden("shop")} if ...\n`],
    [["user", "joe", "password", "x"], false, `\tuser ${hidden("joe")} ...\n`],
    [["http-request", "set-header", "x", "y"], false, "\thttp-request ...\n"],
  ];
  for (const [words, section, want] of cases) assertEquals(dumpStatement(words, section, 42), want);
});

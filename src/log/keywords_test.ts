import { assertEquals } from "@std/assert";
import { Cursor, ParseStop } from "../config/mod.ts";
import type { Diagnostic, ParseContext, SectionKind } from "../config/mod.ts";
import { logEntries } from "./keywords.ts";
import { type LogTargetNode, targetOf } from "./target.ts";

/** Parses one statement: its node, or the text of its error. */
function parse(statement: string, section: SectionKind = "frontend"): unknown {
  const words = statement.split(" ").map((text) => ({ text, column: 1 }));
  const negated = words[0].text === "no";
  if (negated) words.shift();
  const keyword = words[0].text;
  const diagnostics: Diagnostic[] = [];
  const context = { diagnostics, section: { kind: section, name: "f", nodes: [] } } as unknown as ParseContext;
  const cursor = new Cursor(context, "test.cfg", 1, keyword, negated, words, 1);
  const entry = logEntries.find((one) => one.name === keyword)!;
  try {
    return entry.parse(cursor);
  } catch (error) {
    if (!(error instanceof ParseStop)) throw error;
    return diagnostics[0].text;
  }
}

/** Where a `log` line sends to. */
function target(text: string): unknown {
  const node = parse(`log ${text} daemon`) as { target: LogTargetNode };
  return typeof node === "string" ? node : targetOf(node.target);
}

const UDP = { kind: "datagram", address: { family: "ipv4", host: "127.0.0.1", port: 514 } };

Deno.test("LOG-01 log reads targets of every kind", () => {
  assertEquals(target("127.0.0.1"), UDP);
  assertEquals(target("udp@127.0.0.1:514"), UDP);
  assertEquals(target("127.0.0.1:0"), UDP);
  assertEquals(target("[::1]:1514"), { kind: "datagram", address: { family: "ipv6", host: "::1", port: 1514 } });
  assertEquals(target("/run/log"), { kind: "datagram", address: { family: "unix", path: "/run/log" } });
  assertEquals(target("/dev/log"), { kind: "guarded", address: { family: "unix", path: "/dev/log" } });
  assertEquals(target("abns@logs"), { kind: "datagram", address: { family: "unix", path: "\0logs" } });
  assertEquals(target("stdout"), { kind: "descriptor", number: 1 });
  assertEquals(target("fd@2"), { kind: "descriptor", number: 2 });
  assertEquals(target("fd@7"), { kind: "descriptor", number: 7 });
  const tcp = { family: "ipv4", host: "127.0.0.1", port: 1514 };
  assertEquals(target("tcp@127.0.0.1:1514"), { kind: "stream", address: tcp });
  assertEquals(target("tcp4@127.0.0.1:1514"), { kind: "stream", address: tcp });
  assertEquals(target("tcp6@[::1]"), { kind: "stream", address: { family: "ipv6", host: "::1", port: 514 } });
  assertEquals(target("uxst@/run/log"), { kind: "stream", address: { family: "unix", path: "/run/log" } });
  for (const refused of ["ring@r", "backend@b"]) {
    assertEquals(/^log : '.*(not supported as log targets yet)/.test(String(target(refused))), true, refused);
  }
  assertEquals(target("127.0.0.1:99999"), "log : invalid port '99999'");
});

Deno.test("LOG-01 LOG-02 LOG-11 log reads length, format, sampling, facility and levels", () => {
  assertEquals(parse("log stdout len 2000 format rfc5424 sample 1,3-4:5 profile p local7 notice err"), {
    kind: "line",
    target: { kind: "descriptor", number: 1 },
    length: 2000,
    format: "rfc5424",
    sampling: { ranges: [[1, 1], [3, 4]], size: 5 },
    profile: "p",
    facility: 23,
    maxLevel: 5,
    minLevel: 3,
  });
  assertEquals({ ...parse("log 127.0.0.1 cron2") as object, target: target("127.0.0.1") }, {
    kind: "line",
    target: UDP,
    length: 1024,
    format: null,
    sampling: null,
    profile: "",
    facility: 15,
    maxLevel: 7,
    minLevel: 0,
  });
  assertEquals(parse("log global"), { kind: "global" });
  assertEquals(parse("no log"), { kind: "none" });
});

Deno.test("LOG-01 LOG-11 misuse of log is told by name", () => {
  const errors: Readonly<Record<string, string>> = {
    "log stdout": "log : expects <address> and <facility> as arguments",
    "log stdout foo": "log : unknown log facility 'foo'",
    "log stdout format raw len 200 daemon": "log : unknown log facility 'len'",
    "log stdout daemon bar": "log : unknown optional log level 'bar'",
    "log stdout daemon info foo": "log : unknown optional minimum log level 'foo'",
    "log stdout daemon info err x": "log : cannot handle unexpected argument 'x'",
    "log stdout len 10 daemon": "log : invalid log length '10', must be between 80 and 65535",
    "log stdout len 70000 daemon": "log : invalid log length '70000', must be between 80 and 65535",
    "log stdout format foo daemon": "log : unknown log format 'foo'",
    "log stdout profile": "log : 'profile' expects the name of a log-profile section",
    "log stdout sample 1 daemon": "log : missing sample size",
    "log stdout sample 0:5 daemon": "log : wrong sample range '0'",
    "log stdout sample 3-2:5 daemon": "log : wrong sample range '3-2'",
    "log stdout sample 1-3,2:5 daemon": "log : sample ranges are overlapping",
    "log stdout sample 1:x daemon": "log : wrong sample size 'x'",
    "log stdout sample 3-9:5 daemon":
      "log : sample size 5 should be greater or equal to 9, the highest limit of the ranges",
    "no log stdout": "'no log' does not expect arguments",
  };
  for (const [statement, error] of Object.entries(errors)) assertEquals(parse(statement), error);
  assertEquals(parse("log global", "global"), "log : 'global' is not supported for a global syslog server");
});

Deno.test("LOG-09 log-tag and log-send-hostname take one word", () => {
  assertEquals(parse("log-tag web"), "web");
  assertEquals(parse("log-tag"), "'log-tag' expects a tag for use in syslog.");
  assertEquals(parse("log-tag a b"), "'log-tag' cannot handle unexpected argument 'b'.");
  assertEquals(parse("log-send-hostname", "global"), "");
  assertEquals(parse("log-send-hostname proxy1", "global"), "proxy1");
  assertEquals(parse("log-send-hostname a b", "global"), "'log-send-hostname' cannot handle unexpected argument 'b'.");
});

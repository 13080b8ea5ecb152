// The statements of the sockets: what is taken, and what is said of what is not.
import { assert, assertEquals } from "@std/assert";
import { check } from "../../../mod.ts";

const said = (lines: string) => {
  const { valid, diagnostics } = check({
    text: `global\n${lines}\nfrontend f\n mode http\n timeout client 1s\n bind 127.0.0.1:1\n`,
  });
  return { valid, texts: diagnostics.filter((d) => d.level !== "WARNING").map((d) => d.text) };
};

Deno.test("API-01 stats socket, stats timeout, stats maxconn: what is taken", () => {
  const lines = [
    "stats socket /run/a.sock mode 660 user root group root level admin",
    "stats socket /run/b.sock uid 0 gid 0 severity-output string backlog 5 name x id 3",
    "stats socket unix@/run/c.sock",
    "stats socket abns@name level operator",
    "stats socket ipv4@127.0.0.1:9999 level user severity-output none",
    "stats socket 127.0.0.1:9998",
    "stats socket [::1]:9999",
    "stats socket fd@3",
    "stats timeout 2m",
    "stats timeout 500",
    "stats maxconn 100",
  ];
  assertEquals(said(lines.join("\n")), { valid: true, texts: [] });
  assert(said("stats socket /run/a.sock expose-fd listeners").valid);
});

Deno.test("API-01 stats socket: what is wrong is told with its place", () => {
  const wrong = (line: string) => {
    const { valid, texts } = said(line);
    assert(!valid, line);
    return texts[0];
  };
  assertEquals(
    wrong("stats socket"),
    "'stats socket' in the global section expects an address or a path to a UNIX socket.",
  );
  assertEquals(
    wrong("stats socket /a level root"),
    "'stats socket' expects 'user', 'operator' or 'admin' after 'level', but got 'root'",
  );
  assertEquals(
    wrong("stats socket /a severity-output words"),
    "'stats socket' expects 'none', 'number' or 'string' after 'severity-output', but got 'words'",
  );
  assertEquals(wrong("stats socket 127.0.0.1"), "'stats socket' : missing port specification in '127.0.0.1'");
  assertEquals(wrong("stats socket sockpair@3"), "'stats socket' : 'sockpair@' is not supported yet in 'sockpair@3'.");
  assertEquals(
    wrong("stats maxconn 0"),
    "'stats maxconn' expects <connections> between 1 and 2147483647, but got '0'.",
  );
  assertEquals(wrong("stats timeout 0"), "'stats timeout' expects a positive value.");
  assert(wrong("stats timeout x").startsWith("'stats timeout' : "));
  assert(wrong("stats timeout").startsWith("'stats timeout' expects <timeout>"));
});

Deno.test("API-01 options of stats sockets say on other sockets that they have no effect there", () => {
  const bind = "bind 127.0.0.1:1 level admin severity-output string expose-fd listeners";
  const { valid, diagnostics } = check({ text: `frontend f\n mode http\n timeout client 1s\n ${bind}\n` });
  assert(valid);
  assertEquals(
    diagnostics.filter((d) => d.level === "NOTICE").map((d) => d.text),
    ["level", "severity-output", "expose-fd"].map((name) =>
      `'${name}' has no effect: it is an option of 'stats socket'.`
    ),
  );
});

Deno.test("API-01 options of frontends are refused on stats sockets", () => {
  for (const option of ["accept-proxy", "accept-netscaler-cip 1", "maxconn 3", "shards 2", "thread 1"]) {
    const { valid, texts } = said(`stats socket /a level admin ${option}`);
    assert(!valid, option);
    assertEquals(texts[0], `'stats socket /a' : '${option.split(" ")[0]}' is supported on 'bind' lines only.`);
  }
});

// Persistence by cookie (configuration.txt 4.2 "cookie", 8.5): which server a cookie leads to, what the server sees of it, what
// the client is sent, and the letters of the log. The cases are what the packaged haproxy was seen to do, dates apart.
import { assertEquals, assertMatch } from "@std/assert";
import { cookieDate, cookieText } from "../../src/proxy/mod.ts";
import { messagesOf } from "../conformance/proxy_fixture.ts";
import { defaults, play, type Scene } from "./scenario.ts";

/** 2024-01-01, when simulated worlds begin. */
const NOW = cookieDate(1704067200000);
const date = (ago: number) => cookieText({ maxIdle: 1, maxLife: 0 } as never, "", NOW - ago / 4, -1);

interface Seen {
  /** Server, what it saw of cookies, what the client was sent of them, and the letters. */
  readonly line: string;
}

/** Asks for each of these: "METHOD path cookie^cookie". */
async function ask(statement: string, requests: readonly string[], back = "", servers = ""): Promise<string[]> {
  const config = `${defaults('    retries 1\n    log-format "%HU %s %tsc"')}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
    ${statement === "" ? "" : `cookie ${statement}`}
${back}
    server s1 10.0.1.1:80 cookie one ${servers}
    server s2 10.0.1.2:80 cookie two ${servers}
    server s3 10.0.1.3:80 cookie three disabled
`;
  const out: Seen[] = [];
  const serve =
    (name: string) => async (peer: { until(m: string): Promise<string>; send(t: string): Promise<number> }) => {
      for (;;) {
        const head = await peer.until("\r\n\r\n");
        if (!head.endsWith("\r\n\r\n")) return;
        const path = head.split(" ")[1];
        const own = path === "/set"
          ? "Set-Cookie: SRV=own; path=/x\r\n"
          : path === "/other"
          ? "Set-Cookie: A=1\r\nSet-Cookie: SRV=abc; HttpOnly\r\nCache-Control: max-age=5\r\n"
          : path === "/empty"
          ? "Set-Cookie: SRV=\r\n"
          : "";
        const saw = [name, ...head.split("\r\n").filter((l) => l.startsWith("cookie: ")).map((l) => l.slice(8))].join(
          "|",
        );
        await peer.send(`HTTP/1.1 200 OK\r\n${own}x-saw: ${saw}\r\ncontent-length: 0\r\n\r\n`);
      }
    };
  await play({
    config,
    before: (world) => {
      for (const i of [1, 2]) world.serve({ family: "ipv4", host: `10.0.1.${i}`, port: 80 }, serve(`s${i}`));
    },
  }, async (s: Scene) => {
    for (const request of requests) {
      const [method, path, ...cookies] = request.split(" ");
      const fields = cookies.join(" ").split("^").filter((c) => c !== "").map((c) => `Cookie: ${c}\r\n`).join("");
      const peer = await s.connect();
      await peer.send(`${method} ${path} HTTP/1.0\r\nHost: a\r\n${fields}\r\n`);
      const { text } = await s.drain(peer);
      peer.close();
      await s.sleep(5);
      const told = text.split("\r\n").filter((l) => /^(?:set-cookie|cache-control)/.test(l)).map((l) =>
        l.replace("set-cookie: ", "")
      );
      const saw = /^x-saw: (.*)\r$/m.exec(text)?.[1] ?? text.slice(9, 12);
      const letters = s.log.at(-1)!.split(" ")[2].slice(-2);
      out.push({ line: [saw, told.join(" + "), letters].join(" => ") });
    }
  });
  return out.map((o) => o.line);
}

type Rows = readonly (readonly [request: string, line: string])[];

const CASES: readonly (readonly [what: string, statement: string, rows: Rows, back?: string])[] = [
  ["insert", "SRV insert", [
    ["GET /1", "s1 => SRV=one; path=/ => NI"],
    ["GET /2 SRV=one", "s1|SRV=one =>  => VN"],
    ["GET /3 SRV=two", "s2|SRV=two =>  => VN"],
    ["GET /4 SRV=zzz", "s2|SRV=zzz => SRV=two; path=/ => II"],
    ["GET /5 SRV=three", "s1|SRV=three => SRV=one; path=/ => DI"],
    ["GET /set SRV=one", "s1|SRV=one =>  => VD"],
    ["GET /set", "s2 => SRV=two; path=/ => NI"],
    ["GET /8 A=1; SRV=one; B=2", "s1|A=1; SRV=one; B=2 =>  => VN"],
    ["GET /9 srv=one", "s1|srv=one => SRV=one; path=/ => NI"],
    ["GET /empty SRV=one", "s1|SRV=one =>  => VD"],
  ]],
  ["insert indirect nocache", "SRV insert indirect nocache", [
    ["GET /1", "s1 => SRV=one; path=/ => NI"],
    ["GET /2 SRV=one", "s1 =>  => VN"],
    ["GET /3 A=1; SRV=two; B=2", "s2|A=1; B=2 =>  => VN"],
    ["GET /4 SRV=zzz", "s2 => SRV=two; path=/ => II"],
    ["GET /5 SRV=three;B=1", "s1|B=1 => SRV=one; path=/ => DI"],
    ["GET /other SRV=one", "s1 => A=1 + cache-control: max-age=5 => VD"],
    ["GET /other", "s2 => A=1 + cache-control: max-age=5 + SRV=two; path=/ + cache-control: private => NI"],
    ["GET /9 A=1^SRV=one", "s1|A=1 =>  => VN"],
    ["GET /10 SRV=one; SRV=two", "s1 =>  => VN"],
    ["GET /12 B=1;SRV=one", "s1|B=1 =>  => VN"],
    ["GET /13 SRV=", "s1 => SRV=one; path=/ => II"],
    ['GET /14 SRV="one"', "s2 => SRV=two; path=/ => II"],
    ["GET /15 SRV=one|aaaaa", "s1 => SRV=one; path=/ => VU"],
  ]],
  ["postonly", "SRV insert indirect postonly", [
    ["GET /1", "s1 =>  => NN"],
    ["POST /2", "s2 => SRV=two; path=/ => NI"],
    ["POST /3 SRV=one", "s1 =>  => VN"],
  ]],
  [
    "preserve and attributes",
    "SRV insert indirect preserve httponly secure domain .a.b domain c.d attr SameSite=None",
    [
      ["GET /1", "s1 => SRV=one; path=/; domain=.a.b; domain=c.d; HttpOnly; Secure; SameSite=None => NI"],
      ["GET /set", "s2 => SRV=own; path=/x => NP"],
      ["GET /set SRV=one", "s1 => SRV=own; path=/x => VP"],
      ["GET /empty SRV=one", "s1 => SRV= => VP"],
    ],
  ],
  ["rewrite", "SRV rewrite", [
    ["GET /1", "s1 =>  => NN"],
    ["GET /set", "s2 => SRV=two; path=/x => NR"],
    ["GET /set SRV=one", "s1|SRV=one => SRV=one; path=/x => VR"],
    ["GET /other SRV=two", "s2|SRV=two => A=1 + SRV=two; HttpOnly + cache-control: max-age=5 => VR"],
    ["GET /5 SRV=own", "s1|SRV=own =>  => IN"],
    ["GET /empty SRV=one", "s1|SRV=one => SRV=one => VR"],
  ]],
  ["prefix", "SRV prefix", [
    ["GET /1", "s1 =>  => NN"],
    ["GET /2 SRV=one~own", "s1|SRV=own =>  => VN"],
    ["GET /3 SRV=two~xx; B=1", "s2|SRV=xx; B=1 =>  => VN"],
    ["GET /5 SRV=own", "s2|SRV=own =>  => IN"],
    ["GET /6 SRV=zz~own", "s1|SRV=own =>  => IN"],
    ["GET /7 SRV=three~own", "s2|SRV=own =>  => DN"],
    ["GET /8 A=1; SRV=one~a; SRV=two~b", "s1|A=1; SRV=a; SRV=b =>  => VN"],
    ["GET /set SRV=one~x", "s1|SRV=x => SRV=one~own; path=/x => VR"],
  ]],
  ["prefix indirect", "SRV prefix indirect", [
    ["GET /set SRV=one~x", "s1|SRV=x =>  => VD"],
    ["GET /set", "s1 => SRV=one~own; path=/x => NR"],
  ]],
  ["a name alone", "SRV", [
    ["GET /1", "s1 =>  => --"],
    ["GET /set", "s2 => SRV=own; path=/x => --"],
    ["GET /3 SRV=two", "s2|SRV=two =>  => --"],
  ]],
  ["indirect alone", "SRV indirect", [
    ["GET /set", "s1 => SRV=own; path=/x => NP"],
    ["GET /3 SRV=two", "s2|SRV=two =>  => VN"],
    ["GET /set SRV=two", "s2|SRV=two =>  => VD"],
  ]],
  ["maxidle", "SRV insert indirect maxidle 10s", [
    ["GET /1", `s1 => SRV=one${date(0)}; path=/ => NI`],
    ["GET /2 SRV=one|aaaaa", `s2 => SRV=two${date(0)}; path=/ => EI`],
    ["GET /3 SRV=one|zzzzz", `s1 => SRV=one${date(0)}; path=/ => EI`],
    ["GET /4 SRV=one", `s1 => SRV=one${date(0)}; path=/ => VU`],
    [`GET /5 SRV=one${date(8)}`, `s1 => SRV=one${date(0)}; path=/ => VU`],
    [`GET /6 SRV=one${date(0)}`, "s1 =>  => VN"],
    [`GET /7 SRV=one${date(12)}`, `s2 => SRV=two${date(0)}; path=/ => EI`],
  ]],
  ["maxlife", "SRV insert indirect maxlife 20s", [
    ["GET /1", `s1 => SRV=one${date(0)}${date(0)}; path=/ => NI`],
    ["GET /2 SRV=one||aaaaa", `s2 => SRV=two${date(0)}${date(0)}; path=/ => OI`],
    ["GET /4 SRV=one", `s1 => SRV=one${date(0)}${date(0)}; path=/ => VU`],
    [`GET /5 SRV=one|${date(8)}`, "s1 =>  => VN"],
    [`GET /6 SRV=one${date(8)}${date(8)}`, `s1 => SRV=one${date(0)}${date(8)}; path=/ => VU`],
    [`GET /7 SRV=one${date(8)}`, `s1 => SRV=one${date(0)}${date(0)}; path=/ => VU`],
  ]],
  ["ignore-persist", "SRV insert", [
    ["GET /1 SRV=two", "s1|SRV=two =>  => UN"],
    ["GET /2 SRV=two", "s2|SRV=two =>  => UN"],
  ], "    ignore-persist if TRUE"],
  ["ignore-persist for some", "SRV insert", [
    ["GET /static SRV=two", "s1|SRV=two =>  => UN"],
    ["GET /x SRV=two", "s2|SRV=two =>  => VN"],
  ], "    ignore-persist if { path /static }"],
  ["use-server comes first", "SRV insert", [
    ["GET /1 SRV=one", "s2|SRV=one =>  => UN"],
    ["GET /2", "s2 =>  => NN"],
  ], "    use-server s2 if TRUE"],
  ["force-persist: to a server in maintenance", "SRV insert", [
    ["GET /1 SRV=three", "503 => cache-control: no-cache => DN"],
    ["GET /2 SRV=one", "s1|SRV=one =>  => VN"],
  ], "    force-persist if { req.cook(SRV) three }\n    option redispatch"],
  ["option persist: not to a server in maintenance", "SRV insert", [
    ["GET /1 SRV=three", "s1|SRV=three => SRV=one; path=/ => DI"],
  ], "    option persist\n    option redispatch"],
];

for (const [what, statement, rows, back] of CASES) {
  Deno.test(`LB-13 cookie: ${what}`, async () => {
    const lines = await ask(statement, rows.map(([request]) => request), back ?? "");
    assertEquals(lines, rows.map(([, line]) => line));
  });
}

Deno.test("LB-13 cookie: a server that fails its checks is left, and gone to first with option persist", async () => {
  const seen = async (option: string) => {
    const config = `${defaults('    retries 1\n    option redispatch\n    log-format "%HU %s %tsc %rc"')}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
    cookie SRV insert
${option}
    server s1 10.0.1.1:80 cookie one
    server s2 10.0.1.2:80 cookie two check inter 100ms fall 1
`;
    const scene = await play({
      config,
      server: () => async (peer) => {
        await peer.until("\r\n\r\n");
        await peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      },
    }, async (s) => {
      await s.sleep(500);
      const peer = await s.connect();
      await peer.send("GET / HTTP/1.0\r\nHost: a\r\nCookie: SRV=two\r\n\r\n");
      await s.drain(peer);
      peer.close();
    });
    return scene.log.find((l) => l.startsWith("/ "));
  };
  assertEquals(await seen(""), "/ s1 --DI 0");
  assertEquals(await seen("    option persist"), "/ s1 --DI +1");
});

Deno.test("LB-13 cookie: what is wrong in a statement is told", () => {
  const told = (line: string, server = "") =>
    messagesOf(
      `backend b\n mode http\n timeout server 1s\n timeout connect 1s\n ${line}\n server s 10.0.0.1:80 ${server}\n`,
    )
      .find((m) => m.startsWith("ALERT 5:") || m.startsWith("ALERT 6:")) ?? "";
  assertMatch(told("cookie"), /'cookie' expects <cookie_name> as argument/);
  assertMatch(told("cookie SRV insert rewrite"), /modes are incompatible/);
  assertMatch(told("cookie SRV rewrite indirect"), /'rewrite' and 'indirect' modes are incompatible/);
  assertMatch(told("cookie SRV rewrite preserve"), /'preserve' requires at least 'insert' or 'indirect'/);
  assertMatch(told("cookie SRV insert attr a;b"), /character '%x3B' is not permitted/);
  assertMatch(told("cookie SRV insert dynamic"), /'dynamic' is not supported yet/);
  assertMatch(told("cookie SRV insrt"), /did you mean 'insert'/);
  assertMatch(told("cookie S;V insert"), /is not a cookie name/);
  assertMatch(told("force-persist"), /expects either 'if' or 'unless'/);
  assertMatch(told("cookie SRV insert", "cookie a;b"), /cannot stand in a cookie/);
});

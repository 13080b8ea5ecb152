// Which server gets which request: the order of algorithms, weights, hashes, backups, rules that choose.
import type { Case } from "./cases.ts";
import { compare } from "./harness.ts";

const served = (name: string) => ({
  replies: [`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\nX-Server: ${name}\r\n\r\n${name}`],
});
const SERVERS = { a: served("a"), b: served("b"), c: served("c"), d: served("d") };
const LINES = (options: Partial<Record<"a" | "b" | "c" | "d", string>>) =>
  Object.entries(options).map(([name, words]) => `  server ${name} {server:${name}} ${words}`).join("\n");
const ALL = { a: "", b: "", c: "" };

/** Requests for these paths, one after another on one connection. */
const order = (
  config: string,
  servers: Partial<Record<"a" | "b" | "c" | "d", string>>,
  paths: readonly string[] = Array.from({ length: 16 }, (_, i) => `/${i}`),
  fields: (i: number) => string = () => "",
): Case => ({
  name: `${config.replaceAll(/\n\s*/g, " ; ")} of ${JSON.stringify(servers)}`,
  config: `${config}\n${LINES(servers)}`,
  servers: SERVERS,
  clients: [{
    steps: paths.flatMap((path, i) => [
      `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields(i)}\r\n`,
      { until: "X-Server: ".toLowerCase(), times: i + 1 } as const,
      { until: "\r\n\r\n", times: i + 1 } as const,
    ]),
  }],
});

const WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"];
const PATHS = WORDS.map((w, i) => `/${w}/${i}/x?q=${w}${i}&k=${i % 3}`);
const HASHES = ["", "hash-type consistent", "hash-type map-based djb2", "hash-type map-based crc32"]
  .concat(
    "hash-type map-based sdbm avalanche",
    "hash-type map-based djb2 avalanche",
    "hash-type map-based crc32 avalanche",
    "hash-type consistent sdbm avalanche",
    "hash-type consistent djb2 avalanche",
    "hash-type consistent crc32 avalanche",
    "hash-type consistent djb2",
  );

compare("LB-01 LB-02 order of servers", {
  cases: [
    order("balance roundrobin", ALL),
    order("balance roundrobin", { a: "weight 1", b: "weight 3", c: "weight 2" }),
    order("balance roundrobin", { a: "weight 10", b: "weight 20" }),
    order("balance roundrobin", { a: "weight 5", b: "weight 5", c: "weight 1", d: "weight 256" }),
    order("balance roundrobin", { a: "weight 0", b: "", c: "weight 7" }),
    order("balance roundrobin", { a: "disabled", b: "", c: "" }),
    order("balance roundrobin", { a: "backup", b: "", c: "" }),
    order("balance roundrobin", { a: "backup", b: "backup", c: "disabled" }),
    order("balance roundrobin\n  option allbackups", { a: "backup", b: "backup", c: "disabled" }),
    order("balance static-rr", ALL),
    order("balance static-rr", { a: "weight 1", b: "weight 3", c: "weight 2" }),
    order("balance static-rr", { a: "weight 4", b: "weight 2" }),
    order("balance first", ALL),
    order("balance first", { a: "id 9", b: "id 3", c: "id 5" }),
    order("balance leastconn", ALL),
    order("balance leastconn", { a: "weight 1", b: "weight 3" }),
    order("", ALL),
    order("default-server weight 3", { a: "", b: "weight 1" }),
  ],
});

compare("LB-06 LB-07 LB-08 hashes", {
  cases: [
    ...HASHES.flatMap((hash) => [
      order(`balance uri\n  ${hash}`, ALL, PATHS),
      order(`balance uri\n  ${hash}`, { a: "weight 1", b: "weight 3", c: "weight 2", d: "weight 20" }, PATHS),
      order(`balance hdr(X-Key)\n  ${hash}`, ALL, PATHS, (i) => `X-Key: ${WORDS[i]}\r\n`),
    ]),
    order("balance uri whole", ALL, PATHS),
    order("balance uri len 4", ALL, PATHS),
    order("balance uri depth 2", ALL, PATHS),
    order("balance uri path-only", ALL, PATHS.map((p) => `http://a${p}`)),
    order("balance uri", ALL, PATHS.map((p) => `http://a${p}`)),
    order("balance url_param q", ALL, PATHS),
    order("balance url_param k", ALL, PATHS),
    order("balance url_param none", ALL, PATHS),
    order("balance hdr(X-None)", ALL, PATHS),
    order("balance hdr(Host)", ALL, PATHS),
    order("balance hdr(Host) use_domain_only", ALL, PATHS),
    order("balance source", ALL),
    order("balance source\n  hash-type consistent", ALL),
    order("balance source", { a: "weight 3", b: "weight 7", c: "disabled" }),
    {
      name: "balance source of many",
      config: `balance source\n${LINES(ALL)}`,
      servers: SERVERS,
      clients: Array.from({ length: 12 }, (_, i) => ({
        from: `127.0.${i * 7}.${i + 2}`,
        steps: ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
      })),
    },
    {
      name: "balance source consistent of many",
      config: `balance source\n  hash-type consistent\n${LINES(ALL)}`,
      servers: SERVERS,
      clients: Array.from({ length: 12 }, (_, i) => ({
        from: `127.0.${i * 7}.${i + 2}`,
        steps: ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
      })),
    },
    order("balance hash path", ALL, PATHS),
    order("balance hash path,lower\n  hash-type consistent", ALL, PATHS),
    order("balance hash req.hdr(none)", ALL, PATHS),
  ].map((c) => c.name.includes("balance hash") ? { ...c, waits: "a haproxy that knows balance hash" } : c),
});

const two = (config: string, steps: Case["clients"]): Case => ({
  name: config.replaceAll(/\n\s*/g, " ; "),
  config,
  servers: SERVERS,
  clients: steps,
});
const GETS = ["/", "/a", "/b/x", "/c"].flatMap((path, i) => [
  `GET ${path} HTTP/1.1\r\nHost: h\r\nX-B: bb{n}\r\n\r\n`,
  { until: "\r\n\r\n", times: i + 1 } as const,
]);
const FRONT = (lines: string, back = "") =>
  `frontend f{n}\n  bind {bind}\n  ${lines}\nbackend ba{n}\n  server a {server:a}\nbackend bb{n}\n  ${back}\n  server b {server:b}`;

compare("LB-13 choice of backend and server", {
  cases: [
    two(FRONT("default_backend ba{n}"), GETS),
    two(FRONT("use_backend bb{n} if { path_beg /b }\n  default_backend ba{n}"), GETS),
    two(FRONT("use_backend bb{n} if { path_beg /b }"), GETS),
    two(FRONT("use_backend bb{n} if { path /a }\n  use_backend ba{n} if { path_beg /a }\n  use_backend bb{n}"), GETS),
    two(FRONT("use_backend %[path,regsub(^/b.*,bb{n})]\n  default_backend ba{n}"), GETS),
    two(FRONT("use_backend b%[path,field(2,/)]{n}\n  default_backend bb{n}"), GETS),
    two(FRONT("use_backend bb{n} unless { path / }\n  default_backend ba{n}", "http-request set-header X 1"), GETS),
    two(
      "listen c{n}\n  bind {bind}\n  use-server b if { path_beg /b }\n  server a {server:a}\n  server b {server:b}",
      GETS,
    ),
    two(
      "listen c{n}\n  bind {bind}\n  use-server b if { path_beg /b }\n  server a {server:a}\n  server b {server:b} disabled",
      GETS,
    ),
    two(
      "listen c{n}\n  bind {bind}\n  use-server %[path,field(2,/)] if TRUE\n  server a {server:a}\n  server b {server:b}",
      GETS,
    ),
    two(
      "listen c{n}\n  bind {bind}\n  balance roundrobin\n  retries 2\n  option redispatch 1\n  server d {dead}\n  server a {server:a}",
      GETS,
    ),
    two(
      "listen c{n}\n  bind {bind}\n  http-request set-header X-S %s\n  http-response set-header X-S %s:%b:%si\n  server a {server:a}",
      GETS,
    ),
    two(
      "listen c{n}\n  bind {bind}\n  cookie SRV insert\n  server a {server:a} cookie ca\n  server b {server:b} cookie cb",
      GETS,
    ),
  ].map((c) => c.name.includes("cookie SRV") ? { ...c, waits: "cookie" } : c),
});

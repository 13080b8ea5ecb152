// What is wrong with resolvers sections, and with who refers to them, is told by place; the settings they make.
import { assertEquals } from "@std/assert";
import { resolversOf } from "../proxy/mod.ts";
import { createSimWorld } from "../sys/sim/mod.ts";
import { load } from "./load.ts";
import { programRegistry } from "./manifest.ts";

const registry = programRegistry();

function loaded(text: string, files: Readonly<Record<string, string>> = {}) {
  const world = createSimWorld();
  for (const [path, content] of Object.entries(files)) world.fs.add(path, content);
  return load({ files: [{ name: "t.cfg", text }], env: {}, localPeer: "sim" }, registry, world.main);
}

/** The errors, "line:column text". */
function errors(text: string): string[] {
  return loaded(text).diagnostics.filter(({ level }) => level === "ALERT").map(({ at, text }) =>
    `${at?.line}:${at?.column} ${text.split("\n")[0]}`
  );
}

Deno.test("DNS-01 DNS-02 DNS-03 DNS-04 what a resolvers section sets, and without a word", () => {
  const { model } = loaded(
    `resolvers a
 nameserver n1 10.0.0.1:53
 nameserver n2 tcp@[2001:db8::1]:5353
 nameserver n3 10.0.0.3
 parse-resolv-conf
 accepted_payload_size 4096
 resolve_retries 5
 timeout resolve 3s
 timeout retry 250
 hold nx 1s
 hold refused 2s
 hold timeout 3s
 hold other 4s
 hold valid 5s
 hold obsolete 6s
resolvers b
`,
    {
      "/etc/resolv.conf":
        "# one\nnameserver 127.0.0.53\nnameserver\t2001:db8::53 x\noptions edns0\nnameserver 127.0.0.53\n",
    },
  );
  const { a, b } = Object.fromEntries(resolversOf(model!, registry));
  assertEquals(a.nameservers.map(({ name, address, stream }) => `${name} ${address.host} ${address.port} ${stream}`), [
    "n1 10.0.0.1 53 false",
    "n2 2001:db8::1 5353 true",
    "n3 10.0.0.3 53 false",
    "127.0.0.53 127.0.0.53 53 false",
    "2001:db8::53 2001:db8::53 53 false",
  ]);
  assertEquals([a.payloadSize, a.retries, a.resolveMs, a.retryMs], [4096, 5, 3000, 250]);
  assertEquals(a.hold, { nx: 1000, refused: 2000, timeout: 3000, other: 4000, valid: 5000, obsolete: 6000 });
  assertEquals([b.payloadSize, b.retries, b.resolveMs, b.retryMs], [512, 3, 1000, 1000]);
  assertEquals(b.hold, { nx: 30000, refused: 30000, timeout: 30000, other: 30000, valid: 10000, obsolete: 0 });
});

Deno.test("DNS-01 DNS-03 DNS-04 misuse of a resolvers section", () => {
  const lines: Readonly<Record<string, string>> = {
    "nameserver": "2:12 'nameserver' expects <name> and <addr>[:<port>] as arguments.",
    "nameserver a 1.2.3.4:x": "2:15 'nameserver' : invalid character 'x' in port number 'x' in '1.2.3.4:x'",
    "nameserver a /dns": "2:15 'nameserver a' : this kind of address is not supported in '/dns'.",
    "nameserver a 1.2.3.4 maxconn 3": "2:23 'nameserver a' : 'maxconn' : options of servers are not supported yet.",
    "nameserver a 1.1.1.1\n nameserver a 1.1.1.2":
      "3:13 'nameserver' : a name server of the name 'a' is declared above.",
    "hold nx": "2:7 'hold' expects an <event> and a <time> as arguments.",
    "hold foo 1s":
      "2:7 'hold' unknown <event>: 'foo', expects one of 'nx', 'refused', 'timeout', 'other', 'valid', 'obsolete'.",
    "hold nx 1s x": "2:13 'hold' cannot handle unexpected argument 'x'.",
    "timeout": "2:9 'timeout' expects 'retry' or 'resolve' and <time> as arguments.",
    "timeout foo 1s": "2:10 'timeout' expects 'retry' or 'resolve' and <time> as arguments got 'foo'.",
    "timeout retry": "2:15 'timeout retry' expects <time> as argument.",
    "timeout retry 0": "2:16 'timeout retry' expects a positive <time>.",
    "resolve_retries 0": "2:18 'resolve_retries' expects <nb> between 1 and 100, but got '0'.",
    "accepted_payload_size 70000": "2:24 'accepted_payload_size' expects <nb> between 12 and 65535, but got '70000'.",
    "parse-resolv-conf": "2:19 'parse-resolv-conf' : failed to open /etc/resolv.conf : No such file or directory.",
  };
  for (const [line, error] of Object.entries(lines)) assertEquals(errors(`resolvers r\n ${line}\n`), [error], line);
});

Deno.test("DNS-01 DNS-07 DNS-08 misuse of do-resolve, and of the options of servers about names", () => {
  const rule = "error detected in listen 'l' while parsing";
  const syntax =
    "Expects 'do-resolve(<varname>,<resolvers>[,<options>]) <expr>'. Available options are 'ipv4' and 'ipv6'.";
  const lines: Readonly<Record<string, string>> = {
    "http-request do-resolve(txn.a) src":
      `${rule} 'http-request do-resolve(txn.a)' rule : Can't parse 'do-resolve(txn.a)'. ${syntax}`,
    "http-request do-resolve(txn.a,r,foo) src":
      `${rule} 'http-request do-resolve(txn.a,r,foo)' rule : Can't parse 'do-resolve(txn.a,r,foo)'. ${syntax}`,
    "http-request do-resolve(txn.a,q) src": "Proxy 'l': Can't find resolvers section 'q' for do-resolve action.",
    "http-request do-resolve(txn.a,r)": `${rule} 'http-request do-resolve(txn.a,r)' rule : missing fetch method.`,
    "server s a.test:80 resolvers q": "proxy 'l', server 's': unable to find required resolvers 'q'.",
    "server s _a._tcp.test resolvers r": "'server l/s' : SRV labels ('_a._tcp.test') are not supported yet.",
    "server s a.test:80 init-addr foo":
      "'init-addr' : unknown init-addr method 'foo', supported methods are 'libc', 'last', 'none', and addresses.",
    "server s a.test:80 resolve-net 10.0.0.0/8,a": "'resolve-net' : 'a' is not an IP address.",
    "server s a.test:80 resolve-opts foo":
      "'resolve-opts' : unknown option 'foo', expects 'allow-dup-ip' or 'prevent-dup-ip'.",
    "server s a.test:80 resolve-opts ignore-weight": "'resolve-opts' : 'ignore-weight' is not supported yet.",
    "server s a.test:80 resolve-prefer ipv5":
      "'server' expects 'ipv4' or 'ipv6' after 'resolve-prefer', but got 'ipv5'; did you mean 'ipv4' maybe ?",
  };
  const found = Object.keys(lines).map((line) => [
    line,
    errors(`resolvers r\n nameserver n 10.0.0.1\nlisten l\n mode http\n ${line}\n`).join("; ").replace(/^\d+:\d+ /, ""),
  ]);
  assertEquals(Object.fromEntries(found), lines);
});

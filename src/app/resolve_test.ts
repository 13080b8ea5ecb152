import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parsed } from "../../tests/sim/proxy_world.ts";
import { proxyConfigsOf } from "../proxy/mod.ts";
import { globalConfigOf } from "../proxy/mod.ts";
import { LoadedPatterns } from "../sample/mod.ts";
import { createSimWorld } from "../sys/sim/mod.ts";
import { resolveNames, type Resolving } from "./resolve.ts";

Deno.test("ACL-02 host names in address patterns of ACLs, and the short forms of addresses", async () => {
  const acls = (patterns: string) => `
listen web
    mode http
    timeout client 1s
    bind 127.0.0.1:80
    acl a src ${patterns}
    http-request return status 200 if a
`;
  const listed = async (patterns: string, files: Record<string, string> = {}) => {
    const world = createSimWorld();
    for (const [path, text] of Object.entries(files)) world.fs.add(path, text);
    world.names.set("front.test", ["::1", "10.1.2.3"]);
    world.names.set("six.test", ["::6"]);
    const { model, registry } = parsed(acls(patterns), world);
    const result = await world.wait(resolveNames(model, world.main.dns));
    const { sets, problem } = new LoadedPatterns(result.model, registry, { k0: 1, k1: 2 });
    const texts: string[] = [];
    for (const set of sets.all) {
      const cursor = sets.list(set, 0);
      for (let entry = cursor.next(); entry !== null; entry = cursor.next()) texts.push(entry.text);
    }
    return result.diagnostics.map((d) => d.text).join() || problem || texts.join(" ");
  };
  assertEquals(await listed("front.test front.test/16 10.0.0.0/8"), "10.1.2.3 10.1.2.3/16 10.0.0.0/8");
  assertEquals(
    await listed("127/8 1 0/0 010.1.1.1 1.65535 3232235777"),
    "0.0.0.127/8 0.0.0.1 0.0.0.0/0 8.1.1.1 1.0.255.255 192.168.1.1",
  );
  assertEquals(
    await listed("-f /l.lst 1.1.1.1", { "/l.lst": "front.test\n127/8\n::1\n" }),
    "10.1.2.3 0.0.0.127/8 ::1 1.1.1.1",
  );
  assertEquals(await listed("none.test"), "'none.test' is not a valid IPv4 or IPv6 address.");
  assertEquals(
    await listed("-f /l.lst", { "/l.lst": "1.1.1.1\nbad\n" }),
    "'bad' is not a valid IPv4 or IPv6 address in file '/l.lst' at line 2.",
  );
  assertEquals(await listed("six.test"), "'six.test' is not a valid IPv4 or IPv6 address.");
  const refused = (patterns: string, text: string) =>
    assertStringIncludes(assertThrows(() => parsed(acls(patterns), createSimWorld())).message, text);
  refused("-n front.test", "'front.test' is not a valid IPv4 or IPv6 address");
  refused("front.test/33", "'front.test/33' is not a valid IPv4 or IPv6 address");
  refused("1.2.3.4.5", "'1.2.3.4.5' is not a valid IPv4 or IPv6 address");
  refused("256.1.1.1 1.65536.1", "'256.1.1.1' is not a valid IPv4 or IPv6 address");
  refused("089", "'089' is not a valid IPv4 or IPv6 address");
});

Deno.test("ACL-03 ACL-04 one file has one or two columns for all, and a number names one list", async () => {
  const problems = async (rules: string) => {
    const world = createSimWorld();
    world.fs.add("/m.map", "a b\n");
    const { model } = parsed(`listen web\n mode http\n timeout client 1s\n bind 127.0.0.1:80\n${rules}\n`, world);
    return (await world.wait(resolveNames(model, world.main.dns))).diagnostics.map((d) => `${d.at!.line} ${d.text}`)
      .join();
  };
  const map = " http-request set-header x %[path,map_beg(/m.map)]\n";
  const list = " acl a path -f /m.map\n";
  const both = " acl b path -M -f /m.map\n";
  const text = (already: string, wanted: string) =>
    `6 The file "/m.map" is already used as ${already} column file and cannot be used by as ${wanted} column file.`;
  assertEquals(await problems(map + list), text("two", "one"));
  assertEquals(await problems(list + both), text("one", "two"));
  assertEquals(await problems(both + map + " http-request deny if b"), "");
  assertEquals(await problems(" acl a path -f virt@x\n http-request set-header x %[path,map(virt@x)]"), "");
  const numbered = " acl a path -u 5 x\n acl b path -u 5 y\n";
  assertEquals(await problems(numbered), "6 the id 5 of an ACL's patterns is already used.");
  assertEquals(await problems(" acl a path -u 5 x\n http-request deny if a\n http-request return status 200 if a"), "");
});

const CONFIG = `
defaults
    timeout connect 1s
    timeout client 1s
    timeout server 1s
listen web
    bind front.test:80
    server a one.test:8001
    server b ipv6@one.test:8002
    server c 127.0.0.9:8003
    server d onlysix.test:8004
`;

async function resolved(config: string, names: Record<string, string[]>, how?: Resolving) {
  const world = createSimWorld();
  for (const [name, addresses] of Object.entries(names)) world.names.set(name, addresses);
  const { model, registry } = parsed(config, world);
  const result = await world.wait(resolveNames(model, world.main.dns, how));
  return { ...result, model, after: result.model, registry };
}

Deno.test("names of servers and binds become addresses: the first IPv4 one unless the prefix asks for another", async () => {
  const { after, registry, diagnostics } = await resolved(CONFIG, {
    "front.test": ["127.0.0.5"],
    "one.test": ["::5", "10.0.0.1", "10.0.0.2"],
    "onlysix.test": ["::6"],
  });
  assertEquals(diagnostics, []);
  const [web] = proxyConfigsOf(after, registry, globalConfigOf(after, registry));
  assertEquals(web.binds.map((b) => [b.address.family, b.address.host]), [["ipv4", "127.0.0.5"]]);
  assertEquals(web.servers.map((s) => [s.address.family, s.address.host, s.address.port]), [
    ["ipv4", "10.0.0.1", 8001],
    ["ipv6", "::5", 8002],
    ["ipv4", "127.0.0.9", 8003],
    ["ipv6", "::6", 8004],
  ]);
});

Deno.test("a name without address is told with file, line and server; the others are told too", async () => {
  const { diagnostics } = await resolved(CONFIG, { "front.test": ["127.0.0.5"], "one.test": ["10.0.0.1"] });
  assertEquals(diagnostics.map((d) => [d.level, d.at?.line, d.text]), [
    ["ALERT", 9, "'server web/b' : could not resolve address 'one.test'."],
    ["ALERT", 11, "'server web/d' : could not resolve address 'onlysix.test'."],
  ]);
});

Deno.test("a model without names is given back as it is", async () => {
  const { model, after } = await resolved(CONFIG.replace(/\w+\.test/g, "127.0.0.1").replace("ipv6@", ""), {});
  assertEquals(after === model, true);
  assertStringIncludes(JSON.stringify(after.sections[1]), "127.0.0.1");
});

Deno.test("PROC-17 -4 takes IPv4 addresses only", async () => {
  const { diagnostics } = await resolved(CONFIG, {
    "front.test": ["127.0.0.5"],
    "one.test": ["::5", "10.0.0.1"],
    "onlysix.test": ["::6"],
  }, { ipv4Only: true, ignoreFailures: false });
  assertEquals(diagnostics.map((d) => d.text), ["'server web/d' : could not resolve address 'onlysix.test'."]);
});

Deno.test("PROC-18 -dr puts servers without address in maintenance, and forgives nothing else", async () => {
  const { after, registry, diagnostics } = await resolved(CONFIG, { "one.test": ["10.0.0.1", "::1"] }, {
    ipv4Only: false,
    ignoreFailures: true,
  });
  assertEquals(diagnostics.map((d) => [d.level, d.text]), [
    ["ALERT", "'bind' : could not resolve address 'front.test'."],
    ["WARNING", "'server web/d' : could not resolve address 'onlysix.test', disabling server."],
  ]);
  const [web] = proxyConfigsOf(after, registry, globalConfigOf(after, registry));
  assertEquals(web.servers.map((server) => server.disabled), [false, false, false, true]);
});

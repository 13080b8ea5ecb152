// Commands on maps and ACL lists of a whole proxy, and traffic that sees what they change (management.txt 9.3).
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ADMIN, CLI, cli, open, OPERATOR, USER } from "./cli.ts";
import { defaults, get, play, type Scene, web } from "./scenario.ts";

const FILES = {
  "/m.map": "a one\nb two words\n# none\na again\n",
  "/a.lst": "first\n",
  "/int.map": "a 5\n",
  "/ip.map": "10.0.0.0/8 ten\n",
};

const CONFIG = `global\n${CLI}\n${defaults()}${
  web(`
    acl listed path,field(-1,/) -f /a.lst
    acl written path -u 9 /w
    acl shared path -M -m beg -f /m.map
    http-request deny if listed
    http-request deny status 405 if written or shared
    http-request set-header x-int %[path,field(-1,/),map_str_int(/int.map)]
    http-request set-header x-ip %[src,map_ip(/ip.map)]
    http-request return status 200 content-type text/plain lf-string "%[path,field(-1,/),map(/m.map,none)]"`)
}`;

async function ask(scene: Scene, path: string): Promise<string> {
  const peer = await scene.connect();
  await peer.send(get(path, "1.0"));
  const { text } = await scene.drain(peer);
  peer.close();
  const [head, body] = text.split("\r\n\r\n");
  return head.split(" ")[1] === "200" ? body : head.split(" ")[1];
}

/** The answer to one command without the line that ends it, addresses as "0x". */
async function run(scene: Scene, command: string, to = ADMIN): Promise<string> {
  // An empty line ends a payload.
  const answer = await cli(scene.world, command.includes("<<") ? `${command}\n` : command, to);
  assert(answer.endsWith("\n"), answer);
  return answer.slice(0, -1).replace(/^0x[0-9a-f]+/gm, "0x");
}

function scene(script: (scene: Scene) => Promise<void>): Promise<Scene> {
  return play({ config: CONFIG, files: FILES, threads: 2 }, script);
}

const UNKNOWN_MAP = "Unknown map identifier. Please use #<id> or <file>.\n";
const UNKNOWN_ACL = "Unknown ACL identifier. Please use #<id> or <file>.\n";

Deno.test("API-12 show map and show acl: the lists with who uses them, their entries in order", async () => {
  await scene(async (scene) => {
    const loaded = (id: number, name: string, uses: string) =>
      `${id} (${name}) pattern loaded from file '${name}' used by ${uses}.`;
    const at = (kind: string, line: number) => `${kind} at file 'test.cfg' line ${line}`;
    const maps = await run(scene, "show map");
    const shared = loaded(2, "/m.map", `${at("map", 29)}, by ${at("map", 34)}`);
    assertEquals(
      maps,
      "# id (file) description\n" +
        `${shared} curr_ver=0 next_ver=0 entry_cnt=3\n` +
        `${loaded(4, "/int.map", at("map", 32))} curr_ver=0 next_ver=0 entry_cnt=1\n` +
        `${loaded(5, "/ip.map", at("map", 33))} curr_ver=0 next_ver=0 entry_cnt=1\n`,
    );
    assertEquals(
      await run(scene, "show acl"),
      "# id (file) description\n" +
        `${loaded(0, "/a.lst", at("acl", 27))} curr_ver=0 next_ver=0 entry_cnt=1\n` +
        "1 () acl 'path' file 'test.cfg' line 27. curr_ver=0 next_ver=0 entry_cnt=0\n" +
        `${shared} curr_ver=0 next_ver=0 entry_cnt=3\n` +
        "3 () acl 'path' file 'test.cfg' line 29. curr_ver=0 next_ver=0 entry_cnt=0\n" +
        "9 () acl 'path' file 'test.cfg' line 28. curr_ver=0 next_ver=0 entry_cnt=1\n",
    );
    assertEquals(await run(scene, "show map /m.map"), "0x a one\n0x b two words\n0x a again\n");
    assertEquals(await run(scene, "show acl #9"), "0x /w\n");
    assertEquals(await run(scene, "show map #0"), UNKNOWN_MAP);
    assertEquals(await run(scene, "show acl /int.map"), UNKNOWN_ACL);
    assertEquals(await run(scene, "show map @1 /m.map"), "");
    assertEquals(await run(scene, "show map @1"), UNKNOWN_MAP);
    assertEquals(await run(scene, "show map @x /m.map"), "'@x' is not a version number.\n");
  });
});

Deno.test("API-12 get map and get acl: what each use of the list finds", async () => {
  await scene(async (scene) => {
    assertEquals(
      await run(scene, "get map /m.map a"),
      'type=beg, case=sensitive, found=yes, idx=tree, key="a", value=none\n' +
        'type=str, case=sensitive, found=yes, idx=tree, key="a", value="one", type="str"\n',
    );
    assertEquals(
      await run(scene, "get map /int.map a"),
      'type=str, case=sensitive, found=yes, idx=tree, key="a", value="5", type="sint"\n',
    );
    assertEquals(
      await run(scene, "get map #5 10.1.2.3"),
      'type=ip, case=sensitive, found=yes, idx=tree, key="10.0.0.0/8", value="ten", type="str"\n',
    );
    assertEquals(await run(scene, "get map #5 none"), "type=ip, case=sensitive, found=no\n");
    assertEquals(await run(scene, "get acl #9 /w"), 'type=str, case=sensitive, match=yes, idx=tree, pattern="/w"\n');
    assertEquals(await run(scene, "get acl #9 /v"), "type=str, case=sensitive, match=no\n");
    assertEquals(await run(scene, "get map /m.map"), "Missing map identifier and/or key.\n");
    assertEquals(await run(scene, "get acl"), "Missing ACL identifier and/or key.\n");
    assertEquals(await run(scene, "get map x y"), UNKNOWN_MAP);
    assertEquals(await run(scene, "get acl x y"), UNKNOWN_ACL);
  });
});

Deno.test("API-12 add, set, del and clear map: the next request sees it, in every thread", async () => {
  await scene(async (scene) => {
    const both = async (path: string) => {
      const answers = new Set([await ask(scene, path), await ask(scene, path), await ask(scene, path)]);
      assertEquals(answers.size, 1);
      return [...answers][0];
    };
    assertEquals([await both("/b"), await both("/new")], ["two words", "none"]);
    assertEquals(await run(scene, "add map /m.map new value more"), "");
    assertEquals(await both("/new"), "value");
    assertEquals(await run(scene, "set map #2 new other"), "");
    assertEquals(await both("/new"), "other");
    assertEquals(await run(scene, "set map /m.map nothing other"), "entry not found.\n");
    assertEquals(await run(scene, "set map /m.map #1.1 other"), "key or pattern not found.\n");
    const listed = await cli(scene.world, "show map /m.map");
    const [, reference] = /^(0x[0-9a-f]+) a again$/m.exec(listed)!;
    assertEquals(await run(scene, `set map /m.map #${reference} third`), "");
    assertEquals(await run(scene, "show map /m.map"), "0x a one\n0x b two words\n0x a third\n0x new other\n");
    assertEquals(await run(scene, `del map /m.map #${reference}`), "");
    assertEquals(await run(scene, `del map /m.map #${reference}`), "Key not found.\n");
    assertEquals(await run(scene, "del map /m.map #0x1"), "Key not found.\n");
    assertEquals(await run(scene, "del map /m.map b"), "");
    assertEquals(await run(scene, "del map /m.map b"), "Key not found.\n");
    assertEquals([await both("/a"), await both("/b")], ["one", "none"]);
    assertEquals(await run(scene, "add map /m.map <<\nk1 v1\n  k2\tv2 with spaces  \n"), "");
    assertEquals([await both("/k1"), await both("/k2")], ["v1", "v2 with spaces"]);
    assertEquals(await run(scene, "clear map /m.map"), "");
    assertEquals([await both("/k1"), await run(scene, "show map /m.map")], ["none", ""]);
  });
});

Deno.test("API-12 add, del and clear acl: the next request sees it", async () => {
  await scene(async (scene) => {
    assertEquals([await ask(scene, "/first"), await ask(scene, "/second")], ["403", "none"]);
    assertEquals(await run(scene, "add acl /a.lst second"), "");
    assertEquals(await run(scene, "add acl #9 /v"), "");
    assertEquals([await ask(scene, "/second"), await ask(scene, "/v"), await ask(scene, "/w")], ["403", "405", "405"]);
    assertEquals(await run(scene, "del acl /a.lst first"), "");
    assertEquals(await run(scene, "del acl /a.lst first"), "Key not found.\n");
    assertEquals([await ask(scene, "/first"), await ask(scene, "/second")], ["none", "403"]);
    assertEquals(await run(scene, "clear acl #0"), "");
    assertEquals(await ask(scene, "/second"), "none");
  });
});

Deno.test("API-12 misuse of commands on maps and ACLs, in HAProxy's words", async () => {
  await scene(async (scene) => {
    const map =
      "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) " +
      "and a payload\n";
    const cases: Readonly<Record<string, string>> = {
      "add map": map,
      "add map /m.map k": map,
      "add map x k v": UNKNOWN_MAP,
      "add map /int.map c x": "unable to parse 'x'.\n",
      "set map /int.map a x": "unable to parse 'x'.\n",
      "add map /ip.map bad v": "'bad' is not a valid IPv4 or IPv6 address.\n",
      "add map /m.map <<\nk1 v1\nbad\n": "The value is missing behind the key 'bad'.\n",
      "add map @3 /m.map k v": "Version number in the future, please use 'prepare map' before.\n",
      "add acl @1 /a.lst k": "Version number in the future, please use 'prepare acl' before.\n",
      "add acl /a.lst": "'add acl' expects two parameters: ACL identifier and pattern.\n",
      "add acl x y": UNKNOWN_ACL,
      "add acl /m.map k":
        "This ACL is shared with a map containing samples. You must use the command 'add map' to add values.\n",
      "set map /m.map k": "'set map' expects three parameters: map identifier, key and value.\n",
      "set map x k v": UNKNOWN_MAP,
      "del map /m.map": "This command expects two parameters: map identifier and key.\n",
      "del acl x y": UNKNOWN_ACL,
      "clear map": "Missing map identifier.\n",
      "clear acl": "Missing ACL identifier.\n",
      "clear map x": UNKNOWN_MAP,
      "prepare map x": UNKNOWN_MAP,
      "prepare acl": UNKNOWN_ACL,
      "commit map /m.map": "Missing version number.\n",
      "commit map @1 x": UNKNOWN_MAP,
      "commit acl @1 /a.lst": "Version number out of range.\n",
    };
    for (const [command, answer] of Object.entries(cases)) assertEquals(await run(scene, command), answer, command);
    assertEquals(await run(scene, "show map /int.map"), "0x a 5\n");
  });
});

Deno.test("API-12 reading is for every level, a change for operators", async () => {
  await scene(async (scene) => {
    assertMatch(await run(scene, "show map", USER), /^# id/);
    assertMatch(await run(scene, "get map /m.map a", USER), /found=yes/);
    for (const command of ["add map /m.map k v", "clear map /m.map", "prepare map /m.map", "del acl #9 /w"]) {
      assertEquals(await run(scene, command, USER), "Permission denied\n");
    }
    assertEquals(await run(scene, "add map /m.map k v", OPERATOR), "");
  });
});

Deno.test("API-13 prepare, add, show, clear and commit a version: what was there matches until the commit", async () => {
  await scene(async (scene) => {
    assertEquals(await run(scene, "prepare map /m.map"), "New version created: 1\n");
    assertEquals(await run(scene, "prepare map /m.map"), "New version created: 2\n");
    assertEquals(await run(scene, "add map @1 /m.map a early"), "");
    assertEquals(await run(scene, "add map @2 /m.map <<\na new\nc see\n"), "");
    assertEquals(await run(scene, "show map @2 /m.map"), "0x a new\n0x c see\n");
    assertMatch(await run(scene, "show map"), /\(\/m\.map\) .* curr_ver=0 next_ver=2 entry_cnt=6\n/);
    assertEquals([await ask(scene, "/a"), await ask(scene, "/c")], ["one", "none"]);
    assertEquals(await run(scene, "clear map @1 /m.map"), "");
    assertEquals(await run(scene, "show map @1 /m.map"), "");
    assertEquals(await run(scene, "commit map @3 /m.map"), "Version number out of range.\n");
    assertEquals(await run(scene, "commit map @0 /m.map"), "Version number out of range.\n");
    assertEquals(await run(scene, "commit map @2 /m.map"), "");
    for (let i = 0; i < 3; i++) assertEquals([await ask(scene, "/a"), await ask(scene, "/b")], ["new", "none"]);
    assertEquals(await run(scene, "commit map @2 /m.map"), "Version number out of range.\n");
    assertMatch(await run(scene, "show map"), /\(\/m\.map\) .* curr_ver=2 next_ver=2 entry_cnt=2\n/);
    assertEquals(await run(scene, "prepare acl /a.lst"), "New version created: 1\n");
    assertEquals(await run(scene, "add acl @1 /a.lst second"), "");
    assertEquals([await ask(scene, "/first"), await ask(scene, "/second")], ["403", "none"]);
    assertEquals(await run(scene, "commit acl @1 /a.lst"), "");
    assertEquals([await ask(scene, "/first"), await ask(scene, "/second")], ["none", "403"]);
  });
});

Deno.test("API-12 a listing of many entries comes in chunks while others change the list", async () => {
  await scene(async (scene) => {
    const add = async (from: number) => {
      const lines = Array.from({ length: 20 }, (_, i) => `key${from + i} ${"v".repeat(400)}\n`).join("");
      assertEquals(await run(scene, `add map /m.map <<\n${lines}`), "");
    };
    assertEquals(await run(scene, "clear map /m.map"), "");
    for (let i = 0; i < 100; i++) await add(i * 20);
    const listing = await open(scene.world);
    await listing.send("show map /m.map\n");
    listing.shutdown();
    await scene.sleep(1);
    // It stands somewhere in the middle: nobody reads it.
    for (let i = 100; i < 2000; i += 500) assertEquals(await run(scene, `del map /m.map key${i}`), "");
    assertEquals(await run(scene, "del map /m.map key1999"), "");
    await add(2000);
    const keys = (await listing.rest()).split("\n").filter((line) => line !== "").map((line) => line.split(" ")[1]);
    listing.close();
    assert(keys.length >= 2015 && keys.length < 2020, `${keys.length}`);
    assertEquals([keys[0], keys.at(-1), new Set(keys).size], ["key0", "key2019", keys.length]);
    assertEquals((await run(scene, "show map /m.map")).split("\n").length, 2016);
    // Who goes away in the middle leaves nothing behind.
    const gone = await open(scene.world);
    await gone.send("show map /m.map\n");
    await scene.sleep(1);
    gone.close();
    await scene.sleep(100);
    assertEquals(scene.proxy.process.patterns.sets.listings, 0);
  });
});

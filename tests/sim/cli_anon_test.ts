// The anonymised mode: names and addresses of dumps are hashes, the same under one key (management.txt 9.3 "set anon").
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { CLI, cli, OPERATOR } from "./cli.ts";
import { get, play, WEB } from "./scenario.ts";

const CONFIG = `
    anonkey 42
${CLI}
frontend secretfront
    mode http
    timeout client 60s
    bind 10.0.0.1:80
    default_backend secretback
backend secretback
    mode http
    timeout connect 5s
    timeout server 60s
    server secretserver 10.0.1.1:80
    server other 10.0.1.1:80 disabled
`;

Deno.test("API-25 set anon, show anon, global-key, anonkey: dumps hide names and addresses, one key gives one hash", async () => {
  await play(
    { config: CONFIG, server: () => (peer) => peer.rest().then(() => {}) },
    async (scene) => {
      const { world } = scene;
      const peer = await scene.connect(WEB);
      await peer.send(get("/secretpath"));
      await scene.sleep(100);
      const dumps = "show sess show-uri;show sess all;show servers state;show servers conn;show backend";
      const plain = await cli(world, dumps);
      for (const secret of ["secretfront", "secretback", "secretserver", "10.0.1.1", "secretpath"]) {
        assert(plain.includes(secret), secret);
      }
      const hidden = await cli(world, `set anon on;${dumps}`);
      assert(!/secret|10\.0\.\d|other/.test(hidden), hidden);
      assertEquals(hidden.split("\n").length, plain.split("\n").length + 1);
      assertMatch(hidden, / fe=[0-9a-f]{6} be=[0-9a-f]{6} srv=[0-9a-f]{6} /);
      const backend = / be=(\w{6}) /.exec(hidden)![1];
      assert(hidden.includes(`# name\n${backend}\n`), "equal names have equal hashes");
      const sess = (key: string) => cli(world, `set anon on ${key};show backend`);
      assertEquals(await sess("42"), await sess(""), "anonkey is the key when none is given");
      assertNotEquals(await sess("43"), await sess("42"));
      assertEquals(
        await cli(world, "show anon;set anon on;show anon;set anon off;show anon"),
        [
          "Anonymized mode disabled\n",
          "",
          "Anonymized mode enabled\nKey: 42\n",
          "",
          "Anonymized mode disabled\n",
        ].join("\n") + "\n",
      );
      assertEquals(
        await cli(world, "set anon global-key 7;set anon on;show anon"),
        "\n\nAnonymized mode enabled\nKey: 7\n\n",
      );
      assertEquals(await cli(world, "set anon global-key 7", OPERATOR), "Permission denied\n\n");
      assertEquals(await cli(world, "set anon global-key 0"), "\n");
      assertMatch(await cli(world, "set anon on;show anon"), /^\nAnonymized mode enabled\nKey: [1-9]\d*\n\n$/);
      assertMatch(await cli(world, "set anon on x"), /^The key must be a number from 0 to 4294967295\.\n\n$/);
      assertMatch(await cli(world, "set anon"), /^'set anon' only supports /);
      peer.close();
    },
  );
});

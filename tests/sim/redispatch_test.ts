// Retries of failed connects (configuration.txt 4.2 "retries", "option redispatch"): how many, when, on which server.
import { assert, assertEquals } from "@std/assert";
import { answers, defaults, get, play } from "./scenario.ts";

/** What became of one request: status, when it came, the server and retries of the log line. */
async function outcome(retries: number, backend: string): Promise<string> {
  const config = `${defaults(`    timeout connect 100ms\n    retries ${retries}`)}
frontend web
    bind 10.0.0.1:80
    default_backend app
backend app
${backend}
    server dead1 10.0.1.8:80
    server dead2 10.0.1.9:80
    server s 10.0.1.1:80
`;
  let ms = 0;
  const scene = await play({ config, server: answers({}) }, async (scene) => {
    const peer = await scene.connect();
    const started = scene.now;
    await peer.send(get("/x", "1.0"));
    const { text, at } = await scene.drain(peer);
    assert(/^HTTP\/1.1 (200|503) /.test(text), text);
    ms = Math.round((at - started) / 100) * 100;
    peer.close();
  });
  const found = / app\/(\S+) \S+ (\d+) \d+ - - \S+ \d+\/\d+\/\d+\/\d+\/(\+?\d+) /.exec(scene.log[0]);
  if (found === null) throw new Error(scene.log[0]);
  return `${found[2]} ${found[1]} ${found[3]} ${ms}ms`;
}

const CASES: readonly (readonly [what: string, retries: number, backend: string, result: string])[] = [
  ["no redispatch: the same server after a pause", 3, "", "503 dead1 3 300ms"],
  ["no retries", 0, "    option redispatch", "503 dead1 0 0ms"],
  ["a balanced stream goes elsewhere at once", 3, "    option redispatch", "200 s +2 0ms"],
  ["whatever the interval", 3, "    option redispatch 3", "200 s +2 0ms"],
  ["too few retries to get there", 1, "    option redispatch", "503 dead2 +1 0ms"],
  ["no option redispatch takes it back", 2, "    option redispatch\n    no option redispatch", "503 dead1 2 200ms"],
  ["0 forbids it", 2, "    option redispatch 0", "503 dead1 2 200ms"],
  [
    "who insists on a server leaves it at the last retry",
    2,
    "    option redispatch\n    use-server dead1 if TRUE",
    "503 dead2 +2 100ms",
  ],
  ["at the last but one", 3, "    option redispatch -2\n    use-server dead1 if TRUE", "200 s +3 100ms"],
  ["at every second", 3, "    option redispatch 2\n    use-server dead1 if TRUE", "200 s +3 100ms"],
  [
    "who was sent by a hash leaves at the last retry",
    2,
    "    option redispatch\n    balance hash str(a)",
    "503 dead1 +2 100ms",
  ],
  ["at every one", 3, "    option redispatch 1\n    use-server dead1 if TRUE", "200 s +2 0ms"],
];

for (const [what, retries, backend, result] of CASES) {
  Deno.test(`REUSE-05 retries and redispatch: ${what}`, async () => {
    assertEquals(await outcome(retries, backend), result);
  });
}

// Real threads on the memory of pattern lists: whatever main does to it meanwhile, a reader finds whole entries.
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../../src/base/mod.ts";
import { PatternSets, T_STR } from "../../src/sample/mod.ts";
import { PatternControl } from "../../src/app/pattern_control.ts";

const KEYS = 12;

interface Answer {
  readonly round: number;
  readonly problem: string;
  readonly looks: number;
  readonly found: number;
}

Deno.test("ACL-04 API-13 threads that read while main changes a map never see half a change", async () => {
  const key = { k0: 11, k1: 12 };
  const sets = new PatternSets(key, 64 << 20);
  const set = sets.create({
    name: "m",
    id: 0,
    map: true,
    description: "",
    uses: [{ method: "str", ignoreCase: false, out: T_STR }, { method: "beg", ignoreCase: false, out: T_STR }],
  });
  assert(typeof set !== "string");
  const workers = [1, 2].map(() => new Worker(new URL("./pattern_reader.ts", import.meta.url), { type: "module" }));
  const memory = () => ({ segments: sets.arena.segments, key, addresses: [set.address] });
  const answers: Answer[] = [];
  const problems: string[] = [];
  const control = new PatternControl({ sets, uses: { lists: [], tests: new Map(), files: new Set() }, memory }, {
    running: () => [0, 1],
    post: (thread, message) => workers[thread].postMessage(message),
    turn: () => new Promise((done) => setTimeout(done, 0)),
    bug: (error) => problems.push(String(error)),
  });
  workers.forEach((worker, thread) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      answers[thread] = data;
      if (data.problem !== "") problems.push(data.problem);
      if (data.round > 0) control.acknowledged(thread, data.round);
    };
    worker.postMessage({ memory: memory(), keys: KEYS });
  });
  const random = new Prng(3);
  const valueOf = (name: string) => {
    const number = random.below(3000);
    return `${name}:${number}:${String(number).at(-1)!.repeat(number % 3000)}`;
  };
  while (answers[0] === undefined || answers[1] === undefined) await new Promise((done) => setTimeout(done, 1));
  for (let step = 0; step < 8000 && problems.length === 0; step++) {
    const name = `key-${random.below(KEYS)}`;
    const what = random.below(100);
    if (what < 40) await control.change(() => sets.add(set, set.current, name, valueOf(name)));
    else if (what < 70) await control.change(() => sets.set(set, name, valueOf(name)));
    else if (what < 99) await control.change(() => sets.remove(set, name));
    else {
      const version = sets.prepare(set);
      for (let i = 0; i < 20; i++) {
        const other = `key-${random.below(KEYS)}`;
        await control.change(() => sets.add(set, version, other, valueOf(other)));
      }
      await control.change(() => sets.commit(set, version));
    }
    // Lets messages in, and the readers get ahead of the writer.
    if (step % 200 === 0) await new Promise((done) => setTimeout(done, 0));
  }
  for (const worker of workers) worker.terminate();
  assertEquals(problems, []);
  for (const { looks, found } of answers) assert(looks > 2000 && found > 200, `${looks} looks, ${found} found`);
});

// A thread that reads a map as fast as it can while another changes it: see pattern_memory_test.ts.
import { Sample, T_STR } from "../../src/sample/mod.ts";
import { type PatternMemory, PatternStore, type PatternUses } from "../../src/sample/mod.ts";
import type { Segment } from "../../src/table/mod.ts";

interface Start {
  readonly memory: PatternMemory;
  readonly keys: number;
}

const scope = globalThis as unknown as Worker;
let store: PatternStore;
let keys = 0;
let looks = 0;
let found = 0;
const sample = new Sample();
const value = new Uint8Array(65536);

function look(): string {
  const encoder = new TextEncoder();
  const exact = store.named("m", true, "").index("str", false);
  const begins = store.named("m", true, "").index("beg", false);
  for (let i = 0; i < 1000; i++) {
    const key = `key-${looks % keys}`;
    const bytes = encoder.encode(key);
    sample.type = T_STR;
    sample.bytes = bytes;
    sample.from = 0;
    sample.to = bytes.length;
    looks++;
    for (const index of [exact, begins]) {
      const entry = index.match(sample);
      if (entry === 0) continue;
      const length = store.copyValue(entry, value);
      if (length < 0) return `no value of ${key}`;
      // "<key>:<number>:" and the number's last digit many times: nothing of two values at once, nothing of another key's.
      let text = "";
      for (let j = 0; j < length; j++) text += String.fromCharCode(value[j]);
      const [name, number, rest] = text.split(":");
      const wanted = index === exact ? name === key : key.startsWith(name);
      if (!wanted || rest !== number.at(-1)!.repeat(rest.length) || rest.length !== Number(number) % 3000) {
        return `${key} gave ${text.slice(0, 80)}`;
      }
      found++;
    }
  }
  return "";
}

scope.onmessage = ({ data }: MessageEvent<Start | { round: number; segments: Segment[] }>) => {
  if ("memory" in data) {
    keys = data.keys;
    const uses = {
      lists: [{
        name: "m",
        uses: [{ method: "str", ignoreCase: false, out: T_STR }, { method: "beg", ignoreCase: false, out: T_STR }],
      }],
      tests: new Map(),
    };
    store = PatternStore.of(data.memory, uses as unknown as PatternUses);
    return readOn();
  }
  for (const segment of data.segments) store.view.attach(segment);
  scope.postMessage({ round: data.round, problem: "", looks, found });
};

/** Looks again and again; messages have their turn in between. */
function readOn(): void {
  const problem = look();
  scope.postMessage({ round: 0, problem, looks, found });
  setTimeout(readOn, 0);
}

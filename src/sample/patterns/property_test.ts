// Random changes of lists against a plain model, for every matching method; hostile entries; the end of the memory.
import { assert, assertEquals } from "@std/assert";
import { latin1ToBytes, Prng } from "../../base/mod.ts";
import { SEGMENT_BYTES } from "../../table/mod.ts";
import { setAddress, setBytes, setInteger } from "../casts.ts";
import { testPatterns } from "../testing.ts";
import { type MatchMethod, Sample, T_BIN, T_STR } from "../types.ts";
import { textOf } from "./layout.ts";
import { NO_MEMORY, PatternSets } from "./sets.ts";
import { PatternMaker, type PatternStore } from "./store.ts";

// ---- the model ----------------------------------------------------------------------------------------------------

interface Entry {
  readonly text: string;
  value: string;
}

type Match = (entries: readonly Entry[], sample: string) => string | null;

const lower = (text: string) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());

function firstWhere(matches: (pattern: string, sample: string) => boolean): Match {
  return (entries, sample) => entries.find(({ text }) => matches(text, sample))?.text ?? null;
}

/** Of those that match the first with the greatest size. */
function longest(size: (pattern: string) => number, matches: (pattern: string, sample: string) => boolean): Match {
  return (entries, sample) => {
    let best: string | null = null;
    for (const { text } of entries) {
      if (matches(text, sample) && (best === null || size(text) > size(best))) best = text;
    }
    return best;
  };
}

function bounded(delimiters: string): (pattern: string, sample: string) => boolean {
  const marked = (text: string) => `\0${[...text].map((c) => delimiters.includes(c) ? "\0" : c).join("")}\0`;
  const trim = new RegExp(`^[${delimiters}]+|[${delimiters}]+$`, "g");
  return (pattern, sample) => {
    const part = pattern.replace(trim, "");
    if (part === "") return false;
    const text = `\0${sample}\0`;
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
      const around = marked(sample);
      if (around[at - 1] === "\0" && around[at + part.length] === "\0") return true;
    }
    return false;
  };
}

const inRange = (pattern: string, n: number) => {
  const [low, high] = pattern.includes(":") ? pattern.split(":") : [pattern, pattern];
  return (low === "" || n >= Number(low)) && (high === "" || n <= Number(high));
};

const v4 = (text: string) => text.split(".").reduce((n, part) => n * 256 + Number(part), 0);
const prefixOf = (text: string) => text.includes("/") ? Number(text.split("/")[1]) : 32;
const inNetwork = (pattern: string, sample: string) => {
  const size = 2 ** (32 - prefixOf(pattern));
  return Math.floor(v4(pattern.split("/")[0]) / size) === Math.floor(v4(sample) / size);
};

interface Case {
  readonly match: Match;
  readonly patterns: readonly string[];
  readonly samples: readonly string[];
  readonly ignoreCase?: boolean;
}

const WORDS = [
  "",
  "a",
  "b",
  "ab",
  "abc",
  "A",
  "AB",
  "b.c",
  "a.b.c",
  "/a/b",
  "/a/",
  "a/b/c?d",
  "\xe9a",
  "x\0y",
  "ba",
  "cab",
];

const CASES: Readonly<Record<string, Case>> = {
  str: { match: firstWhere((p, s) => p === s), patterns: WORDS, samples: WORDS },
  "str -i": {
    match: firstWhere((p, s) => lower(p) === lower(s)),
    patterns: WORDS,
    samples: WORDS,
    ignoreCase: true,
  },
  beg: { match: longest((p) => p.length, (p, s) => s.startsWith(p)), patterns: WORDS, samples: WORDS },
  "beg -i": {
    match: longest((p) => p.length, (p, s) => lower(s).startsWith(lower(p))),
    patterns: WORDS,
    samples: WORDS,
    ignoreCase: true,
  },
  end: { match: firstWhere((p, s) => s.endsWith(p)), patterns: WORDS, samples: WORDS },
  sub: { match: firstWhere((p, s) => s.includes(p)), patterns: WORDS, samples: WORDS },
  dir: { match: firstWhere(bounded("/?")), patterns: WORDS, samples: WORDS },
  dom: { match: firstWhere(bounded("/?.:")), patterns: WORDS, samples: WORDS },
  reg: {
    match: firstWhere((p, s) => new RegExp(p, "s").test(s)),
    patterns: ["^a", "b$", "a.c", "[b-d]+", "x", "^$", "A|B"],
    samples: WORDS,
  },
  bin: {
    match: firstWhere((p, s) =>
      p.toLowerCase() === [...s].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("")
    ),
    patterns: ["", "61", "6162", "E961", "e961", "780079", "00"],
    samples: WORDS,
  },
  int: {
    match: firstWhere((p, s) => inRange(p, Number(s))),
    patterns: ["0", "1", "-1", "5", "3:7", ":-5", "100:", "6", "4294967296", "-4294967296", "5:5"],
    samples: ["0", "1", "-1", "5", "6", "-7", "99", "100", "4294967296", "-4294967296", "8"],
  },
  len: { match: firstWhere((p, s) => inRange(p, s.length)), patterns: ["0", "1", "2:3", "5", "4:"], samples: WORDS },
  ip: {
    match: longest(prefixOf, inNetwork),
    patterns: ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "10.1.2.0/24", "192.168.0.1", "10.0.0.0/9"],
    samples: ["10.1.2.3", "10.1.2.4", "10.1.9.9", "10.200.0.1", "192.168.0.1", "8.8.8.8"],
  },
};

function sampleOf(method: MatchMethod, text: string): Sample {
  const sample = new Sample();
  if (method === "int") setInteger(sample, Number(text));
  else if (method === "ip") assert(setAddress(sample, text));
  else setBytes(sample, method === "bin" ? T_BIN : T_STR, latin1ToBytes(`<${text}>`), 1, text.length + 1);
  return sample;
}

// ---- the property -------------------------------------------------------------------------------------------------

interface ModelList {
  versions: Map<number, Entry[]>;
  current: number;
  next: number;
}

function settle(sets: PatternSets): void {
  sets.release(sets.seal());
  while (sets.reclaim(100));
}

for (const [name, { match, patterns, samples, ignoreCase = false }] of Object.entries(CASES)) {
  Deno.test(`ACL-04 ACL-06 API-13 random changes and versions of a list matched by ${name} are as a plain model says`, () => {
    const method = name.split(" ")[0] as MatchMethod;
    for (let seed = 1; seed <= 12; seed++) {
      const random = new Prng(seed);
      const pick = <T>(of: readonly T[]) => of[random.u32() % of.length];
      const lists = testPatterns();
      const { sets } = lists;
      const store = lists.store();
      const index = store.named("x", true, "").index(method, ignoreCase);
      // The second index of the same list has to follow as well.
      const exact = store.named("x", true, "").index("str", false);
      const set = sets.find("x")!;
      const model: ModelList = { versions: new Map([[0, []]]), current: 0, next: 0 };
      const entriesOf = (version: number) => {
        if (!model.versions.has(version)) model.versions.set(version, []);
        return model.versions.get(version)!;
      };
      const steps = seed <= 4 ? 400 : 120;
      for (let step = 0; step < steps; step++) {
        const text = pick(patterns);
        const version = random.float() < 0.7
          ? model.current
          : model.current + random.u32() % (model.next - model.current + 1);
        const what = random.float();
        const value = String(step);
        if (what < 0.5) {
          assertEquals(sets.add(set, version, text, value), "");
          entriesOf(version).push({ text, value });
        } else if (what < 0.65) {
          let count = 0;
          for (const [v, entries] of model.versions) {
            model.versions.set(v, entries.filter((e) => e.text !== text));
            count += entries.filter((e) => e.text === text).length;
          }
          assertEquals(sets.remove(set, text), count);
        } else if (what < 0.75) {
          let count = 0;
          for (const entry of [...model.versions.values()].flat().filter((e) => e.text === text)) {
            entry.value = value;
            count++;
          }
          assertEquals(sets.set(set, text, value), count);
        } else if (what < 0.85) {
          assertEquals(sets.prepare(set), ++model.next);
        } else if (what < 0.93) {
          const prepared = version !== model.current;
          assertEquals(sets.commit(set, version), prepared ? "" : "Version number out of range.");
          if (prepared) {
            entriesOf(version);
            model.current = version;
            for (const v of model.versions.keys()) if (v < version) model.versions.delete(v);
          }
        } else if (what < 0.96) {
          assertEquals(sets.clear(set, version), "");
          model.versions.delete(version);
          entriesOf(model.current);
        } else {
          settle(sets);
        }
        const now = entriesOf(model.current);
        assertEquals(set.size, [...model.versions.values()].flat().length);
        const sample = pick(samples);
        const found = index.match(sampleOf(method, sample));
        const expected = match(now, sample);
        assertEquals(found === 0 ? null : textOf(store.view, found), expected, `seed ${seed} step ${step}: ${sample}`);
        if (expected !== null) {
          assertEquals(store.value(found), now.find((e) => e.text === expected)!.value);
        }
        const text2 = pick(patterns);
        const whole = exact.match(sampleOf("str", text2));
        assertEquals(whole === 0 ? null : store.value(whole), now.find((e) => e.text === text2)?.value ?? null);
      }
      for (const [version, entries] of model.versions) {
        const cursor = sets.list(set, version);
        const listed: Entry[] = [];
        for (let e = cursor.next(); e !== null; e = cursor.next()) listed.push({ text: e.text, value: e.value! });
        cursor.close();
        assertEquals(listed, entries, `seed ${seed} version ${version}`);
      }
      // Everything comes back: an empty list uses what a list uses that was never filled.
      settle(sets);
      for (const version of [...model.versions.keys()]) assertEquals(sets.clear(set, version), "");
      settle(sets);
      const fresh = testPatterns();
      const other = fresh.store().named("x", true, "");
      other.index(method, ignoreCase);
      other.index("str", false);
      settle(fresh.sets);
      assertEquals(sets.arena.used, fresh.sets.arena.used, `seed ${seed}`);
    }
  });
}

// ---- hostile entries ------------------------------------------------------------------------------------------------

function fill(store: PatternStore, sets: PatternSets, count: number): void {
  store.named("x", true, "").index("str", false);
  const set = sets.find("x")!;
  for (let i = 0; i < count; i++) {
    const problem = sets.add(set, 0, `key-${i}`, `value-${i}`);
    if (problem !== NO_MEMORY) continue;
    assert(sets.arena.grow() !== null);
    sets.arena.usable++;
    i--;
  }
}

Deno.test("ACL-07 a million entries: one change touches as little memory as in a map of ten", () => {
  const touched = (count: number) => {
    const lists = new PatternMaker(new PatternSets({ k0: 1, k1: 2 }, 2 ** 30), {});
    const store = lists.store();
    const { sets } = lists;
    fill(store, sets, count);
    const set = sets.find("x")!;
    const index = store.named("x", true, "").index("str", false);
    const { arena } = sets;
    let words = 0;
    const { store: plain, publish, word } = arena;
    arena.store = (...args) => (words++, plain.apply(arena, args));
    arena.publish = (...args) => (words++, publish.apply(arena, args));
    arena.word = (...args) => (words++, word.apply(arena, args));
    assertEquals(sets.add(set, 0, "new", "1"), "");
    assertEquals(sets.set(set, "new", "2"), 1);
    assertEquals(store.value(index.match(sampleOf("str", "new"))), "2");
    assertEquals(store.value(index.match(sampleOf("str", "key-7"))), "value-7");
    assertEquals(sets.remove(set, "new"), 1);
    return words;
  };
  const few = touched(10);
  const many = touched(1_000_000);
  assert(many < few * 4, `${few} words with ten entries, ${many} with a million`);
});

Deno.test("ACL-04 entries of no and of thousands of bytes, all bytes, duplicates", () => {
  const lists = testPatterns();
  const store = lists.store();
  const { sets } = lists;
  const index = store.named("x", true, "").index("str", false);
  const set = sets.find("x")!;
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
  const texts = [
    "",
    "\0",
    "\0\0",
    all,
    all.repeat(40),
    "k".repeat(9000),
    ...Array.from({ length: 20 }, (_, i) => `${i}`),
  ];
  for (const text of texts) assertEquals(sets.add(set, 0, text, `${text.length}:${text}`), "");
  for (const text of texts) assertEquals(store.value(index.match(sampleOf("str", text))), `${text.length}:${text}`);
  assertEquals(index.match(sampleOf("str", "k".repeat(8999))), 0);
  for (let i = 0; i < 5000; i++) assertEquals(sets.add(set, 0, "same", String(i)), "");
  assertEquals(store.value(index.match(sampleOf("str", "same"))), "0");
  assertEquals(sets.set(set, "same", "x"), 5000);
  assertEquals(sets.remove(set, "same"), 5000);
  assertEquals(sets.add(set, 0, "x".repeat(2 ** 20 + 1), "v"), "The entry is too long.");
  assertEquals(sets.set(set, "", "x".repeat(2 ** 20 + 1)), "The entry is too long.");
  assertEquals([index.match(sampleOf("str", "same")), set.size], [0, texts.length]);
});

Deno.test("ACL-04 the limit of memory: a clear error, nothing lost, and room again after a removal", () => {
  const sets = new PatternSets({ k0: 5, k1: 6 }, SEGMENT_BYTES);
  const store = new PatternMaker(sets, {}).store();
  const index = store.named("x", true, "").index("beg", false);
  const set = sets.find("x")!;
  let count = 0;
  while (sets.add(set, 0, `key-${count}`, "v".repeat(100)) === "") count++;
  assert(count > 10_000);
  const used = sets.arena.used;
  assertEquals(sets.add(set, 0, "one more", "v".repeat(100)), NO_MEMORY);
  assertEquals(sets.add(set, 0, "one more", "v".repeat(100)), NO_MEMORY);
  assertEquals([set.size, sets.arena.used], [count, used]);
  for (let i = 0; i < count; i += 97) {
    assertEquals(textOf(store.view, index.match(sampleOf("beg", `key-${i}`))), `key-${i}`);
  }
  assertEquals(sets.remove(set, "key-1"), 1);
  settle(sets);
  assertEquals(sets.add(set, 0, "key-x", "v".repeat(100)), "");
  assertEquals(sets.prepare(set), 1);
  assertEquals(sets.commit(set, 1), "", "an empty version is small");
  settle(sets);
  assertEquals(set.size, 0);
  for (let i = 0; i < count; i++) assertEquals(sets.add(set, 1, `key-${i}`, "v".repeat(100)), "");
});

Deno.test("API-12 a listing goes on while entries come and go; addresses that are none are told apart", () => {
  const lists = testPatterns();
  lists.store().named("x", true, "").index("sub", false);
  const { sets } = lists;
  const set = sets.find("x")!;
  for (const text of ["a", "b", "c", "d"]) sets.add(set, 0, text, text);
  const cursor = sets.list(set, 0);
  const first = cursor.next()!;
  assertEquals(first.text, "a");
  sets.remove(set, "a");
  sets.remove(set, "b");
  settle(sets);
  sets.add(set, 0, "e", "e");
  assertEquals([cursor.next()?.text, cursor.next()?.text, cursor.next()?.text, cursor.next()], ["c", "d", "e", null]);
  assertEquals(sets.list(set, 77).next(), null);
  const other = sets.list(set, 0);
  sets.clear(set, 0);
  assertEquals(other.next(), null);
  for (const address of [0, -1, 1.5, 3, first.address, 2 ** 31, NaN, set.address]) {
    assertEquals([sets.removeEntry(set, address), sets.setEntry(set, address, "x")], [false, 0]);
  }
});

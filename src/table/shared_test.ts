// Counters, gauges and rates over the lanes of several threads.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { TEXT_WORDS } from "./text.ts";
import { C, COLUMNS, FIRST_MAX, FIRST_MEAN, MEAN_WINDOW } from "./columns.ts";
import {
  backendRow,
  frontendRow,
  type Layout,
  layoutOf,
  LISTENER,
  listenerRow,
  listenerWord,
  PROCESS,
  PROXY,
  proxyWord,
  SERVER,
  serverRow,
  serverWord,
} from "./layout.ts";
import { Shared } from "./shared.ts";

const SHAPE = { threads: 2, proxies: ["fe", "be"], servers: ["be/s1", "be/s2", "be/s3"], listeners: ["fe/l1"] };

function lanes(): { layout: Layout; main: Shared; one: Shared; two: Shared } {
  const layout = layoutOf(SHAPE);
  const buffer = Shared.allocate(layout);
  const [main, one, two] = [0, 1, 2].map((lane) => new Shared(buffer, layout, lane));
  return { layout, main, one, two };
}

Deno.test("table: rows and words of a layout do not overlap", () => {
  const layout = layoutOf(SHAPE);
  const rows = [
    0,
    frontendRow(0),
    frontendRow(1),
    backendRow(layout, 0),
    backendRow(layout, 1),
    ...[0, 1, 2].map((i) => serverRow(layout, i)),
    listenerRow(layout, 0),
  ];
  assertEquals(new Set(rows).size, rows.length);
  assertEquals(Math.max(...rows) + 1, layout.rows);
  const words = [
    [0, PROCESS.size],
    [proxyWord(0), PROXY.size],
    [proxyWord(1), PROXY.size],
    ...[0, 1, 2].map((i) => [serverWord(layout, i), SERVER.size]),
    [listenerWord(layout, 0), LISTENER.size],
  ];
  let at = 0;
  for (const [from, size] of words) {
    assertEquals(from, at);
    at += size;
  }
  assertEquals(at, layout.words);
  assertEquals(structuredClone(layout), layout, "it crosses threads");
});

Deno.test("table: no two words of one kind share a place", () => {
  for (const kind of [PROCESS, PROXY, SERVER, LISTENER]) {
    const { size, ...words } = kind;
    const at = Object.entries(words).sort((a, b) => a[1] - b[1]);
    at.forEach(([name, from], i) => {
      const end = i + 1 < at.length ? at[i + 1][1] : size;
      const needed = /rate/i.test(name) ? 3 : name === "checkInfo" ? TEXT_WORDS : 1;
      assertEquals(end - from, needed, name);
    });
  }
  assertEquals(Object.values(C), COLUMNS.map((_, i) => i));
});

Deno.test("table: readers add the lanes, clear makes the sums of now their zero", () => {
  const { main, one, two } = lanes();
  const a = one.counters(3);
  const b = two.counters(3);
  a.add(C.stot);
  a.add(C.stot, 4);
  b.add(C.stot, 10);
  assertEquals(main.total(3, C.stot), 15);
  assertEquals(a.total(C.stot), 15);
  assertEquals(main.total(2, C.stot), 0, "other rows are apart");
  assertEquals(main.total(3, C.bin), 0, "other columns are apart");
  main.clear(false);
  assertEquals(main.total(3, C.stot), 15, "only maxima were cleared");
  main.clear(true);
  assertEquals(main.total(3, C.stot), 0);
  b.add(C.stot, 2);
  assertEquals(main.total(3, C.stot), 2);
  main.clear(true);
  assertEquals(main.total(3, C.stot), 0);
});

Deno.test("table: a maximum is the largest of all lanes, until cleared", () => {
  const { main, one, two } = lanes();
  one.counters(1).raise(C.smax, 7);
  one.counters(1).raise(C.smax, 3);
  two.counters(1).raise(C.smax, 5);
  assertEquals(main.total(1, C.smax), 7);
  main.clear(false);
  assertEquals(main.total(1, C.smax), 0);
  two.counters(1).raise(C.smax, 2);
  assertEquals(main.total(1, C.smax), 2);
});

Deno.test("table: means slide over the last events and weigh the lanes by theirs", () => {
  const { main, one, two } = lanes();
  const a = one.counters(4);
  for (let i = 0; i < 3; i++) a.times(10, 20, -1, 100);
  two.counters(4).times(50, 0, 0, 100);
  assertEquals(main.total(4, C.qtime), 20);
  assertEquals(main.total(4, C.ctime), 15);
  assertEquals(main.total(4, C.rtime), 0);
  assertEquals(main.total(4, C.qtime_max), 50);
  // After many windows of another value the old ones hardly count.
  for (let i = 0; i < 12 * MEAN_WINDOW; i++) a.times(1000, 0, 0, 0);
  const mean = main.total(4, C.qtime);
  assert(mean > 995 && mean <= 1000, `${mean}`);
  assert(FIRST_MAX < FIRST_MEAN);
});

Deno.test("table: a gauge counts all threads, take() stops at the limit", () => {
  const { main, one, two } = lanes();
  const word = serverWord(one.layout, 1) + SERVER.served;
  const a = one.gauge(word);
  const b = two.gauge(word);
  assertEquals(a.take(2), 1);
  assertEquals(b.take(2), 2);
  assertEquals(b.take(2), 0);
  assertEquals(a.take(0), 3, "no limit");
  assertEquals([a.value, a.held, b.held], [3, 2, 1]);
  assertEquals(a.add(-1), 2);
  assertEquals(main.load(word), 2);
});

Deno.test("table: what a dead thread held is given back, its counters stay", () => {
  const { main, one, two, layout } = lanes();
  const word = proxyWord(1) + PROXY.beConns;
  one.gauge(word).add(3);
  two.gauge(word).add(4);
  two.gauge(PROCESS.conns).add(1);
  two.counters(backendRow(layout, 1)).add(C.stot, 9);
  two.counters(backendRow(layout, 1)).set(C.queue_head, 123);
  main.giveBack(2);
  assertEquals(main.load(word), 3);
  assertEquals(main.load(PROCESS.conns), 0);
  assertEquals(main.total(backendRow(layout, 1), C.stot), 9);
  assertEquals(main.cell(2, backendRow(layout, 1), C.queue_head), 0);
  main.giveBack(2);
  assertEquals(main.load(word), 3, "only once");
});

Deno.test("table: a segment of another layout is refused", () => {
  const layout = layoutOf(SHAPE);
  assertThrows(() => new Shared(new SharedArrayBuffer(layout.bytes - 8), layout, 1));
});

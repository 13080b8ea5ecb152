import { assertEquals } from "@std/assert";
import { Prng } from "../base/mod.ts";
import { Waiter } from "./waiter.ts";
import { WaiterHeap } from "./waiter_heap.ts";

Deno.test("QUE-03 waiters are served by class, then time with its offset, equals as they came, whoever leaves in between", () => {
  const prng = new Prng(7);
  const heap = new WaiterHeap();
  let model: Waiter[] = [];
  for (let step = 0; step < 5000; step++) {
    if (model.length > 0 && prng.chance(0.45)) {
      const gone = prng.chance(0.5) ? heap.head! : model[Math.floor(prng.float() * model.length)];
      heap.remove(gone);
      model = model.filter((w) => w !== gone);
    } else {
      const waiter = new Waiter(null!, () => {});
      waiter.queuedAt = Math.floor(step / 50);
      waiter.priorityClass = Math.floor(prng.float() * 3);
      waiter.priorityOffsetMs = Math.floor(prng.float() * 3) - 1;
      heap.insert(waiter);
      model.push(waiter);
    }
    const expected = model.toSorted((a, b) => a.precedes(b) ? -1 : b.precedes(a) ? 1 : 0);
    assertEquals(heap.head === (expected[0] ?? null), true);
    if (step % 100 === 0) assertEquals(heap.inOrder().every((w, i) => w === expected[i]), true);
  }
  assertEquals(heap.length, model.length);
});

Deno.test("QUE-03 the place of a newcomer is found without a walk along the queue", () => {
  const heap = new WaiterHeap();
  let compared = 0;
  class Counting extends Waiter {
    override precedes(other: Waiter): boolean {
      compared++;
      return super.precedes(other);
    }
  }
  for (let i = 0; i < 10_000; i++) {
    const waiter = new Counting(null!, () => {});
    waiter.priorityClass = -i;
    heap.insert(waiter);
  }
  assertEquals(compared < 10_000 * 30, true, `${compared} comparisons`);
});

// What main asks its threads: answered, late, dead, failing; changes kept for threads that start later.
import { assertEquals } from "@std/assert";
import { Wheel } from "../base/mod.ts";
import { createSimWorld } from "../sys/sim/mod.ts";
import type { ToThread } from "./messages.ts";
import { Questions } from "./questions.ts";

function made(threads: number, alive = (_thread: number) => true) {
  const world = createSimWorld();
  const posted: { thread: number; message: ToThread }[] = [];
  const post = (thread: number, message: ToThread) => void posted.push({ thread, message });
  const questions = new Questions({ count: threads, alive, post }, new Wheel(world.main.clock));
  return { world, posted, questions };
}

Deno.test("API-09 API-10 questions: every thread is asked, answers come in order of threads", async () => {
  const { world, posted, questions } = made(3);
  const asked = questions.ask("show sess", { after: 0 });
  assertEquals(posted.map((p) => p.thread), [1, 2, 3]);
  assertEquals(posted[0].message, { kind: "ask", number: 1, command: "show sess", question: { after: 0 } });
  for (const thread of [3, 1, 2]) questions.answered(thread, 1, `of ${thread}`);
  assertEquals(await world.wait(asked), {
    answers: [{ thread: 1, value: "of 1" }, { thread: 2, value: "of 2" }, { thread: 3, value: "of 3" }],
    missing: [],
  });
});

Deno.test("API-09 API-10 questions: a thread that stalls is named after a second, late answers are nothing", async () => {
  const { world, questions } = made(2);
  const asked = questions.ask("show sess", null);
  questions.answered(2, 1, "two");
  assertEquals(await world.wait(asked), { answers: [{ thread: 2, value: "two" }], missing: [1] });
  assertEquals(Math.round(world.core.time), 1000);
  questions.answered(1, 1, "late");
  questions.failed(1, 1);
  questions.ended(1);
});

Deno.test("API-09 API-10 questions: dead threads, dying ones, failing ones are missing at once; one thread alone is asked", async () => {
  const { world, posted, questions } = made(4, (thread) => thread !== 1);
  const all = questions.ask("a", null);
  const one = questions.ask("a", null, 3);
  const dead = questions.ask("a", null, 1);
  assertEquals(posted.map((p) => p.thread), [2, 3, 4, 3]);
  questions.failed(2, 1);
  questions.ended(3);
  questions.answered(4, 1, 4);
  assertEquals(await world.wait(all), { answers: [{ thread: 4, value: 4 }], missing: [1, 2, 3] });
  assertEquals(await world.wait(one), { answers: [], missing: [3] });
  assertEquals(await world.wait(dead), { answers: [], missing: [1] });
  assertEquals(world.core.time, 0);
});

Deno.test("API-09 API-10 questions: the last change of a key is kept", async () => {
  const { world, questions } = made(1);
  for (const question of [1, 2]) {
    const asked = questions.change("set server", question, "a");
    questions.answered(1, question, null);
    await world.wait(asked);
  }
  const other = questions.change("set server", 3, "b");
  questions.answered(1, 3, null);
  await world.wait(other);
  assertEquals(questions.kept, [{ command: "set server", question: 2 }, { command: "set server", question: 3 }]);
});

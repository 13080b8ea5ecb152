import { assertEquals } from "@std/assert";
import { type Hint, Hints } from "./hints.ts";

Deno.test("QUE-04 hints: one message under way, the others wait, the same one is said once", () => {
  const posted: (readonly Hint[])[] = [];
  const hints = new Hints((list) => posted.push(list));
  hints.add(2, { kind: "slot", server: 0 });
  for (let i = 0; i < 1000; i++) {
    hints.add(2, { kind: "slot", server: 0 });
    hints.add(3, { kind: "slot", server: 0 });
    hints.add(2, { kind: "accept", proxy: -1 });
  }
  for (const _ of [1, 2]) hints.add(2, { kind: "give", server: 0, from: 1 });
  assertEquals(posted.length, 1);
  hints.taken();
  assertEquals(posted.map((list) => list.map(({ thread, nudge }) => `${thread} ${nudge.kind}`)), [
    ["2 slot"],
    ["2 slot", "3 slot", "2 accept", "2 give", "2 give"],
  ]);
  hints.taken();
  assertEquals(posted.length, 2);
  hints.add(2, { kind: "slot", server: 0 });
  assertEquals(posted.length, 3);
});

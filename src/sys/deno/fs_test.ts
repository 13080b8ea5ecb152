// What only real files show: a failed write leaves nothing behind.
import { assertEquals, assertNotEquals } from "@std/assert";
import { DenoFs } from "./fs.ts";

Deno.test("sys deno: a file that cannot take its place leaves no other behind", () => {
  const fs = new DenoFs();
  const dir = Deno.makeTempDirSync();
  Deno.mkdirSync(`${dir}/taken`);
  assertNotEquals(fs.writeFile(`${dir}/taken`, new Uint8Array([1])), "");
  assertEquals(fs.readDir(dir), ["taken"]);
  Deno.symlinkSync("/dev/null", `${dir}/null`);
  assertEquals(fs.kind(`${dir}/null`), "other");
  Deno.removeSync(dir, { recursive: true });
});

// Numbers of header names.
import { assertEquals } from "@std/assert";
import { latin1ToBytes } from "../base/mod.ts";
import {
  H_AUTHORIZATION,
  H_HOST,
  H_SEC_WEBSOCKET_ACCEPT,
  H_TRANSFER_ENCODING,
  HEADER_NAMES,
  headerIdOf,
  headerIdOfView,
  HeaderName,
} from "./names.ts";

function ids(name: string): [number, number] {
  const bytes = new Uint8Array(name.length + 9).fill(0xff);
  bytes.set(latin1ToBytes(name), 3);
  const to = 3 + name.length;
  return [headerIdOf(bytes, 3, to), headerIdOfView(new DataView(bytes.buffer), bytes, 3, to)];
}

Deno.test("H1-01 names: every name has its number, whatever lies around it", () => {
  for (let id = 1; id < HEADER_NAMES.length; id++) assertEquals(ids(HEADER_NAMES[id]), [id, id], HEADER_NAMES[id]);
  assertEquals(new Set(HEADER_NAMES).size, HEADER_NAMES.length);
  assertEquals(HEADER_NAMES[H_HOST], "host");
  assertEquals(HEADER_NAMES[H_TRANSFER_ENCODING], "transfer-encoding");
  assertEquals(HEADER_NAMES[H_SEC_WEBSOCKET_ACCEPT], "sec-websocket-accept");
  assertEquals(HEADER_NAMES[H_AUTHORIZATION], "authorization");
});

Deno.test("H1-06 names: no other name has a number", () => {
  for (const name of HEADER_NAMES.slice(1)) {
    for (let i = 0; i < name.length; i++) {
      const other = name.slice(0, i) + (name[i] === "~" ? "!" : "~") + name.slice(i + 1);
      assertEquals(ids(other), [0, 0], other);
      const shorter = name.slice(0, i) + name.slice(i + 1);
      if (shorter !== "" && !HEADER_NAMES.includes(shorter)) assertEquals(ids(shorter), [0, 0], shorter);
    }
    if (!HEADER_NAMES.includes(name + "s")) assertEquals(ids(name + "s"), [0, 0]);
  }
});

Deno.test("H1-01 names: as rules hold them", () => {
  const name = new HeaderName("Transfer-ENCODING");
  assertEquals([name.text, name.id, name.bytes], [
    "transfer-encoding",
    H_TRANSFER_ENCODING,
    latin1ToBytes("transfer-encoding"),
  ]);
  assertEquals(new HeaderName("X-Own").id, 0);
});

// Fetches of all headers in the binary form of SPOE (configuration.txt 7.3.6; SPOE.txt 3.1): of each the name and the
// value, a length before each, and two empty strings at the end.
import { setBytes } from "../casts.ts";
import { ABSENT, type FetchEntry, FOUND, NEEDS, type SampleFn, T_BIN } from "../types.ts";
import { fetch, headOf, REQUEST, RESPONSE, unready } from "./define.ts";

/** Most bytes a length takes: lengths are below 2^25. */
const LENGTH_MOST = 4;

/** Writes a variable-length integer (SPOE.txt 3.1); the position behind it. */
function writeLength(area: Uint8Array, at: number, value: number): number {
  if (value < 240) {
    area[at] = value;
    return at + 1;
  }
  area[at++] = value | 240;
  let rest = (value - 240) >> 4;
  for (; rest >= 128; rest = (rest - 128) >> 7) area[at++] = rest | 128;
  area[at] = rest;
  return at + 1;
}

/** Writes a string behind its length; -1 when there is no room. */
function writeString(area: Uint8Array, at: number, bytes: Uint8Array, from: number, to: number): number {
  if (at + LENGTH_MOST + to - from > area.length) return -1;
  let end = writeLength(area, at, to - from);
  for (let i = from; i < to; i++) area[end++] = bytes[i];
  return end;
}

function binaryFetch(name: string, of: string, direction: 0 | 1, needs: number): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.6",
    doc: `all headers of the ${of} in the binary form of SPOE`,
    out: T_BIN,
    needs,
    build: (_args, env): SampleFn => (txn, into) => {
      const head = headOf(txn, direction);
      if (head === null) return unready(txn, direction);
      const area = env.scratch();
      let at = 0;
      for (let row = head.next(0); row >= 0; row = head.next(row + 1)) {
        at = writeString(area, at, head.bytes, head.nameFrom(row), head.nameTo(row));
        if (at >= 0) at = writeString(area, at, head.bytes, head.valueFrom(row), head.valueTo(row));
        if (at < 0) return ABSENT;
      }
      if (at + 2 > area.length) return ABSENT;
      area[at] = 0;
      area[at + 1] = 0;
      setBytes(into, T_BIN, area, 0, at + 2);
      return FOUND;
    },
  });
}

export const binaryHeaderFetches: readonly FetchEntry[] = [
  ...binaryFetch("req.hdrs_bin", "request", REQUEST, NEEDS.request),
  ...binaryFetch("res.hdrs_bin", "response", RESPONSE, NEEDS.response),
];

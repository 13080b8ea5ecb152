// Fetches of messages of the distributed compiler distcc, in either direction of TCP proxies (configuration.txt 7.3.5).
// A message is a row of packets: a token of four letters, a number of eight hexadecimal digits, and for most tokens a body
// of that many bytes (distcc protocol 1 to 3).
import { latin1ToBytes } from "../../base/mod.ts";
import { setBytes, setInteger } from "../casts.ts";
import {
  ABSENT,
  type ArgNode,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  NEEDS,
  type SampleFn,
  T_BIN,
  T_SINT,
  type Txn,
  type Verdict,
} from "../types.ts";
import { EITHER, fetch, notYet } from "./define.ts";
import { rawPayload } from "./payload.ts";

const TOKEN = 4;
const HEAD = 12;
/** Tokens whose number is no length: nothing follows them but the next packet. */
const BODILESS = ["DIST", "ARGC", "NFIL", "DONE", "STAT"];

function tokenNumber(text: string): number {
  const bytes = latin1ToBytes(text);
  return bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/** Finds an occurrence of a token. */
class Packets {
  param = 0;
  block: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  from = 0;
  to = 0;
  readonly #token: number;
  readonly #occurrence: number;
  readonly #bodiless = new Set(BODILESS.map(tokenNumber));

  constructor(token: string, occurrence: number) {
    this.#token = tokenNumber(token);
    this.#occurrence = occurrence;
  }

  /** `whole`: its body has to be there. */
  find(txn: Txn, whole: boolean): Verdict {
    const payload = rawPayload(txn, EITHER);
    if (payload === null) return ABSENT;
    const { block, to } = payload;
    let left = this.#occurrence;
    for (let at = payload.from; at + HEAD <= to;) {
      const token = block[at] << 24 | block[at + 1] << 16 | block[at + 2] << 8 | block[at + 3];
      const param = hexadecimal(block, at + TOKEN);
      if (param < 0) return ABSENT;
      at += HEAD;
      const length = this.#bodiless.has(token) ? 0 : param;
      if (token === this.#token && --left === 0) {
        if (whole && at + length > to) break;
        this.param = param;
        this.block = block;
        this.from = at;
        this.to = at + length;
        return FOUND;
      }
      at += length;
    }
    return notYet(payload);
  }
}

/** The number of eight digits; -1 when they are none. */
function hexadecimal(block: Uint8Array, from: number): number {
  let value = 0;
  for (let i = from; i < from + HEAD - TOKEN; i++) {
    const c = block[i];
    const lower = c | 32;
    const digit = c >= 48 && c <= 57 ? c - 48 : lower >= 97 && lower <= 102 ? lower - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

const ARGS: readonly ArgSpec[] = [{ type: "str", name: "token" }, { type: "sint", name: "occ", optional: true }];

function validate([token, occurrence]: readonly ArgNode[]): string | null {
  // deno-lint-ignore no-control-regex
  if (!/^[\x00-\xff]{4}$/.test(token as string)) return "token name must be exactly 4 characters";
  return occurrence === null || Number(occurrence) > 0 ? null : "occurrences start at 1";
}

function packetsOf([token, occurrence]: readonly ArgNode[]): Packets {
  return new Packets(token as string, occurrence === null ? 1 : Number(occurrence));
}

export const distccFetches: readonly FetchEntry[] = [
  ...fetch({
    name: "distcc_param",
    manual: "7.3.5",
    doc: "number of an occurrence of a token in a distcc message",
    out: T_SINT,
    needs: NEEDS.buffers,
    args: ARGS,
    validate,
    build(args): SampleFn {
      const packets = packetsOf(args);
      return (txn, into) => {
        const verdict = packets.find(txn, false);
        if (verdict === FOUND) setInteger(into, packets.param);
        return verdict;
      };
    },
  }),
  ...fetch({
    name: "distcc_body",
    manual: "7.3.5",
    doc: "body of an occurrence of a token in a distcc message",
    out: T_BIN,
    needs: NEEDS.buffers,
    args: ARGS,
    validate,
    build(args): SampleFn {
      const packets = packetsOf(args);
      return (txn, into) => {
        const verdict = packets.find(txn, true);
        if (verdict === FOUND) setBytes(into, T_BIN, packets.block, packets.from, packets.to);
        return verdict;
      };
    },
  }),
];

// Fetches of the cookie in the connection request of the Remote Desktop Protocol, from the buffer of TCP proxies
// (configuration.txt 7.3.5): behind the heads of TPKT and X.224 stands "Cookie: name=value" and the end of a line.
import { bytesEqualIgnoreCase, latin1ToBytes } from "../../base/mod.ts";
import { setBytes, setInteger } from "../casts.ts";
import {
  ABSENT,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  NEEDS,
  type SampleFn,
  T_SINT,
  T_STR,
  type Txn,
  type Verdict,
} from "../types.ts";
import { fetch, notYet, REQUEST } from "./define.ts";
import { rawPayload } from "./payload.ts";

/** Bytes of both heads: version, reserved, length (2); length, code, references (4), class. */
const HEADS = 11;
const LABEL = latin1ToBytes("Cookie:");
const SPACE = 32;
const EQUALS = 61;
const CR = 13;
const LF = 10;

/** Finds the cookie. Only the beginning counts: the protocol has no second one. */
class RdpCookie {
  /** `block[from, to)` of the payload. */
  from = 0;
  to = 0;
  /** After ABSENT: it looks like the protocol but for a cookie of that name. */
  looksRight = false;
  readonly #name: Uint8Array | null;

  /** `name` null: any. Names are case-insensitive. */
  constructor(name: string | null) {
    this.#name = name === null ? null : latin1ToBytes(name);
  }

  /** FOUND, ABSENT, or NOT_YET when the payload ends within it. */
  find(txn: Txn): Verdict {
    const payload = rawPayload(txn, REQUEST);
    this.looksRight = false;
    if (payload === null) return ABSENT;
    const { block, to } = payload;
    let at = payload.from + HEADS;
    const label = Math.min(to - at, LABEL.length);
    if (label > 0 && !bytesEqualIgnoreCase(block, at, at + label, LABEL, 0, label)) return ABSENT;
    if (label < LABEL.length) return notYet(payload);
    this.looksRight = true;
    at += LABEL.length;
    while (at < to && block[at] === SPACE) at++;
    const name = at;
    while (at < to && block[at] !== EQUALS && block[at] !== CR && block[at] !== LF) at++;
    if (at === to) return notYet(payload);
    if (block[at] !== EQUALS || !this.#named(block, name, at)) return ABSENT;
    this.from = ++at;
    while (at < to && block[at] !== CR) at++;
    this.to = at;
    if (at + 1 >= to) return notYet(payload);
    return block[at + 1] === LF ? FOUND : ABSENT;
  }

  #named(block: Uint8Array, from: number, to: number): boolean {
    const name = this.#name;
    return name === null || bytesEqualIgnoreCase(block, from, to, name, 0, name.length);
  }
}

const NAME: ArgSpec = { type: "str", name: "name", optional: true };

function cookieOf(arg: unknown): RdpCookie {
  return new RdpCookie(typeof arg === "string" && arg !== "" ? arg : null);
}

export const rdpFetches: readonly FetchEntry[] = [
  ...fetch({
    name: "req.rdp_cookie",
    aliases: ["rdp_cookie"],
    manual: "7.3.5",
    doc: "value of a cookie of the Remote Desktop Protocol",
    out: T_STR,
    needs: NEEDS.clientL6,
    args: [NAME],
    build([name]): SampleFn {
      const cookie = cookieOf(name);
      return (txn, into) => {
        const verdict = cookie.find(txn);
        if (verdict === FOUND) setBytes(into, T_STR, txn.clientPayload.block, cookie.from, cookie.to);
        return verdict;
      };
    },
  }),
  ...fetch({
    name: "req.rdp_cookie_cnt",
    aliases: ["rdp_cookie_cnt"],
    manual: "7.3.5",
    doc: "cookies of the Remote Desktop Protocol: 0 or 1",
    out: T_SINT,
    needs: NEEDS.clientL6,
    args: [NAME],
    build([name]): SampleFn {
      const cookie = cookieOf(name);
      return (txn, into) => {
        const verdict = cookie.find(txn);
        if (verdict < 0 || (verdict === ABSENT && !cookie.looksRight)) return verdict;
        setInteger(into, verdict);
        return FOUND;
      };
    },
  }),
];

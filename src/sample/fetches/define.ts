// Helpers to write fetch entries.
import type { Message } from "../../http/mod.ts";
import { setAddress } from "../casts.ts";
import {
  ABSENT,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  type MatchMethod,
  NOT_YET,
  type Sample,
  T_IPV4,
  type Txn,
  type Verdict,
} from "../types.ts";
import type { Address } from "../../sys/types.ts";
import type { PayloadView } from "../views.ts";

/** The derivatives that string fetches have (configuration.txt 7.3.6). */
export const STRING_DERIVATIVES: readonly MatchMethod[] = ["beg", "dir", "dom", "end", "len", "reg", "sub", "str"];

type Definition = Omit<FetchEntry, "kind" | "args"> & {
  readonly args?: readonly ArgSpec[];
  /** Other names of it, most of them deprecated. */
  readonly aliases?: readonly string[];
};

/** The entry, one more for each other name. */
export function fetch(definition: Definition): FetchEntry[] {
  const { aliases, args, ...rest } = definition;
  const entry: FetchEntry = { ...rest, kind: "fetch", args: args ?? [] };
  return [entry, ...(aliases ?? []).map((name) => ({ ...entry, name }))];
}

/** A fetch without arguments. */
export function simple(
  name: string,
  manual: string,
  doc: string,
  out: number,
  needs: number,
  run: (txn: Txn, into: Sample) => Verdict,
): FetchEntry[] {
  return fetch({ name, manual, doc, out, needs, build: () => run });
}

/** What a fetch answers that did not find its data in a direction: more may come. */
export function notYet(payload: PayloadView): Verdict {
  return payload.complete ? ABSENT : NOT_YET;
}

/** A direction of the stream. */
export const REQUEST = 0;
export const RESPONSE = 1;
/** That of the rules being run: the response once there is one. */
export const EITHER = 2;
export type Direction = 0 | 1 | 2;

/** The head of a direction, null while it is not there (see unready()). */
export function headOf(txn: Txn, direction: Direction): Message | null {
  if (direction === REQUEST) return txn.requestReady ? txn.request : null;
  if (direction === RESPONSE || txn.responseReady) return txn.responseReady ? txn.response : null;
  return txn.requestReady ? txn.request : null;
}

/** The verdict when headOf() gave null. */
export function unready(txn: Txn, direction: Direction): Verdict {
  return notYet(direction === RESPONSE ? txn.serverPayload : txn.clientPayload);
}

export function addressSample(address: Address | null | undefined, into: Sample): Verdict {
  if (address === null || address === undefined || address.family === "unix") return ABSENT;
  if (address.family === "ipv4") return ipv4Sample(address.host, into);
  return setAddress(into, address.host) ? FOUND : ABSENT;
}

/** Reads dotted decimal as addresses of connections have it: four numbers, checked when they were made. */
function ipv4Sample(host: string, into: Sample): Verdict {
  let value = 0;
  let part = 0;
  for (let i = 0; i < host.length; i++) {
    const c = host.charCodeAt(i);
    if (c === 46) {
      value = value * 256 + part;
      part = 0;
    } else {
      part = part * 10 + c - 48;
    }
  }
  into.type = T_IPV4;
  into.num = value * 256 + part;
  return FOUND;
}

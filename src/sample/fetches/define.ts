// Helpers to write fetch entries.
import type { Message } from "../../http/mod.ts";
import { latin1ToBytes } from "../../base/mod.ts";
import { setAddress, setBoolean, setBytes, setInteger } from "../casts.ts";
import {
  ABSENT,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  type MatchMethod,
  NOT_YET,
  type Sample,
  type SampleFn,
  T_BOOL,
  T_IPV4,
  T_STR,
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

/** A fetch of a text that seldom changes: its bytes are kept while it is the same. Undefined: absent. */
export function nameFetch(
  name: string,
  manual: string,
  doc: string,
  needs: number,
  of: (txn: Txn) => string | undefined,
): FetchEntry[] {
  return fetch({
    name,
    manual,
    doc,
    out: T_STR,
    needs,
    build(): SampleFn {
      let last = "";
      let bytes = new Uint8Array(0);
      return (txn, into) => {
        const text = of(txn);
        if (text === undefined) return ABSENT;
        if (text !== last) {
          last = text;
          bytes = latin1ToBytes(text);
        }
        setBytes(into, T_STR, bytes, 0, bytes.length);
        return FOUND;
      };
    },
  });
}

/** Makes the sample an integer; null and undefined: absent. */
export function integerSample(value: number | null | undefined, into: Sample): Verdict {
  if (value === null || value === undefined) return ABSENT;
  setInteger(into, value);
  return FOUND;
}

/** A boolean; undefined: absent. */
export function booleanFetch(
  name: string,
  manual: string,
  doc: string,
  needs: number,
  of: (txn: Txn) => boolean | undefined,
): FetchEntry[] {
  return simple(name, manual, doc, T_BOOL, needs, (txn, into) => {
    const value = of(txn);
    if (value === undefined) return ABSENT;
    setBoolean(into, value);
    return FOUND;
  });
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

/** The stream's messages are taken apart: it is one of an HTTP frontend, or a TCP one's on its way to an HTTP backend. */
export function isHttp(txn: Txn): boolean {
  return txn.frontend.mode === "http" || txn.backend?.mode === "http";
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

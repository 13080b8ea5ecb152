// Fetches of the bytes at hand: layer 6 buffers and HTTP bodies (configuration.txt 7.3.5, 7.3.6).
import { BODY_LENGTH } from "../../http/mod.ts";
import { setBoolean, setBytes, setInteger } from "../casts.ts";
import {
  ABSENT,
  type ArgNode,
  type EachFn,
  type FetchEntry,
  FOUND,
  NEEDS,
  NOT_YET,
  type Sample,
  type SampleFn,
  T_BIN,
  T_BOOL,
  T_SINT,
  type Txn,
  type Verdict,
} from "../types.ts";
import type { PayloadView } from "../views.ts";
import { type Direction, EITHER, fetch, headOf, isHttp, notYet, REQUEST, RESPONSE, simple, unready } from "./define.ts";

function payloadOf(txn: Txn, direction: Direction): PayloadView {
  if (direction === REQUEST) return txn.clientPayload;
  return direction === RESPONSE || txn.serverConn !== null ? txn.serverPayload : txn.clientPayload;
}

/** The bytes as they came; null in HTTP proxies, whose messages are taken apart already (configuration.txt 7.3.5). */
export function rawPayload(txn: Txn, direction: Direction): PayloadView | null {
  return isHttp(txn) ? null : payloadOf(txn, direction);
}

/** A value that changes while data comes: in ACLs one that does not match is not decided before the end. */
function changing(read: SampleFn, direction: Direction): EachFn {
  return (txn, into, test) => {
    const verdict = read(txn, into);
    if (verdict === FOUND && test(into, txn)) return FOUND;
    return verdict === NOT_YET ? NOT_YET : notYet(payloadOf(txn, direction));
  };
}

function lengthFetch(name: string, aliases: readonly string[], direction: 0 | 1, needs: number): FetchEntry[] {
  const read = (txn: Txn, into: Sample): Verdict => {
    const { from, to } = payloadOf(txn, direction);
    setInteger(into, to - from);
    return FOUND;
  };
  return fetch({
    name,
    aliases,
    manual: "7.3.5",
    doc: `bytes in the ${direction === REQUEST ? "request" : "response"} buffer`,
    out: T_SINT,
    needs,
    build: () => read,
    buildEach: () => changing(read, direction),
  });
}

/** `length` bytes at `offset`; 0: all from there. */
function block(txn: Txn, into: Sample, direction: Direction, offset: number, length: number): Verdict {
  const payload = rawPayload(txn, direction);
  if (payload === null) return ABSENT;
  const from = payload.from + offset;
  const to = length === 0 ? payload.to : from + length;
  if (to > payload.to || from > payload.to) return notYet(payload);
  setBytes(into, T_BIN, payload.block, from, to);
  return FOUND;
}

function blockFetch(name: string, direction: Direction, needs: number): FetchEntry[] {
  const reader = ([offset, length]: readonly ArgNode[]): SampleFn => {
    const at = Number(offset);
    const size = Number(length);
    return (txn, into) => block(txn, into, direction, at, size);
  };
  return fetch({
    name,
    manual: "7.3.5",
    doc: "a block of the buffer; of length 0: all from the offset",
    out: T_BIN,
    needs,
    args: [{ type: "sint", name: "offset" }, { type: "sint", name: "length" }],
    validate([offset, length]) {
      if (Number(offset) < 0) return "payload offset1 must be positive or null";
      return Number(length) < 0 ? "payload length must not be negative" : null;
    },
    build: reader,
    // Of fixed length it does not change once it is there.
    buildEach: (args) => {
      const read = reader(args);
      if (Number(args[1]) === 0) return changing(read, direction);
      return (txn, into, test) => {
        const verdict = read(txn, into);
        return verdict !== FOUND ? verdict : test(into, txn) ? FOUND : ABSENT;
      };
    },
  });
}

/** A block whose length stands in the buffer, in network order. */
function lengthValueFetch(name: string, direction: Direction, needs: number): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.5",
    doc: "a block of the buffer whose size stands before it",
    out: T_BIN,
    needs,
    args: [
      { type: "sint", name: "offset1" },
      { type: "sint", name: "length" },
      { type: "str", name: "offset2", optional: true },
    ],
    validate([offset1, length, offset2]) {
      if (Number(offset1) < 0) return "payload offset1 must be positive or null";
      if (Number(length) < 1 || Number(length) > 6) return "payload length must be between 1 and 6";
      if (typeof offset2 === "string" && offset2 !== "" && !/^[+-]?[0-9]{1,9}$/.test(offset2)) {
        return `payload offset2 '${offset2}' is not a number`;
      }
      return null;
    },
    build([offset1, length, offset2]) {
      const at = Number(offset1);
      const size = Number(length);
      const text = (offset2 as string | null) || "+0";
      const relative = /^[+-]/.test(text);
      const start = relative ? at + size + Number(text) : Number(text);
      return (txn, into) => {
        const payload = rawPayload(txn, direction);
        if (payload === null) return ABSENT;
        const from = payload.from + at;
        if (from + size > payload.to) return notYet(payload);
        let value = 0;
        for (let i = from; i < from + size; i++) value = value * 256 + payload.block[i];
        if (value === 0 || start < 0) return ABSENT;
        return block(txn, into, direction, start, value);
      };
    },
  });
}

// ---- bodies -----------------------------------------------------------------------------------------------------

function bodyFetches(prefix: string, of: string, direction: 0 | 1, needs: number): FetchEntry[] {
  return [
    ...simple(`${prefix}.body`, "7.3.6", `what is at hand of the ${of}'s body`, T_BIN, needs, (txn, into) => {
      if (headOf(txn, direction) === null) return unready(txn, direction);
      const { block, from, to } = payloadOf(txn, direction);
      setBytes(into, T_BIN, block, from, to);
      return FOUND;
    }),
    ...simple(`${prefix}.body_len`, "7.3.6", `bytes at hand of the ${of}'s body`, T_SINT, needs, (txn, into) => {
      if (headOf(txn, direction) === null) return unready(txn, direction);
      const { from, to } = payloadOf(txn, direction);
      setInteger(into, to - from);
      return FOUND;
    }),
    ...simple(`${prefix}.body_size`, "7.3.6", `announced length of the ${of}'s body`, T_SINT, needs, (txn, into) => {
      const head = headOf(txn, direction);
      if (head === null) return unready(txn, direction);
      const { from, to } = payloadOf(txn, direction);
      setInteger(into, head.bodyKind === BODY_LENGTH ? head.contentLength : to - from);
      return FOUND;
    }),
  ];
}

const { clientL6, serverL6, buffers, request, requestBody, response, responseBody, internal } = NEEDS;

export const payloadFetches: readonly FetchEntry[] = [
  ...lengthFetch("req.len", ["req_len"], REQUEST, clientL6),
  ...lengthFetch("res.len", [], RESPONSE, serverL6),
  ...blockFetch("req.payload", REQUEST, clientL6),
  ...blockFetch("res.payload", RESPONSE, serverL6),
  ...blockFetch("payload", EITHER, buffers),
  ...lengthValueFetch("req.payload_lv", REQUEST, clientL6),
  ...lengthValueFetch("res.payload_lv", RESPONSE, serverL6),
  ...lengthValueFetch("payload_lv", EITHER, buffers),
  ...bodyFetches("req", "request", REQUEST, request | requestBody),
  ...bodyFetches("res", "response", RESPONSE, response | responseBody),
  ...simple("wait_end", "7.3.2", "true once no more data will come; not decided before", T_BOOL, internal, (
    txn,
    into,
  ) => {
    if (!payloadOf(txn, EITHER).complete) return NOT_YET;
    setBoolean(into, true);
    return FOUND;
  }),
];

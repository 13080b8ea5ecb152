// Fetches of headers, of requests and of responses (configuration.txt 7.3.6).
import { latin1Slice, readIpv4, writeLatin1 } from "../../base/mod.ts";
import { HeaderName, isTokenText, type Message } from "../../http/mod.ts";
import { cast, setAddress, setBytes, setInteger } from "../casts.ts";
import {
  ABSENT,
  type ArgNode,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  type MatchMethod,
  NEEDS,
  type Sample,
  type SampleEnv,
  T_ADDR,
  T_IPV4,
  T_SINT,
  T_STR,
  type Verdict,
} from "../types.ts";
import { type Direction, EITHER, fetch, headOf, REQUEST, RESPONSE, STRING_DERIVATIVES, unready } from "./define.ts";
import { FARTHEST, HeaderValues } from "./header_values.ts";

const NAME: ArgSpec = { type: "str", name: "name", optional: true };
const OCCURRENCE: ArgSpec = { type: "sint", name: "occ", optional: true };

function validName([name, occurrence]: readonly ArgNode[]): string | null {
  if (typeof name === "string" && name !== "" && !isTokenText(name)) return `'${name}' is not a header name`;
  if (occurrence !== null && occurrence !== undefined && Number(occurrence) < -FARTHEST) {
    return `header occurrence must be >= -${FARTHEST}`;
  }
  return null;
}

function headerName(arg: ArgNode): HeaderName | null {
  return typeof arg === "string" && arg !== "" ? new HeaderName(arg) : null;
}

/** Turns a value `bytes[from, to)` of a message into the sample of the fetch. */
type Reader = (sample: Sample, message: Message, from: number, to: number, env: SampleEnv) => boolean;

function asText(sample: Sample, message: Message, from: number, to: number): boolean {
  setBytes(sample, T_STR, message.bytes, from, to);
  return true;
}

function asInteger(sample: Sample, message: Message, from: number, to: number, env: SampleEnv): boolean {
  setBytes(sample, T_STR, message.bytes, from, to);
  if (cast(sample, T_SINT, env)) return true;
  // A value without digits is 0 here, as haproxy has it.
  setInteger(sample, 0);
  return true;
}

const COLON = ":";

/** An address; an IPv4 one may have a port behind it, which is dropped. */
function asAddress(sample: Sample, message: Message, from: number, to: number): boolean {
  if (to - from > 64) return false;
  const text = latin1Slice(message.bytes, from, to);
  const colon = text.indexOf(COLON);
  if (colon < 0 || text.includes(COLON, colon + 1)) return setAddress(sample, text);
  const port = text.slice(colon + 1);
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65535) return false;
  if (!readIpv4(text.slice(0, colon), PROBE)) return false;
  return setAddress(sample, text.slice(0, colon)) && sample.type === T_IPV4;
}
const PROBE = new Uint8Array(4);

interface ValueFetch {
  readonly name: string;
  readonly doc: string;
  readonly direction: Direction;
  readonly needs: number;
  readonly whole?: boolean;
  readonly out: number;
  readonly read: Reader;
  readonly nameNeeded?: boolean;
  readonly derivatives?: readonly MatchMethod[];
  readonly aclFetch?: string;
  readonly aliases?: readonly string[];
}

function valueFetch(f: ValueFetch): FetchEntry[] {
  const { direction, read } = f;
  return fetch({
    name: f.name,
    aliases: f.aliases,
    manual: "7.3.6",
    doc: f.doc,
    out: f.out,
    needs: f.needs,
    derivatives: f.derivatives,
    aclFetch: f.aclFetch,
    args: [f.nameNeeded ? { type: "str", name: "name" } : NAME, OCCURRENCE],
    validate: validName,
    build([name, occ], env) {
      const values = new HeaderValues(headerName(name), f.whole ?? false);
      const occurrence = occ === null || occ === undefined || occ === 0 ? -1 : Number(occ);
      return (txn, into) => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        if (!values.seek(head, occurrence)) return ABSENT;
        return read(into, head, values.from, values.to, env) ? FOUND : ABSENT;
      };
    },
    buildEach([name, occ], env) {
      const values = new HeaderValues(headerName(name), f.whole ?? false);
      const occurrence = occ === null || occ === undefined ? 0 : Number(occ);
      return (txn, into, test): Verdict => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        if (occurrence !== 0) {
          if (!values.seek(head, occurrence)) return ABSENT;
          return read(into, head, values.from, values.to, env) && test(into, txn) ? FOUND : ABSENT;
        }
        values.begin(head);
        while (values.next()) if (read(into, head, values.from, values.to, env) && test(into, txn)) return FOUND;
        return ABSENT;
      };
    },
  });
}

function countFetch(
  name: string,
  doc: string,
  direction: Direction,
  needs: number,
  whole: boolean,
  aliases: readonly string[] = [],
): FetchEntry[] {
  return fetch({
    name,
    aliases,
    manual: "7.3.6",
    doc,
    out: T_SINT,
    needs,
    args: [NAME],
    validate: validName,
    build([arg]) {
      const values = new HeaderValues(headerName(arg), whole);
      return (txn, into) => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        setInteger(into, values.count(head));
        return FOUND;
      };
    },
  });
}

/** Names of all headers behind each other. */
function namesFetch(name: string, doc: string, direction: Direction, needs: number): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.6",
    doc,
    out: T_STR,
    needs,
    args: [{ type: "str", name: "delim", optional: true }],
    build([arg], env) {
      const delimiter = (typeof arg === "string" && arg !== "" ? arg : ",").charCodeAt(0);
      return (txn, into) => {
        const head = headOf(txn, direction);
        if (head === null) return unready(txn, direction);
        const area = env.scratch();
        let at = 0;
        for (let row = head.next(0); row >= 0; row = head.next(row + 1)) {
          const to = head.nameTo(row);
          if (at + 1 + to - head.nameFrom(row) > area.length) return ABSENT;
          if (at > 0) area[at++] = delimiter;
          for (let i = head.nameFrom(row); i < to; i++) area[at++] = head.bytes[i];
        }
        setBytes(into, T_STR, area, 0, at);
        return FOUND;
      };
    },
  });
}

/** All headers as lines, the empty one included. */
function allFetch(name: string, doc: string, direction: Direction, needs: number): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.6",
    doc,
    out: T_STR,
    needs,
    build: (_args, env) => (txn, into) => {
      const head = headOf(txn, direction);
      if (head === null) return unready(txn, direction);
      const area = env.scratch();
      let at = 0;
      for (let row = head.next(0); row >= 0; row = head.next(row + 1)) {
        const line = `${head.nameText(row)}: ${head.valueText(row)}\r\n`;
        if (at + line.length + 2 > area.length) return ABSENT;
        at = writeLatin1(area, at, line);
      }
      setBytes(into, T_STR, area, 0, writeLatin1(area, at, "\r\n"));
      return FOUND;
    },
  });
}

/** The family of one direction. */
function family(
  prefix: string,
  of: string,
  direction: 0 | 1,
  needs: number,
  old: (name: string) => string[],
): FetchEntry[] {
  return [
    ...valueFetch({
      name: `${prefix}.hdr`,
      aliases: direction === RESPONSE ? old("") : [],
      doc: `value of a header of the ${of}, the last one or an occurrence; commas separate values`,
      direction,
      needs,
      out: T_STR,
      read: asText,
      derivatives: STRING_DERIVATIVES,
    }),
    ...valueFetch({
      name: `${prefix}.fhdr`,
      doc: `whole value of a header of the ${of}, the last one or an occurrence`,
      direction,
      needs,
      whole: true,
      out: T_STR,
      read: asText,
      derivatives: STRING_DERIVATIVES,
    }),
    ...valueFetch({
      name: `${prefix}.hdr_val`,
      aliases: old("_val"),
      doc: `value of a header of the ${of} as an integer`,
      direction,
      needs,
      out: T_SINT,
      read: asInteger,
    }),
    ...valueFetch({
      name: `${prefix}.hdr_ip`,
      aliases: old("_ip"),
      doc: `value of a header of the ${of} as an address`,
      direction,
      needs,
      out: T_ADDR,
      read: asAddress,
    }),
    ...countFetch(`${prefix}.hdr_cnt`, `values of a header of the ${of}`, direction, needs, false, old("_cnt")),
    ...countFetch(`${prefix}.fhdr_cnt`, `lines of a header of the ${of}`, direction, needs, true),
    ...namesFetch(`${prefix}.hdr_names`, `names of all headers of the ${of}`, direction, needs),
    ...allFetch(`${prefix}.hdrs`, `all headers of the ${of} and the empty line`, direction, needs),
  ];
}

export const headerFetches: readonly FetchEntry[] = [
  ...family("req", "request", REQUEST, NEEDS.request, (suffix) => [`hdr${suffix}`]),
  ...family("res", "response", RESPONSE, NEEDS.response, (suffix) => [`shdr${suffix}`]),
  // In ACLs the name always means the request.
  ...valueFetch({
    name: "hdr",
    doc: "req.hdr in requests, res.hdr in responses",
    direction: EITHER,
    needs: NEEDS.headers,
    out: T_STR,
    read: asText,
    aclFetch: "req.hdr",
    derivatives: STRING_DERIVATIVES,
  }),
];

// Fetches of what the kernel knows of a connection (TCP_INFO), and of the PROXY protocol header it began with
// (configuration.txt 7.3.3).
import type { TcpInfo } from "../../sys/types.ts";
import { setBytes } from "../casts.ts";
import {
  ABSENT,
  type ArgNode,
  type ArgSpec,
  type FetchEntry,
  FOUND,
  NEEDS,
  type SampleFn,
  T_SINT,
  T_STR,
  type Txn,
} from "../types.ts";
import type { ConnView } from "../views.ts";
import {
  PP2_TYPE_ALPN,
  PP2_TYPE_AUTHORITY,
  PP2_TYPE_CRC32C,
  PP2_TYPE_NETNS,
  PP2_TYPE_NOOP,
  PP2_TYPE_SSL,
  PP2_TYPE_UNIQUE_ID,
} from "../../codec/mod.ts";
import { booleanFetch, fetch, integerSample } from "./define.ts";

const { clientL4, serverL4 } = NEEDS;

// ---- TCP_INFO -----------------------------------------------------------------------------------------------------

const UNIT: readonly ArgSpec[] = [{ type: "str", name: "unit", optional: true }];
const UNITS = ["ms", "us"];
const US_IN_MS = 1000;

function isUnit(args: readonly ArgNode[]): string | null {
  return args[0] === null || UNITS.includes(String(args[0])) ? null : `the unit must be 'ms' or 'us', not '${args[0]}'`;
}

type Of = (txn: Txn) => ConnView | null;

/** A time that the kernel measures in microseconds. */
function timeFetch(name: string, doc: string, needs: number, conn: Of, of: (info: TcpInfo) => number): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.3",
    doc,
    out: T_SINT,
    needs,
    args: UNIT,
    validate: isUnit,
    build(args, env): SampleFn {
      env.demand(name);
      const divisor = args[0] === "us" ? 1 : US_IN_MS;
      return (txn, into) => {
        const info = conn(txn)?.tcpInfo() ?? null;
        return integerSample(info === null ? null : Math.floor(of(info) / divisor), into);
      };
    },
  });
}

function countFetch(name: string, doc: string, of: (info: TcpInfo) => number): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.3",
    doc,
    out: T_SINT,
    needs: clientL4,
    build(_args, env): SampleFn {
      env.demand(name);
      return (txn, into) => {
        const info = txn.session.tcpInfo();
        return integerSample(info === null ? null : of(info), into);
      };
    },
  });
}

const client: Of = (txn) => txn.session;
const server: Of = (txn) => txn.serverConn;

// ---- PROXY protocol -----------------------------------------------------------------------------------------------

/** Names of the types of values (proxy-protocol.txt 2.2). */
const TYPES: Readonly<Record<string, number>> = {
  ALPN: PP2_TYPE_ALPN,
  AUTHORITY: PP2_TYPE_AUTHORITY,
  CRC32: PP2_TYPE_CRC32C,
  NETNS: PP2_TYPE_NETNS,
  NOOP: PP2_TYPE_NOOP,
  SSL: PP2_TYPE_SSL,
  SSL_VERSION: 0x21,
  SSL_CN: 0x22,
  SSL_CIPHER: 0x23,
  SSL_SIG_ALG: 0x24,
  SSL_KEY_ALG: 0x25,
  UNIQUE_ID: PP2_TYPE_UNIQUE_ID,
};

/** The number of a type; -1: there is none such. */
function typeOf(arg: ArgNode): number {
  const text = String(arg);
  if (Object.hasOwn(TYPES, text)) return TYPES[text];
  const number = /^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text) ? Number(text) : -1;
  return number <= 255 ? number : -1;
}

/** The first value of a type. */
function first(type: number): SampleFn {
  return (txn, into) => {
    const header = txn.session.proxyHeader;
    const found = header !== null && header.each(type, (bytes, from, to) => {
      setBytes(into, T_STR, bytes, from, to);
      return true;
    });
    return found ? FOUND : ABSENT;
  };
}

function valueFetch(name: string, doc: string, type: number): FetchEntry[] {
  return fetch({ name, manual: "7.3.3", doc, out: T_STR, needs: clientL4, build: () => first(type) });
}

export const socketFetches: readonly FetchEntry[] = [
  ...timeFetch("fc_rtt", "round trip time of the client's connection", clientL4, client, (i) => i.rttUs),
  ...timeFetch("fc_rttvar", "how the client's round trip time varies", clientL4, client, (i) => i.rttvarUs),
  ...timeFetch("bc_rtt", "round trip time of the server's connection", serverL4, server, (i) => i.rttUs),
  ...timeFetch("bc_rttvar", "how the server's round trip time varies", serverL4, server, (i) => i.rttvarUs),
  ...countFetch("fc_unacked", "segments to the client that are not acknowledged", (i) => i.unacked),
  ...countFetch("fc_sacked", "segments that the client acknowledged out of order", (i) => i.sacked),
  ...countFetch("fc_lost", "segments to the client that are taken for lost", (i) => i.lost),
  ...countFetch("fc_retrans", "segments to the client that are under way again", (i) => i.retrans),
  ...countFetch("fc_fackets", "segments before the last that the client acknowledged", (i) => i.fackets),
  ...countFetch("fc_reordering", "reordering seen on the way to the client", (i) => i.reordering),
  ...booleanFetch(
    "fc_rcvd_proxy",
    "7.3.3",
    "whether the connection began with a PROXY protocol header",
    clientL4,
    (txn) => txn.session.proxyHeader !== null,
  ),
  ...valueFetch("fc_pp_authority", "host name in the PROXY protocol header", PP2_TYPE_AUTHORITY),
  ...valueFetch("fc_pp_unique_id", "id in the PROXY protocol header", PP2_TYPE_UNIQUE_ID),
  ...fetch({
    name: "fc_pp_tlv",
    manual: "7.3.3",
    doc: "value of a type in the PROXY protocol header; ACLs try each",
    out: T_STR,
    needs: clientL4,
    args: [{ type: "str", name: "id" }],
    validate: (args) => typeOf(args[0]) < 0 ? `'${args[0]}' is no type of a TLV (0 to 255, or its name)` : null,
    build: (args) => first(typeOf(args[0])),
    buildEach(args) {
      const type = typeOf(args[0]);
      return (txn, into, test) => {
        const header = txn.session.proxyHeader;
        const found = header !== null && header.each(type, (bytes, from, to) => {
          setBytes(into, T_STR, bytes, from, to);
          return test(into, txn);
        });
        return found ? FOUND : ABSENT;
      };
    },
  }),
];

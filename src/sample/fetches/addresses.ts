// Fetches of the addresses of a stream's two connections (configuration.txt 7.3.3).
import { setBoolean, setInteger } from "../casts.ts";
import {
  ABSENT,
  type FetchEntry,
  FOUND,
  NEEDS,
  type Sample,
  T_ADDR,
  T_BOOL,
  T_SINT,
  type Txn,
  type Verdict,
} from "../types.ts";
import type { Address } from "../../sys/types.ts";
import { addressSample, fetch, simple } from "./define.ts";

const { clientL4, serverL4 } = NEEDS;
const MANUAL = "7.3.3";

/** An address of a connection, if it has one. */
type AddressOf = (txn: Txn) => Address | undefined;

function addressFetch(name: string, doc: string, needs: number, run: (txn: Txn, into: Sample) => Verdict) {
  return simple(name, MANUAL, doc, T_ADDR, needs, run);
}

function portFetch(name: string, doc: string, needs: number, of: AddressOf): FetchEntry[] {
  return simple(name, MANUAL, doc, T_SINT, needs, (txn, into) => {
    const address = of(txn);
    if (address === undefined || address.family === "unix") return ABSENT;
    setInteger(into, address.port);
    return FOUND;
  });
}

/** Whether an address belongs to this machine. Asked anew each time: addresses move between machines. */
function localFetch(name: string, doc: string, of: AddressOf): FetchEntry[] {
  return fetch({
    name,
    manual: MANUAL,
    doc,
    out: T_BOOL,
    needs: clientL4,
    build: (_args, env) => (txn, into) => {
      const address = of(txn);
      if (address === undefined || address.family === "unix") return ABSENT;
      setBoolean(into, env.isLocal(address.host));
      return FOUND;
    },
  });
}

const src: AddressOf = (txn) => txn.session.src;
const dst: AddressOf = (txn) => txn.session.dst;
const originalSrc: AddressOf = (txn) => txn.session.originalSrc;
const originalDst: AddressOf = (txn) => txn.session.originalDst;
const serverSrc: AddressOf = (txn) => txn.serverConn?.src;
const serverDst: AddressOf = (txn) => txn.serverConn?.dst;

export const addressFetches: readonly FetchEntry[] = [
  ...addressFetch("src", "source address of the client", clientL4, ({ session }, into) => {
    return session.srcBinary.read(session.src, into) ? FOUND : ABSENT;
  }),
  ...portFetch("src_port", "source port of the client", clientL4, src),
  ...localFetch("src_is_local", "whether the client's address is this machine's", src),
  ...addressFetch("dst", "address the client connected to", clientL4, ({ session }, into) => {
    return session.dstBinary.read(session.dst, into) ? FOUND : ABSENT;
  }),
  ...portFetch("dst_port", "port the client connected to", clientL4, dst),
  ...localFetch("dst_is_local", "whether the address the client connected to is this machine's", dst),
  ...addressFetch("fc_src", "source address of the client's connection, whatever rules made of it", clientL4, (
    txn,
    into,
  ) => addressSample(originalSrc(txn), into)),
  ...portFetch("fc_src_port", "source port of the client's connection", clientL4, originalSrc),
  ...localFetch("fc_src_is_local", "whether the source of the client's connection is this machine's", originalSrc),
  ...addressFetch("fc_dst", "address the client's connection came to, whatever rules made of it", clientL4, (
    txn,
    into,
  ) => addressSample(originalDst(txn), into)),
  ...portFetch("fc_dst_port", "port the client's connection came to", clientL4, originalDst),
  ...localFetch("fc_dst_is_local", "whether the destination of the client's connection is this machine's", originalDst),
  ...addressFetch("bc_src", "source address of the server-side connection", serverL4, (txn, into) => {
    return addressSample(serverSrc(txn), into);
  }),
  ...portFetch("bc_src_port", "source port of the server-side connection", serverL4, serverSrc),
  ...addressFetch("bc_dst", "address of the server-side connection's peer", serverL4, (txn, into) => {
    return addressSample(serverDst(txn), into);
  }),
  ...portFetch("bc_dst_port", "port of the server-side connection's peer", serverL4, serverDst),
];

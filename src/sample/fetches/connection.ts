// Fetches of layers 4 and 5: addresses, ports and names of the proxies a connection goes through (configuration.txt
// 7.3.2 to 7.3.4).
import { latin1ToBytes } from "../../base/mod.ts";
import type { Address } from "../../sys/types.ts";
import { setBoolean, setBytes, setInteger } from "../casts.ts";
import {
  ABSENT,
  type FetchEntry,
  FOUND,
  NEEDS,
  type Sample,
  type SampleFn,
  T_ADDR,
  T_BOOL,
  T_SINT,
  T_STR,
  type Txn,
  type Verdict,
} from "../types.ts";
import { addressSample, fetch, simple } from "./define.ts";

function portSample(address: Address | null | undefined, into: Sample): Verdict {
  if (address === null || address === undefined || address.family === "unix") return ABSENT;
  setInteger(into, address.port);
  return FOUND;
}

function integer(value: number | null | undefined, into: Sample): Verdict {
  if (value === null || value === undefined) return ABSENT;
  setInteger(into, value);
  return FOUND;
}

/** A fetch of a name. Its bytes are kept from one evaluation to the next while the name is the same. */
function nameFetch(name: string, doc: string, needs: number, of: (txn: Txn) => string | undefined): FetchEntry[] {
  return fetch({
    name,
    manual: "7.3.3",
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

const { clientL4, clientL5, serverL4, serverL5, server, backend, internal } = NEEDS;

export const connectionFetches: readonly FetchEntry[] = [
  ...simple(
    "src",
    "7.3.3",
    "source address of the client",
    T_ADDR,
    clientL4,
    (txn, into) => addressSample(txn.session.src, into),
  ),
  ...simple(
    "src_port",
    "7.3.3",
    "source port of the client",
    T_SINT,
    clientL4,
    (txn, into) => portSample(txn.session.src, into),
  ),
  ...simple(
    "dst",
    "7.3.3",
    "address the client connected to",
    T_ADDR,
    clientL4,
    (txn, into) => addressSample(txn.session.dst, into),
  ),
  ...simple(
    "dst_port",
    "7.3.3",
    "port the client connected to",
    T_SINT,
    clientL4,
    (txn, into) => portSample(txn.session.dst, into),
  ),
  ...simple(
    "src_is_local",
    "7.3.3",
    "whether the client is on this machine",
    T_BOOL,
    clientL4,
    (txn, into) => localSample(txn.session.src, txn.session.dst, into),
  ),
  ...simple(
    "bc_src",
    "7.3.3",
    "source address of the server-side connection",
    T_ADDR,
    serverL4,
    (txn, into) => addressSample(txn.serverConn?.src, into),
  ),
  ...simple(
    "bc_src_port",
    "7.3.3",
    "source port of the server-side connection",
    T_SINT,
    serverL4,
    (txn, into) => portSample(txn.serverConn?.src, into),
  ),
  ...simple(
    "bc_dst",
    "7.3.3",
    "address of the server-side connection's peer",
    T_ADDR,
    serverL4,
    (txn, into) => addressSample(txn.serverConn?.dst, into),
  ),
  ...simple(
    "bc_dst_port",
    "7.3.3",
    "port of the server-side connection's peer",
    T_SINT,
    serverL4,
    (txn, into) => portSample(txn.serverConn?.dst, into),
  ),
  ...simple(
    "fc_http_major",
    "7.3.3",
    "major HTTP version the client speaks",
    T_SINT,
    clientL4,
    (txn, into) => integer(Math.floor(txn.session.httpVersion / 10), into),
  ),
  ...simple(
    "bc_http_major",
    "7.3.3",
    "major HTTP version spoken to the server",
    T_SINT,
    serverL4,
    (txn, into) => integer(txn.serverConn === null ? null : Math.floor(txn.serverConn.httpVersion / 10), into),
  ),
  ...simple("ssl_fc", "7.3.4", "whether the client uses TLS", T_BOOL, clientL5, (txn, into) => {
    setBoolean(into, txn.session.ssl);
    return FOUND;
  }),
  ...simple("ssl_bc", "7.3.4", "whether the server-side connection uses TLS", T_BOOL, serverL5, (txn, into) => {
    setBoolean(into, txn.serverConn?.ssl ?? false);
    return FOUND;
  }),
  ...simple(
    "fe_id",
    "7.3.3",
    "number of the frontend",
    T_SINT,
    clientL4,
    (txn, into) => integer(txn.frontend.id, into),
  ),
  ...nameFetch("fe_name", "name of the frontend", clientL4, (txn) => txn.frontend.name),
  ...simple(
    "be_id",
    "7.3.2",
    "number of the backend",
    T_SINT,
    backend,
    (txn, into) => integer((txn.backend ?? txn.frontend).id, into),
  ),
  ...nameFetch("be_name", "name of the backend", backend, (txn) => (txn.backend ?? txn.frontend).name),
  ...simple("srv_id", "7.3.3", "number of the server", T_SINT, server, (txn, into) => integer(txn.server?.id, into)),
  ...nameFetch("srv_name", "name of the server", server, (txn) => txn.server?.name),
  ...simple(
    "so_id",
    "7.3.3",
    "number of the listening socket",
    T_SINT,
    clientL4,
    (txn, into) => integer(txn.session.listenerId, into),
  ),
  ...nameFetch(
    "so_name",
    "name of the listening socket",
    clientL4,
    (txn) => txn.session.listenerName === "" ? undefined : txn.session.listenerName,
  ),
  ...simple("bytes_in", "7.3.2", "bytes the client sent", T_SINT, internal, (txn, into) => integer(txn.bytesIn, into)),
  ...simple(
    "bytes_out",
    "7.3.2",
    "bytes sent to the client",
    T_SINT,
    internal,
    (txn, into) => integer(txn.bytesOut, into),
  ),
];

function localSample(address: Address, own: Address, into: Sample): Verdict {
  const verdict = addressSample(address, into);
  if (verdict !== FOUND) return verdict;
  const host = address.family === "unix" ? "" : address.host;
  setBoolean(into, host.startsWith("127.") || host === "::1" || (own.family !== "unix" && own.host === host));
  return FOUND;
}

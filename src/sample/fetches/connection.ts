// Fetches of layers 4 and 5 beside the addresses: what a stream's connections are, how they are, and the names of the
// proxies they go through (configuration.txt 7.3.2 to 7.3.4).
import { CONN_ERRORS } from "../conn_errors.ts";
import { type FetchEntry, NEEDS, T_SINT, type Txn } from "../types.ts";
import { booleanFetch, integerSample, nameFetch, simple } from "./define.ts";

const { clientL4, clientL5, serverL4, serverL5, server, backend, internal } = NEEDS;

/** An integer; null and undefined: absent. */
function integer(
  name: string,
  manual: string,
  doc: string,
  needs: number,
  of: (txn: Txn) => number | null | undefined,
) {
  return simple(name, manual, doc, T_SINT, needs, (txn, into) => integerSample(of(txn), into));
}

/** Number, name and message of what went wrong with a connection. */
function errorFetches(prefix: string, side: string, needs: number, of: (txn: Txn) => number | undefined) {
  const row = (txn: Txn) => {
    const number = of(txn);
    return number === undefined ? undefined : CONN_ERRORS[number];
  };
  return [
    ...integer(`${prefix}_err`, "7.3.3", `number of the error of the ${side}'s connection`, needs, of),
    ...nameFetch(
      `${prefix}_err_name`,
      "7.3.3",
      `name of the error of the ${side}'s connection`,
      needs,
      (t) => row(t)?.[0],
    ),
    ...nameFetch(`${prefix}_err_str`, "7.3.3", `error of the ${side}'s connection`, needs, (t) => row(t)?.[1]),
  ];
}

/** The error of a connection to the server that is or was tried. */
function serverError(txn: Txn): number | undefined {
  if (txn.serverConn !== null) return txn.serverConn.error;
  return txn.connectError === 0 ? undefined : txn.connectError;
}

export const connectionFetches: readonly FetchEntry[] = [
  ...integer(
    "fc_http_major",
    "7.3.3",
    "major HTTP version the client speaks",
    clientL4,
    (txn) => Math.floor(txn.session.httpVersion / 10),
  ),
  ...integer(
    "bc_http_major",
    "7.3.3",
    "major HTTP version spoken to the server",
    serverL4,
    (txn) => txn.serverConn === null ? null : Math.floor(txn.serverConn.httpVersion / 10),
  ),
  ...errorFetches("fc", "client", clientL4, (txn) => txn.session.error),
  ...errorFetches("bc", "server", serverL4, serverError),
  ...integer(
    "fc_glitches",
    "7.3.3",
    "protocol glitches of the client's connection",
    clientL4,
    (txn) => txn.session.glitches,
  ),
  ...integer(
    "bc_glitches",
    "7.3.3",
    "protocol glitches of the server's connection",
    serverL4,
    (txn) => txn.serverConn?.glitches,
  ),
  ...integer(
    "fc_nb_streams",
    "7.3.3",
    "streams open on the client's connection",
    clientL5,
    (txn) => txn.session.streams,
  ),
  ...integer(
    "bc_nb_streams",
    "7.3.3",
    "streams open on the server's connection",
    serverL5,
    (txn) => txn.serverConn?.streams,
  ),
  ...integer(
    "fc_settings_streams_limit",
    "7.3.3",
    "streams that the client's connection allows",
    clientL5,
    (txn) => txn.session.streamsLimit,
  ),
  ...integer(
    "bc_settings_streams_limit",
    "7.3.3",
    "streams that the server's connection allows",
    serverL5,
    (txn) => txn.serverConn?.streamsLimit,
  ),
  ...booleanFetch(
    "bc_reused",
    "7.3.3",
    "whether the server's connection served another request before",
    serverL4,
    (txn) => txn.serverConn?.reused,
  ),
  ...integer("bc_be_queue", "7.3.3", "%bq of log formats", internal, (txn) => txn.kept.backendQueue),
  ...integer("bc_srv_queue", "7.3.3", "%sq of log formats", internal, (txn) => txn.kept.serverQueue),
  ...booleanFetch("ssl_fc", "7.3.4", "whether the client uses TLS", clientL5, (txn) => txn.session.ssl),
  ...booleanFetch(
    "ssl_bc",
    "7.3.4",
    "whether the server-side connection uses TLS",
    serverL5,
    (txn) => txn.serverConn?.ssl ?? false,
  ),
  ...integer("fe_id", "7.3.3", "number of the frontend", clientL4, (txn) => txn.frontend.id),
  ...nameFetch("fe_name", "7.3.3", "name of the frontend", clientL4, (txn) => txn.frontend.name),
  ...nameFetch(
    "fe_defbe",
    "7.3.3",
    "default backend of the frontend",
    clientL4,
    (txn) => txn.frontend.defaultBackend || undefined,
  ),
  ...integer("be_id", "7.3.3", "number of the backend", backend, (txn) => (txn.backend ?? txn.frontend).id),
  ...nameFetch("be_name", "7.3.3", "name of the backend", backend, (txn) => (txn.backend ?? txn.frontend).name),
  ...integer("srv_id", "7.3.3", "number of the server", server, (txn) => txn.server?.id),
  ...nameFetch("srv_name", "7.3.3", "name of the server", server, (txn) => txn.server?.name),
  ...integer("so_id", "7.3.3", "number of the listening socket", clientL4, (txn) => txn.session.listenerId),
  ...nameFetch(
    "so_name",
    "7.3.3",
    "name of the listening socket",
    clientL4,
    (txn) => txn.session.listenerName || undefined,
  ),
  ...integer(
    "dst_conn",
    "7.3.3",
    "connections open on the listening socket",
    clientL4,
    (txn) => txn.session.listenerConnections,
  ),
  ...integer("bytes_in", "7.3.3", "bytes the client sent", internal, (txn) => txn.bytesIn),
  ...integer("bytes_out", "7.3.3", "bytes sent to the client", internal, (txn) => txn.bytesOut),
  ...integer(
    "be_server_timeout",
    "7.3.3",
    "configured server timeout of the backend, ms",
    backend,
    (txn) => (txn.backend ?? txn.frontend).timeouts.server,
  ),
  ...integer(
    "be_tunnel_timeout",
    "7.3.3",
    "configured tunnel timeout of the backend, ms",
    backend,
    (txn) => (txn.backend ?? txn.frontend).timeouts.tunnel,
  ),
  ...integer(
    "fe_client_timeout",
    "7.3.3",
    "configured client timeout of the frontend, ms",
    clientL4,
    (txn) => txn.frontend.timeouts.client,
  ),
  ...integer("cur_client_timeout", "7.3.3", "client timeout in force, ms", clientL4, (txn) => txn.timeouts.client),
  ...integer("cur_server_timeout", "7.3.3", "server timeout in force, ms", backend, (txn) => txn.timeouts.server),
  ...integer("cur_tunnel_timeout", "7.3.3", "tunnel timeout in force, ms", backend, (txn) => txn.timeouts.tunnel),
];

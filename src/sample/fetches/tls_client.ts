// The client's TLS connection, as far as the log format of `option httpslog` asks for it (configuration.txt 7.3.4, 8.2.4).
// No listener takes TLS yet, and these say of a connection without it what HAProxy says of one.
import { simple } from "./define.ts";
import { ABSENT, type FetchEntry, FOUND, NEEDS, T_BOOL, T_SINT, T_STR, type Verdict } from "../types.ts";

const absent = (): Verdict => ABSENT;

export const tlsClientFetches: readonly FetchEntry[] = [
  ...simple("ssl_fc_err", "7.3.4", "last TLS error of the client's connection", T_SINT, NEEDS.clientL5, absent),
  ...simple("ssl_c_err", "7.3.4", "first error of the client's certificate", T_SINT, NEEDS.clientL5, absent),
  ...simple("ssl_c_ca_err", "7.3.4", "first error of the certificates above it", T_SINT, NEEDS.clientL5, absent),
  ...simple("ssl_fc_sni", "7.3.4", "server name the client asked for", T_STR, NEEDS.clientL5, absent),
  ...simple(
    "ssl_fc_is_resumed",
    "7.3.4",
    "whether the TLS session was resumed",
    T_BOOL,
    NEEDS.clientL5,
    (_txn, into) => {
      into.type = T_BOOL;
      into.num = 0;
      return FOUND;
    },
  ),
];

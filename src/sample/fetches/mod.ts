// All sample fetches of this folder.
import type { FetchEntry } from "../types.ts";
import { addressFetches } from "./addresses.ts";
import { authFetches } from "./auth.ts";
import { connectionFetches } from "./connection.ts";
import { constantFetches } from "./constants.ts";
import { cookieFetches } from "./cookies.ts";
import { distccFetches } from "./distcc.ts";
import { headerFetches } from "./headers.ts";
import { binaryHeaderFetches } from "./headers_binary.ts";
import { htxFetches } from "./htx.ts";
import { internalFetches } from "./internal.ts";
import { paramFetches } from "./params.ts";
import { payloadFetches } from "./payload.ts";
import { proxyFetches } from "./proxies.ts";
import { rdpFetches } from "./rdp.ts";
import { requestFetches } from "./request.ts";
import { responseFetches } from "./response.ts";
import { sideFetches } from "./sides.ts";
import { socketFetches } from "./sockets.ts";
import { tlsClientFetches } from "./tls_client.ts";
import { tlsHelloFetches } from "./tls_hello.ts";

export const fetchEntries: readonly FetchEntry[] = [
  ...constantFetches,
  ...internalFetches,
  ...proxyFetches,
  ...addressFetches,
  ...connectionFetches,
  ...sideFetches,
  ...socketFetches,
  ...payloadFetches,
  ...tlsClientFetches,
  ...tlsHelloFetches,
  ...rdpFetches,
  ...distccFetches,
  ...requestFetches,
  ...headerFetches,
  ...binaryHeaderFetches,
  ...cookieFetches,
  ...paramFetches,
  ...authFetches,
  ...responseFetches,
  ...htxFetches,
];

// Environment variables the configuration finds set (configuration.txt 2.3).

/** Default log formats (8.2.2 to 8.2.4), usable to extend them: log-format "$HAPROXY_HTTP_LOG_FMT ...". */
export const LOG_FORMAT_VARIABLES = {
  HAPROXY_TCP_LOG_FMT: "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq",
  HAPROXY_TCP_CLF_LOG_FMT: '%{+Q}o %{-Q}ci - - [%T] "TCP " 000 %B "" "" %cp ' +
    '%ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- %ac %fc %bc %sc %rc %sq %bq "" "" ',
  HAPROXY_HTTP_LOG_FMT: "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc " +
    "%ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r",
  HAPROXY_HTTP_CLF_LOG_FMT: '%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp ' +
    "%ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl",
  HAPROXY_HTTPS_LOG_FMT: "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc " +
    "%ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r " +
    "%[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc",
} as const;

/** What the process knows of itself before it reads a configuration. */
interface Identity {
  /** "3.2.0". */
  readonly version: string;
  /** Name of the local peer: -L, else the host name. */
  readonly localPeer: string;
  /** Runs under a master. */
  readonly masterWorker: boolean;
}

/** The variables by name; CFGFILES is what `sources` says. */
export function predefinedVariables(identity: Identity, sources: readonly string[]): [string, string][] {
  const branch = identity.version.split(".", 2).join(".");
  const all: [string, string][] = [
    ["HAPROXY_STARTUP_VERSION", identity.version],
    ["HAPROXY_BRANCH", branch],
    ["HAPROXY_LOCALPEER", identity.localPeer],
    ["HAPROXY_CFGFILES", sources.join(";")],
    ...Object.entries(LOG_FORMAT_VARIABLES),
  ];
  if (identity.masterWorker) all.push(["HAPROXY_MWORKER", "1"]);
  return all;
}

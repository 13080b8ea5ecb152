// What the program calls itself, and what -v, -vv and feature() report.

/** The version of HAProxy whose configuration language and behaviour this program has: what configurations compare. */
export const HAPROXY_VERSION = "3.2.0";

/** Sluice's own; the same as in deno.json. */
export const SLUICE_VERSION = "0.1.0";

/** When this version was made, as "show info" tells it. */
export const RELEASE_DATE = "2026/11/26";

/** Names that feature() and -vv know (configuration.txt 2.4), and whether they are built in. */
export const FEATURES: Readonly<Record<string, boolean>> = {
  EPOLL: true,
  THREAD: true,
  GETADDRINFO: true,
  LIBCRYPT: true,
  PRCTL: true,
  TPROXY: true,
  TFO: true,
  NS: false,
  LINUX_CAP: false,
  CPU_AFFINITY: false,
  SHM_OPEN: false,
  MEMORY_PROFILING: false,
  PCRE: false,
  OPENSSL: false,
  QUIC: false,
  QUIC_OPENSSL_COMPAT: false,
  LUA: false,
  ZLIB: false,
  SLZ: false,
  PROMEX: false,
  OT: false,
  SYSTEMD: true,
  DEVICEATLAS: false,
  "51DEGREES": false,
  WURFL: false,
};

/** Options that enabled() answers with true. */
export const ENABLED_OPTIONS: readonly string[] = ["POLL", "EPOLL", "GETADDRINFO"];

/** The line of -v. Scripts compare its third word. */
export function versionLine(): string {
  return `HAProxy version ${HAPROXY_VERSION}-sluice-${SLUICE_VERSION} - Sluice, compatible with HAProxy 3.2\n`;
}

/** What the report of -vv tells of the machine and the runtime. */
export interface Platform {
  readonly runtime: string;
  readonly system: string;
  readonly cpus: number;
  readonly layers: readonly string[];
  /** Names of the filters that are built in. */
  readonly filters: readonly string[];
}

/** The report of -vv. */
export function versionReport(platform: Platform): string {
  const features = Object.entries(FEATURES).map(([name, built]) => `${built ? "+" : "-"}${name}`);
  return `${versionLine()}Running on : ${platform.system}
Runtime    : ${platform.runtime}
Feature list : ${features.join(" ")}

Default settings :
  bufsize = 16384, maxrewrite = 1024

Built with multi-threading support (MAX_THREADS=64, default=${Math.min(platform.cpus, 64)}).
QUIC: not built in (socket-owner connection : no, UDP GSO : no)
Polling system : the runtime's own
Stream layers (--io) : ${platform.layers.join(", ")}

Available multiplexer protocols :
  h1 : mode=HTTP  side=FE|BE
  none : mode=TCP  side=FE|BE

Available services : none
Available filters : ${platform.filters.join(", ") || "none"}
`;
}

// What the configuration says about one proxy, its servers and its listeners: typed, settled values that the keywords'
// build() fill and everything else reads. The defaults are the manual's (configuration.txt 4.2, 5.1, 5.2). A time of 0 is
// "not set": no limit.
import type { AddressNode, Location, OptionNode, Registry } from "../config/mod.ts";
import type { Network } from "../base/mod.ts";
import type { HeaderName } from "../http/mod.ts";
import type { Address, SocketOptions } from "../sys/types.ts";
import type { Shards, ThreadRange } from "./thread_set.ts";
import type { CookieConfig } from "./cookie.ts";
import type { LogFormatNode } from "../sample/mod.ts";
import type { BalanceNode } from "./lb/balancer.ts";
import { RETRY_CONN_FAILURE } from "./retry_on.ts";

export const PROXY_MODES = ["tcp", "http", "log", "spop"] as const;
export type ProxyMode = (typeof PROXY_MODES)[number];

export type ProxyKind = "frontend" | "backend" | "listen";

/** Milliseconds; 0: not set. */
export class Timeouts {
  client = 0;
  clientFin = 0;
  /** For what a connection begins with; 0: as client. */
  clientHs = 0;
  connect = 0;
  httpKeepAlive = 0;
  httpRequest = 0;
  queue = 0;
  server = 0;
  serverFin = 0;
  tarpit = 0;
  tunnel = 0;
  check = 0;
}

/** `option forwardfor`, `option originalto`. */
export interface ForwardFor {
  readonly header: string;
  readonly except: Network | null;
  readonly ifNone: boolean;
}

export const HTTP_REUSE = ["never", "safe", "aggressive", "always"] as const;
export type HttpReuse = (typeof HTTP_REUSE)[number];

/** From the weakest to the strongest: the stronger one of frontend and backend counts (chapter 4). */
export type ConnectionMode = "keep-alive" | "server-close" | "close";

export const HASH_METHODS = ["map-based", "consistent"] as const;
export const HASH_FUNCTIONS = ["sdbm", "djb2", "wt6", "crc32", "none"] as const;

export interface HashType {
  readonly method: (typeof HASH_METHODS)[number];
  readonly function: (typeof HASH_FUNCTIONS)[number];
  readonly avalanche: boolean;
}

export const PRESERVE_AFFINITY = ["always", "maxconn", "maxqueue"] as const;

/** What the health checks of a backend do beyond connecting. */
export interface HttpCheckConfig {
  readonly method: string;
  readonly uri: string;
  /** "HTTP/1.0". */
  readonly version: string;
  readonly host: string | null;
}

/** `http-check expect`: what makes a response good. */
export interface HttpExpect {
  readonly kind: "status" | "rstatus" | "string" | "rstring";
  readonly negate: boolean;
  readonly pattern: string;
}

/** A `tcp-check` statement. */
export type TcpCheckNode =
  | { readonly kind: "comment"; readonly text: string }
  | {
    readonly kind: "connect";
    /** 0: the server's. */
    readonly port: number;
    readonly address: AddressNode | null;
    readonly linger: boolean;
    readonly comment: string;
  }
  /** `binary`: the data is hexadecimal digits. */
  | { readonly kind: "send"; readonly data: string; readonly binary: boolean }
  | {
    readonly kind: "expect";
    readonly match: "string" | "rstring" | "binary" | "rbinary";
    readonly negate: boolean;
    readonly pattern: string;
    /** -1: not given. */
    readonly minRecv: number;
    readonly comment: string;
  };

/** Keep-alive of TCP (`option clitcpka` and its figures); 0: the system's. */
export interface KeepAlive {
  on: boolean;
  count: number;
  idleS: number;
  intervalS: number;
}

/** `source`: where connections to servers come from. */
export interface SourceConfig {
  /** Null: where the system likes; port 0: any. */
  readonly address: Address | null;
  /** Last port of a range that begins with the address's. */
  readonly portEnd: number;
  /** "" none. */
  readonly interface: string;
  /** Whose address the server sees instead (`usesrc`): an address, the client's with or without its port, a header's. */
  readonly useSource:
    | null
    | { readonly kind: "address"; readonly address: Address }
    | { readonly kind: "client" | "clientip" }
    | { readonly kind: "header"; readonly name: string; readonly occurrence: number };
}

export class ProxyConfig {
  readonly name: string;
  readonly kind: ProxyKind;
  readonly at: Location;
  /** 0 until settled: the first free one. */
  id = 0;
  /** The configuration gave it. */
  forcedId = false;
  description = "";
  disabled = false;
  mode: ProxyMode = "tcp";

  // ---- frontend ----
  binds: BindConfig[] = [];
  defaultBackend = "";
  /** 0: the global one. */
  maxconn = 0;
  /** 0: as maxconn. */
  backlog = 0;
  /** `rate-limit sessions`, 0: none. */
  rateLimit = 0;
  monitorUri = "";
  /** `option http-use-proxy-header`. */
  useProxyHeader = false;
  /** `option idle-close-on-response`: a soft stop leaves connections between two requests. */
  idleCloseOnResponse = false;
  /** `option contstats`, `option socket-stats`. */
  continuousStats = false;
  socketStats = false;
  /** `max-session-srv-conns`. */
  maxSessionServerConns = 5;
  /** `option http-ignore-probes`. */
  ignoreProbes = false;
  dropResponseTrailers = false;
  /** `option accept-unsafe-violations-in-http-request`. */
  relaxedRequests = false;
  /** `option h1-case-adjust-bogus-client`. */
  h1BogusClient = false;

  readonly clientKeepAlive: KeepAlive = { on: false, count: 0, idleS: 0, intervalS: 0 };

  // ---- backend ----
  readonly serverKeepAlive: KeepAlive = { on: false, count: 0, idleS: 0, intervalS: 0 };
  source: SourceConfig | null = null;
  servers: ServerConfig[] = [];
  /** Options of the `default-server` lines so far. */
  serverDefaults: OptionNode[] = [];
  balance: BalanceNode = { algorithm: "roundrobin", http: false, value: null };
  hashType: HashType = { method: "map-based", function: "sdbm", avalanche: false };
  /** Percentage of the average load; 0: no bound. */
  hashBalanceFactor = 0;
  hashPreserveAffinity: (typeof PRESERVE_AFFINITY)[number] = "always";
  /** 0 until settled: a tenth of the maxconn of the frontends that may branch here. */
  fullconn = 0;
  retries = 3;
  /** `retry-on`: union of RETRY_ bits. */
  retryOn = RETRY_CONN_FAILURE;
  /** `option redispatch`: 0 never; n > 0 on every nth retry; -n on the nth retry before the last plus one (-1: the last). */
  redispatch = 0;
  httpReuse: HttpReuse = "safe";
  allBackups = false;
  /** `cookie`; null: no persistence by cookie. */
  cookie: CookieConfig | null = null;
  /** `option persist`. */
  persist = false;
  /** `http-send-name-header`. */
  sendNameHeader: HeaderName | null = null;
  /** `option prefer-last-server`. */
  preferLastServer = false;
  /** `max-keep-alive-queue`, -1: no limit. */
  maxKeepAliveQueue = -1;
  abortOnClose = false;
  pretendKeepAlive = false;
  dropRequestTrailers = false;
  /** `option accept-unsafe-violations-in-http-response`. */
  relaxedResponses = false;
  /** `option h1-case-adjust-bogus-server`. */
  h1BogusServer = false;
  logHealthChecks = false;
  /** What checks do: the last `option` of a kind of checks. */
  checkType: "connect" | "httpchk" | "tcp-check" = "connect";
  tcpSteps: TcpCheckNode[] = [];
  /** `option httpchk` and `http-check send`. */
  httpCheck: HttpCheckConfig = { method: "OPTIONS", uri: "/", version: "HTTP/1.0", host: null };
  httpExpect: HttpExpect | null = null;
  /** `http-check send hdr`: names and values in order. */
  checkHeaders: string[] = [];
  checkBody = "";
  disableOn404 = false;
  /** `http-check send-state`. */
  sendState = false;

  // ---- both ----
  connectionMode: ConnectionMode = "keep-alive";
  forwardFor: ForwardFor | null = null;
  originalTo: ForwardFor | null = null;
  /** `option independent-streams`: of clients in a frontend, of servers in a backend. */
  independentStreams = false;
  /** `option nolinger`: clients' connections in a frontend, servers' in a backend, are closed with RST. */
  noLinger = false;
  /** `option http-buffer-request`. */
  bufferRequest = false;
  readonly timeouts = new Timeouts();

  constructor(name: string, kind: ProxyKind, at: Location) {
    this.name = name;
    this.kind = kind;
    this.at = at;
  }

  get hasFrontend(): boolean {
    return this.kind !== "backend";
  }

  get hasBackend(): boolean {
    return this.kind !== "frontend";
  }
}

/** One address of a `bind` line. Port ranges and lists are already one BindConfig each. */
export class BindConfig {
  /** The address as it is opened: one port. */
  address: AddressNode;
  readonly at: Location;
  name = "";
  /** 0 until settled. */
  id = 0;
  maxconn = 0;
  /** 0: the frontend's. */
  backlog = 0;
  /** Unix sockets: mode of the file, numbers or names of its owners; -1 and "" not given. */
  mode = -1;
  uid = -1;
  gid = -1;
  user = "";
  group = "";
  /** Options of the socket that the line itself asks for. */
  socket: SocketOptions = {};
  /** Null: every thread. */
  threads: readonly ThreadRange[] | null = null;
  /** Null until settled: as `tune.listener.default-shards` says. */
  shards: Shards | null = null;
  /** What every connection begins with (`accept-proxy`, `accept-netscaler-cip`). */
  acceptProxy = false;
  /** The magic number, 0: none. */
  netscalerMagic = 0;
  /** Every option of the line by name, last one wins: for layers that add options of their own. */
  readonly options: ReadonlyMap<string, unknown>;

  constructor(address: AddressNode, at: Location, options: ReadonlyMap<string, unknown>) {
    this.address = address;
    this.at = at;
    this.options = options;
  }
}

export const INIT_STATES = ["fully-up", "up", "down", "fully-down"] as const;
export type InitState = (typeof INIT_STATES)[number];

export class ServerConfig {
  readonly name: string;
  readonly address: AddressNode;
  readonly at: Location;
  /** 0 until settled: the first free one. */
  id = 0;
  /** The configuration gave it. */
  forcedId = false;
  weight = 1;
  backup = false;
  disabled = false;
  maxconn = 0;
  minconn = 0;
  maxqueue = 0;
  check = false;
  checkAddress: AddressNode | null = null;
  /** 0: the server's. */
  checkPort = 0;
  interMs = 2000;
  /** 0: as interMs. */
  fastinterMs = 0;
  downinterMs = 0;
  rise = 2;
  fall = 3;
  initState: InitState = "up";
  slowstartMs = 0;
  shutdownSessionsOnDown = false;
  shutdownBackupsOnUp = false;
  /** -1: no limit. */
  poolMaxConn = -1;
  poolPurgeDelayMs = 5000;
  maxReuse = -1;
  /** The value of the persistence cookie that names it; "" none. */
  cookie = "";
  /** `maxconn` is also the limit of connections. */
  strictMaxconn = false;
  hashKey: "id" | "addr" | "addr-port" = "id";
  /** The host name of its address as written; empty: it was written as an address. */
  fqdn = "";
  /** `resolvers`: the section that follows its name; empty: none does. */
  resolvers = "";
  resolvePrefer: "ipv4" | "ipv6" = "ipv6";
  /** `resolve-net`: addresses in one of these are taken first. */
  resolveNets: readonly Network[] = [];
  /** `resolve-opts allow-dup-ip`. */
  allowDuplicates = false;
  /** Options of its connections that the line itself asks for. */
  socket: SocketOptions = {};
  /** Null: the backend's. */
  source: SourceConfig | null = null;
  /** Version of the PROXY protocol header its connections begin with; 0: none. */
  sendProxy: 0 | 1 | 2 = 0;
  /** What a header of version 2 tells beside the addresses. */
  proxyCrc32c = false;
  proxyUniqueId = false;
  proxyValues: readonly { readonly type: number; readonly format: LogFormatNode }[] = [];
  checkSendProxy = false;
  /** Every option of the line and of the default-server lines before it by name, last one wins. */
  readonly options: ReadonlyMap<string, unknown>;

  constructor(name: string, address: AddressNode, at: Location, options: ReadonlyMap<string, unknown>) {
    this.name = name;
    this.address = address;
    this.at = at;
    this.options = options;
  }
}

/** What build() of the keywords of this folder is given for a proxy's section. */
export interface ProxyEnv {
  readonly proxy: ProxyConfig;
  readonly registry: Registry;
}

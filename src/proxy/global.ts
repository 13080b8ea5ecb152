// What the global section says about connections, threads and checks (configuration.txt 3.1, 3.2). Filled by the keywords'
// build(); a field of 0 is "not set" unless it says otherwise.

import type { Shards } from "./thread_set.ts";

/** A header name in lower case, and how peers want it spelt. */
export type Spelling = readonly [string, string];

/** Bytes of the kernel's buffers of a connection (`tune.rcvbuf.*`, `tune.sndbuf.*`, `tune.notsent-lowat.*`); 0: its own. */
export interface SocketSizes {
  receive: number;
  send: number;
  notSent: number;
}

/** Defaults of unix sockets that are listened on (`unix-bind`). */
export interface UnixBind {
  prefix: string;
  mode: number;
  uid: number;
  gid: number;
  user: string;
  group: string;
}

export class GlobalConfig {
  /** Client connections of the process; 0 until main settles it from the descriptor limit. */
  maxconn = 0;
  maxconnrate = 0;
  maxsessrate = 0;
  nbthread = 0;
  daemon = false;
  readonly clientSockets: SocketSizes = { receive: 0, send: 0, notSent: 0 };
  readonly serverSockets: SocketSizes = { receive: 0, send: 0, notSent: 0 };
  /** `tune.listener.default-shards`; 1: "by-process". */
  defaultShards: Shards = "by-group";
  /** `harden.reject-privileged-ports.tcp`: connections from ports below 1024 are closed at once. */
  rejectPrivilegedPorts = false;
  /** `noreuseport`: every listener has one socket. */
  noReusePort = false;
  /** `pp2-never-send-local`. */
  neverSendLocal = false;
  readonly unixBind: UnixBind = { prefix: "", mode: -1, uid: -1, gid: -1, user: "", group: "" };
  /** `node` and `description`: what the statistics call this process. */
  node = "";
  description = "";
  /** Percentage by which check intervals are spread. */
  spreadChecks = 0;
  /** Largest delay added by spreading at start, ms; 0: no limit. */
  maxSpreadChecksMs = 0;
  /** `h1-case-adjust`, and the last `h1-case-adjust-file`. */
  h1Names: Spelling[] = [];
  h1FileNames: readonly Spelling[] = [];
  /** `h1-accept-payload-with-any-method`. */
  h1AcceptAnyPayload = false;
  /** False: `h1-do-not-close-on-insecure-transfer-encoding`. */
  h1CloseOnInsecure = true;
  /** `anonkey`; 0: none. */
  anonKey = 0;
  /** Percentage of all descriptors in use above which connections are not kept idle, and idle ones make room. */
  poolLowRatio = 20;
  poolHighRatio = 25;
  /** `fd-hard-limit`: descriptors to reckon with, whatever the system allows; 0: all. */
  fdHardLimit = 0;
}

/** What build() of the keywords of the global section is given. */
export interface GlobalEnv {
  readonly global: GlobalConfig;
}

/** Threads at most, when they are not counted by the configuration. */
const MAX_THREADS = 64;

/** How many threads a process has; `cpus`: when the configuration does not say. */
export function threadCount(global: GlobalConfig, cpus: number): number {
  return global.nbthread || Math.min(cpus, MAX_THREADS);
}

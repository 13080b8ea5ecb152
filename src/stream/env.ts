// What a thread gives its sessions and streams: one object a thread, made by app/thread.ts.
import type { Faults } from "./faults.ts";
import type { Wheel } from "../base/mod.ts";
import type { MessagePool } from "../http/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { H1Options } from "../mux/mod.ts";
import type { Proxy } from "../proxy/mod.ts";
import type { LogProfile, ProxyRules, TextFn } from "../rules/mod.ts";
import type { ProcessVariables } from "../sample/mod.ts";
import type { Sys } from "../sys/types.ts";
import type { StreamPool } from "./pool.ts";
import type { Stopping } from "./stopping.ts";
import type { EventTrace } from "./trace.ts";

/** A proxy with what the layers above it built for it. */
export interface Service {
  readonly proxy: Proxy;
  readonly rules: ProxyRules;
  readonly logger: Logger;
  /** HTTP/1 with its clients, and with its servers. */
  readonly clientH1: H1Options;
  readonly serverH1: H1Options;
}

export interface StreamEnv {
  readonly sys: Sys;
  readonly wheel: Wheel;
  /** Services by proxy name. */
  readonly services: ReadonlyMap<string, Service>;
  readonly messages: MessagePool;
  readonly streams: StreamPool;
  /** `tune.maxrewrite`: bytes of a buffer that a head may not fill, kept for what rules add. */
  readonly maxRewrite: number;
  /** `harden.reject-privileged-ports.tcp`. */
  readonly rejectPrivilegedPorts: boolean;
  /** `tune.http.logurilen`. */
  readonly logUriLength: number;
  /** A soft stop, which closes connections behind their responses. */
  readonly stopping: Stopping;
  /** -d: told every event; null without. */
  readonly trace: EventTrace | null;
  /** The short line of proxies without a log format (8.2.1). */
  readonly defaultLogFormat: TextFn;
  /** No connection begins with a PROXY protocol header, whatever is configured (explain). */
  readonly bareConnections: boolean;
  /** The line about a connection that failed (8.2.5). */
  readonly defaultErrorFormat: TextFn;
  /** Variables of the process, and the limits of all. */
  readonly variables: ProcessVariables;
  /** The log-profile sections by name. */
  readonly logProfiles: ReadonlyMap<string, LogProfile>;
  /** Number of a request or TCP session of this process (%rt), and of a log line of a frontend (%lc), modulo 2^32. */
  nextRequest(): number;
  nextLog(frontend: Proxy): number;
  /** Messages that broke the rules. */
  readonly faults: Faults;
  /** Reports an exception: it is a bug, and ends one stream only. */
  readonly bug: (error: unknown) => void;
}

// Descriptors that a process needs beside those of its connections, and the connections that a limit of descriptors allows
// (configuration.txt 3.1 "fd-hard-limit", 3.2 "maxconn").
import type { ProxyConfig } from "./config.ts";
import { shardsOf } from "./listener.ts";

/** What the runtime, main, logs and control sockets take, with room for what comes and goes. */
const RESERVED = 100;
/** What a thread takes for itself; 8 were seen. */
const PER_THREAD = 10;
/** A client's connection has one to a server. */
const PER_CONNECTION = 2;

/** Descriptors that are needed whoever connects: sockets that are listened on, a share of each for its threads, checks. */
export function fixedDescriptors(configs: readonly ProxyConfig[], threads: number): number {
  let count = RESERVED + PER_THREAD * threads;
  for (const { binds, disabled, servers } of configs) {
    if (disabled) continue;
    for (const bind of binds) {
      const shards = shardsOf(bind, threads);
      count += shards.count + shards.threads.length;
    }
    count += servers.filter((server) => server.check).length;
  }
  return count;
}

/** Descriptors of so many connections beside `fixed` others. */
export function descriptorsFor(maxconn: number, fixed: number): number {
  return PER_CONNECTION * maxconn + fixed;
}

/** `maxconn` when the configuration does not set it: what a limit of descriptors allows beside `fixed` others. */
export function defaultMaxconn(limit: number, fixed: number): number {
  return Math.max(1, Math.floor((limit - fixed) / PER_CONNECTION));
}

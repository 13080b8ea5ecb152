// What fetches, converters, conditions and actions are built with in one thread (SampleEnv): the thread's clock and
// randomness, the model's files, lookups of proxies and userlists, and the names and lists they share.
import type { Model, Registry } from "../config/mod.ts";
import type { Proxy } from "../proxy/mod.ts";
import { buildUserlists } from "../rules/mod.ts";
import { type PatternStore, type SampleEnv, VarNames } from "../sample/mod.ts";
import type { Sys } from "../sys/types.ts";
import { PROCESS, type Shared, type SharedVariables } from "../table/mod.ts";
import type { TuneSettings } from "./tune.ts";

/** Scratch areas that take turns: an expression may still read one while the next is written. */
const SCRATCH_AREAS = 4;

export interface SampleEnvParts {
  readonly thread: number;
  readonly shared: Shared;
  stopping(): boolean;
  proxy(name: string): Proxy | undefined;
  readonly patterns: PatternStore;
  readonly variables: SharedVariables;
  debug(descriptor: 1 | 2, line: string): void;
  demand(name: string): void;
}

/** The environment of a thread; rules of a section add the ACLs of theirs. */
export function sampleEnv(
  sys: Sys,
  registry: Registry,
  model: Model,
  tune: TuneSettings,
  parts: SampleEnvParts,
): SampleEnv {
  const areas = Array.from({ length: SCRATCH_AREAS }, () => new Uint8Array(tune.bufsize));
  let area = 0;
  const userlists = buildUserlists(model);
  const conns = parts.shared.gauge(PROCESS.conns);
  return {
    registry,
    clock: sys.clock,
    rand: sys.rand,
    files: model.files,
    environment: model.environment,
    hostname: sys.proc.hostname,
    pid: sys.proc.pid,
    thread: parts.thread,
    threads: parts.shared.layout.threads,
    scratch() {
      area = (area + 1) % SCRATCH_AREAS;
      return areas[area];
    },
    proxy: (name) => parts.proxy(name),
    server: (proxy, name) => parts.proxy(proxy)?.server(name),
    userlist: (name) => userlists.get(name),
    isLocal: (host) => sys.proc.isLocal(host),
    debug: (descriptor, line) => parts.debug(descriptor, line),
    process: {
      get connections() {
        return conns.value;
      },
      get stopping() {
        return parts.stopping();
      },
      quic: false,
    },
    variables: new VarNames(parts.variables),
    patterns: parts.patterns,
    acls: new WeakMap(),
    demand: (name) => parts.demand(name),
  };
}

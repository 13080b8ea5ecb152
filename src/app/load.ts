// From files to a checked model: the loader of src/config with what this program is and has.
import {
  type ConfigFs,
  type Facts,
  type GivenEnvironment,
  loadConfig,
  type LoadResult,
  type Registry,
  type SourceText,
} from "../config/mod.ts";
import type { Proc } from "../sys/types.ts";
import { ENABLED_OPTIONS, FEATURES, HAPROXY_VERSION } from "./version.ts";

/** What conditions of the configuration may ask. */
export const facts: Facts = {
  version: HAPROXY_VERSION,
  features: Object.entries(FEATURES).filter(([, built]) => built).map(([name]) => name),
  enabled: ENABLED_OPTIONS,
};

export interface LoadOptions {
  /** Files, folders, or texts, in order. */
  readonly files: readonly (string | SourceText)[];
  readonly env: GivenEnvironment;
  /** Null: the host's name. */
  readonly localPeer?: string | null;
  /** It is for the worker of a master. */
  readonly masterWorker?: boolean;
  /** Told each statement (-dC). */
  readonly statement?: (words: readonly string[], section: boolean) => void;
}

/** Loads and checks; nothing is opened but the files the configuration names. */
export function load(
  options: LoadOptions,
  registry: Registry,
  sys: { fs: ConfigFs; proc: Pick<Proc, "hostname"> },
): LoadResult {
  return loadConfig({
    files: options.files,
    fs: sys.fs,
    registry,
    env: options.env,
    cwd: "",
    facts,
    localPeer: options.localPeer ?? sys.proc.hostname,
    masterWorker: options.masterWorker,
    statement: options.statement,
  });
}

export { main } from "./boot.ts";
export { inThread, runThread } from "./thread_entry.ts";
export {
  check,
  type CheckResult,
  ConfigError,
  type ConfigSource,
  parse,
  type ParseResult,
  run,
  type RunningProxy,
  type RunOptions,
} from "./library.ts";

/**
 * Sluice as a library: an HAProxy-compatible proxy inside another program.
 *
 * ```ts
 * import { check, run } from "@sluice/sluice";
 *
 * const text = "listen web\n  mode http\n  bind 127.0.0.1:8080\n  server s1 127.0.0.1:8001\n";
 * console.log(check({ text }).text);
 * await using proxy = await run({ text });
 * ```
 *
 * @module
 */
export {
  type Diagnostic,
  type Level,
  type Location,
  type Model,
  type Node,
  type Section,
  SECTION_KINDS,
  type SectionKind,
} from "./src/config/mod.ts";
export { IO_LAYERS, type IoLayer } from "./src/sys/deno/mod.ts";
export type { Address } from "./src/sys/types.ts";
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
} from "./src/app/mod.ts";

// The only list of registry entries: what the program can do is what is named here.
import { configEntries, createRegistry, type Entry, type Registry, type SectionCheck } from "../config/mod.ts";
import { logEntries } from "../log/mod.ts";
import { commandEntries, statsChecks, statsKeywords, statsSocketEntries, statsSocketOptions } from "../obs/mod.ts";
import { bindOptions, globalEntries, proxyChecks, proxyEntries, serverOptions } from "../proxy/mod.ts";
import { actionEntries, rulesChecks, rulesEntries } from "../rules/mod.ts";
import { sampleEntries } from "../sample/mod.ts";
import { noop } from "./noop.ts";
import { refused } from "./refused.ts";
import { appEntries } from "./settings.ts";
import { tlsDefaultEntries } from "./tls_defaults.ts";
import { tuneEntries } from "./tune.ts";

/** Every entry, owner by owner. */
export const entries: readonly Entry[] = [
  ...configEntries,
  ...logEntries,
  ...globalEntries,
  ...proxyEntries,
  ...bindOptions,
  ...serverOptions,
  ...sampleEntries,
  ...rulesEntries,
  ...actionEntries,
  ...statsKeywords,
  ...appEntries,
  ...tlsDefaultEntries,
  ...tuneEntries,
  ...statsSocketEntries,
  ...statsSocketOptions,
  ...commandEntries,
];

/** What is verified of whole sections. */
const checks: readonly SectionCheck[] = [
  ...proxyChecks,
  ...rulesChecks,
  ...statsChecks,
];

/** A registry of all of it. */
export function programRegistry(): Registry {
  return createRegistry({ entries, refused, noop, checks });
}

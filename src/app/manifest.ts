// The only list of registry entries: what the program can do is what is named here.
import { configEntries, createRegistry, type Entry, type Registry } from "../config/mod.ts";
import { logEntries } from "../log/mod.ts";
import { noop } from "./noop.ts";
import { refused } from "./refused.ts";
import { bindOptions, globalEntries, proxyEntries, serverOptions } from "../proxy/entries/mod.ts";
import { actionEntries, rulesEntries, userlistEntries } from "../rules/mod.ts";
import { aliasEntries, fetchEntries } from "../sample/mod.ts";
import { appEntries } from "./settings.ts";
import { tuneEntries } from "./tune.ts";

/** Every entry, owner by owner. */
export const entries: readonly Entry[] = [
  ...configEntries,
  ...logEntries,
  ...globalEntries,
  ...proxyEntries,
  ...bindOptions,
  ...serverOptions,
  ...fetchEntries,
  ...aliasEntries,
  ...rulesEntries,
  ...actionEntries,
  ...userlistEntries,
  ...appEntries,
  ...tuneEntries,
];

/** A registry of all of it. */
export function programRegistry(): Registry {
  return createRegistry({ entries, refused, noop });
}

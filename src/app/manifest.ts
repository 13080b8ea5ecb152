// The only list of registry entries: what the program can do is what is named here.
import { configEntries, createRegistry, type Entry, type RefusedEntry, type Registry } from "../config/mod.ts";
import { logEntries } from "../log/mod.ts";
import { appEntries } from "./settings.ts";

/** Every entry, owner by owner. */
export const entries: readonly Entry[] = [
  ...configEntries,
  ...logEntries,
  ...appEntries,
];

/** Names of the manual that are answered with a reason, and those that can have no effect here. */
export const refused: readonly RefusedEntry[] = [];
export const noop: readonly RefusedEntry[] = [];

/** A registry of all of it. */
export function programRegistry(): Registry {
  return createRegistry({ entries, refused, noop });
}

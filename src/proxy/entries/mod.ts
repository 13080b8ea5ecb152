// The keywords of this folder, for app/manifest.ts.
import type { KeywordEntry } from "../../config/mod.ts";

export const globalEntries: readonly KeywordEntry[] = [];
export const proxyEntries: readonly KeywordEntry[] = [];

// What this folder gives to the registry.
import type { Entry } from "../config/mod.ts";
import { aclKeyword } from "./acl.ts";
import { aliasEntries } from "./aliases.ts";
import { converterEntries } from "./converters/mod.ts";
import { fetchEntries } from "./fetches/mod.ts";

export const sampleEntries: readonly Entry[] = [
  aclKeyword as Entry,
  ...aliasEntries,
  ...fetchEntries,
  ...converterEntries,
];

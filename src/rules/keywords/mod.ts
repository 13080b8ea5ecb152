// The keywords this folder builds.
import type { KeywordEntry } from "../../config/mod.ts";
import { userlistEntries } from "../auth/keywords.ts";
import { captureKeywords } from "./captures.ts";
import { errorKeywords } from "./errors.ts";
import { forwardedKeywords } from "./forwarded.ts";
import { loggingKeywords } from "./logging.ts";
import { logProfileEntries } from "./log_profiles.ts";
import { nameKeywords } from "./names.ts";
import { processVariableKeywords } from "./process_variables.ts";
import { ruleKeywords } from "./rulesets.ts";
import { switchingKeywords } from "./switching.ts";

export const rulesEntries: readonly KeywordEntry[] = [
  ...ruleKeywords,
  ...switchingKeywords,
  ...errorKeywords,
  ...captureKeywords,
  ...forwardedKeywords,
  ...loggingKeywords,
  ...logProfileEntries,
  ...nameKeywords,
  ...processVariableKeywords,
  ...userlistEntries,
];

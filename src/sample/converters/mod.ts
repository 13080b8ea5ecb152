// All converters of this folder.
import type { ConverterEntry } from "../types.ts";
import { dateConverters } from "./dates.ts";
import { encodingConverters } from "./encodings.ts";
import { hashConverters } from "./hashes.ts";
import { integerConverters } from "./integers.ts";
import { miscConverters } from "./misc.ts";
import { stringConverters } from "./strings.ts";

export const converterEntries: readonly ConverterEntry[] = [
  ...integerConverters,
  ...stringConverters,
  ...hashConverters,
  ...encodingConverters,
  ...dateConverters,
  ...miscConverters,
];

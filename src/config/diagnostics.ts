// Messages about a configuration, in HAProxy's form. Stages collect them; only the command line prints.
import type { Location } from "./model.ts";

export const LEVELS = ["DIAG", "NOTICE", "WARNING", "ALERT"] as const;
export type Level = (typeof LEVELS)[number];

export interface Diagnostic {
  readonly level: Level;
  readonly at: Location | null;
  /** Without level, place and prefix. */
  readonly text: string;
}

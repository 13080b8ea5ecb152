// Messages about a configuration, in HAProxy's form. Stages collect them; only the command line prints.
import type { Location } from "./model.ts";

export type Level = "DIAG" | "NOTICE" | "WARNING" | "ALERT";

export interface Diagnostic {
  readonly level: Level;
  readonly at: Location | null;
  /** Without level, place and prefix. */
  readonly text: string;
}

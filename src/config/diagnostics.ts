// Messages about a configuration, in HAProxy's form. Stages collect them; only the command line prints.
import type { Location } from "./model.ts";

/** How bad it is: with an ALERT a configuration cannot run, a DIAG is for who looks for it. */
export type Level = "DIAG" | "NOTICE" | "WARNING" | "ALERT";

/** Something to say about a configuration. */
export interface Diagnostic {
  /** How bad it is. */
  readonly level: Level;
  /** Where; null: nowhere in particular. */
  readonly at: Location | null;
  /** Without level, place and prefix. */
  readonly text: string;
}

// Variables of every scope (configuration.txt 2.8).
import type { Sample } from "./types.ts";

/** The variables one transaction sees. */
export interface VarStore {
  /** Copies the variable into the sample (bytes stay owned by the store); false when it is not set. */
  get(scope: number, slot: number, into: Sample): boolean;
  set(scope: number, slot: number, value: Sample): boolean;
  unset(scope: number, slot: number): void;
}

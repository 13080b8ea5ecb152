// What is answered to a change that not every thread has acknowledged.
import { type CommandAnswer, SEVERITY_WARNING } from "../../proxy/mod.ts";

/** The change stands; a thread that does not answer sees it when it goes on. */
export function late(missing: readonly number[]): CommandAnswer {
  if (missing.length === 0) return "";
  return { severity: SEVERITY_WARNING, text: `Done, but thread ${missing.join(", ")} has not acknowledged yet.` };
}

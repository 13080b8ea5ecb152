// The anonymised mode of a session: names and addresses in dumps become hashes of 24 bits (management.txt 9.3 "set anon").
// Equal texts have equal hashes under one key, so that relations stay visible, and too few bits to be turned back.
import { latin1ToBytes, xxh32 } from "../base/mod.ts";
import type { CommandSession } from "../proxy/mod.ts";

/** Hides a text: the name of a section or server, a host name, an address, a path. */
export type Hide = (text: string) => string;

/** What the session wants done with what it should not see. */
export function hider({ anonKey }: Pick<CommandSession, "anonKey">): Hide {
  if (anonKey === 0) return (text) => text;
  return (text) => ((xxh32(latin1ToBytes(text), anonKey) & 0xffffff) >>> 0).toString(16).padStart(6, "0");
}

// The anonymised mode of a session: "set anon", "show anon" (management.txt 9.3).
import {
  type CommandAnswer,
  type CommandContext,
  type CommandEntry,
  commandError,
  SEVERITY_INFO,
} from "../../proxy/mod.ts";
import { command } from "./define.ts";

const MAX_KEY = 0xffffffff;

/** A key of 32 bits; -1: it is none. */
function keyOf(text: string): number {
  const key = /^[0-9]{1,10}$/.test(text) ? Number(text) : -1;
  return key <= MAX_KEY ? key : -1;
}

function setAnon({ words, session, control }: CommandContext): CommandAnswer {
  const [what, key] = words;
  if (what === "off") {
    if (key !== undefined) return commandError("Key can't be added while disabling anonymized mode.");
    session.anonKey = 0;
    return "";
  }
  if (what !== "on") return commandError("'set anon' only supports 'on', 'off' and 'global-key'.");
  const wanted = key === undefined ? control.anonKey : keyOf(key);
  if (wanted < 0) return commandError(`The key must be a number from 0 to ${MAX_KEY}.`);
  // 0 stands for none: one that nobody knows is drawn.
  session.anonKey = wanted || control.sys.rand.u32() || 1;
  return "";
}

function setGlobalKey({ words, control }: CommandContext): CommandAnswer {
  const key = keyOf(words[0] ?? "");
  if (key < 0) return commandError(`The key must be a number from 0 to ${MAX_KEY}.`);
  control.anonKey = key;
  return "";
}

function showAnon({ session }: CommandContext): CommandAnswer {
  const { anonKey } = session;
  const text = anonKey === 0 ? "Anonymized mode disabled" : `Anonymized mode enabled\nKey: ${anonKey}`;
  return { severity: SEVERITY_INFO, text };
}

export const anonCommands: readonly CommandEntry[] = [
  command("set anon", "set anon [on|off] [<key>]", "enable or disable anonymized mode", "operator", setAnon),
  command(
    "set anon global-key",
    "set anon global-key <key>",
    "change the global anonymizing key",
    "admin",
    setGlobalKey,
  ),
  command("show anon", "show anon", "display the current state of anonymized mode", "operator", showAnon),
];

// From the words of a command to its answer: found by the longest name, allowed by level and gate, run.
import type { Registry } from "../../config/mod.ts";
import {
  COMMAND_LEVELS,
  type CommandAnswer,
  type CommandContext,
  type CommandEntry,
  commandError,
  type CommandSession,
  type ControlPlane,
  SEVERITY_INFO,
} from "../../proxy/mod.ts";
import { gateOpen, unknownText } from "./help.ts";

/** Words of the longest names. */
const MAX_NAME_WORDS = 4;

/** Bits of "Tainted" in "show info": a gated command was run. */
const TAINTED = { expert: 4, experimental: 8 } as const;

/** What a command is run with, apart from its words. */
export interface Run {
  readonly session: CommandSession;
  readonly control: ControlPlane;
  readonly commands: readonly CommandEntry[];
  readonly payload: string | null;
  pause(ms: number): Promise<void>;
}

/** Runs one command. What goes wrong for the operator is a message; a throw is a bug. */
export function runCommand(words: readonly string[], run: Run): CommandAnswer | Promise<CommandAnswer> {
  const { registry } = run.control;
  const entry = findCommand(registry, words);
  if (entry !== undefined && !gateOpen(entry, run.session)) {
    return commandError(`This command is restricted to ${entry.gate} mode only.`);
  }
  if (entry === undefined) {
    const refused = findName(words, (name) => registry.refused("command", name) ?? registry.noop("command", name));
    if (refused !== undefined) return commandError(`'${refused.name}' : ${refused.reason}.`);
    return { severity: SEVERITY_INFO, text: unknownText(run.commands, run.session, words) };
  }
  if (COMMAND_LEVELS.indexOf(run.session.level) < COMMAND_LEVELS.indexOf(entry.level)) {
    return commandError("Permission denied");
  }
  const { session, control, commands, payload } = run;
  if (entry.gate !== undefined) control.tainted |= TAINTED[entry.gate];
  const context: CommandContext = {
    words: words.slice(entry.name.split(" ").length),
    payload,
    session,
    control,
    commands,
    ask: (question, thread) => control.ask(entry.name, question, thread),
    change: (question, key) => control.change(entry.name, question, key),
    pause: (ms) => run.pause(ms),
  };
  return entry.run(context);
}

function findCommand(registry: Registry, words: readonly string[]): CommandEntry | undefined {
  return findName(words, (name) => registry.find("command", name)) as CommandEntry | undefined;
}

function findName<T>(words: readonly string[], find: (name: string) => T | undefined): T | undefined {
  for (let n = Math.min(words.length, MAX_NAME_WORDS); n > 0; n--) {
    const found = find(words.slice(0, n).join(" "));
    if (found !== undefined) return found;
  }
  return undefined;
}

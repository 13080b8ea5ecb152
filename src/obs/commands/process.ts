// Commands about the process as a whole: version, environment, messages of the start (management.txt 9.3).
import { type CommandAnswer, type CommandContext, type CommandEntry, commandError } from "../../proxy/mod.ts";
import { command } from "./define.ts";

function environment({ words, control }: CommandContext): CommandAnswer {
  const { environment } = control.model;
  const [name] = words;
  if (name === undefined) return Object.entries(environment).map(([key, value]) => `${key}=${value}\n`).join("");
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  return value === undefined ? commandError("Variable not found") : `${name}=${value}`;
}

export const processCommands: readonly CommandEntry[] = [
  command("show version", "show version", "show version of the current process", "user", ({ control }) => {
    return control.version;
  }),
  command(
    "show env",
    "show env [var]",
    "dump environment variables known to the process",
    "operator",
    environment,
  ),
  command(
    "show startup-logs",
    "show startup-logs",
    "report logs emitted during HAProxy startup",
    "operator",
    ({ control }) => control.startupLogs,
  ),
];

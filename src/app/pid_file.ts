// The pid file (management.txt 3 "-p"; configuration.txt 3.1 "pidfile").
import type { Sys } from "../sys/types.ts";
import type { StartupMessages } from "./startup.ts";

/** Writes the number of this process; false, and it is told, when the file cannot be written. */
export function writePidFile({ fs, proc }: Sys, path: string, messages: StartupMessages): boolean {
  if (fs.writeFile(path, new TextEncoder().encode(`${proc.pid}\n`)) === "") return true;
  messages.say("ALERT", `[haproxy.main()] Cannot create pidfile ${path}`);
  return false;
}

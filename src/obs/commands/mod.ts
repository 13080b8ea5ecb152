// Every command of this folder.
import type { CommandEntry } from "../../proxy/mod.ts";
import { connectionCommands } from "./connection.ts";
import { processCommands } from "./process.ts";
import { threadCommands } from "./threads.ts";

export const commandEntries: readonly CommandEntry[] = [
  ...connectionCommands,
  ...processCommands,
  ...threadCommands,
];

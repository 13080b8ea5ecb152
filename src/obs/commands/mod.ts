// Every command of this folder.
import type { CommandEntry } from "../../proxy/mod.ts";
import { errorCommands } from "../errors/command.ts";
import { infoCommands } from "../info/command.ts";
import { sessCommands } from "../sess/command.ts";
import { activityCommands } from "./activity.ts";
import { anonCommands } from "./anon.ts";
import { connectionCommands } from "./connection.ts";
import { frontendCommands } from "./frontends.ts";
import { mapCommands } from "./maps.ts";
import { processCommands } from "./process.ts";
import { serverDumps } from "./server_dumps.ts";
import { serverCommands } from "./servers.ts";
import { statCommands } from "./stat.ts";
import { threadCommands } from "./threads.ts";
import { variableCommands } from "./variables.ts";

export const commandEntries: readonly CommandEntry[] = [
  ...connectionCommands,
  ...mapCommands,
  ...anonCommands,
  ...processCommands,
  ...statCommands,
  ...infoCommands,
  ...sessCommands,
  ...errorCommands,
  ...threadCommands,
  ...variableCommands,
  ...activityCommands,
  ...serverCommands,
  ...serverDumps,
  ...frontendCommands,
];

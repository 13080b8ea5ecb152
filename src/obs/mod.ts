export { CliServer, openStatsSockets } from "./cli/server.ts";
export { statsSettings, statsSocketEntries, statsSocketOptions } from "./cli/settings.ts";
export { commandEntries } from "./commands/mod.ts";
export type { ThreadView } from "./view.ts";

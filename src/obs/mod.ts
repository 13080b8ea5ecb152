export { CliServer, openStatsSockets } from "./cli/server.ts";
export { statsSettings, statsSocketEntries, statsSocketOptions } from "./cli/settings.ts";
export { commandEntries } from "./commands/mod.ts";
export { performAction, type ServerAction } from "./page/actions.ts";
export { statsChecks, type StatsEnv, statsKeywords } from "./page/keywords.ts";
export { type StatsHost, StatsPage } from "./page/page.ts";
export { StatsSettings } from "./page/settings.ts";
export type { ThreadView } from "./view.ts";

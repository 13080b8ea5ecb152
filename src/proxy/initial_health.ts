// The health a server starts with (configuration.txt 5.2 "init-state").
import type { ServerConfig } from "./config.ts";

/** One failed check marks an "up" server down, one good check a "down" one up; the "fully" ones need all of them. */
export function initialHealth(
  server: Pick<ServerConfig, "rise" | "fall" | "check" | "initState">,
): number {
  if (!server.check) return server.rise + server.fall - 1;
  switch (server.initState) {
    case "fully-up":
      return server.rise + server.fall - 1;
    case "down":
      return server.rise - 1;
    case "fully-down":
      return 0;
    default:
      return server.rise;
  }
}

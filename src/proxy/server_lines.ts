// The lines that tell of a server's state, in HAProxy's words: made by the thread that checks a server, and by main when an
// operator changes it.
import type { ServerConfig } from "./config.ts";
import type { ServerEvent } from "./server_state.ts";

export const LOG_EMERG = 0;
export const LOG_ALERT = 1;
export const LOG_NOTICE = 5;

/** What the end of a line counts. */
export interface FarmCounts {
  /** Servers that may serve, without and among the backups. */
  readonly normal: number;
  readonly backup: number;
  /** Streams of the server, streams taken out of its queue, streams waiting in the backend. */
  readonly active: number;
  readonly requeued: number;
  readonly waiting: number;
}

/** "Server be/s1", "Backup Server be/s1". */
export function serverTitle(proxy: string, server: Pick<ServerConfig, "name" | "backup">): string {
  return `${server.backup ? "Backup Server" : "Server"} ${proxy}/${server.name}`;
}

/** What follows a change: how many servers are left (or online), and what became of the streams. */
export function farmCounts(up: boolean, counts: FarmCounts): string {
  const { normal, backup, active, requeued, waiting } = counts;
  let text = ` ${normal} active and ${backup} backup servers ${up ? "online" : "left"}.`;
  if (normal === 0 && backup > 0) text += " Running on backup.";
  return text +
    (up
      ? ` ${requeued} sessions requeued, ${waiting} total in queue.`
      : ` ${active} sessions active, ${requeued} requeued, ${waiting} remaining in queue.`);
}

/** The event of a line that reads the same in the log and on the terminal. */
export function serverEvent(
  proxy: number,
  server: number,
  kind: ServerEvent["kind"],
  level: number,
  text: string,
): ServerEvent {
  return { proxy, server, kind, level, text, console: { level: "WARNING", text } };
}

/** The event of a backend that has lost its last server. */
export function emptyEvent(proxy: number, server: number, name: string): ServerEvent {
  return {
    proxy,
    server,
    kind: "empty",
    level: LOG_EMERG,
    text: `backend ${name} has no server available!`,
    console: { level: "ALERT", text: `backend '${name}' has no server available!` },
  };
}

// Severities and facilities of syslog (RFC 5424, 6.2.1) by HAProxy's names (configuration.txt 4.2 "log"). A number is
// the position in its list.

const LOG_LEVELS = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

export const LOG_ERR = 3;
export const LOG_INFO = 6;

export const LOG_FACILITIES = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "auth2",
  "ftp",
  "ntp",
  "audit",
  "alert",
  "cron2",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
] as const;

/** The number of a level's name, -1 when there is none of that name. */
export function logLevel(name: string): number {
  return LOG_LEVELS.findIndex((known) => known === name);
}

// The frontend's own health (configuration.txt 4.2 "monitor-uri", "monitor fail"): answered here, never logged.
import { sendReply } from "./reply.ts";
import type { Stream } from "./stream.ts";

export function isMonitor(s: Stream): boolean {
  const uri = s.frontend.config.monitorUri;
  if (uri === "") return false;
  const m = s.request;
  if (m.targetTo - m.targetFrom !== uri.length) return false;
  for (let i = 0; i < uri.length; i++) if (m.bytes[m.targetFrom + i] !== uri.charCodeAt(i)) return false;
  return true;
}

export function sendMonitorReply(s: Stream): Promise<boolean> {
  s.silent = true;
  return sendReply(s, s.errorReply(s.frontRules.monitorFails(s) ? 503 : 200));
}

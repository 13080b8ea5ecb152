// The frontend's own health (configuration.txt 4.2 "monitor-uri", "monitor fail"): answered here, never logged.
import { FORM_ABSOLUTE, parseTarget, UriParts } from "../http/mod.ts";
import { countIntercepted } from "./account.ts";
import { sendReply } from "./reply.ts";
import type { Stream } from "./stream.ts";

const SLASH = 47;

export function isMonitor(s: Stream): boolean {
  const uri = s.frontend.config.monitorUri;
  if (uri === "") return false;
  const m = s.request;
  const from = m.bytes[m.targetFrom] === SLASH ? m.targetFrom : pathOf(s);
  if (m.targetTo - from !== uri.length) return false;
  for (let i = 0; i < uri.length; i++) if (m.bytes[from + i] !== uri.charCodeAt(i)) return false;
  return true;
}

/** Where the path of an absolute target begins. */
function pathOf(s: Stream): number {
  const m = s.request;
  const parts = new UriParts();
  return parseTarget(m.bytes, m.targetFrom, m.targetTo, false, parts) === FORM_ABSOLUTE ? parts.pathFrom : m.targetFrom;
}

export function sendMonitorReply(s: Stream): Promise<boolean> {
  s.silent = true;
  countIntercepted(s, s.frontRules);
  return sendReply(s, s.errorReply(s.frontRules.monitorFails(s) ? 503 : 200));
}

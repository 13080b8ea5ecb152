// What a stream leaves behind: counters and its log line (configuration.txt 8, management.txt 9.1).
import { LOG_ERR, LOG_INFO } from "../log/mod.ts";
import { LOG_ORIGINS, type LogOrigin, type LogStep, type ProxyRules, stepBit, type TextFn } from "../rules/mod.ts";
import { ERR_CIP_EMPTY, ERR_PRX_EMPTY, hadError } from "../sample/mod.ts";
import { type Endpoint, H1Endpoint } from "../mux/mod.ts";
import { C, type Column, type Counters } from "../table/mod.ts";
import type { Stream } from "./stream.ts";

/** A request head arrived. */
export function countRequest(s: Stream): void {
  const frontend = s.frontend;
  frontend.front.add(C.req_tot);
  frontend.front.raise(C.req_rate_max, frontend.feReqRate.add(s.env.sys.clock.now()));
}

/** The backend is chosen. */
export function countBackend(s: Stream): void {
  s.backend!.beginStream();
  s.inBackend = true;
  if (s.requestReady) s.backend!.back.add(C.req_tot);
}

/** A request ended without a server's answer because of who sent it. */
export function countBadRequest(s: Stream): void {
  s.frontend.front.add(C.ereq);
  s.session.listenerCounters?.add(C.ereq);
}

/** A rule denied a request, or a response. */
export function countDenied(s: Stream, response: boolean): void {
  const column = response ? C.dresp : C.dreq;
  countEverywhere(s, column);
  if (response) s.server?.counters.add(column);
}

/** A request was answered here, by a rule or an applet of the proxy. */
export function countIntercepted(s: Stream, by: ProxyRules): void {
  if (by === s.frontRules) s.frontend.front.add(C.intercepted);
  else s.backend!.back.add(C.intercepted);
}

/** An HTTP/1 exchange begins on a side (its frontend's or backend's row), or ends: `change` is 1 or -1. */
export function countH1(row: Counters, endpoint: Endpoint, change: 1 | -1): void {
  if (!(endpoint instanceof H1Endpoint)) return;
  row.add(C.h1_open_streams, change);
  if (change > 0) return row.add(C.h1_streams);
  row.add(C.h1_in, endpoint.received);
  row.add(C.h1_out, endpoint.sent);
  endpoint.received = 0;
  endpoint.sent = 0;
}

function countEverywhere(s: Stream, column: Column, n = 1): void {
  s.frontend.front.add(column, n);
  s.session.listenerCounters?.add(column, n);
  s.backend?.back.add(column, n);
}

const CLASSES = [C.hrsp_other, C.hrsp_1xx, C.hrsp_2xx, C.hrsp_3xx, C.hrsp_4xx, C.hrsp_5xx] as const;

function classOf(status: number): (typeof CLASSES)[number] {
  return status >= 100 && status < 600 ? CLASSES[Math.floor(status / 100)] : C.hrsp_other;
}

/** A server answered with a final head. */
export function countResponse(s: Stream): void {
  const column = classOf(s.response.status);
  s.server?.counters.add(column);
  s.server?.counters.add(C.req_tot);
}

/** The server failed in the middle of an exchange. */
export function countServerFailure(s: Stream): void {
  s.server?.counters.add(C.eresp);
  s.backend?.back.add(C.eresp);
}

/** How often `option contstats` counts, ms. */
const CONTINUOUS_MS = 5000;

/** `option contstats`: bytes were forwarded; what went through since the last time is counted now and then. */
export function countOnTheWay(s: Stream): void {
  const now = s.env.sys.clock.now();
  if (s.countedAt === 0) s.countedAt = s.times.accept;
  if (now - s.countedAt < CONTINUOUS_MS) return;
  s.countedAt = now;
  countBytes(s);
}

/** Bytes that are not in the counters yet. */
function countBytes(s: Stream): void {
  const bin = s.bytesIn - s.countedIn;
  const bout = s.bytesOut - s.countedOut;
  s.countedIn = s.bytesIn;
  s.countedOut = s.bytesOut;
  addBytes(s.frontend.front, bin, bout);
  if (s.session.listenerCounters !== null) addBytes(s.session.listenerCounters, bin, bout);
  if (s.backend !== null) addBytes(s.backend.back, bin, bout);
  if (s.server !== null) addBytes(s.server.counters, bin, bout);
}

function addBytes(to: Counters, bin: number, bout: number): void {
  to.add(C.bin, bin);
  to.add(C.bout, bout);
}

/** The stream is over: totals, times, log. */
export function finish(s: Stream): void {
  const front = s.frontend.front;
  countBytes(s);
  // Of a request that went to no server its head is what came in.
  if (s.bytesIn === 0 && s.requestBytes > 0) countEverywhere(s, C.bin, s.requestBytes);
  const backend = s.backend;
  // A request without an answer counts among the other responses, as in HAProxy.
  if (s.kept.status >= 0 || s.requestReady) {
    const column = classOf(s.kept.status);
    if (s.frontend.mode === "http") front.add(column);
    if (backend !== null && backend.mode === "http") backend.back.add(column);
  }
  const server = s.server;
  if (server !== null) {
    const t = s.times;
    if (s.cause === "-" && backend !== null) {
      const queue = t.queue < 0 ? 0 : t.queue - (t.request < 0 ? t.accept : t.request);
      const connect = t.connect < 0 ? 0 : t.connect - t.queue;
      const response = t.response < 0 ? 0 : t.response - t.connect;
      server.counters.times(queue, connect, response, t.end - t.accept);
      backend.back.times(queue, connect, response, t.end - t.accept);
    }
  }
  if (s.cause === "C") {
    front.add(C.cli_abrt);
    backend?.back.add(C.cli_abrt);
    server?.counters.add(C.cli_abrt);
  } else if (s.cause === "S" && server !== null && (s.phase === "D" || s.phase === "L")) {
    server.counters.add(C.srv_abrt);
    backend?.back.add(C.srv_abrt);
  }
  if (s.failedRewrites > 0) {
    countEverywhere(s, C.wrew, s.failedRewrites);
    server?.counters.add(C.wrew, s.failedRewrites);
  }
  if (s.cause === "I") {
    countEverywhere(s, C.eint);
    server?.counters.add(C.eint);
  }
  const { dontLogNull, logSteps } = s.frontRules;
  if (dontLogNull && s.bytesIn === 0 && s.bytesOut === 0) s.silent = true;
  if (s.silent || (logSteps === 0 ? s.logged : (logSteps & CLOSE) === 0)) return;
  sendLog(s, LOG_ORIGINS.close);
}

const CLOSE = stepBit("close");

/** `option logasap`: the line goes out before the stream ends; times and byte counts are marked as not final. */
export function logEarly(s: Stream, step: LogStep): void {
  if (s.logged || s.silent || s.frontRules.logSteps !== 0) return;
  s.kept.incomplete = true;
  s.times.end = s.env.sys.clock.now();
  s.logged = true;
  sendLog(s, LOG_ORIGINS[step]);
}

/** `log-steps`: a line at this step, if one is wanted; what is not final is marked so. */
export function logStep(s: Stream, step: LogStep): void {
  if ((s.frontRules.logSteps & stepBit(step)) === 0 || s.silent) return;
  s.kept.incomplete = true;
  s.times.end = s.env.sys.clock.now();
  sendLog(s, LOG_ORIGINS[step]);
  s.times.end = -1;
  s.kept.incomplete = false;
}

/** Sends a log line about the stream as it is now, unless its options say otherwise (8.3). */
export function sendLog(s: Stream, origin: LogOrigin): void {
  const { logger, rules } = s.frontService;
  if (s.logLevel === -2) return;
  const failed = hadError(s);
  if (!failed && rules.dontLogNormal) return;
  const level = s.logLevel >= 0 ? s.logLevel : failed && rules.logSeparateErrors ? LOG_ERR : LOG_INFO;
  if (!logger.takes(level)) return;
  const own = (failed ? rules.errorLogFormat : null) ?? rules.logFormat ?? s.env.defaultLogFormat;
  deliver(s, origin, level, failed, own);
}

/** `log-steps` knows no step of its own for connections that end before they have a stream. */
const FAILED: LogOrigin = { step: "error", name: "sess_error" };

/** A connection failed before it had a stream (8.2.5): its session tells why. */
export function logFailedConnection(s: Stream): void {
  const { rules } = s.frontService;
  if (rules.dontLogNull && NOTHING_SENT.includes(s.session.error)) return;
  const level = rules.logSeparateErrors ? LOG_ERR : LOG_INFO;
  if (!s.frontService.logger.takes(level)) return;
  deliver(s, FAILED, level, true, rules.errorLogFormat ?? s.env.defaultErrorFormat);
}

/** Errors of connections that never said anything. */
const NOTHING_SENT: readonly number[] = [ERR_PRX_EMPTY, ERR_CIP_EMPTY];

function deliver(s: Stream, origin: LogOrigin, level: number, failed: boolean, own: TextFn): void {
  const { logger, proxy, rules } = s.frontService;
  s.kept.logOrigin = origin.name;
  s.kept.logCounter = s.env.nextLog(proxy);
  for (const group of logger.groups) {
    if (!group.takes(level)) continue;
    const profile = group.profile === "" ? null : s.env.logProfiles.get(group.profile)!;
    const says = profile === null ? null : profile.find(origin.step, failed, rules.errorLogFormat !== null);
    if (says === null) {
      group.send(level, own.text(s), rules.logFormatSd === null ? "" : rules.logFormatSd.text(s));
    } else if (!says.drop) {
      group.send(level, (says.format ?? own).text(s), (says.structured ?? rules.logFormatSd)?.text(s) ?? "");
    }
  }
}

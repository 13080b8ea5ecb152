// One HTTP exchange from the request head to the last byte of the response, as one readable function: what the manual
// calls the life of a stream in HTTP mode (configuration.txt 1.1, 4.3, 8.4, 8.5).
//
// The upload of a body runs beside it; whichever direction ends the exchange ends the other. What was taken (server slot,
// server connection, blocks) is given back by `Stream.close`, on every path.
import {
  type Endpoint,
  EP_INVALID,
  EP_NOTHING,
  EP_TOO_LARGE,
  EP_TRUNCATED,
  EP_UNEXPECTED_BODY,
  EP_UNSUPPORTED_CODING,
} from "../mux/mod.ts";
import {
  BODY_ARRIVED,
  BODY_BROKEN,
  BODY_LATE,
  type ProxyRules,
  RULE_ABORT,
  RULE_CONTINUE,
  RULE_DROP,
  RULE_HTTP,
  RULE_NOT_YET,
  RULE_REPLY,
  RULE_STOP,
  type Ruleset,
  type RuleVerdict,
} from "../rules/mod.ts";
import { IO_CLOSED, IO_END, IO_RESET, WAKE_KILL, WAKE_PEER, WAKE_STOP, WAKE_TIMEOUT } from "../sys/types.ts";
import { bufferRequest } from "./body.ts";
import {
  countBackend,
  countBadRequest,
  countDenied,
  countIntercepted,
  countRequest,
  countServerFailure,
} from "./account.ts";
import { BODY_NONE, BODY_TUNNEL, hasNoBody } from "../http/mod.ts";
import { RETRY_CONN_FAILURE } from "../proxy/mod.ts";
import { connectAgain, connectServer } from "./connect.ts";
import { editRequest } from "./edit.ts";
import { FORWARD_DONE, FORWARD_SOURCE_FAILED, isBodiless } from "./forward.ts";
import { relay } from "./relay.ts";
import { isMonitor, sendMonitorReply } from "./monitor.ts";
import { setCookies } from "./persistence.ts";
import { sendError, sendReply } from "./reply.ts";
import { dropAttempt, isWorthRetrying, keepRequest } from "./retry.ts";
import type { Stream } from "./stream.ts";
import { requestVerdict, responseVerdict } from "./tcp_rules.ts";

/** 1xx heads before a response: more of them are no response. How many are passed on without letting others have a turn. */
const MOST_INTERIM = 1000;
const INTERIM_AT_ONCE = 16;

/** Runs one exchange. True when the client's connection may carry another. */
export async function exchange(s: Stream): Promise<boolean> {
  let head = s.front.readHead(s.request);
  if (typeof head !== "number") {
    // From the first byte on, however long that took (as HAProxy does, observed).
    s.clientSide.timeoutMs = s.session.timeouts.httpRequest || s.frontend.config.timeouts.client;
    s.clientSide.begin();
    head = await head;
    s.clientSide.done();
  }
  s.clientSide.timeoutMs = s.frontend.config.timeouts.client;
  if (head < 0) return await refuseRequest(s, head);
  s.requestArrived();

  if (!s.frontRules.tcpContent.empty && !s.judged) {
    const refused = await requestVerdict(s, s.frontRules);
    if (refused !== RULE_CONTINUE && refused !== RULE_HTTP) return await endByRule(s, refused, false);
  }
  countRequest(s);
  if (isMonitor(s)) return await sendMonitorReply(s);
  if (s.frontend.config.bufferRequest && !s.front.complete) {
    const arrived = await bufferRequest(s);
    if (arrived !== BODY_ARRIVED) return await refuseBody(s, arrived);
  }
  let verdict = run(s, s.frontRules.httpRequest);
  if (typeof verdict !== "number") verdict = await verdict;
  if (verdict === RULE_CONTINUE && s.frontRules.applet !== null) verdict = await runApplet(s, s.frontRules);
  if (verdict === RULE_CONTINUE && !s.frontRules.redirects.empty) verdict = await run(s, s.frontRules.redirects);
  if (verdict !== RULE_CONTINUE) return await endByRule(s, verdict, false);

  if (s.backService === null && !s.chooseBackend()) return await sendError(s, 503, "S", "C");
  if (s.backend!.mode !== "http") return await sendError(s, 500, "I", "R");
  countBackend(s);
  if (s.backService !== s.frontService) {
    if (!s.backRules.tcpContent.empty) {
      verdict = await requestVerdict(s, s.backRules);
      if (verdict !== RULE_CONTINUE) return await endByRule(s, verdict, false);
    }
    if (s.backend!.config.bufferRequest && !s.front.complete) {
      const arrived = await bufferRequest(s);
      if (arrived !== BODY_ARRIVED) return await refuseBody(s, arrived);
    }
    verdict = run(s, s.backRules.httpRequest);
    if (typeof verdict !== "number") verdict = await verdict;
    if (verdict === RULE_CONTINUE && s.backRules.applet !== null) verdict = await runApplet(s, s.backRules);
    if (verdict === RULE_CONTINUE && !s.backRules.redirects.empty) verdict = await run(s, s.backRules.redirects);
    if (verdict !== RULE_CONTINUE) return await endByRule(s, verdict, false);
  }
  if (!editRequest(s)) return await sendError(s, 500, "I", "R");

  if (s.backend!.config.retryOn !== RETRY_CONN_FAILURE) keepRequest(s);
  if (s.backend!.config.abortOnClose) s.watchClient();
  let connected = connectServer(s);
  if (typeof connected !== "number") connected = await connected;
  if (connected < 0) return clientGone(s, "C");
  if (connected > 0) return await sendError(s, connected, "S", "C");
  let got = await attempt(s);
  while (isWorthRetrying(s, got)) {
    await dropAttempt(s);
    connected = await connectAgain(s);
    if (connected < 0) return clientGone(s, "C");
    if (connected > 0) return await sendError(s, connected, "S", "C");
    got = await attempt(s);
  }
  if (got < 0) return await failedResponse(s, got);
  s.responseArrived();
  s.unwatchClient();
  return await respond(s, s.back!);
}

/** Sends the request to the server and reads the head of its response, those of 1xx passed on: 1, or a code. */
async function attempt(s: Stream): Promise<number> {
  const back = s.back!;
  let sent = sendRequest(s, back);
  if (typeof sent !== "number") {
    s.serverSide.begin();
    sent = await sent;
    s.serverSide.done();
  }
  if (sent < 0 && sent !== IO_RESET) {
    // It would not fit another time either.
    if (sent === EP_TOO_LARGE) s.uploader.kept = null;
    return sent;
  }
  for (let interims = 1;; interims++) {
    let got = back.readHead(s.response);
    if (typeof got !== "number") {
      s.serverSide.begin();
      got = await got;
      s.serverSide.done();
    }
    if (got < 0 || s.response.status >= 200 || s.response.status === 101) return got;
    let interim = s.front.writeHead(s.response, true);
    s.interimSent = true;
    if (typeof interim !== "number") interim = await timed(s, interim);
    if (interim < 0) return s.clientCode = IO_RESET;
    // A server that says nothing else would keep everybody waiting, and its own client for ever.
    if (interims === MOST_INTERIM) return EP_INVALID;
    if (interims % INTERIM_AT_ONCE === 0) await s.env.sys.turn();
  }
}

// ---- request ----------------------------------------------------------------------------------------------------

/** No usable request came: answers what the manual says (8.5), closes, and says so in the log. */
function refuseRequest(s: Stream, code: number): boolean | Promise<boolean> {
  s.closeClient = true;
  countRequest(s);
  countBadRequest(s);
  if (code === WAKE_TIMEOUT) return sendError(s, 408, "c", "R");
  if (code === WAKE_STOP || code === EP_NOTHING) {
    s.ends("C", "R");
    return false;
  }
  if (code === IO_RESET) s.kept.status = 400;
  if (code === WAKE_KILL || code === IO_RESET || code === IO_CLOSED) return clientGone(s, "R");
  return sendError(s, statusOf(code), code === EP_TRUNCATED ? "C" : "P", "R");
}

/** The body that rules were to wait for did not come whole. */
function refuseBody(s: Stream, arrived: number): boolean | Promise<boolean> {
  s.closeClient = true;
  countBadRequest(s);
  if (arrived === BODY_LATE) return sendError(s, 408, "c", "R");
  if (arrived === BODY_BROKEN) return sendError(s, 400, "P", "R");
  return clientGone(s, "R", s.stopped === WAKE_KILL ? WAKE_KILL : IO_RESET);
}

function statusOf(code: number): number {
  return code === EP_UNEXPECTED_BODY ? 413 : code === EP_UNSUPPORTED_CODING ? 422 : 400;
}

/** A new connection ended, or was silent too long, before anything of a request came. */
export async function refuseSilentClient(s: Stream, code: number): Promise<boolean> {
  s.closeClient = true;
  if (s.frontend.config.ignoreProbes) {
    s.silent = true;
    return false;
  }
  if (s.frontRules.dontLogNull) s.silent = true;
  countRequest(s);
  countBadRequest(s);
  if (code === WAKE_TIMEOUT) return await sendError(s, 408, "c", "R");
  if (code === IO_END) return await sendError(s, 400, "C", "R");
  return clientGone(s, "R");
}

/** Runs a rule set to its decision: whatever lets the stream go on is RULE_CONTINUE. */
function run(s: Stream, rules: Ruleset): RuleVerdict | Promise<RuleVerdict> {
  const verdict = rules.run(s);
  return typeof verdict === "number" ? settle(verdict) : verdict.then(settle);
}

function settle(verdict: RuleVerdict): RuleVerdict {
  return verdict === RULE_STOP || verdict === RULE_NOT_YET ? RULE_CONTINUE : verdict;
}

/** The applet of a proxy, when the request is for it: logs tell its name in place of a server's. */
function runApplet(s: Stream, { applet }: ProxyRules): RuleVerdict | Promise<RuleVerdict> {
  if (!applet!.wants(s)) return RULE_CONTINUE;
  s.kept.service = applet!.name;
  s.times.queue = s.times.connect = s.env.sys.clock.now();
  return applet!.answer(s);
}

/** A rule ended the stream: with its reply, without a word, or because it failed. */
function endByRule(s: Stream, verdict: RuleVerdict, response: boolean): boolean | Promise<boolean> {
  if (verdict === RULE_REPLY) {
    if (s.cause === "P") countDenied(s, response);
    else if (!response) countIntercepted(s, s.backRules);
    return sendReply(s, s.reply!);
  }
  if (verdict === RULE_ABORT || verdict === RULE_DROP) {
    s.ends("P", response ? "H" : "R");
    countDenied(s, response);
    s.closeClient = true;
    s.resetClient = verdict === RULE_DROP;
    return false;
  }
  return sendError(s, response ? 502 : 500, "I", response ? "H" : "R");
}

/** Sends the head, and starts the upload of the body if there is one: its failure shows when the response is read. */
function sendRequest(s: Stream, back: Endpoint): number | Promise<number> {
  const again = s.uploader.kept !== null && s.uploader.kept.used > 0;
  const bodiless = !again && isBodiless(s.front);
  back.closeAfter = s.closeBack || serverMode(s) !== "keep-alive";
  const { pretendKeepAlive, sendNameHeader } = s.backend!.config;
  back.pretendKeepAlive = pretendKeepAlive;
  if (sendNameHeader !== null) {
    s.request.removeAll(sendNameHeader);
    if (!s.request.add(sendNameHeader, s.server!.name)) return EP_TOO_LARGE;
  }
  const sent = back.writeHead(s.request, bodiless);
  if (s.attempts++ === 0) s.bytesIn += back.headBytes;
  if (!bodiless) {
    if (sent as number < 0) return sent;
    s.startUpload();
    return 1;
  }
  return sent;
}

/** The stronger of what frontend and backend say about the server's connection. */
function serverMode(s: Stream): string {
  const mode = s.frontend.config.connectionMode;
  return mode === "keep-alive" ? s.backend!.config.connectionMode : mode;
}

// ---- response ---------------------------------------------------------------------------------------------------

/** The server did not answer: 502 or 504 with the manual's letters, silence where the client is to try again. */
function failedResponse(s: Stream, code: number): boolean | Promise<boolean> {
  if (s.clientCode === WAKE_TIMEOUT) return sendError(s, 408, "c", "H");
  if (s.clientCode === EP_INVALID || s.clientCode === EP_TOO_LARGE) return sendError(s, 400, "P", "H");
  // A client that only ended its side can still read the answer ("option abortonclose").
  if (s.clientCode === IO_END) return sendError(s, 400, "C", "H");
  if (s.clientCode < 0) return clientGone(s, s.upload === null ? "H" : "D");
  countServerFailure(s);
  if (code === WAKE_TIMEOUT) return sendError(s, 504, "s", "H");
  if (code === WAKE_KILL) return sendError(s, 503, s.killCause, "H");
  if (code === WAKE_PEER || code === WAKE_STOP) return clientGone(s, "H");
  if (s.session.requests > 0 && (code === EP_NOTHING || code === IO_RESET)) {
    // Not the first request of its connection: the client is to repeat it (RFC 9112 9.3.1).
    s.ends("S", "H");
    s.closeClient = true;
    return false;
  }
  const malformed = code <= -32 && code !== EP_NOTHING && code !== EP_TRUNCATED;
  return sendError(s, 502, malformed ? "P" : "S", "H");
}

/** Forwards the response; what is left of the request goes on to the server meanwhile and after it. */
async function respond(s: Stream, back: Endpoint): Promise<boolean> {
  if (!s.backRules.tcpResponse.empty) {
    const refused = await responseVerdict(s);
    if (refused === RULE_ABORT || refused === RULE_DROP) s.ends("P", "D");
    if (refused !== RULE_CONTINUE) return await endByRule(s, refused, true);
  }
  let verdict = run(s, s.backRules.httpResponse);
  if (typeof verdict !== "number") verdict = await verdict;
  if (verdict === RULE_CONTINUE && s.frontService !== s.backService) {
    verdict = run(s, s.frontRules.httpResponse);
    if (typeof verdict !== "number") verdict = await verdict;
  }
  const { cookie } = s.backend!.config;
  if (verdict === RULE_CONTINUE && cookie !== null && !setCookies(s, cookie)) return await sendError(s, 500, "P", "H");
  if (verdict === RULE_CONTINUE) {
    verdict = run(s, s.backRules.httpAfterResponse);
    if (typeof verdict !== "number") verdict = await verdict;
    if (verdict === RULE_CONTINUE && s.frontService !== s.backService) {
      verdict = run(s, s.frontRules.httpAfterResponse);
      if (typeof verdict !== "number") verdict = await verdict;
    }
  }
  if (verdict !== RULE_CONTINUE) return await endByRule(s, verdict, true);
  if (s.response.bodyKind === BODY_TUNNEL) return await upgrade(s, back);
  // A rule may have given it a status that has no body: the body is dropped, with the server's connection.
  if (hasNoBody(s.response.status)) s.response.bodyKind = BODY_NONE;
  const bodiless = s.response.bodyKind === BODY_NONE || isBodiless(back);
  s.front.closeAfter = s.closeClient;
  let sent = s.front.writeHead(s.response, bodiless);
  s.responseStarted();
  if (typeof sent !== "number") sent = await timed(s, sent);
  if (sent < 0) return clientGone(s, "D", sent);
  if (!bodiless) {
    let ended = s.downloader.run(back, s.front);
    if (typeof ended !== "number") ended = await ended;
    if (ended !== FORWARD_DONE) return brokenDownload(s, ended === FORWARD_SOURCE_FAILED);
  }
  if (s.upload !== null) {
    const ended = await s.uploadDone();
    if (ended !== FORWARD_DONE) brokenUpload(s, ended === FORWARD_SOURCE_FAILED);
  }
  return s.settleConnections();
}

/** The response is sent, the rest of the request does not come or is not taken: both connections must close. */
function brokenUpload(s: Stream, byClient: boolean): void {
  const code = s.uploader.code;
  s.closeClient = true;
  if (code === WAKE_TIMEOUT) s.ends(byClient ? "c" : "s", "D");
  else if (code === WAKE_KILL) s.ends(s.killCause, "D");
  else if (byClient) s.ends(code === EP_INVALID || code === EP_TOO_LARGE ? "P" : "C", "D");
  else s.ends("S", "D");
}

/** The response broke off: both connections must close, the client sees a message that is cut. */
function brokenDownload(s: Stream, byServer: boolean): boolean {
  const code = s.downloader.code;
  s.closeClient = true;
  if (byServer && s.clientCode < 0) return clientGone(s, "D", s.clientCode);
  if (!byServer) return clientGone(s, "D", code);
  if (code === WAKE_TIMEOUT) s.ends("s", "D");
  else if (code === WAKE_KILL) s.ends(s.killCause, "D");
  else s.ends(code <= -32 && code !== EP_TRUNCATED ? "P" : "S", "D");
  countServerFailure(s);
  return false;
}

/** 101, or a 2xx to CONNECT: from here on bytes go both ways, under the tunnel timeout. */
async function upgrade(s: Stream, back: Endpoint): Promise<boolean> {
  if (s.upload !== null) await s.uploadDone();
  let sent = s.front.writeHead(s.response, true);
  s.responseStarted();
  if (typeof sent !== "number") sent = await timed(s, sent);
  if (sent < 0) return clientGone(s, "D", sent);
  s.front.tunnel();
  back.tunnel();
  await relay(s);
  s.closeClient = true;
  return false;
}

/** The client is gone, or too slow: nothing more can be said to it. */
function clientGone(s: Stream, phase: string, code: number = IO_RESET): boolean {
  s.ends(code === WAKE_TIMEOUT ? "c" : code === WAKE_KILL ? s.killCause : "C", phase);
  s.closeClient = true;
  return false;
}

async function timed(s: Stream, sent: Promise<number>): Promise<number> {
  s.clientSide.begin();
  const r = await sent;
  s.clientSide.done();
  return r;
}

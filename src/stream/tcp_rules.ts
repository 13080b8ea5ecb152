// The rules of the transport layer (configuration.txt 4.2 "tcp-request connection|session|content", "tcp-response
// content", "tcp-request inspect-delay"): on a connection just accepted, and on what each side has sent so far.
//
// In HTTP mode content rules run for every exchange once its head is there; what they may wait for is the body.
import { H1Parser } from "../codec/mod.ts";
import { C } from "../table/mod.ts";
import {
  type ProxyRules,
  RULE_ABORT,
  RULE_CONTINUE,
  RULE_DROP,
  RULE_ERROR,
  RULE_HTTP,
  RULE_NOT_YET,
  type Ruleset,
  type RuleVerdict,
} from "../rules/mod.ts";
import type { Endpoint } from "../mux/mod.ts";
import { logFailedConnection } from "./account.ts";
import type { Deadline } from "./deadline.ts";
import type { Payload } from "./facts.ts";
import { handshake } from "./handshake.ts";
import type { Stream } from "./stream.ts";

/** Rules on a connection, and the headers it begins with, before anything else is read from it. The stream has not begun. */
export async function connectionVerdict(s: Stream): Promise<RuleVerdict> {
  const { tcpConnection, tcpSession } = s.frontRules;
  const { front } = s.frontend;
  s.times.begin(s.session.acceptedAt);
  let verdict = refused(await tcpConnection.run(s));
  s.session.connectionDone();
  if (verdict !== RULE_CONTINUE) {
    front.add(C.dcon);
    s.session.listenerCounters?.add(C.dcon);
    return verdict;
  }
  if (s.session.expects !== 0) {
    s.session.error = await handshake(s);
    if (s.session.error !== 0) {
      if (s.stopped === 0) logFailedConnection(s);
      return RULE_ABORT;
    }
    s.session.handshakeAt = s.times.handshake = s.env.sys.clock.now();
  }
  verdict = refused(await tcpSession.run(s));
  s.session.sessionDone();
  if (verdict !== RULE_CONTINUE) {
    front.add(C.dses);
    s.session.listenerCounters?.add(C.dses);
  }
  return verdict;
}

/** RULE_CONTINUE, or how the connection ends or goes on: what is not decided does not match, and accepting goes on. */
function refused(verdict: RuleVerdict): RuleVerdict {
  return verdict === RULE_ABORT || verdict === RULE_DROP || verdict === RULE_ERROR || verdict === RULE_HTTP
    ? verdict
    : RULE_CONTINUE;
}

/** `tcp-request content` rules of one proxy on what the client has sent. RULE_HTTP: it is HTTP, from here on or anyway. */
export async function requestVerdict(s: Stream, rules: ProxyRules): Promise<RuleVerdict> {
  const { tcpContent, inspectDelayMs } = rules;
  const look = s.requestReady || tcpContent.empty ? null : requestReader(s);
  return await inspect(s, tcpContent, inspectDelayMs, s.clientPayload, s.front, s.clientSide, look);
}

/** In TCP mode fetches of layer 7 see what the client sends as a request once its head is whole (7.3.6). */
function requestReader(s: Stream): () => void {
  const parser = new H1Parser();
  let valid = true;
  return () => {
    const { block, head, tail } = s.front;
    if (s.requestReady || !valid || tail === head) return;
    const length = parser.parseRequest(block, head, tail, s.request);
    s.requestReady = length > 0;
    valid = length >= 0;
  };
}

/** `tcp-response content` rules of the backend on what the server has sent. */
export async function responseVerdict(s: Stream): Promise<RuleVerdict> {
  const { tcpResponse, responseInspectDelayMs } = s.backRules;
  const back = s.back!;
  s.serverPayload.endpoint = back;
  return await inspect(s, tcpResponse, responseInspectDelayMs, s.serverPayload, back, s.serverSide, null);
}

/**
 * Runs content rules on what has arrived, waiting for more up to the inspection delay while a rule is undecided. `look`
 * is called before the rules see it.
 */
async function inspect(
  s: Stream,
  rules: Ruleset,
  delayMs: number,
  payload: Payload,
  from: Endpoint,
  side: Deadline,
  look: (() => void) | null,
): Promise<RuleVerdict> {
  if (rules.empty) return RULE_CONTINUE;
  const { clock } = s.env.sys;
  const deadline = clock.now() + delayMs;
  const { timeoutMs } = side;
  payload.final = delayMs <= 0;
  for (;;) {
    if (look !== null) look();
    const verdict = await rules.run(s);
    if (verdict !== RULE_NOT_YET) {
      payload.final = true;
      return refused(verdict);
    }
    // Undecided although nothing more can come: what is absent does not match, the rules behind it have their turn.
    if (payload.final) s.ruleIndex++;
    const left = deadline - clock.now();
    if (payload.final || left <= 0) {
      payload.final = true;
      continue;
    }
    side.timeoutMs = timeoutMs > 0 ? Math.min(timeoutMs, left) : left;
    side.begin();
    const got = await from.pull();
    side.done();
    side.timeoutMs = timeoutMs;
    // A full buffer, the end and the delay alike: the rules decide on what there is.
    if (got <= 0) payload.final = true;
  }
}

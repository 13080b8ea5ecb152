// A TCP stream: content rules on what has arrived, a server, then bytes both ways (configuration.txt 4.2 "mode tcp",
// 4.3 "tcp-request content").
import { RULE_CONTINUE, RULE_DROP, RULE_ERROR, RULE_HTTP } from "../rules/mod.ts";
import { countBackend, countDenied, logEarly, logStep } from "./account.ts";
import { connectServer } from "./connect.ts";
import { relay } from "./relay.ts";
import type { Stream } from "./stream.ts";
import { requestVerdict, responseVerdict } from "./tcp_rules.ts";

/**
 * Runs the whole stream; everything it took is given back by Stream.close(). True when its connection speaks HTTP from here
 * on, because a rule or its backend says so: the stream, judged so far, is that of the first request.
 */
export async function runTcp(s: Stream): Promise<boolean> {
  s.clientSide.timeoutMs = s.frontend.config.timeouts.client;
  let verdict = await requestVerdict(s, s.frontRules);
  if (verdict === RULE_HTTP) return true;
  if (verdict === RULE_CONTINUE && s.frontRules.logSteps !== 0) logStep(s, "request");
  if (verdict === RULE_CONTINUE && !s.chooseBackend()) return ends(s, "S", "C");
  if (verdict === RULE_CONTINUE && s.backend!.mode === "http") return true;
  if (verdict === RULE_CONTINUE) countBackend(s);
  if (verdict === RULE_CONTINUE && s.backService !== s.frontService) {
    verdict = await requestVerdict(s, s.backRules);
  }
  if (verdict !== RULE_CONTINUE) {
    s.resetClient = verdict === RULE_DROP;
    if (verdict !== RULE_ERROR) countDenied(s, false);
    return ends(s, verdict === RULE_ERROR ? "I" : "P", "R");
  }
  if (s.backend!.config.abortOnClose) s.watchClient();
  let connected = connectServer(s);
  if (typeof connected !== "number") connected = await connected;
  s.unwatchClient();
  if (connected !== 0) return ends(s, connected > 0 ? "S" : "C", "C");
  if (s.frontRules.logAsap) logEarly(s, "connect");
  await relay(s, s.backRules.tcpResponse.empty ? null : responseVerdict);
  return false;
}

function ends(s: Stream, cause: string, phase: string): boolean {
  s.ends(cause, phase);
  return false;
}

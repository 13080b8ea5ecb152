// A TCP stream: content rules on what has arrived, a server, then bytes both ways (configuration.txt 4.2 "mode tcp",
// 4.3 "tcp-request content").
import { RULE_CONTINUE, RULE_DROP, RULE_ERROR } from "../rules/mod.ts";
import { logEarly } from "./account.ts";
import { connectServer } from "./connect.ts";
import { relay } from "./relay.ts";
import type { Stream } from "./stream.ts";
import { requestVerdict, responseVerdict } from "./tcp_rules.ts";

/**
 * Runs the whole stream; everything it took is given back by Stream.close(). True when it goes no further because its
 * backend speaks HTTP: nothing of it is left to log.
 */
export async function runTcp(s: Stream): Promise<boolean> {
  s.clientSide.timeoutMs = s.frontend.config.timeouts.client;
  let verdict = await requestVerdict(s, s.frontRules);
  if (verdict === RULE_CONTINUE && !s.chooseBackend()) return ends(s, "S", "C");
  if (verdict === RULE_CONTINUE && s.backend!.mode === "http") {
    s.silent = true;
    return true;
  }
  if (verdict === RULE_CONTINUE && s.backService !== s.frontService) {
    verdict = await requestVerdict(s, s.backRules);
  }
  if (verdict !== RULE_CONTINUE) {
    s.resetClient = verdict === RULE_DROP;
    return ends(s, verdict === RULE_ERROR ? "I" : "P", "R");
  }
  if (s.backend!.config.abortOnClose) s.watchClient();
  let connected = connectServer(s);
  if (typeof connected !== "number") connected = await connected;
  s.unwatchClient();
  if (connected !== 0) return ends(s, connected > 0 ? "S" : "C", "C");
  if (s.frontRules.logAsap) logEarly(s);
  await relay(s, s.backRules.tcpResponse.empty ? null : responseVerdict);
  return false;
}

function ends(s: Stream, cause: string, phase: string): boolean {
  s.ends(cause, phase);
  return false;
}

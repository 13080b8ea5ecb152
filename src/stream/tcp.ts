// A TCP stream: content rules on what has arrived, a server, then bytes both ways (configuration.txt 4.2 "mode tcp",
// 4.3 "tcp-request content").
import { RULE_CONTINUE, RULE_DROP, RULE_ERROR } from "../rules/mod.ts";
import { logEarly } from "./account.ts";
import { connectServer } from "./connect.ts";
import { relay } from "./relay.ts";
import type { Stream } from "./stream.ts";
import { requestVerdict, responseVerdict } from "./tcp_rules.ts";

/** Runs the whole stream; everything it took is given back by Stream.close(). */
export async function runTcp(s: Stream): Promise<void> {
  s.clientSide.timeoutMs = s.frontend.config.timeouts.client;
  let verdict = await requestVerdict(s, s.frontRules);
  if (verdict === RULE_CONTINUE && !s.chooseBackend()) return s.ends("S", "C");
  if (verdict === RULE_CONTINUE && s.backService !== s.frontService) {
    verdict = await requestVerdict(s, s.backRules);
  }
  if (verdict !== RULE_CONTINUE) {
    s.ends(verdict === RULE_ERROR ? "I" : "P", "R");
    s.resetClient = verdict === RULE_DROP;
    return;
  }
  let connected = connectServer(s);
  if (typeof connected !== "number") connected = await connected;
  if (connected > 0) return s.ends("S", "C");
  if (connected < 0) return s.ends("C", "C");
  if (s.frontRules.logAsap) logEarly(s);
  await relay(s, s.backRules.tcpResponse.empty ? null : responseVerdict);
}

// A TCP stream: content rules on what has arrived, a server, then bytes both ways (configuration.txt 4.2 "mode tcp",
// 4.3 "tcp-request content").
import { RULE_CONTINUE, RULE_DROP, RULE_NOT_YET, RULE_STOP, type Ruleset, type RuleVerdict } from "../rules/mod.ts";
import { logEarly } from "./account.ts";
import { connectServer } from "./connect.ts";
import { relay } from "./relay.ts";
import type { Stream } from "./stream.ts";

/** Runs the whole stream; everything it took is given back by Stream.close(). */
export async function runTcp(s: Stream): Promise<void> {
  s.clientSide.timeoutMs = s.frontend.config.timeouts.client;
  let verdict = await inspect(s, s.frontRules.tcpContent, s.frontRules.inspectDelayMs);
  if (verdict === RULE_CONTINUE && !s.chooseBackend()) return s.ends("S", "C");
  if (verdict === RULE_CONTINUE && s.backService !== s.frontService) {
    verdict = await inspect(s, s.backRules.tcpContent, s.backRules.inspectDelayMs);
  }
  if (verdict !== RULE_CONTINUE) {
    s.ends("P", "R");
    s.resetClient = verdict === RULE_DROP;
    return;
  }
  let connected = connectServer(s);
  if (typeof connected !== "number") connected = await connected;
  if (connected > 0) return s.ends("S", "C");
  if (connected < 0) return s.ends("C", "C");
  if (s.frontRules.logAsap) logEarly(s);
  await relay(s);
}

/** Runs content rules on what has arrived, waiting for more up to the inspection delay while a rule is undecided. */
async function inspect(s: Stream, rules: Ruleset, delayMs: number): Promise<RuleVerdict> {
  if (rules.empty) return RULE_CONTINUE;
  const deadline = s.env.sys.clock.now() + delayMs;
  const client = s.clientSide;
  const timeoutMs = client.timeoutMs;
  s.clientPayload.final = delayMs <= 0;
  for (;;) {
    const verdict = await rules.run(s);
    if (verdict !== RULE_NOT_YET) return verdict === RULE_STOP ? RULE_CONTINUE : verdict;
    // Undecided although nothing more can come: what is absent does not match.
    if (s.clientPayload.final) return RULE_CONTINUE;
    const left = deadline - s.env.sys.clock.now();
    if (left <= 0) {
      s.clientPayload.final = true;
      continue;
    }
    client.timeoutMs = timeoutMs > 0 ? Math.min(timeoutMs, left) : left;
    client.begin();
    const got = await s.front.pull();
    client.done();
    client.timeoutMs = timeoutMs;
    // A full buffer, the end and the delay alike: the rules decide on what there is.
    if (got <= 0) s.clientPayload.final = true;
  }
}

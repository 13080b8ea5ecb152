// Two directions at once, until both ended or one failed: TCP streams and upgraded HTTP connections (configuration.txt
// 4.2 "timeout tunnel", "timeout client-fin", 8.5). A FIN crosses the proxy; the other direction goes on.
import { type Endpoint, RawEndpoint } from "../mux/mod.ts";
import { WAKE_KILL, WAKE_PEER, WAKE_TIMEOUT } from "../sys/types.ts";
import { FORWARD_DONE, FORWARD_SINK_FAILED, FORWARD_SOURCE_FAILED } from "./forward.ts";
import { RULE_CONTINUE, RULE_DROP, RULE_ERROR, type RuleVerdict } from "../rules/mod.ts";
import { countDenied } from "./account.ts";
import type { Stream } from "./stream.ts";

/**
 * Relays until the end; the termination letters say who ended it. Client and server are connected. `judge` looks at what
 * the server sends before any of it is passed on; null: nothing is in the way.
 */
export async function relay(s: Stream, judge: ((s: Stream) => Promise<RuleVerdict>) | null = null): Promise<void> {
  const back = s.back!;
  const t = s.backend!.config.timeouts;
  const tunnelMs = s.tunnelTimeoutMs || t.tunnel;
  if (tunnelMs > 0) s.clientSide.timeoutMs = s.serverSide.timeoutMs = tunnelMs;
  const up = Promise.resolve(s.uploader.run(s.front, back)).then((ended) => {
    if (ended === FORWARD_DONE) halfClosed(s, true);
    else broken(s, ended === FORWARD_SOURCE_FAILED, s.uploader.code);
  });
  const verdict = judge === null ? RULE_CONTINUE : await judge(s);
  if (verdict === RULE_CONTINUE) await download(s, back);
  else refuse(s, verdict);
  await up;
}

async function download(s: Stream, back: Endpoint): Promise<void> {
  const endsHere = s.closeBack && back instanceof RawEndpoint;
  if (endsHere) back.endRead();
  const ended = await s.downloader.run(back, s.front);
  if (ended !== FORWARD_DONE) broken(s, ended === FORWARD_SINK_FAILED, s.downloader.code);
  else if (endsHere) s.wakeAll(WAKE_PEER);
  else halfClosed(s, false);
}

/** A rule does not let the client have what the server sends. */
function refuse(s: Stream, verdict: RuleVerdict): void {
  s.ends(verdict === RULE_ERROR ? "I" : "P", "D");
  if (verdict !== RULE_ERROR) countDenied(s, true);
  s.resetClient = verdict === RULE_DROP;
  s.wakeAll(WAKE_PEER);
}

/** One side finished sending, and the other was told: that one, half closed now, is to end within its fin timeout. */
function halfClosed(s: Stream, byClient: boolean): void {
  const fin = byClient ? s.backend!.config.timeouts.serverFin : s.frontend.config.timeouts.clientFin;
  if (fin === 0) return;
  const side = byClient ? s.serverSide : s.clientSide;
  side.timeoutMs = fin;
  side.activity();
}

/** A direction failed: marks who and how, and ends the other. */
function broken(s: Stream, byClient: boolean, code: number): void {
  if (code !== WAKE_PEER) {
    if (code === WAKE_TIMEOUT) s.ends(byClient ? "c" : "s", "D");
    else if (code === WAKE_KILL) s.ends(s.killCause, "D");
    else s.ends(byClient ? "C" : "S", "D");
  }
  s.wakeAll(WAKE_PEER);
}

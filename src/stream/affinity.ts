// Requests of one session that should reach the server that has served it before (configuration.txt 4.2 "http-reuse",
// "option prefer-last-server", "max-keep-alive-queue"): where it has a connection of its own.
import { HeaderName } from "../http/mod.ts";
import type { Server } from "../proxy/mod.ts";
import { H1Endpoint } from "../mux/mod.ts";
import type { Stream } from "./stream.ts";

const CHALLENGES = [new HeaderName("www-authenticate"), new HeaderName("proxy-authenticate")];

/**
 * A server asks the client for its credentials. Schemes that authenticate the connection instead of each request make it
 * the session's only.
 */
export function noteChallenge(s: Stream): void {
  s.session.challenged = true;
  const name = CHALLENGES[s.response.status === 401 ? 0 : 1];
  for (let row = s.response.findName(name); row >= 0; row = s.response.findName(name, row + 1)) {
    if (!/^(?:ntlm|negotiate)(?:$|[ ,])/i.test(s.response.valueText(row))) continue;
    if (s.back instanceof H1Endpoint) s.back.isPrivate = true;
    return;
  }
}

/** The server to which the session has an idle connection of its own, if it is to go there again; else null. */
export function lastServer(s: Stream): Server | null {
  const { session } = s;
  const backend = s.backend!;
  const { preferLastServer, maxKeepAliveQueue } = backend.config;
  if ((!preferLastServer && !session.challenged) || backend.hashes) return null;
  for (const server of session.ownServers) {
    if (server.proxy !== backend || !server.pool.owns(session)) continue;
    if (session.challenged || maxKeepAliveQueue < 0 || server.hasRoom || server.queued < maxKeepAliveQueue) {
      return server;
    }
  }
  return null;
}

// What options of the proxies change in a message on its way, behind the rules (configuration.txt 4.2 "option forwardfor",
// "unique-id-header"). False: the message has no room for it.
import { type Network, networkContains, parseIp } from "../base/mod.ts";
import { HeaderName } from "../http/mod.ts";
import type { ForwardFor } from "../proxy/mod.ts";
import type { Stream } from "./stream.ts";

export function editRequest(s: Stream): boolean {
  const { uniqueIdHeader } = s.frontRules;
  if (uniqueIdHeader !== "" && s.uniqueId !== "" && !s.request.add(new HeaderName(uniqueIdHeader), s.uniqueId)) {
    return false;
  }
  const forwardFor = s.backend!.config.forwardFor ?? s.frontend.config.forwardFor;
  return forwardFor === null || addForwardFor(s, forwardFor);
}

function addForwardFor(s: Stream, option: ForwardFor): boolean {
  const src = s.session.src;
  if (src.family === "unix" || (option.except !== null && inNetwork(option.except, src.host))) return true;
  const name = new HeaderName(option.header);
  if (option.ifNone && s.request.findName(name) >= 0) return true;
  return s.request.add(name, src.host);
}

function inNetwork(network: Network, host: string): boolean {
  const ip = parseIp(host);
  return ip !== null && networkContains(network, ip);
}

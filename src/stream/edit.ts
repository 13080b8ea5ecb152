// What options of the proxies change in a message on its way, behind the rules (configuration.txt 4.2 "option forwardfor",
// "option originalto", "option forwarded", "unique-id-header"). False: the message has no room for it.
import { type Network, networkContains, parseIp } from "../base/mod.ts";
import { HeaderName } from "../http/mod.ts";
import type { ForwardFor } from "../proxy/mod.ts";
import type { Address } from "../sys/types.ts";
import type { Stream } from "./stream.ts";

const FORWARDED_NAME = new HeaderName("forwarded");

export function editRequest(s: Stream): boolean {
  const { uniqueIdHeader } = s.frontRules;
  if (uniqueIdHeader !== "" && s.uniqueId !== "" && !s.request.add(new HeaderName(uniqueIdHeader), s.uniqueId)) {
    return false;
  }
  const { frontend } = s;
  const backend = s.backend!;
  return addAddress(s, s.session.src, frontend.config.forwardFor, backend.config.forwardFor) &&
    addAddress(s, s.session.dst, frontend.config.originalTo, backend.config.originalTo) &&
    addForwarded(s);
}

/** The backend's header name counts before the frontend's, an exception of either counts, `if-none` only when both say so. */
function addAddress(s: Stream, address: Address, front: ForwardFor | null, back: ForwardFor | null): boolean {
  const option = back ?? front;
  if (option === null || address.family === "unix") return true;
  if (isExcepted(front, address.host) || isExcepted(back, address.host)) return true;
  const name = new HeaderName(option.header);
  const ifNone = option.ifNone && (front === null || front.ifNone);
  if (ifNone && s.request.findName(name) >= 0) return true;
  return s.request.add(name, address.host);
}

/** Adds a Forwarded field, unless there is nothing to say: a port alone is not. */
function addForwarded(s: Stream): boolean {
  const { forwarded } = s.backRules;
  if (forwarded === null) return true;
  const value = forwarded(s);
  return value === "" || s.request.add(FORWARDED_NAME, value);
}

function isExcepted(option: ForwardFor | null, host: string): boolean {
  return option !== null && option.except !== null && inNetwork(option.except, host);
}

function inNetwork(network: Network, host: string): boolean {
  const ip = parseIp(host);
  return ip !== null && networkContains(network, ip);
}

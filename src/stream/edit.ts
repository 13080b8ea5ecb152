// What options of the proxies change in a message on its way, behind the rules (configuration.txt 4.2 "option forwardfor",
// "option originalto", "option forwarded", "unique-id-header"). False: the message has no room for it.
import { type Network, networkContains, parseIp } from "../base/mod.ts";
import { HeaderName } from "../http/mod.ts";
import type { ForwardedParameter, ForwardFor } from "../proxy/mod.ts";
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
    (backend.config.forwarded === null || addForwarded(s, backend.config.forwarded));
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

/** Adds a Forwarded field (RFC 7239 4), unless nothing is to be said: a port alone is not. */
function addForwarded(s: Stream, parameters: ReadonlySet<ForwardedParameter>): boolean {
  const { session } = s;
  const pairs: string[] = [];
  if (parameters.has("proto")) pairs.push(session.ssl ? "proto=https" : "proto=http");
  if (parameters.has("by")) pairs.push(`by=${forwardedNode(session.dst, parameters.has("by_port"))}`);
  if (parameters.has("for")) pairs.push(`for=${forwardedNode(session.src, parameters.has("for_port"))}`);
  return pairs.length === 0 || s.request.add(FORWARDED_NAME, pairs.join(";"));
}

/** A node (RFC 7239 6): quoted as soon as it has a colon. */
function forwardedNode(address: Address, withPort: boolean): string {
  if (address.family === "unix") return "unknown";
  const name = address.family === "ipv6" ? `[${address.host}]` : address.host;
  const node = withPort ? `${name}:${address.port}` : name;
  return node.includes(":") ? `"${node}"` : node;
}

function isExcepted(option: ForwardFor | null, host: string): boolean {
  return option !== null && option.except !== null && inNetwork(option.except, host);
}

function inNetwork(network: Network, host: string): boolean {
  const ip = parseIp(host);
  return ip !== null && networkContains(network, ip);
}

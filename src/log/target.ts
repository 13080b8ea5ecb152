// Where a `log` line sends to (configuration.txt 4.2 "log", <target>): a descriptor, an address that takes datagrams, or
// one of the kinds that need a ring or a log backend, which are refused by name.
import { parseIp } from "../base/mod.ts";
import type { Address } from "../sys/types.ts";

export type LogTarget =
  /** Standard output (1) or error (2). */
  | { readonly kind: "descriptor"; readonly number: 1 | 2 }
  | { readonly kind: "datagram"; readonly address: Address };

const SYSLOG_PORT = 514;

/** Reads a target; a string is the reason why it cannot be used. */
export function parseLogTarget(text: string): LogTarget | string {
  if (text === "stdout") return { kind: "descriptor", number: 1 };
  if (text === "stderr") return { kind: "descriptor", number: 2 };
  if (text.startsWith("/")) return { kind: "datagram", address: { family: "unix", path: text } };
  const at = text.indexOf("@");
  if (at < 0) return internetTarget(text, text, "any");
  const rest = text.slice(at + 1);
  switch (text.slice(0, at)) {
    case "fd":
      return descriptorTarget(text, rest);
    case "unix":
    case "uxdg":
      if (rest === "") return `a path is missing in '${text}'`;
      return { kind: "datagram", address: { family: "unix", path: rest } };
    case "abns":
      if (rest === "") return `a name is missing in '${text}'`;
      return { kind: "datagram", address: { family: "unix", path: "\0" + rest } };
    case "udp":
      return internetTarget(text, rest, "any");
    case "ipv4":
    case "udp4":
      return internetTarget(text, rest, "ipv4");
    case "ipv6":
    case "udp6":
      return internetTarget(text, rest, "ipv6");
    case "ring":
      return `'${text}': log targets in rings are not supported yet`;
    case "backend":
      return `'${text}': log targets in log backends are not supported yet`;
    case "tcp":
    case "tcp4":
    case "tcp6":
    case "uxst":
      return `'${text}': stream log targets are not supported yet`;
    default:
      return `unknown address family in '${text}'`;
  }
}

function descriptorTarget(text: string, number: string): LogTarget | string {
  if (!/^[0-9]+$/.test(number)) return `file descriptor '${number}' is not a valid integer in '${text}'`;
  if (Number(number) === 1) return { kind: "descriptor", number: 1 };
  if (Number(number) === 2) return { kind: "descriptor", number: 2 };
  return `'${text}': only the descriptors 1 (stdout) and 2 (stderr) are supported`;
}

function internetTarget(whole: string, text: string, family: "ipv4" | "ipv6" | "any"): LogTarget | string {
  const colon = text.lastIndexOf(":");
  // What follows the last colon is the port, as everywhere in the configuration; only brackets protect an address.
  const bracketed = text.startsWith("[") && text.endsWith("]");
  let host = colon < 0 || bracketed ? text : text.slice(0, colon);
  const portText = colon < 0 || bracketed ? "" : text.slice(colon + 1);
  if (host.startsWith("[") && host.endsWith("]")) host = host.slice(1, -1);
  const port = portText === "" ? SYSLOG_PORT : parsePort(portText);
  if (port < 0) return `invalid port '${portText}'`;
  const bytes = parseIp(host);
  if (bytes === null) return `invalid address: '${host}' in '${whole}'`;
  const found = bytes.length === 4 ? "ipv4" : "ipv6";
  if (family !== "any" && family !== found) return `'${host}' is not an ${family} address in '${whole}'`;
  return { kind: "datagram", address: { family: found, host, port } };
}

/** A port from 1; -1 for what is none. Port 0 stands for the default one. */
function parsePort(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text)) return -1;
  const port = Number(text);
  if (port === 0) return SYSLOG_PORT;
  return port > 65535 ? -1 : port;
}

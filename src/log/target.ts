// Where a `log` line sends to (configuration.txt 4.2 "log", <target>): a descriptor, or an address that takes datagrams.
// The kinds that need a ring, a log backend or a resolver are refused by name.
import { parseAddress } from "../config/mod.ts";
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
  if (text.startsWith("ring@")) return `'${text}': rings are not supported as log targets yet`;
  if (text.startsWith("backend@")) return `'${text}': log backends are not supported as log targets yet`;
  const node = parseAddress(text, {
    ports: "optional",
    zero: true,
    transport: "dgram",
    transports: ["dgram", "stream"],
    fd: true,
  });
  if (typeof node === "string") return node;
  if (node.transport === "stream") return `'${text}': stream addresses are not supported as log targets yet`;
  switch (node.family) {
    case "ipv4":
    case "ipv6":
      return { kind: "datagram", address: { family: node.family, host: node.host, port: node.port || SYSLOG_PORT } };
    case "unix":
      return { kind: "datagram", address: { family: "unix", path: node.host } };
    case "abns":
      return { kind: "datagram", address: { family: "unix", path: "\0" + node.host } };
    case "fd":
      if (Number(node.host) === 1) return { kind: "descriptor", number: 1 };
      if (Number(node.host) === 2) return { kind: "descriptor", number: 2 };
      return `'${text}': only the descriptors 1 (stdout) and 2 (stderr) are supported as log targets`;
    case "name":
      return `'${text}': host names are not supported as log targets yet`;
    default:
      return `'${text}': addresses of this family are not supported as log targets`;
  }
}

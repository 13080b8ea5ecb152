// Where a `log` line sends to (configuration.txt 4.2 "log", <target>): a descriptor, or an address that takes datagrams or connections.
// The kinds that need a ring, a log backend or a resolver are refused by name.
import { type AddressNode, parseAddress } from "../config/mod.ts";
import type { Address } from "../sys/types.ts";

export type LogTarget =
  /** Standard output (1), error (2), or another descriptor the process was started with. */
  | { readonly kind: "descriptor"; readonly number: number }
  | { readonly kind: "datagram"; readonly address: Address }
  /** Datagrams to a unix socket that the runtime guards: threads may not use it, main sends for them. */
  | { readonly kind: "guarded"; readonly address: Address }
  /** Lines over a connection that main keeps. */
  | { readonly kind: "stream"; readonly address: Address };

/** What main sends to for all threads. */
export type RelayTarget = Exclude<LogTarget, { kind: "datagram" }>;

/** A target as messages name it. */
export function targetName(target: LogTarget): string {
  if (target.kind === "descriptor") return `fd@${target.number}`;
  const { address } = target;
  const text = address.family === "unix"
    ? address.path.startsWith("\0") ? `abns@${address.path.slice(1)}` : address.path
    : address.family === "ipv6"
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`;
  return target.kind === "stream" ? `${address.family === "unix" ? "uxst" : "tcp"}@${text}` : text;
}

const SYSLOG_PORT = 514;

/** As the configuration has it: a host name in it is resolved before anything is opened. */
export type LogTargetNode =
  | (LogTarget & { readonly kind: "descriptor" })
  | { readonly kind: "datagram" | "stream"; readonly address: AddressNode };

/** Reads a target; a string is the reason why it cannot be used. */
export function parseLogTarget(text: string): LogTargetNode | string {
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
  switch (node.family) {
    case "ipv4":
    case "ipv6":
    case "name":
    case "unix":
    case "abns":
      return { kind: node.transport === "stream" ? "stream" : "datagram", address: node };
    case "fd":
      return { kind: "descriptor", number: Number(node.host) };
    default:
      return `'${text}': addresses of this family are not supported as log targets`;
  }
}

/** What is sent to. A name that has no address (explain resolves none) is nowhere. */
export function targetOf(node: LogTargetNode): LogTarget {
  if (node.kind === "descriptor") return node;
  const { kind, address } = node;
  const { family, host, port } = address;
  switch (family) {
    case "unix":
      return {
        kind: kind === "datagram" && isGuarded(host) ? "guarded" : kind,
        address: { family: "unix", path: host },
      };
    case "abns":
      return { kind, address: { family: "unix", path: "\0" + host } };
    case "ipv4":
    case "ipv6":
      return { kind, address: { family, host, port: port || SYSLOG_PORT } };
    default:
      return { kind, address: { family: "ipv4", host: "0.0.0.0", port: port || SYSLOG_PORT } };
  }
}

/** Below these the runtime lets only who may everything use a socket, whatever else was granted. */
export function isGuarded(path: string): boolean {
  return /^\/(?:dev|proc|sys)\//.test(path);
}

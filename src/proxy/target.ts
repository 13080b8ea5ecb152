// Where a server is reached: its address with the parts that the client's connection decides (configuration.txt 4.2
// "server": no port, a relative port, the addresses "*" and "0.0.0.0").
import type { AddressNode } from "../config/mod.ts";
import type { Address } from "../sys/types.ts";

/**
 * The address to connect to. `resolved` stands for the node's own when it was set or resolved since; `client` is what the
 * client connected to. Null: a name without address, or an address that only a client's connection can tell.
 */
export function targetAddress(
  node: AddressNode,
  resolved: Address | null = null,
  client: Address | null = null,
): Address | null {
  switch (node.family) {
    case "unix":
      return { family: "unix", path: node.host };
    case "abns":
      // The whole of sun_path counts: padded with NUL to 107 bytes behind the leading one.
      return { family: "unix", path: "\0" + node.host.padEnd(107, "\0") };
    case "abnsz":
      return { family: "unix", path: "\0" + node.host + "\0" };
    case "ipv4":
    case "ipv6":
    case "name":
      break;
    default:
      return null;
  }
  const own: Address | null = resolved ??
    (node.family === "name" ? null : { family: node.family, host: node.host, port: node.port });
  if (own === null || own.family === "unix") return own;
  const asClient = own.host === "0.0.0.0" || own.host === "::";
  if (client === null || client.family === "unix") {
    // Without a client (health checks, statistics) only what the configuration says is known.
    return { family: own.family, host: own.host, port: node.portKind === "fixed" ? own.port : 0 };
  }
  const port = node.portKind === "fixed"
    ? own.port
    : node.portKind === "offset"
    ? (client.port + node.port) & 0xffff
    : client.port;
  return asClient ? { family: client.family, host: client.host, port } : { family: own.family, host: own.host, port };
}

/** Whether the client's connection decides a part of the address. */
export function dependsOnClient(node: AddressNode): boolean {
  if (node.family !== "ipv4" && node.family !== "ipv6" && node.family !== "name") return false;
  return node.portKind !== "fixed" || node.host === "0.0.0.0" || node.host === "::";
}

// Where the connections to a server come from (configuration.txt 4.2 and 5.2 "source"): an address, ports of a range in
// turn, or the address of somebody else.
import { formatIp, isMappedIpv4, parseIp, unmapIp } from "../base/mod.ts";
import type { Address, Connecting, ConnectSpec, Net } from "../sys/types.ts";
import { IO_DENIED, IO_UNREACHABLE } from "../sys/types.ts";
import type { SourceConfig } from "./config.ts";

/** Whose connection to a server it is: what `usesrc` may take the address from. */
export interface Client {
  readonly src: Address;
  /** A value of a list in a header of the request; null when there is none. */
  headerValue(name: string, occurrence: number): string | null;
}

/** An IPv4 address that a socket of both families shows as an IPv6 one. */
function unmapped(address: Address | null): Address | null {
  const bytes = address === null || address.family !== "ipv6" ? null : parseIp(address.host);
  if (bytes === null || !isMappedIpv4(bytes) || address!.family !== "ipv6") return address;
  return { family: "ipv4", host: formatIp(unmapIp(bytes)), port: address!.port };
}

/** A connect that cannot be: from an address of another family. */
const IMPOSSIBLE: Connecting = { done: IO_UNREACHABLE, wake: () => false };

/** Ports of a range that are tried for one connection: one may still be in use. */
const MOST_TRIES = 64;

export class Source {
  readonly #config: SourceConfig;
  #next = 0;

  constructor(config: SourceConfig) {
    this.#config = config;
  }

  /** Begins a connect; `client` is null for health checks, which come from the address itself. */
  connect(net: Net, spec: ConnectSpec, client: Client | null): Connecting {
    const { address, portEnd } = this.#config;
    const other = client === null ? null : unmapped(this.addressOf(client));
    if (other !== null && other.family !== spec.remote.family) return IMPOSSIBLE;
    if (other !== null) return net.connect({ ...spec, local: other });
    const options = spec.options?.transparent === true ? { ...spec.options, transparent: undefined } : spec.options;
    const plain: ConnectSpec = { remote: spec.remote, options };
    if (address === null || address.family === "unix") return net.connect(plain);
    if (address.family !== spec.remote.family) return IMPOSSIBLE;
    const count = portEnd - address.port + 1;
    if (count <= 1) return net.connect({ ...plain, local: address });
    for (let tries = Math.min(count, MOST_TRIES);; tries--) {
      const port = address.port + this.#next;
      this.#next = (this.#next + 1) % count;
      const connecting = net.connect({ ...plain, local: { ...address, port } });
      const { done } = connecting;
      if (tries === 1 || (done !== IO_UNREACHABLE && done !== IO_DENIED)) return connecting;
    }
  }

  /** What `usesrc` says; null: nothing for this client. */
  addressOf(client: Client): Address | null {
    const from = this.#config.useSource;
    if (from === null) return null;
    switch (from.kind) {
      case "address":
        return from.address;
      case "client":
        return client.src.family === "unix" ? null : client.src;
      case "clientip":
        return client.src.family === "unix" ? null : { ...client.src, port: 0 };
      case "header": {
        const host = client.headerValue(from.name, from.occurrence);
        const bytes = host === null ? null : parseIp(host.trim());
        return bytes === null ? null : { family: bytes.length === 4 ? "ipv4" : "ipv6", host: host!.trim(), port: 0 };
      }
    }
  }
}

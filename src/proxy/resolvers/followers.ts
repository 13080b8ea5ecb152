// Servers whose names are resolved while the process runs (configuration.txt 5.3, 5.2 "resolvers"): main asks again and
// again, gives servers other addresses, and takes those out of service whose names have had none for the time that `hold`
// says.
//
// Servers of one name, section and preferred family are a group with one clock. An address that an answer does not have any
// more counts for `hold obsolete` longer.
import { networkContains, parseIp, spawn, Timer, type Wheel } from "../../base/mod.ts";
import type { Address } from "../../sys/types.ts";
import type { ServerControl } from "../control.ts";
import type { PreferredFamily } from "./config.ts";
import type { Resolution, Resolver } from "./resolver.ts";

/** What messages call a status. */
const STATUS_NAMES = { nx: "NX", refused: "refused", timeout: "timeout", other: "unspecified" } as const;

export interface FollowersParts {
  readonly servers: ServerControl;
  readonly wheel: Wheel;
  now(): number;
  /** Tells every thread where a server is. */
  announce(row: number, address: Address): void;
  bug(error: unknown): void;
}

class Group {
  readonly name: string;
  readonly prefer: PreferredFamily;
  readonly resolver: Resolver;
  /** Places of the servers. */
  readonly rows: number[] = [];
  /** When each address was last in an answer. */
  readonly seen = new Map<string, number>();
  /** When a valid answer came last; at first: the start, so that `hold` counts from there. */
  validAt: number;
  readonly timer: Timer<Group>;

  constructor(name: string, prefer: PreferredFamily, resolver: Resolver, now: number, due: (group: Group) => void) {
    this.name = name;
    this.prefer = prefer;
    this.resolver = resolver;
    this.validAt = now;
    this.timer = new Timer<Group>(this, (timer) => due(timer.owner));
  }
}

export class Followers {
  readonly #parts: FollowersParts;
  readonly #groups = new Map<string, Group>();
  #stopped = false;

  /** `resolverOf`: the resolver of a section, which exists. */
  constructor(parts: FollowersParts, resolverOf: (section: string) => Resolver) {
    this.#parts = parts;
    for (const { row, server, backend } of parts.servers.all) {
      if (server.fqdn === "" || server.resolvers === "" || backend.disabled) continue;
      const key = `${server.resolvers} ${server.resolvePrefer} ${server.fqdn.toLowerCase()}`;
      let group = this.#groups.get(key);
      if (group === undefined) {
        const due = (late: Group) => this.#resolve(late);
        group = new Group(server.fqdn, server.resolvePrefer, resolverOf(server.resolvers), parts.now(), due);
        this.#groups.set(key, group);
      }
      group.rows.push(row);
    }
  }

  start(): void {
    for (const group of this.#groups.values()) this.#resolve(group);
  }

  stop(): void {
    this.#stopped = true;
    for (const group of this.#groups.values()) this.#parts.wheel.cancel(group.timer);
  }

  #resolve(group: Group): void {
    spawn(group.resolver.resolve(group.name, group.prefer).then((r) => this.#resolved(group, r)), this.#parts.bug);
  }

  #resolved(group: Group, resolution: Resolution): void {
    if (this.#stopped) return;
    const { config } = group.resolver;
    const now = this.#parts.now();
    if (resolution.status === "valid") this.#valid(group, resolution.addresses, resolution.nameserver, now);
    else if (now - group.validAt >= config.hold[resolution.status]) {
      for (const row of group.rows) this.#parts.servers.resolvesNoMore(row, STATUS_NAMES[resolution.status]);
    }
    this.#parts.wheel.armIn(group.timer, config.resolveMs);
  }

  #valid(group: Group, addresses: readonly string[], nameserver: string, now: number): void {
    const { config } = group.resolver;
    group.validAt = now;
    for (const address of addresses) group.seen.set(address, now);
    for (const [address, at] of group.seen) {
      if (at < now && now - at >= config.hold.obsolete) group.seen.delete(address);
    }
    const { servers } = this.#parts;
    // The latest answer first, then what is only remembered.
    const known = [...addresses, ...[...group.seen.keys()].filter((address) => !addresses.includes(address))];
    for (const row of group.rows) {
      const address = this.#choose(group, row, known);
      if (address === null) {
        servers.resolvesNoMore(row, STATUS_NAMES.other);
        continue;
      }
      if (this.#hostOf(row) !== address) this.#move(row, address, `${config.name}/${nameserver}`);
      servers.resolves(row);
    }
  }

  /** The address a server has, when its name still has it; else one in its networks, or any, that no other one uses. */
  #choose(group: Group, row: number, known: readonly string[]): string | null {
    const { server } = this.#parts.servers.at(row);
    const taken = this.#taken(group, row);
    const free = server.allowDuplicates ? known : known.filter((address) => !taken.has(address));
    const own = this.#hostOf(row);
    if (own !== null && free.includes(own)) return own;
    const unused = free.filter((address) => !taken.has(address));
    const choices = unused.length > 0 ? unused : free;
    const inNet = choices.find((address) => {
      const ip = parseIp(address)!;
      return server.resolveNets.some((net) => networkContains(net, ip));
    });
    return inNet ?? choices[0] ?? null;
  }

  /** Addresses of the other servers of the backend, name and port, which are in service. */
  #taken(group: Group, row: number): Set<string> {
    const { servers } = this.#parts;
    const { proxy, server } = servers.at(row);
    const taken = new Set<string>();
    for (const other of group.rows) {
      const place = servers.at(other);
      if (other === row || place.proxy !== proxy || place.server.address.port !== server.address.port) continue;
      const host = this.#hostOf(other);
      if (host !== null) taken.add(host);
    }
    return taken;
  }

  /** The address of a server in service; null without. */
  #hostOf(row: number): string | null {
    const { servers } = this.#parts;
    if (servers.unresolved(row)) return null;
    const address = servers.address(row);
    return address === null || address.family === "unix" ? null : address.host;
  }

  #move(row: number, host: string, by: string): void {
    const { servers } = this.#parts;
    const { server } = servers.at(row);
    const family = host.includes(":") ? "ipv6" : "ipv4";
    const { portKind, port } = server.address;
    const address: Address = { family, host, port: portKind === "fixed" ? port : 0 };
    servers.resolvedTo(row, address, by);
    this.#parts.announce(row, address);
  }
}

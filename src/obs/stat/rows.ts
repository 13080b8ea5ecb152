// The objects the statistics show – frontends, listeners, servers, backends – as a reader of the shared segment sees them
// (management.txt 9.1). Any thread, and main, can look; nothing here changes anything.
import type { Address } from "../../sys/types.ts";
import {
  type BindConfig,
  inMaintenance,
  isAble,
  isServing,
  type ProxyConfig,
  type ServerConfig,
  slowStartPercent,
  targetAddress,
} from "../../proxy/mod.ts";
import {
  BACKEND_DOWN,
  backendRow,
  type Column,
  FRONTEND_PAUSED,
  FRONTEND_STOPPED,
  frontendRow,
  LISTENER,
  listenerRow,
  listenerWord,
  PROXY,
  proxyWord,
  SERVER,
  serverRow,
  serverWord,
  type Shared,
} from "../../table/mod.ts";

/** What there is to look at. */
export interface StatSource {
  readonly shared: Shared;
  readonly configs: readonly ProxyConfig[];
  /** Milliseconds since process start. */
  now(): number;
  /** The listeners are closed: a stop is under way. */
  stopping(): boolean;
  /** Where a server is reached now, by its place in the layout; null while it has no address. */
  addressOf(server: number): Address | null;
}

abstract class Row {
  readonly source: StatSource;
  readonly proxy: ProxyConfig;
  /** Place of the proxy in the layout. */
  readonly place: number;
  /** Row of its counters, and its first word, in the segment. */
  protected abstract readonly row: number;
  protected abstract readonly word: number;

  constructor(source: StatSource, place: number) {
    this.source = source;
    this.proxy = source.configs[place];
    this.place = place;
  }

  get http(): boolean {
    return this.proxy.mode === "http";
  }

  total(column: Column): number {
    return this.source.shared.total(this.row, column);
  }

  load(word: number): number {
    return this.source.shared.load(this.word + word);
  }

  /** Events of the last second. */
  rate(word: number): number {
    return this.source.shared.rate(this.word + word).read(this.source.now());
  }

  get seconds(): number {
    return Math.floor(this.source.now() / 1000);
  }
}

export class FrontendRow extends Row {
  readonly kind = "F";
  readonly name = "FRONTEND";
  /** Frontends and backends have none. */
  readonly id = 0;
  protected readonly row: number;
  protected readonly word: number;

  constructor(source: StatSource, place: number) {
    super(source, place);
    this.row = frontendRow(place);
    this.word = proxyWord(place);
  }

  get status(): string {
    const listening = this.load(PROXY.listening);
    if (this.source.stopping() || listening === FRONTEND_STOPPED) return "STOP";
    return listening === FRONTEND_PAUSED ? "PAUSED" : "OPEN";
  }
}

export class ListenerRow extends Row {
  readonly kind = "L";
  readonly name: string;
  readonly id: number;
  readonly bind: BindConfig;
  protected readonly row: number;
  protected readonly word: number;

  constructor(source: StatSource, place: number, listener: number, bind: BindConfig) {
    super(source, place);
    this.bind = bind;
    this.id = bind.id;
    this.name = bind.name || `sock-${bind.id}`;
    this.row = listenerRow(source.shared.layout, listener);
    this.word = listenerWord(source.shared.layout, listener);
  }

  get status(): string {
    if (this.source.stopping()) return "STOP";
    const { maxconn } = this.bind;
    if (maxconn > 0 && this.load(LISTENER.conns) >= maxconn) return "FULL";
    const limit = this.source.shared.load(proxyWord(this.place) + PROXY.maxconn);
    return limit > 0 && this.source.shared.load(proxyWord(this.place) + PROXY.feConns) >= limit ? "WAITING" : "OPEN";
  }

  get address(): string {
    return addressText(targetAddress(this.bind.address));
  }
}

export class ServerRow extends Row {
  readonly kind = "S";
  readonly name: string;
  readonly id: number;
  readonly server: ServerConfig;
  /** Its place in the layout. */
  readonly index: number;
  protected readonly row: number;
  protected readonly word: number;

  constructor(source: StatSource, place: number, index: number, server: ServerConfig) {
    super(source, place);
    this.server = server;
    this.index = index;
    this.name = server.name;
    this.id = server.id;
    this.row = serverRow(source.shared.layout, index);
    this.word = serverWord(source.shared.layout, index);
  }

  /** May serve at all: not down, not in maintenance. */
  get serving(): boolean {
    return isServing(this.source.shared, this.index, this.server.rise);
  }

  /** Its health is checked; no command has stopped that. */
  get checked(): boolean {
    return this.server.check && this.load(SERVER.checkOff) === 0;
  }

  /** Down, but on its way up. */
  get goingUp(): boolean {
    const health = this.load(SERVER.health);
    return health > 0 && health < this.server.rise && !inMaintenance(this.load(SERVER.admin));
  }

  /** Its weight now, a slow start taken into account. */
  get weight(): number {
    const weight = this.load(SERVER.weight);
    return weight === 0 ? 0 : Math.max(1, Math.ceil(weight * this.throttle / 100));
  }

  /** Percent of the weight that counts. */
  get throttle(): number {
    return slowStartPercent(this.source.shared, this.index, this.server.slowstartMs, this.source.now());
  }

  /** Down time until now, s. */
  get downtime(): number {
    return this.load(SERVER.downtime) + (this.serving ? 0 : this.seconds - this.load(SERVER.lastChange));
  }

  /** What the last check said. A server may have said it: no control characters. */
  get checkInfo(): string {
    return this.source.shared.text(this.word + SERVER.checkInfo).replace(/[^ -~\x80-\xff]/g, "?");
  }

  get address(): string {
    return addressText(this.source.addressOf(this.index));
  }
}

export class BackendRow extends Row {
  readonly kind = "B";
  readonly name = "BACKEND";
  readonly id = 0;
  /** Servers that get streams from the balancer when it is their turn, without and among the backups. */
  readonly active: number;
  readonly backups: number;
  /** Weight of those that would get the next stream, a slow start taken into account, and as it is set. */
  readonly weight: number;
  readonly userWeight: number;
  /** A server that is down, and not in maintenance, has passed a check. */
  readonly goingUp: boolean;
  protected readonly row: number;
  protected readonly word: number;

  constructor(source: StatSource, place: number, firstServer: number) {
    super(source, place);
    const { shared } = source;
    this.row = backendRow(shared.layout, place);
    this.word = proxyWord(place);
    const servers = this.proxy.servers.map((server, i) => new ServerRow(source, place, firstServer + i, server));
    this.goingUp = servers.some((row) => row.goingUp);
    const able = servers.filter((row) => isAble(shared, row.index, row.server.rise));
    const normal = able.filter((row) => !row.server.backup);
    const backups = able.filter((row) => row.server.backup);
    const used = normal.length > 0 ? normal : this.proxy.allBackups ? backups : backups.slice(0, 1);
    this.active = normal.length;
    this.backups = backups.length;
    this.weight = used.reduce((sum, row) => sum + row.weight, 0);
    this.userWeight = used.reduce((sum, row) => sum + row.load(SERVER.weight), 0);
  }

  /** A backend without servers answers by itself: it is up. */
  get up(): boolean {
    return this.weight > 0 || this.proxy.servers.length === 0;
  }

  /** Down time until now, s. */
  get downtime(): number {
    const down = this.load(PROXY.beState) === BACKEND_DOWN ? this.seconds - this.load(PROXY.beChange) : 0;
    return this.load(PROXY.beDowntime) + down;
  }
}

export type StatRow = FrontendRow | ListenerRow | ServerRow | BackendRow;

/** "127.0.0.1:80", "[::1]:80", "unix"; "" for a name without an address. */
function addressText(address: Address | null): string {
  if (address === null) return "";
  if (address.family === "unix") return "unix";
  return address.family === "ipv6" ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

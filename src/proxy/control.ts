// What an operator does to servers and frontends while they run (management.txt 9.3 "set server", "set weight",
// "set maxconn", "disable server"): main's side. It writes the administrative words of the shared segment, lets all threads
// see them, and tells what happened in HAProxy's lines.
import { C, PROXY, proxyWord, SERVER, serverRow, serverWord, type Shared } from "../table/mod.ts";
import type { Address } from "../sys/types.ts";
import type { ProxyConfig, ServerConfig } from "./config.ts";
import { emptyEvent, farmCounts, LOG_ALERT, LOG_NOTICE, serverEvent, serverTitle } from "./server_lines.ts";
import {
  ADMIN_DRAIN,
  ADMIN_MAINT,
  ADMIN_MAINT_CONFIG,
  ADMIN_MAINT_RESOLUTION,
  draining,
  inMaintenance,
  type ServerEvent,
} from "./server_state.ts";
import { isAble, isServing, noteServerChange } from "./server_status.ts";
import { targetAddress } from "./target.ts";

export type AdminState = "ready" | "drain" | "maint";

const MAX_WEIGHT = 256;
const MAX_CONN = 2147483647;

/** A server by its names, with its places. */
interface Place {
  readonly proxy: number;
  readonly row: number;
  readonly backend: ProxyConfig;
  readonly server: ServerConfig;
}

export class ServerControl {
  readonly #shared: Shared;
  readonly #report: (event: ServerEvent) => void;
  readonly #changed: (proxy: number) => void;
  readonly #now: () => number;
  readonly #places: Place[] = [];
  /** Addresses set by commands, by place. */
  readonly #addresses = new Map<number, Address>();

  /**
   * `report`: main logs the event. `changed`: it sends all threads a "state" nudge for the proxy. `now`: ms since process
   * start.
   */
  constructor(
    shared: Shared,
    configs: readonly ProxyConfig[],
    report: (event: ServerEvent) => void,
    changed: (proxy: number) => void,
    now: () => number,
  ) {
    this.#shared = shared;
    this.#report = report;
    this.#changed = changed;
    this.#now = now;
    configs.forEach((backend, proxy) => {
      for (const server of backend.servers) this.#places.push({ proxy, row: this.#places.length, backend, server });
    });
  }

  /** The place in the layout of a server, -1 when there is none of these names. */
  find(backend: string, server: string): number {
    return this.#places.findIndex((p) => p.backend.name === backend && p.server.name === server);
  }

  /** The server at a place of the layout. */
  at(row: number): Place {
    return this.#places[row];
  }

  /** All servers, by their places. */
  get all(): readonly Place[] {
    return this.#places;
  }

  /** `set server <b>/<s> state ...`, `disable server`, `enable server`. */
  setState(row: number, state: AdminState): void {
    const admin = this.#load(row, SERVER.admin);
    const maintenance = ADMIN_MAINT | ADMIN_MAINT_CONFIG;
    const wanted = state === "maint"
      ? admin | ADMIN_MAINT
      : state === "drain"
      ? (admin & ~maintenance) | ADMIN_DRAIN
      : admin & ~(maintenance | ADMIN_DRAIN);
    if (state === "maint" ? inMaintenance(admin) : wanted === admin) return;
    const before = { maintenance: inMaintenance(admin), drain: draining(admin), up: this.#up(row) };
    this.#noteChange(row);
    this.#store(row, SERVER.admin, wanted);
    this.#touch(row);
    const after = { maintenance: inMaintenance(wanted), drain: draining(wanted) };
    if (after.maintenance) this.#entersMaintenance(row, before.up);
    else if (before.maintenance) this.#leavesMaintenance(row, after.drain);
    else if (after.drain) this.#entersDrain(row, before.up);
    else if (before.drain) this.#say(row, "ready", `is ${before.up ? "UP" : "DOWN"} (leaving forced drain).`);
  }

  /** `set server <b>/<s> health ...`: what the checks found is overruled until the next ones. "" or why not. */
  setHealth(row: number, health: "up" | "stopping" | "down"): string {
    const { server } = this.#places[row];
    const was = this.#up(row);
    const up = health !== "down";
    const stopping = this.#load(row, SERVER.stopping);
    const stops = health === "stopping" ? 1 : 0;
    this.#store(row, SERVER.stopping, stops);
    if (was !== up || stopping !== stops) {
      this.#noteChange(row);
      if (!up) this.#shared.counters(serverRow(this.#shared.layout, row)).add(C.chkdown);
    }
    this.#store(row, SERVER.health, up ? server.rise + server.fall - 1 : 0);
    this.#touch(row);
    if (was !== up || stopping !== stops) {
      const kind = up ? "up" : "down";
      this.#say(
        row,
        kind,
        `is ${stops === 1 ? "stopping" : up ? "UP" : "DOWN"}, changed from CLI.${this.#counts(row, up)}`,
        up ? LOG_NOTICE : LOG_ALERT,
      );
      if (!up || stops === 1) this.#sayWhenEmpty(row);
    }
    return "";
  }

  /** `set server <b>/<s> weight <w>`, `set weight`: an absolute weight or a percentage of the configured one. "" or why not. */
  setWeight(row: number, text: string): string {
    const { backend, server } = this.#places[row];
    const parts = /^([0-9]{1,9})(%?)$/.exec(text);
    if (parts === null) {
      if (/^-[0-9]{1,9}$/.test(text)) return "Absolute weight can only be between 0 and 256 inclusive.";
      return /^[0-9]/.test(text)
        ? "Trailing garbage in weight string"
        : "Empty weight string empty or preceded by garbage";
    }
    let weight = Number(parts[1]);
    if (parts[2] === "%") {
      weight = Math.floor(server.weight * weight / 100);
      if (weight > MAX_WEIGHT) weight = MAX_WEIGHT;
    } else if (weight > MAX_WEIGHT) {
      return "Absolute weight can only be between 0 and 256 inclusive.";
    }
    if (isStatic(backend) && weight !== 0 && weight !== server.weight) {
      return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.";
    }
    this.#store(row, SERVER.weight, weight);
    this.#touch(row);
    return "";
  }

  /** `set maxconn server <b>/<s> <n>`. "" or why not. */
  setMaxconn(row: number, text: string): string {
    const maxconn = parseMaxconn(text);
    if (typeof maxconn === "string") return maxconn;
    this.#store(row, SERVER.maxconn, maxconn);
    this.#touch(row);
    return "";
  }

  /** Where a server is reached, null without an address of its own: as commands set it, else as configured. */
  address(row: number): Address | null {
    return this.#addresses.get(row) ?? targetAddress(this.#places[row].server.address);
  }

  /** `set server <b>/<s> addr`: what is known of it here. Threads are told by who asked. */
  setAddress(row: number, address: Address): void {
    this.#addresses.set(row, address);
  }

  // ---- names (5.3): what the resolvers found -----------------------------------------------------------------------

  /** It waits for its name to have an address. */
  unresolved(row: number): boolean {
    return (this.#load(row, SERVER.admin) & ADMIN_MAINT_RESOLUTION) !== 0;
  }

  /** Its name has another address, found by `by`: the section and its name server. Threads are told by who asked. */
  resolvedTo(row: number, address: Address, by: string): void {
    const { proxy, backend, server } = this.#places[row];
    const old = this.unresolved(row) ? null : this.address(row);
    const hostOf = (one: Address | null) => one === null || one.family === "unix" ? "(none)" : one.host;
    this.#addresses.set(row, address);
    const text = `${backend.name}/${server.name} changed its IP from ${hostOf(old)} to ${hostOf(address)} by ${by}.`;
    this.#report(serverEvent(proxy, row, "ready", LOG_NOTICE, text));
  }

  /** Its name has an address again. */
  resolves(row: number): void {
    const { server } = this.#places[row];
    if (!this.unresolved(row)) return;
    const admin = this.#load(row, SERVER.admin) & ~ADMIN_MAINT_RESOLUTION;
    this.#noteChange(row);
    this.#store(row, SERVER.admin, admin);
    this.#touch(row);
    if (inMaintenance(admin)) return;
    const up = server.check ? this.#startsUp(row) : this.#up(row);
    const title = serverTitle(this.#places[row].backend.name, server);
    const { proxy } = this.#places[row];
    const line = `${title} ('${server.fqdn}') is ${up ? "UP" : "DOWN"}/${
      draining(admin) ? "DRAIN" : "READY"
    } (resolves again).`;
    this.#report(serverEvent(proxy, row, "ready", LOG_NOTICE, line));
    this.#say(row, "ready", "administratively READY thanks to valid DNS answer.");
  }

  /** Its name has had no address for too long: `why` is the status of the last try. */
  resolvesNoMore(row: number, why: string): void {
    const admin = this.#load(row, SERVER.admin);
    if (this.unresolved(row)) return;
    const up = !inMaintenance(admin) && this.#up(row);
    this.#noteChange(row);
    this.#store(row, SERVER.admin, admin | ADMIN_MAINT_RESOLUTION);
    this.#touch(row);
    if (inMaintenance(admin)) return;
    if (!up) return this.#say(row, "maint", `was DOWN and now enters maintenance (DNS ${why} status).`);
    const counts = this.#counts(row, false);
    this.#say(row, "maint", `is going DOWN for maintenance (DNS ${why} status).${counts}`, LOG_ALERT);
    this.#sayWhenEmpty(row);
  }

  /** Its health is checked, and no command has stopped that. */
  checksOn(row: number): boolean {
    return this.#places[row].server.check && this.#load(row, SERVER.checkOff) === 0;
  }

  /** `disable health`, `enable health`: a server whose health nobody checks counts as up. "" or why not. */
  setChecks(row: number, on: boolean): string {
    const { server } = this.#places[row];
    if (!server.check) return on ? "Health check was not configured on this server, cannot enable." : "";
    this.#store(row, SERVER.checkOff, on ? 0 : 1);
    if (!on) this.setHealth(row, "up");
    return "";
  }

  /** `set maxconn frontend <f> <n>`: `proxy` is its place in the layout. */
  setFrontendMaxconn(proxy: number, maxconn: number): void {
    this.#shared.store(proxyWord(proxy) + PROXY.maxconn, maxconn);
  }

  // ---- lines ------------------------------------------------------------------------------------------------------

  #entersMaintenance(row: number, wasUp: boolean): void {
    if (!wasUp) return this.#say(row, "maint", "was DOWN and now enters maintenance.");
    this.#say(row, "maint", `is going DOWN for maintenance.${this.#counts(row, false)}`, LOG_ALERT);
    this.#sayWhenEmpty(row);
  }

  #leavesMaintenance(row: number, drain: boolean): void {
    const up = this.#places[row].server.check ? this.#startsUp(row) : this.#up(row);
    const what = `${up ? "UP" : "DOWN"}/${drain ? "DRAIN" : "READY"}`;
    this.#say(row, "ready", `is ${what} (leaving forced maintenance).`);
    if (drain) this.#say(row, "drain", "remains in forced drain mode.");
  }

  #entersDrain(row: number, up: boolean): void {
    this.#say(row, "drain", `enters drain state.${this.#counts(row, up)}`);
    if (up) this.#sayWhenEmpty(row);
  }

  #say(row: number, kind: ServerEvent["kind"], text: string, level = LOG_NOTICE): void {
    const { proxy, backend, server } = this.#places[row];
    this.#report(serverEvent(proxy, row, kind, level, `${serverTitle(backend.name, server)} ${text}`));
  }

  #sayWhenEmpty(row: number): void {
    const { proxy, backend } = this.#places[row];
    const { normal, backup } = this.#countUp(proxy);
    if (normal + backup === 0) this.#report(emptyEvent(proxy, row, backend.name));
  }

  #counts(row: number, up: boolean): string {
    const { proxy } = this.#places[row];
    return farmCounts(up, {
      ...this.#countUp(proxy),
      active: this.#load(row, SERVER.served),
      requeued: up ? 0 : this.#load(row, SERVER.queued),
      waiting: this.#shared.load(proxyWord(proxy) + PROXY.totalQueued),
    });
  }

  #countUp(proxy: number): { normal: number; backup: number } {
    let normal = 0;
    let backup = 0;
    for (const place of this.#places) {
      if (place.proxy !== proxy || !this.#serves(place.row)) continue;
      if (place.server.backup) backup++;
      else normal++;
    }
    return { normal, backup };
  }

  // ---- words ------------------------------------------------------------------------------------------------------

  /** It may serve, as far as its health says. */
  #up(row: number): boolean {
    return this.#load(row, SERVER.health) >= this.#places[row].server.rise;
  }

  /** What it will be before its first check after maintenance. */
  #startsUp(row: number): boolean {
    const { initState } = this.#places[row].server;
    return initState === "up" || initState === "fully-up";
  }

  #serves(row: number): boolean {
    return isAble(this.#shared, row, this.#places[row].server.rise);
  }

  #load(row: number, word: number): number {
    return this.#shared.load(serverWord(this.#shared.layout, row) + word);
  }

  #store(row: number, word: number, value: number): void {
    this.#shared.store(serverWord(this.#shared.layout, row) + word, value);
  }

  #noteChange(row: number): void {
    const { rise } = this.#places[row].server;
    noteServerChange(this.#shared, row, isServing(this.#shared, row, rise), this.#now());
  }

  #touch(row: number): void {
    const { proxy } = this.#places[row];
    Atomics.add(this.#shared.words, proxyWord(proxy) + PROXY.generation, 1);
    this.#changed(proxy);
  }
}

/** Whether weights cannot change while a server is up. */
function isStatic({ balance, hashType }: ProxyConfig): boolean {
  if (balance.algorithm === "static-rr") return true;
  return HASHED.includes(balance.algorithm) && hashType.method === "map-based";
}

const HASHED: readonly string[] = ["source", "uri", "hdr", "url_param", "hash"];

function parseMaxconn(text: string): number | string {
  if (!/^[0-9]/.test(text)) return "maxconn string empty or preceded by garbage";
  if (!/^[0-9]{1,10}$/.test(text) || Number(text) > MAX_CONN) return "Trailing garbage in maxconn string";
  return Number(text);
}

// What the statistics call the state of a server (management.txt 9.1 "status", 9.3 "show servers state").
import { SERVER, serverWord, type Shared } from "../table/mod.ts";
import { CHK_L7OKC } from "./checks/result.ts";
import type { ServerConfig } from "./config.ts";
import {
  ADMIN_MAINT_RESOLUTION,
  ADMIN_MAINT_TRACKED,
  draining,
  inMaintenance,
  S_GOING_DOWN,
  S_GOING_UP,
  serverState,
} from "./server_state.ts";

/** "UP", "UP 1/3", "DOWN 1/2", "NOLB", "MAINT", "DRAIN", "no check": of the server at `row` of the layout. */
export function serverStatus(shared: Shared, row: number, { check, rise, fall, options }: ServerConfig): string {
  const word = serverWord(shared.layout, row);
  const admin = shared.load(word + SERVER.admin);
  const health = shared.load(word + SERVER.health);
  if (inMaintenance(admin)) {
    if ((admin & ADMIN_MAINT_RESOLUTION) !== 0) return "MAINT (resolution)";
    return (admin & ADMIN_MAINT_TRACKED) !== 0 ? `MAINT (via ${options.get("track")})` : "MAINT";
  }
  const state = serverState(0, health, rise, fall, true);
  if (state < S_GOING_DOWN) return state === S_GOING_UP ? `DOWN ${health}/${rise}` : "DOWN";
  const count = state === S_GOING_DOWN ? ` ${health - rise + 1}/${fall}` : "";
  if (draining(admin)) return `DRAIN${count}`;
  if (isStopping(shared, word)) return `NOLB${count}`;
  if (!check || shared.load(word + SERVER.checkOff) !== 0) return "no check";
  return `UP${count}`;
}

/** It serves who insists on it, but gets no new streams: its check said so, or a command. `word`: its first. */
export function isStopping(shared: Shared, word: number): boolean {
  return shared.load(word + SERVER.checkStatus) === CHK_L7OKC || shared.load(word + SERVER.stopping) !== 0;
}

/** It may serve, as far as its health and the administrator say: what streams insist on is served. */
export function isServing(shared: Shared, row: number, rise: number): boolean {
  const word = serverWord(shared.layout, row);
  return !inMaintenance(shared.load(word + SERVER.admin)) && shared.load(word + SERVER.health) >= rise;
}

/** It gets streams from the balancer when its turn comes: serving, not draining, with a weight. */
export function isAble(shared: Shared, row: number, rise: number): boolean {
  const word = serverWord(shared.layout, row);
  return isServing(shared, row, rise) && !draining(shared.load(word + SERVER.admin)) &&
    shared.load(word + SERVER.weight) > 0 && !isStopping(shared, word);
}

/** What a slow start lets count of a weight, in percent; 100 when none is under way. `now`: ms since process start. */
export function slowStartPercent(shared: Shared, row: number, slowstartMs: number, now: number): number {
  const since = shared.load(serverWord(shared.layout, row) + SERVER.slowSince);
  if (since === 0 || slowstartMs === 0) return 100;
  const age = (Math.floor(now) - since) | 0;
  return age < 0 || age >= slowstartMs ? 100 : Math.max(1, Math.floor(100 * age / slowstartMs));
}

/** Notes when a server changed: its time of the last change, and the down time before it when it was down until now. */
export function noteServerChange(shared: Shared, row: number, wasServing: boolean, now: number): void {
  const word = serverWord(shared.layout, row);
  const seconds = Math.floor(now / 1000);
  const since = shared.load(word + SERVER.lastChange);
  if (!wasServing) shared.store(word + SERVER.downtime, shared.load(word + SERVER.downtime) + seconds - since);
  shared.store(word + SERVER.lastChange, seconds);
}
